"""The cards a checklist leads to, for somebody who may be a client's real contact or made up; nothing is written."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import PurePosixPath
from typing import Final, Literal, TypeAlias

from sqlmodel import Session, select

from core.cards import Card
from core.content.catalogue import Asked, Catalogue, Checklist, Step
from core.content.conditions.condition import ALWAYS, Value
from core.onboarding.cards import (
    celebration_card,
    checklist_card,
    finished_card,
    guide_card,
    guided,
    step_card,
    steps_card,
)
from core.onboarding.courses import Course, load_all
from core.onboarding.enrolments import fits
from core.onboarding.overview import overview_card
from core.onboarding.question_cards import answer_card, trouble_card, why_card
from core.onboarding.rules import StepStanding, due_day, next_step, progress
from core.people.accounts import Member, local, member, member_of
from core.people.facts import account_facts
from core.people.readers import Circle, Reader, gather, reader_of
from storage.tables import Account, Contact, Csm, Enrolment, StepRecord

Shows: TypeAlias = Literal[
    "home", "now", "intro", "list", "closed", "open", "guide", "question", "why", "done", "stuck",
    "nudge", "announcement", "again", "update", "mailing", "celebration", "end", "phrases", "buttons",
]  # fmt: skip

ANSWER: Final = "…"
"""Stands where a client's own words would."""


@dataclass(frozen=True, slots=True)
class Preview:
    """One card and when it is shown."""

    shows: Shows
    card: Card
    key: str = ""
    """Which of its kind: a step's id, a group of phrases. With `shows` it names the card for every reader."""
    about: str = ""
    """The step's title as the reader has it; plain text."""


@dataclass(frozen=True, slots=True)
class Viewer:
    """Who looks: a contact with where their account stands, or somebody made up, who has just arrived."""

    who: Member
    circle: Circle
    courses: Mapping[str, Course] = field(default_factory=dict)
    """By checklist id, as they stand in the database; empty for somebody made up."""
    facts: Mapping[str, Value] | None = None
    """What conditions ask of the account; None: somebody made up, for whom everything is."""

    def reader(self, catalogue: Catalogue) -> Reader:
        return reader_of(catalogue, self.circle, self.who)


def viewer_of(session: Session, catalogue: Catalogue, email: str, language: str | None = None) -> Viewer | None:
    """The contact with this e-mail, as they are; None: there is none. `language`: as if they had chosen that one."""
    contact = session.exec(select(Contact).where(Contact.email == email.strip().lower())).one_or_none()
    if contact is None:
        return None
    account = session.get_one(Account, contact.account_id)
    circle = gather(session, account)
    courses = {course.checklist.id: course for course in load_all(session, catalogue, account.id)}
    speaking = contact.model_copy(update={"language": language}) if language else contact
    facts = account_facts(catalogue.rules, account, circle.csm)
    return Viewer(member(session, catalogue, speaking), circle, courses, facts)


def made_up(
    catalogue: Catalogue, *, name: str, account: str, csm: str, now: datetime, role: str = "", language: str = ""
) -> Viewer:
    """Somebody who exists nowhere: a contact of a client of ours, with a colleague of ours looking after them."""
    client = Account(id=1, name=account, created_at=now, csm_id=1)
    contact = Contact(id=1, account_id=1, name=name, email="", role=role, language=language or None, created_at=now)
    ours = Csm(id=1, email="", name=csm)
    circle = Circle(client, ours, {1: contact}, {}, frozenset({role.lower()} - {""}))
    return Viewer(member_of(catalogue, contact, client, ours, None), circle)


def is_for_them(catalogue: Catalogue, file: PurePosixPath, viewer: Viewer) -> bool:
    """Does the checklist or guide of this file reach the viewer's account, by its `when`? Who has begun goes on."""
    named = file.name.partition(".")[0]
    if viewer.facts is None or named in viewer.courses:
        return True
    checklist, guide = catalogue.checklists.get(named), catalogue.guides.get(named)
    if file.parts[0] == "onboarding" and checklist is not None:
        return fits(checklist, viewer.facts, {checklist.after})
    return guide is None or file.parts[0] != "guides" or guide.when.holds(viewer.facts)


