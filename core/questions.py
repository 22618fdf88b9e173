"""What a person was asked, and what their next words, voice message or file mean for it."""

from collections.abc import Sequence
from datetime import datetime

from sqlmodel import Session

from core import alerts, help  # noqa: A004 - a feature's name
from core.accounts import Member, local
from core.actions import Action, Nevermind, SkipBecause, StepAnswer, StepSkip, StepStuck, pack, unpack
from core.answers import Answer, Misfit, check_answer, check_file
from core.cards import Button, Card
from core.catalogue import Asked, Catalogue
from core.checklist_cards import answer_words, asked_words, button, choice_rows, pair
from core.courses import finish_step, load_all, skip_step
from core.events import Address, File
from core.moves import Move, conclude, message_of, show_here, take
from core.onboarding import StepStanding
from core.overview import overview_card
from core.readers import Reader, chat_of, gather, reader_of
from core.receipts import Receipt
from core.screens import Place, refresh, show
from storage.tables import Chat, Question, Screen

LONGEST_REASON = 500
"""Characters of a reason for skipping."""

LONGEST_WORDS = 3000
"""Characters of what a client may write at once: it has to fit into one message to the CSM (Slack: section text)."""


_HINTED = ("pattern", "date", "want_file")
"""Misfits that a step's own hint explains better than we can."""


def is_private(session: Session, place: Place) -> bool:
    """Is this a person's own chat?"""
    chat = session.get(Chat, chat_of(place.chat))
    return chat is not None and chat.kind == "private"


def ask_answer(session: Session, move: Move, one: StepStanding, now: datetime) -> Receipt:
    """Ask the step's question; a choice has its buttons."""
    asked = one.step.asks
    if asked is None:
        raise ValueError(f"the step {one.step.id} asks nothing")
    about = StepAnswer(move.course.id, one.step.id)
    return _ask(session, move, about, one, _question_text(move.reader, asked), _choices(move, one), now)


def _question_text(reader: Reader, asked: Asked) -> str:
    return f"{asked_words(reader, asked)}\n\n{reader.voice.say(f'question.how_{asked.kind}')}"


def _choices(move: Move, one: StepStanding) -> Sequence[tuple[Button, ...]]:
    asked = one.step.asks
    if asked is None or asked.kind != "choice":
        return ()
    return choice_rows(move.reader, move.course.id, one.step.id, asked)


def ask_why(session: Session, move: Move, one: StepStanding, now: datetime) -> Receipt:
    """Ask why a step is to be skipped: reasons to tap, or the person's own words."""
    about = StepSkip(move.course.id, one.step.id)
    reasons = [
        Button(move.reader.label(words), pack(SkipBecause(move.course.id, one.step.id, number)))
        for number, words in enumerate(one.step.skip_reasons)
    ]
    text = move.reader.voice.say("question.why_skip" if reasons else "question.why_skip_words")
    return _ask(session, move, about, one, text, pair(reasons), now)


def ask_trouble(session: Session, move: Move, one: StepStanding, now: datetime) -> Receipt:
    """Ask what is the matter."""
    about = StepStuck(move.course.id, one.step.id)
    text = move.reader.voice.say("question.trouble", csm=move.reader.csm_name)
    return _ask(session, move, about, one, text, (), now)


def _ask(
    session: Session,
    move: Move,
    about: Action,
    one: StepStanding,
    text: str,
    rows: Sequence[tuple[Button, ...]],
    now: datetime,
) -> Receipt:
    """Ask in place in private; in a group below the shared card, addressed to the person."""
    reader, place = move.reader, move.place
    title = reader.label(one.step.title)
    rows = (*rows, (button(reader.voice, "nevermind", Nevermind()),))
    if not reader.private:
        text = f"{reader.voice.say('question.in_group', name=move.who.first_name)}\n\n{text}"
        place = Place(place.chat, place.key)
    elif place.chat.is_home:  # nobody can write in the App Home: the question is asked in the chat beside it, too
        told = Card(f"{text}\n\n{reader.voice.say('question.in_messages')}", title=title, rows=tuple(rows))
        show(session, place, subject=_subject(move.who), card=told, kind="question", now=now)
        place = Place(Address.parse(chat_of(place.chat)), place.key)
    card = Card(text=text, title=title, rows=tuple(rows))
    question = session.get(Question, move.by)
    if question is None:
        question = Question(contact_id=move.by, about="", chat="", asked_at=now)
        session.add(question)
    else:
        _put_aside(session, move, question, place, now)
    question.about, question.chat, question.asked_at = pack(about), chat_of(place.chat), now
    show(session, place, subject=_subject(move.who), card=card, kind="question", now=now)
    return Receipt()


def _put_aside(session: Session, move: Move, question: Question, place: Place, now: datetime) -> None:
    """They are asked again, in another message: the one above loses its buttons, so that one place asks."""
    screen, about = session.get(Screen, (question.chat, _subject(move.who))), unpack(question.about)
    if screen is None or not isinstance(about, StepAnswer | StepSkip | StepStuck):
        return
    if place.message is None or message_of(session, screen) != place.message:
        step = move.course.checklist.step(about.step) if about.enrolment == move.course.id else None
        text = move.reader.voice.say("question.below")
        title = move.reader.label(step.title) if step is not None else ""
        refresh(session, screen, card=Card(text, title=title), kind="question", now=now)
        session.delete(screen)
        session.flush()


