"""Is there a reason to nudge? Asked when its moment comes, and once more when it would be sent."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Final, TypeAlias

from sqlalchemy import select
from sqlmodel import Session, col

from core.actions import Action, GoOn, StepAnswer, StepSkip, StepStuck, unpack
from core.cards import Progress
from core.content.catalogue import Catalogue
from core.content.kinds.nudge_rules import NudgeRule, TriggerKind
from core.content.texts.variables import Group
from core.nudges.crowd import Person
from core.nudges.planning import AWAY
from core.nudges.timing import begins
from core.onboarding.asking import is_declined
from core.onboarding.courses import Course
from core.onboarding.rules import StepStanding, is_for, next_step, progress
from core.people.accounts import local
from core.people.facts import account_facts
from core.people.filling import values_of_progress
from storage.loading import columns, rows
from storage.many import among
from storage.tables import Nudge, Question, Signal

EPISODES: Final[frozenset[TriggerKind]] = frozenset({"stalled_step", "no_visit", "unanswered_question"})
"""What begins anew with every move: a later moment is another story, told from the beginning."""

LOOK_AGAIN: Final = timedelta(days=7)
"""A checklist's day may have been changed by the content: it is looked at so often before it is over."""

OWED: Final = timedelta(hours=12)
"""A step for which we owe somebody our help is looked at again so much later."""

Fact: TypeAlias = str | int | float | bool | None


@dataclass(frozen=True, slots=True)
class Reason:
    """There is one."""

    since: datetime
    """From when its first moment is counted."""
    facts: Mapping[str, Fact]
    """What is true, for those of us who ask why."""
    values: Mapping[str, object] = field(default_factory=dict)
    """What its texts may use besides."""
    opens: Action = field(default_factory=lambda: GoOn(0, ""))
    """What the button leads to that opens a step."""
    progress: Progress | None = None


@dataclass(frozen=True, slots=True)
class NotYet:
    """Not now, perhaps from then on."""

    until: datetime


@dataclass(frozen=True, slots=True)
class Gone:
    """There is none and will be none: it is done, answered, over."""


Look: TypeAlias = Reason | NotYet | Gone


@dataclass(frozen=True, slots=True)
class Happened:
    """What nudges may be about besides what is known of a person."""

    questions: Mapping[int, Question] = field(default_factory=dict)
    """That stand open, by contact."""
    signals: Mapping[str, Signal] = field(default_factory=dict)
    """By key."""


def happened(session: Session, nudges: Iterable[Nudge]) -> Happened:
    """What these are about, by one question for each kind of happening, however many they are."""
    about = [(one.contact_id, *one.about.partition(":")) for one in nudges]
    asked = sorted({contact for contact, what, _, _ in about if what == "question"})
    keys = sorted({key for _, what, _, key in about if what == "signal"})
    questions = rows(session, _QUESTIONS, {"contacts": asked}, Question) if asked else []
    signals = rows(session, _SIGNALS, {"keys": keys}, Signal) if keys else []
    return Happened({one.contact_id: one for (one,) in questions}, {one.key: one for (one,) in signals})


_QUESTIONS = select(*columns(Question)).where(among(col(Question.contact_id), "contacts"))
_SIGNALS = select(*columns(Signal)).where(among(col(Signal.key), "keys"))


def look(session: Session, catalogue: Catalogue, person: Person, rule: NudgeRule, nudge: Nudge, now: datetime) -> Look:
    """What is behind this nudge at this moment."""
    return reason_of(catalogue, person, rule, nudge, happened(session, [nudge]), now)


def reason_of(
    catalogue: Catalogue, person: Person, rule: NudgeRule, nudge: Nudge, there: Happened, now: datetime
) -> Look:
    """The same with what happened at hand."""
    about = nudge.about.partition(":")[2]
    match rule.trigger.kind:
        case "stalled_step":
            return _stalled(person, rule, about, now)
        case "no_visit":
            contact = person.who.contact
            since = contact.last_seen_at or contact.joined_at or now
            return Reason(since, _days("away_days", (now - since).days), _days_values((now - since).days))
        case "step_overdue":
            return _overdue(person, rule, about, now)
        case "checklist_overdue":
            return _late(person, about, now)
        case "unanswered_question":
            return _unanswered(person, there.questions.get(nudge.contact_id), now)
        case "date":
            return _dated(catalogue, person, rule, about, now)
        case "signal":
            signal = there.signals.get(about)
            if signal is None:
                return Gone()
            days = (now - signal.at).days
            return Reason(signal.at, {"signal": signal.name, "days": days}, _days_values(days))


def _days(name: str, days: int) -> dict[str, Fact]:
    return {name: days}


def _days_values(days: int) -> dict[str, object]:
    return {"nudge": Group({"days": days})}


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() else 0


