"""The content folder looked at file by file: what stands where, whether or not it all fits together."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from core.content.catalogue import Problem
from core.content.kinds.known import FileKind, kind_of
from core.content.linting.walk import Place, walk
from core.content.reading.families import left_by_editors
from core.content.reading.files import Files
from core.content.reading.prose import read_prose
from core.content.reading.shape import Field, Said
from core.content.reading.sheets import Mapped, Node, Sheet
from core.content.texts.wording import GUIDE

_BODY: Final = "text"
"""How the text of a file in Markdown is called among its keys."""


@dataclass(frozen=True, slots=True)
class Page:
    """A file the hub reads."""

    name: str
    """From the content folder on."""
    shown: str
    """As problems call it."""
    kind: FileKind
    node: Node
    places: tuple[Place, ...]
    """All that stands in it."""

    def warning(self, line: int, what: str, mend: str) -> Problem:
        return Problem(self.shown, line, what, mend, "warning")


def read_pages(folder: Path) -> Iterator[Page]:
    """Every file the hub reads, as far as it can be read."""
    files = Files(folder)
    if files.begin():
        return
    for name in content_files(folder):
        kind = kind_of(name)
        data = files.page(name).data if kind is not None else b""
        node = _node(kind, Sheet(name, []), data) if kind is not None and data else None
        if kind is not None and node is not None:
            whole = _whole(kind)
            yield Page(name, files.shown(name), whole, node, walk(whole.shape, node))


def _node(kind: FileKind, sheet: Sheet, data: bytes) -> Node | None:
    """What the file says; prose with its text behind one more key."""
    if not kind.prose:
        return sheet.node(data)
    prose = read_prose(sheet, data)
    if prose is None or not isinstance(prose.front, Mapped):
        return None
    lines = {**prose.front.lines, _BODY: prose.body.line}
    return Mapped(prose.front.line, {**prose.front.entries, _BODY: prose.body}, lines)


def _whole(kind: FileKind) -> FileKind:
    if not kind.prose:
        return kind
    fields = {**kind.shape.fields, _BODY: Field(Said(GUIDE), "")}
    return replace(kind, shape=replace(kind.shape, fields=fields))


def content_files(folder: Path) -> list[str]:
    """All files but hidden ones and what editors leave behind, from the folder on, with slashes."""
    paths = (path.relative_to(folder) for path in folder.rglob("*") if path.is_file())
    return sorted(path.as_posix() for path in paths if not any(map(left_by_editors, path.parts)))
