"""Formatted text: what goes in as Telegram's HTML or Markdown comes out as words, entities and safe HTML."""

import html
import re
from collections.abc import Callable
from html.parser import HTMLParser

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from playground.telegram.entities import Entity, Formatted, normalised, to_html, utf16_length, with_found
from playground.telegram.parse_html import parse_html
from playground.telegram.parse_markdown import parse_markdown, parse_old_markdown
from playground.telegram.wire import Refusal
from playground.telegram.wording import said

WORDS = st.text(st.characters(codec="utf-8"), max_size=40)


@pytest.mark.parametrize(
    ("source", "text", "entities"),
    [
        ("<b>a</b>b", "ab", (Entity("bold", 0, 1),)),
        ("😀<i>a<u>b</u></i>", "😀ab", (Entity("underline", 3, 1), Entity("italic", 2, 2))),
        (
            '<a href="https://a.example/?x=1&amp;y=2">go</a>',
            "go",
            (Entity("text_link", 0, 2, "https://a.example/?x=1&y=2"),),
        ),
        ('<a href="tg://user?id=5">Ann</a>', "Ann", (Entity("text_mention", 0, 3, user_id=5),)),
        ('<a href="nonsense">go</a>', "go", ()),
        ("<pre><code class='language-py'>x</code></pre>", "x", (Entity("pre", 0, 1, language="py"),)),
        ("<code class='language-py'>x</code>", "x", (Entity("code", 0, 1),)),
        ("<blockquote expandable>q</blockquote>", "q", (Entity("expandable_blockquote", 0, 1),)),
        ('<span class="tg-spoiler">s</span>', "s", (Entity("spoiler", 0, 1),)),
        ("&lt;b&gt; &amp;amp; &#33; &#x21; &nbsp; & &copy;", "<b> &amp; ! ! &nbsp; & &copy;", ()),
        ("<B>a</b>", "a", (Entity("bold", 0, 1),)),
        ("<b></b>a", "a", ()),
    ],
)
def test_html_is_read_as_telegram_reads_it(source: str, text: str, entities: tuple[Entity, ...]) -> None:
    assert parse_html(source) == Formatted(text, entities)


@pytest.mark.parametrize(
    ("source", "text", "entities"),
    [
        ("*a* _b_ __c__ ~d~ ||e||", "a b c d e", ["bold", "italic", "underline", "strikethrough", "spoiler"]),
        (r"1\. a\!", "1. a!", []),
        ("`a.b`", "a.b", ["code"]),
        ("```py\na_b\n```", "a_b\n", ["pre"]),
        (r"[a\.b](https://a.example/\))", "a.b", ["text_link"]),
        (">q1\n>q2\nrest", "q1\nq2\nrest", ["blockquote"]),
        ("*a _b_*", "a b", ["italic", "bold"]),
    ],
)
def test_markdown_is_read_as_telegram_reads_it(source: str, text: str, entities: list[str]) -> None:
    parsed = parse_markdown(source)

    assert parsed.text == text
    assert [entity.type for entity in parsed.entities] == entities


def test_the_old_markdown_still_reads() -> None:
    parsed = parse_old_markdown(r"*a* _b_ `c` [d](https://d.example/) \_")

    assert parsed.text == "a b c d _"
    assert [entity.type for entity in parsed.entities] == ["bold", "italic", "code", "text_link"]


@settings(deadline=None)
@given(WORDS)
def test_escaped_words_come_through_html_unharmed(words: str) -> None:
    assert parse_html(html.escape(words, quote=False)).text == words


@settings(deadline=None)
@given(WORDS)
def test_escaped_words_come_through_markdown_unharmed(words: str) -> None:
    escaped = re.sub(r"([_*\[\]()~`>#+\-=|{}.!\\])", r"\\\1", words)

    assert parse_markdown(escaped).text == words


@settings(deadline=None)
@given(st.text(st.sampled_from("<>/&;=\"' abipre-#x1é😀\n*_[]()~`|.!\\"), max_size=60))
@pytest.mark.parametrize("parse", [parse_html, parse_markdown, parse_old_markdown])
def test_any_markup_is_read_or_refused(parse: Callable[[str], Formatted], source: str) -> None:
    parsed, words = Formatted(), "Bad Request: can't parse entities: none"
    try:
        parsed = parse(source)
    except Refusal as refusal:
        words = refusal.description

    assert words.startswith("Bad Request: can't parse entities: ")
    end = utf16_length(parsed.text)
    assert all(0 <= entity.offset < entity.end <= end for entity in parsed.entities)


class Page(HTMLParser):
    """Reads the words off a page and checks that its tags close in order."""

    def __init__(self) -> None:
        super().__init__()
        self.words, self.open = "", list[str]()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "br":
            self.words += "\n"
        else:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.words += data


KINDS = ("bold", "italic", "code", "pre", "spoiler", "text_link", "url", "mention", "blockquote")


@settings(deadline=None)
@given(
    st.text(st.sampled_from("ab<>&\"' \n😀"), max_size=12),
    st.lists(st.tuples(st.sampled_from(KINDS), st.integers(0, 12), st.integers(1, 12)), max_size=5),
)
def test_any_entities_even_crossing_ones_make_a_proper_page(text: str, spans: list[tuple[str, int, int]]) -> None:
    end = utf16_length(text)
    entities = tuple(
        Entity(kind, offset, length, url="javascript:alert(1)" if kind == "text_link" else "")
        for kind, offset, length in spans
        if offset + length <= end
    )

    page = Page()
    written = to_html(Formatted(text, entities))
    page.feed(written)
    page.close()

    assert page.words == text
    assert page.open == []
    assert 'href="javascript:' not in written


@settings(deadline=None)
@given(WORDS, st.lists(st.tuples(st.integers(0, 40), st.integers(1, 40)), max_size=4))
def test_cleaning_keeps_entities_inside_the_text(words: str, spans: list[tuple[int, int]]) -> None:
    end = utf16_length(words)
    given = Formatted(words, tuple(Entity("bold", start, size) for start, size in spans if start + size <= end))

    cleaned = with_found(normalised(given))

    assert all(0 <= entity.offset < entity.end <= utf16_length(cleaned.text) for entity in cleaned.entities)
    assert normalised(cleaned).text == cleaned.text


def test_telegram_finds_commands_links_and_names_by_itself() -> None:
    words = said("/start a https://a.example/x. @some_bot #tag me@a.example 3/4 and/or")

    found = {words.text[entity.offset : entity.end]: entity.type for entity in words.entities}
    assert found == {
        "/start": "bot_command",
        "https://a.example/x": "url",
        "@some_bot": "mention",
        "#tag": "hashtag",
        "me@a.example": "email",
    }


def test_invisible_characters_stay_beside_visible_ones_and_are_nothing_alone() -> None:
    assert said(" \u200bhidden \n").text == "\u200bhidden"
    assert said(" \u200b\u2800 ") == Formatted()
