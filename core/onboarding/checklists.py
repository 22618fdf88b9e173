"""A client's person goes through a checklist: look, do, answer, skip, ask, undo; each tap is a use case named here."""

from datetime import datetime

from sqlmodel import Session

from core.actions import (
    Choose,
    Nevermind,
    SkipBecause,
    StepAnswer,
    StepDone,
    StepHandOver,
    StepSkip,
    StepStuck,
    StepTake,
    StepUndo,
)
from core.content.catalogue import Catalogue
from core.onboarding import asking, enrolments, questions
from core.onboarding.answers import choice
from core.onboarding.cards import checklist_card, people_card
from core.onboarding.courses import current, finish_step, give_step, load_all, reopen_step
from core.onboarding.happenings import ours_done, signalled
from core.onboarding.looking import show_checklist, show_current, show_guide, show_step, show_steps, stale
from core.onboarding.moves import Move, conclude, introduction, refresh_all, show_here, take, tell_given
from core.onboarding.rules import StepStanding, may_undo
from core.people.accounts import Member
from core.people.readers import gather, reader_at
from core.receipts import Receipt
from core.screens import Place, show
from storage.tables import Account, Enrolment

__all__ = [
    "choose",
    "enrol",
    "nevermind",
    "ours_done",
    "show_checklist",
    "show_current",
    "show_guide",
    "show_shared",
    "show_step",
    "show_steps",
    "signalled",
    "skip_because",
    "step_answer",
    "step_done",
    "step_hand_over",
    "step_skip",
    "step_stuck",
    "step_take",
    "step_undo",
]


def enrol(session: Session, catalogue: Catalogue, account: Account, now: datetime) -> list[Enrolment]:
    """Begin every checklist that fits the account and has not begun; returns those begun now."""
    return enrolments.enrol(session, catalogue, account, now)


def show_shared(session: Session, catalogue: Catalogue, account: Account, place: Place, now: datetime) -> bool:
    """Show the account's checklist in work in a group of theirs, for nobody in particular. False: none has begun."""
    course = current(load_all(session, catalogue, account.id))
    reader = reader_at(session, catalogue, gather(session, account), place.chat)
    if course is None or reader is None:
        return False
    card = checklist_card(course, reader, None, introduction(course.standing, reader))
    show(session, place, subject=course.subject, card=card, kind="checklist", now=now)
    return True


def _open(
    session: Session,
    catalogue: Catalogue,
    who: Member,
    place: Place,
    enrolment: int,
    step: str,
    now: datetime,
    *,
    keep: bool = False,
) -> tuple[Move, StepStanding] | Receipt:
    """The step, when this person may do something with it now; else the receipt of what they were shown instead.

    What they were being asked here is dropped, unless `keep`: then this tap may be the answer.
    """
    move = take(session, catalogue, who, place, enrolment)
    one = move.before.of(step) if move is not None else None
    if move is None or one is None:
        return stale(session, catalogue, who, place, now, enrolment)
    if not keep:
        asking.drop(session, catalogue, who, place, now)
    if one.state == "open":
        return move, one
    return _already(session, move, one, now)


def _already(session: Session, move: Move, one: StepStanding, now: datetime) -> Receipt:
    """Somebody was faster, or the step is closed or ours: show how it is."""
    voice = move.reader.voice
    if one.finished:
        name = move.others_name(one)
        notice = voice.say("step.faster", name=name) if name else ""
        show_here(session, move, now, notice=notice)
        return Receipt(toast=voice.plain("step.faster", name=name) if name else "")
    show_here(session, move, now, step=one.step.id)
    return Receipt()


def step_done(
    session: Session, catalogue: Catalogue, who: Member, place: Place, action: StepDone, now: datetime
) -> Receipt:
    """Mark the step done. One that needs an answer asks for it; one that a signal completes waits for the signal."""
    opened = _open(session, catalogue, who, place, action.enrolment, action.step, now)
    if isinstance(opened, Receipt):
        return opened
    move, one = opened
    if one.step.asks is not None:
        return asking.ask_answer(session, move, one, now)
    if one.step.signal:
        show_here(session, move, now, step=one.step.id)
        return Receipt(toast=move.reader.voice.plain("step.by_itself"))
    finish_step(session, move.course, one.step.id, now, by=move.by)
    return _said_done(session, catalogue, move, one, now)


def _said_done(session: Session, catalogue: Catalogue, move: Move, one: StepStanding, now: datetime) -> Receipt:
    title = move.reader.label(one.step.title)
    conclude(session, catalogue, move, now, notice=move.reader.voice.say("step.is_done", title=title))
    return Receipt(toast=move.reader.voice.plain("step.is_done", title=title))


def step_skip(
    session: Session, catalogue: Catalogue, who: Member, place: Place, action: StepSkip, now: datetime
) -> Receipt:
    """Ask why the step is to be skipped."""
    opened = _open(session, catalogue, who, place, action.enrolment, action.step, now)
    if isinstance(opened, Receipt):
        return opened
    move, one = opened
    if not one.step.skippable:
        return stale(session, catalogue, who, place, now, action.enrolment)
    return asking.ask_why(session, move, one, now)


