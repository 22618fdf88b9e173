"""Digests: whose time has come gets what they have not seen, once, in one message; nothing when there is nothing."""

import json
from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy import update
from sqlmodel import Session, col, select

from core.actions import ShowUpdates
from core.attention.because import without_why
from core.attention.preferences import cadence, cadences, digest_hour, digest_weekday, hours_of
from core.attention.proposals import Proposal, Why, propose
from core.attention.reach import best_chat
from core.attention.slots import decision_of, with_lines
from core.cards import Card
from core.codec import read_card, write_card
from core.content.catalogue import Cadence, Catalogue
from core.digests.digest_cards import digest_card, headline
from core.digests.gathering import Item, news
from core.digests.rhythm import Pace, Rhythm, next_digest, shift_of
from core.people.accounts import Member, local, member
from storage.tables import Contact, Decision, Delivery, Digest

AT_ONCE = 100
"""Digests taken in one transaction: ten thousand due at once do not hold the database for long."""

LOOK_AGAIN = timedelta(days=7)
"""Who has no topic in a digest is looked at so rarely: the content may say otherwise by then."""

WORTH = 100
"""What waits besides goes with it in a line each: a digest is where people look things through."""

_PACES: tuple[Pace, ...] = ("daily", "weekly")


def begin(session: Session, contact_id: int, now: datetime) -> None:
    """They joined: from now on their digests come. Their first look, which is due at once, finds out when."""
    if session.get(Digest, contact_id) is None:
        session.add(Digest(contact_id=contact_id, due=now, daily_at=now, weekly_at=now))
        session.flush()


def digest_due(session: Session, catalogue: Catalogue, now: datetime) -> int:
    """Write the digests whose time has come. Returns how many people were looked at.

    However long nobody ticked, and however many tick at once, one person gets one. Key: `digest:<contact>:<date>`, the
    date of the hour it is for, on the person's own calendar.
    """
    due = session.exec(
        select(Digest)
        .where(col(Digest.due) <= now)
        .order_by(col(Digest.due))
        .limit(AT_ONCE)
        .with_for_update(skip_locked=True)
    ).all()
    for row in due:
        _look(session, catalogue, row, now)
    session.flush()
    return len(due)


def _look(session: Session, catalogue: Catalogue, row: Digest, now: datetime) -> None:
    who = member(session, catalogue, session.get_one(Contact, row.contact_id))
    rhythm = rhythm_of(session, catalogue, who)
    firsts = {pace: next_digest(rhythm, pace, row.daily_at if pace == "daily" else row.weekly_at) for pace in _PACES}
    come = [pace for pace in _PACES if firsts[pace] <= now]
    silent = who.contact.silent_until is not None and who.contact.silent_until > now
    if come and not silent and best_chat(session, row.contact_id) is not None:
        _tell(session, catalogue, who, row, come, max(firsts[pace] for pace in come), now)
    if "daily" in come:
        row.daily_at = now
    if "weekly" in come:
        row.weekly_at = now
    row.due = _next(session, catalogue, who, row, now)


def _tell(
    session: Session,
    catalogue: Catalogue,
    who: Member,
    row: Digest,
    come: Collection[Pace],
    hour: datetime,
    now: datetime,
) -> None:
    """Propose a digest if there is something no digest has told; one that still waits gives way to it."""
    waiting = _waiting(session, row.contact_id)
    there, told = news(session, catalogue, who, now), set(row.told)
    items = _of_paces(session, catalogue, who, there, come, {one for ids in waiting.values() for one in ids})
    known = [item.id for item in there if item.id in told]
    if not items or (not waiting and all(item.id in known for item in items)):
        row.told = known
        return
    day = local(hour, who.zone).date()
    number = propose(session, catalogue, who, _proposal(session, catalogue, who, items, come, f"{day}"), now)
    if number is None:
        return
    row.told = list(dict.fromkeys([*known, *(item.id for item in items)]))
    if waiting:
        session.execute(
            update(Delivery)
            .where(col(Delivery.id).in_(waiting))
            .values(state="cancelled", reason="newer digest", settled_at=now)
        )


def _proposal(
    session: Session, catalogue: Catalogue, who: Member, items: Sequence[Item], come: Collection[Pace], day: str
) -> Proposal:
    said = {"items": " ".join(item.id for item in items), "paces": " ".join(come), "day": day}
    return Proposal(
        key=f"digest:{who.contact.id}:{day}",
        kind="digest",
        topic="",
        card=_card(session, catalogue, who, items),
        headline=headline(who.voice, items),
        opens=ShowUpdates(0, 0),
        why=Why("digest", said),
        worth=WORTH,
        subject=subject(who.contact.id or 0),
    )


