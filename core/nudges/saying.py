"""Whose moment has come is looked at, and nudged when there is a reason: a bounded number in each transaction."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import bindparam, select
from sqlmodel import Session, col

from core.attention.proposals import Proposal, Why, propose_all
from core.content.catalogue import Catalogue
from core.content.conditions.condition import ALWAYS
from core.content.kinds.nudge_rules import NudgeRule
from core.nudges.cards import ask_card, headline, last_headline, nudge_card, opens
from core.nudges.crowd import Person, gather_people
from core.nudges.escalating import Unheard, tell_ours
from core.nudges.planning import AWAY, subject
from core.nudges.reasons import EPISODES, Fact, Gone, NotYet, Reason, happened, reason_of
from core.nudges.said import NOTHING, Said, said_of
from core.nudges.timing import next_due
from core.people.accounts import Member
from core.people.facts import facts
from storage.loading import columns, rows
from storage.many import remove_many, save_many
from storage.tables import Chat, Nudge
from storage.types import Moment

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
    said: Said
    """What became of what was said before."""

    @property
    def key(self) -> str:
        """`nudge:<rule>:<about>[@<since>]:<n>:<contact>`; `since` (seconds) of what begins anew with every move."""
        nudge = self.nudge
        story = f"@{int(nudge.since.timestamp())}" if self.rule.trigger.kind in EPISODES else ""
        return f"nudge:{self.rule.id}:{nudge.about}{story}:{nudge.sent}:{nudge.contact_id}"


@dataclass(frozen=True, slots=True)
class _Outcome:
    """What comes of looking at many: gathered, to be written at once."""

    proposals: list[tuple[Member, Chat | None, Proposal]] = field(default_factory=list)
    unheard: list[Unheard] = field(default_factory=list)
    gone: list[Nudge] = field(default_factory=list)

    def propose(self, person: Person, proposal: Proposal) -> None:
        self.proposals.append((person.who, person.chat, proposal))


def nudge_due(session: Session, catalogue: Catalogue, now: datetime) -> int:
    """Nudge those whose moment has come. Returns how many were looked at; however long nobody ticked, each once.

    A dozen questions and a handful of statements, however many they are: all between is decided from what was read.
    """
    due: list[Nudge] = [nudge for (nudge,) in rows(session, _DUE, {"now": now}, Nudge, fresh=True)]
    if not due:
        return 0
    people = gather_people(session, catalogue, [one.contact_id for one in due])
    there, said = happened(session, due), said_of(session, due)
    outcome = _Outcome()
    for nudge in due:
        rule, person = catalogue.nudges.get(nudge.rule), people.get(nudge.contact_id)
        if rule is None or person is None:
            nudge.due = AWAY  # planning finds out what became of the rule
            continue
        match reason_of(catalogue, person, rule, nudge, there, now):
            case Gone():
                outcome.gone.append(nudge)
            case NotYet(until):
                nudge.due = until
            case Reason() as reason:
                case = Case(person, rule, nudge, reason, said.get(nudge.id or 0, NOTHING))
                _consider(catalogue, case, outcome, now)
    save_many(session, due)
    remove_many(session, outcome.gone)
    tell_ours(session, catalogue, outcome.unheard, now)
    propose_all(session, catalogue, outcome.proposals, now)
    return len(due)


_DUE = (
    select(*columns(Nudge))
    .where(col(Nudge.state) == "waiting", col(Nudge.due) <= bindparam("now", type_=Moment))
    .order_by(col(Nudge.due))
    .limit(AT_ONCE)
    .with_for_update(skip_locked=True)
)


def _consider(catalogue: Catalogue, case: Case, outcome: _Outcome, now: datetime) -> None:
    """There is a reason: is it time, and is it for this person?"""
    rule, nudge, reason = case.rule, case.nudge, case.reason
    if rule.trigger.kind in EPISODES and reason.since > nudge.since:  # something happened: this is another story
        nudge.since, nudge.sent, nudge.sent_at, nudge.snoozed_until = reason.since, 0, None, None
    if nudge.sent > 0:
        if case.said.waits_until is not None:
            nudge.due = min(max(case.said.waits_until, now + LOOK_AGAIN), now + UNLIKELY)
            return
        if case.said.told_at is not None and nudge.sent_at is not None:  # the pause begins when the last reached them
            nudge.sent_at = max(nudge.sent_at, case.said.told_at)
    wanted = nudge.snoozed_until
    due = wanted if wanted is not None else next_due(rule, reason.since, nudge.sent, nudge.sent_at)
    if due is None:
        _rest(rule, nudge, now)
    elif due > now:
        nudge.due = due
    elif not _is_for(catalogue, case.person, rule, now):
        nudge.due = now + (timedelta(days=1) if "days_to_renewal" in rule.when.fields else UNLIKELY)
    elif nudge.sent < rule.stop or wanted is not None:
        outcome.propose(case.person, _say(catalogue, case, now))
    else:
        _end(catalogue, case, outcome, now)


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


def _end(catalogue: Catalogue, case: Case, outcome: _Outcome, now: datetime) -> None:
    """All was said and nothing came of it: our people hear of it, or the person is asked whether we shall stop."""
    rule, nudge = case.rule, case.nudge
    line = last_headline(case.person, rule, case.reason, nudge.sent)
    if rule.then == "csm" and case.said.reached:
        outcome.unheard.append(Unheard(case.person, line, nudge.sent, case.key))
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
        outcome.propose(case.person, proposal)
    nudge.sent, nudge.sent_at = nudge.sent + 1, now
    _rest(rule, nudge, now)


def _why(catalogue: Catalogue, case: Case, now: datetime, **more: Fact) -> Why:
    """What the rule's condition asked about and what made it speak, as they were."""
    known: Mapping[str, object] = {} if case.rule.when == ALWAYS else facts(catalogue, case.person.who, now)
    asked = {name: _plain(known.get(name)) for name in sorted(case.rule.when.fields)}
    return Why(f"nudge:{case.rule.id}", {**asked, **case.reason.facts, **more})


def _plain(value: object) -> Fact:
    if value is None or isinstance(value, str | bool | int | float):
        return value
    return ", ".join(map(str, value)) if isinstance(value, tuple) else str(value)
