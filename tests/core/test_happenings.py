"""A checklist moves by signals and by us, opens gates, begins the next one, and is reminded of when it stands still."""

from datetime import date, timedelta
from typing import Any

from sqlmodel import select

from core import signals
from core.content.catalogue import Section
from core.nudges.crowd import gather_people
from core.nudges.reasons import Reason, look
from core.nudges.saying import nudge_due
from core.onboarding import checklists
from storage.tables import Account, Contact, Enrolment, Nudge, StepRecord
from tests.core.stage import START, Stage, checklist, done, labels, stage, step, when, words

DANA, BORIS, ANN, BEA = "telegram:1", "telegram:2", "slack:T0/ANN", "slack:T0/BEA"


def begin(set_up: Stage, **more: Any) -> Account:
    account = set_up.account(csm=set_up.csm(), **more)
    set_up.person(account, "Dana", DANA, role="admin")
    checklists.enrol(set_up.session, set_up.content, account, set_up.now)
    set_up.command(DANA, "steps")
    return account


def signal(set_up: Stage, name: str, key: str = "s1") -> bool:
    kept = signals.record(set_up.session, set_up.content, key=key, account_name="Acme", name=name, now=set_up.now)
    set_up.deliver()
    return kept


def test_a_step_that_waits_for_a_signal_offers_no_button_for_done() -> None:
    acme = stage(checklist(step("one", signal="created"), step("two")))
    begin(acme)

    assert "Done" not in labels(acme.last(DANA))
    assert "by itself" in acme.last(DANA).text or "ticks itself" in acme.last(DANA).text


def test_a_signal_completes_its_step_on_every_card_and_a_repeat_changes_nothing() -> None:
    acme = stage(checklist(step("one", signal="created"), step("two")))
    begin(acme)
    assert signal(acme, "created")
    sent = acme.sent
    assert not signal(acme, "created")

    assert acme.last(DANA).title == "Two"
    assert acme.sent == sent
    assert "Undo" not in " ".join(labels(acme.last(DANA)))


def test_a_signal_that_came_before_counts_when_the_checklist_begins() -> None:
    acme = stage(
        checklist(step("zero")), checklist(step("one", signal="created"), step("two"), name="more", after="start")
    )
    begin(acme)
    signal(acme, "created")
    acme.tap(DANA, "Done")
    acme.tap(DANA, "Start: More")

    assert acme.last(DANA).title == "Two"
    assert done(acme.last(DANA)) == 1


def test_the_last_step_may_be_a_signal_and_the_client_is_congratulated() -> None:
    acme = stage(checklist(step("one"), step("two", signal="created")))
    begin(acme)
    acme.tap(DANA, "Done")
    signal(acme, "created")

    assert acme.enrolment().finished_at is not None
    assert any("You finished start, Dana" in card.text for card in acme.cards(DANA))
    assert any("finished" in card.text for card in acme.cards(ANN))


def test_a_step_of_ours_names_who_has_it_and_the_day_we_promised() -> None:
    acme = stage(
        checklist(step("one"), step("two", owner="us", due_days=3, needs=("one",)), step("three", needs=("two",)))
    )
    begin(acme)
    acme.tap(DANA, "Done")

    assert "Ann" in acme.last(DANA).text
    assert "Nov 12" in acme.last(DANA).text
    assert "Done" not in labels(acme.last(DANA))
    record = acme.session.exec(select(StepRecord).where(StepRecord.step == "two")).one()
    assert record.promised_for == date(2026, 11, 12)
    assert "Two" in acme.last(ANN).text


def test_when_we_have_done_our_part_the_client_sees_it_and_a_second_tap_changes_nothing() -> None:
    acme = stage(checklist(step("one", owner="us"), step("two", needs=("one",))))
    begin(acme)
    message, button = acme.find(ANN, "Done for the client")
    acme.press(ANN, button.action, message)
    sent = acme.sent
    acme.press(ANN, button.action, message)

    assert acme.last(DANA).title == "Two"
    assert not labels(acme.last(ANN))
    assert acme.sent == sent + 1  # the CSM's own card, as the answer to the tap


def test_a_gate_says_what_opens_it_and_its_opening_is_told() -> None:
    sections = (
        Section("first", words("First")),
        Section("second", words("Second"), after=("first",), gate=words("Opens when the basics are done.")),
    )
    acme = stage(checklist(step("one"), step("two", section="second", needs=("one",)), sections=sections))
    begin(acme)
    acme.tap(DANA, "All steps")
    acme.tap(DANA, "2")
    assert "basics" in acme.last(DANA).text
    assert "Done" not in labels(acme.last(DANA))

    acme.tap(DANA, "Next step")
    acme.tap(DANA, "Done")

    assert acme.last(DANA).title == "Two"
    assert "opened: Two" in acme.last(DANA).text


