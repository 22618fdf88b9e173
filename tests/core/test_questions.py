"""What a person is asked, and how their next words, voice or file are understood."""

from datetime import timedelta

import pytest
from sqlmodel import select

from core.onboarding import checklists
from storage.tables import HelpRequest, Question, StepRecord
from tests.core.stage import Stage, asked, checklist, done, labels, stage, step, words

DANA, DANA_SLACK, BORIS, ANN = "telegram:1", "slack:T9/U1", "telegram:2", "slack:T0/ANN"
GROUP = "telegram:-100"

COLOURS = (words("Red", "Красный"), words("Light blue", "Голубой"))


def begin(*steps: object) -> Stage:
    set_up = stage(checklist(*steps))  # type: ignore[arg-type]  # steps
    account = set_up.account(csm=set_up.csm())
    set_up.person(account, "Dana", DANA, DANA_SLACK)
    set_up.person(account, "Boris", BORIS, language="ru")
    checklists.enrol(set_up.session, set_up.content, account, set_up.now)
    set_up.command(DANA, "steps")
    return set_up


def record(set_up: Stage, name: str) -> StepRecord:
    return set_up.session.exec(select(StepRecord).where(StepRecord.step == name)).one()


def asking(set_up: Stage) -> bool:
    return set_up.session.exec(select(Question)).first() is not None


def test_a_text_is_asked_for_and_kept() -> None:
    acme = begin(step("one", asks=asked("text")), step("two"))
    acme.tap(DANA, "Answer")
    acme.say(DANA, "mail.acme.com")

    assert record(acme, "one").answer == "mail.acme.com"
    assert acme.last(DANA).title == "Two"
    assert not asking(acme)


def test_the_question_left_behind_has_no_buttons_any_more() -> None:
    acme = begin(step("one", asks=asked("text")), step("two"))
    acme.tap(DANA, "Answer")
    acme.say(DANA, "mail.acme.com")

    question, card = acme.cards(DANA)
    assert "mail.acme.com" in question.text
    assert not labels(question)
    assert card.title == "Two"


def test_a_text_that_does_not_fit_is_told_how_and_asked_again() -> None:
    acme = begin(step("one", asks=asked("text", pattern="[a-z.]+", hint=words("Write it like mail.acme.com."))))
    acme.tap(DANA, "Answer")
    acme.say(DANA, "I DON'T KNOW")

    assert "like mail.acme.com" in acme.last(DANA).text
    assert asking(acme)

    acme.say(DANA, "mail.acme.com")
    assert record(acme, "one").state == "done"


@pytest.mark.parametrize(
    ("kind", "wrong"), [("text", "photo"), ("date", "voice"), ("choice", "video"), ("file", "voice"), ("file", "words")]
)
def test_the_wrong_kind_of_answer_is_told_kindly_and_the_question_stays(kind: str, wrong: str) -> None:
    acme = begin(step("one", asks=asked(kind, options=COLOURS if kind == "choice" else ())))
    acme.command(DANA, "steps")
    if kind != "choice":
        acme.tap(DANA, "Answer")
    else:
        acme.press(DANA, f"answer.{acme.enrolment().id}.one", next(iter(acme.shown[DANA])))
    if wrong == "words":
        acme.say(DANA, "here it is")
    else:
        acme.share(DANA, wrong)

    assert asking(acme)
    assert "Never mind" in labels(acme.last(DANA))
    assert acme.session.exec(select(HelpRequest)).first() is None


def test_a_hundred_thousand_characters_are_answered_with_one_sentence() -> None:
    acme = begin(step("one", asks=asked("text", longest=50)))
    acme.tap(DANA, "Answer")
    acme.say(DANA, "x" * 100_000)

    assert "50" in acme.last(DANA).text
    assert len(acme.last(DANA).text) < 300
    assert asking(acme)


def test_a_file_answers_where_a_file_is_asked_for() -> None:
    acme = begin(step("one", asks=asked("file")), step("two"))
    acme.tap(DANA, "Answer")
    acme.share(DANA, "file")

    assert record(acme, "one").answer_file == "file|telegram:file-1"
    assert record(acme, "one").answer == "file.bin"


def test_a_choice_can_be_tapped_or_written_and_reads_in_each_language() -> None:
    acme = begin(step("one", asks=asked("choice", options=COLOURS)), step("two"))
    acme.command(BORIS, "steps")
    acme.tap(BORIS, "Голубой")

    assert record(acme, "one").answer == "Light blue"
    acme.tap(DANA, "All steps")
    acme.tap(DANA, "1")
    assert ("Your answer", "Light blue") in acme.last(DANA).facts


def test_a_day_is_kept_whatever_way_it_is_written() -> None:
    acme = begin(step("one", asks=asked("date", not_before_today=True)), step("two"))
    acme.tap(DANA, "Answer")
    acme.say(DANA, "8 Nov 2026")
    assert asking(acme)
    acme.say(DANA, "12 November")

    assert record(acme, "one").answer == "2026-11-12"


