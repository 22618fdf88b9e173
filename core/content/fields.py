"""Takes typed values out of a mapping in a content file, noting everything that is not as it should be."""

import re
from collections.abc import Iterator, Sequence
from datetime import time, timedelta
from typing import Final

from core.content.reading import Listed, Mapped, Node, Sheet, Text, meant

LONGEST_ID: Final = 32
"""Characters: an id travels in a button's 64 bytes (Bot API: InlineKeyboardButton.callback_data)."""

WEEKDAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_ID = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_SIGNAL = re.compile(r"[a-z0-9]+(?:[_.-][a-z0-9]+)*")
_SPAN = re.compile(r"(\d{1,4}) ?(hour|day|week)s?")
_EMAIL = re.compile(r"[^\s@]{1,64}@[^\s@]+\.[^\s@.]{2,}")
_CLOCK = re.compile(r"([01]?\d|2[0-3]):([0-5]\d)")


class Fields:
    """A mapping whose keys are known beforehand. Every method returns a usable value and notes what was wrong."""

    def __init__(self, sheet: Sheet, node: Node, known: Sequence[str], *, what: str) -> None:
        self.sheet = sheet
        self.line = node.line
        self.what = what
        self._entries: Mapped = node if isinstance(node, Mapped) else Mapped(node.line, {})
        if not isinstance(node, Mapped):
            sheet.problem(node.line, f"{what} must be keys and values", f"write `key: value` with {', '.join(known)}")
        for key, line in self._entries.lines.items():
            if key not in known:
                sheet.problem(line, f"{what} has no {key!r}", meant(key, known))

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

    def need(self, key: str) -> None:
        """Note it when the key is absent."""
        if key not in self:
            self.sheet.problem(self.line, f"{self.what} has no {key!r}", f"add `{key}:`")

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

    def ids(self, key: str) -> tuple[Text, ...]:
        """Ids, each once."""
        taken: dict[str, Text] = {}
        for text in self.scalars(key):
            if self.is_id(text):
                if text.value in taken:
                    self.sheet.problem(text.line, f"{text.value!r} is listed twice", "delete one of them")
                taken[text.value] = text
        return tuple(taken.values())

    def id(self, key: str) -> str:
        text = self.scalar(key)
        return text.value if text is not None and self.is_id(text) else ""

    def is_id(self, text: Text) -> bool:
        if _ID.fullmatch(text.value) and len(text.value) <= LONGEST_ID:
            return True
        mend = f"use at most {LONGEST_ID} of a-z, 0-9, with single hyphens between"
        self.sheet.problem(text.line, f"{_short(text.value)} is no id", mend)
        return False

    def signal(self, key: str) -> str:
        text = self.scalar(key)
        if text is None:
            return ""
        if not _SIGNAL.fullmatch(text.value) or len(text.value) > 64:
            self.sheet.problem(
                text.line, f"{_short(text.value)} is no signal's name", "use a-z, 0-9, _ . - as in it_was_done"
            )
            return ""
        return text.value

    def flag(self, key: str, *, default: bool) -> bool:
        text = self.scalar(key)
        if text is None:
            return default
        if text.value not in ("true", "false", "yes", "no"):
            self.sheet.problem(text.line, f"{key!r} is {_short(text.value)}", "write yes or no")
        return text.value in ("true", "yes")

    def number(self, key: str, least: int, most: int) -> int | None:
        text = self.scalar(key)
        if text is None:
            return None
        if re.fullmatch(r"\d{1,9}", text.value, re.ASCII) and least <= int(text.value) <= most:
            return int(text.value)
        mend = f"write a whole number from {least} to {most}"
        self.sheet.problem(text.line, f"{key!r} is {_short(text.value)}", mend)
        return None

    def one_of(self, key: str, known: Sequence[str]) -> str | None:
        text = self.scalar(key)
        if text is None or text.value in known:
            return None if text is None else text.value
        self.sheet.problem(text.line, f"{key!r} is {_short(text.value)}", meant(text.value, known))
        return None

    def clock(self, key: str) -> time | None:
        text = self.scalar(key)
        if text is None:
            return None
        match = _CLOCK.fullmatch(text.value)
        if match is None:
            self.sheet.problem(text.line, f"{key!r} is {_short(text.value)}", "write a time of day as 20:00")
            return None
        return time(int(match[1]), int(match[2]))

    def weekdays(self, key: str) -> tuple[int, ...]:
        days = []
        for text in self.scalars(key):
            if text.value.lower() in WEEKDAYS:
                days.append(WEEKDAYS.index(text.value.lower()))
            else:
                self.sheet.problem(text.line, f"{_short(text.value)} is no weekday", meant(text.value, WEEKDAYS))
        return tuple(sorted(set(days)))

    def addresses(self, key: str) -> tuple[str, ...]:
        """E-mail addresses in lower case, each once."""
        taken: dict[str, None] = {}
        for text in self.scalars(key):
            if _EMAIL.fullmatch(text.value):
                taken[text.value.lower()] = None
            else:
                self.sheet.problem(
                    text.line, f"{_short(text.value)} is no e-mail address", "write it as ida@relay.example"
                )
        return tuple(taken)

    def spans(self, key: str) -> tuple[timedelta, ...]:
        """Growing spans of time."""
        spans: list[timedelta] = []
        for text in self.scalars(key):
            match = _SPAN.fullmatch(text.value)
            if match is None or int(match[1]) == 0:
                self.sheet.problem(
                    text.line, f"{_short(text.value)} is no span of time", "write it as 2 days or 12 hours"
                )
                continue
            hours = {"hour": 1, "day": 24, "week": 168}[match[2]]
            span = timedelta(hours=int(match[1]) * hours)
            if spans and span <= spans[-1]:
                self.sheet.problem(
                    text.line, f"{text.value!r} is not later than the one before", "sort them, shortest first"
                )
            spans.append(span)
        return tuple(spans)

    def entries(self) -> Iterator[tuple[str, int, Node]]:
        """Keys with their lines and values."""
        for key, node in self._entries.entries.items():
            yield key, self._entries.lines[key], node


def _short(text: str) -> str:
    return repr(text if len(text) <= 40 else text[:39] + "…")


def keys(node: Node) -> tuple[str, ...]:
    """The keys of a mapping whose keys are the author's own; none of anything else."""
    return tuple(node.entries) if isinstance(node, Mapped) else ()
