"""What follows when a checklist moves: the card in place, all other live cards, the end and what begins after it."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import bindparam, select
from sqlmodel import Session, col

from core.actions import ShowStep
from core.cards import Card
from core.content.catalogue import Catalogue
from core.desk import alerts
from core.events import Address
from core.nudges.planning import of_account, plan, stir
from core.onboarding.cards import button, celebration_card, checklist_card, steps_card
from core.onboarding.courses import Course, load, load_all
from core.onboarding.enrolments import NOTED, begin, note_opened
from core.onboarding.overview import home_of
from core.onboarding.rules import Standing, StepStanding, is_finished, opened_by, progress
from core.outbox import post
from core.people.accounts import Member
from core.people.readers import Circle, Reader, chat_of, gather, reachable, reader_at, reader_of
from core.screens import Place, refresh, show
from storage.loading import columns, find, rows
from storage.tables import Delivery, Screen
from storage.tables.ledger import ANSWER, PROACTIVE

WORTH_SAYING = timedelta(days=3)
"""After that what a colleague did is no news any more."""


@dataclass(frozen=True, slots=True)
class Move:
    """A course about to be changed by somebody, with how it stood before."""

    course: Course
    circle: Circle
    before: Standing
    who: Member
    place: Place
    reader: Reader

    @property
    def by(self) -> int:
        return self.who.contact.id or 0

    def others_name(self, one: StepStanding) -> str | None:
        """First name of the colleague who finished this step; None when it was this person or nobody."""
        return self.circle.name_of(one.changed_by) if one.changed_by != self.who.contact.id else None


def take(session: Session, catalogue: Catalogue, who: Member, place: Place, enrolment: int) -> Move | None:
    """Lock the course for this person; None when it is not their account's, or gone, or this chat is not theirs."""
    course = load(session, catalogue, who.account.id, enrolment)
    if course is None:
        return None
    circle = gather(session, who.account)
    chat = circle.chats.get(chat_of(place.chat))
    own = chat is not None and chat.contact_id == who.contact.id
    reader = reader_of(catalogue, circle, who) if own else reader_at(session, catalogue, circle, place.chat)
    if reader is None or (reader.private and not own):
        return None
    if not own and place.message is not None and _is_elsewhere(session, place, course.subject):
        place = Place(place.chat, place.key)
    return Move(course, circle, course.standing, who, place, reader)


def _is_elsewhere(session: Session, place: Place, subject: str) -> bool:
    """A group has one shared card: a tap on another message (a question, an old card) must not make a second."""
    live = find(session, Screen, str(place.chat), subject)
    return live is not None and message_of(session, live) != place.message


def conclude(session: Session, catalogue: Catalogue, move: Move, now: datetime, *, notice: str = "") -> None:
    """The course was changed by a person: settle it, show its state where they acted, and everywhere else."""
    begun = settle(session, catalogue, move.course, move.before, move.circle, now)
    notice = "\n\n".join(filter(None, (notice, unlocked(move, begun))))
    shown = show_here(session, move, now, notice=notice)
    if begun is not None:
        celebrate(session, catalogue, move.course, move.circle, begun, now, move=move)
    refresh_all(session, catalogue, move.course, move.circle, now, but=shown)


def settle(
    session: Session, catalogue: Catalogue, course: Course, before: Standing, circle: Circle, now: datetime
) -> list[Course] | None:
    """Write down what follows from a change. When it finished the checklist: the courses that begin now, else None."""
    after, enrolment = course.standing, course.enrolment
    if now - enrolment.moved_at > NOTED:
        enrolment.moved_at = now
        stir(session, catalogue, course.subject, now)
    note_opened(session, catalogue, circle.account, course, opened_by(before, after), now)
    _plan_dates(session, catalogue, course, before, circle, now)
    if enrolment.first_value_at is None and any(one.step.first_value and one.state == "done" for one in after.steps):
        enrolment.first_value_at = now
    return finish(session, catalogue, course, circle, now)


def _plan_dates(
    session: Session, catalogue: Catalogue, course: Course, before: Standing, circle: Circle, now: datetime
) -> None:
    """A step that asks for a date has its answer: nudges that speak before that day are planned."""
    waited_for = {rule.trigger.name for rule in catalogue.nudges.values() if rule.trigger.kind == "date"}
    for one in course.standing.steps if waited_for else ():
        was = before.of(one.step.id)
        fresh = one.state == "done" and (was is None or was.answer != one.answer)
        if fresh and f"{course.checklist.id}/{one.step.id}" in waited_for:
            plan(session, catalogue, of_account(circle.account.id), now, ("date",))


def finish(
    session: Session, catalogue: Catalogue, course: Course, circle: Circle, now: datetime
) -> list[Course] | None:
    """When every step is finished, and was not before: the checklist is, the CSM hears it, and others begin.

    Returns those that begin now; None when it did not finish now.
    """
    enrolment = course.enrolment
    if not is_finished(course.standing) or enrolment.finished_at is not None:
        return None
    enrolment.finished_at = now
    enrolment.first_value_at = enrolment.first_value_at or now
    session.flush()
    alerts.tell_finished(session, catalogue, circle.account, course, now)
    return begin(session, catalogue, circle.account, now)


def unlocked(move: Move, begun: list[Course] | None) -> str:
    """Which steps of the client the change opened, as one sentence; empty when none, or when there is an end."""
    opened = [one for one in opened_by(move.before, move.course.standing) if one.state == "open"]
    if begun is not None or not opened:
        return ""
    titles = ", ".join(move.reader.label(one.step.title) for one in opened)
    return move.reader.voice.say("step.unlocked", count=len(opened), titles=titles)


