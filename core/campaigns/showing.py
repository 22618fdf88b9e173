"""Shows people the campaigns of their own account: `/mailings`, and the live card of each."""

from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import case
from sqlmodel import Session, col, func, select

from core.actions import ShowCampaign, ShowCampaigns
from core.campaigns.cards import PAGE, Look, campaign_card, list_card
from core.campaigns.following import follows
from core.cards import Card
from core.content.catalogue import Catalogue, Rules
from core.mailings.showing import section
from core.onboarding import asking
from core.people.accounts import Member
from core.receipts import Receipt
from core.screens import Place, show
from core.updates.showing import private_place
from storage.tables import Campaign

SUBJECT: Final = "campaigns"


def subject(campaign_id: int | None) -> str:
    """What the live card of a campaign shows."""
    return f"campaign:{campaign_id}"


def patience(rules: Rules) -> timedelta:
    return timedelta(minutes=rules.campaign_stalls_after)


def look_of(catalogue: Catalogue, who: Member, now: datetime) -> Look:
    return Look(who.voice, who.zone, now, patience(catalogue.rules))


def show_campaigns(
    session: Session, catalogue: Catalogue, who: Member, place: Place, action: ShowCampaigns, now: datetime
) -> Receipt:
    """What we sent them, then what is on its way of theirs: what runs first. In private, wherever it was asked for."""
    place = private_place(session, who, place)
    asking.drop(session, catalogue, who, place, now)
    card = campaigns_card(session, catalogue, who, action.page, now)
    show(session, place, subject=SUBJECT, card=card, kind="campaign", now=now)
    return Receipt()


def campaigns_card(session: Session, catalogue: Catalogue, who: Member, page: int, now: datetime) -> Card:
    """One page of the list; a page too high is the last."""
    mine = col(Campaign.account_id) == who.account.id
    count = session.exec(select(func.count()).select_from(Campaign).where(mine)).one()
    pages = max(1, -(-count // PAGE))
    page = min(page, pages - 1)
    running = case((col(Campaign.state).in_(("done", "failed", "cancelled")), 1), else_=0)
    found = session.exec(
        select(Campaign).where(mine).order_by(running, col(Campaign.id).desc()).offset(page * PAGE).limit(PAGE)
    ).all()
    above, openers = section(session, catalogue, who, now) if page == 0 else ((), ())
    return list_card(look_of(catalogue, who, now), found, page, pages, above, openers)


def show_campaign(
    session: Session, catalogue: Catalogue, who: Member, place: Place, action: ShowCampaign, now: datetime
) -> Receipt:
    """Open one: the message becomes its live card. One of another account is none that they know of."""
    place = private_place(session, who, place)
    campaign = theirs(session, who, action.campaign)
    if campaign is None:
        show_campaigns(session, catalogue, who, place, ShowCampaigns(0), now)
        return Receipt(toast=who.voice.plain("campaigns.gone"))
    asking.drop(session, catalogue, who, place, now)
    card = card_for(session, catalogue, who, campaign, now)
    show(session, place, subject=subject(campaign.id), card=card, kind="campaign", now=now)
    return Receipt()


def theirs(session: Session, who: Member, campaign_id: int) -> Campaign | None:
    """The campaign, if it is their account's."""
    campaign = session.get(Campaign, campaign_id)
    return campaign if campaign is not None and campaign.account_id == who.account.id else None


def card_for(session: Session, catalogue: Catalogue, who: Member, campaign: Campaign, now: datetime) -> Card:
    told = follows(session, catalogue.rules, who.contact.id or 0, campaign)
    return campaign_card(look_of(catalogue, who, now), campaign, follows=told)
