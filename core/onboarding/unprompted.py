"""People answer what they read: words or a file that fit the question on the card before them need no Answer button."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlmodel import Session, col, select

from core.actions import StepAnswer, pack
from core.cards import Card
from core.content.catalogue import Asked, Catalogue
from core.events import File
from core.onboarding import asking, questions
from core.onboarding.answers import Answer, Misfit, check_answer, check_file
from core.onboarding.cards import answer_words
from core.onboarding.moves import Move, take
from core.onboarding.rules import StepStanding, is_for, next_step
from core.people.accounts import Member, local
from core.people.readers import chat_of
from core.receipts import Receipt
from core.screens import Place, refresh
from storage.tables import Question, Screen

_TRY = re.compile(r"(?=\S*[\d./@])\S{4,}")
"""One word with a digit, dot, slash or at sign: no question to us, but a domain, number or day gone wrong."""


def volunteered(
    session: Session, catalogue: Catalogue, who: Member, place: Place, text: str, file: File | None, now: datetime
) -> Receipt | None:
    """Take it as the answer to the step that stands in this private chat, if it plainly is one. None: it is not.

    Any words fit a question without a form: those have to be asked for, or a question to us would be swallowed.
    """
    declined = asking.declined(session, who, place)
    tried: _Open | None = None
    for screen in _standing(session, place):
        found = _asked_there(session, catalogue, who, place, screen)
        if found is None or (file is not None and declined == found.about):
            continue
        language = found.move.reader.voice.language
        today = local(now, found.move.reader.zone).date()
        read = check_file(found.asked, file) if file is not None else check_answer(found.asked, text, language, today)
        if not isinstance(read, Misfit):
            _settle(session, found, read, screen, now)
            questions.answer(session, catalogue, found.move, found.one, found.asked, read, now)
            return Receipt()
        tried = tried or replace(found, misfit=read)
    return _ask_again(session, tried, place, text, file, now) if tried is not None else None


@dataclass(frozen=True, slots=True)
class _Open:
    """A question that stands on a live card."""

    move: Move
    one: StepStanding
    asked: Asked
    misfit: Misfit | None = None
    """Why the words were no answer to it."""

    @property
    def about(self) -> str:
        return pack(StepAnswer(self.move.course.id, self.one.step.id))


def _standing(session: Session, place: Place) -> Sequence[Screen]:
    """The person's live cards here, those shown last first; nobody can write in the App Home, so its count here."""
    here = chat_of(place.chat)
    return session.exec(
        select(Screen)
        .where(col(Screen.address).in_((here, f"{here}/home")), col(Screen.subject).startswith("checklist:"))
        .order_by(col(Screen.shown_at).desc(), col(Screen.revision).desc())
    ).all()


def _asked_there(session: Session, catalogue: Catalogue, who: Member, place: Place, screen: Screen) -> _Open | None:
    """What the card asks this person, if its answers have a form."""
    move = take(session, catalogue, who, place, int(screen.subject.partition(":")[2]))
    one = _asking(move, screen.step) if move is not None else None
    asked = one.step.asks if one is not None else None
    if move is None or one is None or asked is None or not _has_form(asked):
        return None
    return _Open(move, one, asked)


def _ask_again(
    session: Session, tried: _Open, place: Place, text: str, file: File | None, now: datetime
) -> Receipt | None:
    """What was meant as an answer but is none is told how to write it. None: it was not meant so."""
    move, one, asked = tried.move, tried.one, tried.asked
    meant = file is None and asked.kind in ("text", "date") and _TRY.fullmatch(text.strip()) is not None
    question = session.get(Question, move.by)
    if tried.misfit is None or not meant or (question is not None and not asking.is_declined(question)):
        return None
    if question is None:
        question = Question(contact_id=move.by, about="", chat="", asked_at=now)
        session.add(question)
    question.about, question.chat, question.asked_at = tried.about, chat_of(place.chat), now
    return asking.ask_again(session, move, question, one, tried.misfit, asked, now, longest=asked.longest)


def _settle(session: Session, found: _Open, given: Answer, screen: Screen, now: datetime) -> None:
    """The card that asked stands above the answer now: it keeps what was answered, the way on comes below."""
    if screen.address.endswith("/home"):
        return
    move = found.move
    title, kept = move.reader.label(found.one.step.title), answer_words(found.asked, given.kept, move.reader)
    card = Card(questions.said_of(move, "answered", title=title, answer=kept))
    refresh(session, screen, card=card, kind="question", now=now)
    session.delete(screen)
    session.flush()


def _asking(move: Move, shown: str | None) -> StepStanding | None:
    """The step that stands there, if it asks this person something."""
    reader, standing = move.reader, move.before
    one = standing.of(shown) if shown is not None else None
    one = one or next_step(standing, reader.doer, reader.circle.roles)
    if one is None or one.state != "open" or not is_for(one, reader.doer, reader.circle.roles):
        return None
    return one


def _has_form(asked: Asked) -> bool:
    return asked.kind != "text" or bool(asked.pattern)
