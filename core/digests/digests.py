"""Digests: whose time has come gets what they have not seen, once, in one message; nothing when there is nothing."""

import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from sqlalchemy import bindparam, update
from sqlalchemy import select as select_columns
from sqlmodel import Session, col, select

from core.actions import ShowUpdates
from core.attention.because import without_why
from core.attention.preferences import cadence
from core.attention.proposals import Proposal, Why, propose_all
from core.attention.slots import decision_of, with_lines
from core.cards import Card
from core.codec import read_card, write_card
from core.content.catalogue import Catalogue
from core.digests.crowd import Person, gather_people, person_of
from core.digests.digest_cards import digest_card, headline
from core.digests.gathering import Item, news
from core.digests.rhythm import Pace, next_digest
from core.outbox import bring_back, carried_by
from core.people.accounts import Member, local, member
from storage.loading import columns, find, rows
from storage.tables import Chat, Decision, Delivery, Digest
from storage.types import Moment

AT_ONCE = 50
"""Digests taken in one transaction: ten thousand due at once do not hold the database for long."""

LOOK_AGAIN = timedelta(days=7)
"""Who has no topic in a digest is looked at so rarely: the content may say otherwise by then."""

WORTH = 100
"""What waits besides goes with it in a line each: a digest is where people look things through."""

_PACES: tuple[Pace, ...] = ("daily", "weekly")


def begin(session: Session, contact_id: int, now: datetime) -> None:
    """They joined: from now on their digests come. Their first look, which is due at once, finds out when."""
    if find(session, Digest, contact_id) is None:
        session.add(Digest(contact_id=contact_id, due=now, daily_at=now, weekly_at=now))
        session.flush()


def digest_due(session: Session, catalogue: Catalogue, now: datetime) -> int:
    """Write the digests whose time has come. Returns how many people were looked at.

    However long nobody ticked, and however many tick at once, one person gets one. Key: `digest:<contact>:<date>`, the
    date of the hour it is for, on the person's own calendar.
    """
    due: list[Digest] = [row for (row,) in rows(session, _DUE, {"now": now}, Digest)]
    if not due:
        return 0
    people = gather_people(session, catalogue, [row.contact_id for row in due])
    told = [_look(session, catalogue, people[row.contact_id], row, now) for row in due]
    _say(session, catalogue, [one for one in told if one is not None], now)
    session.flush()
    return len(due)


_DUE = (
    select_columns(*columns(Digest))
    .where(col(Digest.due) <= bindparam("now", type_=Moment))
    .order_by(col(Digest.due))
    .limit(AT_ONCE)
    .with_for_update(skip_locked=True)
)


@dataclass(frozen=True, slots=True)
class _Told:
    """A digest to be proposed."""

    person: Person
    row: Digest
    proposal: Proposal
    items: Sequence[Item]


def _look(session: Session, catalogue: Catalogue, person: Person, row: Digest, now: datetime) -> _Told | None:
    """Find out when their next one comes, and whether there is one now."""
    rhythm, who = person.rhythm, person.who
    firsts = {pace: next_digest(rhythm, pace, row.daily_at if pace == "daily" else row.weekly_at) for pace in _PACES}
    come = [pace for pace in _PACES if firsts[pace] <= now]
    if "daily" in come:
        row.daily_at = now
    if "weekly" in come:
        row.weekly_at = now
    row.due = _next(person, row, now)
    silent = who.contact.silent_until is not None and who.contact.silent_until > now
    if not come or silent or person.chat is None:
        return None
    hour = max(firsts[pace] for pace in come)
    return _told(session, catalogue, person, row, come, local(hour, who.zone).date(), now)


def _next(person: Person, row: Digest, now: datetime) -> datetime:
    since, often = {"daily": row.daily_at, "weekly": row.weekly_at}, set(person.often.values())
    moments = [next_digest(person.rhythm, pace, since[pace]) for pace in _PACES if pace in often]
    return min(moments, default=now + LOOK_AGAIN)


def _told(
    session: Session,
    catalogue: Catalogue,
    person: Person,
    row: Digest,
    come: Collection[Pace],
    day: date,
    now: datetime,
) -> _Told | None:
    """What there is to tell. None: nothing, or nothing that no digest has told; one that still waits is no telling."""
    waiting = person.waiting
    there = [item for item in news(session, catalogue, person.who, now) if item.id not in person.heard]
    items = _of_paces(person, there, come, {one for ids in waiting.values() for one in ids})
    told = set(row.told)
    if there or told:
        row.told = [item.id for item in there if item.id in told]
    if not items or (not waiting and all(item.id in told for item in items)):
        return None
    return _Told(person, row, _proposal(catalogue, person, items, come, day), items)


