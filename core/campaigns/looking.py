"""Looks at campaigns whose moment has come: something new was told, or nothing for too long."""

from datetime import datetime
from typing import Final

from sqlmodel import Session, col, select

from core.campaigns.drawing import redraw, redraw_around
from core.campaigns.showing import patience
from core.campaigns.standing import next_look, state_of
from core.campaigns.turning import tell
from core.content.catalogue import Catalogue
from storage.tables import Campaign

AT_ONCE: Final = 20
"""Campaigns in one transaction: each may be drawn for a dozen people."""


def look_at_due(session: Session, catalogue: Catalogue, now: datetime) -> int:
    """Draw their cards as they stand now, and tell of their turns. Returns how many were looked at."""
    due = session.exec(
        select(Campaign)
        .where(col(Campaign.look_at) <= now)
        .order_by(col(Campaign.look_at))
        .limit(AT_ONCE)
        .with_for_update(skip_locked=True)
    ).all()
    for campaign in due:
        _look(session, catalogue, campaign, now)
    session.flush()
    return len(due)


def _look(session: Session, catalogue: Catalogue, campaign: Campaign, now: datetime) -> None:
    if campaign.account_id is None:
        campaign.look_at = None
        return
    patient = patience(catalogue.rules)
    before, state = campaign.state, state_of(campaign, now, patient)
    campaign.state, campaign.look_at = state, next_look(campaign, state, patient)
    new = campaign.drawn_at is None
    campaign.drawn_at = now
    session.flush()
    redraw(session, catalogue, campaign, now, but=None)
    if new or state != before:
        redraw_around(session, catalogue, campaign.account_id, now)
    tell(session, catalogue, campaign, state, now)
