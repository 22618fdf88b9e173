"""Several people of one client, in several messengers and a group, share one checklist."""

import pytest
from sqlmodel import select

from core.actions import ShowChecklist, ShowSteps, StepDone, pack
from core.onboarding import checklists
from storage.tables import Enrolment
from tests.core.stage import Stage, asked, checklist, done, labels, stage, step, words

DANA, DANA_SLACK, BORIS = "telegram:1", "slack:T9/U1", "telegram:2"
GROUP = "telegram:-100"
EVE = "telegram:66"


@pytest.fixture
def acme() -> Stage:
    set_up = stage(
        checklist(step("one"), step("two", role="finance"), step("three")),
        checklist(step("x"), name="more", after="start"),
    )
    account = set_up.account(csm=set_up.csm())
    set_up.person(account, "Dana", DANA, DANA_SLACK, role="admin")
    set_up.person(account, "Boris", BORIS, role="Finance", language="ru")
    set_up.group(account, GROUP)
    checklists.enrol(set_up.session, set_up.content, account, set_up.now)
    return set_up


def number(acme: Stage) -> int:
    return acme.enrolment().id or 0


def test_what_is_begun_in_telegram_goes_on_in_slack_and_the_card_left_behind_is_edited(acme: Stage) -> None:
    acme.command(DANA, "steps")
    acme.tap(DANA, "Done")
    acme.command(DANA_SLACK, "steps")
    acme.tap(DANA_SLACK, "Done")

    assert len(acme.cards(DANA)) == 1
    assert acme.last(DANA).title == acme.last(DANA_SLACK).title == "Two"
    assert acme.last(DANA).progress == acme.last(DANA_SLACK).progress
    assert labels(acme.last(DANA)) == labels(acme.last(DANA_SLACK))


def test_two_people_tapping_at_once_converge(acme: Stage) -> None:
    acme.command(DANA, "steps")
    acme.command(BORIS, "steps")
    message, button = acme.find(DANA, "Done")
    step_of_boris, its_done = next(iter(acme.shown[BORIS])), pack(StepDone(number(acme), "one"))
    acme.press(DANA, button.action, message)
    receipt = acme.press(BORIS, its_done, step_of_boris)

    assert "Dana" in receipt.toast
    assert "Dana" in acme.last(BORIS).text
    assert acme.last(BORIS).progress == acme.last(DANA).progress
    assert done(acme.last(BORIS)) == 1


def test_everybody_reads_in_their_own_language(acme: Stage) -> None:
    acme.command(BORIS, "steps")
    acme.command(DANA, "steps")
    acme.tap(DANA, "Done")

    assert acme.last(BORIS).title == "Шаг two"


def test_a_persons_card_names_whose_step_it_is_and_offers_to_take_it_over(acme: Stage) -> None:
    acme.command(DANA, "steps")
    acme.tap(DANA, "Done")
    acme.tap(DANA, "All steps")
    acme.tap(DANA, "2")
    assert "I'll do it" in labels(acme.last(DANA))
    assert "Done" not in labels(acme.last(DANA))

    acme.tap(DANA, "I'll do it")

    assert "Done" in labels(acme.last(DANA))


def test_a_step_can_be_handed_over_to_a_colleague(acme: Stage) -> None:
    acme.command(BORIS, "steps")
    acme.command(DANA, "steps")
    acme.tap(DANA, "Give to a colleague")
    assert "Boris Doe" in labels(acme.last(DANA))

    acme.tap(DANA, "Boris Doe")

    card, told = acme.cards(BORIS)
    assert acme.last(DANA).title == "Three"
    assert card.title == "Шаг one"
    assert "Dana Doe" in told.text


def test_a_group_has_one_shared_card_for_everybody(acme: Stage) -> None:
    acme.command(DANA, "steps", chat=GROUP)
    acme.tap(DANA, "Done", chat=GROUP)
    acme.tap(BORIS, "Done", chat=GROUP)

    assert len(acme.cards(GROUP)) == 1
    assert acme.last(GROUP).title == "Three"
    assert "Home" not in labels(acme.last(GROUP))


def test_the_groups_card_follows_what_somebody_does_in_private(acme: Stage) -> None:
    acme.command(DANA, "steps", chat=GROUP)
    acme.command(DANA, "home")
    acme.command(DANA_SLACK, "steps")
    acme.tap(DANA_SLACK, "Done")

    assert acme.last(GROUP).title == "Two"
    assert done(acme.last(DANA)) == 1


def test_a_home_message_that_became_a_checklist_is_not_overwritten(acme: Stage) -> None:
    acme.command(DANA, "home")
    acme.tap(DANA, "Start")
    acme.command(BORIS, "steps")
    acme.press(BORIS, pack(StepDone(number(acme), "one")), next(iter(acme.shown[BORIS])))

    assert acme.last(DANA).title == "Three"