def _say(session: Session, catalogue: Catalogue, told: Sequence[_Told], now: datetime) -> None:
    """Propose them, one for each day of somebody's calendar; those that still wait to tell the same give way."""
    keys = [one.proposal.key for one in told]
    there = set(session.exec(select(Decision.key).where(col(Decision.key).in_(keys))).all()) if keys else set()
    new = [one for one in told if one.proposal.key not in there]
    propose_all(session, catalogue, [(one.person.who, one.person.chat, one.proposal) for one in new], now)
    for one in new:
        one.row.told = list(dict.fromkeys([*one.row.told, *(item.id for item in one.items)]))
    older = [number for one in new for number in one.person.waiting]
    if older:
        session.execute(
            update(Delivery)
            .where(col(Delivery.id).in_(older))
            .values(state="cancelled", reason="newer digest", settled_at=now)
        )
    for one in new:
        if one.person.waiting:
            bring_back(session, list(one.person.waiting), one.person.who.contact.id or 0, now)


def _proposal(
    catalogue: Catalogue, person: Person, items: Sequence[Item], come: Collection[Pace], day: date
) -> Proposal:
    who = person.who
    return Proposal(
        key=f"digest:{who.contact.id}:{day}",
        kind="digest",
        topic="",
        card=_card(catalogue, person, items),
        headline=headline(who.voice, items),
        opens=ShowUpdates(0, 0),
        why=Why("digest", {"items": " ".join(item.id for item in items), "paces": " ".join(come), "day": f"{day}"}),
        worth=WORTH,
        subject=subject(who.contact.id or 0),
    )


def _card(catalogue: Catalogue, person: Person, items: Sequence[Item]) -> Card:
    daily = any(person.often.get(item.topic) == "daily" for item in items)
    return digest_card(person.who.voice, items, tuple(catalogue.rules.topics), daily=daily)


def _of_paces(
    person: Person, there: Sequence[Item], paces: Collection[str], besides: Collection[str] = ()
) -> Sequence[Item]:
    """Those of topics that come at these paces, and those with these ids unless their topic is off."""
    paced = {item.id: person.often.get(item.topic, "instant") for item in there}
    return [item for item in there if paced[item.id] in paces or (item.id in besides and paced[item.id] != "off")]


def subject(contact_id: int) -> str:
    """What a person's digests are about."""
    return f"digest:{contact_id}"


def waits_until(session: Session, catalogue: Catalogue, who: Member, decision: Decision | None) -> datetime | None:
    """When the digest comes that this belongs to, by how often they hear of its topic; None: it stands alone."""
    if decision is None or decision.urgent or decision.mandatory or decision.kind == "digest":
        return None
    match cadence(session, catalogue.rules, decision.contact_id, decision.topic):
        case "daily" | "weekly" as pace:
            return next_digest(person_of(session, catalogue, who).rhythm, pace, decision.at)
        case _:
            return None


def still_wanted(session: Session, catalogue: Catalogue, who: Member, delivery: Delivery, now: datetime) -> bool:
    """Asked when it is about to be sent: what was seen elsewhere drops out, and with the last of it the digest."""
    decision = decision_of(session, delivery)
    if decision is None:
        return True
    chat = find(session, Chat, delivery.address)
    who = member(session, catalogue, who.contact, said=chat.language if chat is not None else None)
    told = json.loads(decision.facts)
    before = str(told["items"]).split()
    person = person_of(session, catalogue, who)
    items = _of_paces(person, news(session, catalogue, who, now), (), before)
    if not items:
        return False
    if [item.id for item in items] != before:
        decision.facts = json.dumps({**told, "items": " ".join(item.id for item in items)}, ensure_ascii=False)
        decision.headline = headline(who.voice, items)
        delivery.card = write_card(_rewritten(session, catalogue, person, delivery, items))
    return True


def _rewritten(
    session: Session, catalogue: Catalogue, person: Person, delivery: Delivery, items: Sequence[Item]
) -> Card:
    """The card of these items, with what was merged into it and its last row as it was."""
    card, (_, why) = _card(catalogue, person, items), without_why(read_card(delivery.card))
    card = replace(card, rows=(*card.rows, *why))
    carried = carried_by(session, [delivery.id], delivery.contact_id or 0)
    return with_lines(person.who.voice, card, [(one.headline, one.opens) for one in carried])
