"""Strict YAML: every value knows its line, and whatever is wrong is told with the line and the way to mend it.

Only text, lists and mappings are read: no tags, no anchors, no guessing of types (`no` is a word, `1.10` a version).
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Final, TypeAlias

import yaml

from core.content.catalogue import Problem

DEEPEST: Final = 10
"""Levels of lists and mappings in each other."""

_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # libyaml where the wheel has it: ten times faster
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029\ufffe\uffff]")
"""Among them what ends a line for YAML but for no editor: lines are counted as people see them."""
_TAB = re.compile(r"^[ ]*\t", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Text:
    """A scalar, as written. `line` from 1."""

    line: int
    value: str
    first: int
    """The line its first character stands on: below `line` for `|` and `>`."""
    folded: bool = False
    """Lines of the value are not lines of the file."""

    def line_of(self, line: int) -> int:
        """The file's line of a line (from 1) of the value."""
        return self.line if self.folded else self.first + line - 1


@dataclass(frozen=True, slots=True)
class Listed:
    line: int
    items: tuple["Node", ...]


@dataclass(frozen=True, slots=True)
class Mapped:
    line: int
    entries: Mapping[str, "Node"]
    lines: Mapping[str, int] = field(default_factory=dict)
    """Where each key stands."""


Node: TypeAlias = Text | Listed | Mapped


class Sheet:
    """One file and what is wrong with it."""

    def __init__(self, name: str, problems: list[Problem]) -> None:
        self.name = name
        self._problems = problems

    @property
    def short(self) -> str:
        """The file's name without its folder: for those who read of another file of the same folder."""
        return self.name.rpartition("/")[2]

    @property
    def is_sound(self) -> bool:
        """Nothing is wrong with it so far: what does not fit to it is wrong in itself."""
        return all(problem.file != self.name for problem in self._problems)

    def problem(self, line: int, what: str, mend: str) -> None:
        self._problems.append(Problem(self.name, line, what, mend))

    def node(self, data: bytes) -> Node | None:
        """The only document of a YAML file; None when there is a problem that leaves nothing to look at."""
        text = self.decoded(data)
        return None if text is None or self.has_tabs(text) else self.parsed(text)

    def decoded(self, data: bytes) -> str | None:
        """The file's text, every line ending in \\n alone; None when it is no text of ours, which is noted."""
        if data.startswith((b"\xff\xfe", b"\xfe\xff")) or b"\0" in data[:4]:
            self.problem(1, "the file is UTF-16", "save it as UTF-8")
            return None
        if data.startswith(b"\xef\xbb\xbf"):
            self.problem(1, "the file starts with a byte order mark", "save it as UTF-8 without BOM")
            return None
        try:
            text = data.decode()
        except UnicodeDecodeError as error:
            line = _lines(data[: error.start].decode())
            self.problem(line, "the file is not UTF-8 (Windows-1251 perhaps)", "save it as UTF-8")
            return None
        if "\r" in text:
            text = text.replace("\r\n", "\n").replace("\r", "\n")
        found = _CONTROL.search(text)
        if found:
            self.problem(_lines(text[: found.start()]), "a character that cannot be seen", "delete it")
            return None
        return text

    def has_tabs(self, text: str) -> bool:
        """Whether tabs indent a line, which is noted: they are as wide as each editor likes."""
        found = _TAB.search(text)
        if found:
            self.problem(_lines(text[: found.end() - 1]), "a tab in the indentation", "indent with spaces")
        return found is not None

    def parsed(self, text: str) -> Node | None:
        """The only YAML document of a text; None when there is a problem that leaves nothing to look at."""
        try:
            loader = _LOADER(text)
            try:
                return _Builder(self, loader.get_event).document()
            finally:
                loader.dispose()
        except yaml.MarkedYAMLError as error:
            mark = error.problem_mark or error.context_mark
            last = text.count("\n") + (not text.endswith("\n"))
            line = min(mark.line + 1 if mark else 1, max(last, 1))
            reason = ", ".join(part for part in (error.context, error.problem) if part)
            self.problem(line, f"this is no YAML: {reason}", "check the indentation, quotes and colons here and above")
        except yaml.YAMLError as error:
            reason = str(error).splitlines()[0]
            self.problem(1, f"this is no YAML: {reason}", "retype what does not belong in a text file")
        except _Refused as refusal:
            self.problem(*refusal.args)
        return None


