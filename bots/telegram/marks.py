"""Turns Markdown and plain words into runs of text in Telegram's HTML tags, cleaned as Telegram would clean them."""

import html
import re
import unicodedata
from functools import lru_cache
from typing import NamedTuple

from core.markup import Block, Span, parse


class Run(NamedTuple):
    """A piece of text and the tags around it, outermost first, as they stand between `<` and `>`."""

    text: str
    tags: tuple[str, ...] = ()


BOLD = ("b",)
_LONGEST_LINK = 2048
"""Characters; a longer address is shown, not linked, so that no link alone fills a message."""

# What Telegram does to a text before it counts it: tdlib/td misc.cpp, clean_input_string.
_ODD = re.compile("[\x00-\x09\x0b-\x1f\x7f\u2028-\u202e\u0333\u033f\u030a\ufeff\ud800-\udfff]")
_CLEANED: dict[int, int | str | None] = dict.fromkeys((*range(9), 9, *range(11, 32), 127), " ")
_CLEANED |= dict.fromkeys((0x0D, *range(0x202A, 0x202F), 0x0333, 0x033F, 0x030A, 0xFEFF))
_CLEANED |= {0x2028: "\n", 0x2029: "\n"} | dict.fromkeys(range(0xD800, 0xE000), "\N{REPLACEMENT CHARACTER}")

_WEB_ADDRESS = re.compile(
    r"https?://(?:[^\s/?#@]*@)?(?:(?:[\w-]+\.)+[\w-]{2,}|\d{1,3}(?:\.\d{1,3}){3}|\[[0-9a-f:.]+\])(?::[1-9]\d{0,4})?"
    r"(?:[/?#]\S*)?",
    re.IGNORECASE,
)
_OWN_LINK = re.compile(r"(?:tg:|mailto:)\S+", re.IGNORECASE)


def cleaned(text: str) -> str:
    """The text as Telegram keeps it: controls become blanks, direction overrides go, a ring above joins its letter."""
    if _ODD.search(text) is None:
        return text
    if "\u030a" in text:
        text = unicodedata.normalize("NFC", text)
    return text.translate(_CLEANED)


def visible(text: str) -> bool:
    """Whether anything is to be seen; Telegram refuses a message or a label of blanks and invisible signs."""
    return any(letter.isalnum() or unicodedata.category(letter)[0] in "SPL" for letter in text)


def is_web_address(url: str) -> bool:
    """Whether Telegram takes it in a button or a link: http(s) with a dotted host or an IP address."""
    return len(url) <= _LONGEST_LINK and url.isprintable() and _WEB_ADDRESS.fullmatch(url) is not None


def link_tag(url: str) -> str | None:
    """The tag of a link; None when Telegram would silently drop it."""
    if is_web_address(url) or (len(url) <= _LONGEST_LINK and url.isprintable() and _OWN_LINK.fullmatch(url)):
        return f'a href="{html.escape(url)}"'
    return None


@lru_cache(maxsize=4096)
def markdown(text: str, around: tuple[str, ...] = ()) -> tuple[Run, ...]:
    """The runs of a Markdown text. `around`: tags for all of it. Blank text gives none."""
    runs: list[Run] = []
    before: Block | None = None
    for block in parse(text):
        if before is not None:
            runs.append(Run("\n" if before.kind == block.kind == "list_item" else "\n\n"))
        runs += _block(block, around)
        before = block
    return tuple(runs)


def _block(block: Block, around: tuple[str, ...]) -> list[Run]:
    match block.kind:
        case "code":
            language = re.sub(r"[^\w+#.-]", "", block.language)[:32]
            return [Run(cleaned(block.text), ("pre", f'code class="language-{language}"') if language else ("pre",))]
        case "quote":
            return _spans(block.spans, ("blockquote", *around))
        case "list_item":
            marker = "• " if block.ordinal is None else f"{block.ordinal}. "
            return [Run("  " * block.depth + marker, around), *_spans(block.spans, around)]
        case _:
            return _spans(block.spans, around)


def _spans(spans: tuple[Span, ...], around: tuple[str, ...]) -> list[Run]:
    return [run for span in spans for run in _span(span, around)]


def _span(span: Span, around: tuple[str, ...]) -> list[Run]:
    text = cleaned(span.text)
    quote = around[:1] if around[:1] == ("blockquote",) else ()
    tags = around
    for wanted, tag in ((span.bold, "b"), (span.italic, "i"), (span.strike, "s")):
        if wanted and tag not in tags:
            tags = (*tags, tag)
    if span.link:
        link = link_tag(span.link)
        if link is not None:
            return [Run(text, (*tags, link))]
        return [Run(text, tags), Run(f" ({cleaned(span.link)})", around)]
    if span.code:  # Bot API: code contains nothing and is part of nothing but a quote
        return [Run(text, (*quote, "code"))]
    return [Run(text, tags)]
