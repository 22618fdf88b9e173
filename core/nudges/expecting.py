"""When a rule next has something to say to one person, for our people who ask why somebody was not nudged."""

from datetime import datetime

from sqlmodel import Session, select

from core.attention.expected import Expected
from core.content.catalogue import Catalogue
from core.content.conditions.condition import ALWAYS
from core.content.kinds.nudge_rules import NudgeRule
from core.nudges.crowd import Person, gather_people
from core.nudges.planning import AWAY, subject
from core.nudges.reasons import EPISODES, NotYet, Reason, look
from core.nudges.timing import next_due
from core.people.accounts import Member
from core.people.facts import facts
from storage.tables import Nudge


def expect(session: Session, catalogue: Catalogue, who: Member, name: str, now: datetime) -> Expected | None:
    """The earliest of all this rule may be about. None: there is no such rule."""
    rule = catalogue.nudges.get(name)
    if rule is None:
        return None
    if rule.when != ALWAYS and not rule.when.holds(facts(catalogue, who, now)):
        return Expected(None, "not_for_them", rule.topic)
    rows = session.exec(select(Nudge).where(Nudge.contact_id == who.contact.id, Nudge.rule == name)).all()
    if any(one.about == "" for one in rows):
        return Expected(None, "stopped", rule.topic)
    person = gather_people(session, catalogue, [who.contact.id or 0])[who.contact.id or 0]
    moments = [
        (moment, one.id or 0)
        for one in rows
        if one.state == "waiting"
        for moment in (_moment(session, catalogue, person, rule, one, now),)
        if moment is not None
    ]
    if not moments:
        states = {one.state for one in rows}
        why = "stopped" if "stopped" in states else "all_said" if "over" in states else "no_reason"
        return Expected(None, why, rule.topic)
    due, number = min(moments)
    return Expected(due, topic=rule.topic, subject=subject(number))


def _moment(
    session: Session, catalogue: Catalogue, person: Person, rule: NudgeRule, nudge: Nudge, now: datetime
) -> datetime | None:
    """When it is said if nothing changes; None: then it never is."""
    found = look(session, catalogue, person, rule, nudge, now)
    if isinstance(found, NotYet):
        return found.until if found.until < AWAY else None
    if not isinstance(found, Reason):
        return None
    if rule.trigger.kind in EPISODES and found.since > nudge.since:
        return next_due(rule, found.since, 0, None)
    return nudge.snoozed_until or next_due(rule, found.since, nudge.sent, nudge.sent_at)
