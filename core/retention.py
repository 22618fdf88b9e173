"""How long the books are kept: what only guarded against repeats is let go once no repeat can come any more."""

from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import String, bindparam, text
from sqlmodel import Session

from storage.prepared import connected, fetch
from storage.types import Moment

REPEATS_COME_FOR: Final = timedelta(days=7)
"""A messenger tells an event again for a day at most (Bot API: getUpdates; Slack: Events API retries, an hour)."""

AT_ONCE: Final = 2_000
"""Rows let go in one transaction: people's taps wait no longer than that takes."""

# Only what was decided: an event that waits or failed keeps its words until somebody looks after it.
_FORGET = text("""
    DELETE FROM heard_event WHERE key IN (
        SELECT key FROM heard_event WHERE at < :before AND state = 'done' ORDER BY at LIMIT :most)
    RETURNING key
""")
_FORGOTTEN = _FORGET.bindparams(bindparam("before", type_=Moment())).columns(key=String())


def forget_heard(session: Session, now: datetime) -> int:
    """Let go the keys of events decided more than 7 days ago, oldest first, at most 2,000. Returns how many."""
    return len(fetch(connected(session), _FORGOTTEN, {"before": now - REPEATS_COME_FOR, "most": AT_ONCE}))
