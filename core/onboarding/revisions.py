"""The content changed: those who are going through a changed checklist see it, bit by bit, and nothing is lost."""

from datetime import datetime

from sqlalchemy import bindparam
from sqlalchemy import select as select_columns
from sqlmodel import Session, col, select

from core.actions import ShowHome
from core.cards import Card
from core.content.catalogue import Catalogue
from core.desk import alerts
from core.events import Address
from core.nudges.planning import look_again
from core.onboarding.cards import button
from core.onboarding.courses import Course, load, load_all
from core.onboarding.enrolments import note_opened
from core.onboarding.moves import celebrate, finish, refresh_all
from core.onboarding.overview import home_of
from core.people.readers import Circle, Reader, gather, reachable, reader_at
from core.screens import refresh
from storage.loading import columns, rows
from storage.tables import Account, ContentChange, Delivery, Enrolment, Screen, StepRecord
from storage.tables.ledger import ANSWER

AT_ONCE = 10
"""Enrolments shown in one transaction: with a few live cards each, half a second's work for a bot."""

MOST_WAITING = 20
"""Answers that may wait: with more, people come first and changed checklists are shown a little later."""


def show_changed(session: Session, catalogue: Catalogue, now: datetime) -> int:
    """Show some of those going through a changed checklist what it is now. Returns how many enrolments were looked at.

    Live cards are edited where they stand, so nobody is disturbed. Whoever has nothing left to do has finished.
    """
    found = rows(session, _CHANGE, {"version": catalogue.version}, ContentChange)
    if not found or _people_wait(session, now):
        return 0
    change: ContentChange = found[0][0]
    enrolments = session.exec(
        select(Enrolment)
        .where(Enrolment.checklist == change.checklist, col(Enrolment.id) > change.shown_to)
        .order_by(col(Enrolment.id))
        .limit(AT_ONCE)
    ).all()
    for enrolment in enrolments:
        show_anew(session, catalogue, enrolment, now)
    if len(enrolments) < AT_ONCE:
        session.delete(change)
    else:
        change.shown_to = max(one.id or 0 for one in enrolments)
    return len(enrolments)


_CHANGE = (
    select_columns(*columns(ContentChange))
    .where(col(ContentChange.version) == bindparam("version"))
    .order_by(col(ContentChange.checklist))
    .limit(1)
    .with_for_update(skip_locked=True)
)


def _people_wait(session: Session, now: datetime) -> bool:
    waiting = session.exec(
        select(Delivery.id)
        .where(Delivery.state == "queued", Delivery.lane == ANSWER, col(Delivery.due) <= now)
        .limit(MOST_WAITING)
    ).all()
    return len(waiting) >= MOST_WAITING


def show_anew(session: Session, catalogue: Catalogue, enrolment: Enrolment, now: datetime) -> None:
    """Settle what follows from a checklist that is another one for this account now, and edit its live cards."""
    account = session.get_one(Account, enrolment.account_id)
    circle, number = gather(session, account), enrolment.id or 0
    course = load(session, catalogue, enrolment.account_id, number)
    if course is None:
        _show_retired(session, catalogue, number, circle, now)
    else:
        begun = _settle(session, catalogue, course, circle, now)
        if begun is not None:
            celebrate(session, catalogue, course, circle, begun, now)
        refresh_all(session, catalogue, course, circle, now)
    _show_ours(session, catalogue, account, number, course, now)


def _settle(
    session: Session, catalogue: Catalogue, course: Course, circle: Circle, now: datetime
) -> list[Course] | None:
    """What follows from other content; unlike a move of the client's it is no reason to begin reminding anew.

    Returns what begins when the checklist is finished by it; nobody finishes who has done nothing.
    """
    standing = course.standing
    new = tuple(
        one
        for one in standing.steps
        if (one.state == "ours" and one.step.id not in course.records)
        or (one.state == "open" and one.step.due_days is not None)
    )
    note_opened(session, catalogue, circle.account, course, new, now)
    begun = None
    if any(one.finished for one in standing.steps):
        begun = finish(session, catalogue, course, circle, now)
    look_again(session, course.subject, now)
    return begun


def _show_retired(session: Session, catalogue: Catalogue, number: int, circle: Circle, now: datetime) -> None:
    """Cards of a checklist that is no longer there say so kindly; they come back with its file."""
    subjects = (f"checklist:{number}", f"steps:{number}", "home")
    screens = session.exec(
        select(Screen).where(col(Screen.subject).in_(subjects), col(Screen.address).in_(reachable(circle)))
    ).all()
    for screen in screens:
        reader = reader_at(session, catalogue, circle, Address.parse(screen.address))
        if reader is None:
            continue
        card = _home(session, catalogue, reader, now) if screen.subject == "home" else retired_card(reader)
        refresh(session, screen, card=card, kind="checklist", now=now)


def _home(session: Session, catalogue: Catalogue, reader: Reader, now: datetime) -> Card:
    return home_of(session, catalogue, reader, load_all(session, catalogue, reader.circle.account.id), now)


def retired_card(reader: Reader) -> Card:
    """What stands where a step of a checklist stood that is no longer there."""
    buttons = ((button(reader.voice, "home", ShowHome()),),) if reader.private else ()
    return Card(reader.voice.say("checklist.retired"), rows=buttons)


def _show_ours(
    session: Session, catalogue: Catalogue, account: Account, number: int, course: Course | None, now: datetime
) -> None:
    """The live cards of steps of ours: as they are worded now, or that nobody waits any more."""
    promised = session.exec(select(StepRecord.step).where(StepRecord.enrolment_id == number)).all()
    for step in promised:  # a step of ours has a record from the moment it opened
        one = course.standing.of(step) if course is not None else None
        if course is not None and one is not None:
            alerts.refresh_ours(session, catalogue, account, course, one, now)
        else:
            alerts.call_off(session, catalogue, account, f"ours:{number}:{step}", now)
