"""Keeps what shows campaigns up to date, wherever it stands: live cards, lists, the line on home cards."""

from datetime import datetime

from sqlmodel import Session, col, select

from core.actions import FollowCampaign, ShowCampaign
from core.campaigns.following import follow
from core.campaigns.showing import SUBJECT, campaigns_card, card_for, show_campaign, subject, theirs
from core.content.catalogue import Catalogue
from core.events import Address
from core.onboarding import home
from core.people.accounts import Member, member
from core.receipts import Receipt
from core.screens import Place, refresh, screens_of
from storage.tables import Campaign, Chat, Contact, Screen


def redraw(session: Session, catalogue: Catalogue, campaign: Campaign, now: datetime, *, but: Address | None) -> int:
    """Edit its live cards, except the one in chat `but`. Returns how many.

    Each is drawn for the person whose chat it stands in, and only while they are of its account.
    """
    drawn = 0
    for screen in screens_of(session, subject(campaign.id), but=but):
        who = _reader(session, catalogue, screen.address)
        if who is not None and who.account.id == campaign.account_id:
            refresh(session, screen, card=card_for(session, catalogue, who, campaign, now), kind="campaign", now=now)
            drawn += 1
    return drawn


def choose_to_follow(
    session: Session, catalogue: Catalogue, who: Member, place: Place, action: FollowCampaign, now: datetime
) -> Receipt:
    """They want to be told of its turns, or no longer; the card goes on living either way."""
    campaign = theirs(session, who, action.campaign)
    if campaign is not None:
        follow(session, who.contact.id or 0, campaign, wanted=action.follow == 1)
    shown = show_campaign(session, catalogue, who, place, ShowCampaign(action.campaign), now)
    if campaign is None:
        return shown
    redraw(session, catalogue, campaign, now, but=place.chat)
    return Receipt(toast=who.voice.plain("campaigns.followed" if action.follow == 1 else "campaigns.unfollowed"))


def _reader(session: Session, catalogue: Catalogue, address: str) -> Member | None:
    """None: it is nobody's chat any more, or cannot be written to."""
    chat = session.get(Chat, address)
    if chat is None or chat.contact_id is None or chat.unreachable is not None:
        return None
    contact = session.get(Contact, chat.contact_id)
    return member(session, catalogue, contact, said=chat.language) if contact is not None else None


def redraw_around(session: Session, catalogue: Catalogue, account_id: int, now: datetime) -> None:
    """A campaign of theirs stands otherwise than before: lists and home cards of its account's people say so."""
    chats = session.exec(
        select(Chat)
        .join(Contact, col(Contact.id) == Chat.contact_id)
        .where(Contact.account_id == account_id, Chat.kind == "private", col(Chat.unreachable).is_(None))
    ).all()
    places = {address: chat for chat in chats for address in (chat.address, f"{chat.address}/home")}
    screens = session.exec(
        select(Screen).where(col(Screen.address).in_(list(places)), col(Screen.subject).in_(("home", SUBJECT)))
    ).all()
    for screen in screens:
        who = _reader(session, catalogue, places[screen.address].address)
        if who is None:
            continue
        if screen.subject == "home":
            refresh(session, screen, card=home.home_card(session, catalogue, who, now), kind="home", now=now)
        else:
            card = campaigns_card(session, catalogue, who, 0, now)
            refresh(session, screen, card=card, kind="campaign", now=now)
