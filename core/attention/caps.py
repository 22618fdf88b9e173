"""Caps: how much one person hears from us unasked, in all and of each kind."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import func
from sqlmodel import Session, col, select

from storage.tables import Delivery
from storage.tables.ledger import ANSWER

DAY, WEEK = timedelta(days=1), timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Caps:
    """Messages nobody asked for, to one person. Each at least 1."""

    per_day: int = 2
    """In any 24 hours."""
    per_week: int = 5
    """In any 7 days."""
    per_week_of: Mapping[str, int] = field(default_factory=dict)
    """The same for one kind of delivery."""


@dataclass(frozen=True, slots=True)
class Sent:
    at: datetime
    kind: str


def capped_until(caps: Caps, sent: Sequence[Sent], kind: str, now: datetime) -> datetime | None:
    """When there is next room for one of this kind, given what was sent in the last 7 days; None: there is room now."""
    everything = [one.at for one in sent]
    waits = [_frees(everything, caps.per_day, DAY, now), _frees(everything, caps.per_week, WEEK, now)]
    if kind in caps.per_week_of:
        alike = [one.at for one in sent if one.kind == kind]
        waits.append(_frees(alike, caps.per_week_of[kind], WEEK, now))
    return max((wait for wait in waits if wait is not None), default=None)


def _frees(moments: Sequence[datetime], most: int, span: timedelta, now: datetime) -> datetime | None:
    """When fewer than `most` of the moments lie within `span` before; None: they do already."""
    within = sorted(moment for moment in moments if now - span < moment <= now)
    return within[len(within) - most] + span if len(within) >= most else None


def sent_unasked(session: Session, contact_id: int, now: datetime, *, but: int | None = None) -> list[Sent]:
    """What went to this person unasked in the last 7 days, `but` one delivery; what is in flight counts as sent now."""
    moment = func.coalesce(Delivery.settled_at, Delivery.leased_until)
    rows = session.exec(
        select(moment, Delivery.kind)
        .where(Delivery.contact_id == contact_id, Delivery.lane != ANSWER, Delivery.id != but)
        .where(col(Delivery.state).in_(("accepted", "uncertain", "sending")))
        .where(moment > now - WEEK)
    ).all()
    return [Sent(min(at, now), kind) for at, kind in rows if at is not None]