def show_here(
    session: Session, move: Move, now: datetime, *, notice: str = "", step: str | None = None, anew: bool = False
) -> tuple[str, str] | None:
    """Show the course where the person acted. Returns (address, subject) of what was shown.

    None when nothing was: a group's shared card is above and only edited, unless it is asked for `anew`.
    """
    below = move.place.message is None and not anew and not move.reader.private
    if below and find(session, Screen, str(move.place.chat), move.course.subject) is not None:
        return None
    card = checklist_card(move.course, move.reader, step, notice)
    show(session, move.place, subject=move.course.subject, card=card, kind="checklist", now=now, step=step)
    return str(move.place.chat), move.course.subject


def introduction(standing: Standing, reader: Reader) -> str:
    """What a checklist says of itself above the reader's next step, while nothing is done yet; Markdown, else empty."""
    if any(one.finished for one in standing.steps):
        return ""
    return reader.text(standing.checklist.intro, progress(standing))


_LIVE = select(*columns(Screen)).where(
    col(Screen.subject).in_(bindparam("subjects", expanding=True)),
    col(Screen.address).in_(bindparam("addresses", expanding=True)),
)


def refresh_all(
    session: Session,
    catalogue: Catalogue,
    course: Course,
    circle: Circle,
    now: datetime,
    *,
    but: tuple[str, str] | None = None,
) -> None:
    """Edit every live card that shows this course or counts it, except the one (address, subject) just shown."""
    subjects = [course.subject, f"steps:{course.id}", "home"]
    courses: list[Course] | None = None
    for (screen,) in rows(session, _LIVE, {"subjects": subjects, "addresses": reachable(circle)}, Screen):
        if (screen.address, screen.subject) == but:
            continue
        reader = reader_at(session, catalogue, circle, Address.parse(screen.address))
        if reader is None:
            continue
        if screen.subject == "home" or is_finished(course.standing):
            courses = courses if courses is not None else load_all(session, catalogue, circle.account.id)
        if screen.subject == "home":
            card = home_of(session, catalogue, reader, courses or [], now)
        else:
            card = _card(course, courses, reader, screen)
        refresh(session, screen, card=card, kind="checklist", now=now)


def _card(course: Course, courses: list[Course] | None, reader: Reader, screen: Screen) -> Card:
    if screen.subject == course.subject:
        following = [one for one in courses or [] if one.id != course.id and reader.private]
        notice = introduction(course.standing, reader) if screen.step is None else ""
        return checklist_card(course, reader, screen.step, notice, following)
    return steps_card(course, reader)


def celebrate(
    session: Session,
    catalogue: Catalogue,
    course: Course,
    circle: Circle,
    begun: list[Course],
    now: datetime,
    *,
    move: Move | None = None,
) -> None:
    """Congratulate those who took part, each in one chat; where somebody has just acted it is an answer.

    Key: `finished:<enrolment id>:<address>`.
    """
    here = chat_of(move.place.chat) if move is not None else None
    if here is not None:
        _congratulate(session, catalogue, course, circle, begun, here, None, now)
    if move is not None and not move.reader.private:
        return  # the group was congratulated together
    taking_part = {person for one in course.records.values() for person in (one.changed_by, one.taken_by) if person}
    for person in sorted(taking_part - ({move.by} if move is not None else set())):
        address = latest_chat(circle, person)
        if address is not None:
            _congratulate(session, catalogue, course, circle, begun, address, person, now)


def latest_chat(circle: Circle, contact_id: int) -> str | None:
    """The chat this person was last heard in, among those that can be written to."""
    theirs = [chat for chat in circle.chats.values() if chat.contact_id == contact_id and chat.unreachable is None]
    return max(theirs, key=lambda chat: chat.last_heard_at).address if theirs else None


def _congratulate(
    session: Session,
    catalogue: Catalogue,
    course: Course,
    circle: Circle,
    begun: list[Course],
    address: str,
    person: int | None,
    now: datetime,
) -> None:
    reader = reader_at(session, catalogue, circle, Address.parse(address))
    if reader is None:
        return
    post(
        session,
        key=f"finished:{course.id}:{address}",
        to=Address.parse(address),
        card=celebration_card(course, reader, begun),
        kind="finished",
        now=now,
        lane=ANSWER if person is None else PROACTIVE,
        contact_id=person,
        expires_at=None if person is None else now + WORTH_SAYING,
    )


def tell_given(
    session: Session, catalogue: Catalogue, move: Move, one: StepStanding, contact: int, now: datetime
) -> None:
    """Tell a colleague that a step was handed to them. Key: `given:<enrolment id>:<step>:<event key>`."""
    address = latest_chat(move.circle, contact)
    reader = reader_at(session, catalogue, move.circle, Address.parse(address)) if address is not None else None
    if address is None or reader is None:
        return
    text = reader.voice.say("step.given_to_you", name=move.who.contact.name, title=reader.label(one.step.title))
    card = Card(text, rows=((button(reader.voice, "to_step", ShowStep(move.course.id, one.step.id), "primary"),),))
    post(
        session,
        key=f"given:{move.course.id}:{one.step.id}:{move.place.key}",
        to=Address.parse(address),
        card=card,
        kind="given",
        now=now,
        lane=PROACTIVE,
        contact_id=contact,
        expires_at=now + WORTH_SAYING,
    )


def message_of(session: Session, screen: Screen) -> str | None:
    """The id of a live message; None while it has not been accepted yet."""
    if screen.message_id is not None or screen.delivery_id is None:
        return screen.message_id
    delivery = find(session, Delivery, screen.delivery_id)
    return delivery.message_id if delivery is not None else None
