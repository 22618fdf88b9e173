"""The pinned line: at the top of a private chat, where the messenger has such a place, how many updates are new."""

from datetime import datetime

from sqlmodel import Session

from core.cards import Card
from core.content.catalogue import Catalogue
from core.outbox import post
from core.people.accounts import Member, private_chats
from core.screens import Place, refresh
from core.updates.counting import unseen
from storage.tables import Screen

SUBJECT = "pin"


def pin(session: Session, catalogue: Catalogue, who: Member, place: Place, now: datetime) -> None:
    """The person looks at updates here, and there are more: keep a line in sight. Where there is one nothing changes.

    Only Telegram has such a place in private chats. Key: `pin:<event key>`.
    """
    if place.chat.messenger != "telegram" or session.get(Screen, (str(place.chat), SUBJECT)) is not None:
        return
    count = len(unseen(session, catalogue, who, now))
    if count == 0:
        return
    posted = post(session, key=f"pin:{place.key}", to=place.chat, card=pin_card(who, count), kind="pin", now=now)
    screen = Screen(address=str(place.chat), subject=SUBJECT, delivery_id=posted, revision=posted or 0, shown_at=now)
    session.add(screen)
    session.flush()


def redraw_pins(session: Session, catalogue: Catalogue, who: Member, now: datetime) -> None:
    """The number is another: the line says so, in place and without a sound; at nothing it is taken down."""
    for chat in private_chats(session, who.contact.id or 0):
        screen = session.get(Screen, (chat.address, SUBJECT))
        if screen is not None and chat.unreachable is None:
            card = pin_card(who, len(unseen(session, catalogue, who, now)))
            refresh(session, screen, card=card, kind="pin", now=now)


def pin_card(who: Member, count: int) -> Card:
    if count == 0:
        return Card(who.voice.say("updates.pinned_none"), pin="off")
    return Card(who.voice.say("updates.pinned", count=count, command="/updates"), pin="on")
