"""Telegram's own HTML dialect, read as strictly as Telegram reads it and refused in the same words."""

import re
from dataclasses import dataclass, replace

from playground.telegram.entities import Entity, Formatted, utf16_length
from playground.telegram.links import checked_link, mentioned_user
from playground.telegram.wire import Refusal

_KINDS = {
    "b": "bold",
    "strong": "bold",
    "i": "italic",
    "em": "italic",
    "u": "underline",
    "ins": "underline",
    "s": "strikethrough",
    "strike": "strikethrough",
    "del": "strikethrough",
    "tg-spoiler": "spoiler",
    "span": "spoiler",
    "code": "code",
    "pre": "pre",
    "a": "text_link",
    "blockquote": "blockquote",
    "tg-emoji": "custom_emoji",
    "tg-time": "date_time",
}
_NAMED = {"lt": "<", "gt": ">", "amp": "&", "quot": '"'}
_REFERENCE = re.compile(r"&(?:#(?P<dec>\d{1,7})|#[xX](?P<hex>[0-9a-fA-F]{1,6})|(?P<name>lt|gt|amp|quot));?")
_PART = re.compile(r"[^<&]+|&|<")
_TAG_NAME = re.compile(r"[^\s>]*")
_ATTRIBUTE = re.compile(r"[^\s=>/\"']*")
_TOKEN = re.compile(r"[A-Za-z0-9.-]*")
_SPACE = re.compile(r"\s*")


@dataclass(slots=True)
class _Open:
    tag: str
    argument: str
    expandable: bool
    offset: int
    start: int