def _meant(viewer: Viewer, checklist: Checklist) -> Checklist:
    """The checklist as it is when it reaches the viewer; without any condition when it does not, or nobody is real."""
    if viewer.facts is not None and (
        checklist.id in viewer.courses or fits(checklist, viewer.facts, {checklist.after})
    ):
        return checklist
    steps = tuple(replace(step, when=ALWAYS, guide_when=ALWAYS) for step in checklist.steps)
    return replace(checklist, when=ALWAYS, steps=steps)


def _theirs(checklist: Checklist, course: Course) -> Checklist:
    """With the steps this course has alone: the others are no part of any card, done or not."""
    return replace(checklist, steps=tuple(step for step in checklist.steps if course.standing.of(step.id) is not None))


def checklist_previews(catalogue: Catalogue, file: PurePosixPath, viewer: Viewer, now: datetime) -> Iterator[Preview]:
    """From the introduction to the end. A translation's file shows the checklist it belongs to."""
    checklist = catalogue.checklists.get(file.name.partition(".")[0])
    if checklist is None:
        return
    checklist = _meant(viewer, checklist)
    reader, real = viewer.reader(catalogue), viewer.courses.get(checklist.id)
    checklist = _theirs(checklist, real or _course(viewer, checklist, {}, now))
    new = _course(viewer, checklist, {}, now)
    intro = reader.text(checklist.intro, progress(new.standing))
    yield Preview("intro", checklist_card(new, reader, None, notice=intro))
    if real is not None:
        yield Preview("now", checklist_card(real, reader, None))
    yield Preview("list", steps_card(real or new, reader))
    for step in checklist.steps:
        yield from _step_previews(viewer, reader, checklist, step, now)
    first = next_step(new.standing, reader.doer, reader.circle.roles)
    if first is not None:
        yield Preview("stuck", trouble_card(reader, first))
    following = [
        _course(viewer, _meant(viewer, other), {}, now, number)
        for number, other in enumerate(catalogue.checklists.values(), start=new.id + 1)
        if other.after == checklist.id and is_for_them(catalogue, PurePosixPath("onboarding", other.id), viewer)
    ]
    over = _course(viewer, checklist, {step.id: _done(viewer, checklist, step, now) for step in checklist.steps}, now)
    yield Preview("celebration", celebration_card(over, reader, following))
    yield Preview("end", finished_card(over, reader, following=following))


def _step_previews(
    viewer: Viewer, reader: Reader, checklist: Checklist, step: Step, now: datetime
) -> Iterator[Preview]:
    """The step in each state it can be in, with all that its buttons open."""
    if step.needs:
        closed = _course(viewer, checklist, {}, now)
        yield from _shown("closed", closed, reader, step)
    before = {name: _done(viewer, checklist, other, now) for name, other in _needed(checklist, step).items()}
    ready = _course(viewer, checklist, before, now)
    if step.owner == "us" or step.due_days is not None:
        today = local(now, reader.zone)
        promised = due_day(step, today, today)
        before[step.id] = StepRecord(enrolment_id=ready.id, step=step.id, promised_for=promised, changed_at=now)
        ready = _course(viewer, checklist, before, now)
    yield from _shown("open", ready, reader, step)
    one = ready.standing.of(step.id)
    if one is not None:
        yield from _opened(ready, reader, one)
    done = _course(viewer, checklist, before | {step.id: _done(viewer, checklist, step, now)}, now)
    yield from _shown("done", done, reader, step)


def _shown(shows: Shows, course: Course, reader: Reader, step: Step) -> Iterable[Preview]:
    one = course.standing.of(step.id)
    return (_of_step(shows, step_card(course, reader, one), reader, step),) if one is not None else ()


def _of_step(shows: Shows, card: Card, reader: Reader, step: Step) -> Preview:
    return Preview(shows, card, step.id, reader.label(step.title))


