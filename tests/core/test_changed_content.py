"""Admins change a checklist that clients are going through: what is finished stays, and nobody is lost or disturbed."""

import itertools
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlmodel import Session, col, select

from core.cards import Card, Progress
from core.content.catalogue import Catalogue, Checklist, Section
from core.content.versions import history
from core.content.versions.changes import compare
from core.content.versions.outline import outline, write_outline
from core.desk.content_news import Saved, saved
from core.events import Address
from core.nudges.saying import nudge_due
from core.onboarding import checklists
from core.onboarding.happenings import signalled
from core.onboarding.revisions import show_changed
from core.outbox import post
from storage.database import Database
from storage.tables import Account, ContentChange, Delivery, Enrolment, Nudge, StepRecord
from tests.core.stage import Stage, asked, catalogue, checklist, done, labels, step, words

DANA, BORIS, ANN = "telegram:1", "telegram:2", "slack:T0/ANN"


@pytest.fixture
def on(database: Database) -> Iterator[Stage]:
    """Acme is looked after by Ann; on both databases."""
    with Session(database.engine, expire_on_commit=False) as session:
        set_up = Stage(catalogue(checklist(step("a"))), session)
        acme = set_up.account(csm=set_up.csm())
        set_up.person(acme, "Dana", DANA)
        yield set_up


_numbers = itertools.count(1)


def save(on: Stage, *lists: Checklist) -> Catalogue:
    """An admin saves these checklists; whoever is on them is shown."""
    new = replace(catalogue(*lists), version=f"v{next(_numbers)}")
    old, now_outlined = history.outline_in_force(on.session), outline(new)
    changes = compare(old, now_outlined) if old is not None else None
    taken = saved(on.session, Saved(new, write_outline(now_outlined), changes), history.newest(on.session), on.now)
    assert taken is not None
    on.content = taken
    on.session.flush()
    for _ in range(20):
        if not show_changed(on.session, on.content, on.now):
            break
        on.deliver()
    on.deliver()
    on.now += timedelta(minutes=5)
    return taken


def begin(on: Stage, *lists: Checklist) -> None:
    """The first version, and Acme begins with it."""
    save(on, *lists)
    acme = on.session.exec(select(Account).where(Account.name == "Acme")).one()
    checklists.enrol(on.session, on.content, acme, on.now)
    on.session.flush()
    on.command(DANA, "steps")


def shown(on: Stage, who: str = DANA) -> Card:
    """The person's card of the checklist under way, as it stands in the chat."""
    return next(card for card in reversed(on.cards(who)) if card.note)


def ask_steps(on: Stage, who: str = DANA) -> str:
    on.tap(who, "All steps")
    return on.last(who).text


def test_a_reworded_step_is_reworded_where_it_stands(on: Stage) -> None:
    begin(on, checklist(step("a"), step("b")))

    save(on, checklist(step("a", text=words("Kindly do it.")), step("b")))

    assert len(on.cards(DANA)) == 1
    assert "Kindly do it." in on.last(DANA).text


def test_the_introduction_stays_on_the_first_card_until_something_is_done(on: Stage) -> None:
    begin(on, checklist(step("a"), step("b")))
    on.group(on.session.exec(select(Account)).one(), "telegram:-5")
    on.command(DANA, "steps", chat="telegram:-5")

    save(on, checklist(step("a"), step("b", text=words("Kindly do it."))))

    for chat in (DANA, "telegram:-5"):
        assert on.last(chat).text.startswith("Welcome to start.")
        assert "Please do a." in on.last(chat).text

    save(on, checklist(step("a"), step("b"), intro=words("Be welcome.")))
    assert on.last(DANA).text.startswith("Be welcome.")

    on.tap(DANA, "Done")
    save(on, checklist(step("a"), step("b", text=words("Kindly do it."))))
    assert "elcome" not in on.last(DANA).text
    assert "elcome" not in on.last("telegram:-5").text


def test_a_step_that_was_looked_at_gets_no_introduction(on: Stage) -> None:
    begin(on, checklist(step("a"), step("b")))
    on.press(DANA, f"step.{on.enrolment().id}.b")

    save(on, checklist(step("a"), step("b", text=words("Kindly do it."))))

    assert on.last(DANA).text == "Kindly do it."


def test_what_is_done_stays_done_when_the_step_is_reworded_or_moved(on: Stage) -> None:
    sections = (Section("first", words("First")), Section("second", words("Second")))
    begin(on, checklist(step("a"), step("b"), step("c", section="second"), sections=sections))
    on.tap(DANA, "Done")

    save(on, checklist(step("b"), step("c", section="second"), step("a", section="second"), sections=sections))

    assert done(shown(on)) == 1
    assert ask_steps(on).index("First") < on.last(DANA).text.index("Second") < on.last(DANA).text.index("✅ 3 · A")