def _subject(who: Member) -> str:
    return f"asking:{who.contact.id}"


def drop(session: Session, catalogue: Catalogue, who: Member, place: Place, now: datetime) -> None:
    """The person went on with something else in the chat where they were asked: nothing is asked any more."""
    question = session.get(Question, who.contact.id)
    if question is not None and question.chat == chat_of(place.chat):
        _close(session, catalogue, who, question, place, Card(who.voice.say("question.dropped")), now)


def _close(
    session: Session,
    catalogue: Catalogue,
    who: Member,
    question: Question,
    place: Place,
    settled: Card,
    now: datetime,
) -> None:
    """Nothing is asked any more, and the question's message says so; one tapped in private shows what follows."""
    session.delete(question)
    screen = session.get(Screen, (question.chat, _subject(who)))
    if screen is not None:
        tapped = place.message is not None and not place.chat.is_home and message_of(session, screen) == place.message
        if not tapped or not is_private(session, place):
            refresh(session, screen, card=settled, kind="question", now=now)
        session.delete(screen)
    session.flush()
    at_home = session.get(Screen, (f"{question.chat}/home", _subject(who)))
    if at_home is not None and not place.chat.is_home:
        reader = reader_of(catalogue, gather(session, who.account), who)
        card = overview_card(reader, load_all(session, catalogue, who.account.id))
        home = Place(Address.parse(at_home.address), f"{place.key}:home")
        show(session, home, subject="home", card=card, kind="home", now=now)


def nevermind(
    session: Session, catalogue: Catalogue, who: Member, place: Place, _action: Nevermind, now: datetime
) -> Receipt | None:
    """Drop what is being asked and show the step again. None: nothing was asked of this person here."""
    question = session.get(Question, who.contact.id)
    if question is None or question.chat != chat_of(place.chat):
        return None
    about = unpack(question.about)
    _close(session, catalogue, who, question, place, Card(who.voice.say("question.dropped")), now)
    if not isinstance(about, StepAnswer | StepSkip | StepStuck):
        return None
    move = take(session, catalogue, who, place, about.enrolment)
    if move is None:
        return None
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
    if question is None or not _belongs(session, question, place):
        return None
    about = unpack(question.about)
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
        _close(session, catalogue, move.who, question, move.place, Card(voice.say("question.dropped")), now)
        name = move.others_name(one)
        show_here(session, move, now, notice=voice.say("step.faster", name=name) if name else "")
        return Receipt()
    read: Answer | Misfit
    if file is not None:
        read = check_file(asked, file)
    elif len(text) > LONGEST_WORDS:
        read = Misfit("long")
    else:
        read = check_answer(asked, text, voice.language, local(now, move.reader.zone).date())
    if isinstance(read, Misfit):
        return _ask_again(session, move, question, one, read, asked, now, longest=asked.longest)
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
        settled = Card(voice.say("question.answered", name=move.who.first_name, title=title, answer=kept))
        _close(session, catalogue, move.who, question, move.place, settled, now)
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
        return _ask_again(session, move, question, one, misfit, None, now, longest=LONGEST_REASON)
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
        return _ask_again(session, move, question, one, misfit, None, now, longest=LONGEST_WORDS)
    voice, title = move.reader.voice, move.reader.label(one.step.title)
    settled = Card(voice.say("question.told", name=move.who.first_name, title=title))
    _close(session, catalogue, move.who, question, move.place, settled, now)
    return help.ask(session, catalogue, move.who, move.place, text, file, move.course.id, one.step.id, now)


def skip(session: Session, catalogue: Catalogue, move: Move, one: StepStanding, reason: str, now: datetime) -> None:
    """Skip the step for this reason, tell the CSM, go on."""
    voice, title = move.reader.voice, move.reader.label(one.step.title)
    question = session.get(Question, move.by)
    if question is not None:
        settled = Card(voice.say("question.skipped", name=move.who.first_name, title=title, reason=reason))
        _close(session, catalogue, move.who, question, move.place, settled, now)
    skip_step(session, move.course, one.step.id, now, by=move.by, reason=reason)
    stands = move.course.standing.of(one.step.id)
    if stands is not None:
        alerts.tell_skipped(session, catalogue, move.who, move.course, stands, now)
    conclude(session, catalogue, move, now, notice=voice.say("step.is_skipped", title=title))


def _ask_again(
    session: Session,
    move: Move,
    question: Question,
    one: StepStanding,
    misfit: Misfit,
    asked: Asked | None,
    now: datetime,
    *,
    longest: int = LONGEST_WORDS,
) -> Receipt:
    """Say in one sentence what is expected, and keep asking, here."""
    voice = move.reader.voice
    if asked is not None and asked.hint is not None and misfit.why in _HINTED:
        parts = [move.reader.words(asked.hint)]
    else:
        shortest = asked.shortest if asked is not None else 1
        parts = [voice.say(f"misfit.{misfit.why}", shortest=shortest, longest=longest)]
    if asked is not None:
        parts.append(asked_words(move.reader, asked))
    _put_aside(session, move, question, move.place, now)
    question.chat, question.asked_at = chat_of(move.place.chat), now
    card = Card(
        text="\n\n".join(parts),
        title=move.reader.label(one.step.title),
        rows=(*(_choices(move, one) if asked is not None else ()), (button(voice, "nevermind", Nevermind()),)),
    )
    show(session, move.place, subject=_subject(move.who), card=card, kind="question", now=now)
    return Receipt()