def _opened(course: Course, reader: Reader, one: StepStanding) -> Iterator[Preview]:
    """What the buttons of an open step lead to."""
    step, asked = one.step, one.step.asks
    if guided(course, step) or (step.video is not None and guide_card(course, reader, step).media is not None):
        yield _of_step("guide", guide_card(course, reader, step), reader, step)
    if asked is not None and asked.kind != "choice":
        yield _of_step("question", answer_card(reader, course.id, one, asked), reader, step)
    if step.skippable and step.owner == "client":
        yield _of_step("why", why_card(reader, course.id, one), reader, step)


def guide_previews(catalogue: Catalogue, file: PurePosixPath, viewer: Viewer, now: datetime) -> Iterator[Preview]:
    """A guide that has a file of its own, with the titles of the steps that name it."""
    guide = catalogue.guides.get(file.name.partition(".")[0])
    if guide is None:
        return
    reader = viewer.reader(catalogue)
    naming = [
        (checklist, step)
        for checklist in catalogue.checklists.values()
        for step in checklist.steps
        if step.guide == guide.text
    ]
    alone = Step(guide.id, "", guide.title, guide.text, guide=guide.text, guide_title=guide.title)
    checklist, step = naming[0] if naming else (Checklist("", guide.title, guide.text, guide.text, (), (alone,)), alone)
    course = _course(viewer, _meant(viewer, checklist), {}, now)
    titles = ", ".join(reader.label(one.title) for _, one in naming)
    yield Preview("guide", guide_card(course, reader, replace(step, guide_when=ALWAYS)), guide.id, titles)


def home_previews(catalogue: Catalogue, _file: PurePosixPath, viewer: Viewer, now: datetime) -> Iterator[Preview]:
    """Home: as it is for a contact; for somebody made up at the start, where nothing comes before."""
    first = [
        _meant(viewer, one)
        for one in catalogue.checklists.values()
        if not one.after and is_for_them(catalogue, PurePosixPath("onboarding", one.id), viewer)
    ]
    new = [_course(viewer, checklist, {}, now, number) for number, checklist in enumerate(first, start=1)]
    yield Preview("home", overview_card(viewer.reader(catalogue), list(viewer.courses.values()) or new))


def _course(
    viewer: Viewer, checklist: Checklist, records: Mapping[str, StepRecord], now: datetime, number: int = 1
) -> Course:
    """The account's way through the checklist as if it stood so."""
    real = viewer.courses.get(checklist.id)
    number = real.id if real is not None else number
    began = real.enrolment.started_at if real is not None else now
    enrolment = Enrolment(
        id=number, account_id=viewer.who.account.id or 0, checklist=checklist.id, started_at=began, moved_at=now
    )
    return Course(enrolment, number, checklist, dict(records), viewer.facts or {})


def _done(viewer: Viewer, checklist: Checklist, step: Step, now: datetime) -> StepRecord:
    """As the database has it when the step is done there; else done just now, by the viewer."""
    course = viewer.courses.get(checklist.id)
    real = course.records.get(step.id) if course is not None else None
    if real is not None and real.state == "done":
        return real
    by = viewer.who.contact.id if step.owner == "client" and not step.signal else None
    answer = _answer(step.asks, now) if step.asks is not None else None
    return StepRecord(enrolment_id=1, step=step.id, state="done", answer=answer, changed_by=by, changed_at=now)


def _answer(asked: Asked, now: datetime) -> str:
    match asked.kind:
        case "choice":
            return asked.options[0].by_language[asked.options[0].default]
        case "date":
            return now.date().isoformat()
        case "text" | "file":
            return ANSWER


def _needed(checklist: Checklist, step: Step) -> dict[str, Step]:
    """All that must be finished before the step opens, and before that in turn."""
    found: dict[str, Step] = {}
    waiting = list(step.needs)
    while waiting:
        other = checklist.step(waiting.pop())
        if other is not None and other.id not in found:
            found[other.id] = other
            waiting += other.needs
    return found
