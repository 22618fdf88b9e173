"""Whose digests are looked at, with all that deciding about them needs, read for many at once."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import bindparam
from sqlalchemy import select as select_columns
from sqlmodel import Session, col

from core.attention.listeners import listeners
from core.attention.preferences import cadences, choices, digest_hour, digest_weekday, hours_by
from core.attention.quiet import shift_of
from core.content.catalogue import Cadence, Catalogue
from core.digests.gathering import KINDS
from core.digests.rhythm import Rhythm
from core.people.accounts import Member
from core.updates.counting import FRESH
from storage.many import among
from storage.prepared import connected, fetch
from storage.tables import Chat, Decision, Delivery, Preference
from storage.types import Moment


@dataclass(frozen=True, slots=True)
class Person:
    who: Member
    rhythm: Rhythm
    often: Mapping[str, Cadence]
    """By topic."""
    chat: Chat | None = None
    """Where they are best reached; None: nowhere."""
    waiting: Mapping[int, Sequence[str]] = field(default_factory=dict)
    """Digests of theirs that were not sent yet, by delivery: what they tell."""
    heard: frozenset[str] = frozenset()
    """What a message of its own has told them, by the item's id: no digest tells it again."""


def person_of(session: Session, catalogue: Catalogue, who: Member) -> Person:
    """Somebody at hand; of their chats and of what waits for them nothing is asked."""
    own, number = session.get(Preference, who.contact.id), who.contact.id or 0
    return Person(who, rhythm_by(catalogue, who, own), cadences(session, catalogue.rules, number))


def gather_people(
    session: Session, catalogue: Catalogue, contact_ids: Iterable[int], now: datetime
) -> dict[int, Person]:
    """By contact id; five questions, however many they are."""
    ids = {"contacts": sorted(set(contact_ids))}
    chosen = choices(session, ids["contacts"])
    waiting, heard = _waiting(session, ids), _heard(session, ids, now)
    found: dict[int, Person] = {}
    for number, one in listeners(session, catalogue, ids["contacts"]).items():
        often = {topic: chosen.get((number, topic), cadence) for topic, cadence in catalogue.rules.topics.items()}
        rhythm, told = rhythm_by(catalogue, one.who, one.own), frozenset(heard.get(number, ()))
        found[number] = Person(one.who, rhythm, often, one.chat, waiting.get(number, {}), told)
    return found


def rhythm_by(catalogue: Catalogue, who: Member, own: Preference | None) -> Rhythm:
    """When this person's digests come."""
    rules = catalogue.rules
    return Rhythm(
        hour=digest_hour(rules, own),
        weekday=digest_weekday(rules, own),
        hours=hours_by(rules, who, own),
        zone=who.zone,
        shift=shift_of(who.contact.id or 0, rules.spread),
    )


def _waiting(session: Session, ids: Mapping[str, object]) -> dict[int, dict[int, list[str]]]:
    found: dict[int, dict[int, list[str]]] = {}
    for contact, number, facts in fetch(connected(session), _WAITING, ids):
        found.setdefault(contact, {})[number] = str(json.loads(facts)["items"]).split()
    return found


def _heard(session: Session, ids: Mapping[str, object], now: datetime) -> dict[int, list[str]]:
    found: dict[int, list[str]] = {}
    for contact, rule in fetch(connected(session), _HEARD, {**ids, "since": now - FRESH - timedelta(days=2)}):
        found.setdefault(contact, []).append(rule)
    return found


_WAITING = (
    select_columns(col(Delivery.contact_id), col(Delivery.id), col(Decision.facts))
    .join(Decision, col(Decision.delivery_id) == Delivery.id)
    .where(among(col(Delivery.contact_id), "contacts"), col(Delivery.kind) == "digest")
    .where(col(Delivery.state).in_(("queued", "held")), col(Delivery.settled_at).is_(None))
)
"""None of them is settled: the index of a person's deliveries tells the few that are not apart."""

_HEARD = (
    select_columns(col(Decision.contact_id), col(Decision.rule))
    .join(Delivery, col(Delivery.id) == col(Decision.delivery_id))
    .where(among(col(Decision.contact_id), "contacts"), col(Decision.kind).in_(KINDS))
    .where(col(Decision.at) >= bindparam("since", type_=Moment))
    .where(col(Delivery.state).in_(("accepted", "sending")) | col(Decision.merged_into).is_not(None))
)
"""Said by itself, or in a line of another message; what was said before is no news any more."""