def test_the_answer_may_come_in_the_other_messenger() -> None:
    acme = begin(step("one", asks=asked("text")), step("two"))
    acme.tap(DANA, "Answer")
    acme.say(DANA_SLACK, "from Slack")

    assert record(acme, "one").answer == "from Slack"
    assert acme.last(DANA_SLACK).title == "Two"
    assert not labels(acme.cards(DANA)[0])


def test_an_answer_that_comes_after_a_colleagues_changes_nothing() -> None:
    acme = begin(step("one", asks=asked("text")), step("two"))
    acme.command(BORIS, "steps")
    acme.tap(DANA, "Answer")
    acme.tap(BORIS, "Ответить")
    acme.say(BORIS, "his")
    acme.say(DANA, "hers")

    assert record(acme, "one").answer == "his"
    assert "Boris" in acme.last(DANA).text


def test_skipping_asks_why_and_tells_the_csm() -> None:
    acme = begin(step("one", skip_reasons=(words("No time"), words("Know it"))), step("two"))
    acme.tap(DANA, "Skip")
    acme.tap(DANA, "Know it")

    assert record(acme, "one").state == "skipped"
    assert record(acme, "one").reason == "Know it"
    assert acme.last(DANA).title == "Two"
    assert done(acme.last(DANA)) == 1
    assert "Know it" in acme.last(ANN).text


def test_a_reason_may_be_given_in_own_words() -> None:
    acme = begin(step("one", skip_reasons=(words("No time"),)), step("two"))
    acme.tap(DANA, "Skip")
    acme.say(DANA, "our *legal* team says no")

    assert record(acme, "one").reason == "our *legal* team says no"


def test_never_mind_brings_the_step_back() -> None:
    acme = begin(step("one"))
    acme.tap(DANA, "Skip")
    acme.tap(DANA, "Never mind")

    assert acme.last(DANA).title == "One"
    assert len(acme.cards(DANA)) == 1
    assert not asking(acme)


def test_words_after_the_question_was_dropped_go_to_the_csm() -> None:
    acme = begin(step("one"), step("two"))
    acme.tap(DANA, "Skip")
    acme.command(DANA, "home")
    acme.say(DANA, "hello?")

    assert acme.session.exec(select(StepRecord)).first() is None
    assert acme.session.exec(select(HelpRequest)).one().words == "hello?"


def test_what_was_asked_survives_a_restart_and_a_week() -> None:
    acme = begin(step("one", asks=asked("text")), step("two"))
    acme.tap(DANA, "Answer")
    acme.session.commit()
    acme.session.expunge_all()
    acme.now += timedelta(days=7)
    acme.say(DANA, "after all")

    assert record(acme, "one").answer == "after all"


def test_a_question_about_a_step_that_has_been_retired_asks_nothing_any_more() -> None:
    acme = begin(step("one", asks=asked("text")), step("two"))
    acme.tap(DANA, "Answer")
    acme.content = stage(checklist(step("two"))).content
    acme.say(DANA, "mail.acme.com")

    assert not asking(acme)
    assert acme.session.exec(select(HelpRequest)).one().words == "mail.acme.com"


def test_a_tap_on_done_asks_for_the_answer_a_step_needs() -> None:
    acme = begin(step("one", asks=asked("text")))
    acme.press(DANA, f"done.{acme.enrolment().id}.one", next(iter(acme.shown[DANA])))

    assert asking(acme)
    assert acme.session.exec(select(StepRecord)).first() is None


def test_what_is_asked_in_the_app_home_can_be_answered_in_the_chat_beside_it() -> None:
    acme = begin(step("one", asks=asked("text")), step("two"))
    acme.open_home(DANA_SLACK)
    acme.tap(f"{DANA_SLACK}/home", "Start")
    acme.tap(f"{DANA_SLACK}/home", "Answer")
    assert "Messages" in acme.last(f"{DANA_SLACK}/home").text
    acme.say(DANA_SLACK, "here")

    assert record(acme, "one").answer == "here"
    assert done(acme.last(f"{DANA_SLACK}/home")) == 1
    assert acme.last(DANA_SLACK).title == "Two"


def test_never_mind_in_the_app_home_settles_both() -> None:
    acme = begin(step("one"))
    acme.open_home(DANA_SLACK)
    acme.tap(f"{DANA_SLACK}/home", "Start")
    acme.tap(f"{DANA_SLACK}/home", "I'm stuck")
    acme.tap(f"{DANA_SLACK}/home", "Never mind")

    assert acme.last(f"{DANA_SLACK}/home").title == "One"
    assert not labels(acme.last(DANA_SLACK))
    assert not asking(acme)
