"""Any card fits Telegram, and hostile words come out as words."""

import json
import re

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from bots.telegram.cut import LONGEST_CAPTION, LONGEST_RAW, LONGEST_TEXT, MOST_ENTITIES, cut
from bots.telegram.marks import Run, cleaned
from bots.telegram.render import Drawn, progress_bar, render
from core import markup
from core.cards import Button, Card, Media, Progress
from playground.telegram.entities import Formatted, normalised
from playground.telegram.keyboards import read_markup
from playground.telegram.parse_html import parse_html
from playground.telegram.wire import Params

HOSTILE = [
    "<b>bold</b> & </b> <script>alert(1)</script> <a href='x'>",
    "{{7*7}} {% x %} ${x} %s {0}",
    "<!channel> <@U1> @everyone",
    "\u202egnp.exe\u202c \u200b\u200d\ufeff",
    "👩‍👩‍👧‍👦" * 50,
    "z" + "\u0301" * 300,
    "**unclosed `code [link](javascript:alert(1)) ~~x",
    "\x00\x01\x1b[31m\r\n\x85",
    "&amp;lt; &#60; &notanentity;",
    "a" * 9000,
    " \n\u2800\u200b",
    "🇩🇪" * 30,
]
SIGNS = "<>&\"'*_`~[]()\n #>-1.|\\\u200d\u0301\u202e🇩👩"
chars = st.characters(codec="utf-8", max_codepoint=0x10FEFF) | st.sampled_from(SIGNS)  # beyond: core.markup's own
texts = st.text(chars, max_size=200) | st.sampled_from(HOSTILE)
long_texts = st.builds(lambda text, times: text * times, texts, st.integers(1, 60))
actions = st.text("abc.019й", min_size=1, max_size=70)
urls = st.sampled_from(
    ["https://example.com/?a=<b>&c", "http://localhost:1/x", "http://10.0.0.1:8080", "tg://x", "ftp://no"]
)
buttons = st.builds(
    lambda label, action, url, tone: Button(label, "" if url else action, url, tone),
    texts,
    actions,
    st.just("") | urls,
    st.sampled_from(["", "primary", "danger"]),
)
media = st.builds(
    Media,
    st.sampled_from(["photo", "video", "voice", "file"]),
    st.sampled_from(
        ["telegram:X", "content:a.mp4", "https://example.com/a.png", "https://v.example.com/watch?v=1", "http://x"]
    ),
    texts,
)
cards = st.builds(
    Card,
    text=long_texts,
    title=texts,
    facts=st.lists(st.tuples(texts, texts), max_size=4).map(tuple),
    progress=st.none() | st.builds(Progress, st.integers(0, 300), st.integers(1, 300)),
    note=long_texts,
    media=st.none() | media,
    rows=st.lists(st.lists(buttons, max_size=9).map(tuple), max_size=3).map(tuple),
)


def read(html: str) -> Formatted:
    return normalised(parse_html(html))


def shown(drawn: Drawn) -> str:
    return "\n\n".join(piece.words.plain for piece in drawn.pieces)


@settings(max_examples=80, deadline=None)
@given(cards)
@example(Card("[x](https://example.com/" + "&" * 2000 + ") " * 40))
@example(Card("".join(f"**{n}** *i* `c` " for n in range(200))))
def test_any_card_keeps_every_limit(card: Card) -> None:
    drawn = render(card)

    assert drawn.pieces
    for place, piece in enumerate(drawn.pieces):
        assert len(piece.words.html.encode()) <= LONGEST_RAW
        parsed = read(piece.words.html)
        assert parsed.text == piece.words.plain
        assert len(parsed.entities) <= MOST_ENTITIES
        if piece.media:
            assert place == 0
            assert len(parsed.text) <= LONGEST_CAPTION
        else:
            assert 1 <= len(parsed.text) <= LONGEST_TEXT
    if drawn.keyboard:
        keyboard = read_markup(Params({"reply_markup": json.dumps(drawn.keyboard)}))  # refuses what Telegram refuses
        assert keyboard is not None
        assert sum(map(len, keyboard.rows)) == json.dumps(drawn.keyboard).count('"text": ')


@pytest.mark.parametrize("hostile", HOSTILE)
def test_hostile_words_come_out_as_words(hostile: str) -> None:
    drawn = render(Card(f"Hi {markup.escape(hostile)}!", title=f"T {hostile}", facts=(("L", hostile),)))

    expected = cleaned(f"T {hostile}\n\nHi {hostile}!\n\nL: {hostile}")
    unspaced = re.sub(r"\s|\u200b|\u2800", "", shown(drawn))
    assert unspaced == re.sub(r"\s|\u200b|\u2800", "", expected)


@settings(max_examples=100, deadline=None)
@given(st.text(chars, min_size=1, max_size=300))
def test_escaped_text_shows_as_typed(text: str) -> None:
    typed = text.replace("\r\n", "\n").replace("\r", "\n").replace("\0", "")

    drawn = render(Card(f"A {markup.escape(text)} Z"))

    assert shown(drawn) == cleaned(f"A {typed} Z")


@settings(max_examples=100, deadline=None)
@given(st.lists(st.tuples(texts, st.sampled_from([(), ("b",), ("i",), ("blockquote", "b"), ("pre",)])), max_size=8))
def test_cutting_loses_nothing_but_blanks(parts: list[tuple[str, tuple[str, ...]]]) -> None:
    runs = [Run(cleaned(text), tags) for text, tags in parts]

    pieces = cut(runs, 50)

    whole = "".join(run.text for run in runs)
    blanks = re.compile(r"[\s\u2000-\u200b\u2028\u2029\u2800]")
    kept = blanks.sub("", "".join(piece.plain for piece in pieces))
    assert all(len(piece.plain) <= 50 for piece in pieces)
    if any(letter.isalnum() for letter in kept):
        remains = iter(blanks.sub("", whole))
        assert all(letter in remains for letter in kept)  # in order, nothing twice


