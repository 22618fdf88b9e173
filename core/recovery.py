"""Deliveries that stand still and go on: their process died or lost sight of them, or their moment or person came."""

from collections.abc import Collection
from datetime import datetime, timedelta

from sqlalchemy import bindparam, func, or_, update
from sqlalchemy import select as select_columns
from sqlmodel import Session, SQLModel, col, select

from core.claims import LEASE
from core.events import Address
from core.outbox import note_due
from core.settling import call_unsure
from storage.loading import columns, rows
from storage.prepared import connected, fetch
from storage.tables import Delivery
from storage.types import Moment


def take_back(session: Session, *, messenger: str, holder: str, but: Collection[int]) -> int:
    """What stands as in this process's hands and is not: claimed in a commit whose answer was lost, so never sent.

    `but`: the ids really in hand. Returns how many were queued again, each in its old place.
    """
    result = session.execute(
        update(Delivery)
        .where(col(Delivery.state) == "sending", col(Delivery.messenger) == messenger)
        .where(col(Delivery.leased_by) == holder, col(Delivery.id).not_in(but))
        .values(state="queued", leased_by=None, leased_until=None, attempts=col(Delivery.attempts) - 1)
        .execution_options(synchronize_session=False)
    )
    return int(getattr(result, "rowcount", 0))


def renew(session: Session, *, messenger: str, holder: str, now: datetime) -> None:
    """This process lives and still has them in hand: nobody else is to think that they were lost."""
    session.execute(
        update(Delivery)
        .where(col(Delivery.state) == "sending", col(Delivery.messenger) == messenger)
        .where(col(Delivery.leased_by) == holder, col(Delivery.leased_until) < now + LEASE * 2 / 3)
        .values(leased_until=now + LEASE)
        .execution_options(synchronize_session=False)
    )


def recover(session: Session, *, holder: str, now: datetime) -> int:
    """Deliveries whose process died while sending: nobody knows whether they were shown. Returns how many.

    Those that `holder`, the caller, is sending itself are left alone, however long they take.
    """
    lost: list[Delivery] = [row for (row,) in rows(session, _LOST, {"holder": holder, "now": now}, Delivery)]
    for row in lost:
        call_unsure(row, now)
        row.leased_by = row.leased_until = None
        row.settled_at = now if row.state == "uncertain" else None
    return len(lost)


_LOST = (
    select_columns(*columns(Delivery))
    .where(col(Delivery.state) == "sending", col(Delivery.leased_until) < bindparam("now", type_=Moment))
    .where(col(Delivery.leased_by) != bindparam("holder"))
    .with_for_update(skip_locked=True)
)


def holders(session: Session) -> list[str]:
    """The processes that have deliveries in their hands, dead or alive."""
    found = session.exec(
        select(Delivery.leased_by).where(Delivery.state == "sending", col(Delivery.leased_by).is_not(None)).distinct()
    )
    return [holder for holder in found.all() if holder is not None]


def give_up(session: Session, holder: str, now: datetime) -> None:
    """This process is known to be gone: what it was sending need not wait for its lease to run out."""
    session.execute(
        update(Delivery)
        .where(col(Delivery.state) == "sending", col(Delivery.leased_by) == holder)
        .values(leased_until=now - timedelta(seconds=1))
    )


def release_held(session: Session, now: datetime) -> int:
    """What attention held and whose moment has come is queued again; it is judged anew. Returns how many.

    Recipients of mailings are fed (core.mailings.feeding): after a night there may be very many.
    """
    return len(fetch(connected(session), _RELEASE, {"now": now}))


_RELEASE = (
    update(SQLModel.metadata.tables["delivery"])
    .where(col(Delivery.state) == "held", col(Delivery.mailing_id).is_(None))
    .where(col(Delivery.due) <= bindparam("now", type_=Moment))
    .values(state="queued", reason=None)
    .returning(col(Delivery.id))
)


def release_chat(session: Session, address: str, now: datetime) -> None:
    """A person came back: what waited for them is queued again, but only the newest of several pictures of a thing."""
    waiting = (col(Delivery.address) == address, col(Delivery.state) == "held", col(Delivery.reason) == "unreachable")
    edits = or_(col(Delivery.replaces).is_not(None), col(Delivery.message_id).is_not(None))
    newest = select(func.max(Delivery.id)).where(*waiting, edits).group_by(col(Delivery.subject))
    session.execute(
        update(Delivery)
        .where(*waiting, edits, col(Delivery.subject).is_not(None), col(Delivery.id).not_in(newest))
        .values(state="cancelled", reason="overtaken", settled_at=now)
        .execution_options(synchronize_session=False)
    )
    session.execute(
        update(Delivery)
        .where(*waiting)
        .values(state="queued", due=now, reason=None)
        .execution_options(synchronize_session=False)
    )
    note_due(session, Address.parse(address).messenger)
