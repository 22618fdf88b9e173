"""Formatted text as Telegram keeps it: plain words and entities counted in UTF-16 code units."""

import html
import itertools
import re
from dataclasses import dataclass, replace

from playground.telegram.wire import JsonValue

TEXT_LIMIT = 4096
"""Characters (code points) after parsing. Bot API: sendMessage."""
CAPTION_LIMIT = 1024
"""Characters after parsing. Bot API: sendPhoto."""
RAW_LIMIT = 32768
"""Bytes of UTF-8 before parsing; the server refuses more unread."""


@dataclass(frozen=True, slots=True)
class Entity:
    type: str
    offset: int
    """In UTF-16 code units, like `length`. Bot API: MessageEntity."""
    length: int
    url: str = ""
    language: str = ""
    user_id: int = 0
    custom_emoji_id: str = ""

    @property
    def end(self) -> int:
        return self.offset + self.length


@dataclass(frozen=True, slots=True)
class Formatted:
    text: str = ""
    entities: tuple[Entity, ...] = ()


PLAIN = Formatted()


def utf16_length(text: str) -> int:
    return len(text) + sum(1 for character in text if ord(character) > 0xFFFF)


def utf16_index(text: str) -> list[int]:
    """For each UTF-16 offset 0..end the index of the character there; half a pair points at its character."""
    index: list[int] = []
    for position, character in enumerate(text):
        index.append(position)
        if ord(character) > 0xFFFF:
            index.append(position)
    index.append(len(text))
    return index


# Telegram cleans what it is given before counting it: td's clean_input_string.
_DROPPED = re.compile("[\r\u2028-\u202e\u0333\u033f\u030a]")
_BLANKED = re.compile("[\x00-\x08\x0b-\x1f\x7f\t]")
_BLANK = " \t\n\xa0\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000\u200b\u2800"


def normalised(given: Formatted) -> Formatted:
    """What Telegram keeps of it: control characters blanked, direction overrides dropped, blank edges trimmed."""
    text, entities = given.text, given.entities
    if _DROPPED.search(text):
        keep = [0]
        for character in text:
            for _ in range(1 + (ord(character) > 0xFFFF)):
                keep.append(keep[-1] + (0 if _DROPPED.match(character) else 1))
        entities = tuple(
            replace(entity, offset=keep[entity.offset], length=keep[entity.end] - keep[entity.offset])
            for entity in entities
        )
        text = _DROPPED.sub("", text)
    text = _BLANKED.sub(" ", text).rstrip(" \n")
    if not text.strip(_BLANK):
        return PLAIN  # nothing visible at all; invisible characters beside visible ones stay
    lead = len(text) - len(text.lstrip(" \n"))
    text = text[lead:]
    end = utf16_length(text)
    fitted = []
    for entity in entities:
        start, stop = max(entity.offset - lead, 0), min(entity.end - lead, end)
        if stop > start:
            fitted.append(replace(entity, offset=start, length=stop - start))
    fitted.sort(key=lambda entity: (entity.offset, -entity.length))
    return Formatted(text, tuple(fitted))


_FOUND = re.compile(
    r"(?P<url>\b(?:https?://|www\.)[^\s<>\"']+[^\s<>\"'.,;:!?)\]»])"
    r"|(?P<email>\b[\w.+-]+@[\w-]+(?:\.[\w-]+)+\b)"
    r"|(?P<bot_command>(?<![\w/<>@])/[A-Za-z0-9_]{1,64}(?:@[A-Za-z0-9_]{3,32})?(?![\w/]))"
    r"|(?P<mention>(?<!\w)@[A-Za-z]\w{3,31}\b)"
    r"|(?P<hashtag>(?<!\w)#\w*[^\W\d]\w*)"
)
_PLAIN_INSIDE = {"code", "pre", "text_link"}


