"""Strict Markdown with front matter: a few keys between two lines of ---, and below them the text people read."""

import re
from dataclasses import dataclass
from typing import Final

from core.content.reading.sheets import Node, Sheet, Text

_BAR: Final = re.compile(r"---[ ]*")


@dataclass(frozen=True, slots=True)
class Prose:
    """A file of prose. `front` is a mapping wherever the author wrote one, with the file's own lines."""

    front: Node
    body: Text
    """As written, without empty lines around it. Never empty."""


def read_prose(sheet: Sheet, data: bytes) -> Prose | None:
    """What a Markdown file says; None when there is nothing to look at, which was noted."""
    text = sheet.decoded(data)
    if text is None:
        return None
    lines = text.split("\n")
    if not any(line.strip() for line in lines):
        sheet.problem(1, "the file is empty", "write it, or delete it")
        return None
    if not _BAR.fullmatch(lines[0]):
        what = "the file does not begin with its keys"
        sheet.problem(1, what, "begin with a line ---, then `title: …`, then another line ---, then the text")
        return None
    end = next((number for number, line in enumerate(lines[1:], 1) if _BAR.fullmatch(line)), None)
    if end is None:
        sheet.problem(1, "the keys that begin here have no end", "write a line --- between them and the text")
        return None
    keys = "\n".join(["", *lines[1:end]])  # an empty line for the first bar: so lines are counted as in the file
    if not any(line.strip() and not line.lstrip().startswith("#") for line in lines[1:end]):
        sheet.problem(1, "there are no keys between the lines ---", "write at least `title: …`")
        return None
    front = None if sheet.has_tabs(keys) else sheet.parsed(keys)
    body = _body(lines, end + 1)
    if body is None:
        sheet.problem(end + 1, "there is no text below the keys", "write it below this line")
    return None if front is None or body is None else Prose(front, body)


def _body(lines: list[str], start: int) -> Text | None:
    """The lines from `start` (from 0) on; None when all of them are empty."""
    first = next((number for number in range(start, len(lines)) if lines[number].strip()), None)
    if first is None:
        return None
    return Text(first + 1, "\n".join(lines[first:]).rstrip(), first + 1)
