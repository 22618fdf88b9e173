"""Cards and events as JSON, for the ledger's rows: what is empty is left out, and it reads back to the same value."""

import json
from functools import cache
from typing import Any, get_args

from pydantic import TypeAdapter

from core.cards import Button, Card, Media, Progress
from core.events import Event

_Json = dict[str, Any]


def write_card(card: Card) -> str:
    """The card as compact JSON."""
    out: _Json = {"text": card.text}
    if card.title:
        out["title"] = card.title
    if card.facts:
        out["facts"] = card.facts
    if card.progress:
        out["progress"] = (card.progress.done, card.progress.total)
    if card.note:
        out["note"] = card.note
    if card.media:
        out["media"] = (card.media.kind, card.media.source, card.media.name)
    if card.rows:
        out["rows"] = [[_write_button(button) for button in row] for row in card.rows]
    if card.pin:
        out["pin"] = card.pin
    if card.reply_to:
        out["reply_to"] = card.reply_to
    if card.change:
        out["change"] = card.change
    return json.dumps(out, ensure_ascii=False, separators=(",", ":"))


def _write_button(button: Button) -> list[str]:
    return [button.label, button.action, button.url, button.tone]


def read_card(text: str) -> Card:
    """Read what `write_card` wrote."""
    read: _Json = json.loads(text)
    return Card(
        text=read["text"],
        title=read.get("title", ""),
        facts=tuple((label, value) for label, value in read.get("facts", ())),
        progress=Progress(*read["progress"]) if "progress" in read else None,
        note=read.get("note", ""),
        media=Media(*read["media"]) if "media" in read else None,
        rows=tuple(
            tuple(Button(label, action, url, tone) for label, action, url, tone in row) for row in read.get("rows", ())
        ),
        pin=read.get("pin", ""),
        reply_to=read.get("reply_to", ""),
        change=read.get("change", ""),
    )


_EVENTS = {kind.__name__: kind for kind in get_args(Event)}


@cache
def _adapter(name: str) -> TypeAdapter[Any]:
    """Made when it is first needed: few events are ever written, and making all takes a fortieth of the start."""
    return TypeAdapter(_EVENTS[name])


def write_event(event: Event) -> str:
    """The event as JSON, with its class beside it."""
    body = _adapter(type(event).__name__).dump_python(event, mode="json")
    return json.dumps({"event": type(event).__name__, "is": body}, ensure_ascii=False)


def read_event(text: str) -> Event:
    """Read what `write_event` wrote. Raises KeyError or ValueError when it is something else."""
    read: _Json = json.loads(text)
    event: Event = _adapter(read["event"]).validate_python(read["is"])
    return event
