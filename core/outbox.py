"""The only door out: every card is written to the ledger under a unique key, and a messenger is asked to show it."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Final, Protocol

from sqlalchemy import Executable, bindparam, update
from sqlalchemy import select as select_columns
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session, SQLModel, col, select

from core.cards import Card
from core.codec import write_card
from core.content.catalogue import Catalogue
from core.events import Address
from storage.loading import columns, rows
from storage.many import among, insert_many, save_many
from storage.prepared import connected, fetch
from storage.tables import Decision, Delivery
from storage.tables.ledger import ANSWER
from storage.writing import write


class Messenger(Protocol):
    """A face of the hub. The four errors below are all that `send` may raise."""

    async def send(self, to: Address, card: Card, replacing: str | None = None) -> str:
        """Show the card in that chat and return the message's id; with `replacing`, edit that message instead.

        A message that cannot be edited any more (gone, too old, of another shape) is sent anew, and the new id
        returned, unless `card.change` says otherwise: an `edit` is then Refused; a `delete` takes the message away and
        returns "", or edits it where the platform keeps it. Takes as long as the platform takes; the caller paces.
        """


class TryLater(Exception):
    """The platform asks for patience; the card was not shown."""

    def __init__(self, after: timedelta, *, everywhere: bool = False) -> None:
        super().__init__(f"try again in {after.total_seconds():.0f} s")
        self.after = after
        self.everywhere = everywhere
        """True: the whole bot must wait, not this chat alone."""


class Unreachable(Exception):
    """This chat cannot be written to until the person comes back; `why` as in Chat.unreachable."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


class Relocated(Exception):
    """The chat goes on under another address; nothing was shown."""

    def __init__(self, to: Address) -> None:
        super().__init__(str(to))
        self.to = to


class Refused(Exception):
    """The platform will never take this card, however often it is tried."""


class Uncertain(Exception):
    """The card may or may not have been shown: the answer was lost."""


class Revoked(Exception):
    """The bot's token is no longer valid: nothing can be sent to this messenger until an operator mends it."""


CHANGES: Final = ("amendment", "recall")
"""Kinds of deliveries that only change a message, or take it away: in lane MAILING, yet nobody hears them."""

_VERSION = "content_version"


def made_from(session: Session, catalogue: Catalogue) -> None:
    """What this transaction posts from here on is made from this catalogue: each delivery remembers its version.

    Said at the doors, where the catalogue comes in: nobody between them and `post` need pass it on.
    """
    session.info[_VERSION] = catalogue.version


def post(
    session: Session,
    *,
    key: str,
    to: Address,
    card: Card,
    kind: str,
    now: datetime,
    lane: int = ANSWER,
    subject: str | None = None,
    replaces: int | None = None,
    message_id: str | None = None,
    contact_id: int | None = None,
    repeatable: bool | None = None,
    due: datetime | None = None,
    expires_at: datetime | None = None,
) -> int | None:
    """Write a card to the ledger, to be sent after this transaction commits. Returns its id, None when key was there.

    `key` says why the card exists (`answer:<event key>`, `reminder:<enrolment>:<n>`): a second post under the same
    key changes nothing. `subject` with `replaces` or `message_id`: an edit; when its turn comes and a newer one of
    the same subject waits in this chat, it is cancelled, for it would be overwritten at once (core.claims). `lane`
    PROACTIVE or MAILING needs the contact's id, so that attention can judge. `repeatable`: may be sent again when
    nobody knows whether it was shown; None: answers may, the rest not. `due` None: at once.
    """
    connection = connected(session)  # on it nothing else is written first, as a session would
    posted = fetch(
        connection,
        _insert(connection.dialect.name),
        {
            "key": key,
            "messenger": to.messenger,
            "address": str(to),
            "lane": lane,
            "repeatable": lane == ANSWER if repeatable is None else repeatable,
            "kind": kind,
            "card": write_card(card),
            "subject": subject,
            "replaces": replaces,
            "message_id": message_id,
            "contact_id": contact_id,
            "state": "queued",
            "due": due or now,
            "expires_at": expires_at,
            "attempts": 0,
            "created_at": now,
            "content_version": session.info.get(_VERSION),
        },
    )
    if posted:
        note_due(session, to.messenger, posted[0][0])
        if lane == ANSWER:
            cards_here(session)[posted[0][0]] = card
    return posted[0][0] if posted else None


@dataclass(frozen=True, slots=True)
class Posting:
    """One of many cards that are posted at once. As the arguments of `post`."""

    key: str
    to: Address
    card: Card
    kind: str
    lane: int = ANSWER
    subject: str | None = None
    replaces: int | None = None
    message_id: str | None = None
    contact_id: int | None = None
    repeatable: bool | None = None
    expires_at: datetime | None = None


