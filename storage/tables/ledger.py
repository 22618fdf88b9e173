"""The two doors' books: what came in, what goes out, and who is at it."""

from datetime import datetime

from sqlalchemy import Index, text
from sqlmodel import Field

from storage.types import BigId, Moment, Row

ANSWER, PROACTIVE, MAILING = 0, 1, 2
"""Lanes: an answer to a person never waits behind what nobody asked for."""


class HeardEvent(Row, table=True):
    """One event that a messenger told us; its key makes a repeat harmless."""

    __tablename__ = "heard_event"

    key: str = Field(primary_key=True)
    sender: str
    at: datetime = Field(sa_type=Moment, index=True)
    state: str = "done"
    """`done`; `unknown` (waits until the messenger says who the sender is); `failed` (our fault, kept for repair)."""
    payload: str | None = None
    """The event as JSON while it is not done."""

    __table_args__ = (
        Index(
            "ix_heard_event_open",
            "state",
            "sender",
            sqlite_where=text("state <> 'done'"),
            postgresql_where=text("state <> 'done'"),
        ),
    )


class Delivery(Row, table=True):
    """One card on its way to one chat: written before it is sent, and kept as the record of what became of it."""

    __tablename__ = "delivery"

    id: int | None = Field(default=None, primary_key=True, sa_type=BigId)
    key: str = Field(unique=True)
    """Why it exists; the database refuses a second one."""
    messenger: str
    """First part of the address: each messenger has its own courier."""
    address: str
    lane: int = ANSWER
    repeatable: bool = True
    """False: when nobody knows whether it was shown, a person decides whether it is sent again."""
    kind: str
    """What it is about, for the books: `home`, `checklist`, `help`, `reminder` …"""
    card: str
    """The card as JSON."""
    subject: str | None = None
    """What it shows: a newer one of the same subject and message makes a waiting older one needless."""
    replaces: int | None = Field(default=None, sa_type=BigId)
    """The delivery whose message is edited; None: a new message, or the one named by `message_id`."""
    message_id: str | None = None
    """What the messenger called it once accepted; before that, a message to edit."""
    contact_id: int | None = Field(default=None, sa_type=BigId)
    """For whom, when it is proactive: their quiet hours and caps count."""
    mailing_id: int | None = Field(default=None, sa_type=BigId)
    """The run of a mailing that it belongs to; its card is empty until it is claimed, and made of the run's words. No
    reference that PostgreSQL would look up for each of 100,000 recipients: that took as long as all the rest."""
    revision: int | None = None
    """Of its mailing's words, shown or being sent: set when it is claimed. None: not yet, or no mailing."""
    state: str = "queued"
    """`planned` (of a mailing, not queued yet), `held`, `queued`, `sending`, `accepted`, `failed`, `uncertain`,
    `cancelled`, `expired`."""
    due: datetime = Field(sa_type=Moment)
    expires_at: datetime | None = Field(default=None, sa_type=Moment)
    """Not worth saying after this; None: always."""
    attempts: int = 0
    reason: str | None = None
    """Why it was held, failed, cancelled or is uncertain."""
    content_version: str | None = None
    """The version of the content its words were made from; None: it was made without content."""
    leased_by: str | None = None
    leased_until: datetime | None = Field(default=None, sa_type=Moment)
    created_at: datetime = Field(sa_type=Moment)
    settled_at: datetime | None = Field(default=None, sa_type=Moment)

    __table_args__ = (
        Index(
            "ix_delivery_due",
            "messenger",
            "lane",
            "due",
            "id",
            sqlite_where=text("state = 'queued'"),
            postgresql_where=text("state = 'queued'"),
        ),
        Index(
            "ix_delivery_waiting",
            "address",
            "id",
            sqlite_where=text("state IN ('queued', 'sending')"),
            postgresql_where=text("state IN ('queued', 'sending')"),
        ),
        Index(  # one at a time in each chat: of two processes that begin with the same chat, the database lets in one
            "ix_delivery_in_flight",
            "address",
            unique=True,
            sqlite_where=text("state = 'sending'"),
            postgresql_where=text("state = 'sending'"),
        ),
        Index(  # what was lately said in a chat, by whichever process
            "ix_delivery_said",
            "address",
            "settled_at",
            sqlite_where=text("settled_at IS NOT NULL"),
            postgresql_where=text("settled_at IS NOT NULL"),
        ),
        Index(
            "ix_delivery_held",
            "due",
            sqlite_where=text("state = 'held' AND mailing_id IS NULL"),
            postgresql_where=text("state = 'held' AND mailing_id IS NULL"),
        ),
        Index(
            "ix_delivery_planned",
            "mailing_id",
            "messenger",
            "due",
            "id",
            sqlite_where=text("state IN ('planned', 'held')"),
            postgresql_where=text("state IN ('planned', 'held')"),
        ),
        Index(
            "ix_delivery_mailing",
            "mailing_id",
            "contact_id",
            sqlite_where=text("mailing_id IS NOT NULL"),
            postgresql_where=text("mailing_id IS NOT NULL"),
        ),
        Index(
            "ix_delivery_unasked",
            "contact_id",
            "settled_at",
            sqlite_where=text("contact_id IS NOT NULL"),
            postgresql_where=text("contact_id IS NOT NULL"),
        ),
    )


class Pause(Row, table=True):
    """A platform said wait: nothing goes to this messenger or chat before then, from any process."""

    __tablename__ = "pause"

    scope: str = Field(primary_key=True)
    """`telegram`, `slack`, or a chat's address."""
    until: datetime = Field(sa_type=Moment)


class Lease(Row, table=True):
    """A job that only one process may do at a time (listening with a bot's token). Whoever renews it has it."""

    __tablename__ = "lease"

    name: str = Field(primary_key=True)
    holder: str
    until: datetime = Field(sa_type=Moment)
