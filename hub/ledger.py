"""What operators see of the two books: never anybody's words, only where from or to, what became of it, what waits."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from sqlalchemy import bindparam, text
from sqlmodel import Session, col, select

from storage.tables import Bot, Delivery, HeardEvent
from storage.types import Moment

# The states stand in the text and not in parameters: only then do both databases use the partial indexes, and a
# reading of /metrics costs what waits, not what was ever sent.
DEPTHS = {
    "held": "SELECT 'held', count(*) FROM delivery WHERE state = 'held' AND mailing_id IS NULL",
    "queued": "SELECT 'queued', count(*) FROM delivery WHERE state = 'queued'",
    "sending": "SELECT 'sending', count(*) FROM delivery WHERE state = 'sending'",
}
"""By state. Those of mailings that are held are told by `hub mailing show`: they may be very many."""
_DEPTH = text(" UNION ALL ".join(DEPTHS.values()))
_OLDEST = (
    text("SELECT min(due) AS due FROM delivery WHERE state = 'queued' AND due <= :now")
    .bindparams(bindparam("now", type_=Moment()))
    .columns(due=Moment())
)


def listed(session: Session, state: str, most: int) -> Sequence[Delivery]:
    """The newest `most` deliveries in this state, oldest of them first."""
    newest = select(Delivery).where(Delivery.state == state).order_by(col(Delivery.id).desc()).limit(most)
    return list(session.exec(newest).all())[::-1]


def failed_events(session: Session, most: int | None) -> Sequence[HeardEvent]:
    """The oldest `most` events that a fault of ours kept from being decided, in their order; None: all of them."""
    failed = select(HeardEvent).where(HeardEvent.state == "failed")
    return session.exec(failed.order_by(col(HeardEvent.at), col(HeardEvent.key)).limit(most)).all()


def bot_name_kept(session: Session) -> str:
    """The Telegram bot's name as the running hub last learned it; empty when it has never run."""
    bot = session.get(Bot, "telegram")
    return bot.name if bot else ""


def queue(session: Session, now: datetime) -> tuple[Mapping[str, int], timedelta]:
    """How many deliveries are held, queued and sending, and how long the oldest due one has waited (zero: none is).

    Held recipients of mailings are not among them.
    """
    depth = {row[0]: row[1] for row in session.execute(_DEPTH)}
    oldest = session.execute(_OLDEST, {"now": now}).scalar_one()
    return depth, max(now - oldest, timedelta()) if oldest else timedelta()
