"""Card texts as Slack's rich text: exact words and styles as separate elements, with no markup to escape from.

In mrkdwn a client's `*x*`, `:smile:`, `<!channel>` or `@here` would be read as markup, and only three characters can be
escaped. Rich text has no markup: what is in a text element is shown as it is (docs.slack.dev: rich text block).
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Any

from core.markup import Block, Span

Json = dict[str, Any]

LONGEST_BLOCK = 3000
"""UTF-16 units of text in one block. Slack documents it for text objects only; rich text keeps the same."""
DEEPEST = 8
"""`indent` of a list (docs.slack.dev: rich text list)."""
LONGEST_URL = 3000

_UNSHOWABLE = re.compile("[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff]")
_LINKABLE = ("https://", "http://", "mailto:")


def clean(text: str) -> str:
    """Without control characters and half surrogates, which JSON can carry and nobody can read."""
    return text if text.isprintable() else _UNSHOWABLE.sub("", text)


def size(text: str) -> int:
    """UTF-16 units: the most any of Slack's clients and servers can count for a text."""
    return len(text) if text.isascii() else len(text.encode("utf-16-le", "surrogatepass")) // 2


def shorten(text: str, most: int) -> str:
    """At most `most` units, the last an ellipsis where something is missing."""
    if 2 * len(text) <= most or size(text) <= most:
        return text
    head = text.encode("utf-16-le", "surrogatepass")[: 2 * (most - 1)].decode("utf-16-le", "ignore")
    return head.rstrip() + "…"


def plain_text(text: str, most: int) -> Json:
    """A text object without markup; `emoji` false keeps `:smile:` five words long. Never empty: Slack refuses that."""
    return {"type": "plain_text", "text": shorten(clean(text).strip(), most) or "…", "emoji": False}


def linkable(url: str) -> bool:
    return url.startswith(_LINKABLE) and len(url) <= LONGEST_URL and url.isprintable() and " " not in url


def rich_text(blocks: Sequence[Block], most: int) -> list[Json]:
    """The text as rich text blocks of at most LONGEST_BLOCK units each, and `most` units in all."""
    done: list[Json] = []
    elements: list[Json] = []
    room = LONGEST_BLOCK
    before: Block | None = None
    for block in _within(blocks, most):
        need = size(block.text) + 4
        if need > room and elements:
            done.append({"type": "rich_text", "elements": elements})
            elements, room, before = [], LONGEST_BLOCK, None
        _append(elements, block, before)
        room -= need
        before = block
    if elements:
        done.append({"type": "rich_text", "elements": elements})
    return done


def section(spans: Iterable[Span]) -> Json:
    return {"type": "rich_text_section", "elements": [_element(span) for span in spans]}


def _append(elements: list[Json], block: Block, before: Block | None) -> None:
    match block.kind:
        case "code":
            elements.append({"type": "rich_text_preformatted", "elements": [_words(span) for span in block.spans]})
        case "quote":
            elements.append({"type": "rich_text_quote", "elements": [_element(span) for span in block.spans]})
        case "list_item" if _continues(block, before) and elements[-1]["type"] == "rich_text_list":
            elements[-1]["elements"].append(section(block.spans))
        case "list_item" if block.ordinal != 0:
            elements.append(_list(block))
        case _:
            # No Slack list counts from 0, so that one counts in words.
            spans = (Span("0. "), *block.spans) if block.kind == "list_item" else block.spans
            if before is not None and elements[-1]["type"] == "rich_text_section":
                elements[-1]["elements"] += section((Span("\n\n"), *spans))["elements"]
            else:
                elements.append(section(spans))


def _list(block: Block) -> Json:
    made: Json = {
        "type": "rich_text_list",
        "style": "bullet" if block.ordinal is None else "ordered",
        "indent": min(block.depth, DEEPEST),
        "elements": [section(block.spans)],
    }
    if block.ordinal is not None and block.ordinal > 1:
        made["offset"] = block.ordinal - 1
    return made


def _continues(block: Block, before: Block | None) -> bool:
    """Whether this item belongs to the list that the block before it ended."""
    if before is None or before.kind != "list_item" or before.depth != block.depth:
        return False
    if before.ordinal is None or block.ordinal is None:
        return before.ordinal is block.ordinal
    return block.ordinal == before.ordinal + 1


def _within(blocks: Sequence[Block], most: int) -> Iterator[Block]:
    """The blocks, long ones cut into several, ending with an ellipsis once `most` units are used up."""
    left = most
    for block in blocks:
        for part in _parts(block):
            need = size(part.text)
            if need > left:
                kept = _head(part.spans, max(left - 1, 0))
                yield replace(part, spans=(*kept, Span("…")))
                return
            left -= need
            yield part


def _parts(block: Block) -> Iterator[Block]:
    if not block.spans:
        yield replace(block, spans=(Span(" "),)) if block.kind == "list_item" else block
        return
    if 2 * len(block.text) <= LONGEST_BLOCK - 8 or size(block.text) <= LONGEST_BLOCK - 8:
        yield block
        return
    rest, kind = block.spans, block.kind
    while rest:
        kept = _head(rest, LONGEST_BLOCK - 8)
        yield replace(block, kind=kind, spans=kept)
        rest = _tail(rest, sum(len(span.text) for span in kept))
        kind = "paragraph" if kind == "list_item" else kind  # a second bullet would make it two items


def _head(spans: Iterable[Span], most: int) -> tuple[Span, ...]:
    """As many whole characters as fit, styles kept; cut at a word's end where one is near."""
    kept: list[Span] = []
    for span in spans:
        need = size(span.text)
        if need > most:
            text = span.text.encode("utf-16-le", "surrogatepass")[: 2 * most].decode("utf-16-le", "ignore")
            space = max(text.rfind(" "), text.rfind("\n"))
            text = text[: space + 1] if space > len(text) // 2 else text
            if text:
                kept.append(replace(span, text=text))
            break
        kept.append(span)
        most -= need
    return tuple(kept)


def _tail(spans: Iterable[Span], skip: int) -> tuple[Span, ...]:
    left: list[Span] = []
    for span in spans:
        if skip < len(span.text):
            left.append(replace(span, text=span.text[skip:]) if skip else span)
        skip = max(0, skip - len(span.text))
    return tuple(left)


def _element(span: Span) -> Json:
    if not span.link:
        return _words(span)
    if not linkable(span.link):
        return _words(replace(span, text=f"{span.text} ({span.link})"))
    return _styled({"type": "link", "url": span.link, "text": clean(span.text) or span.link}, span)


def _words(span: Span) -> Json:
    # In a code block every span is code already; Slack takes the style there too, but does not need it.
    return _styled({"type": "text", "text": clean(span.text) or " "}, span)


def _styled(element: Json, span: Span) -> Json:
    style = {name: True for name in ("bold", "italic", "strike", "code") if getattr(span, name)}
    if style:
        element["style"] = style
    return element
