"""How deliveries leave the ledger: claimed by one process, one per chat, and judged once more."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import Boolean, ColumnElement, String, TextualSelect, bindparam, column, select, text
from sqlmodel import Session, SQLModel, col

from core.attention.judge import Again, Drop, Hold, Speak, drop, judge
from core.attention.reach import reroute
from core.cards import Card
from core.codec import read_card
from core.content.catalogue import Catalogue
from core.events import Address
from core.mailings.judging import judge_all
from storage.loading import columns, find
from storage.loading import rows as load
from storage.many import among
from storage.prepared import connected, fetch
from storage.tables import Delivery, Pause
from storage.tables.ledger import ANSWER, MAILING, PROACTIVE
from storage.types import Moment
from storage.writing import write

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

    @property
    def is_unasked(self) -> bool:
        """A message that nobody asked for, which is no edit and no line at the top of a chat."""
        return self.lane != ANSWER and not self.edits and self.kind != "pin"


class Said(NamedTuple):
    """Something that was said in a chat."""

    delivery: int
    chat: Address
    age: float
    """Seconds since its answer came."""


SAID_FOR = timedelta(seconds=60)
"""No limit of a chat looks further back (Bot FAQ: 20 messages a minute to a group)."""


class _Row(NamedTuple):
    """What claiming a delivery tells of it."""

    id: int
    address: str
    card: str
    """Empty: of a mailing, to be made now."""
    kind: str
    lane: int
    replaces: int | None
    message_id: str | None
    expires_at: datetime | None
    root: str | None
    """What the messenger calls the message of the delivery it replaces."""
    unreachable: str | None
    overtaken: bool
    """It is an edit that a newer waiting edit of the same message would overwrite at once."""


# The oldest waiting card of a chat goes first within its lane and never while another of that chat is in flight;
# one that was tried already (attempts > 0) keeps its place though it is not due yet, so later ones do not overtake it.
# What is given back asks with a CAST: SQLite forgets of a column that it gives back which index compares with it.
_CLAIM = """
    UPDATE delivery
    SET state = 'sending', leased_by = :holder, leased_until = :until, attempts = attempts + 1,
        revision = (SELECT m.revision FROM mailing AS m WHERE m.id = delivery.mailing_id)
    WHERE id IN (
        SELECT d.id FROM delivery AS d
        WHERE d.state = 'queued' AND d.lane = :lane AND d.due <= :now AND {where}
          AND NOT EXISTS (
            SELECT 1 FROM delivery AS e
            WHERE e.address = d.address AND e.state IN ('queued', 'sending')
              AND (e.state = 'sending'
                   OR (e.id < d.id AND e.lane <= d.lane AND (e.due <= :now OR e.attempts > 0))))
          AND NOT EXISTS (SELECT 1 FROM pause AS p WHERE p.scope IN (d.address, d.messenger) AND p.until > :now)
        ORDER BY d.due, d.id LIMIT :most {skip_locked})
    RETURNING id, address, card, kind, lane, replaces, message_id, expires_at,
        (SELECT r.message_id FROM delivery AS r WHERE r.id = delivery.replaces),
        (SELECT c.unreachable FROM chat AS c WHERE c.address = CAST(delivery.address AS TEXT)),
        EXISTS (
            SELECT 1 FROM delivery AS n
            WHERE n.address = CAST(delivery.address AS TEXT) AND n.state IN ('queued', 'sending') AND n.state = 'queued'
              AND n.subject = delivery.subject AND n.id > +delivery.id
              AND (n.replaces = delivery.replaces OR n.message_id = delivery.message_id))
