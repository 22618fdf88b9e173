"""Strict YAML: every value knows its line, and whatever is wrong is told with the line and the way to mend it.

Only text, lists and mappings are read: no tags, no anchors, no guessing of types (`no` is a word, `1.10` a version).
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path
from typing import Final, TypeAlias

import yaml

from core.content.catalogue import Problem

LARGEST_FILE: Final = 1_000_000
"""Bytes."""

DEEPEST: Final = 10
"""Levels of lists and mappings in each other."""

_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # libyaml where the wheel has it: ten times faster
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufffe\uffff]")
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
        self.data = b""
        """What was read, once it was."""
        self._problems = problems

    def problem(self, line: int, what: str, mend: str) -> None:
        self._problems.append(Problem(self.name, line, what, mend))

    def read(self, path: Path, folder: Path) -> Node | None:
        """The file's only document; None when there is a problem that leaves nothing to look at."""
        data = self.bytes_of(path, folder)
        text = None if data is None else self._decoded(data)
        return None if text is None else self._parsed(text)

    def bytes_of(self, path: Path, folder: Path) -> bytes | None:
        """What the file holds, unless it is too large, unreadable or outside the content folder."""
        try:
            if not path.resolve().is_relative_to(folder.resolve()):
                self.problem(1, "the file lies outside the content folder", "copy it in, links out are not followed")
                return None
            with path.open("rb") as file:
                self.data = file.read(LARGEST_FILE + 1)
        except (OSError, RuntimeError) as error:  # RuntimeError: a loop of links, before Python 3.13
            reason = error.strerror if isinstance(error, OSError) else "it links to itself"
            self.problem(1, f"the file cannot be read: {reason}", "check that it is there and may be read")
            return None
        if len(self.data) > LARGEST_FILE:
            self.problem(1, f"the file has more than {LARGEST_FILE:,} bytes", "split it, or remove what is no text")
            return None
        return self.data

    def _decoded(self, data: bytes) -> str | None:
        if data.startswith((b"\xff\xfe", b"\xfe\xff")) or b"\0" in data[:4]:
            self.problem(1, "the file is UTF-16", "save it as UTF-8")
            return None
        if data.startswith(b"\xef\xbb\xbf"):
            self.problem(1, "the file starts with a byte order mark", "save it as UTF-8 without BOM")
            return None
        try:
            text = data.decode()
        except UnicodeDecodeError as error:
            line = data.count(b"\n", 0, error.start) + 1
            self.problem(line, "the file is not UTF-8 (Windows-1251 perhaps)", "save it as UTF-8")
            return None
        for pattern, what, mend in (
            (_CONTROL, "a character that cannot be seen", "delete it"),
            (_TAB, "a tab in the indentation", "indent with spaces"),
        ):
            found = pattern.search(text)
            if found:
                self.problem(text.count("\n", 0, found.end() - 1) + 1, what, mend)
                return None
        return text

    def _parsed(self, text: str) -> Node | None:
        try:
            return _Builder(self, list(yaml.parse(text, Loader=_LOADER))).document()
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

    def __init__(self, sheet: Sheet, events: Sequence[yaml.Event]) -> None:
        self._sheet = sheet
        self._events = iter(events)

    def document(self) -> Node | None:
        node: Node | None = None
        for event in self._events:
            if isinstance(event, (yaml.StreamStartEvent, yaml.StreamEndEvent, yaml.DocumentEndEvent)):
                continue
            if isinstance(event, yaml.DocumentStartEvent):
                if node is not None:
                    raise _Refused(_line(event), "a second document", "delete the line ---, one file is one document")
                continue
            node = self._node(event, 0)
        if node is None or (isinstance(node, Text) and not node.value):
            raise _Refused(1, "the file is empty", "write it, or delete it")
        return node

    def _node(self, event: yaml.Event, depth: int) -> Node:
        line = _line(event)
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
            raise _Refused(
                line, "an anchor or alias (& or *)", "write the value out; put a text that starts so in quotes"
            )
        tag = getattr(event, "tag", None)
        if tag and tag != "!":
            raise _Refused(line, f"a tag ({tag})", "delete it; put a text that starts with ! in quotes")
        if depth > DEEPEST:
            raise _Refused(line, f"more than {DEEPEST} levels of nesting", "check the indentation")
        if isinstance(event, yaml.ScalarEvent):
            block = event.style in ("|", ">")
            return Text(line, event.value.rstrip(), line + block, folded=event.style != "|" and "\n" in event.value)
        if isinstance(event, yaml.SequenceStartEvent):
            return Listed(line, tuple(self._items(depth + 1)))
        return self._mapping(line, depth + 1)

    def _items(self, depth: int) -> Iterator[Node]:
        for event in self._events:
            if isinstance(event, yaml.SequenceEndEvent):
                return
            yield self._node(event, depth)

    def _mapping(self, line: int, depth: int) -> Mapped:
        entries: dict[str, Node] = {}
        lines: dict[str, int] = {}
        for event in self._events:
            if isinstance(event, yaml.MappingEndEvent):
                break
            key = self._node(event, depth)
            value = self._node(next(self._events), depth)
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


def _line(event: yaml.Event) -> int:
    return event.start_mark.line + 1 if event.start_mark else 1


def meant(word: str, known: Sequence[str]) -> str:
    """How to mend a word that is not among those known."""
    close = get_close_matches(word, known, n=1, cutoff=0.6)
    if close:
        return f"did you mean {close[0]!r}?"
    return f"use one of: {', '.join(known)}" if 0 < len(known) <= 30 else "delete it"
