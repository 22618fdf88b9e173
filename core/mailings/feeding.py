"""A small stock of recipients is queued at a time: so the ledger's due ones are few, however many are planned.

Those who were held (quiet hours, caps) are fed like those who were planned, when their moment comes.
"""

from collections.abc import Sequence
from datetime import datetime, time
from itertools import groupby
from typing import Final

from sqlalchemy import Executable, bindparam, func, select, text
from sqlmodel import Session, SQLModel

from core.content.catalogue import Rules
from core.people.accounts import local
from storage.prepared import connected, fetch
from storage.tables import Mailing
from storage.tables.ledger import MAILING
from storage.types import Moment

LEAST_STOCK: Final = 100
MOST_STOCK: Final = 2_000
"""Queued of all mailings for one messenger."""

SECONDS: Final = 3
"""For how long the stock is to last at the pace of lately."""

MESSENGERS: Final = ("telegram", "slack")

_DELIVERY = SQLModel.metadata.tables["delivery"]
_STOCK = (
    select(func.count())
    .select_from(_DELIVERY)
    .where(
        _DELIVERY.c.messenger == bindparam("messenger"), _DELIVERY.c.lane == MAILING, text("delivery.state = 'queued'")
    )
)
_FED = """
    UPDATE delivery SET state = 'queued', reason = NULL WHERE id IN (
        SELECT d.id FROM delivery AS d
        WHERE d.mailing_id = :mailing AND d.messenger = :messenger AND d.state IN ('planned', 'held') AND d.due <= :now
        ORDER BY d.due, d.id LIMIT :most {lock})
    RETURNING id
"""
_FEED: dict[str, Executable] = {
    dialect: text(_FED.format(lock=lock)).bindparams(bindparam("now", type_=Moment())).columns(_DELIVERY.c.id)
    for dialect, lock in (("sqlite", ""), ("postgresql", "FOR UPDATE SKIP LOCKED"))
}


def feed(session: Session, mailings: Sequence[tuple[Mailing, int | None]], now: datetime) -> int:
    """Queue the next recipients of these, the highest priority first; equals share. Returns how many.

    With each comes how many of it may go now; None: any number. Their rows must be locked.
    """
    room = {id(mailing): most for mailing, most in mailings}
    fed = 0
    for messenger in MESSENGERS:
        most, there = _stock_for([mailing for mailing, _ in mailings]), _stock(session, messenger)
        wanted = most - there if there <= most // 2 else 0  # seldom many, not always a few
        for _, group in groupby(sorted(mailings, key=_rank), key=lambda one: one[0].priority):
            equals = [mailing for mailing, _ in group]
            for place, mailing in enumerate(equals):
                share, allowed = -(-wanted // (len(equals) - place)), room[id(mailing)]
                share = share if allowed is None else min(share, allowed)
                if share <= 0:
                    continue
                queued = _feed(session, mailing, messenger, share, now)
                wanted, fed = wanted - queued, fed + queued
                if allowed is not None:
                    room[id(mailing)] = allowed - queued
    return fed


def _rank(one: tuple[Mailing, int | None]) -> tuple[int, int]:
    return -one[0].priority, one[0].id or 0


def _stock_for(mailings: Sequence[Mailing]) -> int:
    return max(LEAST_STOCK, min(MOST_STOCK, int(SECONDS * sum(mailing.pace for mailing in mailings))))


def _stock(session: Session, messenger: str) -> int:
    return int(fetch(connected(session), _STOCK, {"messenger": messenger})[0][0])


def _feed(session: Session, mailing: Mailing, messenger: str, most: int, now: datetime) -> int:
    line = connected(session)
    values = {"mailing": mailing.id, "messenger": messenger, "now": now, "most": most}
    return len(fetch(line, _FEED[line.dialect.name], values))


def in_window(rules: Rules, mailing: Mailing, now: datetime) -> bool:
    """Whether the hub's clock is within the hours in which it may go out."""
    begins, ends = mailing.window_from, mailing.window_until
    if begins is None or ends is None:
        return True
    return _within(begins, ends, local(now, rules.timezone).time())


def _within(begins: time, ends: time, clock: time) -> bool:
    return begins <= clock < ends if begins < ends else clock >= begins or clock < ends