class _Refused(Exception):
    """(line, what, mend) of something after which the file makes no sense."""


class _Builder:
    """Makes nodes of the parser's events; aliases are never followed, so nothing can grow."""

    def __init__(self, sheet: Sheet, next_event: Callable[[], yaml.Event]) -> None:
        """`next_event` raises yaml.YAMLError."""
        self._sheet = sheet
        self._next = next_event

    def document(self) -> Node:
        node: Node | None = None
        while not isinstance(event := self._next(), yaml.StreamEndEvent):
            if isinstance(event, yaml.DocumentStartEvent):
                if node is not None:
                    raise _Refused(_line(event), "a second document", "delete the line ---, one file is one document")
                node = self._node(self._next(), 0)
        if node is None or (isinstance(node, Text) and not node.value):
            raise _Refused(1, "the file is empty", "write it, or delete it")
        return node

    def _node(self, event: yaml.Event, depth: int) -> Node:
        # Asked of every value of thousands of files, hence the order and the few calls.
        if isinstance(event, yaml.ScalarEvent):
            if event.anchor is not None or (event.tag is not None and event.tag != "!"):
                raise _refused(event)
            value, style, line = event.value.rstrip(), event.style, _line(event)
            if style == "|":
                return Text(line, value, line + 1)
            return Text(line, value, line + 1 if style == ">" else line, "\n" in value)
        if not isinstance(event, yaml.CollectionStartEvent) or event.anchor is not None:
            raise _refused(event)
        if event.tag is not None and event.tag != "!":
            raise _refused(event)
        line = _line(event)
        if depth > DEEPEST:
            raise _Refused(line, f"more than {DEEPEST} levels of nesting", "check the indentation")
        if isinstance(event, yaml.MappingStartEvent):
            return self._mapping(line, depth + 1)
        items: list[Node] = []
        while not isinstance(inner := self._next(), yaml.SequenceEndEvent):
            items.append(self._node(inner, depth + 1))
        return Listed(line, tuple(items))

    def _mapping(self, line: int, depth: int) -> Mapped:
        entries: dict[str, Node] = {}
        lines: dict[str, int] = {}
        while not isinstance(event := self._next(), yaml.MappingEndEvent):
            key = self._node(event, depth)
            value = self._node(self._next(), depth)
            if not isinstance(key, Text):
                self._sheet.problem(key.line, "a key that is no word", "write `key: value`; put {{ }} in quotes")
            elif key.value in entries:
                first = lines[key.value]
                self._sheet.problem(
                    key.line, f"{key.value!r} stands here twice", f"delete this or the one in line {first}"
                )
            else:
                entries[key.value], lines[key.value] = value, key.line
        return Mapped(line, entries, lines)


def _refused(event: yaml.Event) -> _Refused:
    tag = getattr(event, "tag", None)
    if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None) is not None or tag is None:
        mend = "write the value out; put a text that starts so in quotes"
        return _Refused(_line(event), "an anchor or alias (& or *)", mend)
    return _Refused(_line(event), f"a tag ({tag})", "delete it; put a text that starts with ! in quotes")


def _lines(before: str) -> int:
    """The number of the line on which what follows stands."""
    return before.replace("\r\n", "\n").replace("\r", "\n").count("\n") + 1


def _line(event: yaml.Event) -> int:
    return event.start_mark.line + 1 if event.start_mark else 1


def meant(word: str, known: Sequence[str]) -> str:
    """How to mend a word that is not among those known."""
    close = closest(word, known)
    if close:
        return f"did you mean {close!r}?"
    return f"use one of: {', '.join(known)}" if 0 < len(known) <= 30 else f"delete {word[:40]!r} here"


def closest(word: str, known: Sequence[str]) -> str:
    """The word that was meant, most likely; empty when none is like it."""
    return next(iter(get_close_matches(word, known, n=1, cutoff=0.6)), "")
