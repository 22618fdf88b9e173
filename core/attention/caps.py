"""Caps: how much one person hears from us unasked, in all and of each kind."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import bindparam, func, select
from sqlmodel import Session, col

from storage.many import among
from storage.prepared import connected, fetch
from storage.tables import Delivery
from storage.tables.ledger import ANSWER
from storage.types import Moment
from storage.writing import write

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
    write(session)
    values = {"contact": contact_id, "but": but or 0, "since": now - WEEK, "states": _SENT}
    found = fetch(connected(session), _SENT_UNASKED, values)
    return [Sent(min(at, now), kind) for at, kind in found if at is not None]


_SENT = ("accepted", "uncertain", "sending")
_AT = func.coalesce(Delivery.settled_at, Delivery.leased_until, type_=Moment)
_SENT_UNASKED = (
    select(_AT, col(Delivery.kind))
    .where(col(Delivery.contact_id) == bindparam("contact"), col(Delivery.lane) != ANSWER)
    .where(col(Delivery.id) != bindparam("but"), among(col(Delivery.state), "states"))
    .where(bindparam("since", type_=Moment) < _AT)
)
