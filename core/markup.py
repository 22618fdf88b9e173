"""The Markdown of cards as a small tree, so that each messenger can draw it in its own way and nothing slips through.

Understood: paragraphs, **bold**, *italic*, ~~strike~~, `code`, fenced code, [links](https://example.com), bullet and
numbered lists, > quotes. Every line break typed is a line break shown. Headings become bold. Raw HTML, tables, entities
(`&amp;`) and indented code are plain text; a picture shows as its description.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Final, Literal

from markdown_it import MarkdownIt
from markdown_it.token import Token

LINK_SCHEMES: Final = ("http:", "https:", "mailto:", "tg:")
"""A link of any other kind is shown as it was typed."""


class Markdown(str):
    """A text that is Markdown already, values in it escaped: filled into another text it keeps its markup."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class Span:
    """A run of text in one style. `text` is never empty and may hold line breaks; `link` is empty or a web address."""

    text: str
    bold: bool = False
    italic: bool = False
    strike: bool = False
    code: bool = False
    link: str = ""


@dataclass(frozen=True, slots=True)
class Block:
    """One part of a text. Neighbouring list items stand on lines of their own, other blocks a blank line apart.

    A list item with several paragraphs is one block with line breaks. A quote is one block; a list inside it is lines.
    """

    kind: Literal["paragraph", "list_item", "quote", "code"]
    spans: tuple[Span, ...]
    depth: int = 0
    """Of a list item, or of code inside one: 0 is the outermost list."""
    ordinal: int | None = None
    """Of a list item: its number; None: a bullet."""
    language: str = ""
    """Of a code block: what stands behind its fence, one word."""

    @property
    def text(self) -> str:
        return "".join(span.text for span in self.spans)


# A text filled into Markdown must come out as typed wherever it lands: in bold, in a link, between backticks, at the
# start of a line. Backslashes do not work in half of these places, so each active character is swapped for a stand-in
# from the end of Unicode's private range, which Markdown takes for a letter, and swapped back when the text is read.
# One character stays one character: a text cut by length never ends in half an escape.
_ANYWHERE = "\\`*_~[]()<>\n\t"
_AT_THE_EDGES = (
    "!\"#$%&'+,-./:;=?@^{|} \x0b\x0c\x1c\x1d\x1e\x1f\x85\xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007"
    "\u2008\u2009\u200a\u2028\u2029\u202f\u205f\u3000"
)
_FIRST_STAND_IN = 0x10FF00
_STAND_INS = {letter: chr(_FIRST_STAND_IN + number) for number, letter in enumerate(_ANYWHERE + _AT_THE_EDGES)}
_STAND_INS_ANYWHERE = str.maketrans({letter: _STAND_INS[letter] for letter in _ANYWHERE})
_REVEALED = str.maketrans({stand_in: letter for letter, stand_in in _STAND_INS.items()})
_RESERVED = f"{chr(_FIRST_STAND_IN)}-{chr(_FIRST_STAND_IN + 0xFF)}"
_UNSHOWABLE = re.compile(f"[\ud800-\udfff{_RESERVED}]")
_ODD = re.compile(f"[\x00\r\ud800-\udfff{_RESERVED}]")
_STAND_IN = re.compile(f"[{_RESERVED}]")
_EDGE = re.escape(_AT_THE_EDGES)
_EDGES = re.compile(rf"^[{_EDGE}]+|[{_EDGE}]+$|(?<=^\d)[.]|(?<=^\d\d)[.]|^\d{{3,9}}[.]")


def escape(text: str) -> str:
    """Make any text come out of `parse` exactly as it is, wherever in Markdown it is filled in.

    Three things change: `\\r\\n` and `\\r` become `\\n`, NUL (which no database takes) is dropped, and what nobody can
    show (half surrogates and this module's own 256 stand-ins) becomes U+FFFD.
    """
    if _ODD.search(text):
        text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\x00", "")
        text = _UNSHOWABLE.sub("\N{REPLACEMENT CHARACTER}", text)
    return _EDGES.sub(_stand_in, text.translate(_STAND_INS_ANYWHERE))


