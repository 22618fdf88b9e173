"""How deliveries leave the ledger: claimed by one process, one per chat, and judged once more."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol

from sqlalchemy import bindparam, text
from sqlmodel import Session, col, select

from core.attention.judge import Drop, Hold, Speak, judge
from core.cards import Card
from core.codec import read_card
from core.content.catalogue import Catalogue
from core.events import Address
from storage.tables import Chat, Delivery, Pause
from storage.tables.ledger import ANSWER, MAILING, PROACTIVE
from storage.types import Moment

LEASE = timedelta(seconds=90)
"""How long a claimed delivery belongs to one process: longer than any send may take (files included)."""

NEVER = datetime(9999, 12, 31, tzinfo=UTC)
"""Due of what waits for a person to come back."""


@dataclass(frozen=True, slots=True)
class Claimed:
    """A delivery that this process, and no other, is to send now."""

    id: int
    address: Address
    card: Card
    kind: str
    lane: int
    replacing: str | None
    """The message to edit; None: a new one."""
    edits: bool = False
    """It is meant to edit; `replacing` None then means that the message was never shown."""


class _Row(Protocol):
    """What claiming a delivery tells of it."""

    id: int
    address: str
    card: str
    kind: str
    lane: int
    subject: str | None
    replaces: int | None
    message_id: str | None
    expires_at: datetime | None


# The oldest waiting card of a chat goes first within its lane and never while another of that chat is in flight;
# one that was tried already (attempts > 0) keeps its place though it is not due yet, so later ones do not overtake it.
_CLAIM = """
    UPDATE delivery
    SET state = 'sending', leased_by = :holder, leased_until = :until, attempts = attempts + 1
    WHERE id IN (
        SELECT d.id FROM delivery AS d
        WHERE d.state = 'queued' AND d.messenger = :messenger AND d.lane = :lane AND d.due <= :now
          AND NOT EXISTS (
            SELECT 1 FROM delivery AS e
            WHERE e.address = d.address AND e.state IN ('queued', 'sending')
              AND (e.state = 'sending'
                   OR (e.id < d.id AND e.lane <= d.lane AND (e.due <= :now OR e.attempts > 0))))
          AND NOT EXISTS (SELECT 1 FROM pause AS p WHERE p.scope = d.address AND p.until > :now)
        ORDER BY d.due, d.id LIMIT :most {skip_locked})
    RETURNING id, address, card, kind, lane, subject, replaces, message_id, expires_at
