"""A checklist moves without a client's tap (a signal came, we did our part), or stands still and is worth a word."""

from datetime import datetime

from sqlmodel import Session, select

from core.actions import OursDone
from core.content.catalogue import Catalogue
from core.desk import alerts
from core.onboarding.courses import Course, finish_step, load
from core.onboarding.moves import celebrate, refresh_all, settle
from core.people.accounts import Colleague
from core.people.readers import gather
from core.receipts import Receipt
from core.screens import Place, show
from storage.tables import Account, Enrolment


def signalled(session: Session, catalogue: Catalogue, account: Account, name: str, now: datetime) -> None:
    """Complete the steps that wait for this signal, in all of the account's checklists, and show it everywhere."""
    numbers = session.exec(select(Enrolment.id).where(Enrolment.account_id == account.id)).all()
    for number in sorted(number for number in numbers if number is not None):
        course = load(session, catalogue, account.id, number)
        if course is not None:
            _complete(session, catalogue, account, course, _waiting_for(course, name), now)


def _waiting_for(course: Course, signal: str) -> list[str]:
    return [one.step.id for one in course.standing.steps if one.step.signal == signal and one.state != "done"]


def _complete(
    session: Session, catalogue: Catalogue, account: Account, course: Course, steps: list[str], now: datetime
) -> None:
    if not steps:
        return
    before, circle = course.standing, gather(session, account)
    for step in steps:
        finish_step(session, course, step, now, by=None)
    begun = settle(session, catalogue, course, before, circle, now)
    if begun is not None:
        celebrate(session, catalogue, course, circle, begun, now)
    refresh_all(session, catalogue, course, circle, now)


def ours_done(
    session: Session, catalogue: Catalogue, colleague: Colleague, place: Place, action: OursDone, now: datetime
) -> Receipt:
    """One of us did what the client waited for: all cards say so, ours included. A second tap changes nothing."""
    enrolment = session.get(Enrolment, action.enrolment)
    course = load(session, catalogue, enrolment.account_id, action.enrolment) if enrolment is not None else None
    one = course.standing.of(action.step) if course is not None else None
    if course is None or one is None or one.step.owner != "us":
        return Receipt(toast=colleague.voice.plain("error.stale"))
    account = session.get_one(Account, course.enrolment.account_id)
    if not one.finished:
        _complete(session, catalogue, account, course, [one.step.id], now)
    one = course.standing.of(action.step) or one
    if place.message is not None and not place.chat.is_home:
        card = alerts.ours_card(colleague.voice, account, course, one)
        show(session, place, subject=alerts.ours_subject(course, one.step), card=card, kind="desk", now=now)
        alerts.refresh_ours(session, catalogue, account, course, one, now, but=place.chat)
    else:
        alerts.refresh_ours(session, catalogue, account, course, one, now)
    return Receipt()
