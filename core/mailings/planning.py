"""From an audience to recipients: one row of the ledger for each, written by one statement, however many they are."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, false, func, insert, literal, select, text, true
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session, SQLModel

from core.content.catalogue import Catalogue
from core.mailings.omitting import KIND, reason_of
from core.mailings.recipients import BEST, CONTACT, MESSENGER, PEOPLE, Asked, due_of, numbered, shuffled
from storage.tables import Mailing, MailingTally
from storage.tables.ledger import MAILING
from storage.types import Moment

_DELIVERY = SQLModel.metadata.tables["delivery"]
_OMISSION = SQLModel.metadata.tables["mailing_omission"]
_TALLY = SQLModel.metadata.tables["mailing_tally"]


@dataclass(frozen=True, slots=True)
class Forecast:
    """Whom a mailing would go to if it left now."""

    going: Mapping[str, int]
    """By messenger."""
    left_out: Mapping[str, int] = field(default_factory=dict)
    """By reason, the most first."""

    @property
    def total(self) -> int:
        """Recipients."""
        return sum(self.going.values())

    @property
    def audience(self) -> int:
        """All it is meant for."""
        return self.total + sum(self.left_out.values())


def forecast(session: Session, catalogue: Catalogue, mailing: Mailing, now: datetime) -> Forecast:
    """Count who would get it and who not. `mailing` may be one that is not written down. Raises BadCondition."""
    asked = Asked(session, catalogue, mailing, now)
    told = select(reason_of(asked).label("reason"), MESSENGER.label("messenger")).select_from(PEOPLE)
    told_of = told.where(asked.audience).subquery()
    found = session.execute(
        select(told_of.c.reason, told_of.c.messenger, func.count()).group_by(told_of.c.reason, told_of.c.messenger)
    ).all()
    going: dict[str, int] = {}
    left_out: dict[str, int] = {}
    for reason, messenger, count in found:
        if reason is None:
            going[messenger] = count
        else:
            left_out[reason] = left_out.get(reason, 0) + count
    return Forecast(going, dict(sorted(left_out.items(), key=lambda one: (-one[1], one[0]))))


def sample(session: Session, catalogue: Catalogue, mailing: Mailing, most: int, now: datetime) -> Sequence[int]:
    """Contact ids of some who would get it, no two neighbours; the same ones each time. Raises BadCondition."""
    asked = Asked(session, catalogue, mailing, now)
    chosen = select(CONTACT.c.id).select_from(PEOPLE).where(asked.audience, reason_of(asked).is_(None))
    return list(session.execute(chosen.order_by(*shuffled()).limit(most)).scalars())


def plan(session: Session, catalogue: Catalogue, mailing: Mailing, now: datetime) -> int:
    """Write down who gets it, when and where, and who does not and why. Returns how many recipients there are.

    Keys: `mailing:<id>:<contact>`; planned before, nothing is added. Those of a canary are due just before the
    others. The mailing's row must be locked. Raises BadCondition.
    """
    if mailing.planned_at is not None:
        return 0
    if session.get_bind().dialect.name == "postgresql":
        session.execute(
            text("SET LOCAL jit = off")
        )  # compiling takes longer than what it saves on a statement run once
    asked, number = Asked(session, catalogue, mailing, now), mailing.id or 0
    audience, reason = asked.audience, reason_of(asked)
    columns = _columns(asked, number, now)
    going = select(*columns.values()).select_from(PEOPLE).where(audience, reason.is_(None)).order_by(CONTACT.c.id)
    into = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    written = session.execute(
        into(_DELIVERY)
        .from_select(list(columns), going)
        .on_conflict_do_nothing(index_elements=["key"])
        .execution_options(preserve_rowcount=True)
    )
    left_out = select(literal(number), CONTACT.c.id, reason).select_from(PEOPLE).where(audience, reason.is_not(None))
    session.execute(insert(_OMISSION).from_select(["mailing_id", "contact_id", "reason"], left_out))
    _count_left_out(session, number)
    recipients = int(getattr(written, "rowcount", 0))
    if recipients:
        session.add(MailingTally(mailing_id=number, state="planned", change=recipients, folded=True))
    mailing.planned_at = now
    session.flush()
    return recipients


def _count_left_out(session: Session, number: int) -> None:
    """For the card that follows it: a line for each reason."""
    reason, every = _OMISSION.c.reason, _OMISSION.c.mailing_id == number
    told = select(literal(number), literal("left out"), reason, func.count(), true()).where(every).group_by(reason)
    session.execute(insert(_TALLY).from_select(["mailing_id", "state", "reason", "change", "folded"], told))


def _columns(asked: Asked, number: int, now: datetime) -> Mapping[str, ColumnElement[Any]]:
    """What stands in each recipient's row; its card is made when it is claimed."""
    about = f"mailing:{number}:"
    return {
        "key": numbered(about),
        "messenger": MESSENGER,
        "address": BEST.c.address,
        "lane": literal(MAILING),
        "repeatable": false(),
        "kind": literal(KIND),
        "card": literal(""),
        "subject": numbered(about),
        "contact_id": CONTACT.c.id,
        "mailing_id": literal(number),
        "state": literal("planned"),
        "due": due_of(asked, asked.mailing.leaves_at or now),
        "expires_at": literal(asked.mailing.expires_at, Moment()),
        "attempts": literal(0),
        "created_at": literal(now, Moment()),
        "content_version": literal(asked.mailing.content_version),
    }
