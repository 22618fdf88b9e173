"""Files that belong together: a main file and its translations, read as one and remembered as one."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, Generic, Literal, TypeAlias, TypeVar

from core.content.catalogue import Problem
from core.content.conditions.condition import Kind as FactKind
from core.content.reading.sheets import Node, Sheet
from core.content.texts.phrases import Words
from core.content.texts.variables import Known, for_checklists, for_labels

T = TypeVar("T")
Seen: TypeAlias = int | Literal["outside"] | None
"""Of a file of media: its bytes; None when there is no such file."""

_LEFT_BY_EDITORS: Final = re.compile(r"\..*|.*~|#.*|.*\.(?:swp|bak|tmp|orig)")


@dataclass(frozen=True, slots=True)
class Around:
    """What files are read against besides themselves. While it stays equal, what was made of a file stays right."""

    language: str
    """The default."""
    languages: tuple[str, ...]
    """Those there are phrases for."""
    usual: Mapping[str, Words] = field(default_factory=dict)
    """Texts for files that have none of their own, as `checklist.intro`."""
    fields: Mapping[str, FactKind] = field(default_factory=dict)
    """The vendor's own fields of clients."""
    values: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """All that a text may be, for the fields where it is declared."""
    topics: tuple[str, ...] = ()
    """What people may hear of more or less often."""
    drafts: tuple[str, ...] = ()
    """Languages there are some phrases for, which nobody is spoken to in yet."""
    labels: Known = field(default_factory=for_labels)
    """What titles, buttons and options may use."""
    texts: Known = field(default_factory=for_checklists)
    """What longer texts may use."""


class Media:
    """The files of media below the content folder, and which of them were asked for."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.asked: dict[str, Seen] = {}

    def look(self, source: str) -> Seen:
        seen = self.asked[source] = look_at_media(self.folder, source)
        return seen


def look_at_media(folder: Path, source: str) -> Seen:
    """`source` is a path relative to the folder."""
    path = folder / source
    try:
        if Path(source).is_absolute() or not path.resolve().is_relative_to(folder.resolve()):
            return "outside"
        return path.stat().st_size if path.is_file() else None
    except (OSError, RuntimeError, ValueError):  # a name no file system takes, a loop of links
        return None


@dataclass(frozen=True, slots=True)
class Leaf:
    """One file of a family."""

    sheet: Sheet
    data: bytes | None
    """None when it could not be read, which was noted."""

    def node(self) -> Node | None:
        """What a YAML file says; None when there is nothing to look at, which was noted."""
        return None if self.data is None else self.sheet.node(self.data)


@dataclass(frozen=True, slots=True)
class Family:
    """What a reader of a kind of files gets. Every problem is noted on the sheet of its file."""

    id: str
    main: Leaf
    translations: tuple[tuple[str, Leaf], ...]
    """By language, in order; only languages that are spoken."""
    around: Around
    media: Media


@dataclass(frozen=True, slots=True)
class Shelf(Generic[T]):
    """A kind of content files: all in one folder, `<id>.<ending>`, with translations `<id>.<language>.<ending>`."""

    part: str
    """The folder, as `onboarding`."""
    ending: Literal["yaml", "md"]
    example: str
    """An id, to show how files are named."""
    read: Callable[[Family], T | None]
    """What the files say. None only when they hold nothing to look at, which was noted."""
    optional: bool = False
    """There need be no such folder."""
    longest: int = 32
    """Characters of a file's name without its ending."""

    def sorted_out(self, name: str) -> tuple[str, str] | None:
        """Id and language (none: the main file) by a file's name. None when it is not named as it should be."""
        match = re.fullmatch(rf"([a-z0-9]+(?:-[a-z0-9]+)*)(?:\.([a-z]{{2}}))?\.{self.ending}", name)
        return None if match is None else (match[1], match[2] or "")

    @property
    def mend(self) -> str:
        """How files of this kind are named."""
        return f"name it as {self.example}.{self.ending} or {self.example}.ru.{self.ending}"


@dataclass(frozen=True, slots=True)
class Piece(Generic[T]):
    """What was made of a family, of what, and what was wrong with it."""

    value: T | None
    problems: tuple[Problem, ...]
    digests: tuple[tuple[str, bytes], ...]
    """Names of the files and what they held."""
    around: Around
    media: Mapping[str, Seen]

    def still_holds(self, digests: tuple[tuple[str, bytes], ...], around: Around, folder: Path) -> bool:
        """Whether reading it again would come to the same."""
        return (
            self.digests == digests
            and self.around == around
            and all(look_at_media(folder, source) == seen for source, seen in self.media.items())
        )


def left_by_editors(name: str) -> bool:
    """Backups, locks and drafts that editors keep beside the files they edit."""
    return _LEFT_BY_EDITORS.fullmatch(name) is not None
