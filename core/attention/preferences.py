"""What a person wants of us: how often on which topic, at what hours, where. Defaults are the content's."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, time

from sqlalchemy import bindparam, select, update
from sqlmodel import Session, col

from core.attention.caps import Caps
from core.attention.quiet import Hours
from core.content.catalogue import Cadence, Rules
from core.people.accounts import Member
from storage.loading import columns, find, rows
from storage.many import among
from storage.tables import Delivery, Digest, Preference, TopicChoice

LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)
"""Due since then: their wishes changed, and what follows from that is to be found out anew."""

_CHOICES = select(*columns(TopicChoice)).where(col(TopicChoice.contact_id) == bindparam("contact"))
_CHOICES_OF = select(*columns(TopicChoice)).where(among(col(TopicChoice.contact_id), "contacts"))

CADENCES: tuple[Cadence, ...] = ("instant", "daily", "weekly", "off")
"""From most to least."""


def cadences(session: Session, rules: Rules, contact_id: int) -> Mapping[str, Cadence]:
    """By topic, what they chose or else what the content says. A choice for a topic that is gone is left out."""
    found = rows(session, _CHOICES, {"contact": contact_id}, TopicChoice)
    chosen = {row.topic: cadence for (row,) in found for cadence in CADENCES if cadence == row.cadence}
    return {topic: chosen.get(topic, usual) for topic, usual in rules.topics.items()}


def cadence(session: Session, rules: Rules, contact_id: int, topic: str) -> Cadence:
    """Of one topic; one that the content does not name is said at once."""
    if topic not in rules.topics:
        return "instant"
    return cadences(session, rules, contact_id)[topic]


def choices(session: Session, contact_ids: Sequence[int]) -> Mapping[tuple[int, str], Cadence]:
    """By contact id and topic, what each of these people chose."""
    found = rows(session, _CHOICES_OF, {"contacts": contact_ids}, TopicChoice)
    known = {cadence: cadence for cadence in CADENCES}
    return {(row.contact_id, row.topic): known[row.cadence] for (row,) in found if row.cadence in known}


def turn_down(session: Session, rules: Rules, contact_id: int, topic: str) -> Cadence:
    """They want less of this topic: the next rarer cadence is theirs from now on, and returned."""
    place = CADENCES.index(cadence(session, rules, contact_id, topic))
    rarer = CADENCES[min(place + 1, len(CADENCES) - 1)]
    row = session.get(TopicChoice, (contact_id, topic))
    if row is None:
        session.add(TopicChoice(contact_id=contact_id, topic=topic, cadence=rarer))
    else:
        row.cadence = rarer
    look_again(session, contact_id)
    return rarer


def choose(session: Session, contact_id: int, topic: str, chosen: Cadence) -> None:
    """They want to hear of this topic so often."""
    row = session.get(TopicChoice, (contact_id, topic))
    if row is None:
        session.add(TopicChoice(contact_id=contact_id, topic=topic, cadence=chosen))
    else:
        row.cadence = chosen
    look_again(session, contact_id)


def wishes_of(session: Session, contact_id: int) -> Preference:
    """Their row, to be changed; a new one when they chose nothing yet."""
    own = session.get(Preference, contact_id)
    if own is None:
        own = Preference(contact_id=contact_id)
        session.add(own)
    return own


def look_again(session: Session, contact_id: int) -> None:
    """Their wishes changed: when their next digest comes, and whether what was held back by their wishes still is, is
    found out anew, at the next tick.
    """
    session.flush()
    session.execute(
        update(Delivery)
        .where(col(Delivery.contact_id) == contact_id, col(Delivery.state) == "held")
        .where(col(Delivery.reason).in_(("digest", "quiet", "silenced")))
        .values(due=LONG_AGO)
    )
    session.execute(update(Digest).where(col(Digest.contact_id) == contact_id).values(due=LONG_AGO))


def hours_of(session: Session, rules: Rules, who: Member) -> Hours:
    """When this person is left alone: their own hours, or the content's; their country's holidays."""
    return hours_by(rules, who, find(session, Preference, who.contact.id))


def hours_by(rules: Rules, who: Member, own: Preference | None) -> Hours:
    """The same by their row at hand; None: they have none."""
    begins, ends = rules.quiet_from, rules.quiet_until
    if own is not None and own.quiet_from is not None and own.quiet_until is not None:
        begins, ends = own.quiet_from, own.quiet_until
    country = rules.region_countries.get(who.account.region, rules.country)
    return Hours(begins, ends, rules.quiet_weekdays, country)


def digest_hour(rules: Rules, own: Preference | None) -> time:
    """When their digest comes on their own clock: the hour they chose, else as soon as quiet hours are over."""
    if own is not None and own.digest_hour is not None:
        return time(own.digest_hour)
    return own.quiet_until if own is not None and own.quiet_until is not None else rules.quiet_until


def digest_weekday(rules: Rules, own: Preference | None) -> int:
    """The day of their weekly digest, 0 is Monday: the one they chose, else the first that is no day off."""
    if own is not None and own.digest_weekday is not None:
        return own.digest_weekday
    return next((day for day in range(7) if day not in rules.quiet_weekdays), 0)


def caps_of(rules: Rules) -> Caps:
    return Caps(rules.most_per_day, rules.most_per_week, rules.most_per_week_of)
