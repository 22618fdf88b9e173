"""Cards and forms as Slack draws them: Block Kit within its limits, and the words a notification reads aloud."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any, TypeAlias

from bots.slack.texts import clean, linkable, plain_text, rich_text, section, shorten, size
from bots.slack.words import escape
from core.cards import Button, Card, Field, Form, Progress
from core.markup import Block, Span, parse
from core.markup import plain as without_markup

Json: TypeAlias = dict[str, Any]

# docs.slack.dev: reference/block-kit and its doc comments in @slack/types.
MESSAGE_BLOCKS, VIEW_BLOCKS = 50, 100
HEADER, BUTTON, BUTTONS_IN_A_ROW = 150, 75, 25
MODAL_TITLE, OPTION, OPTIONS, OPTION_VALUE, LABEL, TYPED = 24, 75, 100, 150, 2000, 3000
ALT_TEXT = 2000

# All blocks of a message together hold about 13,000 characters (`msg_blocks_too_long`, unpublished), so a card's parts
# share that. Longer texts are the content check's to refuse; people's own words are cut here.
TITLE, TEXT, FACTS, NOTE = 300, 8000, 2000, 1000
FACT_LABEL, FACT_VALUE = 150, 600
NOTIFICATION = 3800
"""Of the top-level text: chat.update refuses 4,000 and more when it stands alone (`msg_too_long`)."""
BAR = 10
"""Signs in a progress bar at most, one for each step up to there. Full and empty differ in shape, not in colour."""

_HALF_AN_ENTITY = re.compile(r"&[a-z]{0,3}$")


@dataclass(frozen=True, slots=True)
class Picture:
    """An image that is part of the card: on the web, or a file in Slack. Exactly one of `url` and `file` is set."""

    url: str = ""
    file: str = ""
    alt: str = ""


@dataclass(frozen=True, slots=True)
class Link:
    """Media that stands elsewhere. Without a url only its name is shown: it could not be had."""

    url: str
    name: str


Shown: TypeAlias = Picture | Link


@dataclass(frozen=True, slots=True)
class Message:
    text: str
    """In Slack's escaping; what notifications and screen readers say."""
    blocks: list[Json]


def message(card: Card, shown: Shown | None = None) -> Message:
    """The card as a chat message of at most 50 blocks. `shown`: what became of the card's media."""
    return Message(notification(card, shown), _blocks(card, shown, MESSAGE_BLOCKS))


def bare(card: Card, shown: Shown | None = None) -> Message:
    """The card's words alone, for when Slack refuses its layout."""
    words = "\n".join(_lines(card, shown))
    return Message(notification(card, shown), [{"type": "section", "text": plain_text(words, TYPED)}])


def home(blocks: list[Json]) -> Json:
    return {"type": "home", "blocks": blocks}


def home_blocks(card: Card, shown: Shown | None = None) -> list[Json]:
    """The card as an App Home of at most 100 blocks."""
    return _blocks(card, shown, VIEW_BLOCKS)


def notification(card: Card, shown: Shown | None = None) -> str:
    """Everything the card says in one text of at most NOTIFICATION characters, escaped so that nobody is pinged."""
    escaped = escape(clean(shorten("\n".join(_lines(card, shown)), NOTIFICATION)))
    if len(escaped) > NOTIFICATION:
        escaped = _HALF_AN_ENTITY.sub("", escaped[: NOTIFICATION - 1]) + "…"
    return escaped.strip() or "…"


def _lines(card: Card, shown: Shown | None) -> Iterator[str]:
    if card.title.strip():
        yield card.title.strip()  # before the media: a notification shows its first line
    if isinstance(shown, Link):
        yield f"{shown.name}: {shown.url}" if shown.url else shown.name
    if text := without_markup(card.text):
        yield text
    for label, value in card.facts:
        yield f"{label}: {value}"
    if card.progress:
        yield progress_line(card.progress)
    if note := without_markup(card.note):
        yield note
    if not (card.title.strip() or card.text.strip()):
        yield " · ".join(button.label for row in card.rows for button in row)


def progress_line(progress: Progress) -> str:
    """`▰▰▰▱▱▱▱▱ 3/8 · 37 %`: full only when everything is done, empty only when nothing is."""
    signs = min(progress.total, BAR)
    filled = progress.done * signs // progress.total or min(progress.done, 1)
    return f"{'▰' * filled}{'▱' * (signs - filled)} {progress.done}/{progress.total} · {progress.percent} %"


def _blocks(card: Card, shown: Shown | None, most: int) -> list[Json]:
    title = " ".join(clean(card.title).split())
    blocks = _media(shown, title)
    if title and len(title) <= HEADER // 2:
        blocks.append({"type": "header", "text": plain_text(title, HEADER)})
    elif title:
        shortened = shorten(title, TITLE)
        blocks.append(_rich(section([Span(shortened, bold=True)])))
    blocks += rich_text(parse(card.text), TEXT)
    if card.facts:
        blocks.append(_rich(section(_facts(card.facts))))
    if card.progress:
        blocks.append({"type": "section", "text": plain_text(progress_line(card.progress), TYPED)})
    blocks += _note(card.note)
    elsewhere = [b for row in card.rows for b in row if b.url and not _web(b.url)]
    if elsewhere:  # an address no button takes: it can still be read
        blocks.append(_rich(section(_lines_of(elsewhere))))
    rows = [row for row in (tuple(b for b in row if not b.url or _web(b.url)) for row in card.rows) if row]
    blocks += _actions(rows, most - max(len(blocks), 1))
    return blocks or [{"type": "section", "text": plain_text("", TYPED)}]


