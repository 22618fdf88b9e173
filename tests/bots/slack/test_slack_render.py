"""Any card and any form fits into Slack, and every word in it comes out as the word it is."""

import json
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bots.slack.fields import Identity
from bots.slack.payloads import translate
from bots.slack.render import (
    BAR,
    NOTIFICATION,
    Link,
    Picture,
    Shown,
    bare,
    home,
    home_blocks,
    message,
    modal,
    progress_line,
)
from bots.slack.words import unescape
from core.cards import Button, Card, Field, Form, Progress
from core.markup import escape, parse
from playground.slack.blockkit import problems_in_blocks, problems_in_view

Json = dict[str, Any]

HOSTILE = [
    "<!channel> <!here> <@U0ANN> <#C0ACME>",
    "*bold* _italic_ ~strike~ `code` ```block```",
    ":smile: :+1:",
    "&amp; &lt; <b>bold</b> </script>",
    "{{7*7}} ${7*7} %s",
    "\u202egnp.exe \u2066x\u2069 \u200b\u200d\ufeff",
    "👩‍👩‍👧‍👦🇩🇪👍🏽 ё́ ﷽ 漢字",
    "<https://evil.example|https://acme.com>",
    "> quote\n- list\n1. one\n# head",
    "[link](https://evil.example) ![i](x)",
    "@here @everyone #general",
    "\x00\x07\x1b[31m red \ud800",
]

words = st.text(max_size=40) | st.sampled_from(HOSTILE)
long_words = words | st.text(min_size=100, max_size=400).map(lambda text: text * 50)
lines = [*HOSTILE, "- a", "  - b", "3. c", "0. d", "1. e", "> q", "```\nx\n```", ""]
markdown = long_words | st.lists(st.sampled_from(lines)).map("\n".join)
odd_urls = ["mailto:ann@acme.com", "tg://user?id=1", "https://e.com/" + "a" * 3000, "javascript:x", "x y"]
urls = st.sampled_from(["https://example.com", "http://a.b/c?d=e&f=<g>", *odd_urls])
actions = st.text("abc.1", min_size=1, max_size=64)
tones = st.sampled_from(["", "primary", "danger"])
acting = st.builds(lambda label, action, tone: Button(label, action=action, tone=tone), long_words, actions, tones)
leading = st.builds(lambda label, url: Button(label, url=url), long_words, urls)
buttons = acting | leading
progress = st.integers(1, 200).flatmap(lambda total: st.builds(Progress, st.integers(0, total), st.just(total)))
cards = st.builds(
    Card,
    text=markdown,
    title=long_words,
    facts=st.lists(st.tuples(long_words, long_words), max_size=12).map(tuple),
    progress=st.none() | progress,
    note=markdown,
    rows=st.lists(st.lists(buttons, max_size=30).map(tuple), max_size=60).map(tuple),
)
media = (
    st.none()
    | st.builds(lambda url, alt: Picture(url=url, alt=alt), urls, long_words)
    | st.builds(lambda alt: Picture(file="F0123456789", alt=alt), long_words)
    | st.builds(Link, urls | st.just(""), long_words)
)
ids = st.text("abcdefgh-0123", min_size=1, max_size=40)
fields = st.builds(
    Field,
    id=ids,
    label=long_words,
    kind=st.sampled_from(["text", "multiline", "select", "date", "note"]),
    value=long_words | st.just("2026-12-01"),
    options=st.lists(st.tuples(ids, long_words), max_size=120, unique_by=lambda option: option[0]).map(tuple),
    required=st.booleans(),
    hint=long_words,
    longest=st.integers(0, 10_000),
)
forms = st.builds(
    Form,
    title=long_words,
    submit=long_words,
    cancel=long_words,
    action=st.text("abc.1", min_size=1, max_size=64),
    fields=st.lists(fields, max_size=20, unique_by=lambda field: field.id).map(tuple),
)

at_ease = settings(deadline=None, suppress_health_check=list(HealthCheck))
few = settings(at_ease, max_examples=20)  # Slack's published schema is slow to hold a large card against


@cache
def _schema(folder: Path) -> Json:
    read: Json = json.loads((folder / "slack-block-kit.schema.json").read_text())
    return read


def _fits(folder: Path, definition: str, value: Json) -> None:
    schema = {"$ref": f"#/definitions/{definition}", "definitions": _schema(folder)["definitions"]}
    jsonschema.Draft7Validator(schema).validate(_published(value))


def _published(value: Any) -> Any:
    """Without `offset` of lists, which Slack documents (reference: rich text block) and its published types forgot."""
    if isinstance(value, dict):
        listed = value.get("type") == "rich_text_list"
        return {key: _published(one) for key, one in value.items() if not (listed and key == "offset")}
    return [_published(one) for one in value] if isinstance(value, list) else value


