"""How deliveries leave the ledger: claimed by one process, judged once more, sent elsewhere, and settled."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol

from sqlalchemy import bindparam, func, or_, text, update
from sqlmodel import Session, SQLModel, col, select

from core.attention import Drop, Hold, Speak, judge
from core.cards import Card
from core.catalogue import Catalogue
from core.codec import read_card
from core.events import Address
from storage.tables import Chat, Delivery, Pause, Screen
from storage.tables.ledger import ANSWER, MAILING, PROACTIVE
from storage.types import Moment

LEASE = timedelta(seconds=90)
"""How long a claimed delivery belongs to one process: longer than any send may take (files included)."""

NEVER = datetime(9999, 12, 31, tzinfo=UTC)
"""Due of what waits for a person to come back."""

MOST_ATTEMPTS = 20
"""Times that a delivery itself may be put off or its answer be lost before a person has to look at it."""

LONGEST_PAUSE = timedelta(minutes=5)
"""Between the last of these tries; the first comes at once, then the pauses double from two seconds."""


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


@dataclass(frozen=True, slots=True)
class Settled:
    """What became of a claimed delivery. `retry_at`: not settled after all, try again then."""

    id: int
    state: str
    """`accepted`, `failed`, `uncertain`, `unreachable`, or `queued` with `retry_at`."""
    reason: str | None = None
    message_id: str | None = None
    moved: bool = False
    """An edit was shown as another message than the one it was to replace."""
    retry_at: datetime | None = None
    counts: bool = True
    """False: it was not this delivery's fault (the messenger is down, the whole bot has to wait): no try is used up."""


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
          AND (n.replaces IS NOT NULL OR n.message_id IS NOT NULL))
    """
).bindparams(bindparam("ids", expanding=True))


def _overtaken(session: Session, rows: Sequence[_Row]) -> set[int]:
    """Edits that a newer waiting edit of the same subject would overwrite at once."""
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


_ACCEPT = (
    update(SQLModel.metadata.tables["delivery"])
    .where(col(Delivery.id) == bindparam("delivery"), col(Delivery.leased_by) == bindparam("holder"))
    .where(col(Delivery.state) == "sending")
    .values(
        state="accepted", message_id=bindparam("message"), settled_at=bindparam("at"), leased_by=None, leased_until=None
    )
)


def settle(session: Session, *, holder: str, done: Sequence[Settled], now: datetime) -> list[Chat]:
    """Write down what became of claimed deliveries. Returns the chats found unreachable just now.

    An outcome that comes after the lease was lost changes nothing: whoever has it now will tell.
    """
    lost: list[Chat] = []
    plain = [one for one in done if one.state == "accepted" and not one.moved and one.message_id is not None]
    if plain:
        values = [{"delivery": one.id, "holder": holder, "message": one.message_id, "at": now} for one in plain]
        session.connection().execute(_ACCEPT, values)
    for outcome in done:
        if outcome in plain:
            continue
        row = session.get(Delivery, outcome.id)
        if row is None or row.state != "sending" or row.leased_by != holder:
            continue
        match outcome.state:
            case "accepted":
                _accept(session, row, outcome.message_id)
                row.reason = outcome.reason
            case "unreachable":
                lost += _mark_unreachable(session, row.address, outcome.reason or "refused", now)
                row.state, row.reason, row.due = "held", "unreachable", NEVER
                row.attempts -= 1
            case "uncertain":
                _unsure(row, now)
            case "queued":
                _try_again(row, outcome, now)
            case state:
                row.state, row.reason = state, outcome.reason
        row.leased_by = row.leased_until = None
        row.settled_at = None if row.state in ("queued", "held") else now
    session.flush()
    return lost


def _try_again(row: Delivery, outcome: Settled, now: datetime) -> None:
    """Queue it where it was. Tried once, it keeps its place in the chat, so `attempts` does not return to 0."""
    row.due, row.reason = outcome.retry_at or now, outcome.reason
    if not outcome.counts:
        row.state, row.attempts = "queued", max(1, row.attempts - 1)
    elif row.attempts < MOST_ATTEMPTS:
        row.state, row.due = "queued", max(row.due, now + _pause_after(row.attempts))
    else:
        row.state = "failed"


def _pause_after(attempts: int) -> timedelta:
    return min(timedelta(seconds=2 ** (attempts - 1)), LONGEST_PAUSE) if attempts > 1 else timedelta(0)


def _unsure(row: Delivery, now: datetime) -> None:
    """Nobody knows whether it was shown: an answer is sent again, anything else waits for a person to decide."""
    if row.repeatable and row.attempts < MOST_ATTEMPTS:
        row.state, row.due, row.reason = "queued", now + _pause_after(row.attempts), "answer lost"
    else:
        row.state, row.reason = "uncertain", "answer lost"


def _accept(session: Session, row: Delivery, message_id: str | None) -> None:
    """Later edits go to the message that is really there: a replacement may have been sent anew under another id."""
    row.state = "accepted"
    if message_id is None:
        return
    if row.replaces is not None:
        root = session.get(Delivery, row.replaces)
        if root is not None:
            root.message_id = message_id
    elif row.message_id is not None and row.message_id != message_id:
        session.execute(
            update(Screen)
            .where(col(Screen.address) == row.address, col(Screen.message_id) == row.message_id)
            .values(message_id=message_id)
        )
    row.message_id = message_id


def _mark_unreachable(session: Session, address: str, why: str, now: datetime) -> list[Chat]:
    chat = session.get(Chat, address)
    if chat is None:
        chat = Chat(address=address, last_heard_at=now)
        session.add(chat)
    if chat.unreachable is not None:
        return []
    chat.unreachable = why
    return [chat]


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
    rows = session.exec(
        select(Delivery)
        .where(Delivery.state == "sending", col(Delivery.leased_until) < now, Delivery.leased_by != holder)
        .with_for_update(skip_locked=True)
    ).all()
    for row in rows:
        _unsure(row, now)
        row.leased_by = row.leased_until = None
        row.settled_at = now if row.state == "uncertain" else None
    return len(rows)


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
    """What attention held and whose moment has come is queued again; it is judged anew. Returns how many."""
    result = session.execute(
        update(Delivery)
        .where(col(Delivery.state) == "held", col(Delivery.due) <= now)
        .values(state="queued", reason=None)
        .execution_options(synchronize_session=False)
    )
    return int(getattr(result, "rowcount", 0))


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


def pause(session: Session, scope: str, until: datetime) -> None:
    """Nothing goes to this messenger or chat before `until`, from any process. The longest wait counts."""
    row = session.get(Pause, scope)
    if row is None:
        session.add(Pause(scope=scope, until=until))
    elif row.until < until:
        row.until = until
