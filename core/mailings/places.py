"""Where an answer to a press on a mailing's card belongs: in the pressed message, or below it."""

from dataclasses import replace
from datetime import datetime

from sqlmodel import Session

from core.cards import Card
from core.outbox import post
from core.screens import Place
from storage.tables import Delivery, Screen


def shows(session: Session, place: Place, subject: str) -> bool:
    """Is the pressed message this chat's live one about that subject?"""
    screen = session.get(Screen, (str(place.chat), subject))
    if screen is None or place.message is None:
        return False
    return place.message in _names(session, screen)


def _names(session: Session, screen: Screen) -> set[str]:
    """How the message is called, all parts of it and the last one by itself."""
    row = session.get(Delivery, screen.delivery_id) if screen.delivery_id is not None else None
    names = {screen.message_id or "", (row.message_id or "") if row is not None else ""} - {""}
    return names | {name.rpartition("+")[2] for name in names}


def beside(place: Place) -> Place:
    """Below, in a message of its own."""
    return replace(place, message=None)


def leave_behind(session: Session, place: Place, subject: str, card: Card, now: datetime) -> None:
    """The subject's live message is about to be another: the one so far says so, for it follows nothing any more.

    Key: `moved:<event key>:<subject>`.
    """
    screen = session.get(Screen, (str(place.chat), subject))
    if screen is None or shows(session, place, subject):
        return
    post(
        session,
        key=f"moved:{place.key}:{subject}",
        to=place.chat,
        card=card,
        kind="desk",
        now=now,
        subject=subject,
        replaces=screen.delivery_id,
        message_id=screen.message_id,
    )