def _rich(*elements: Json) -> Json:
    return {"type": "rich_text", "elements": list(elements)}


def _web(url: str) -> bool:
    return linkable(url) and not url.startswith("mailto:")


def _media(shown: Shown | None, title: str) -> list[Json]:
    match shown:
        case Picture(url, file, alt):
            alt_text = shorten(clean(alt).strip() or title, ALT_TEXT) or "…"
            if file:
                return [{"type": "image", "slack_file": {"id": file}, "alt_text": alt_text}]
            if _web(url):
                return [{"type": "image", "image_url": url, "alt_text": alt_text}]
            return [_rich(section([Span(shorten(alt or url, LABEL))]))]
        case Link(url, name):
            return [_rich(section([Span("▶ "), Span(shorten(name or url, LABEL) or "…", link=url)]))]
        case None:
            return []


def _facts(facts: tuple[tuple[str, str], ...]) -> Iterator[Span]:
    left = FACTS
    for number, (label, value) in enumerate(facts):
        name, said = shorten(label, FACT_LABEL), shorten(value, FACT_VALUE)
        left -= size(name) + size(said) + 3
        if left < 0:
            yield Span("\n…")
            return
        yield Span(f"\n{name}: " if number else f"{name}: ", bold=True)
        if said:
            yield Span(said)


def _note(note: str) -> list[Json]:
    """Small print in grey. That place knows only mrkdwn and plain text, so a note with links is drawn as rich text."""
    spans = parse(note)
    if not spans:
        return []
    if any(span.link for block in spans for span in block.spans):
        return rich_text(_small(spans), NOTE)
    return [{"type": "context", "elements": [plain_text(without_markup(note), NOTE)]}]


def _small(blocks: tuple[Block, ...]) -> tuple[Block, ...]:
    return tuple(
        Block(b.kind, tuple(Span(s.text, s.bold, True, s.strike, s.code, s.link) for s in b.spans), b.depth, b.ordinal)
        for b in blocks
    )


def _lines_of(buttons: list[Button]) -> Iterator[Span]:
    for number, button in enumerate(buttons[:10]):
        label = shorten(button.label, BUTTON)
        yield Span("\n" * (number > 0) + f"{label}: {shorten(button.url, 200)}")


def _actions(rows: list[tuple[Button, ...]], most: int) -> list[Json]:
    """One block per row; rows are joined only when there are more than the message can hold."""
    cut = [row[at : at + BUTTONS_IN_A_ROW] for row in rows for at in range(0, len(row), BUTTONS_IN_A_ROW)]
    if len(cut) > most:
        every = [button for row in rows for button in row][: most * BUTTONS_IN_A_ROW]
        cut = [tuple(every[at : at + BUTTONS_IN_A_ROW]) for at in range(0, len(every), BUTTONS_IN_A_ROW)]
    return [
        {"type": "actions", "elements": [_button(button, f"{y}.{x}") for x, button in enumerate(row)]}
        for y, row in enumerate(cut)
    ]


def _button(button: Button, action_id: str) -> Json:
    drawn: Json = {"type": "button", "action_id": action_id, "text": plain_text(button.label, BUTTON)}
    if button.url:
        drawn["url"] = button.url
    if button.action:
        drawn["value"] = button.action
    if button.tone:
        drawn["style"] = button.tone
    return drawn


def modal(form: Form, begun_in: str = "") -> Json:
    """The form as a modal. Its action returns as `callback_id`, and `begun_in` (a chat, empty: private) as it is.

    Fields beyond the 100th block and options beyond the 100th are not shown: the content check refuses such forms.
    """
    blocks = [block for field in form.fields for block in _field(field)][:VIEW_BLOCKS]
    return {
        "type": "modal",
        "title": plain_text(form.title, MODAL_TITLE),
        "submit": plain_text(form.submit, MODAL_TITLE),
        "close": plain_text(form.cancel, MODAL_TITLE),
        "callback_id": form.action,
        "private_metadata": begun_in,
        "blocks": blocks or [{"type": "section", "text": plain_text(form.title, TYPED)}],
    }


def _field(field: Field) -> list[Json]:
    if field.kind == "note":
        return rich_text(parse(field.value or field.label), TEXT)
    if field.kind == "press":
        pressed = _button(Button(field.label, field.value), field.id)
        return [{"type": "actions", "block_id": field.id, "elements": [pressed]}]
    block: Json = {
        "type": "input",
        "block_id": field.id,
        "label": plain_text(field.label, LABEL),
        "element": {"action_id": field.id, **_element(field)},
        "optional": not field.required,
    }
    if field.hint.strip():
        block["hint"] = plain_text(field.hint, LABEL)
    return [block]


def _element(field: Field) -> Json:
    if field.kind == "select" and field.options:
        options = [
            {"text": plain_text(label, OPTION), "value": shorten(value, OPTION_VALUE)}
            for value, label in field.options[:OPTIONS]
        ]
        chosen = [option for option in options if field.value and option["value"] == field.value]
        return {"type": "static_select", "options": options, **({"initial_option": chosen[0]} if chosen else {})}
    if field.kind == "date":
        return {"type": "datepicker", **({"initial_date": field.value} if _is_date(field.value) else {})}
    longest = max(1, min(field.longest, TYPED))
    typed: Json = {"type": "plain_text_input", "multiline": field.kind == "multiline", "max_length": longest}
    if field.value:
        typed["initial_value"] = shorten(clean(field.value), longest)
    return typed


def _is_date(value: str) -> bool:
    try:
        return date.fromisoformat(value).isoformat() == value
    except ValueError:
        return False