"""
_DELIVERY = SQLModel.metadata.tables["delivery"]
_TOLD: list[ColumnElement[Any]] = [_DELIVERY.c[name] for name in _Row._fields[:8]]
_TOLD += [column("root", String()), column("unreachable", String()), column("overtaken", Boolean())]


def _claim_where(where: str) -> dict[str, TextualSelect]:
    """By dialect."""
    return {
        dialect: text(_CLAIM.format(where=where, skip_locked=lock))
        .bindparams(bindparam("until", type_=Moment()), bindparam("now", type_=Moment()))
        .columns(*_TOLD)
        for dialect, lock in (("sqlite", ""), ("postgresql", "FOR UPDATE OF d SKIP LOCKED"))
    }


_SAID = select(col(Delivery.id), col(Delivery.address), col(Delivery.settled_at)).where(
    col(Delivery.address).in_(bindparam("addresses", expanding=True)), col(Delivery.settled_at) > bindparam("since")
)
_DUE = _claim_where("d.messenger = :messenger")
_HERE = _claim_where("d.address = :address AND d.state IN ('queued', 'sending')")  # the words of the chats' index


def claim(
    session: Session, catalogue: Catalogue, *, messenger: str, holder: str, most: Sequence[int], now: datetime
) -> list[Claimed]:
    """Take what is due for this messenger, at most `most[lane]` of each lane, answers first, one per chat.

    Everything is judged once more: what may not be said now is held, what should not be said any more cancelled,
    what goes to an unreachable chat held until the person comes back.
    """
    pause = find(session, Pause, messenger)
    if pause is not None and pause.until > now:
        return []
    sendable: list[_Row] = []
    cards: dict[int, Card] = {}
    room = list(most)
    while rows := _take(session, messenger, holder, room, now):
        refused = _refused(session, catalogue, rows, now)
        mailed = [row.id for row in rows if not row.card and row.id not in refused]
        if mailed:
            cards |= judge_all(session, catalogue, mailed, now)
            refused |= set(mailed) - cards.keys()
        sendable += [row for row in rows if row.id not in refused]
        if not refused:
            break
        for row in rows:
            room[row.lane] -= row.id not in refused
    sendable.sort(key=lambda row: (row.lane, row.id))  # they are begun in this order: answers first here too
    return [one for row in sendable if (one := _claimed(session, row, now, cards.get(row.id))) is not None]


def said_lately(session: Session, addresses: Sequence[str], now: datetime) -> list[Said]:
    """What was said in these chats in the last minute, by whichever process: their limits count it."""
    if not addresses:
        return []
    values = {"addresses": addresses, "since": now - SAID_FOR}
    found = fetch(connected(session), _SAID, values)
    return [Said(number, Address.parse(address), (now - at).total_seconds()) for number, address, at in found]


def claim_here(
    session: Session, catalogue: Catalogue, address: str, cards: Mapping[int, Card], *, holder: str, now: datetime
) -> Claimed | None:
    """Take the answer that is this chat's next, if one is due: as `claim` would, in the transaction that posted it.

    `cards`: those it posted, by delivery; they need not be read back.
    """
    rows = _mark(session, _HERE, {"address": address, "lane": ANSWER, "most": 1}, holder, now)
    if not rows or _refused(session, catalogue, rows, now):
        return None
    return _claimed(session, rows[0], now, cards.get(rows[0].id))


def _take(session: Session, messenger: str, holder: str, room: Sequence[int], now: datetime) -> list[_Row]:
    rows: list[_Row] = []
    for lane in (ANSWER, PROACTIVE, MAILING):
        if room[lane] > 0:
            rows += _mark(session, _DUE, {"messenger": messenger, "lane": lane, "most": room[lane]}, holder, now)
    return rows


def _mark(
    session: Session, what: dict[str, TextualSelect], values: dict[str, object], holder: str, now: datetime
) -> list[_Row]:
    """Mark what is due as ours. Plain statements: this and `settle` run for every card there is."""
    connection = connected(session)
    values |= {"holder": holder, "until": now + LEASE, "now": now}
    return [_Row(*row) for row in fetch(connection, what[connection.dialect.name], values)]


def _refused(session: Session, catalogue: Catalogue, rows: Sequence[_Row], now: datetime) -> set[int]:
    """Which of these are not to be sent now after all; why is written down."""
    doubtful = {
        row.id: row
        for row in rows
        if row.overtaken
        or row.unreachable is not None
        or (row.card and (row.lane != ANSWER or row.expires_at is not None))  # those of mailings are judged together
    }
    if not doubtful:
        return set()
    refused = set()
    for (row,) in load(session, _THESE, {"ids": sorted(doubtful)}, Delivery, fresh=True):
        told = doubtful[row.id or 0]
        if told.overtaken:
            _end(row, "cancelled", "overtaken", now)
        elif told.unreachable is not None:
            _put_back(row, "held", "unreachable", NEVER)
            if not reroute(session, row, now) and row.mailing_id is not None:
                _end(row, "failed", f"unreachable: {told.unreachable}", now)
        elif _may_go(session, catalogue, row, now):
            continue
        refused.add(told.id)
    write(session)
    return refused


_THESE = select(*columns(Delivery)).where(among(col(Delivery.id), "ids")).order_by(col(Delivery.id))


def _may_go(session: Session, catalogue: Catalogue, row: Delivery, now: datetime) -> bool:
    match judge(session, catalogue, row, now):
        case Speak():
            return True
        case Again():
            _put_back(row, "queued", None, row.due)
        case Hold(until, reason):
            _put_back(row, "held", reason, until)
        case Drop(reason):
            drop(session, row, reason, now)
    return False


def _end(row: Delivery, state: str, reason: str, now: datetime) -> None:
    row.state, row.reason, row.settled_at = state, reason, now
    row.leased_by = row.leased_until = None


def _put_back(row: Delivery, state: str, reason: str | None, due: datetime) -> None:
    row.state, row.reason, row.due, row.attempts = state, reason, due, row.attempts - 1
    row.leased_by = row.leased_until = None


def _claimed(session: Session, row: _Row, now: datetime, card: Card | None = None) -> Claimed | None:
    """`card` None: the row's is read. Returns None when it cannot be, which is written down."""
    try:
        address, card = Address.parse(row.address), card or read_card(row.card)
    except (ValueError, KeyError, TypeError, IndexError):
        _end(session.get_one(Delivery, row.id, populate_existing=True), "failed", "unreadable", now)
        return None
    return Claimed(
        id=row.id,
        address=address,
        card=card,
        kind=row.kind,
        lane=row.lane,
        replacing=row.root if row.replaces is not None else row.message_id,
        edits=row.replaces is not None or row.message_id is not None,
    )
