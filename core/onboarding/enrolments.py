"""Which checklists an account goes through, and when each begins."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from sqlalchemy import Executable
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session, SQLModel, select

from core.content.catalogue import Catalogue, Checklist
from core.content.conditions.condition import Value
from core.desk import alerts
from core.nudges.planning import of_account, plan
from core.onboarding.courses import Course, finish_step, promise
from core.onboarding.rules import StepStanding, due_day
from core.people.accounts import known_zone, local
from core.people.facts import account_facts
from storage.loading import find
from storage.tables import Account, Csm, Enrolment, Signal

NOTED = timedelta(minutes=1)
"""How exactly it is remembered when a checklist moved: closer would cost two writes for every tap."""

_ENROLMENT = SQLModel.metadata.tables["enrolment"]
_BEGIN: dict[str, Executable] = {
    name: insert(_ENROLMENT)
    .on_conflict_do_nothing(index_elements=["account_id", "checklist"])
    .returning(_ENROLMENT.c.id)
    for name, insert in (("sqlite", sqlite.insert), ("postgresql", postgresql.insert))
}


def fits(checklist: Checklist, facts: Mapping[str, Value], finished: set[str]) -> bool:
    """Is the checklist for an account of which this is known, and may it begin? It has a step for the account, too.

    `finished`: ids of the checklists the account finished.
    """
    return (
        (not checklist.after or checklist.after in finished)
        and checklist.when.holds(facts)
        and any(step.when.holds(facts) for step in checklist.steps)
    )


def enrol(session: Session, catalogue: Catalogue, account: Account, now: datetime) -> list[Enrolment]:
    """Begin every checklist that fits and has not begun; returns those begun now. Repeating it changes nothing."""
    return [course.enrolment for course in begin(session, catalogue, account, now)]


def begin(session: Session, catalogue: Catalogue, account: Account, now: datetime) -> list[Course]:
    """The same, with the courses. Signals that came before count at once."""
    begun = session.exec(select(Enrolment).where(Enrolment.account_id == account.id)).all()
    have = {one.checklist for one in begun}
    finished = {one.checklist for one in begun if one.finished_at is not None}
    csm = find(session, Csm, account.csm_id) if account.csm_id is not None else None
    facts = account_facts(catalogue.rules, account, csm)
    wanted = [one for one in catalogue.checklists.values() if one.id not in have and fits(one, facts, finished)]
    started = [_begin_one(session, account, checklist, facts, now) for checklist in wanted]
    courses = [course for course in started if course is not None]
    if courses:
        _apply_signals(session, account, courses, now)
    for course in courses:
        note_opened(session, catalogue, account, course, course.standing.steps, now)
    if courses:
        plan(session, catalogue, of_account(account.id), now, ("stalled_step", "checklist_overdue"))
    return courses


def _begin_one(
    session: Session, account: Account, checklist: Checklist, facts: Mapping[str, Value], now: datetime
) -> Course | None:
    """None when somebody else began it at the same moment."""
    number = session.execute(
        _BEGIN[session.get_bind().dialect.name],
        {"account_id": account.id, "checklist": checklist.id, "started_at": now, "moved_at": now},
    ).scalar_one_or_none()
    if number is None:
        return None
    return Course(session.get_one(Enrolment, number), number, checklist, {}, facts)


def _apply_signals(session: Session, account: Account, courses: list[Course], now: datetime) -> None:
    names = set(session.exec(select(Signal.name).where(Signal.account_id == account.id)).all())
    for course in courses:
        for step in course.checklist.steps:
            if step.signal and step.signal in names:
                finish_step(session, course, step.id, now, by=None)


def note_opened(
    session: Session,
    catalogue: Catalogue,
    account: Account,
    course: Course,
    opened: tuple[StepStanding, ...],
    now: datetime,
) -> None:
    """Give those opened their day, in the account's zone; of steps of ours it is a promise, and the CSM is told."""
    rules = catalogue.rules
    zone = known_zone(account.timezone, rules.region_timezones.get(account.region), default=rules.timezone)
    began = local(course.enrolment.started_at, zone)
    for one in opened:
        day = due_day(one.step, local(now, zone), began)
        if one.state != "ours" and (day is None or one.state != "open" or one.promised_for is not None):
            continue
        promise(session, course, one.step.id, day, now)
        if day is not None:
            plan(session, catalogue, of_account(account.id), now, ("step_overdue",))
        if one.state != "ours":
            continue
        stands = course.standing.of(one.step.id)
        if stands is not None:
            alerts.tell_ours(session, catalogue, account, course, stands, now)
