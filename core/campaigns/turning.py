"""Tells the people of an account when a campaign of theirs takes a turn: begun, standing still, failed, done."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final

from sqlmodel import Session

from core.actions import ShowCampaign
from core.attention.proposals import Proposal, Why, propose_all
from core.attention.reach import best_chat
from core.campaigns.cards import Look, Turn, headline, turn_card
from core.campaigns.following import followers, follows
from core.campaigns.showing import look_of, patience
from core.campaigns.standing import State, figures, state_of
from core.content.catalogue import Catalogue
from core.people.accounts import Member, member
from storage.tables import Campaign, Chat, Contact, Delivery

TOPIC: Final = "campaigns"
"""As in hub.yaml, where a content has it: people then choose how often they hear of all of them."""

TOLD_WITHIN: Final = timedelta(days=1)
"""What happened longer ago than this when we hear of it is there to be seen, no news to send: an import of the past."""

GOOD_FOR: Final[Mapping[Turn, timedelta]] = {
    "started": timedelta(hours=12),
    "stalled": timedelta(days=1),
    "failed": timedelta(days=3),
    "done": timedelta(days=3),
}
"""Held longer by quiet hours or caps, it is not said any more."""

TURNS: Final[Mapping[State, Turn]] = {
    "sending": "started", "stalled": "stalled", "failed": "failed", "done": "done",
}  # fmt: skip
_WORTH: Final[Mapping[Turn, int]] = {"started": 50, "stalled": 80, "failed": 85, "done": 60}


def tell(session: Session, catalogue: Catalogue, campaign: Campaign, state: State, now: datetime) -> int:
    """Propose the turn to everybody who follows, once. Returns to how many.

    Key: `campaign:<id>:<turn>:<contact>`; of standing still, which may come again, with the moment since when.
    """
    turn = TURNS.get(state)
    if turn is None or turn == campaign.told:
        return 0
    before, campaign.told = campaign.told, turn
    if turn == "started" and before:
        return 0  # it goes on after a halt: the card says so
    if now - _moment(campaign, turn) > TOLD_WITHIN:
        return 0
    told: list[tuple[Member, Chat | None, Proposal]] = []
    for contact in followers(session, catalogue.rules, campaign):
        chat = best_chat(session, contact.id or 0)
        who = member(session, catalogue, contact, said=chat.language if chat is not None else None)
        told.append((who, chat, _proposal(look_of(catalogue, who, now), contact, campaign, turn)))
    return propose_all(session, catalogue, told, now)


def _moment(campaign: Campaign, turn: Turn) -> datetime:
    moments = {
        "started": campaign.started_at or campaign.last_at,
        "stalled": campaign.heard_at,
        "failed": campaign.aborted_at or campaign.finished_at or campaign.last_at,
        "done": campaign.finished_at or campaign.last_at,
    }
    return moments[turn] or campaign.heard_at


def _proposal(look: Look, contact: Contact, campaign: Campaign, turn: Turn) -> Proposal:
    since = f"{campaign.heard_at.isoformat(timespec='minutes')}:" if turn == "stalled" else ""
    numbers = figures(campaign)
    return Proposal(
        key=f"campaign:{campaign.id}:{turn}:{since}{contact.id}",
        kind="campaign",
        topic=TOPIC,
        card=turn_card(look, campaign, turn),
        headline=headline(look, campaign, turn),
        opens=ShowCampaign(campaign.id or 0),
        why=Why(
            f"campaign:{turn}",
            {
                "campaign": campaign.name,
                "title": campaign.title,
                "handled": numbers.handled,
                "reach": numbers.reach,
                "failed": campaign.failed,
            },
        ),
        worth=_WORTH[turn],
        expires_at=look.now + GOOD_FOR[turn],
        subject=f"campaign:{campaign.id}:{turn}",
    )


def still_wanted(session: Session, catalogue: Catalogue, who: Member, delivery: Delivery, now: datetime) -> bool:
    """Asked when it is about to be sent: does the campaign still stand so, is it theirs, do they still follow it?"""
    _, number, turn = (delivery.subject or "").split(":")
    campaign = session.get(Campaign, int(number))
    if campaign is None or campaign.account_id != who.account.id:
        return False
    if not follows(session, catalogue.rules, who.contact.id or 0, campaign):
        return False
    return TURNS.get(state_of(campaign, now, patience(catalogue.rules))) == turn
