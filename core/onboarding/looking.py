"""Looking at a checklist: where one is, all steps, one step, its guide. Where an account stands stays as it was."""

import logging
from datetime import datetime

from sqlmodel import Session

from core.actions import ShowChecklist, ShowGuide, ShowStep, ShowSteps
from core.cards import Card
from core.content.catalogue import Catalogue
from core.onboarding import asking
from core.onboarding.cards import guide_card, steps_card
from core.onboarding.courses import current, load_all
from core.onboarding.moves import introduction, show_here, take
from core.onboarding.overview import home_of
from core.onboarding.rules import next_step
from core.people.accounts import Member
from core.people.readers import gather, reader_of
from core.receipts import Receipt
from core.screens import Place, show
from storage.tables import Enrolment

log = logging.getLogger(__name__)


def stale(
    session: Session, catalogue: Catalogue, who: Member, place: Place, now: datetime, enrolment: int | None = None
) -> Receipt:
    """The button belongs to another time (or to somebody else): say so kindly; nothing changes.

    In private the home card takes the place of the old one; a shared card is left alone. `enrolment`: the one the
    button is about, to say when its checklist is the one that is not there now.
    """
    log.debug("stale button", extra={"key": place.key})
    why = "checklist.retired" if _is_retired(session, catalogue, who, enrolment) else "error.stale"
    if asking.is_private(session, place):
        reader = reader_of(catalogue, gather(session, who.account), who)
        courses = load_all(session, catalogue, who.account.id)
        card = home_of(session, catalogue, reader, courses, now, who.voice.say(why))
        show(session, place, subject="home", card=card, kind="stale", now=now)
    return Receipt(toast=who.voice.plain(why))


def _is_retired(session: Session, catalogue: Catalogue, who: Member, enrolment: int | None) -> bool:
    found = session.get(Enrolment, enrolment) if enrolment is not None else None
    return found is not None and found.account_id == who.account.id and found.checklist not in catalogue.checklists


def show_current(session: Session, catalogue: Catalogue, who: Member, place: Place, now: datetime) -> Receipt:
    """Open the checklist in work, or the last finished one; when there is none, say that nothing waits."""
    courses = load_all(session, catalogue, who.account.id)
    course = current(courses)
    if course is not None:
        return show_checklist(session, catalogue, who, place, ShowChecklist(course.id), now)
    card = Card(who.voice.say("home.nothing"))
    if asking.is_private(session, place):
        card = home_of(session, catalogue, reader_of(catalogue, gather(session, who.account), who), courses, now)
    show(session, place, subject="home", card=card, kind="home", now=now)
    return Receipt()


def show_checklist(
    session: Session, catalogue: Catalogue, who: Member, place: Place, action: ShowChecklist, now: datetime
) -> Receipt:
    """Open a checklist at this person's next step, with its introduction while nothing is done yet."""
    move = take(session, catalogue, who, place, action.enrolment)
    if move is None:
        return stale(session, catalogue, who, place, now, action.enrolment)
    asking.drop(session, catalogue, who, place, now)
    show_here(session, move, now, notice=introduction(move.before, move.reader), anew=True)
    return Receipt()


def show_steps(
    session: Session, catalogue: Catalogue, who: Member, place: Place, action: ShowSteps, now: datetime
) -> Receipt:
    """List all steps with their states."""
    move = take(session, catalogue, who, place, action.enrolment)
    if move is None:
        return stale(session, catalogue, who, place, now, action.enrolment)
    card = steps_card(move.course, move.reader)
    show(session, place, subject=f"steps:{move.course.id}", card=card, kind="checklist", now=now)
    return Receipt()


def show_step(
    session: Session, catalogue: Catalogue, who: Member, place: Place, action: ShowStep, now: datetime
) -> Receipt:
    """Look at one step, whatever its state."""
    move = take(session, catalogue, who, place, action.enrolment)
    if move is None or move.before.of(action.step) is None:
        return stale(session, catalogue, who, place, now, action.enrolment)
    following = next_step(move.before, move.reader.doer, move.circle.roles)
    is_next = following is not None and following.step.id == action.step
    show_here(session, move, now, step=None if is_next else action.step)
    return Receipt()


def show_guide(
    session: Session, catalogue: Catalogue, who: Member, place: Place, action: ShowGuide, now: datetime
) -> Receipt:
    """Read a step's guide: in place in private, below the shared card in a group."""
    move = take(session, catalogue, who, place, action.enrolment)
    one = move.before.of(action.step) if move is not None else None
    if move is None or one is None:
        return stale(session, catalogue, who, place, now, action.enrolment)
    where = place if move.reader.private else Place(place.chat, place.key)
    card = guide_card(move.course, move.reader, one.step)
    show(session, where, subject=f"guide:{move.course.id}", card=card, kind="guide", now=now)
    return Receipt()
