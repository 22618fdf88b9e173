"""The live messages: each chat has one per subject, and it is edited whenever the subject changes, wherever it did."""

from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, col, delete, or_, select

from core.cards import Card
from core.events import Address
from core.outbox import post
from storage.tables import Delivery, Screen


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
    screen = session.get(Screen, (str(place.chat), subject))
    if screen is None:
        screen = Screen(address=str(place.chat), subject=subject, shown_at=now)
        session.add(screen)
    screen.step, screen.shown_at = step, now
    message = "home" if place.chat.is_home else place.message
    _let_go(session, str(place.chat), message, but=subject)
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
    # Edits count on from the number of the card they edit: a subject that was let go and is shown again must not
    # use the keys of its earlier edits, for the ledger would take them for repeats.
    screen.revision = max(screen.revision, posted or 0) + 1
    screen.message_id = message
    screen.delivery_id = posted if message is None else None
    return screen


def _let_go(session: Session, address: str, message: str | None, *, but: str) -> None:
    """The message shows something else now: an edit for what it showed before would overwrite that.

    A home card further up is let go too: drawing it anew at every step would slow down what the person looks at.
    """
    here = (col(Screen.address) == address, col(Screen.subject) != but)
    if message is None:
        session.execute(delete(Screen).where(*here, col(Screen.subject) == "home"))
        return
    last = f"+{message}"  # a card shown as several messages has all their ids, its buttons are under the last
    shows_it = or_(
        col(Screen.message_id) == message,
        col(Delivery.message_id) == message,
        col(Screen.message_id).endswith(last, autoescape=True),
        col(Delivery.message_id).endswith(last, autoescape=True),
        col(Screen.subject) == "home",
    )
    statement = select(Screen).outerjoin(Delivery, col(Delivery.id) == Screen.delivery_id).where(*here, shows_it)
    with session.no_autoflush:  # what waits to be written is the screen of `but`
        found = session.exec(statement).all()
    for screen in found:
        session.delete(screen)


def refresh(session: Session, screen: Screen, *, card: Card, kind: str, now: datetime) -> None:
    """Edit a live message because its subject changed elsewhere. Key: `screen:<address>:<subject>:<revision>`."""
    screen.revision += 1
    post(
        session,
        key=f"screen:{screen.address}:{screen.subject}:{screen.revision}",
        to=Address.parse(screen.address),
        card=card,
        kind=kind,
        now=now,
        subject=screen.subject,
        replaces=screen.delivery_id,
        message_id=screen.message_id,
    )


def screens_of(session: Session, subject: str, *, but: Address | None = None) -> list[Screen]:
    """The live messages that show this subject, except the one in chat `but`."""
    found = session.exec(select(Screen).where(Screen.subject == subject)).all()
    return [screen for screen in found if but is None or screen.address != str(but)]