def test_the_app_home_shows_the_same_and_stays_up_to_date(acme: Stage) -> None:
    acme.open_home(DANA_SLACK)
    acme.command(DANA, "steps")
    acme.tap(DANA, "Done")
    assert done(acme.last(f"{DANA_SLACK}/home")) == 1

    acme.tap(f"{DANA_SLACK}/home", "Go on")

    assert acme.last(f"{DANA_SLACK}/home").title == "Three"
    assert len(acme.cards(f"{DANA_SLACK}/home")) == 1


def test_a_colleague_who_took_part_is_congratulated_too_and_offered_what_comes_next(acme: Stage) -> None:
    acme.command(DANA, "steps")
    acme.command(BORIS, "steps")
    acme.tap(DANA, "Done")
    acme.tap(BORIS, "Готово")
    acme.tap(DANA, "Done")

    assert any("You finished start, Dana" in card.text for card in acme.cards(DANA))
    assert any("Вы прошли start" in card.text for card in acme.cards(BORIS))
    acme.tap(DANA, "Start: More")
    assert acme.last(DANA).title == "X"


def test_who_finishes_in_a_group_finds_the_way_on_in_private() -> None:
    acme = stage(checklist(step("one")), checklist(step("two"), name="more", after="start"))
    account = acme.account(csm=acme.csm())
    acme.person(account, "Dana", DANA)
    acme.group(account, GROUP)
    checklists.enrol(acme.session, acme.content, account, acme.now)
    acme.command(DANA, "steps")
    acme.command(DANA, "steps", chat=GROUP)
    acme.tap(DANA, "Done", chat=GROUP)

    assert "Start: More" in labels(acme.last(DANA))
    acme.tap(DANA, "Start: More")
    assert acme.last(DANA).title == "Two"


def test_another_accounts_button_changes_nothing_and_tells_nothing(acme: Stage) -> None:
    other = acme.account("Borealis")
    acme.person(other, "Eve", EVE)
    checklists.enrol(acme.session, acme.content, other, acme.now)
    theirs = acme.session.exec(select(Enrolment).where(Enrolment.account_id == other.id)).one().id or 0

    for action in (ShowChecklist(theirs), ShowSteps(theirs), StepDone(theirs, "one")):
        receipt = acme.press(DANA, pack(action), "m1")
        assert "earlier time" in receipt.toast
        assert "Borealis" not in str(acme.cards(DANA))

    acme.press(EVE, pack(ShowChecklist(theirs)))
    assert done(acme.last(EVE)) == 0


def test_a_button_of_a_retired_step_is_answered_kindly(acme: Stage) -> None:
    receipt = acme.press(DANA, pack(StepDone(number(acme), "gone")))

    assert receipt.toast
    assert done(acme.last(DANA)) == 0


def test_a_question_in_a_group_is_asked_below_the_shared_card_and_settled_when_answered() -> None:
    set_up = stage(checklist(step("one", asks=asked("text")), step("two")))
    account = set_up.account()
    set_up.person(account, "Dana", DANA)
    set_up.person(account, "Boris", BORIS)
    set_up.group(account, GROUP)
    checklists.enrol(set_up.session, set_up.content, account, set_up.now)
    set_up.command(DANA, "steps", chat=GROUP)
    set_up.tap(DANA, "Answer", chat=GROUP)

    set_up.say(BORIS, "not my question", chat=GROUP)
    set_up.say(DANA, "forty-two", chat=GROUP)

    card, question = set_up.cards(GROUP)
    assert card.title == "Two"
    assert "forty-two" in question.text
    assert not labels(question)


def test_somebody_else_cannot_drop_a_question_that_was_asked_of_a_colleague(acme: Stage) -> None:
    acme.command(DANA, "steps", chat=GROUP)
    acme.tap(DANA, "I'm stuck", chat=GROUP)

    receipt = acme.tap(BORIS, "Never mind", chat=GROUP)

    assert receipt.toast
    assert "Never mind" in labels(acme.last(GROUP))


def test_a_reason_tapped_in_a_group_settles_the_question_and_moves_the_shared_card() -> None:
    set_up = stage(checklist(step("one", skip_reasons=(words("No time"), words("Done elsewhere"))), step("two")))
    account = set_up.account()
    set_up.person(account, "Dana", DANA)
    set_up.group(account, GROUP)
    checklists.enrol(set_up.session, set_up.content, account, set_up.now)
    set_up.command(DANA, "steps", chat=GROUP)
    set_up.tap(DANA, "Skip", chat=GROUP)
    set_up.tap(DANA, "No time", chat=GROUP)

    card, question = set_up.cards(GROUP)
    assert card.title == "Two"
    assert "No time" in question.text
    assert not labels(question)
