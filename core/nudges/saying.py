"""Whose moment has come is looked at, and nudged when there is a reason: a bounded number in each transaction."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlmodel import Session, col, select

from core.attention.proposals import Proposal, Why, propose_all
from core.content.catalogue import Catalogue
from core.content.conditions.condition import ALWAYS
from core.content.kinds.nudge_rules import NudgeRule
from core.nudges.cards import ask_card, headline, last_headline, nudge_card, opens
from core.nudges.crowd import Person, gather_people
from core.nudges.escalating import tell_ours
from core.nudges.planning import AWAY, subject
from core.nudges.reasons import EPISODES, Fact, Gone, NotYet, Reason, look
from core.nudges.timing import next_due
from core.people.facts import facts
from storage.tables import Delivery, Nudge

AT_ONCE = 200
"""Nudges looked at in one transaction: a tick after an outage does not hold the database for long."""

UNLIKELY = timedelta(days=7)
"""For whom a rule is not is looked at again so much later; an import that changes what is known looks at once."""

LOOK_AGAIN = timedelta(hours=1)
"""Whose last nudge still waits to be said is looked at again so much later at the earliest."""

KIND = "nudge"


@dataclass(frozen=True, slots=True)
class Case:
    """One person, one rule, and what there is to say."""

    person: Person
    rule: NudgeRule
    nudge: Nudge
    reason: Reason

    @property
    def key(self) -> str:
        """`nudge:<rule>:<about>[@<since>]:<n>:<contact>`; `since` (seconds) of what begins anew with every move."""
        nudge = self.nudge
        story = f"@{int(nudge.since.timestamp())}" if self.rule.trigger.kind in EPISODES else ""
        return f"nudge:{self.rule.id}:{nudge.about}{story}:{nudge.sent}:{nudge.contact_id}"


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
    proposals: list[tuple[Person, Proposal]] = []
    for nudge in due:
        rule, person = catalogue.nudges.get(nudge.rule), people.get(nudge.contact_id)
        if rule is None or person is None:
            nudge.due = AWAY  # planning finds out what became of the rule
            continue
        proposal = _look_at(session, catalogue, person, rule, nudge, now)
        if proposal is not None:
            proposals.append((person, proposal))
    propose_all(session, catalogue, [(person.who, person.chat, proposal) for person, proposal in proposals], now)
    return len(due)


def _look_at(
    session: Session, catalogue: Catalogue, person: Person, rule: NudgeRule, nudge: Nudge, now: datetime
) -> Proposal | None:
    """Say when to look again, and what is to be said now."""
    found = look(session, catalogue, person, rule, nudge, now)
    match found:
        case Gone():
            session.delete(nudge)
            return None
        case NotYet(until):
            nudge.due = until
            return None
        case Reason():
            return _consider(session, catalogue, Case(person, rule, nudge, found), now)


def _consider(session: Session, catalogue: Catalogue, case: Case, now: datetime) -> Proposal | None:
    """There is a reason: is it time, and is it for this person?"""
    rule, nudge, reason = case.rule, case.nudge, case.reason
    if rule.trigger.kind in EPISODES and reason.since > nudge.since:  # something happened: this is another story
        nudge.since, nudge.sent, nudge.sent_at, nudge.snoozed_until = reason.since, 0, None, None
    waits_until = _learn_when_it_was_said(session, nudge)
    if waits_until is not None:
        nudge.due = min(max(waits_until, now + LOOK_AGAIN), now + UNLIKELY)
        return None
    wanted = nudge.snoozed_until
    due = wanted if wanted is not None else next_due(rule, reason.since, nudge.sent, nudge.sent_at)
    if due is None:
        _rest(rule, nudge, now)
    elif due > now:
        nudge.due = due
    elif not _is_for(catalogue, case.person, rule, now):
        nudge.due = now + (timedelta(days=1) if "days_to_renewal" in rule.when.fields else UNLIKELY)
    elif nudge.sent < rule.stop or wanted is not None:
        return _say(catalogue, case, now)
    else:
        return _end(session, catalogue, case, now)
    return None


def _learn_when_it_was_said(session: Session, nudge: Nudge) -> datetime | None:
    """The pause until the next time begins when the last one reached them, be it alone or with others.

    Returns the moment until which that one still waits (quiet hours, caps); None: it does not.
    """
    if nudge.sent == 0:
        return None
    last = session.exec(
        select(Delivery)
        .where(Delivery.contact_id == nudge.contact_id, Delivery.subject == subject(nudge.id or 0))
        .order_by(col(Delivery.id).desc())
        .limit(1)
    ).first()
    if last is None:
        return None
    if last.state in ("held", "queued", "sending"):
        return last.due
    told = last.state == "accepted" or last.reason == "merged"
    if told and last.settled_at is not None and nudge.sent_at is not None:
        nudge.sent_at = max(nudge.sent_at, last.settled_at)
    return None


def _is_for(catalogue: Catalogue, person: Person, rule: NudgeRule, now: datetime) -> bool:
    return rule.when == ALWAYS or rule.when.holds(facts(catalogue, person.who, now))


def _rest(rule: NudgeRule, nudge: Nudge, now: datetime) -> None:
    """All was said. A visit is noted by nobody, so whoever stays away is looked at again, to find out."""
    if rule.trigger.kind == "no_visit":
        nudge.due = now + max(rule.trigger.after, timedelta(days=1))
    else:
        nudge.state = "over"


def _say(catalogue: Catalogue, case: Case, now: datetime) -> Proposal:
    rule, nudge, reason = case.rule, case.nudge, case.reason
    card = nudge_card(case.person, rule, reason, nudge.sent, nudge.id or 0)
    proposal = Proposal(
        key=case.key,
        kind=KIND,
        topic=rule.topic,
        card=card,
        headline=headline(card.text),
        opens=opens(rule, reason),
        why=_why(catalogue, case, now, said=nudge.sent),
        worth=rule.worth,
        expires_at=now + rule.good_for,
        subject=subject(nudge.id or 0),
    )
    nudge.sent, nudge.sent_at, nudge.snoozed_until = nudge.sent + 1, now, None
    following = next_due(rule, nudge.since, nudge.sent, now)
    if following is None:
        _rest(rule, nudge, now)
    else:
        nudge.due = following
    return proposal


def _end(session: Session, catalogue: Catalogue, case: Case, now: datetime) -> Proposal | None:
    """All was said and nothing came of it: our people hear of it, or the person is asked whether we shall stop."""
    rule, nudge = case.rule, case.nudge
    line = last_headline(case.person, rule, case.reason, nudge.sent)
    proposal = None
    if rule.then == "csm":
        tell_ours(session, catalogue, case.person, nudge, line, case.key, now)
    elif rule.then == "ask":
        proposal = Proposal(
            key=case.key,
            kind=KIND,
            topic=rule.topic,
            card=ask_card(case.person.who.voice, line, nudge.id or 0),
            headline="",
            opens=None,
            why=_why(catalogue, case, now, said=nudge.sent, asks="shall I stop"),
            worth=rule.worth,
            expires_at=now + rule.good_for,
            subject=subject(nudge.id or 0),
        )
    nudge.sent, nudge.sent_at = nudge.sent + 1, now
    _rest(rule, nudge, now)
    return proposal


def _why(catalogue: Catalogue, case: Case, now: datetime, **more: Fact) -> Why:
    """What the rule's condition asked about and what made it speak, as they were."""
    known: Mapping[str, object] = {} if case.rule.when == ALWAYS else facts(catalogue, case.person.who, now)
    asked = {name: _plain(known.get(name)) for name in sorted(case.rule.when.fields)}
    return Why(f"nudge:{case.rule.id}", {**asked, **case.reason.facts, **more})


def _plain(value: object) -> Fact:
    if value is None or isinstance(value, str | bool | int | float):
        return value
    return ", ".join(map(str, value)) if isinstance(value, tuple) else str(value)