def post_many(session: Session, cards: Sequence[Posting], now: datetime) -> dict[str, int]:
    """`post` for many, all due at once, by one statement. Returns their ids by key, without those that were there."""
    version = session.info.get(_VERSION)
    given = [
        {
            "key": one.key,
            "messenger": one.to.messenger,
            "address": str(one.to),
            "lane": one.lane,
            "repeatable": one.lane == ANSWER if one.repeatable is None else one.repeatable,
            "kind": one.kind,
            "card": write_card(one.card),
            "subject": one.subject,
            "replaces": one.replaces,
            "message_id": one.message_id,
            "contact_id": one.contact_id,
            "state": "queued",
            "due": now,
            "expires_at": one.expires_at,
            "attempts": 0,
            "created_at": now,
            "content_version": version,
        }
        for one in cards
    ]
    posted = insert_many(session, Delivery, given, unless="key", told=("key", "id"))
    for messenger in {one.to.messenger for one in cards} if posted else ():
        note_due(session, messenger)
    return dict(posted)


def note_due(session: Session, messenger: str, delivery: int | None = None) -> None:
    """Remember until this transaction ends that something of this messenger's has become due: see `due_here`."""
    session.info.setdefault("due", []).append((messenger, delivery))


def due_here(session: Session) -> Sequence[tuple[str, int | None]]:
    """What became due in this transaction: messenger and delivery (None: several), perhaps cancelled since."""
    found: Sequence[tuple[str, int | None]] = session.info.get("due", ())
    return found


def cards_here(session: Session) -> dict[int, Card]:
    """The answers posted in this transaction, by delivery: who claims one at once has its card."""
    found: dict[int, Card] = session.info.setdefault("cards", {})
    return found


def cancel_waiting(session: Session, *, subject: str, contact_id: int, reason: str, now: datetime) -> None:
    """What still waits to be said to this person about this subject, in any chat, is no longer true: it is cancelled.

    What was to be said with it is not lost: it stands for itself again.
    """
    write(session)
    values = {"contact": contact_id, "subject": subject, "states": ("queued", "held")}
    if not fetch(connected(session), _WAITING, values):
        return  # as for most moves
    found = session.execute(
        update(Delivery)
        .where(col(Delivery.contact_id) == contact_id, col(Delivery.subject) == subject)
        .where(col(Delivery.state).in_(("queued", "held")))
        .values(state="cancelled", reason=reason, settled_at=now)
        .returning(col(Delivery.id))
    ).all()
    bring_back(session, [number for (number,) in found], contact_id, now)


_WAITING = (
    select_columns(col(Delivery.id))
    .where(col(Delivery.contact_id) == bindparam("contact"), col(Delivery.subject) == bindparam("subject"))
    .where(among(col(Delivery.state), "states"))
    .limit(1)
)


def carried_by(session: Session, carriers: Sequence[int | None], contact_id: int) -> Sequence[Decision]:
    """Why each thing was proposed that these deliveries of one person say together with their own, oldest first."""
    if not carriers:
        return ()
    return session.exec(
        select(Decision)
        .where(Decision.contact_id == contact_id, col(Decision.merged_into).in_(carriers))
        .order_by(col(Decision.id))
    ).all()


def bring_back(session: Session, carriers: Sequence[int | None], contact_id: int, now: datetime) -> None:
    """These are not said after all: what was to be said with them waits by itself again, and is judged anew."""
    bring_back_all(session, [one for one in carriers if one is not None], (contact_id,), now)


def bring_back_all(session: Session, carriers: Sequence[int], contacts: Collection[int], now: datetime) -> None:
    """The same of what these deliveries of these people carry, by three statements however many they are."""
    values = {"carriers": list(carriers), "contacts": list(contacts)}
    found = rows(session, _CARRIED, values, Decision, Delivery, fresh=True) if carriers else []
    for decision, row in found:
        decision.merged_into = None
        if row is not None and row.reason == "merged":
            row.state, row.due, row.attempts, row.reason, row.settled_at = "queued", now, 0, None, None
            note_due(session, row.messenger)
    save_many(session, [decision for decision, _ in found])
    save_many(session, [row for _, row in found if row is not None])


_CARRIED = (
    select_columns(*columns(Decision, Delivery))
    .select_from(Decision)
    .outerjoin(Delivery, col(Delivery.id) == Decision.delivery_id)
    .where(among(col(Decision.contact_id), "contacts"), among(col(Decision.merged_into), "carriers"))
)
_DELIVERY = SQLModel.metadata.tables["delivery"]


@cache
def _insert(dialect: str) -> Executable:
    insert = postgresql.insert if dialect == "postgresql" else sqlite.insert
    return insert(_DELIVERY).on_conflict_do_nothing(index_elements=["key"]).returning(_DELIVERY.c.id)