def _card(session: Session, catalogue: Catalogue, who: Member, items: Sequence[Item]) -> Card:
    often = cadences(session, catalogue.rules, who.contact.id or 0)
    daily = any(often.get(item.topic) == "daily" for item in items)
    return digest_card(who.voice, items, tuple(catalogue.rules.topics), daily=daily)


def _of_paces(
    session: Session,
    catalogue: Catalogue,
    who: Member,
    there: Sequence[Item],
    paces: Collection[str],
    besides: Collection[str] = (),
) -> Sequence[Item]:
    """Those of topics that come at these paces, and those with these ids unless their topic is off."""
    often = cadences(session, catalogue.rules, who.contact.id or 0)
    paced = {item.id: often.get(item.topic, "instant") for item in there}
    return [item for item in there if paced[item.id] in paces or (item.id in besides and paced[item.id] != "off")]


def _waiting(session: Session, contact_id: int) -> dict[int, list[str]]:
    """Digests of theirs that were not sent yet, with what they tell."""
    found = session.exec(
        select(Delivery.id, Decision.facts)
        .join(Decision, col(Decision.delivery_id) == Delivery.id)
        .where(Delivery.contact_id == contact_id, Delivery.subject == subject(contact_id))
        .where(col(Delivery.state).in_(("queued", "held")))
    ).all()
    return {number: str(json.loads(facts)["items"]).split() for number, facts in found if number is not None}


def subject(contact_id: int) -> str:
    """What a person's digests are about."""
    return f"digest:{contact_id}"


def rhythm_of(session: Session, catalogue: Catalogue, who: Member) -> Rhythm:
    """When this person's digests come."""
    rules = catalogue.rules
    return Rhythm(
        hour=digest_hour(session, rules, who),
        weekday=digest_weekday(session, rules, who),
        hours=hours_of(session, rules, who),
        zone=who.zone,
        shift=shift_of(who.contact.id or 0),
    )


def _next(session: Session, catalogue: Catalogue, who: Member, row: Digest, now: datetime) -> datetime:
    often: set[Cadence] = set(cadences(session, catalogue.rules, row.contact_id).values())
    rhythm = rhythm_of(session, catalogue, who)
    since = {"daily": row.daily_at, "weekly": row.weekly_at}
    moments = [next_digest(rhythm, pace, since[pace]) for pace in _PACES if pace in often]
    return min(moments, default=now + LOOK_AGAIN)


def waits_until(session: Session, catalogue: Catalogue, who: Member, decision: Decision | None) -> datetime | None:
    """When the digest comes that this belongs to, by how often they hear of its topic; None: it stands alone."""
    if decision is None or decision.urgent or decision.mandatory or decision.kind == "digest":
        return None
    match cadence(session, catalogue.rules, decision.contact_id, decision.topic):
        case "daily" | "weekly" as pace:
            return next_digest(rhythm_of(session, catalogue, who), pace, decision.at)
        case _:
            return None


def still_wanted(session: Session, catalogue: Catalogue, who: Member, delivery: Delivery, now: datetime) -> bool:
    """Asked when it is about to be sent: what was seen elsewhere drops out, and with the last of it the digest."""
    decision = decision_of(session, delivery)
    if decision is None:
        return True
    told = json.loads(decision.facts)
    before = str(told["items"]).split()
    items = _of_paces(session, catalogue, who, news(session, catalogue, who, now), (), before)
    if not items:
        return False
    if [item.id for item in items] != before:
        decision.facts = json.dumps({**told, "items": " ".join(item.id for item in items)}, ensure_ascii=False)
        decision.headline = headline(who.voice, items)
        delivery.card = write_card(_rewritten(session, catalogue, who, delivery, items))
    return True


def _rewritten(session: Session, catalogue: Catalogue, who: Member, delivery: Delivery, items: Sequence[Item]) -> Card:
    """The card of these items, with what was merged into it and its last row as it was."""
    card, (_, why) = _card(session, catalogue, who, items), without_why(read_card(delivery.card))
    card = replace(card, rows=(*card.rows, *why))
    merged = session.exec(
        select(Decision.headline, Decision.opens)
        .where(Decision.contact_id == delivery.contact_id, Decision.merged_into == delivery.id)
        .order_by(col(Decision.id))
    ).all()
    return with_lines(who.voice, card, merged) if merged else card
