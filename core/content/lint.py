"""What could be better in content that works: warnings, which never keep anything from taking effect."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path, PurePosixPath
from typing import Final

from core.content.catalogue import Catalogue, Problem, Rules
from core.content.conditions import BadCondition, parse_condition
from core.content.families import left_by_editors
from core.content.files import Files
from core.content.kinds import KINDS, FileKind, kind_of
from core.content.known_fields import known_fields
from core.content.prose import read_prose
from core.content.reading import Mapped, Node, Sheet, Text, meant
from core.content.shape import Expression, Field, Media, Said
from core.content.shapes import STEP
from core.content.tone import tone
from core.content.walk import Place, walk
from core.content.wording import GUIDE, TEXT

_SHORTEST_TEXT: Final = 12
"""Letters: less tells nobody what to do."""

_LONG_ENOUGH: Final = 60
"""Characters from which on two equal texts are a slip rather than a phrase."""

_BODY: Final = "text"
"""How the text of a file in Markdown is called among its keys."""

_DOES: Final = ("asks", "signal", "guide", "video")
"""What gives a step something to do, or to look at, besides its text."""


@dataclass(slots=True)
class Page:
    """A file the hub reads."""

    name: str
    """From the content folder on."""
    shown: str
    """As problems call it."""
    kind: FileKind
    node: Node
    found: list[Problem] = field(default_factory=list)

    def places(self) -> Iterator[Place]:
        yield from walk(self.kind.shape, self.node)

    def warn(self, line: int, what: str, mend: str) -> None:
        self.found.append(Problem(self.shown, line, what, mend, "warning"))


def lint(folder: Path, catalogue: Catalogue | None) -> tuple[Problem, ...]:
    """Warnings, sorted by file and line. `catalogue`: what was read of the folder; None when it is broken."""
    pages = tuple(read_pages(folder))
    for page in pages:
        _look_at_texts(page)
        _look_at_steps(page)
        _look_for_twins(page)
        if catalogue is not None:
            _look_at_conditions(page, catalogue.rules)
    _unnamed(pages)
    found = [problem for page in pages for problem in page.found]
    return tuple(sorted({*found, *_unread(folder, pages)}))


def read_pages(folder: Path) -> Iterator[Page]:
    """Every file the hub reads, as far as it can be read."""
    files = Files(folder)
    if files.begin():
        return
    for name in _names(folder):
        kind = kind_of(name)
        data = files.page(name).data if kind is not None else b""
        node = _node(kind, Sheet(name, []), data) if kind is not None and data else None
        if kind is not None and node is not None:
            yield Page(name, files.shown(name), _whole(kind), node)


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


def _names(folder: Path) -> list[str]:
    """All files but hidden ones and what editors leave behind, from the folder on, with slashes."""
    paths = (path.relative_to(folder) for path in folder.rglob("*") if path.is_file())
    return sorted(path.as_posix() for path in paths if not any(map(left_by_editors, path.parts)))


def _look_at_texts(page: Page) -> None:
    for place in page.places():
        if isinstance(place.kind, Said) and isinstance(place.node, Text):
            for what, mend in tone(place.node.value, place.kind.sort):
                page.warn(place.node.line, what, mend)


def _look_at_steps(page: Page) -> None:
    """Steps that give nothing to do."""
    for place in page.places():
        if place.kind is not STEP or not isinstance(place.node, Mapped):
            continue
        entries: Mapping[str, Node] = place.node.entries
        title, text, owner = (_value(entries.get(key)) for key in ("title", "text", "owner"))
        if owner == "us" or any(key in entries for key in _DOES) or not text:
            continue
        line = place.node.lines["text"]
        if text.casefold() == title.casefold():
            page.warn(line, "the text says what the title says", "say how it is done, or where")
        elif sum(map(str.isalpha, text)) < _SHORTEST_TEXT and "](" not in text:
            page.warn(line, "a step without anything to do", "say how it is done, or where")


def _value(node: Node | None) -> str:
    return node.value.strip() if isinstance(node, Text) else ""


def _look_for_twins(page: Page) -> None:
    """Long texts that stand twice in a file, and steps called the same."""
    texts: dict[str, int] = {}
    titles: dict[str, int] = {}
    for place in page.places():
        if not isinstance(place.kind, Said) or not isinstance(place.node, Text):
            continue
        value = " ".join(place.node.value.split()).casefold()
        if place.kind.sort in (TEXT, GUIDE) and len(value) >= _LONG_ENOUGH:
            first = texts.setdefault(value, place.node.line)
            if first != place.node.line:
                page.warn(place.node.line, f"the same text as in line {first}", "was it copied? Say what is different")
        if place.path[-1:] == ("title",) and "steps" in place.path:
            first = titles.setdefault(value, place.node.line)
            if first != place.node.line:
                what = f"a step is called so already, in line {first}"
                page.warn(place.node.line, what, "give each a title of its own: people choose by it")


def _look_at_conditions(page: Page, rules: Rules) -> None:
    """Rules that can never fire."""
    for place in page.places():
        if isinstance(place.kind, Expression) and isinstance(place.node, Text):
            try:
                why = parse_condition(place.node.value, known_fields(rules)).impossible(rules.values)
            except BadCondition:
                continue  # an error, told where the file is read
            if why is not None:
                page.warn(
                    place.node.line, f"{place.path[-1]!r} never holds: {why}", "change it, or delete what it is for"
                )


def _unnamed(pages: tuple[Page, ...]) -> None:
    """Guides that no step names: nobody ever reads them."""
    named = {
        place.node.value
        for page in pages
        for place in page.places()
        if place.path[-2:] == ("guide", "file") and isinstance(place.node, Text)
    }
    for page in pages:
        own = PurePosixPath(page.name).stem
        if page.kind.name == "guide" and own not in named:
            page.warn(1, "no step names this guide", f"write `guide: {{file: {own}}}` where it belongs, or delete it")


def _unread(folder: Path, pages: tuple[Page, ...]) -> Iterator[Problem]:
    """Files the hub makes nothing of: folders with a slip in their name, films that no step shows."""
    used = {
        PurePosixPath(place.node.value).as_posix()
        for page in pages
        for place in page.places()
        if isinstance(place.kind, Media) and isinstance(place.node, Text)
    }
    parts = sorted({kind.part for kind in KINDS} - {""})
    files = Files(folder)
    for name in _names(folder):
        part = PurePosixPath(name).parts[0]
        if name in used or kind_of(name) is not None or part in parts or name.upper().startswith(("README", "LICENSE")):
            continue  # (a misnamed file in a part of ours is an error)
        what, mend = "no text shows this file", "name it where it belongs, or delete it"
        if name.endswith((".yaml", ".yml", ".md")):
            what = "the hub does not read this file"
            mend = meant(part, parts) if "/" in name else "move it into the folder of its kind, or out of the content"
        yield Problem(files.shown(name), 1, what, mend, "warning")