def with_found(given: Formatted) -> Formatted:
    """Add the entities Telegram finds by itself (commands, links, mentions, hashtags), outside code and links."""
    if not any(sign in given.text for sign in "/@#.:"):
        return given
    found = []
    for match in _FOUND.finditer(given.text):
        offset = utf16_length(given.text[: match.start()])
        entity = Entity(str(match.lastgroup), offset, utf16_length(match.group()))
        if not any(
            known.type in _PLAIN_INSIDE and known.offset < entity.end and entity.offset < known.end
            for known in given.entities
        ):
            found.append(entity)
    if not found:
        return given
    return Formatted(
        given.text, tuple(sorted((*given.entities, *found), key=lambda entity: (entity.offset, -entity.length)))
    )


def entities_json(entities: tuple[Entity, ...]) -> list[JsonValue]:
    answer: list[JsonValue] = []
    for entity in entities:
        item: dict[str, JsonValue] = {"offset": entity.offset, "length": entity.length, "type": entity.type}
        if entity.url:
            item["url"] = entity.url
        if entity.language:
            item["language"] = entity.language
        if entity.custom_emoji_id:
            item["custom_emoji_id"] = entity.custom_emoji_id
        if entity.user_id:
            item["user"] = {"id": entity.user_id, "is_bot": False, "first_name": "-"}
        answer.append(item)
    return answer


_TAGS = {
    "bold": ("<b>", "</b>"),
    "italic": ("<i>", "</i>"),
    "underline": ("<u>", "</u>"),
    "strikethrough": ("<s>", "</s>"),
    "spoiler": ('<span class="spoiler">', "</span>"),
    "code": ("<code>", "</code>"),
    "pre": ("<pre>", "</pre>"),
    "blockquote": ("<blockquote>", "</blockquote>"),
    "expandable_blockquote": ("<blockquote>", "</blockquote>"),
    "bot_command": ('<span class="command">', "</span>"),
    "mention": ('<span class="mention">', "</span>"),
    "text_mention": ('<span class="mention">', "</span>"),
    "hashtag": ('<span class="hashtag">', "</span>"),
}
_LINK = re.compile(r"(?:https?|tg|mailto):", re.IGNORECASE)


def _tags(entity: Entity, words: str) -> tuple[str, str]:
    if entity.type in ("url", "text_link", "email"):
        target = entity.url or (f"mailto:{words}" if entity.type == "email" else words)
        if not _LINK.match(target):
            target = f"http://{target}"
        return f'<a href="{html.escape(target)}" target="_blank" rel="noopener noreferrer">', "</a>"
    return _TAGS.get(entity.type, ("", ""))


def to_html(given: Formatted) -> str:
    """HTML safe to put on a page: every character escaped, only tags written here, always properly nested.

    Entities that cross are closed and opened again at the crossing. Line ends become <br>, but not in <pre>.
    """
    index = utf16_index(given.text)
    spans = [(index[min(e.offset, len(index) - 1)], index[min(e.end, len(index) - 1)], e) for e in given.entities]
    edges = sorted({0, len(given.text), *(edge for start, end, _ in spans for edge in (start, end))})
    written: list[str] = []
    open_now: list[tuple[int, str, str]] = []  # (where it ends, closing tag, opening tag)
    for start, end in itertools.pairwise(edges):
        while any(stop <= start for stop, _, _ in open_now):
            reopen = []
            while any(stop <= start for stop, _, _ in open_now):
                stop, closing, opening = open_now.pop()
                written.append(closing)
                if stop > start:
                    reopen.append((stop, closing, opening))
            for span in reversed(reopen):
                written.append(span[2])
                open_now.append(span)
        for first, last, entity in spans:
            if first == start and last > start:
                opening, closing = _tags(entity, given.text[first:last])
                written.append(opening)
                open_now.append((last, closing, opening))
        words = html.escape(given.text[start:end])
        in_pre = any(opening == "<pre>" for _, _, opening in open_now)
        written.append(words if in_pre else words.replace("\n", "<br>"))
    written.extend(closing for _, closing, _ in reversed(open_now))
    return "".join(written)
