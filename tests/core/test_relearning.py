"""What an import says of a client decides which checklists and steps they see, now and when it changes."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from sqlmodel import select

from core.cards import Progress
from core.content.conditions.condition import Kind
from core.onboarding import checklists, relearning
from core.onboarding.courses import load_all
from core.onboarding.rules import is_finished, progress
from storage.tables import Account, Enrolment, StepRecord
from tests.core.stage import Stage, checklist, labels, stage, step, when

DANA = "telegram:1"


def begin(set_up: Stage, **more: Any) -> Account:
    account = set_up.account(csm=set_up.csm(), **more)
    set_up.person(account, "Dana", DANA, role="admin")
    checklists.enrol(set_up.session, set_up.content, account, set_up.now)
    set_up.command(DANA, "steps")
    return account


def declare(set_up: Stage, **fields: Kind) -> None:
    """As hub.yaml does."""
    set_up.content = replace(set_up.content, rules=replace(set_up.content.rules, fields=fields))


def change(set_up: Stage, account: Account, **facts: Any) -> None:
    """As an import does."""
    for name, value in facts.items():
        setattr(account, name, value)
    account.changed_at = set_up.now
    set_up.session.flush()
    assert relearning.learn(set_up.session, set_up.content, set_up.now) == 1
    assert relearning.learn(set_up.session, set_up.content, set_up.now) == 0
    set_up.deliver()


def steps(set_up: Stage, account: Account, name: str = "start") -> list[str]:
    (course,) = [one for one in load_all(set_up.session, set_up.content, account.id) if one.checklist.id == name]
    return [one.step.id for one in course.standing.steps]


BIG = when("segment == 'big'")
THREE = checklist(step("a"), step("b", when=BIG), step("c", needs=("b",)))


def test_a_step_for_others_is_not_part_of_the_checklist_and_holds_nobody_up() -> None:
    acme = stage(THREE)
    account = begin(acme, segment="small")

    (course,) = load_all(acme.session, acme.content, account.id)
    assert [(one.step.id, one.state) for one in course.standing.steps] == [("a", "open"), ("c", "open")]
    assert progress(course.standing).total == 2


def test_a_step_appears_when_the_client_becomes_one_it_is_for() -> None:
    acme = stage(THREE)
    account = begin(acme, segment="small")

    change(acme, account, segment="BIG")

    assert steps(acme, account) == ["a", "b", "c"]
    assert acme.last(DANA).progress == Progress(0, 3)


def test_a_step_that_was_done_stays_when_it_is_for_others_now() -> None:
    acme = stage(THREE)
    account = begin(acme, segment="big")
    number = acme.enrolment().id
    acme.press(DANA, f"done.{number}.b", next(iter(acme.shown[DANA])))

    change(acme, account, segment="small")

    assert steps(acme, account) == ["a", "b", "c"]
    assert acme.session.exec(select(StepRecord)).one().state == "done"


def test_a_checklist_ends_when_the_rest_of_it_is_for_others_now() -> None:
    acme = stage(checklist(step("a"), step("b", when=BIG)), checklist(step("z"), name="next", after="start"))
    account = begin(acme, segment="big")
    acme.press(DANA, f"done.{acme.enrolment().id}.a", next(iter(acme.shown[DANA])))

    change(acme, account, segment="small")

    assert acme.enrolment().finished_at == acme.now
    assert acme.enrolment("next").started_at == acme.now


def test_a_finished_checklist_stays_finished_whatever_becomes_known() -> None:
    acme = stage(THREE)
    account = begin(acme, segment="small")
    for name in ("a", "c"):
        acme.press(DANA, f"done.{acme.enrolment().id}.{name}", next(iter(acme.shown[DANA])))

    change(acme, account, segment="big")

    (course,) = load_all(acme.session, acme.content, account.id)
    assert course.enrolment.finished_at is not None
    assert is_finished(course.standing)
    assert steps(acme, account) == ["a", "c"]


def test_a_checklist_begins_when_the_client_becomes_one_it_is_for_and_goes_on_when_not() -> None:
    acme = stage(checklist(step("a")), checklist(step("z"), name="more", when=when("mrr >= 1000")))
    account = begin(acme, mrr=500)
    before = [one.checklist for one in acme.session.exec(select(Enrolment)).all()]

    change(acme, account, mrr=1000)
    begun = [one.checklist for one in acme.session.exec(select(Enrolment).order_by(Enrolment.checklist)).all()]
    change(acme, account, mrr=10)

    assert (before, begun) == (["start"], ["more", "start"])
    assert steps(acme, account, "more") == ["z"]


def test_a_checklist_without_a_step_for_the_client_does_not_begin() -> None:
    acme = stage(checklist(step("a", when=BIG)))

    begin(acme, segment="small")

    assert acme.session.exec(select(Enrolment)).first() is None


def test_a_step_of_ours_that_appears_is_promised_and_told() -> None:
    acme = stage(checklist(step("a"), step("b", owner="us", due_days=3, when=when("product in ['Desk']"))))
    account = begin(acme)

    change(acme, account, products=["Desk", "Mobile"])

    record = acme.session.exec(select(StepRecord)).one()
    assert record.promised_for == date(2026, 11, 12)
    assert "B" in acme.last("slack:T0/ANN").text


def test_nobody_is_shown_anything_of_an_account_that_nobody_has_joined() -> None:
    acme = stage(THREE)
    account = acme.account(segment="small")

    change(acme, account, segment="big")

    assert acme.session.exec(select(Enrolment)).first() is None


def test_a_condition_may_ask_the_fields_of_ones_own_the_csm_and_days() -> None:
    asks = "seats >= 10 and beta and csm == 'ann@relay.example' and renewal > '2027-01-01' and phase != 'live'"
    acme = stage(checklist(step("a"), step("b", when=when(asks))))
    declare(acme, seats="number", beta="flag")
    account = begin(acme, renewal=date(2027, 3, 1), phase="onboarding", custom={"seats": "12", "beta": True})
    with_all = steps(acme, account)

    change(acme, account, custom={"seats": "9.5", "beta": True})

    assert (with_all, steps(acme, account)) == (["a", "b"], ["a"])


def test_a_field_that_was_kept_as_another_kind_is_not_known() -> None:
    acme = stage(checklist(step("a"), step("b", when=when("not seats > 1"))))
    declare(acme, seats="number")

    account = begin(acme, custom={"seats": "many"})

    assert steps(acme, account) == ["a", "b"]


def test_standing_still_is_counted_from_before_the_import() -> None:
    acme = stage(THREE)
    account = begin(acme, segment="small")
    moved = acme.enrolment().moved_at
    acme.now += timedelta(days=1)

    change(acme, account, segment="big")

    assert acme.enrolment().moved_at == moved


def test_labels_stay_what_they_were() -> None:
    acme = stage(THREE)
    account = begin(acme, segment="small")
    before = labels(acme.last(DANA))

    change(acme, account, region="EU")

    assert labels(acme.last(DANA)) == before