def _texts(value: Any) -> list[str]:
    if isinstance(value, dict):
        own = [value["text"]] if isinstance(value.get("text"), str) else []
        return own + [text for one in value.values() for text in _texts(one)]
    return [text for one in value for text in _texts(one)] if isinstance(value, list) else []


@at_ease
@given(cards, media)
def test_any_card_keeps_every_limit_as_a_message_and_as_a_home(card: Card, shown: Shown | None) -> None:
    drawn = message(card, shown)

    assert problems_in_blocks(drawn.blocks) == []
    assert 1 <= len(drawn.text) <= NOTIFICATION
    assert sum(len(text) for text in _texts([b for b in drawn.blocks if b["type"] != "actions"])) <= 13_000
    assert problems_in_view(home(home_blocks(card, shown)), "home") == []
    assert problems_in_blocks(bare(card, shown).blocks) == []
    json.dumps(drawn.blocks, ensure_ascii=False).encode()


@few
@given(cards, media)
def test_any_card_is_what_slack_publishes_as_block_kit(specs: Path, card: Card, shown: Shown | None) -> None:
    _fits(specs, "MessagePayload", {"blocks": message(card, shown).blocks})
    _fits(specs, "HomeView", home(home_blocks(card, shown)))


@at_ease
@given(forms)
def test_any_form_keeps_every_limit(form: Form) -> None:
    view = modal(form, "T0HOME/C0ACME")

    assert problems_in_view(view, "modal") == []
    assert len(json.dumps(view)) < 250_000


@few
@given(forms)
def test_any_form_is_what_slack_publishes_as_a_modal(specs: Path, form: Form) -> None:
    _fits(specs, "ModalView", modal(form, "T0HOME/C0ACME"))


HARMLESS = set("header plain_text rich_text rich_text_section text context section actions button".split())  # noqa: SIM905


@given(st.lists(st.sampled_from(HOSTILE) | st.text(max_size=30), min_size=1, max_size=5))
def test_no_word_of_a_person_becomes_markup(said: list[str]) -> None:
    card = Card(
        text="Hello " + escape(" ".join(said)),
        title=said[0],
        facts=((said[0], said[-1]),),
        note=escape(said[-1]),
        rows=((Button(said[0] or "x", action="home"),),),
    )

    drawn = message(card)

    kinds = {element["type"] for element in _objects(drawn.blocks) if "type" in element}
    assert kinds <= {
        "header",
        "plain_text",
        "rich_text",
        "rich_text_section",
        "text",
        "context",
        "section",
        "actions",
        "button",
    }
    styles = [element["style"] for element in _objects(drawn.blocks) if isinstance(element.get("style"), dict)]
    assert styles in ([], [{"bold": True}], [{"bold": True}, {"bold": True}])  # a long title's and the label's only
    assert "<" not in drawn.text
    assert ">" not in drawn.text


def _objects(value: Any) -> list[Json]:
    if isinstance(value, dict):
        return [value, *(found for one in value.values() for found in _objects(one))]
    return [found for one in value for found in _objects(one)] if isinstance(value, list) else []


@pytest.mark.parametrize("hostile", HOSTILE[:11])
def test_hostile_words_are_shown_letter_by_letter(hostile: str) -> None:
    [block] = message(Card(escape(hostile))).blocks

    assert "".join(_texts(block)) == hostile
    assert unescape(message(Card(escape(hostile))).text) == hostile


def test_text_keeps_its_styles_lists_quotes_code_and_links() -> None:
    [block] = message(
        Card("**A** *b* ~~c~~ `d` [e](https://e.com)\n\n- f\n- g\n\n2. h\n3. i\n\n> j\n\n```\nk\n```")
    ).blocks

    assert block["elements"] == [
        {
            "type": "rich_text_section",
            "elements": [
                {"type": "text", "text": "A", "style": {"bold": True}},
                {"type": "text", "text": " "},
                {"type": "text", "text": "b", "style": {"italic": True}},
                {"type": "text", "text": " "},
                {"type": "text", "text": "c", "style": {"strike": True}},
                {"type": "text", "text": " "},
                {"type": "text", "text": "d", "style": {"code": True}},
                {"type": "text", "text": " "},
                {"type": "link", "url": "https://e.com", "text": "e"},
            ],
        },
        _list("bullet", "f", "g"),
        {**_list("ordered", "h", "i"), "offset": 1},
        {"type": "rich_text_quote", "elements": [{"type": "text", "text": "j"}]},
        {"type": "rich_text_preformatted", "elements": [{"type": "text", "text": "k", "style": {"code": True}}]},
    ]


