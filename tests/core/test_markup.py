"""What people type comes out as they typed it, and what authors mark up comes out marked up."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from core import markup
from core.markup import Block, Span, escape, parse, plain, shortened

HOSTILE = [
    "",
    " ",
    "**bold** _it_ ~~no~~ `code`",
    "{{7*7}} {% raw %}",
    "<!channel> <@U123> <b>x</b> &amp; &",
    "[x](https://evil.example) ![y](https://evil.example/p.png) <https://evil.example>",
    "# not a heading",
    "1. not a list",
    "12) not a list",
    "- no\n- list",
    "> no quote",
    "+ no",
    "    indented\n\tby a tab",
    "a\n\n\n\nb\n",
    "```\nfence\n```",
    "``",
    "`",
    "\\",
    "\\*",
    "a  \nb",
    "\u202eright to left\u202c \u200b\u200d\ufeff👩‍👩‍👧‍👦",
    "---\n===\n***",
    "| a | b |\n|---|---|",
    "[ref]: https://evil.example",
    "\u3000wide blanks\u3000",
    "\x0b\x0c\x1c\x85\u2028",
]
showable = st.characters(
    exclude_categories=["Cs"], exclude_characters="\x00\r" + "".join(map(chr, range(0x10FF00, 0x110000)))
)
any_text = st.text(showable) | st.text("*_`~[]()#>-+1.\n\t \\!<&")
LINE_PLACES = ["- {}", "1. {}", "> {}", "# {}", "x\n{}", "1{}", "{}{}", "!{}"]


def shown(markdown: str) -> str:
    return "\n".join(block.text for block in parse(markdown))


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_comes_out_as_typed(text: str) -> None:
    assert shown(escape(text)) == text


@given(any_text)
def test_any_text_comes_out_as_typed(text: str) -> None:
    assert shown(escape(text)) == text


@given(any_text.filter(bool), st.sampled_from(["**{}**", "*{}*", "~~{}~~", "`{}`", "[{}](https://a.example)"]))
@example("*", "**{}**")
@example(" ", "**{}**")
@example("\n\n", "`{}`")
def test_any_text_can_be_filled_into_markup(text: str, place: str) -> None:
    (block,) = parse(place.format(escape(text)))

    assert [span.text for span in block.spans] == [text]
    assert block.spans[0] != Span(text)


@given(any_text.filter(bool), st.sampled_from(LINE_PLACES))
def test_a_text_filled_in_starts_no_markup_of_its_own(text: str, place: str) -> None:
    blocks = parse(place.format(*[escape(text)] * place.count("{}")))

    visible = place.lstrip("->#") if place[0] in "->#" or place == "1. {}" else place
    visible = visible.removeprefix("1.").lstrip() if place == "1. {}" else visible.lstrip()
    assert [block.text for block in blocks] == [visible.replace("{}", text)]


def test_an_escaped_text_has_as_many_characters_as_before() -> None:
    text = "**a**\n[b](c)"

    assert len(escape(text)) == len(text)


def test_line_ends_are_made_alike_and_what_cannot_be_shown_is_replaced() -> None:
    assert shown(escape("a\r\nb\rc\x00d\ud800e\U0010ff05f")) == "a\nb\ncd\ufffde\ufffdf"


def test_a_link_built_from_a_value_is_looked_at_as_it_will_be_followed() -> None:
    assert parse(f"[x]({escape('javascript:alert(1)')})")[0].spans[0].link == ""
    assert parse(f"[x]({escape('https://a.example/?q=_1_')})")[0].spans[0].link == "https://a.example/?q=_1_"


@pytest.mark.parametrize(
    ("url", "followed"),
    [
        ("https://a.example/x_y_z", "https://a.example/x_y_z"),
        ("http://a.example", "http://a.example"),
        ("mailto:ann@a.example", "mailto:ann@a.example"),
        ("tg://resolve?domain=x", "tg://resolve?domain=x"),
    ],
)
def test_links_of_known_kinds_can_be_followed(url: str, followed: str) -> None:
    assert parse(f"[see]({url})")[0].spans == (Span("see", link=followed),)


@pytest.mark.parametrize(
    "url", ["javascript:alert(1)", "data:text/html,x", "file:///etc/passwd", "/x", "x", "https://", "HTTPS:"]
)
def test_links_of_other_kinds_are_text(url: str) -> None:
    assert parse(f"[see]({url})")[0].spans == (Span(f"[see]({url})"),)


def test_styles_combine() -> None:
    (block,) = parse("a **b *c* ~~d~~** `e*` [f **g**](https://h.example)")

    assert block.spans == (
        Span("a "),
        Span("b ", bold=True),
        Span("c", bold=True, italic=True),
        Span(" ", bold=True),
        Span("d", bold=True, strike=True),
        Span(" "),
        Span("e*", code=True),
        Span(" "),
        Span("f ", link="https://h.example"),
        Span("g", bold=True, link="https://h.example"),
    )


def test_lists_keep_their_numbers_and_depth() -> None:
    blocks = parse("- a\n- b\n  1. c\n  2. d\n\n     more\n- e")

    assert [(block.kind, block.depth, block.ordinal, block.text) for block in blocks] == [
        ("list_item", 0, None, "a"),
        ("list_item", 0, None, "b"),
        ("list_item", 1, 1, "c"),
        ("list_item", 1, 2, "d\nmore"),
        ("list_item", 0, None, "e"),
    ]


def test_a_quote_is_one_block_with_its_list_as_lines() -> None:
    assert [(block.kind, block.text) for block in parse("> a\n> b\n>\n> - c\n> - d\n\ne\n\n> f")] == [
        ("quote", "a\nb\n• c\n• d"),
        ("paragraph", "e"),
        ("quote", "f"),
    ]


def test_fenced_code_keeps_its_blanks_and_language() -> None:
    assert parse("```sh\n  curl **x**\n\n  y\n```") == (
        Block("code", (Span("  curl **x**\n\n  y", code=True),), language="sh"),
    )


def test_a_heading_becomes_bold() -> None:
    assert parse("## Now *this*\ntext") == (
        Block("paragraph", (Span("Now ", bold=True), Span("this", bold=True, italic=True))),
        Block("paragraph", (Span("text"),)),
    )


@pytest.mark.parametrize("text", ["<b>x</b>", "<script>", "| a |\n|---|", "&amp; &nbsp;", "---", "<https://a.example>"])
def test_what_is_not_understood_is_text(text: str) -> None:
    assert parse(text) == (Block("paragraph", (Span(text),)),)


def test_a_picture_shows_as_its_description() -> None:
    assert shown("![A chart](https://a.example/c.png)!") == "A chart!"


def test_plain_text_keeps_the_lines_and_drops_the_marks() -> None:
    assert plain("**Hi** [you](https://a.example)\n\n1. a\n2. b\n   - c\n\n> q") == "Hi you\n\n1. a\n2. b\n  • c\n\nq"


@pytest.mark.parametrize(
    ("line", "short"),
    [
        ("It takes more than two", "It takes more than two"),
        ("It takes more than two minutes", "It takes more than…"),
        ("It takes more than a, minute", "It takes more than a…"),
        ("It https://a.example/long/and/longer", "It https://a.example/…"),
    ],
)
def test_a_line_is_cut_behind_a_word_unless_the_word_is_very_long(line: str, short: str) -> None:
    assert shortened(line, 22) == short


@given(st.text("ab ,…"), st.integers(2, 30))
def test_a_line_cut_short_fits(line: str, most: int) -> None:
    assert len(shortened(line, most)) <= most


@given(st.text("ab*_`~[](): /#>-+1.\n\t \\!<&|=\r\x00"))
def test_reading_paragraphs_by_hand_agrees_with_the_library(text: str) -> None:
    by_hand = parse(text)

    normal = text.replace("\r\n", "\n").replace("\r", "\n").replace("\x00", "")
    assert tuple(markup._Reader().read(markup._PARSER.parse(normal))) == by_hand


@given(st.text())
def test_no_text_is_too_odd_to_read(text: str) -> None:
    for block in parse(text):
        assert all(span.text for span in block.spans)