def test_a_text_is_cut_between_paragraphs_then_lines_then_words() -> None:
    paragraphs = cut([Run(("p" * 30 + "\n\n") * 3)], 70)
    lines = cut([Run(("l" * 30 + "\n") * 3)], 70)
    words = cut([Run("word " * 30)], 72)

    assert [len(piece.plain) for piece in paragraphs] == [62, 30]
    assert [len(piece.plain) for piece in lines] == [61, 30]
    assert all(piece.plain.startswith("word") and piece.plain.endswith("word") for piece in words)


@pytest.mark.parametrize(
    "sign", ["👩‍👩‍👧‍👦", "🇩🇪", "👍🏽", "e\u0301\u0323", "한", "क्षि", "1️⃣", "🏴\U000e0067\U000e0062\U000e007f"]
)
@pytest.mark.parametrize("shift", range(7))
def test_a_sign_of_many_characters_is_not_cut(sign: str, shift: int) -> None:
    pieces = cut([Run("x" * shift + sign * 20)], 22)

    assert all(piece.plain.strip("x").replace(sign, "") == "" for piece in pieces)


def test_tags_are_closed_and_opened_again_where_a_message_ends() -> None:
    pieces = cut([Run("one two", ("blockquote", "b")), Run(" three", ("blockquote",))], 6)

    assert [piece.html for piece in pieces] == [
        "<blockquote><b>one</b></blockquote>",
        "<blockquote><b>two</b></blockquote>",
        "<blockquote>three</blockquote>",
    ]


def test_a_card_is_drawn_in_its_order() -> None:
    card = Card(
        "Connect **it**.\n\n- one\n- [two](https://example.com)",
        title="Step 1 <of> 2",
        facts=(("Owner", "Ann & Co"), ("Due", "12 Nov")),
        progress=Progress(3, 8),
        note="Ask *anytime*",
    )

    assert render(card).pieces[0].words.html == (
        '<b>Step 1 &lt;of&gt; 2</b>\n\nConnect <b>it</b>.\n\n• one\n• <a href="https://example.com">two</a>\n\n'
        "<b>Owner:</b> Ann &amp; Co\n<b>Due:</b> 12 Nov\n\n▰▰▰▱▱▱▱▱ 3/8 · 37 %\n\n<i>Ask anytime</i>"
    )


@pytest.mark.parametrize(
    ("done", "total", "bar"),
    [
        (0, 5, "▱▱▱▱▱ 0/5 · 0 %"),
        (3, 5, "▰▰▰▱▱ 3/5 · 60 %"),
        (5, 5, "▰▰▰▰▰ 5/5 · 100 %"),
        (1, 200, "▰▱▱▱▱▱▱▱▱▱ 1/200 · 0 %"),
        (199, 200, "▰▰▰▰▰▰▰▰▰▱ 199/200 · 99 %"),
        (9, 3, "▰▰▰ 3/3 · 100 %"),
    ],
)
def test_progress_is_readable_without_colour(done: int, total: int, bar: str) -> None:
    assert progress_bar(Progress(done, total)) == bar


def test_a_link_telegram_would_drop_is_written_out() -> None:
    card = Card("[here](http://localhost:8000/x)", rows=((Button("Open", url="http://localhost/y"),),))

    drawn = render(card)

    assert shown(drawn) == "here (http://localhost:8000/x)\n\nOpen: http://localhost/y"
    assert drawn.keyboard is None


def test_code_stands_alone() -> None:
    drawn = render(Card("**a `b` c**\n\n```python\nx < 1\n```\n\n> quote `q`"))

    assert drawn.pieces[0].words.html == (
        "<b>a </b><code>b</code><b> c</b>\n\n"
        '<pre><code class="language-python">x &lt; 1</code></pre>\n\n<blockquote>quote <code>q</code></blockquote>'
    )


def test_a_decomposed_ring_keeps_its_letter() -> None:
    assert shown(render(Card("A\u030ase"))) == "Åse"


def test_a_card_of_nothing_still_shows_something() -> None:
    assert shown(render(Card(" \u200b\n"))) == "…"


def test_many_buttons_are_wrapped_at_eight_and_end_at_a_hundred() -> None:
    drawn = render(Card("x", rows=(tuple(Button(f"B{n}", f"a.{n}") for n in range(120)),)))

    assert drawn.keyboard is not None
    keyboard = read_markup(Params({"reply_markup": json.dumps(drawn.keyboard)}))
    assert keyboard is not None
    assert [len(row) for row in keyboard.rows] == [8] * 12 + [4]


def test_wordy_buttons_are_shortened_until_they_fit() -> None:
    rows = tuple((Button("ы" * 90, f"a.{n}"),) for n in range(90))

    drawn = render(Card("x", rows=rows))

    assert drawn.keyboard is not None
    keyboard = read_markup(Params({"reply_markup": json.dumps(drawn.keyboard)}))
    assert keyboard is not None
    assert {button.text for row in keyboard.rows for button in row} == {"ы" * 23 + "…"}
    assert len(keyboard.rows) == 90


def test_a_button_with_too_much_behind_it_is_left_out() -> None:
    drawn = render(Card("x", rows=((Button("No", "й" * 33), Button("Yes", "й" * 32)),)))

    assert drawn.keyboard == {"inline_keyboard": [[{"text": "Yes", "callback_data": "й" * 32}]]}
