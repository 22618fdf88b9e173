"""The live messages: each chat has one per subject, and it is edited whenever the subject changes, wherever it did."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import String, bindparam, or_, select
from sqlmodel import Session, col
from sqlmodel import select as orm_select

from core.cards import Card
from core.codec import write_card
from core.events import Address
from core.outbox import post
from storage.loading import columns, find, insert, rows
from storage.tables import Delivery, Screen
from storage.tables.ledger import ANSWER


@dataclass(frozen=True, slots=True)
class Place:
    """Where an answer belongs: the chat, the tapped message (None: the person wrote, so show it below), and why."""

    chat: Address
    key: str
    """The key of the event that is answered."""
    message: str | None = None


def show(
    session: Session,
    place: Place,
    *,
    subject: str,
    card: Card,
    kind: str,
    now: datetime,
    step: str | None = None,
) -> Screen:
    """Answer at `place` and make that message the chat's live one for `subject`.

    After a tap the tapped message is edited, whatever it showed before (from now on it is no longer the live one for
    that); otherwise a new message is sent. Key: `answer:<event key>:<subject>`.
    """
    message = "home" if place.chat.is_home else place.message
    screen = _claimed(session, str(place.chat), message, subject)
    posted = post(
        session,
        key=f"answer:{place.key}:{subject}",
        to=place.chat,
        card=card,
        kind=kind,
        now=now,
        subject=subject,
        message_id=message,
    )
    if screen is None:
        return insert(
            session,
            Screen,
            address=str(place.chat),
            subject=subject,
            delivery_id=posted if message is None else None,
            message_id=message,
            step=step,
            revision=(posted or 0) + 1,
            shown_at=now,
        )
    screen.step, screen.shown_at = step, now
    # Edits count on from the number of the card they edit: a subject that was let go and is shown again must not
    # use the keys of its earlier edits, for the ledger would take them for repeats.
    screen.revision = max(screen.revision, posted or 0) + 1
    screen.message_id = message
    screen.delivery_id = posted if message is None else None
    return screen


def _claimed(session: Session, address: str, message: str | None, subject: str) -> Screen | None:
    """The chat's screen for this subject, if any. What the message showed before is let go, or its edits would
    overwrite the new; so is a home card further up: drawing it anew at every step would slow down what the person
    looks at.
    """
    tail = None  # a card shown as several messages has all their ids, its buttons are under the last
    if message is not None:
        tail = "%+" + message.replace("/", "//").replace("%", "/%").replace("_", "/_")
    values = {"address": address, "subject": subject, "message": message, "tail": tail}
    if any(isinstance(row, Screen) for row in session.dirty):
        session.flush()  # the question below looks at which message shows what
    mine: Screen | None = None
    for (screen,) in rows(session, _AT_STAKE, values, Screen):
        if screen.subject == subject:
            mine = screen
        else:
            session.delete(screen)
    return mine


_MESSAGE, _TAIL = bindparam("message", type_=String()), bindparam("tail", type_=String())
_AT_STAKE = (
    select(*columns(Screen))
    .select_from(Screen)
    .outerjoin(Delivery, col(Delivery.id) == Screen.delivery_id)
    .where(col(Screen.address) == bindparam("address"))
    .where(
        or_(
            col(Screen.subject).in_((bindparam("subject"), "home")),
            col(Screen.message_id) == _MESSAGE,
            col(Delivery.message_id) == _MESSAGE,
            col(Screen.message_id).like(_TAIL, escape="/"),
            col(Delivery.message_id).like(_TAIL, escape="/"),
        )
    )
)


def refresh(session: Session, screen: Screen, *, card: Card, kind: str, now: datetime, lane: int = ANSWER) -> None:
    """Edit a live message because its subject changed elsewhere. Key: `screen:<address>:<subject>:<revision>`.

    `lane` PROACTIVE: of very many at once, which no answer should wait for.
    """
    screen.revision += 1
    post(
        session,
        key=_key(screen),
        to=Address.parse(screen.address),
        card=card,
        kind=kind,
        now=now,
        lane=lane,
        repeatable=True,
        subject=screen.subject,
        replaces=screen.delivery_id,
        message_id=screen.message_id,
    )


def _key(screen: Screen) -> str:
    return f"screen:{screen.address}:{screen.subject}:{screen.revision}"


def is_newest(session: Session, edit: Delivery) -> bool:
    """False: the message was shown or edited since this edit was posted, which would put back what stood before."""
    screen = find(session, Screen, edit.address, edit.subject)
    return screen is not None and _key(screen) == edit.key


def shows(session: Session, screen: Screen, card: Card) -> bool:
    """Was this the last that was said there? False, too, when nobody knows any more."""
    last = session.exec(orm_select(Delivery.card).where(Delivery.key == _key(screen))).first()
    if last is None:  # shown, not edited since: its number was written down with it
        shown = session.get(Delivery, screen.revision - 1) or session.get(Delivery, screen.revision)
        last = shown.card if shown is not None and shown.subject in (screen.subject, None) else None
    return last == write_card(card)


def screens_of(session: Session, subject: str, *, but: Address | None = None) -> list[Screen]:
    """The live messages that show this subject, except the one in chat `but`."""
    found = rows(session, _SHOWING, {"subject": subject}, Screen)
    return [screen for (screen,) in found if but is None or screen.address != str(but)]


_SHOWING = select(*columns(Screen)).where(col(Screen.subject) == bindparam("subject"))
