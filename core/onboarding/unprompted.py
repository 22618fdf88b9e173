"""People answer what they read: words or a file that fit the question on the card before them need no Answer button."""

import re
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
    screen = session.exec(
        select(Screen)
        .where(Screen.address == str(place.chat), col(Screen.subject).startswith("checklist:"))
        .order_by(col(Screen.shown_at).desc(), col(Screen.revision).desc())
    ).first()
    if screen is None:
        return None
    move = take(session, catalogue, who, place, int(screen.subject.partition(":")[2]))
    one = _asking(move, screen.step) if move is not None else None
    asked = one.step.asks if one is not None else None
    if move is None or one is None or asked is None or not _has_form(asked):
        return None
    today = local(now, move.reader.zone).date()
    read = check_file(asked, file) if file is not None else check_answer(asked, text, move.reader.voice.language, today)
    if isinstance(read, Misfit):
        tries = file is None and asked.kind in ("text", "date") and _TRY.fullmatch(text.strip()) is not None
        if not tries or session.get(Question, move.by) is not None:
            return None
        about = pack(StepAnswer(move.course.id, one.step.id))
        question = Question(contact_id=move.by, about=about, chat=str(place.chat), asked_at=now)
        session.add(question)
        return asking.ask_again(session, move, question, one, read, asked, now, longest=asked.longest)
    _settle(session, move, one, asked, read, screen, now)
    questions.answer(session, catalogue, move, one, asked, read, now)
    return Receipt()


def _settle(
    session: Session, move: Move, one: StepStanding, asked: Asked, given: Answer, screen: Screen, now: datetime
) -> None:
    """The card that asked stands above the answer now: it keeps what was answered, the way on comes below."""
    title, kept = move.reader.label(one.step.title), answer_words(asked, given.kept, move.reader)
    card = Card(move.reader.voice.say("question.answered", name=move.who.first_name, title=title, answer=kept))
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
