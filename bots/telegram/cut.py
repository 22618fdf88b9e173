"""Cuts formatted text into messages Telegram takes, at the best place to pause, never inside a tag or a character."""

import html
import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from bots.telegram.marks import Run, visible

LONGEST_TEXT = 4096
"""Characters (code points) after parsing. Bot API: sendMessage."""
LONGEST_CAPTION = 1024
"""Characters after parsing. Bot API: sendPhoto."""
LONGEST_RAW = 32768
"""Bytes of UTF-8 with markup; the server refuses more unread."""
MOST_ENTITIES = 100
"""More than these are not drawn. Bot API: MessageEntity."""

_BLANK = " \t\n\xa0\u2028\u2029\u202f\u205f\u2800\u3000" + "".join(map(chr, range(0x2000, 0x200C)))
"""What Telegram trims at the edges."""
_JOINER = "\u200d"
_ACTIVE = re.compile("[&<>]")


@dataclass(frozen=True, slots=True)
class Words:
    """One message's text: as HTML, and as it will be read."""

    html: str
    plain: str


def write(runs: Iterable[Run]) -> str:
    """The runs as HTML: text escaped, tags opened and closed in order, neighbours in one tag sharing it."""
    written: list[str] = []
    tags_now: tuple[str, ...] = ()
    for text, tags in runs:
        if tags is not tags_now and tags != tags_now:
            kept = _shared(tags_now, tags)
            written += [f"</{tag.partition(' ')[0]}>" for tag in reversed(tags_now[kept:])]
            written += [f"<{tag}>" for tag in tags[kept:]]
            tags_now = tags
        written.append(text if _ACTIVE.search(text) is None else html.escape(text, quote=False))
    written += [f"</{tag.partition(' ')[0]}>" for tag in reversed(tags_now)]
    return "".join(written)


def _shared(before: tuple[str, ...], after: tuple[str, ...]) -> int:
    count = 0
    for old, new in zip(before, after, strict=False):
        if old != new:
            break
        count += 1
    return count


def cut(runs: Sequence[Run], longest: int = LONGEST_TEXT) -> tuple[Words, ...]:
    """As few messages as it takes, each within `longest` characters and Telegram's limits; blank ones left out."""
    rest = _trimmed(runs)
    whole = Words(write(rest), "".join(run.text for run in rest))
    if _fits(whole, longest):  # nearly every card
        return (whole,) if visible(whole.plain) else ()
    done: list[Words] = []
    while rest:
        fitting = _fitting(rest, longest)
        if fitting is None:
            now, rest = rest, []
        else:
            text = "".join(run.text for run in rest)
            at = _place(text, fitting)
            now, rest = _trimmed(_part(rest, 0, at)), _trimmed(_part(rest, at, len(text)))
        plain = "".join(run.text for run in now)
        if visible(plain):
            done.append(Words(write(now), plain))
    return tuple(done)


def _trimmed(runs: Sequence[Run]) -> list[Run]:
    kept = [run for run in runs if run.text]
    while kept and not (text := kept[0].text.lstrip(_BLANK)):
        kept.pop(0)
    if kept:
        kept[0] = Run(text, kept[0].tags)
    while kept and not (text := kept[-1].text.rstrip(_BLANK)):
        kept.pop()
    if kept:
        kept[-1] = Run(text, kept[-1].tags)
    return kept


def _fits(words: Words, longest: int) -> bool:
    raw = len(words.html)
    if len(words.plain) > longest or (raw * 4 > LONGEST_RAW and len(words.html.encode()) > LONGEST_RAW):
        return False
    return words.html.count("</") <= MOST_ENTITIES


def _fitting(runs: Sequence[Run], longest: int) -> int | None:
    """How many characters fit into one message; None: all of them."""
    length = entities = raw = 0
    tags_now: tuple[str, ...] = ()
    for text, tags in runs:
        kept = _shared(tags_now, tags)
        entities += len(tags) - kept
        raw += sum(2 * len(tag.encode()) + 5 for tag in tags[kept:])
        if entities > MOST_ENTITIES or raw >= LONGEST_RAW:
            return length
        weight = len(text.encode())
        if length + len(text) > longest or raw + 5 * weight > LONGEST_RAW:
            for letter in text:
                raw += _weight(letter)
                if length == longest or raw > LONGEST_RAW:
                    return length
                length += 1
        else:
            raw += weight + 4 * text.count("&") + 3 * (text.count("<") + text.count(">"))
            length += len(text)
        tags_now = tags
    return None


def _weight(letter: str) -> int:
    return {"&": 5, "<": 4, ">": 4}.get(letter) or len(letter.encode())


def _place(text: str, fitting: int) -> int:
    """Where to cut, at most at `fitting`: after a paragraph, a line, a word, else between two characters."""
    window = text[: fitting + 1]  # a blank right behind what fits is as good a place as any
    for pause in ("\n\n", "\n", " "):
        at = window.rfind(pause)
        if at > fitting // 3:
            return at
    at = fitting
    while at > max(1, fitting - 100) and _joined(text, at):
        at -= 1
    return fitting if _joined(text, at) else at


def _joined(text: str, at: int) -> bool:
    """Whether the characters before and after `at` make one sign (Unicode: grapheme clusters, in short)."""
    before, after = text[at - 1], text[at]
    if before.isascii() and after.isascii():
        return False
    if _JOINER in (before, after) or after == "\u200c" or unicodedata.category(after)[0] == "M":
        return True
    if "\U0001f3fb" <= after <= "\U0001f3ff" or "\U000e0020" <= after <= "\U000e007f":
        return True
    if unicodedata.combining(before) == 9:  # a virama ties the next consonant to it
        return True
    if _flag(before) and _flag(after):
        start = at
        while start and _flag(text[start - 1]):
            start -= 1
        return (at - start) % 2 == 1
    return ("\u1100" <= before <= "\u11ff" or "\uac00" <= before <= "\ud7a3") and "\u1160" <= after <= "\u11ff"


def _flag(letter: str) -> bool:
    return "\U0001f1e6" <= letter <= "\U0001f1ff"


def _part(runs: Sequence[Run], start: int, end: int) -> list[Run]:
    """The runs between two places of their joined text."""
    found: list[Run] = []
    offset = 0
    for text, tags in runs:
        piece = text[max(0, start - offset) : max(0, end - offset)]
        if piece:
            found.append(Run(piece, tags))
        offset += len(text)
    return found
