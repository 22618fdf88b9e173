"""One person walks a checklist in their own chat."""

from datetime import timedelta

import pytest

from core.onboarding import checklists
from tests.core.stage import Stage, checklist, done, stage, step

DANA = "telegram:1"
ANN = "slack:T0/ANN"


@pytest.fixture
def acme() -> Stage:
    set_up = stage(checklist(step("one"), step("two"), step("three", first_value=True)))
    account = set_up.account(csm=set_up.csm())
    set_up.person(account, "Dana", DANA)
    checklists.enrol(set_up.session, set_up.content, account, set_up.now)
    set_up.command(DANA, "home")
    return set_up


def test_home_tells_where_one_is_and_what_is_next(acme: Stage) -> None:
    home = acme.last(DANA)

    assert "Dana" in home.text
    assert "One" in home.text
    assert home.progress is not None
    assert (home.progress.done, home.progress.total) == (0, 3)


def test_done_opens_the_next_step_in_the_same_message(acme: Stage) -> None:
    acme.tap(DANA, "Start")
    acme.tap(DANA, "Done")

    assert len(acme.cards(DANA)) == 1
    assert acme.last(DANA).title == "Two"
    assert done(acme.last(DANA)) == 1


def test_undo_makes_the_step_open_again(acme: Stage) -> None:
    acme.tap(DANA, "Start")
    acme.tap(DANA, "Done")
    acme.tap(DANA, "Undo")

    assert acme.last(DANA).title == "One"
    assert done(acme.last(DANA)) == 0


def test_a_second_tap_changes_nothing(acme: Stage) -> None:
    acme.tap(DANA, "Start")
    message, button = acme.find(DANA, "Done")
    acme.press(DANA, button.action, message)
    acme.press(DANA, button.action, message)

    assert acme.last(DANA).title == "Two"


def test_the_last_step_is_celebrated_once_and_the_csm_is_told(acme: Stage) -> None:
    acme.tap(DANA, "Start")
    for _ in range(3):
        acme.now += timedelta(days=1)
        acme.tap(DANA, "Done")
    acme.tap(DANA, "Undo")
    acme.tap(DANA, "Done")

    told = [card for card in acme.cards(DANA) if "You finished start, Dana" in card.text]
    assert len(told) == 1
    assert len([card for card in acme.cards(ANN) if "finished" in card.text]) == 1
    assert acme.enrolment().finished_at is not None
    assert acme.enrolment().first_value_at == acme.enrolment().finished_at
