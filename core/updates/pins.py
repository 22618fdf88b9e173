"""The pinned line: at the top of a private chat, where the messenger has such a place, how many updates are new."""

from datetime import datetime
from typing import Literal

from sqlmodel import Session, col, select

from core.cards import Card
from core.codec import read_card, write_card
from core.content.catalogue import Catalogue
from core.events import Address
from core.outbox import post
from core.people.accounts import Member, private_chats
from core.screens import Place, refresh, shows
from core.updates.counting import count_unseen
from storage.tables import Chat, Delivery, Screen
from storage.tables.ledger import ANSWER, PROACTIVE

SUBJECT = "pin"


def pin(session: Session, catalogue: Catalogue, who: Member, place: Place, now: datetime) -> None:
    """The person looks at updates here, and there are more: keep a line in sight. Where there is one nothing changes.

    Only Telegram has such a place in private chats. Key: `pin:<event key>`.
    """
    if place.chat.messenger != "telegram" or session.get(Screen, (str(place.chat), SUBJECT)) is not None:
        return
    count = count_unseen(session, catalogue, who, now)
    if count > 0:
        _put_up(session, place.chat, pin_card(who, count), f"pin:{place.key}", ANSWER, now)


def _put_up(session: Session, chat: Address, card: Card, key: str, lane: int, now: datetime) -> None:
    posted = post(session, key=key, to=chat, card=card, kind="pin", now=now, lane=lane, repeatable=True)
    if posted is not None:
        row = Screen(address=str(chat), subject=SUBJECT, delivery_id=posted, revision=posted, shown_at=now)
        session.add(row)
        session.flush()


def redraw_pins(
    session: Session, catalogue: Catalogue, who: Member, now: datetime, *, lane: int = ANSWER, because: str = ""
) -> None:
    """The number is another: the line says so, in place and without a sound; at nothing it is taken down.

    `because`: names what has happened meanwhile; where there is no line yet one is put up, which makes no sound either
    and waits for the end of quiet hours and of a silence the person asked for (see `still_stands`). Key of that one:
    `pin:<because>:<address>`.
    """
    for chat in private_chats(session, who.contact.id or 0):
        to = Address.parse(chat.address)
        if chat.unreachable is not None or to.messenger != "telegram":
            continue
        screen = session.get(Screen, (chat.address, SUBJECT))
        card = pin_card(who, count := count_unseen(session, catalogue, who, now))
        if screen is None and because and count > 0:
            _put_up(session, to, card, f"pin:{because}:{chat.address}", PROACTIVE, now)
        elif screen is not None and not shows(session, screen, card):
            refresh(session, screen, card=card, kind="pin", now=now, lane=lane)


def puts_up(session: Session, edit: Delivery) -> bool:
    """Does this edit put the line up again, after it was taken down?"""
    if edit.kind != SUBJECT or read_card(edit.card).pin != "on":
        return False
    before = session.exec(
        select(Delivery.card)
        .where(col(Delivery.address) == edit.address, col(Delivery.kind) == SUBJECT, col(Delivery.state) == "accepted")
        .order_by(col(Delivery.id).desc())
        .limit(1)
    ).first()
    return before is None or read_card(before).pin != "on"


def still_stands(
    session: Session, catalogue: Catalogue, who: Member, delivery: Delivery, now: datetime
) -> Literal["yes", "changed", "no"]:
    """Asked of a line that is about to be put up: meanwhile there may be another number to tell, or nothing at all."""
    count = count_unseen(session, catalogue, who, now)
    if count == 0:
        screen = session.get(Screen, (delivery.address, SUBJECT))
        if screen is not None and screen.delivery_id == delivery.id:
            session.delete(screen)
            session.flush()
        return "no"
    card = write_card(pin_card(who, count))
    if card == delivery.card:
        return "yes"
    delivery.card = card
    return "changed"


def owner(session: Session, delivery: Delivery) -> int | None:
    """Whose chat the line is for."""
    chat = session.get(Chat, delivery.address)
    return chat.contact_id if chat is not None else None


def pin_card(who: Member, count: int) -> Card:
    if count == 0:
        return Card(who.voice.say("updates.pinned_none"), pin="off")
    return Card(who.voice.say("updates.pinned", count=count, command="/updates"), pin="on")
