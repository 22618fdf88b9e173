"""What asking somebody something looks like, in private: a step's question, why it is skipped, what the matter is."""

from collections.abc import Sequence

from core.actions import Nevermind, SkipBecause, pack
from core.cards import Button, Card
from core.content.catalogue import Asked
from core.onboarding.cards import Rows, asked_words, button, choice_rows, pair
from core.onboarding.rules import StepStanding
from core.people.readers import Reader


def answer_card(reader: Reader, number: int, one: StepStanding, asked: Asked) -> Card:
    """The step's question; a choice has its buttons. `number`: the enrolment's."""
    text = f"{asked_words(reader, asked)}\n\n{reader.voice.say(f'question.how_{asked.kind}')}"
    return _question(reader, one, text, choices(reader, number, one))


def choices(reader: Reader, number: int, one: StepStanding) -> Rows:
    """The offered answers of a choice; nothing for every other question."""
    asked = one.step.asks
    return choice_rows(reader, number, one.step.id, asked) if asked is not None and asked.kind == "choice" else ()


def why_card(reader: Reader, number: int, one: StepStanding) -> Card:
    """Why the step is to be skipped: reasons to tap, or the person's own words."""
    reasons = [
        Button(reader.label(words), pack(SkipBecause(number, one.step.id, at)))
        for at, words in enumerate(one.step.skip_reasons)
    ]
    text = reader.voice.say("question.why_skip" if reasons else "question.why_skip_words")
    return _question(reader, one, text, pair(reasons))


def trouble_card(reader: Reader, one: StepStanding) -> Card:
    """What is the matter with the step?"""
    return _question(reader, one, reader.voice.say("question.trouble", csm=reader.csm_name), ())


def _question(reader: Reader, one: StepStanding, text: str, rows: Sequence[tuple[Button, ...]]) -> Card:
    nevermind = (button(reader.voice, "nevermind", Nevermind()),)
    return Card(text, title=reader.label(one.step.title), rows=(*rows, nevermind))