def plain(markdown: str) -> str:
    """The text without its markup, for a notice or a label. List items get `•` or a number, links show their text."""
    lines: list[str] = []
    before: Block | None = None
    for block in parse(markdown):
        if before is not None:
            lines.append("\n" if before.kind == block.kind == "list_item" else "\n\n")
        if block.kind == "list_item":
            lines.append("  " * block.depth + _marker(block.ordinal))
        lines.append(block.text)
        before = block
    return "".join(lines)


def shortened(line: str, most: int) -> str:
    """A plain line as it fits into `most` characters (2 or more), cut behind a word; in one only if it is very long."""
    if len(line) <= most:
        return line
    head = line[: most - 1]
    whole = head if line[most - 1].isspace() else head.rpartition(" ")[0].rstrip()
    return (whole if len(whole) >= most // 2 else head).rstrip(" ,;:") + "…"


@lru_cache(maxsize=4096)
def parse(markdown: str) -> tuple[Block, ...]:
    """Read the Markdown; whatever is not understood is text, so there is no error. Blank text gives no blocks."""
    if "\r" in markdown or "\x00" in markdown:
        markdown = markdown.replace("\r\n", "\n").replace("\r", "\n").replace("\x00", "")
    if _BLOCK_MARKUP.search(markdown) is None:
        return tuple(_paragraphs(markdown))
    return tuple(_Reader().read(_PARSER.parse(markdown)))


def _stand_in(match: re.Match[str]) -> str:
    return "".join(_STAND_INS.get(letter, letter) for letter in match[0])


def _reveal(text: str) -> str:
    return text.translate(_REVEALED) if _STAND_IN.search(text) else text


def _marker(ordinal: int | None) -> str:
    return "• " if ordinal is None else f"{ordinal}. "


# Most texts are paragraphs alone; splitting those by hand takes a tenth of the time.
_BLOCK_MARKUP = re.compile(r"^[ \t]*(?:[-+*][ \t\n]|[-+*]\Z|[#>`~]|\d+[.)])", re.MULTILINE)
_BLANK_LINE = re.compile(r"\n[ \t]*(?:\n[ \t]*)+")


def _paragraphs(text: str) -> Iterator[Block]:
    for part in _BLANK_LINE.split(text):
        spans = _inline(_trimmed(part))
        if spans:
            yield Block("paragraph", spans)


def _trimmed(text: str) -> str:
    return "\n".join(line.strip(" \t") for line in text.split("\n")).strip()


class _Markdown(MarkdownIt):
    """Looks at a link as it will be followed, with stand-ins swapped back, before it is allowed."""

    def normalizeLink(self, url: str) -> str:  # noqa: N802 - the name is markdown-it's
        return super().normalizeLink(_reveal(url))

    def validateLink(self, url: str) -> bool:  # noqa: N802 - the name is markdown-it's
        scheme, colon, rest = url.partition(":")
        return f"{scheme.lower()}{colon}" in LINK_SCHEMES and len(rest.strip("/")) > 0


_PARSER = (
    _Markdown("zero", {"maxNesting": 20})
    .enable(
        [
            "fence",
            "blockquote",
            "list",
            "heading",
            "newline",
            "escape",
            "backticks",
            "strikethrough",
            "emphasis",
            "link",
            "image",
        ]
    )
    .enable(["emphasis", "link", "image", "balance_pairs", "fragments_join"])
)
_PARSER.core.ruler.disable("inline")  # the blocks' contents are read by _inline, which remembers them

_INLINE_MARKUP = re.compile(r"[*_~`\[\\]")
_STYLES: Final = {"strong": "bold", "em": "italic", "s": "strike"}


@lru_cache(maxsize=4096)
def _inline(text: str) -> tuple[Span, ...]:
    """The spans of one paragraph, item or line."""
    if _INLINE_MARKUP.search(text) is None:
        return (Span(_reveal(text)),) if text else ()
    tokens: list[Token] = []
    _PARSER.inline.parse(text, _PARSER, {}, tokens)
    return tuple(_spans(tokens))


def _spans(tokens: Sequence[Token]) -> list[Span]:
    depths = {"bold": 0, "italic": 0, "strike": 0}
    link = ""
    runs: list[tuple[str, Span]] = []
    for token in tokens:
        text = ""
        match token.type:
            case "text" | "text_special" | "code_inline" | "image":
                text = _reveal(token.content)
            case "softbreak" | "hardbreak":
                text = "\n"
            case "link_open":
                link = str(token.attrs.get("href", ""))
            case "link_close":
                link = ""
            case other:
                depths[_STYLES[other.rpartition("_")[0]]] += token.nesting
        if not text:
            continue
        bold, italic, strike = (depth > 0 for depth in depths.values())
        style = Span("", bold, italic, strike, token.type == "code_inline", link)
        if runs and runs[-1][1] == style:
            text = runs.pop()[0] + text
        runs.append((text, style))
    return [Span(text, run.bold, run.italic, run.strike, run.code, run.link) for text, run in runs]


class _Reader:
    """Walks markdown-it's flat tokens once and gathers blocks."""

    def __init__(self) -> None:
        self.done: list[Block] = []
        self.lists: list[int | None] = []  # of each open list: its next number, or None for bullets
        self.quotes = 0  # how many are open
        self.quote: list[Span] = []
        self.marker = ""  # of an item inside a quote, until its first line
        self.heading = False

    def read(self, tokens: Sequence[Token]) -> list[Block]:
        for token in tokens:
            match token.type:
                case "bullet_list_open":
                    self.lists.append(None)
                case "ordered_list_open":
                    self.lists.append(int(token.attrs.get("start", 1)))
                case "bullet_list_close" | "ordered_list_close":
                    self.lists.pop()
                case "list_item_open":
                    self._open_item()
                case "blockquote_open":
                    self.quotes += 1
                case "blockquote_close":
                    self._close_quote()
                case "heading_open" | "heading_close":
                    self.heading = token.nesting == 1
                case "inline":
                    spans = _inline(_trimmed(token.content))
                    self._write(tuple(replace(span, bold=True) for span in spans) if self.heading else spans)
                case "fence":
                    self._write_code(token)
                case _:
                    pass  # paragraph_open and the like: their content comes as `inline`
        return [block for block in self.done if block.spans or block.kind == "list_item"]

    def _open_item(self) -> None:
        number = self.lists[-1]
        if number is not None:
            self.lists[-1] = number + 1
        depth = len(self.lists) - 1
        if self.quotes:
            self.marker = "  " * depth + _marker(number)
        else:
            self.done.append(Block("list_item", (), depth, number))

    def _close_quote(self) -> None:
        self.quotes -= 1
        if not self.quotes:
            self.done.append(Block("quote", tuple(self.quote)))
            self.quote = []

    def _write(self, spans: tuple[Span, ...]) -> None:
        if not spans:
            return
        if self.quotes:
            start = ("\n" if self.quote else "") + self.marker
            self.marker = ""
            self.quote += [Span(start), *spans] if start else spans
        elif self.lists and self.done[-1].kind == "list_item":
            item = self.done[-1]
            self.done[-1] = replace(item, spans=(*item.spans, Span("\n"), *spans) if item.spans else spans)
        else:
            self.done.append(Block("paragraph", spans, max(0, len(self.lists) - 1)))

    def _write_code(self, token: Token) -> None:
        text = _reveal(token.content).removesuffix("\n")
        if self.quotes:
            self._write((Span(text, code=True),) if text else ())
        elif text:
            language = next(iter(_reveal(token.info).split()), "")
            self.done.append(Block("code", (Span(text, code=True),), max(0, len(self.lists) - 1), language=language))