def skip_because(
    session: Session, catalogue: Catalogue, who: Member, place: Place, action: SkipBecause, now: datetime
) -> Receipt:
    """Skip the step for one of the offered reasons, and tell the CSM."""
    opened = _open(session, catalogue, who, place, action.enrolment, action.step, now, keep=True)
    if isinstance(opened, Receipt):
        return opened
    move, one = opened
    if not one.step.skippable or action.reason >= len(one.step.skip_reasons):
        return stale(session, catalogue, who, place, now, action.enrolment)
    questions.skip(session, catalogue, move, one, move.reader.label(one.step.skip_reasons[action.reason]), now)
    return Receipt(toast=move.reader.voice.plain("step.is_skipped", title=move.reader.label(one.step.title)))


def step_stuck(
    session: Session, catalogue: Catalogue, who: Member, place: Place, action: StepStuck, now: datetime
) -> Receipt:
    """Ask what is the matter; the next words, voice message or file go to the CSM."""
    move = take(session, catalogue, who, place, action.enrolment)
    one = move.before.of(action.step) if move is not None else None
    if move is None or one is None:
        return stale(session, catalogue, who, place, now, action.enrolment)
    return asking.ask_trouble(session, move, one, now)


def step_undo(
    session: Session, catalogue: Catalogue, who: Member, place: Place, action: StepUndo, now: datetime
) -> Receipt:
    """Make a done or skipped step open again. What a signal or we reported stays."""
    move = take(session, catalogue, who, place, action.enrolment)
    one = move.before.of(action.step) if move is not None else None
    if move is None or one is None:
        return stale(session, catalogue, who, place, now, action.enrolment)
    asking.drop(session, catalogue, who, place, now)
    if not may_undo(one):
        show_here(session, move, now, step=one.step.id if one.finished else None)
        return Receipt()
    reopen_step(session, move.course, one.step.id, now, by=move.by)
    title = move.reader.label(one.step.title)
    conclude(session, catalogue, move, now, notice=move.reader.voice.say("step.is_undone", title=title))
    return Receipt(toast=move.reader.voice.plain("step.is_undone", title=title))


def step_answer(
    session: Session, catalogue: Catalogue, who: Member, place: Place, action: StepAnswer, now: datetime
) -> Receipt:
    """Ask for the answer the step needs."""
    opened = _open(session, catalogue, who, place, action.enrolment, action.step, now)
    if isinstance(opened, Receipt):
        return opened
    move, one = opened
    if one.step.asks is None:
        show_here(session, move, now)
        return Receipt()
    return asking.ask_answer(session, move, one, now)


def choose(session: Session, catalogue: Catalogue, who: Member, place: Place, action: Choose, now: datetime) -> Receipt:
    """Answer with one of the offered choices."""
    opened = _open(session, catalogue, who, place, action.enrolment, action.step, now, keep=True)
    if isinstance(opened, Receipt):
        return opened
    move, one = opened
    asked = one.step.asks
    if asked is None or asked.kind != "choice" or action.option >= len(asked.options):
        return stale(session, catalogue, who, place, now, action.enrolment)
    questions.answer(session, catalogue, move, one, asked, choice(asked, action.option), now)
    return Receipt(toast=move.reader.voice.plain("step.is_done", title=move.reader.label(one.step.title)))


def step_take(
    session: Session, catalogue: Catalogue, who: Member, place: Place, action: StepTake, now: datetime
) -> Receipt:
    """I do this step."""
    opened = _open(session, catalogue, who, place, action.enrolment, action.step, now)
    if isinstance(opened, Receipt):
        return opened
    move, one = opened
    return _give(session, catalogue, move, one, move.by, now)


def step_hand_over(
    session: Session, catalogue: Catalogue, who: Member, place: Place, action: StepHandOver, now: datetime
) -> Receipt:
    """Give the step to a colleague; first show to whom it may go."""
    opened = _open(session, catalogue, who, place, action.enrolment, action.step, now)
    if isinstance(opened, Receipt):
        return opened
    move, one = opened
    if action.contact == 0:
        card = people_card(move.course, move.reader, one)
        show(session, place, subject=f"people:{move.course.id}", card=card, kind="checklist", now=now)
        return Receipt()
    if action.contact not in move.circle.people:
        return stale(session, catalogue, who, place, now, action.enrolment)
    return _give(session, catalogue, move, one, action.contact, now)


def _give(
    session: Session, catalogue: Catalogue, move: Move, one: StepStanding, contact: int, now: datetime
) -> Receipt:
    give_step(session, move.course, one.step.id, contact, now)
    name, title = move.circle.name_of(contact) or "", move.reader.label(one.step.title)
    key = "step.is_yours" if contact == move.by else "step.is_given"
    if contact != move.by:
        tell_given(session, catalogue, move, one, contact, now)
    mine = one.step.id if contact == move.by else None
    shown = show_here(session, move, now, notice=move.reader.voice.say(key, name=name, title=title), step=mine)
    refresh_all(session, catalogue, move.course, move.circle, now, but=shown)
    return Receipt(toast=move.reader.voice.plain(key, name=name, title=title))


def nevermind(
    session: Session, catalogue: Catalogue, who: Member, place: Place, action: Nevermind, now: datetime
) -> Receipt:
    """Drop what is being asked and show where we were."""
    receipt = questions.nevermind(session, catalogue, who, place, action, now)
    if receipt is not None:
        return receipt
    if asking.is_private(session, place):
        return show_current(session, catalogue, who, place, now)
    return Receipt(toast=who.voice.plain("question.not_yours"))