def _list(style: str, *items: str) -> Json:
    sections = [{"type": "rich_text_section", "elements": [{"type": "text", "text": item}]} for item in items]
    return {"type": "rich_text_list", "style": style, "indent": 0, "elements": sections}


@given(st.lists(st.sampled_from(["word", "*a*", "**b**", "- c", "\n", "> d", "[e](https://e.com)"]), max_size=1500))
def test_a_long_text_is_cut_between_blocks_and_no_word_of_it_is_lost(parts: list[str]) -> None:
    text = " ".join(parts)
    expected = "".join(block.text for block in parse(text))

    shown = "".join("".join(_texts(block)) for block in message(Card(text)).blocks) if expected else ""

    kept = "".join(shown.split())
    assert kept == "".join(expected.split()) or (kept.endswith("…") and len(expected) > 7900)


def test_a_card_is_shown_in_its_order() -> None:
    card = Card(
        "Text",
        title="Title",
        facts=(("Owner", "Ann"), ("Due", "Friday")),
        progress=Progress(3, 8),
        note="Small",
        rows=((Button("Done", action="done.1.a", tone="primary"), Button("Guide", url="https://e.com")),),
    )

    drawn = message(card, Picture(url="https://e.com/a.png", alt="A screen"))

    assert [block["type"] for block in drawn.blocks] == [
        "image", "header", "rich_text", "rich_text", "section", "context", "actions",
    ]  # fmt: skip
    assert drawn.text == "Title\nText\nOwner: Ann\nDue: Friday\n▰▰▰▱▱▱▱▱ 3/8 · 37 %\nSmall"
    assert drawn.blocks[-1]["elements"] == [
        {
            "type": "button",
            "action_id": "0.0",
            "text": {"type": "plain_text", "text": "Done", "emoji": False},
            "value": "done.1.a",
            "style": "primary",
        },
        {
            "type": "button",
            "action_id": "0.1",
            "text": {"type": "plain_text", "text": "Guide", "emoji": False},
            "url": "https://e.com",
        },
    ]


@given(progress)
def test_a_bar_is_full_only_at_the_end_and_empty_only_at_the_start(made: Progress) -> None:
    bar = progress_line(made).partition(" ")[0]

    assert len(bar) == min(made.total, BAR)
    assert (bar.count("▰") == len(bar)) == (made.done == made.total)
    assert (bar.count("▰") == 0) == (made.done == 0)


def test_more_rows_than_a_message_holds_are_joined_and_keep_every_button() -> None:
    rows = tuple((Button(f"b{number}", action=f"a.{number}"),) for number in range(200))

    blocks = message(Card("Many", rows=rows)).blocks

    assert len(blocks) <= 50
    assert [e["value"] for b in blocks if b["type"] == "actions" for e in b["elements"]] == [
        f"a.{n}" for n in range(200)
    ]


def test_an_address_no_button_takes_is_still_told() -> None:
    blocks = message(Card("Hi", rows=((Button("Write", url="mailto:ann@vendor.com"),),))).blocks

    assert "Write: mailto:ann@vendor.com" in _texts(blocks)
    assert not [block for block in blocks if block["type"] == "actions"]


def test_a_filled_form_answers_under_the_ids_of_its_fields() -> None:
    form = Form(
        "Why?",
        "Send",
        "Cancel",
        "skip.7.team",
        (
            Field("about", "", kind="note", value="**Tell** us"),
            Field("reason", "Reason", kind="select", options=(("0", "No time"), ("1", "Not needed")), value="1"),
            Field("day", "When", kind="date", required=False),
            Field("words", "Words", kind="multiline", hint="Any language"),
        ),
    )
    view = modal(form)
    inputs = [block for block in view["blocks"] if block["type"] == "input"]
    answers = {"reason": {"selected_option": {"value": "0"}}, "day": {"selected_date": None}, "words": {"value": "x"}}
    state = {block["block_id"]: {block["element"]["action_id"]: answers[block["block_id"]]} for block in inputs}

    [filled] = translate(
        {
            "type": "view_submission",
            "user": {"id": "U1", "team_id": "T1"},
            "view": {**view, "id": "V1", "hash": "h", "state": {"values": state}},
        },
        Identity("T1", "U0BOT"),
    )

    assert getattr(filled, "action", "") == "skip.7.team"
    assert dict(getattr(filled, "answers", ())) == {"reason": "0", "day": "", "words": "x"}
    assert inputs[0]["element"]["initial_option"]["value"] == "1"
    assert inputs[1]["optional"]
