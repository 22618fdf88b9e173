"""Does an answer fit what a step asked? Texts, choices and dates are read strictly, and a misfit says why."""

import re
import unicodedata
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Literal

from babel import Locale, UnknownLocaleError

from core.content.catalogue import Asked
from core.events import File

Why = Literal[
    "empty", "short", "long", "pattern", "choice", "date", "date_order", "date_past", "want_file", "want_words"
]


@dataclass(frozen=True, slots=True)
class Answer:
    """A fitting answer as it is kept: a text as typed, a choice as its default-language label, a date as ISO 8601."""

    kept: str
    file: str | None = None
    """`kind|reference`."""


@dataclass(frozen=True, slots=True)
class Misfit:
    """Why an answer does not fit; phrase `misfit.<why>`."""

    why: Why


def check_answer(asked: Asked, text: str, language: str, today: date) -> Answer | Misfit:
    """Read words as the answer. `language` (two letters) tells how month names are written; `today` is the reader's."""
    text = text.strip()
    if not text:
        return Misfit("empty")
    match asked.kind:
        case "file":
            return Misfit("want_file")
        case "text":
            return _check_text(asked, text)
        case "choice":
            number = find_choice(asked, text)
            return Misfit("choice") if number is None else choice(asked, number)
        case "date":
            return _check_date(asked, text, language, today)


def check_file(asked: Asked, file: File) -> Answer | Misfit:
    """Take a file as the answer. A voice message is somebody speaking, not the document that was asked for."""
    if asked.kind != "file":
        return Misfit("want_words")
    if file.kind == "voice":
        return Misfit("want_file")
    return Answer(file.name or file.kind, f"{file.kind}|{file.ref}")


def choice(asked: Asked, number: int) -> Answer:
    """The option with this number, from 0. Raises IndexError when there is none."""
    words = asked.options[number]
    return Answer(words.by_language.get(words.default) or next(iter(words.by_language.values())))


def find_choice(asked: Asked, text: str) -> int | None:
    """Which option is meant by a label in any language, or by its number from 1; None: none of them."""
    wanted = _folded(text)
    for number, words in enumerate(asked.options):
        if wanted in map(_folded, words.by_language.values()):
            return number
    digits = wanted.rstrip(".)")
    if digits.isascii() and digits.isdigit() and len(digits) < 4 and 1 <= int(digits) <= len(asked.options):
        return int(digits) - 1
    return None


def _folded(text: str) -> str:
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())


def _check_text(asked: Asked, text: str) -> Answer | Misfit:
    if len(text) > asked.longest:
        return Misfit("long")
    if len(text) < asked.shortest:
        return Misfit("short")
    if asked.pattern and re.fullmatch(asked.pattern, text) is None:
        return Misfit("pattern")
    return Answer(text)


def _check_date(asked: Asked, text: str, language: str, today: date) -> Answer | Misfit:
    read = read_date(text, language, today)
    if isinstance(read, Misfit):
        return read
    if asked.not_before_today and read < today:
        return Misfit("date_past")
    return Answer(read.isoformat())


_ISO = re.compile(r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})", re.ASCII)
_DOTTED = re.compile(r"(\d{1,2})\.(\d{1,2})(?:\.(\d{4})?)?", re.ASCII)
_SLASHED = re.compile(r"(\d{1,2})[/-](\d{1,2})[/-](\d{4})", re.ASCII)
_DAY_MONTH = re.compile(r"(\d{1,2})(?:st|nd|rd|th|\.)?\s+(?:of\s+)?([^\W\d]+)\.?,?(?:\s+(\d{4}))?(?:\s*г\.?)?")
_MONTH_DAY = re.compile(r"([^\W\d]+)\.?\s+(\d{1,2})(?:st|nd|rd|th)?,?(?:\s+(\d{4}))?")
_LONGEST_DATE = 40


def read_date(text: str, language: str, today: date) -> date | Misfit:
    """Read 2026-11-12, 12.11.2026, 12 November 2026 or Nov 12, 2026; without a year the next such day is meant.

    With slashes day and month cannot be told apart when both are 12 or less and differ: that is refused, not guessed.
    """
    text = " ".join(unicodedata.normalize("NFKC", text).casefold().split())[:_LONGEST_DATE]
    if found := _ISO.fullmatch(text):
        return _day(int(found[1]), int(found[2]), int(found[3]))
    if found := _DOTTED.fullmatch(text):
        return _day_of_year(found[3], int(found[2]), int(found[1]), today)
    if found := _SLASHED.fullmatch(text):
        first, second, year = int(found[1]), int(found[2]), int(found[3])
        if first <= 12 and second <= 12 and first != second:
            return Misfit("date_order")
        return _day(year, second, first) if second <= 12 else _day(year, first, second)
    if found := _DAY_MONTH.fullmatch(text):
        return _named(found[2], found[1], found[3], language, today)
    if found := _MONTH_DAY.fullmatch(text):
        return _named(found[1], found[2], found[3], language, today)
    return Misfit("date")


def _named(month: str, day: str, year: str | None, language: str, today: date) -> date | Misfit:
    number = _months(language).get(month) or _months("en").get(month)
    return Misfit("date") if number is None else _day_of_year(year, number, int(day), today)


def _day_of_year(year: str | None, month: int, day: int, today: date) -> date | Misfit:
    if year:
        return _day(int(year), month, day)
    for candidate in range(today.year, min(today.year + 9, date.max.year + 1)):  # 29 February is at most 8 years away
        read = _day(candidate, month, day)
        if isinstance(read, date) and read >= today:
            return read
    return Misfit("date")


def _day(year: int, month: int, day: int) -> date | Misfit:
    try:
        return date(year, month, day)
    except ValueError:
        return Misfit("date")


@cache
def _months(language: str) -> dict[str, int]:
    """Month names, long and short, in both grammatical forms, folded and without the dot of an abbreviation."""
    try:
        locale = Locale.parse(language)
    except (UnknownLocaleError, ValueError):
        locale = Locale.parse("en")
    names: dict[str, int] = {}
    for form in ("format", "stand-alone"):
        for width in ("wide", "abbreviated"):
            for number, name in locale.months[form][width].items():
                names[_folded(str(name)).rstrip(".")] = number
    return names