class _Reader:
    def __init__(self, source: str) -> None:
        self.source = source
        self.at = 0
        self.written: list[str] = []
        self.offset = 0
        self.open: list[_Open] = []
        self.entities: list[Entity] = []

    def wrong(self, words: str) -> Refusal:
        return Refusal(f"can't parse entities: {words}")

    def byte_offset(self, at: int) -> int:
        return len(self.source[:at].encode())

    def write(self, words: str) -> None:
        self.written.append(words)
        self.offset += utf16_length(words)

    def reference(self) -> str | None:
        """The character a reference at `at` stands for, moving past it; None when it is only an ampersand."""
        match = _REFERENCE.match(self.source, self.at)
        if match is None:
            return None
        if match["name"]:
            character = _NAMED[match["name"]]
        else:
            number = int(match["dec"]) if match["dec"] else int(match["hex"], 16)
            if not 0 < number < 0x10FFFF or 0xD800 <= number <= 0xDFFF:
                return None
            character = chr(number)
        self.at = match.end()
        return character

    def read(self) -> Formatted:
        while self.at < len(self.source):
            match = _PART.match(self.source, self.at)
            part = match.group() if match else ""
            if part == "&":
                character = self.reference()
                if character is None:
                    self.at += 1
                    character = "&"
                self.write(character)
            elif part != "<":
                self.write(part)
                self.at += len(part)
            elif self.source.startswith("</", self.at):
                self.end_tag()
            else:
                self.start_tag()
        if self.open:
            raise self.wrong(f'Can\'t find end tag corresponding to start tag "{self.open[-1].tag}"')
        # A language is kept only where code and pre cover the same words.
        kept = (replace(entity, language="") if entity.type == "code" else entity for entity in self.entities)
        return Formatted("".join(self.written), tuple(kept))

    def skip(self, pattern: re.Pattern[str]) -> str:
        match = pattern.match(self.source, self.at)
        words = match.group() if match else ""
        self.at += len(words)
        return words

    def peek(self) -> str:
        return self.source[self.at : self.at + 1]

    def start_tag(self) -> None:
        begin = self.byte_offset(self.at)
        self.at += 1
        tag = self.skip(_TAG_NAME).lower()
        if not self.peek():
            raise self.wrong(f"Unclosed start tag at byte offset {begin}")
        if tag not in _KINDS:
            raise self.wrong(f'Unsupported start tag "{tag}" at byte offset {begin}')
        argument, expandable = "", False
        while True:
            self.skip(_SPACE)
            if self.peek() == ">":
                break
            name, value = self.attribute(tag, begin)
            if tag == "a" and name == "href":
                argument = value
            elif tag == "code" and name == "class" and value.startswith("language-"):
                argument = value[len("language-") :]
            elif tag == "span" and name == "class" and value.startswith("tg-"):
                argument = value[len("tg-") :]
            elif (tag == "tg-emoji" and name == "emoji-id") or (tag == "tg-time" and name == "unix"):
                argument = value
            elif tag == "blockquote" and name == "expandable":
                expandable = True
        self.at += 1
        if tag == "span" and argument != "spoiler":
            raise self.wrong(f'Tag "span" must have class "tg-spoiler" at byte offset {begin}')
        if tag == "tg-emoji" and (not argument.isdigit() or not 0 < int(argument) < 2**63):
            raise self.wrong("Invalid custom emoji identifier specified")
        self.open.append(_Open(tag, argument, expandable, self.offset, len(self.written)))

    def attribute(self, tag: str, begin: int) -> tuple[str, str]:
        name = self.skip(_ATTRIBUTE).lower()
        if not name:
            if not self.peek():
                raise self.wrong(f"Unclosed start tag at byte offset {begin}")
            raise self.wrong(f'Empty attribute name in the tag "{tag}" at byte offset {begin}')
        self.skip(_SPACE)
        if self.peek() != "=":
            if not self.peek():
                raise self.wrong(f"Unclosed start tag at byte offset {begin}")
            return name, ""
        self.at += 1
        self.skip(_SPACE)
        quote = self.peek()
        if not quote:
            raise self.wrong(f"Unclosed start tag at byte offset {begin}")
        if quote in "\"'":
            self.at += 1
            value = self.quoted(quote)
        else:
            token_begin = self.byte_offset(self.at)
            value = self.skip(_TOKEN).lower()
            if self.peek() and not self.peek().isspace() and self.peek() != ">":
                raise self.wrong(f"Unexpected end of name token at byte offset {token_begin}")
        if not self.peek():
            raise self.wrong(f"Unclosed start tag at byte offset {begin}")
        return name, value

    def quoted(self, quote: str) -> str:
        letters: list[str] = []
        while self.peek() and self.peek() != quote:
            character = self.reference() if self.peek() == "&" else None
            if character is None:
                character = self.peek()
                self.at += 1
            letters.append(character)
        self.at += 1
        return "".join(letters)

    def end_tag(self) -> None:
        begin = self.byte_offset(self.at)
        self.at += 2
        if not self.open:
            raise self.wrong(f"Unexpected end tag at byte offset {begin}")
        tag = self.skip(_TAG_NAME).lower()
        self.skip(_SPACE)
        if self.peek() != ">":
            raise self.wrong(f"Unclosed end tag at byte offset {begin}")
        self.at += 1
        opened = self.open.pop()
        if tag not in ("", opened.tag):
            raise self.wrong(f'Unmatched end tag at byte offset {begin}, expected "</{opened.tag}>", found "</{tag}>"')
        if self.offset > opened.offset:
            self.close(opened)

    def close(self, opened: _Open) -> None:
        kind, length = _KINDS[opened.tag], self.offset - opened.offset
        last = self.entities[-1] if self.entities else None
        same = last is not None and (last.offset, last.length) == (opened.offset, length)
        if kind == "text_link":
            target = opened.argument or "".join(self.written[opened.start :])
            user = mentioned_user(target)
            if user:
                self.entities.append(Entity("text_mention", opened.offset, length, user_id=user))
            elif link := checked_link(target):
                self.entities.append(Entity("text_link", opened.offset, length, url=link))
        elif kind == "pre" and same and last is not None and last.type == "code" and last.language:
            self.entities[-1] = Entity("pre", opened.offset, length, language=last.language)
        elif kind == "code" and same and last is not None and last.type == "pre" and opened.argument:
            self.entities[-1] = Entity("pre", opened.offset, length, language=opened.argument)
        elif kind == "code":
            self.entities.append(Entity("code", opened.offset, length, language=opened.argument))
        elif kind == "blockquote" and opened.expandable:
            self.entities.append(Entity("expandable_blockquote", opened.offset, length))
        elif kind == "custom_emoji":
            self.entities.append(Entity(kind, opened.offset, length, custom_emoji_id=opened.argument))
        elif kind != "date_time":
            self.entities.append(Entity(kind, opened.offset, length))


def parse_html(source: str) -> Formatted:
    """Read HTML as the Bot API does. Raises Refusal (400, can't parse entities) with Telegram's wording."""
    return _Reader(source).read()
