"""Takes typed values out of a mapping in a content file, noting everything that is not as it should be."""

import re
from collections.abc import Iterator, Mapping
from datetime import time, timedelta
from typing import TypeVar

from core.content.conditions.condition import ALWAYS, BadCondition, Condition, parse_condition
from core.content.conditions.condition import Kind as FactKind
from core.content.reading.shape import Choice, Either, Field, Kind, Media, Name, Said, Several, Shape, Whole
from core.content.reading.shapes import CLOCK, WEEKDAYS
from core.content.reading.sheets import Listed, Mapped, Node, Sheet, Text, meant
from core.content.texts.wording import Sort

K = TypeVar("K")

_UNITS = {"hour": timedelta(hours=1), "day": timedelta(days=1), "week": timedelta(weeks=1)}


class Fields:
    """A mapping of a declared shape. Every method returns a usable value and notes what was wrong.

    Keys that are not declared, that are missing, or that have no place beside another, are noted at once.
    """

    def __init__(self, sheet: Sheet, node: Node, shape: Shape) -> None:
        self.sheet = sheet
        self.line = node.line
        self.what = shape.what
        self.shape = shape
        self._entries: Mapped = node if isinstance(node, Mapped) else Mapped(node.line, {})
        if not isinstance(node, Mapped):
            mend = f"write `key: value` with {', '.join(shape.fields)}"
            sheet.problem(node.line, f"{self.what} must be keys and values", mend)
        for key, line in self._entries.lines.items():
            if key not in shape.fields:
                mend = shape.former.get(key) or meant(key, tuple(shape.fields))
                sheet.problem(line, f"{self.what} has no {key!r}", mend)
        for key, entry in shape.fields.items():
            self._check_place(key, entry)
        if shape.one_of and sum(key in self for key in shape.one_of) != 1:
            sheet.problem(self.line, f"{self.what} has either {' or '.join(shape.one_of)}", "write one of them")

    def _check_place(self, key: str, entry: Field) -> None:
        """Note it when the key is missing, or stands beside another value than it is for."""
        fits = True
        if entry.only is not None:
            beside, wanted = entry.only
            other = self._entries.entries.get(beside)
            told = other.value if isinstance(other, Text) else ""
            if told not in self.kind(beside, Choice).options:
                return  # which is noted where the value is taken
            fits = told == wanted
            if not fits and key in self:
                what = f"{key!r} is for {beside} {wanted}, this is {told}"
                self.sheet.problem(self.line_of(key), what, "delete it")
        if entry.required and fits and key not in self:
            self.sheet.problem(self.line, f"{self.what} has no {key!r}", f"add `{key}:`")

    def __contains__(self, key: str) -> bool:
        return key in self._entries.entries

    def node(self, key: str) -> Node | None:
        """None when the key is absent or has nothing behind it (which is noted)."""
        node = self._entries.entries.get(key)
        if isinstance(node, Text) and not node.value.strip():
            self.sheet.problem(self.line_of(key), f"{key!r} is empty", "write it, or delete the key")
            return None
        return node

    def line_of(self, key: str) -> int:
        return self._entries.lines.get(key, self.line)

    def kind(self, key: str, sort: type[K]) -> K:
        """What the shape says may stand behind the key. Raises TypeError when that is of another sort."""
        kind: Kind = self.shape.fields[key].kind
        if not isinstance(kind, sort):
            raise TypeError(f"{self.what}: {key!r} is declared as {kind}")
        return kind

    def sort(self, key: str) -> Sort:
        """How long the text behind a key, or each text of its list, may be."""
        kind = self.shape.fields[key].kind
        of = kind.of if isinstance(kind, Several) else kind
        if isinstance(of, Said):
            return of.sort
        if isinstance(of, Media):
            return Sort(of.longest, one_line=True)
        raise TypeError(f"{self.what}: {key!r} is declared as {kind}")

    def inner(self, key: str) -> "Fields | None":
        """The mapping behind a key; a lone value stands for the mapping of its `Either`."""
        node, kind = self.node(key), self.shape.fields[key].kind
        if node is None:
            return None
        if isinstance(kind, Either):
            if isinstance(node, Text):
                node = Mapped(node.line, {kind.key: node}, {kind.key: node.line})
            return Fields(self.sheet, node, kind.shape)
        return Fields(self.sheet, node, self.kind(key, Shape))

    def scalar(self, key: str) -> Text | None:
        node = self.node(key)
        if node is None or isinstance(node, Text):
            return node
        self.sheet.problem(self.line_of(key), f"{key!r} must be a text", "write it on one line, in quotes or after |")
        return None

    def listed(self, key: str) -> tuple[Node, ...]:
        node = self.node(key)
        if node is None:
            return ()
        if isinstance(node, Listed):
            if not node.items:
                self.sheet.problem(self.line_of(key), f"{key!r} is empty", "fill the list, or delete the key")
            return node.items
        self.sheet.problem(self.line_of(key), f"{key!r} must be a list", "write - before each item, or [one, two]")
        return ()

    def scalars(self, key: str) -> tuple[Text, ...]:
        taken = []
        for item in self.listed(key):
            if isinstance(item, Text) and item.value.strip():
                taken.append(item)
            else:
                self.sheet.problem(item.line, f"an item of {key!r} is no text", "write one word or sentence per item")
        return tuple(taken)

    def name(self, key: str) -> str:
        """A word that fits its pattern: an id, a signal. Empty when it is absent or does not fit."""
        text = self.scalar(key)
        return text.value if text is not None and self._fits(text, self.kind(key, Name)) else ""

    def names(self, key: str) -> tuple[Text, ...]:
        """Those of a list that fit their pattern."""
        of = self.kind(key, Several).of
        if not isinstance(of, Name):
            raise TypeError(f"{self.what}: {key!r} is declared as a list of {of}")
        return tuple(text for text in self.scalars(key) if self._fits(text, of))

    def ids(self, key: str) -> tuple[str, ...]:
        """Names, each once."""
        taken: list[str] = []
        for text in self.names(key):
            if text.value in taken:
                self.sheet.problem(text.line, f"{text.value!r} is listed twice", "delete one of them")
            else:
                taken.append(text.value)
        return tuple(taken)

    def _fits(self, text: Text, name: Name) -> bool:
        if name.fits(text.value):
            return True
        mend = meant(text.value, name.words) if name.words else name.mend
        self.sheet.problem(text.line, f"{_short(text.value)} is no {name.called}", mend)
        return False

    def flag(self, key: str, *, default: bool) -> bool:
        text = self.scalar(key)
        if text is None:
            return default
        if text.value not in ("true", "false", "yes", "no"):
            self.sheet.problem(text.line, f"{key!r} is {_short(text.value)}", "write yes or no")
        return text.value in ("true", "yes")

    def number(self, key: str) -> int | None:
        text = self.scalar(key)
        if text is None:
            return None
        bounds = self.kind(key, Whole)
        if re.fullmatch("[0-9]{1,9}", text.value) and bounds.least <= int(text.value) <= bounds.most:
            return int(text.value)
        mend = f"write a whole number from {bounds.least} to {bounds.most}"
        self.sheet.problem(text.line, f"{key!r} is {_short(text.value)}", mend)
        return None

    def choice(self, key: str) -> str | None:
        """One of the words declared; None when it is absent or another."""
        text, known = self.scalar(key), self.kind(key, Choice).options
        if text is None or text.value in known:
            return None if text is None else text.value
        self.sheet.problem(text.line, f"{key!r} is {_short(text.value)}", meant(text.value, known))
        return None

    def condition(self, key: str, known: Mapping[str, FactKind]) -> Condition:
        """A condition over these fields; ALWAYS when it is absent or does not read."""
        text = self.scalar(key)
        if text is None:
            return ALWAYS
        try:
            return parse_condition(text.value, known)
        except BadCondition as bad:
            self.sheet.problem(text.line, f"{key!r}: {bad.what}", bad.mend)
            return ALWAYS

    def clock(self, key: str) -> time | None:
        text = self.scalar(key)
        if text is None:
            return None
        if not CLOCK.fits(text.value):
            self.sheet.problem(text.line, f"{key!r} is {_short(text.value)}", CLOCK.mend)
            return None
        hours, minutes = text.value.split(":")
        return time(int(hours), int(minutes))

    def weekdays(self, key: str) -> tuple[int, ...]:
        """0 is Monday."""
        return tuple(sorted({WEEKDAYS.index(text.value.lower()) for text in self.names(key)}))

    def addresses(self, key: str) -> tuple[str, ...]:
        """E-mail addresses in lower case, each once."""
        return tuple(dict.fromkeys(text.value.lower() for text in self.names(key)))

    def span(self, key: str) -> timedelta | None:
        """One span of time; None when it is absent or none."""
        written = self.name(key)
        return _span(written) if written else None

    def spans(self, key: str) -> tuple[timedelta, ...]:
        """Growing spans of time."""
        spans: list[timedelta] = []
        for text in self.names(key):
            span = _span(text.value)
            if spans and span <= spans[-1]:
                what = f"{text.value!r} is not later than the one before"
                self.sheet.problem(text.line, what, "sort them, shortest first")
            spans.append(span)
        return tuple(spans)

    def entries(self) -> Iterator[tuple[str, int, Node]]:
        """Keys with their lines and values."""
        for key, node in self._entries.entries.items():
            yield key, self._entries.lines[key], node


def _span(written: str) -> timedelta:
    count, unit = re.findall("[0-9]+|[a-z]+", written)
    return int(count) * _UNITS[unit.removesuffix("s")]


def _short(text: str) -> str:
    return repr(text if len(text) <= 40 else text[:39] + "…")


def keys(node: Node) -> tuple[str, ...]:
    """The keys of a mapping whose keys are the author's own; none of anything else."""
    return tuple(node.entries) if isinstance(node, Mapped) else ()
