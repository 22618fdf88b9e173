"""The only door out: every card is written to the ledger under a unique key, and a messenger is asked to show it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Protocol

from sqlalchemy import Executable, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session, SQLModel, col

from core.cards import Card
from core.codec import write_card
from core.content.catalogue import Catalogue
from core.events import Address
from storage.prepared import connected, fetch
from storage.tables import Delivery
from storage.tables.ledger import ANSWER, PROACTIVE


class Messenger(Protocol):
    """A face of the hub. The four errors below are all that `send` may raise."""

    async def send(self, to: Address, card: Card, replacing: str | None = None) -> str:
        """Show the card in that chat and return the message's id; with `replacing`, edit that message instead.

        A message that cannot be edited any more (gone, too old, of another shape) is sent anew, and the new id
        returned. Takes as long as the platform takes; the caller paces.
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
class Unasked:
    """A card for one person who did not ask for it, one of very many. As the arguments of `post`."""

    key: str
    to: Address
    card: Card
    kind: str
    contact_id: int
    subject: str | None = None
    expires_at: datetime | None = None


def post_unasked(session: Session, cards: Sequence[Unasked], now: datetime) -> dict[str, int]:
    """`post` for many, in lane PROACTIVE, by one statement. Returns their ids by key, without those that were there."""
    if not cards:
        return {}
    connection = session.connection()
    told: dict[str, object] = {
        "lane": PROACTIVE,
        "repeatable": False,
        "state": "queued",
        "due": now,
        "attempts": 0,
        "created_at": now,
        "content_version": session.info.get(_VERSION),
    }
    rows = [
        told
        | {
            "key": one.key,
            "messenger": one.to.messenger,
            "address": str(one.to),
            "kind": one.kind,
            "card": write_card(one.card),
            "contact_id": one.contact_id,
            "subject": one.subject,
            "expires_at": one.expires_at,
        }
        for one in cards
    ]
    statement = _insert(connection.dialect.name, also="key")
    posted = {key: number for number, key in connection.execute(statement, rows)}
    for messenger in {one.to.messenger for one in cards}:
        note_due(session, messenger)
    return posted


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


def cancel_waiting(session: Session, *, subject: str, reason: str, now: datetime) -> None:
    """What still waits to be said about this subject, in any chat, is no longer true: it is cancelled."""
    session.execute(
        update(Delivery)
        .where(col(Delivery.subject) == subject, col(Delivery.state).in_(("queued", "held")))
        .values(state="cancelled", reason=reason, settled_at=now)
    )


_DELIVERY = SQLModel.metadata.tables["delivery"]


@cache
def _insert(dialect: str, also: str | None = None) -> Executable:
    """Returns the id of what was written, and what is asked for besides."""
    insert = postgresql.insert if dialect == "postgresql" else sqlite.insert
    statement = insert(_DELIVERY).on_conflict_do_nothing(index_elements=["key"])
    if also is None:
        return statement.returning(_DELIVERY.c.id)
    return statement.returning(_DELIVERY.c.id, _DELIVERY.c[also])
