"""What a file of content may contain, as values: the loader and the editors' JSON Schema are both made of them."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

from core.content.texts.wording import Sort


@dataclass(frozen=True, slots=True)
class Said:
    """A text for people: Markdown with places."""

    sort: Sort


@dataclass(frozen=True, slots=True)
class Name:
    """One word or sentence without places, of a pattern that holds for the whole of it."""

    pattern: re.Pattern[str]
    called: str
    """As in `'X' is no id`."""
    mend: str
    longest: int = 200
    """Characters."""
    words: tuple[str, ...] = ()
    """All there are, where they can be listed: to guess what was meant."""

    def fits(self, text: str) -> bool:
        return len(text) <= self.longest and self.pattern.fullmatch(text) is not None


@dataclass(frozen=True, slots=True)
class Flag:
    """`yes` or `no`, also `true` or `false`."""


@dataclass(frozen=True, slots=True)
class Whole:
    """A whole number."""

    least: int
    most: int


@dataclass(frozen=True, slots=True)
class Choice:
    """One of a few words."""

    options: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Expression:
    """A condition of core/content/conditions/condition.py: `segment in ['enterprise']`."""


@dataclass(frozen=True, slots=True)
class Media:
    """A web address or the path of a file, from the content folder on."""

    longest: int = 2000
    """Characters (browsers and both messengers take no longer addresses)."""


@dataclass(frozen=True, slots=True)
class Several:
    """A list, never empty when it is there."""

    of: "Kind"
    least: int = 1
    most: int = 0
    """0: as many as you like."""


@dataclass(frozen=True, slots=True)
class Table:
    """Keys that are the author's own, with values of one kind."""

    of: "Kind"
    keys: Name | None = None
    """None: any."""


@dataclass(frozen=True, slots=True)
class Either:
    """The value of one key alone, or the mapping it stands for: `video: tour.mp4`."""

    key: str
    shape: "Shape"


@dataclass(frozen=True, slots=True)
class Field:
    """What may stand behind a key."""

    kind: "Kind"
    about: str
    """One line for the author, shown by the editor."""
    required: bool = False
    only: tuple[str, str] | None = None
    """It has a place only where another key has this value, and is required only there: `("kind", "choice")`."""


@dataclass(frozen=True, slots=True)
class Shape:
    """A mapping whose keys are known beforehand."""

    what: str
    """How problems call it: `a step`."""
    fields: Mapping[str, Field]
    one_of: tuple[str, ...] = ()
    """Exactly one of these keys is there."""
    former: Mapping[str, str] = field(default_factory=dict)
    """Keys of earlier versions, and what to write instead."""

    @classmethod
    def of(cls, what: str, keys: Iterable[str], kind: "Kind") -> "Shape":
        """With keys found while reading: the author's own, or ids of another file."""
        return cls(what, {key: Field(kind, "") for key in keys})


Kind: TypeAlias = Said | Name | Flag | Whole | Choice | Expression | Media | Several | Table | Either | Shape


def texts_of(shape: Shape, what: str) -> Shape:
    """What of a shape a translation may give: its texts and media, none of them required."""
    return Shape(what, dict(_texts(shape)))


def _texts(shape: Shape) -> Iterator[tuple[str, Field]]:
    for key, entry in shape.fields.items():
        kind: Kind | None = None
        match entry.kind:
            case Said() | Media() | Several(of=Said()):
                kind = entry.kind
            case Either(key=short, shape=inner):
                kind = Either(short, texts_of(inner, inner.what))
            case Shape(what=inner_what):
                kind = texts_of(entry.kind, inner_what)
            case _:
                continue
        yield key, Field(kind, entry.about)
