"""How long single events are kept: counts stay, what only guarded against repeats goes once no repeat is taken."""

from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import bindparam, text
from sqlmodel import Session

from core.campaigns.happenings import REMEMBERED
from storage.types import Moment

AT_ONCE: Final = 2_000
"""Rows let go in one transaction: people's taps wait no longer than that takes."""

A_DAY_MORE: Final = timedelta(days=1)
"""What is refused for its age is surely no longer here a day later, whatever the clocks say."""

UNANNOUNCED_FOR: Final = REMEMBERED + A_DAY_MORE
"""Events of a campaign that nobody announced are of none of ours."""

_EVENTS = text("""
    DELETE FROM campaign_event WHERE (integration_id, key) IN (
        SELECT integration_id, key FROM campaign_event WHERE heard_at < :before ORDER BY heard_at LIMIT :most)
""").bindparams(bindparam("before", type_=Moment()))

_CAMPAIGNS = text("""
    DELETE FROM campaign WHERE id IN (
        SELECT id FROM campaign WHERE account_id IS NULL AND heard_at < :before ORDER BY heard_at LIMIT :most)
""").bindparams(bindparam("before", type_=Moment()))


def forget_events(session: Session, now: datetime) -> int:
    """Let go single events that came more than 31 days ago, and campaigns not announced since. Returns how many."""
    gone = 0
    for statement, before, most in (
        (_EVENTS, now - REMEMBERED - A_DAY_MORE, AT_ONCE),
        (_CAMPAIGNS, now - UNANNOUNCED_FOR, AT_ONCE // 100),
    ):
        gone += int(getattr(session.execute(statement, {"before": before, "most": most}), "rowcount", 0))
    return gone
