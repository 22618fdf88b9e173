"""Digests: whose time has come gets what they have not seen, once, in one message; nothing when there is nothing."""

import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import bindparam, update
from sqlalchemy import select as select_columns
from sqlmodel import Session, col

from core.actions import ShowUpdates
from core.attention.because import without_why
from core.attention.preferences import LONG_AGO, cadence
from core.attention.proposals import Proposal, Why, propose_all
from core.attention.slots import decision_of, lines_of, with_lines
from core.cards import Card
from core.codec import read_card, write_card
from core.content.catalogue import Catalogue
from core.digests.crowd import Person, gather_people, person_of
from core.digests.digest_cards import digest_card, headline
from core.digests.gathering import Item, news, news_for
from core.digests.rhythm import Pace, next_digest
from core.outbox import bring_back_all, carried_by
from core.people.accounts import Member, local, member
from storage.loading import columns, find, rows
from storage.many import among, save_many
from storage.prepared import connected, fetch
from storage.tables import Chat, Decision, Delivery, Digest
from storage.types import Moment

AT_ONCE = 100
"""Digests taken in one transaction, a tenth of a second: ten thousand due at once do not hold the database for long."""

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
    due: list[Digest] = [row for (row,) in rows(session, _DUE, {"now": now}, Digest, fresh=True)]
    if not due:
        return 0
    people = gather_people(session, catalogue, [row.contact_id for row in due], now)
    looks = [_look(people[row.contact_id], row, now) for row in due]
    come = [look for look in looks if look is not None]
    there = news_for(session, catalogue, [look.person.who for look in come], now)
    told = [_told(catalogue, look, there[look.row.contact_id]) for look in come]
    older = _say(session, catalogue, [one for one in told if one is not None], now)
    save_many(session, due)
    _give_way(session, older, now)
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


@dataclass(frozen=True, slots=True)
class _Look:
    """Somebody whose hour has come."""

    person: Person
    row: Digest
    paces: Sequence[Pace]
    day: date
    """Of the hour it is for, on their own calendar."""


def _look(person: Person, row: Digest, now: datetime) -> _Look | None:
    """Find out when their next one comes, and whether there may be one now."""
    rhythm, who = person.rhythm, person.who
    if row.due <= LONG_AGO:  # by their new wishes nothing was missed on the days before this one
        today = _midnight(now, who.zone)
        row.daily_at, row.weekly_at = max(row.daily_at, today), max(row.weekly_at, today)
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
    return _Look(person, row, come, local(hour, who.zone).date())


def _midnight(now: datetime, zone: str) -> datetime:
    """Just before this day of their calendar, in UTC."""
    begins = datetime.combine(local(now, zone).date(), time.min, tzinfo=ZoneInfo(zone))
    return begins.astimezone(UTC) - timedelta(microseconds=1)


def _next(person: Person, row: Digest, now: datetime) -> datetime:
    since, often = {"daily": row.daily_at, "weekly": row.weekly_at}, set(person.often.values())
    moments = [next_digest(person.rhythm, pace, since[pace]) for pace in _PACES if pace in often]
    return min(moments, default=now + LOOK_AGAIN)


def _told(catalogue: Catalogue, look: _Look, new: Sequence[Item]) -> _Told | None:
    """What there is to tell. None: nothing, or nothing that no digest has told; one that still waits is no telling."""
    person, row, waiting = look.person, look.row, look.person.waiting
    there = [item for item in new if item.id not in person.heard]
    items = _of_paces(person, there, look.paces, {one for ids in waiting.values() for one in ids})
    told = set(row.told)
    if there or told:
        row.told = [item.id for item in there if item.id in told]
    if not items or (not waiting and all(item.id in told for item in items)):
        return None
    return _Told(person, row, _proposal(catalogue, person, items, look.paces, look.day), items)


def _say(session: Session, catalogue: Catalogue, told: Sequence[_Told], now: datetime) -> Sequence[int]:
    """Propose them, one for each day of somebody's calendar. Returns those that still wait to tell the same."""
    keys = {"keys": [one.proposal.key for one in told]}
    there = {key for (key,) in fetch(connected(session), _PROPOSED, keys)} if told else set()
    new = [one for one in told if one.proposal.key not in there]
    propose_all(session, catalogue, [(one.person.who, one.person.chat, one.proposal) for one in new], now)
    for one in new:
        one.row.told = list(dict.fromkeys([*one.row.told, *(item.id for item in one.items)]))
    return [number for one in new for number in one.person.waiting]


def _give_way(session: Session, older: Sequence[int], now: datetime) -> None:
    """These are not said any more; what was to be said with them waits by itself again."""
    if older:
        gone = fetch(connected(session), _CANCEL, {"older": older, "now": now})
        bring_back_all(session, [number for number, _ in gone], {contact for _, contact in gone}, now)


_PROPOSED = select_columns(col(Decision.key)).where(among(col(Decision.key), "keys"))
_CANCEL = (
    update(Delivery)
    .where(among(col(Delivery.id), "older"), col(Delivery.state).in_(("queued", "held")))
    .values(state="cancelled", reason="newer digest", settled_at=bindparam("now", type_=Moment))
    .returning(col(Delivery.id), col(Delivery.contact_id))
)


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
    return with_lines(person.who.voice, card, lines_of(session, carried))
