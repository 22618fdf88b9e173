"""Asking a person something: one question at a time, and one message that asks it."""

from dataclasses import replace
from datetime import datetime

from sqlmodel import Session

from core.actions import Action, Nevermind, StepAnswer, StepSkip, StepStuck, pack, unpack
from core.cards import Card
from core.content.catalogue import Asked, Catalogue
from core.events import Address
from core.onboarding.answers import Misfit
from core.onboarding.cards import asked_words, button
from core.onboarding.courses import load_all
from core.onboarding.moves import Move, message_of
from core.onboarding.overview import home_of
from core.onboarding.question_cards import answer_card, choices, trouble_card, why_card
from core.onboarding.rules import StepStanding
from core.people.accounts import Member
from core.people.readers import chat_of, gather, reader_of
from core.receipts import Receipt
from core.screens import Place, refresh, show
from storage.loading import find
from storage.tables import Chat, Question, Screen

LONGEST_WORDS = 3000
"""Characters of what a client may write at once: it has to fit into one message to the CSM (Slack: section text)."""

_HINTED = ("pattern", "date", "want_file")
"""Misfits that a step's own hint explains better than we can."""


def is_private(session: Session, place: Place) -> bool:
    """Is this a person's own chat?"""
    chat = find(session, Chat, chat_of(place.chat))
    return chat is not None and chat.kind == "private"


def ask_answer(session: Session, move: Move, one: StepStanding, now: datetime) -> Receipt:
    """Ask the step's question; a choice has its buttons."""
    asked = one.step.asks
    if asked is None:
        raise ValueError(f"the step {one.step.id} asks nothing")
    card = answer_card(move.reader, move.course.id, one, asked)
    return _ask(session, move, StepAnswer(move.course.id, one.step.id), card, now)


def ask_why(session: Session, move: Move, one: StepStanding, now: datetime) -> Receipt:
    """Ask why a step is to be skipped: reasons to tap, or the person's own words."""
    card = why_card(move.reader, move.course.id, one)
    return _ask(session, move, StepSkip(move.course.id, one.step.id), card, now)


def ask_trouble(session: Session, move: Move, one: StepStanding, now: datetime) -> Receipt:
    """Ask what is the matter."""
    return _ask(session, move, StepStuck(move.course.id, one.step.id), trouble_card(move.reader, one), now)


def _ask(session: Session, move: Move, about: Action, card: Card, now: datetime) -> Receipt:
    """Ask in place in private; in a group below the shared card, addressed to the person."""
    reader, place = move.reader, move.place
    if not reader.private:
        addressed = reader.voice.say("question.in_group", name=move.who.first_name)
        card = replace(card, text=f"{addressed}\n\n{card.text}")
        place = Place(place.chat, place.key)
    elif place.chat.is_home:  # nobody can write in the App Home: the question is asked in the chat beside it, too
        told = replace(card, text=f"{card.text}\n\n{reader.voice.say('question.in_messages')}")
        show(session, place, subject=subject(move.who), card=told, kind="question", now=now)
        place = Place(Address.parse(chat_of(place.chat)), f"{place.key}:chat")
    question = session.get(Question, move.by)
    if question is None:
        question = Question(contact_id=move.by, about="", chat="", asked_at=now)
        session.add(question)
    else:
        _put_aside(session, move, question, place, now)
    question.about, question.chat, question.asked_at = pack(about), chat_of(place.chat), now
    show(session, place, subject=subject(move.who), card=card, kind="question", now=now)
    return Receipt()


def ask_again(
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
    offered = choices(move.reader, move.course.id, one) if asked is not None else ()
    card = Card(
        text="\n\n".join(parts),
        title=move.reader.label(one.step.title),
        rows=(*offered, (button(voice, "nevermind", Nevermind()),)),
    )
    show(session, move.place, subject=subject(move.who), card=card, kind="question", now=now)
    return Receipt()


def _put_aside(session: Session, move: Move, question: Question, place: Place, now: datetime) -> None:
    """They are asked again, in another message: the one above loses its buttons, so that one place asks."""
    screen, about = session.get(Screen, (question.chat, subject(move.who))), unpack(question.about)
    if screen is None or not isinstance(about, StepAnswer | StepSkip | StepStuck):
        return
    if place.message is None or message_of(session, screen) != place.message:
        step = move.course.checklist.step(about.step) if about.enrolment == move.course.id else None
        text = move.reader.voice.say("question.below")
        title = move.reader.label(step.title) if step is not None else ""
        refresh(session, screen, card=Card(text, title=title), kind="question", now=now)
        session.delete(screen)
        session.flush()


_DECLINED = "declined:"


def decline(session: Session, question: Question, about: str, now: datetime) -> None:
    """They would rather not say: from now on a file they send is for their CSM, until they are asked again."""
    kept = Question(contact_id=question.contact_id, about=f"{_DECLINED}{about}", chat=question.chat, asked_at=now)
    session.merge(kept)
    session.flush()


def is_declined(question: Question) -> bool:
    """Nothing is asked: the row only remembers what the person would not answer."""
    return question.about.startswith(_DECLINED)


def declined(session: Session, who: Member, place: Place) -> str | None:
    """The packed StepAnswer that this person said never mind to here; None: nothing."""
    question = session.get(Question, who.contact.id)
    if question is None or question.chat != chat_of(place.chat) or not is_declined(question):
        return None
    return question.about.removeprefix(_DECLINED)


def subject(who: Member) -> str:
    """What the message is about that asks this person something."""
    return f"asking:{who.contact.id}"


def drop(session: Session, catalogue: Catalogue, who: Member, place: Place, now: datetime) -> None:
    """The person went on with something else in the chat where they were asked: nothing is asked any more."""
    question = find(session, Question, who.contact.id)
    if question is not None and question.chat == chat_of(place.chat):
        close(session, catalogue, who, question, place, Card(who.voice.say("question.dropped")), now)


def close(
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
    session.flush()
    screen = session.get(Screen, (question.chat, subject(who)))
    if screen is not None:
        tapped = place.message is not None and not place.chat.is_home and message_of(session, screen) == place.message
        if not tapped or not is_private(session, place):
            refresh(session, screen, card=settled, kind="question", now=now)
        session.delete(screen)
    session.flush()
    at_home = session.get(Screen, (f"{question.chat}/home", subject(who)))
    if at_home is not None and not place.chat.is_home:
        reader = reader_of(catalogue, gather(session, who.account), who)
        card = home_of(session, catalogue, reader, load_all(session, catalogue, who.account.id), now)
        home = Place(Address.parse(at_home.address), f"{place.key}:home")
        show(session, home, subject="home", card=card, kind="home", now=now)
