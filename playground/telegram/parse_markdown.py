"""MarkdownV2 and the old Markdown, read as strictly as Telegram reads them and refused in the same words."""

import re

from playground.telegram.entities import Entity, Formatted, utf16_length
from playground.telegram.links import checked_link, mentioned_user
from playground.telegram.wire import Refusal

_RESERVED = set("_*[]()~`>#+-=|{}.!")
_MARKS = {"*": "bold", "_": "italic", "__": "underline", "~": "strikethrough", "||": "spoiler"}
_NAMES = {
    "bold": "Bold",
    "italic": "Italic",
    "underline": "Underline",
    "strikethrough": "Strikethrough",
    "spoiler": "Spoiler",
    "code": "Code",
    "pre": "Pre",
    "text_link": "TextUrl",
    "custom_emoji": "CustomEmoji",
}


class _Reader:
    def __init__(self, source: str) -> None:
        self.source = source
        self.at = 0
        self.written: list[str] = []
        self.offset = 0
        self.open: list[tuple[str, int, int]] = []  # (kind, UTF-16 offset, byte offset)
        self.entities: list[Entity] = []
        self.quote: int | None = None

    def wrong(self, words: str) -> Refusal:
        return Refusal(f"can't parse entities: {words}")

    def bytes_before(self, at: int) -> int:
        return len(self.source[:at].encode())

    def write(self, words: str) -> None:
        self.written.append(words)
        self.offset += utf16_length(words)

    def read(self) -> Formatted:
        while self.at < len(self.source):
            character = self.source[self.at]
            following = self.source[self.at + 1 : self.at + 2]
            if self.line_start() and self.quoting(character):
                continue
            if character == "\\" and following and ord(following) < 127:
                self.write(following)
                self.at += 2
            elif character == "\n":
                self.write("\n")
                self.at += 1
                self.end_quote()
            elif character in _RESERVED:
                self.mark(character)
            else:
                self.write(character)
                self.at += 1
        if self.open:
            kind, _, begin = self.open[-1]
            raise self.wrong(f"Can't find end of {_NAMES[kind]} entity at byte offset {begin}")
        self.end_quote(last=True)
        return Formatted("".join(self.written), tuple(self.entities))

    def line_start(self) -> bool:
        return self.at == 0 or self.source[self.at - 1] == "\n"

    def quoting(self, character: str) -> bool:
        lead = 1 if character == ">" else 3 if self.source.startswith("**>", self.at) and self.quote is None else 0
        if not lead:
            return False
        if self.quote is None:
            self.quote = self.offset
        self.at += lead
        return True

    def end_quote(self, *, last: bool = False) -> None:
        if self.quote is None or (not last and self.source.startswith(">", self.at)):
            return
        length = self.offset - self.quote - (0 if last else 1)
        if length > 0:
            self.entities.append(Entity("blockquote", self.quote, length))
        self.quote = None

    def mark(self, character: str) -> None:
        two = self.source[self.at : self.at + 2]
        if character == "`":
            self.code()
            return
        if two == "||" and self.ends_expandable():
            return
        sign = two if two in ("__", "||") else character
        if self.open and sign == "__" and self.open[-1][0] == "italic":
            sign = "_"  # as Telegram reads ___: the innermost first
        if sign in _MARKS:
            self.turn(_MARKS[sign], sign)
        elif character == "[" or two == "![":
            sign = two if two == "![" else "["
            self.open.append(("custom_emoji" if sign == "![" else "text_link", self.offset, self.bytes_before(self.at)))
            self.at += len(sign)
        elif character == "]" and self.open and self.open[-1][0] in ("text_link", "custom_emoji"):
            self.link()
        else:
            raise self.wrong(f"Character '{character}' is reserved and must be escaped with the preceding '\\'")

    def ends_expandable(self) -> bool:
        """A quotation that ends in an unpaired || is one that can be unfolded."""
        following = self.source[self.at + 2 : self.at + 3]
        if self.quote is None or following not in ("", "\n") or any(kind == "spoiler" for kind, _, _ in self.open):
            return False
        self.at += 2
        start, self.quote = self.quote, None
        self.add(Entity("expandable_blockquote", start, self.offset - start))
        return True

    def turn(self, kind: str, sign: str) -> None:
        begin = self.bytes_before(self.at)
        if self.open and self.open[-1][0] == kind:
            _, start, _ = self.open.pop()
            self.add(Entity(kind, start, self.offset - start))
        elif any(known == kind for known, _, _ in self.open):
            inner, _, inner_begin = self.open[-1]
            raise self.wrong(f"Can't find end of {_NAMES[inner]} entity at byte offset {inner_begin}")
        else:
            self.open.append((kind, self.offset, begin))
        self.at += len(sign)

    def add(self, entity: Entity) -> None:
        if entity.length > 0:
            self.entities.append(entity)

    def code(self) -> None:
        begin = self.bytes_before(self.at)
        fence = "```" if self.source.startswith("```", self.at) else "`"
        kind = "pre" if fence == "```" else "code"
        self.at += len(fence)
        language = ""
        if kind == "pre":
            match = re.match(r"([^\s`\\]+)\n|\n", self.source[self.at :])
            if match:
                language = match[1] or ""
                self.at += match.end()
        start = self.offset
        while not self.source.startswith(fence, self.at):
            if self.at >= len(self.source):
                raise self.wrong(f"Can't find end of {_NAMES[kind]} entity at byte offset {begin}")
            if self.source[self.at] == "`":
                raise self.wrong("Character '`' is reserved and must be escaped with the preceding '\\'")
            if self.source[self.at] == "\\" and self.source[self.at + 1 : self.at + 2] in ("`", "\\"):
                self.at += 1
            self.write(self.source[self.at])
            self.at += 1
        self.at += len(fence)
        self.add(Entity(kind, start, self.offset - start, language=language))

    def link(self) -> None:
        kind, start, _ = self.open.pop()
        self.at += 1
        words = "".join(self.written)[-(self.offset - start) :] if self.offset > start else ""
        target = words
        if self.source.startswith("(", self.at):
            begin = self.bytes_before(self.at)
            match = re.match(r"\(((?:\\.|[^)\\])*)\)", self.source[self.at :], re.DOTALL)
            if match is None:
                raise self.wrong(f"Can't find end of a URL at byte offset {begin}")
            target = re.sub(r"\\(.)", r"\1", match[1])
            self.at += match.end()
        elif kind == "custom_emoji":
            raise self.wrong("Custom emoji entity must contain a tg://emoji URL")
        if kind == "custom_emoji":
            emoji = re.fullmatch(r"tg://emoji\?id=(\d+)", target)
            if emoji is None:
                raise self.wrong("Custom emoji URL must have an emoji identifier")
            self.add(Entity(kind, start, self.offset - start, custom_emoji_id=emoji[1]))
        elif user := mentioned_user(target):
            self.add(Entity("text_mention", start, self.offset - start, user_id=user))
        elif url := checked_link(target):
            self.add(Entity("text_link", start, self.offset - start, url=url))


