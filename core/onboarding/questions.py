"""What a person's next words, voice message or file mean for what they were asked."""

from datetime import datetime

from sqlmodel import Session

from core.actions import AskCity, Nevermind, StepAnswer, StepSkip, StepStuck, pack, unpack
from core.attention import settings
from core.cards import Card
from core.content.catalogue import Asked, Catalogue
from core.desk import alerts, help  # noqa: A004 - a feature's name
from core.events import File
from core.onboarding import asking
from core.onboarding.answers import Answer, Misfit, check_answer, check_file
from core.onboarding.asking import LONGEST_WORDS, ask_again, close, is_private
from core.onboarding.cards import answer_words
from core.onboarding.courses import finish_step, skip_step
from core.onboarding.moves import Move, conclude, show_here, take
from core.onboarding.rules import StepStanding
from core.people.accounts import Member, local
from core.people.readers import chat_of
from core.receipts import Receipt
from core.screens import Place
from storage.tables import Chat, Question

LONGEST_REASON = 500
"""Characters of a reason for skipping."""


def nevermind(
    session: Session, catalogue: Catalogue, who: Member, place: Place, _action: Nevermind, now: datetime
) -> Receipt | None:
    """Drop what is being asked and show the step again. None: nothing was asked of this person here."""
    question = session.get(Question, who.contact.id)
    if question is None or question.chat != chat_of(place.chat) or asking.is_declined(question):
        return None
    about = unpack(question.about)
    close(session, catalogue, who, question, place, Card(who.voice.say("question.dropped")), now)
    if not isinstance(about, StepAnswer | StepSkip | StepStuck):
        return None
    move = take(session, catalogue, who, place, about.enrolment)
    if move is None:
        return None
    if isinstance(about, StepAnswer):
        asking.decline(session, question, pack(about), now)
    if move.reader.private:
        show_here(session, move, now)
    return Receipt(toast=who.voice.plain("question.dropped"))


def heard_words(
    session: Session, catalogue: Catalogue, who: Member, place: Place, text: str, now: datetime
) -> Receipt | None:
    """Take words as the answer to what was asked. None: nothing was asked in this chat."""
    return _heard(session, catalogue, who, place, text, None, now)


def heard_file(
    session: Session, catalogue: Catalogue, who: Member, place: Place, file: File, text: str, now: datetime
) -> Receipt | None:
    """Take a file, perhaps with words, as the answer to what was asked. None: nothing was asked in this chat."""
    return _heard(session, catalogue, who, place, text, file, now)


def _heard(
    session: Session, catalogue: Catalogue, who: Member, place: Place, text: str, file: File | None, now: datetime
) -> Receipt | None:
    question = session.get(Question, who.contact.id)
    if question is None or asking.is_declined(question) or not _belongs(session, question, place):
        return None
    about = unpack(question.about)
    if isinstance(about, AskCity):
        return settings.heard_city(session, catalogue, who, place, text, now)
    if not isinstance(about, StepAnswer | StepSkip | StepStuck):
        session.delete(question)
        return None
    move = take(session, catalogue, who, place, about.enrolment)
    one = move.before.of(about.step) if move is not None else None
    if move is None or one is None:
        session.delete(question)
        return None
    match about:
        case StepAnswer():
            return _answered(session, catalogue, move, one, question, text, file, now)
        case StepSkip():
            return _reasoned(session, catalogue, move, one, question, text, file, now)
        case StepStuck():
            return _troubled(session, catalogue, move, one, question, text, file, now)


def overheard(
    session: Session, catalogue: Catalogue, who: Member, place: Place, text: str, file: File | None, now: datetime
) -> None:
    """What somebody said in a group without saying it to us answers what they are asked there, if it fits."""
    question = session.get(Question, who.contact.id)
    if question is None or question.chat != chat_of(place.chat) or asking.is_declined(question):
        return
    about = unpack(question.about)
    if isinstance(about, StepAnswer):
        move = take(session, catalogue, who, place, about.enrolment)
        one = move.before.of(about.step) if move is not None else None
        asked = one.step.asks if one is not None else None
        if asked is None or isinstance(_read(who, asked, text, file, now), Misfit):
            return
    _heard(session, catalogue, who, place, text, file, now)


def _read(who: Member, asked: Asked, text: str, file: File | None, now: datetime) -> Answer | Misfit:
    if file is not None:
        return check_file(asked, file)
    if len(text) > LONGEST_WORDS:
        return Misfit("long")
    return check_answer(asked, text, who.voice.language, local(now, who.zone).date())


