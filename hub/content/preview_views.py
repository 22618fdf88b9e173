"""A card as both messengers would show it: drawn by the bots, taken by the platforms we play."""

import json
from collections.abc import Mapping
from datetime import datetime
from functools import lru_cache
from typing import Final
from urllib.parse import quote

from bots.slack.render import Link, Picture, Shown, message
from bots.telegram.render import render
from core.cards import Card, Media
from playground.sights import Messenger, Sight
from playground.slack import drawing as slack
from playground.telegram import drawing as telegram
from playground.telegram.wire import Refusal
from playground.views import MediaView, MessageView

BOT: Final = "Client hub"
"""The bot's name in both messengers."""

MEDIA: Final = "/preview/media/"
"""Where the preview's server has the content folder's own pictures and videos."""

MESSENGERS: Final[tuple[Messenger, ...]] = ("telegram", "slack")


@lru_cache(maxsize=2048)
def sight(messenger: Messenger, card: Card, at: datetime) -> Sight:
    """The card in this messenger; with the platform's own words where it would not take it."""
    return _in_telegram(card, at) if messenger == "telegram" else _in_slack(card, at)


def _in_telegram(card: Card, at: datetime) -> Sight:
    card_drawn = render(card)
    shown: list[MessageView] = []
    for number, piece in enumerate(card_drawn.pieces, start=1):
        last = number == len(card_drawn.pieces)
        media = (_media(piece.media),) if piece.media is not None else ()
        keyboard = json.dumps(card_drawn.keyboard) if last and card_drawn.keyboard else ""
        try:
            shown.append(telegram.drawn(piece.words.html, keyboard, at, author=BOT, media=media))
        except Refusal as refusal:
            return Sight("telegram", tuple(shown), refusal.description)
    return Sight("telegram", tuple(shown))


def _in_slack(card: Card, at: datetime) -> Sight:
    """A file of ours goes up on its own, above the card: here it stands in it."""
    above = _uploaded(card.media)
    card_drawn = message(card, _linked(card.media))
    try:
        shown = slack.drawn(card_drawn.text, card_drawn.blocks, at, author=BOT, media=above)
    except slack.NotShown as wrong:
        return Sight("slack", (), str(wrong))
    return Sight("slack", (shown,))


def _linked(media: Media | None) -> Shown | None:
    if media is None or not media.source.startswith(("https://", "http://")):
        return None
    return Picture(url=media.source, alt=media.name) if media.kind == "photo" else Link(media.source, media.name)


def _uploaded(media: Media | None) -> tuple[MediaView, ...]:
    return (_media(media),) if media is not None and _linked(media) is None else ()


def _media(media: Media) -> MediaView:
    ours = media.source.removeprefix("content:")
    url = MEDIA + quote(ours) if media.source.startswith("content:") else media.source
    return MediaView(media.kind, media.name or ours.rpartition("/")[2], url)


WHEN: Final[Mapping[str, str]] = {
    "home": "Home",
    "intro": "At the start",
    "now": "Where they are now",
    "list": "All steps",
    "closed": "Step, not open yet",
    "open": "Step",
    "guide": "Its guide",
    "question": "Its question",
    "why": "Before it is skipped",
    "done": "Step, done",
    "stuck": "When they are stuck",
    "nudge": "Nudge, on day",
    "announcement": "When it is new",
    "again": "When it was not read",
    "update": "Opened",
    "mailing": "Sent to many",
    "celebration": "When all is done",
    "end": "The finished checklist",
    "buttons": "Buttons",
    "phrases": "Phrases",
}
"""What the operator reads over each card, by core.onboarding.previews.Shows."""