def parse_markdown(source: str) -> Formatted:
    """Read MarkdownV2. Raises Refusal (400, can't parse entities) with Telegram's wording."""
    return _Reader(source).read()


_OLD = re.compile(r"\\([_*`\[])|```(?:[^\s`]*\n)?|[_*`\[]")
_OLD_KINDS = {"_": "italic", "*": "bold", "`": "code"}


def parse_old_markdown(source: str) -> Formatted:
    """Read the old Markdown, which cannot nest. Raises Refusal with Telegram's wording."""
    written: list[str] = []
    entities: list[Entity] = []
    at = offset = 0
    while match := _OLD.search(source, at):
        lead = source[at : match.start()]
        written.append(lead)
        offset += utf16_length(lead)
        begin = len(source[: match.start()].encode())
        at = match.end()
        if match[1]:
            written.append(match[1])
            offset += 1
            continue
        sign = match.group()
        closing = "```" if sign.startswith("```") else "]" if sign == "[" else sign
        end = source.find(closing, at)
        if end < 0:
            raise Refusal(f"can't parse entities: Can't find end of the entity starting at byte offset {begin}")
        words, at = source[at:end], end + len(closing)
        written.append(words)
        length = utf16_length(words)
        target = words
        if sign == "[" and (url := re.match(r"\(([^)]*)\)", source[at:])):
            target, at = url[1], at + url.end()
        if sign == "[" and (link := checked_link(target)):
            entities.append(Entity("text_link", offset, length, url=link))
        elif sign != "[" and length:
            entities.append(Entity(_OLD_KINDS.get(sign, "pre"), offset, length))
        offset += length
    written.append(source[at:])
    return Formatted("".join(written), tuple(entities))