def _stalled(person: Person, rule: NudgeRule, about: str, now: datetime) -> Look:
    course = person.courses.get(_number(about))
    if course is None:
        return NotYet(AWAY)  # its checklist is not there now; showing it anew looks at this again
    if course.enrolment.finished_at is not None:
        return Gone()
    reader = person.reader
    one = next_step(course.standing, reader.doer, reader.circle.roles)
    if one is None or one.state != "open" or not is_for(one, reader.doer, reader.circle.roles):
        return NotYet(now + max(rule.trigger.after, timedelta(hours=1)))
    moved = course.enrolment.moved_at
    return _of_step(person, course, one, moved, GoOn(course.id, ""), (now - moved).days, now)


def _of_step(
    person: Person, course: Course, one: StepStanding, since: datetime, opens: Action, days: int, now: datetime
) -> Look:
    """Who asked for our help with a step is not asked to go on with it before they have it, nor right after."""
    given = person.helped.get((course.id, one.step.id), since)
    if given is None:
        return NotYet(now + OWED)
    reader, counted = person.reader, progress(course.standing)
    return Reason(
        max(since, given),
        {"checklist": course.checklist.id, "step": one.step.id, "days": days, "done": counted.done},
        {
            **values_of_progress(counted),
            "nudge": Group({"days": days, "day": one.promised_for}),
            "step": Group({"title": reader.label(one.step.title)}),
            "checklist": Group({"title": reader.label(course.checklist.title)}),
        },
        opens,
        counted,
    )


def _late(person: Person, about: str, now: datetime) -> Look:
    """All of it was to be done by a day, and there is still something for this person to do."""
    course = person.courses.get(_number(about))
    if course is None or course.checklist.due_days is None:
        return NotYet(AWAY)  # showing its checklist anew looks at this again
    if course.enrolment.finished_at is not None:
        return Gone()
    zone, reader = person.who.zone, person.reader
    day = local(course.enrolment.started_at, zone).date() + timedelta(days=course.checklist.due_days)
    over = begins(day + timedelta(days=1), zone)
    if over > now:
        return NotYet(min(over, now + LOOK_AGAIN))
    one = next_step(course.standing, reader.doer, reader.circle.roles)
    if one is None or one.state != "open" or not is_for(one, reader.doer, reader.circle.roles):
        return NotYet(now + timedelta(days=1))
    days = (local(now, zone).date() - day).days
    return _of_step(person, course, replace(one, promised_for=day), over, GoOn(course.id, ""), days, now)


def _overdue(person: Person, rule: NudgeRule, about: str, now: datetime) -> Look:
    number, _, step = about.partition(":")
    course = person.courses.get(_number(number))
    one = course.standing.of(step) if course is not None else None
    if course is None or one is None:
        return NotYet(AWAY)
    if one.finished or one.promised_for is None or course.enrolment.finished_at is not None:
        return Gone()
    if rule.trigger.name and rule.trigger.name != one.step.owner:
        return Gone()
    theirs = one.step.owner == "us" or is_for(one, person.reader.doer, person.reader.circle.roles)
    if one.state == "closed" or not theirs:
        return NotYet(now + timedelta(days=1))
    over = begins(one.promised_for + timedelta(days=1), person.who.zone)
    if over > now:
        return NotYet(over)
    days = (local(now, person.who.zone).date() - one.promised_for).days
    return _of_step(person, course, one, over, GoOn(course.id, step), days, now)


def _unanswered(person: Person, question: Question | None, now: datetime) -> Look:
    about = unpack(question.about) if question is not None and not is_declined(question) else None
    if question is None or not isinstance(about, StepAnswer | StepSkip | StepStuck):
        return Gone()
    course = person.courses.get(about.enrolment)
    one = course.standing.of(about.step) if course is not None else None
    if course is None or one is None or one.finished:
        return Gone()
    days = (now - question.asked_at).days
    opens = GoOn(course.id, one.step.id)
    return _of_step(person, course, one, question.asked_at, opens, days, now)


def _answered(person: Person, checklist: str, step: str) -> date | None:
    """The date they gave as the answer of a step; None: they did not, or took it back."""
    course = next((one for one in person.courses.values() if one.checklist.id == checklist), None)
    one = course.standing.of(step) if course is not None else None
    if one is None or one.state != "done" or one.answer is None or one.step.asks is None:
        return None
    return date.fromisoformat(one.answer) if one.step.asks.kind == "date" else None


def _dated(catalogue: Catalogue, person: Person, rule: NudgeRule, about: str, now: datetime) -> Look:
    zone = person.who.zone
    if "/" in rule.trigger.name:
        day: object = _answered(person, *rule.trigger.name.split("/"))
    else:
        day = account_facts(catalogue.rules, person.who.account, person.who.csm).get(rule.trigger.name)
    if not isinstance(day, date) or day.isoformat() != about:
        return Gone()  # there is another date now, which has a nudge of its own
    today = local(now, zone).date()
    if today > day:
        return Gone()
    since = begins(day, zone) - rule.trigger.after
    if since > now:
        return NotYet(since)
    days = (day - today).days
    facts: dict[str, Fact] = {"field": rule.trigger.name, "date": about, "days": days}
    return Reason(since, facts, {"nudge": Group({"days": days, "day": day})})
