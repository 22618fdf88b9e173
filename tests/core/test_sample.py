"""The content that comes with the hub can be walked to its end, in each language."""

import pytest
from sqlmodel import select

from core import signals
from core.onboarding import checklists
from core.onboarding.answers import Answer, check_answer
from core.onboarding.courses import load
from core.onboarding.rules import Doer, next_step
from storage.tables import Enrolment
from tests.core.stage import START, Stage, labels, sample, stage

DANA, ANN = "telegram:1", "slack:T0/ANN"
ANSWERS = ("mail.acme.com", "12", "2027-03-24", "1")
"""One of them fits any question that is not for a file."""


def on_stage(language: str, csm_language: str = "en") -> Stage:
    acme = stage()
    ann = acme.csm()
    ann.language = csm_language
    account = acme.account(csm=ann, segment="enterprise", language=language)
    acme.person(account, "Dana", DANA)
    checklists.enrol(acme.session, acme.content, account, acme.now)
    acme.command(DANA, "home")
    return acme


@pytest.mark.parametrize("language", sample().phrases.languages)
def test_every_checklist_can_be_walked_to_its_end(language: str) -> None:
    acme = on_stage(language, csm_language=language)

    for _ in range(200):
        open_ones = acme.session.exec(select(Enrolment).where(Enrolment.finished_at == None)).all()  # noqa: E711 - SQL
        if not open_ones:
            break
        walk_one_step(acme, open_ones[0])

    finished = acme.session.exec(select(Enrolment)).all()
    assert finished
    assert all(one.finished_at is not None for one in finished)


def walk_one_step(acme: Stage, enrolment: Enrolment) -> None:
    number = enrolment.id or 0
    acme.press(DANA, f"list.{number}")
    course = load(acme.session, acme.content, enrolment.account_id, number)
    following = next_step(course.standing, Doer()) if course is not None else None
    assert following is not None
    step = following.step
    if step.guide is not None or step.video is not None:
        acme.press(DANA, f"guide.{number}.{step.id}")
        assert acme.last(DANA).text
    if step.owner == "us":
        acme.press(ANN, f"ours.{number}.{step.id}")
    elif step.signal:
        signals.record(
            acme.session,
            acme.content,
            key=f"{number}:{step.id}",
            account_name="Acme",
            name=step.signal,
            now=acme.now,
        )
        acme.deliver()
    elif step.asks is None:
        acme.press(DANA, f"done.{number}.{step.id}")
    elif step.asks.kind == "file":
        acme.press(DANA, f"answer.{number}.{step.id}")
        acme.share(DANA, "file")
    else:
        fitting = (text for text in ANSWERS if isinstance(check_answer(step.asks, text, "en", START.date()), Answer))
        acme.press(DANA, f"answer.{number}.{step.id}")
        acme.say(DANA, next(fitting))


@pytest.mark.parametrize("language", sample().phrases.languages)
def test_every_step_can_be_looked_at_before_it_is_open(language: str) -> None:
    acme = on_stage(language)

    for enrolment in acme.session.exec(select(Enrolment)).all():
        acme.press(DANA, f"steps.{enrolment.id}")
        assert labels(acme.last(DANA))
        for step in acme.content.checklists[enrolment.checklist].steps:
            acme.press(DANA, f"step.{enrolment.id}.{step.id}")
            assert acme.last(DANA).title