def test_a_new_step_is_for_those_who_begin_after_it_came(on: Stage) -> None:
    begin(on, checklist(step("a"), step("b")))

    save(on, checklist(step("x"), step("a"), step("b")))
    borealis = on.account("Borealis")
    on.person(borealis, "Boris", BORIS)
    checklists.enrol(on.session, on.content, borealis, on.now)
    on.command(BORIS, "steps")

    assert "X" not in ask_steps(on)
    assert "X" in ask_steps(on, BORIS)


def test_a_new_step_for_everyone_is_put_ahead_of_those_on_their_way(on: Stage) -> None:
    begin(on, checklist(step("a"), step("b")))

    save(on, checklist(step("x", applies_to="everyone"), step("a"), step("b")))

    assert on.last(DANA).title == "X"
    assert on.last(DANA).progress == Progress(0, 3)


def test_whoever_has_finished_gets_no_new_step_and_stays_finished(on: Stage) -> None:
    begin(on, checklist(step("a")))
    on.tap(DANA, "Done")
    finished_at = on.enrolment().finished_at

    save(on, checklist(step("a"), step("x", applies_to="everyone")))

    assert on.enrolment().finished_at == finished_at
    on.command(DANA, "steps")
    assert on.last(DANA).progress == Progress(1, 1)


def test_a_step_taken_out_is_passed_over_and_its_record_kept(on: Stage) -> None:
    begin(on, checklist(step("a"), step("b"), step("c", needs=("b",))))
    on.tap(DANA, "Done")

    save(on, checklist(step("a"), step("c", needs=("a",))))

    assert on.last(DANA).title == "C"
    assert on.last(DANA).progress == Progress(1, 2)
    save(on, checklist(step("c")))
    assert on.session.exec(select(StepRecord.state).where(StepRecord.step == "a")).one() == "done"
    save(on, checklist(step("a"), step("c")))
    assert done(on.last(DANA)) == 1


def test_when_the_last_open_step_is_taken_out_they_have_finished_and_are_congratulated_once(on: Stage) -> None:
    begin(on, checklist(step("a"), step("b")))
    on.tap(DANA, "Done")

    save(on, checklist(step("a")))
    save(on, checklist(step("a"), step("b")))
    save(on, checklist(step("a")))

    assert on.enrolment().finished_at is not None
    congratulated = [card for card in on.cards(DANA) if "You finished start" in card.text]
    assert len(congratulated) == 1
    assert len([card for card in on.cards(ANN) if "finished" in card.text]) == 1


def test_nobody_finishes_who_has_done_nothing(on: Stage) -> None:
    begin(on, checklist(step("a"), step("b")))

    save(on, checklist(step("c"), step("d")))

    assert on.enrolment().finished_at is None
    assert on.last(DANA).title == "C"


def test_a_step_put_back_is_there_for_those_who_had_it_before(on: Stage) -> None:
    begin(on, checklist(step("a"), step("b")))
    save(on, checklist(step("a")))

    save(on, checklist(step("a"), step("b")))

    assert "B" in ask_steps(on)


def test_a_step_with_another_id_is_another_step(on: Stage) -> None:
    begin(on, checklist(step("a"), step("b")))
    on.tap(DANA, "Done")

    save(on, checklist(step("a2", title=words("A")), step("b")))

    assert on.last(DANA).title == "B"
    assert on.last(DANA).progress == Progress(0, 1)
    save(on, checklist(step("a"), step("b")))
    assert done(on.last(DANA)) == 1


def test_a_gate_that_is_added_closes_and_one_that_is_taken_away_opens(on: Stage) -> None:
    begin(on, checklist(step("a"), step("b")))

    save(on, checklist(step("a", needs=("b",)), step("b")))
    assert on.last(DANA).title == "B"

    save(on, checklist(step("a"), step("b", needs=("a",))))
    assert on.last(DANA).title == "A"


def test_a_checklist_that_is_deleted_says_so_kindly_and_comes_back_with_its_file(on: Stage) -> None:
    begin(on, checklist(step("a"), step("b")))
    on.tap(DANA, "Done")
    number = on.enrolment().id

    save(on, checklist(step("z"), name="other", after="start"))

    assert "being reworked" in on.last(DANA).text
    assert labels(on.last(DANA)) == ["Home"]
    for action in (f"done.{number}.b", f"list.{number}", f"steps.{number}", f"step.{number}.b", f"guide.{number}.b"):
        on.press(DANA, action)
    assert on.press(DANA, f"done.{number}.b").toast.startswith("This checklist is being reworked")
    on.command(DANA, "steps")
    assert "being reworked" in on.last(DANA).text

    save(on, checklist(step("a"), step("b")), checklist(step("z"), name="other", after="start"))
    on.command(DANA, "steps")
    assert on.last(DANA).title == "B"
    assert done(on.last(DANA)) == 1