"""
_CLAIM_IN = {
    dialect: text(_CLAIM.format(skip_locked=lock))
    .bindparams(bindparam("until", type_=Moment()), bindparam("now", type_=Moment()))
    .columns(expires_at=Moment())
    for dialect, lock in (("sqlite", ""), ("postgresql", "FOR UPDATE OF d SKIP LOCKED"))
}


def claim(
    session: Session, catalogue: Catalogue, *, messenger: str, holder: str, most: Sequence[int], now: datetime
) -> list[Claimed]:
    """Take what is due for this messenger, at most `most[lane]` of each lane, answers first, one per chat.

    Everything is judged once more: what may not be said now is held, what should not be said any more cancelled,
    what goes to an unreachable chat held until the person comes back.
    """
    if _paused(session, messenger, now):
        return []
    sendable: list[_Row] = []
    room = list(most)
    while rows := _take(session, messenger, holder, room, now):
        refused = _refused(session, catalogue, rows, now)
        sendable += [row for row in rows if row.id not in refused]
        if not refused:
            break
        for row in rows:
            room[row.lane] -= row.id not in refused
    roots = _message_ids(session, [row.replaces for row in sendable if row.replaces is not None])
    claimed = []
    for row in sorted(sendable, key=lambda row: row.id):
        try:
            claimed.append(_claimed(row, roots))
        except (ValueError, KeyError, TypeError, IndexError):
            _end(session.get_one(Delivery, row.id, populate_existing=True), "failed", "unreadable", now)
    return claimed


def _take(session: Session, messenger: str, holder: str, room: Sequence[int], now: datetime) -> list[_Row]:
    """Mark what is due as ours. Plain statements: this and `settle` run for every card there is."""
    statement = _CLAIM_IN[session.get_bind().dialect.name]
    values: dict[str, Any] = {"holder": holder, "until": now + LEASE, "messenger": messenger, "now": now}
    rows: list[_Row] = []
    for lane in (ANSWER, PROACTIVE, MAILING):
        if room[lane] > 0:
            rows += session.execute(statement, values | {"lane": lane, "most": room[lane]}).all()
    return rows


def _refused(session: Session, catalogue: Catalogue, rows: Sequence[_Row], now: datetime) -> set[int]:
    """Which of these are not to be sent now after all; why is written down."""
    unreachable = _unreachable(session, {row.address for row in rows})
    overtaken = _overtaken(session, rows)
    doubtful = {
        row.id
        for row in rows
        if row.id in overtaken or row.address in unreachable or row.lane != ANSWER or row.expires_at is not None
    }
    if not doubtful:
        return set()
    found = session.exec(
        select(Delivery).where(col(Delivery.id).in_(doubtful)).execution_options(populate_existing=True)
    ).all()
    refused = set()
    for row in found:
        if row.id in overtaken:
            _end(row, "cancelled", "overtaken", now)
        elif row.address in unreachable:
            _put_back(row, "held", "unreachable", NEVER)
        elif _may_go(session, catalogue, row, now):
            continue
        refused.add(row.id or 0)
    session.flush()
    return refused


def _paused(session: Session, messenger: str, now: datetime) -> bool:
    pause = session.get(Pause, messenger)
    return pause is not None and pause.until > now


def _unreachable(session: Session, addresses: set[str]) -> set[str]:
    found = session.exec(
        select(Chat.address).where(col(Chat.address).in_(addresses), col(Chat.unreachable).is_not(None))
    )
    return set(found.all())


_OVERTAKEN = text(
    """
    SELECT d.id FROM delivery AS d
    WHERE d.id IN :ids AND EXISTS (
        SELECT 1 FROM delivery AS n
        WHERE n.address = d.address AND n.subject = d.subject AND n.id > d.id AND n.state = 'queued'
          AND (n.replaces = d.replaces OR n.message_id = d.message_id))
    """
).bindparams(bindparam("ids", expanding=True))


def _overtaken(session: Session, rows: Sequence[_Row]) -> set[int]:
    """Edits that a newer waiting edit of the same message would overwrite at once."""
    edits = [row.id for row in rows if row.subject and (row.replaces is not None or row.message_id is not None)]
    return set(session.execute(_OVERTAKEN, {"ids": edits}).scalars()) if edits else set()


def _may_go(session: Session, catalogue: Catalogue, row: Delivery, now: datetime) -> bool:
    match judge(session, catalogue, row, now):
        case Speak():
            return True
        case Hold(until, reason):
            _put_back(row, "held", reason, until)
        case Drop(reason):
            _end(row, "expired" if reason == "expired" else "cancelled", reason, now)
    return False


def _end(row: Delivery, state: str, reason: str, now: datetime) -> None:
    row.state, row.reason, row.settled_at = state, reason, now
    row.leased_by = row.leased_until = None


def _put_back(row: Delivery, state: str, reason: str, due: datetime) -> None:
    row.state, row.reason, row.due, row.attempts = state, reason, due, row.attempts - 1
    row.leased_by = row.leased_until = None


def _message_ids(session: Session, roots: list[int]) -> dict[int, str | None]:
    if not roots:
        return {}
    found = session.exec(select(Delivery.id, Delivery.message_id).where(col(Delivery.id).in_(roots))).all()
    return {root: message for root, message in found if root is not None}


def _claimed(row: _Row, roots: dict[int, str | None]) -> Claimed:
    return Claimed(
        id=row.id,
        address=Address.parse(row.address),
        card=read_card(row.card),
        kind=row.kind,
        lane=row.lane,
        replacing=roots.get(row.replaces) if row.replaces is not None else row.message_id,
        edits=row.replaces is not None or row.message_id is not None,
    )
