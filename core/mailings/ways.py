"""What is done about a message that shows older words, and how that reads."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final, Literal, TypeAlias

from core.cards import Card
from core.content.catalogue import Catalogue
from core.people.accounts import Member

DELETABLE: Final = timedelta(hours=48)
"""Bot API: deleteMessage takes messages sent less than 48 hours ago. Slack sets bots no such limit."""

How: TypeAlias = Literal["edited", "corrected", "deleted", "withdrawn"]
"""`withdrawn`: it says now that it was taken back, for the messenger no longer lets it go."""


def way(*, recalled: bool, interacted: bool, messenger: str, sent_at: datetime, now: datetime) -> How:
    """What is done about a message that shows older words."""
    if recalled:
        return "withdrawn" if messenger == "telegram" and now - sent_at >= DELETABLE else "deleted"
    return "corrected" if interacted else "edited"


def correction(who: Member, card: Card) -> Card:
    """The message's new words, said once more to somebody who acted on the old ones."""
    return replace(card, text=f"{who.voice.say('mailing.correction')}\n\n{card.text}")


def withdrawn_card(catalogue: Catalogue, who: Member | None) -> Card:
    """Stands where a message stood that was taken back."""
    voice = who.voice if who is not None else catalogue.voice(None)
    return Card(voice.say("mailing.withdrawn"))
