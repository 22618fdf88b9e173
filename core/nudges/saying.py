"""Whose moment has come is looked at, and nudged when there is a reason: a bounded number in each transaction."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from sqlmodel import Session, col, select

from core.attention.proposals import Proposal, Why, propose
from core.content.catalogue import Catalogue
from core.content.conditions import ALWAYS
from core.content.nudge_rules import NudgeRule
from core.nudges.cards import ask_card, headline, nudge_card, opens
from core.nudges.crowd import Person, gather_people
from core.nudges.escalating import tell_ours
from core.nudges.planning import AWAY, subject
from core.nudges.reasons import EPISODES, Fact, Gone, NotYet, Reason, look
from core.nudges.timing import next_due
from core.people.facts import facts
from storage.tables import Nudge

AT_ONCE = 200
"""Nudges looked at in one transaction: a tick after an outage does not hold the database for long."""

UNLIKELY = timedelta(days=7)
"""For whom a rule is not is looked at again so much later; an import that changes what is known looks at once."""

KIND = "nudge"


def nudge_due(session: Session, catalogue: Catalogue, now: datetime) -> int:
    """Nudge those whose moment has come. Returns how many were looked at; however long nobody ticked, each once."""
    due = session.exec(
        select(Nudge)
        .where(Nudge.state == "waiting", col(Nudge.due) <= now)
        .order_by(col(Nudge.due))
        .limit(AT_ONCE)
        .with_for_update(skip_locked=True)
    ).all()
    people = gather_people(session, catalogue, [one.contact_id for one in due]) if due else {}
    for nudge in due:
        rule, person = catalogue.nudges.get(nudge.rule), people.get(nudge.contact_id)
        if rule is None or person is None:
            nudge.due = AWAY  # planning finds out what became of the rule
        else:
            _look_at(session, catalogue, person, rule, nudge, now)
    return len(due)


def _look_at(
    session: Session, catalogue: Catalogue, person: Person, rule: NudgeRule, nudge: Nudge, now: datetime
) -> None:
    found = look(session, catalogue, person, rule, nudge, now)
    match found:
        case Gone():
            session.delete(nudge)
        case NotYet(until):
            nudge.due = until
        case Reason():
            _consider(session, catalogue, person, rule, nudge, found, now)


def _consider(
    session: Session,
    catalogue: Catalogue,
    person: Person,
    rule: NudgeRule,
    nudge: Nudge,
    reason: Reason,
    now: datetime,
) -> None:
    """There is a reason: is it time, and is it for this person?"""
    if rule.trigger.kind in EPISODES and reason.since > nudge.since:
        begin_anew(nudge, reason.since)
    wanted = nudge.snoozed_until
    due = wanted if wanted is not None else next_due(rule, reason.since, nudge.sent, nudge.sent_at)
    if due is None:
        _rest(rule, nudge, now)
    elif due > now:
        nudge.due = due
    elif not _is_for(catalogue, person, rule, now):
        nudge.due = now + (timedelta(days=1) if "days_to_renewal" in rule.when.fields else UNLIKELY)
    elif nudge.sent < rule.stop or wanted is not None:
        _say(session, catalogue, person, rule, nudge, reason, now)
    else:
        _end(session, catalogue, person, rule, nudge, reason, now)


def begin_anew(nudge: Nudge, since: datetime) -> None:
    """Something happened: what follows is another story."""
    nudge.since, nudge.sent, nudge.sent_at, nudge.snoozed_until = since, 0, None, None


def _is_for(catalogue: Catalogue, person: Person, rule: NudgeRule, now: datetime) -> bool:
    return rule.when == ALWAYS or rule.when.holds(facts(catalogue, person.who, now))


def _rest(rule: NudgeRule, nudge: Nudge, now: datetime) -> None:
    """All was said. A visit is noted by nobody, so whoever stays away is looked at again, to find out."""
    if rule.trigger.kind == "no_visit":
        nudge.due = now + max(rule.trigger.after, timedelta(days=1))
    else:
        nudge.state = "over"


def _say(
    session: Session,
    catalogue: Catalogue,
    person: Person,
    rule: NudgeRule,
    nudge: Nudge,
    reason: Reason,
    now: datetime,
) -> None:
    card = nudge_card(catalogue, person, rule, reason, nudge.sent, nudge.id or 0)
    line = headline(catalogue, person, rule, reason, nudge.sent)
    proposal = Proposal(
        key=key(rule, nudge, nudge.sent),
        kind=KIND,
        topic=rule.topic,
        card=card,
        headline=line,
        opens=opens(rule, reason),
        why=Why(f"nudge:{rule.id}", {**_known(catalogue, person, rule, now), **reason.facts, "said": nudge.sent}),
        worth=rule.worth,
        expires_at=now + rule.good_for,
        subject=subject(nudge.id or 0),
    )
    propose(session, catalogue, person.who, proposal, now)
    nudge.sent, nudge.sent_at, nudge.snoozed_until = nudge.sent + 1, now, None
    following = next_due(rule, nudge.since, nudge.sent, now)
    if following is None:
        _rest(rule, nudge, now)
    else:
        nudge.due = following


def key(rule: NudgeRule, nudge: Nudge, number: int) -> str:
    """`nudge:<rule>:<about>[@<since>]:<n>:<contact>`; `since` (seconds) of what begins anew with every move."""
    story = f"@{int(nudge.since.timestamp())}" if rule.trigger.kind in EPISODES else ""
    return f"nudge:{rule.id}:{nudge.about}{story}:{number}:{nudge.contact_id}"


def _known(catalogue: Catalogue, person: Person, rule: NudgeRule, now: datetime) -> Mapping[str, Fact]:
    """What the rule's condition asked about, as it was."""
    if rule.when == ALWAYS:
        return {}
    known = facts(catalogue, person.who, now)
    return {name: _plain(known.get(name)) for name in sorted(rule.when.fields)}


def _plain(value: object) -> Fact:
    if value is None or isinstance(value, str | bool | int | float):
        return value
    return ", ".join(map(str, value)) if isinstance(value, tuple) else str(value)


def _end(
    session: Session,
    catalogue: Catalogue,
    person: Person,
    rule: NudgeRule,
    nudge: Nudge,
    reason: Reason,
    now: datetime,
) -> None:
    """All was said and nothing came of it: our people hear of it, or the person is asked whether we shall stop."""
    line = headline(catalogue, person, rule, reason, nudge.sent - 1)
    if rule.then == "csm":
        tell_ours(session, catalogue, person, nudge, line, key(rule, nudge, nudge.sent), now)
    elif rule.then == "ask":
        proposal = Proposal(
            key=key(rule, nudge, nudge.sent),
            kind=KIND,
            topic=rule.topic,
            card=ask_card(person.who.voice, line, nudge.id or 0),
            headline="",
            opens=None,
            why=Why(f"nudge:{rule.id}", {**reason.facts, "said": nudge.sent, "asks": "shall I stop"}),
            worth=rule.worth,
            expires_at=now + rule.good_for,
            subject=subject(nudge.id or 0),
        )
        propose(session, catalogue, person.who, proposal, now)
    nudge.sent, nudge.sent_at = nudge.sent + 1, now
    _rest(rule, nudge, now)
