"""Whether a turn of a campaign is still to be told to one person, for "why did they not get it?"."""

from datetime import datetime

from sqlmodel import Session, col, select

from core.attention.expected import Expected
from core.campaigns.following import follows
from core.campaigns.standing import RUNNING
from core.campaigns.turning import TOPIC, TURNS
from core.content.catalogue import Catalogue
from core.people.accounts import Member
from storage.tables import Campaign


def expect(session: Session, catalogue: Catalogue, who: Member, name: str, _now: datetime) -> Expected | None:
    """It is told when the campaign takes that turn, so no moment is known before. None: there is no such turn."""
    if name not in TURNS.values():
        return None
    open_ones = session.exec(
        select(Campaign)
        .where(Campaign.account_id == who.account.id, col(Campaign.state).in_((*RUNNING, "scheduled", "paused")))
        .limit(100)
    ).all()
    followed = [one for one in open_ones if follows(session, catalogue.rules, who.contact.id or 0, one)]
    reason = "not_due" if followed else "not_for_them" if open_ones else "no_reason"
    return Expected(None, reason, TOPIC)


def rules() -> list[str]:
    """As decisions name them."""
    return [f"campaign:{turn}" for turn in dict.fromkeys(TURNS.values())]