def _belongs(session: Session, question: Question, place: Place) -> bool:
    """In private the answer may come in any messenger; what was asked in a group is answered there."""
    if question.chat == chat_of(place.chat):
        return True
    asked_in = session.get(Chat, question.chat)
    return asked_in is not None and asked_in.kind == "private" and is_private(session, place)


def _answered(
    session: Session,
    catalogue: Catalogue,
    move: Move,
    one: StepStanding,
    question: Question,
    text: str,
    file: File | None,
    now: datetime,
) -> Receipt:
    asked, voice = one.step.asks, move.reader.voice
    if asked is None or one.state != "open":
        close(session, catalogue, move.who, question, move.place, Card(voice.say("question.dropped")), now)
        name = move.others_name(one)
        show_here(session, move, now, notice=voice.say("step.faster", name=name) if name else "")
        return Receipt()
    read = _read(move.who, asked, text, file, now)
    if isinstance(read, Misfit):
        return ask_again(session, move, question, one, read, asked, now, longest=asked.longest)
    answer(session, catalogue, move, one, asked, read, now)
    return Receipt()


def answer(
    session: Session, catalogue: Catalogue, move: Move, one: StepStanding, asked: Asked, given: Answer, now: datetime
) -> None:
    """Finish the step with this answer and go on."""
    voice, title = move.reader.voice, move.reader.label(one.step.title)
    question = session.get(Question, move.by)
    if question is not None:
        kept = answer_words(asked, given.kept, move.reader)
        settled = Card(said_of(move, "answered", title=title, answer=kept))
        close(session, catalogue, move.who, question, move.place, settled, now)
    finish_step(session, move.course, one.step.id, now, by=move.by, answer=given.kept, answer_file=given.file)
    conclude(session, catalogue, move, now, notice=voice.say("step.is_done", title=title))


def _reasoned(
    session: Session,
    catalogue: Catalogue,
    move: Move,
    one: StepStanding,
    question: Question,
    text: str,
    file: File | None,
    now: datetime,
) -> Receipt:
    reason = text.strip()
    if not reason or len(reason) > LONGEST_REASON:
        misfit = Misfit("long" if reason else "want_words")
        return ask_again(session, move, question, one, misfit, None, now, longest=LONGEST_REASON)
    if one.state != "open":
        return _answered(session, catalogue, move, one, question, text, file, now)
    skip(session, catalogue, move, one, reason, now)
    return Receipt()


def _troubled(
    session: Session,
    catalogue: Catalogue,
    move: Move,
    one: StepStanding,
    question: Question,
    text: str,
    file: File | None,
    now: datetime,
) -> Receipt:
    if len(text) > LONGEST_WORDS or (file is None and not text.strip()):
        misfit = Misfit("long" if text.strip() else "want_words")
        return ask_again(session, move, question, one, misfit, None, now, longest=LONGEST_WORDS)
    title = move.reader.label(one.step.title)
    settled = Card(said_of(move, "told", title=title))
    close(session, catalogue, move.who, question, move.place, settled, now)
    return help.ask(session, catalogue, move.who, move.place, text, file, move.course.id, one.step.id, now)


def said_of(move: Move, what: str, **values: str) -> str:
    """What this person did with a question (`answered`, `skipped`, `told`): said to them, or of them in a group."""
    if move.reader.private:
        return move.reader.voice.say(f"question.{what}_you", **values)
    return move.reader.voice.say(f"question.{what}", name=move.who.first_name, **values)


def skip(session: Session, catalogue: Catalogue, move: Move, one: StepStanding, reason: str, now: datetime) -> None:
    """Skip the step for this reason, tell the CSM, go on."""
    voice, title = move.reader.voice, move.reader.label(one.step.title)
    question = session.get(Question, move.by)
    if question is not None:
        settled = Card(said_of(move, "skipped", title=title, reason=reason))
        close(session, catalogue, move.who, question, move.place, settled, now)
    skip_step(session, move.course, one.step.id, now, by=move.by, reason=reason)
    stands = move.course.standing.of(one.step.id)
    if stands is not None:
        alerts.tell_skipped(session, catalogue, move.who, move.course, stands, now)
    conclude(session, catalogue, move, now, notice=voice.say("step.is_skipped", title=title))