def test_reminders_of_a_deleted_checklist_wait_for_it_to_come_back(on: Stage) -> None:
    begin(on, checklist(step("a"), step("b")))
    save(on, checklist(step("z"), name="other", after="start"))
    on.now += timedelta(days=30)
    nudge_due(on.session, on.content, on.now)
    on.session.flush()
    assert nudge_due(on.session, on.content, on.now) == 0

    save(on, checklist(step("a"), step("b")))

    assert nudge_due(on.session, on.content, on.now) == 1
    assert on.session.exec(select(Nudge.sent)).one() == 1


def test_a_question_about_a_step_that_was_taken_out_hurts_nobody(on: Stage) -> None:
    begin(on, checklist(step("a", asks=asked("text")), step("b")))
    on.tap(DANA, "Answer")

    save(on, checklist(step("b")))
    on.say(DANA, "blue")

    assert on.command(DANA, "steps") is not None
    assert on.last(DANA).title == "B"


def test_a_signal_for_a_step_that_came_later_is_nobodys_who_was_there_before(on: Stage) -> None:
    begin(on, checklist(step("a"), step("b")))
    save(on, checklist(step("a"), step("b"), step("s", signal="it_was_done")))

    signalled(on.session, on.content, on.session.exec(select(Account)).one(), "it_was_done", on.now)
    on.deliver()

    assert done(on.last(DANA)) == 0


def test_our_csm_is_told_of_a_step_of_ours_that_comes_and_goes(on: Stage) -> None:
    begin(on, checklist(step("a"), step("b")))

    save(on, checklist(step("a"), step("b"), step("o", owner="us", applies_to="everyone", title=words("Our part"))))
    assert "Our part" in on.last(ANN).text

    save(on, checklist(step("a"), step("b")))
    assert "taken out" in on.last(ANN).text


def test_people_who_tap_are_served_before_changed_checklists_are_shown(on: Stage) -> None:
    begin(on, checklist(step("a"), step("b")))
    for number in range(20):
        post(
            on.session,
            key=f"busy:{number}",
            to=Address("telegram", f"9{number}"),
            card=Card("Hi"),
            kind="x",
            now=on.now,
        )
    new = replace(catalogue(checklist(step("a", text=words("New")), step("b"))), version="busy")
    told = outline(new)
    old = history.outline_in_force(on.session)
    assert old is not None
    taken = saved(on.session, Saved(new, write_outline(told), compare(old, told)), history.newest(on.session), on.now)
    assert taken is not None
    on.session.flush()

    assert show_changed(on.session, taken, on.now) == 0
    assert on.session.exec(select(ContentChange)).one().shown_to == 0


def test_many_enrolments_are_shown_bit_by_bit_and_each_once(on: Stage) -> None:
    begin(on, checklist(step("a"), step("b")))
    for number in range(25):
        account = on.account(f"Client {number}")
        on.person(account, f"P{number}", f"telegram:7{number}")
        checklists.enrol(on.session, on.content, account, on.now)
        on.command(f"telegram:7{number}", "steps")
    sent = on.sent

    save(on, checklist(step("a", text=words("Anew.")), step("b")))

    assert on.sent - sent == 26
    assert all("Anew." in on.last(f"telegram:7{number}").text for number in range(25))
    assert on.session.exec(select(ContentChange)).all() == []


def test_every_delivery_remembers_the_version_it_was_made_from(on: Stage) -> None:
    begin(on, checklist(step("a"), step("b")))
    first = on.content.version
    save(on, checklist(step("a"), step("b", title=words("Bee"))))
    on.tap(DANA, "Done")

    versions = on.session.exec(select(Delivery.content_version).order_by(col(Delivery.id))).all()
    assert versions[0] == first
    assert versions[-1] == on.content.version


def test_first_steps_count_as_there_for_ever(on: Stage) -> None:
    account = on.session.exec(select(Account)).one()
    on.session.add(Enrolment(account_id=account.id or 0, checklist="start", started_at=on.now, moved_at=on.now))
    on.session.flush()
    on.now += timedelta(days=1)

    save(on, checklist(step("a"), step("b")))

    assert all(step.there == () for step in on.content.checklists["start"].steps)


@pytest.mark.parametrize("how", ["written", "tapped", "stale", "steps"])
def test_home_says_what_the_steps_say_while_a_checklist_is_away_and_leads_to_it_when_it_is_back(
    on: Stage, how: str
) -> None:
    other = checklist(step("z"), name="other", after="start")
    begin(on, checklist(step("a"), step("b")), other)
    on.tap(DANA, "Done")
    save(on, other)
    match how:
        case "written":
            on.command(DANA, "home")
        case "tapped":
            on.tap(DANA, "Home")
        case "stale":
            on.press(DANA, f"done.{on.enrolment().id}.b")
        case _:
            on.command(DANA, "steps")

    assert "being reworked" in on.last(DANA).text
    assert "Settings" in labels(on.last(DANA))
    assert "Nothing waits" not in on.last(DANA).text

    save(on, checklist(step("a"), step("b")), other)

    assert "Go on: Start" in labels(on.last(DANA))
    assert "being reworked" not in on.last(DANA).text
