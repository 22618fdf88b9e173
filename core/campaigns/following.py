"""Who is told of a campaign: the people of its account who want to be, and nobody else."""

from collections.abc import Sequence

from sqlalchemy import bindparam, select
from sqlmodel import Session, col

from core.content.catalogue import Rules
from storage.loading import columns, find, rows
from storage.tables import Campaign, CampaignFollow, Contact


def follows(session: Session, rules: Rules, contact_id: int, campaign: Campaign) -> bool:
    """As they chose, else as the content says."""
    chosen = find(session, CampaignFollow, contact_id, campaign.id)
    return chosen.follows if chosen is not None else rules.campaigns_followed


def follow(session: Session, contact_id: int, campaign: Campaign, *, wanted: bool) -> None:
    """They want to be told of it, or not."""
    chosen = find(session, CampaignFollow, contact_id, campaign.id)
    if chosen is None:
        session.add(CampaignFollow(contact_id=contact_id, campaign_id=campaign.id or 0, follows=wanted))
    else:
        chosen.follows = wanted
    session.flush()


def followers(session: Session, rules: Rules, campaign: Campaign) -> Sequence[Contact]:
    """Those who are here, by their ids."""
    found = rows(session, _PEOPLE, {"account": campaign.account_id, "campaign": campaign.id}, Contact, CampaignFollow)
    return [
        contact for contact, chosen in found if (chosen.follows if chosen is not None else rules.campaigns_followed)
    ]


_PEOPLE = (
    select(*columns(Contact, CampaignFollow))
    .select_from(Contact)
    .outerjoin(
        CampaignFollow,
        (col(CampaignFollow.contact_id) == Contact.id) & (col(CampaignFollow.campaign_id) == bindparam("campaign")),
    )
    .where(col(Contact.account_id) == bindparam("account"), col(Contact.joined_at).is_not(None))
    .order_by(col(Contact.id))
)