def test_a_forged_done_does_not_open_a_gate() -> None:
    acme = stage(checklist(step("one"), step("two", needs=("one",))))
    begin(acme)
    acme.press(DANA, f"done.{acme.enrolment().id}.two", next(iter(acme.shown[DANA])))

    assert acme.session.exec(select(StepRecord)).first() is None
    assert "One" in acme.last(DANA).text


def test_checklists_begin_for_whom_they_are_meant_and_only_once() -> None:
    acme = stage(
        checklist(step("a")),
        checklist(step("b"), name="big", when=when("segment in ['Enterprise']")),
        checklist(step("c"), name="later", after="start"),
    )
    account = begin(acme, segment="enterprise")
    again = checklists.enrol(acme.session, acme.content, account, acme.now)

    begun = set(acme.session.exec(select(Enrolment.checklist)).all())
    assert begun == {"start", "big"}
    assert again == []


def test_a_step_added_later_does_not_take_the_end_back() -> None:
    acme = stage(checklist(step("one")))
    begin(acme)
    acme.tap(DANA, "Done")
    finished_at = acme.enrolment().finished_at
    acme.content = stage(checklist(step("one"), step("two"))).content
    acme.command(DANA, "steps")
    acme.tap(DANA, "Done")

    assert acme.enrolment().finished_at == finished_at
    assert sum("You finished" in card.text for card in acme.cards(DANA)) == 1


def test_time_to_value_is_counted_from_the_start_and_never_taken_back() -> None:
    acme = stage(checklist(step("one", first_value=True), step("two")))
    begin(acme)
    acme.now += timedelta(days=4)
    moment = acme.now
    acme.tap(DANA, "Done")
    acme.tap(DANA, "Undo")
    acme.now += timedelta(days=4)
    acme.tap(DANA, "Done")

    assert acme.enrolment().first_value_at == moment
    assert acme.enrolment().started_at == START


def test_every_move_starts_the_wait_for_a_reminder_again_and_the_end_ends_it() -> None:
    acme = stage(checklist(step("one"), step("two")))
    begin(acme)
    assert acme.session.exec(select(Nudge)).one().due == START + timedelta(days=2)

    acme.now += timedelta(days=1)
    moved = acme.now
    acme.tap(DANA, "Done")
    nudge_due(acme.session, acme.content, START + timedelta(days=2))
    assert acme.session.exec(select(Nudge)).one().due == moved + timedelta(days=2)

    acme.tap(DANA, "Done")
    nudge_due(acme.session, acme.content, moved + timedelta(days=2))
    assert acme.session.exec(select(Nudge)).first() is None


def test_whom_a_standstill_concerns_is_reminded_and_nobody_else() -> None:
    acme = stage(checklist(step("one", role="admin"), step("two", role="finance")))
    account = begin(acme)
    boris = acme.person(account, "Boris", BORIS, role="finance")
    dana = acme.session.exec(select(Contact).where(Contact.role == "admin")).one()
    rule, later = acme.content.nudges["stalled-step"], acme.now + timedelta(days=2)

    def reminded(contact: Contact) -> bool:
        person = gather_people(acme.session, acme.content, [contact.id or 0])[contact.id or 0]
        nudge = Nudge(contact_id=contact.id or 0, rule=rule.id, about="checklist:1", due=later, since=START)
        return isinstance(look(acme.session, acme.content, person, rule, nudge, later), Reason)

    assert reminded(dana)
    assert reminded(boris)
    acme.tap(DANA, "Done")
    assert not reminded(dana)
    assert reminded(boris)


def test_nobody_is_reminded_of_what_waits_for_us() -> None:
    acme = stage(checklist(step("one", owner="us"), step("two", needs=("one",))))
    begin(acme)
    acme.now += timedelta(days=3)

    nudge_due(acme.session, acme.content, acme.now)
    acme.deliver()

    assert len(acme.cards(DANA)) == 1


def test_a_reminder_that_still_waits_is_cancelled_by_a_move() -> None:
    acme = stage(checklist(step("one"), step("two")))
    begin(acme)
    acme.now += timedelta(days=3)
    nudge_due(acme.session, acme.content, acme.now)
    acme.tap(DANA, "Done")

    assert len(acme.cards(DANA)) == 1


def test_a_guide_is_read_in_place_and_leads_back() -> None:
    acme = stage(checklist(step("one", guide=words("Read **this**."))))
    begin(acme)
    acme.tap(DANA, "Show me how")
    assert "Read **this**." in acme.last(DANA).text

    acme.tap(DANA, "Back")

    assert acme.last(DANA).title == "One"
    assert len(acme.cards(DANA)) == 1
