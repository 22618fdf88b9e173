"""What became of deliveries that were claimed: shown, to be tried again, lost to a chat that is gone, or uncertain."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import bindparam, update
from sqlmodel import Session, SQLModel, col

from core.attention.reach import reroute
from core.claims import NEVER
from core.outbox import bring_back
from storage.loading import find
from storage.prepared import connected, fetch
from storage.tables import Chat, Delivery, Pause, Screen
from storage.writing import write

MOST_ATTEMPTS = 20
"""Times that a delivery itself may be put off or its answer be lost before a person has to look at it."""

LONGEST_PAUSE = timedelta(minutes=5)
"""Between the last of these tries; the first comes at once, then the pauses double from two seconds."""


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


_ACCEPT = (
    update(SQLModel.metadata.tables["delivery"])
    .where(col(Delivery.id) == bindparam("delivery"), col(Delivery.leased_by) == bindparam("holder"))
    .where(col(Delivery.state) == "sending")
    .values(
        state="accepted", message_id=bindparam("message"), settled_at=bindparam("at"), leased_by=None, leased_until=None
    )
)
_ACCEPT_ONE = _ACCEPT.returning(col(Delivery.id))


def settle(session: Session, *, holder: str, done: Sequence[Settled], now: datetime) -> list[Chat]:
    """Write down what became of claimed deliveries. Returns the chats found unreachable just now.

    An outcome that comes after the lease was lost changes nothing: whoever has it now will tell.
    """
    lost: list[Chat] = []
    for shown, outcome in _in_order(done):
        values = [{"delivery": one.id, "holder": holder, "message": one.message_id, "at": now} for one in shown]
        if len(values) == 1:  # as it is for most taps
            fetch(connected(session), _ACCEPT_ONE, values[0])
        elif values:
            session.connection().execute(_ACCEPT, values)
        if outcome is None:
            break
        row = find(session, Delivery, outcome.id)
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
                if not reroute(session, row, now) and row.mailing_id is not None:  # nobody waits to hear it one day
                    row.state, row.reason = "failed", f"unreachable: {outcome.reason or 'refused'}"
            case "uncertain":
                call_unsure(row, now)
            case "queued":
                _try_again(row, outcome, now)
            case state:
                row.state, row.reason = state, outcome.reason
        row.leased_by = row.leased_until = None
        row.settled_at = None if row.state in ("queued", "held") else now
        if row.state == "failed" and row.contact_id is not None:
            bring_back(session, [row.id], row.contact_id, now)
    write(session)
    return lost


def _in_order(done: Sequence[Settled]) -> Iterator[tuple[list[Settled], Settled | None]]:
    """Those that were simply shown, together, and the next that was not; None: there is none after the last ones.

    In the order in which they came: how many failed one after the other is counted.
    """
    shown: list[Settled] = []
    for one in done:
        if one.state == "accepted" and not one.moved and one.message_id is not None:
            shown.append(one)
        else:
            yield shown, one
            shown = []
    yield shown, None


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


def call_unsure(row: Delivery, now: datetime) -> None:
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


def pause(session: Session, scope: str, until: datetime) -> None:
    """Nothing goes to this messenger or chat before `until`, from any process. The longest wait counts."""
    row = session.get(Pause, scope)
    if row is None:
        session.add(Pause(scope=scope, until=until))
    elif row.until < until:
        row.until = until
