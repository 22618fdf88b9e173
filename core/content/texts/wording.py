"""Looks over one text of a content file: does it fit, can it be filled in, do its links lead anywhere."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from core.content.reading.sheets import Sheet, Text
from core.content.texts.grammar import faults
from core.content.texts.places import places_of
from core.content.texts.variables import Known
from core.markup import LINK_SCHEMES


@dataclass(frozen=True, slots=True)
class Sort:
    """Where texts of a kind are shown: how many characters fit, not counting places, and in how many lines."""

    longest: int
    one_line: bool = False


DIALOG: Final = Sort(24, one_line=True)
"""The title and buttons of a dialog (Slack: modal views)."""

LABEL: Final = Sort(40, one_line=True)
"""A button: what a phone shows of it."""

TITLE: Final = Sort(150, one_line=True)
"""The title of a card (Slack: header block)."""

SUMMARY: Final = Sort(200, one_line=True)
"""What something is about, in one line of a message or a list."""

QUESTION: Final = Sort(400, one_line=True)
"""What a step asks: it stands above the answer's buttons, or in the label of a dialog's field."""

TEXT: Final = Sort(3000)
"""The text of a card (Slack: text object of a section)."""

GUIDE: Final = Sort(12_000)
"""Sent as several messages where it has to be (Slack: markdown block)."""

_LINK = re.compile(r"(?<!\\)\]\(((?:[^()\n]|\([^()\n]*\))*)\)")
_PLACE = re.compile(r"\{\{.*?\}\}|\{%.*?%\}", re.DOTALL)
_SOUND = re.compile(r"(?:https?://[^\s/?#.]+(?:\.[^\s/?#.]+)*\S*|mailto:\S+@\S+|tg://\S+)", re.IGNORECASE)


def is_web_address(url: str) -> bool:
    """With http or https and a host."""
    return url.lower().startswith(("http://", "https://")) and _SOUND.fullmatch(url) is not None


def links_of(value: str) -> Iterator[tuple[int, str]]:
    """The addresses a Markdown text leads to, each with its line from 1."""
    for link in _LINK.finditer(value) if "](" in value else ():
        yield value.count("\n", 0, link.start()) + 1, link[1]


def checked(sheet: Sheet, text: Text, sort: Sort, language: str, known: Known) -> str:
    """The text, after noting what is wrong with it. `known`: the values it may use."""
    value = text.value
    length = len(value)
    if length > sort.longest:  # what places become is counted by nobody
        length = len(_PLACE.sub("", value))
    if length > sort.longest:
        what = f"the text has {length:,} characters, {sort.longest:,} fit"
        sheet.problem(text.line, what, "shorten it" if sort is not TEXT else "shorten it, or move details to a guide")
    if sort.one_line and "\n" in value:
        sheet.problem(text.line, "more than one line where one fits", "write it on one line")
    places, lines = places_of(value) if "{" in value else ("", ())
    for line, what, mend in faults(places, language, known):
        sheet.problem(text.line_of(lines[line - 1]), what, mend)
    for line, address in links_of(value):
        if not _SOUND.fullmatch(_PLACE.sub("x", address)):
            kinds = ", ".join(LINK_SCHEMES)
            what = f"the link to {address!r} leads nowhere"
            sheet.problem(text.line_of(line), what, f"write it whole, starting with {kinds}")
    return value
