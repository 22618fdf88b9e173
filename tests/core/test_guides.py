"""A guide in a file of its own is there for the clients it is meant for, under its own title."""

from core.onboarding import checklists
from tests.core.stage import Stage, checklist, labels, stage, step, when, words

DANA = "telegram:1"


def begin(segment: str) -> Stage:
    guide = {
        "guide": words("Read **this**."),
        "guide_title": words("How it works"),
        "guide_when": when("segment == 'big'"),
    }
    acme = stage(checklist(step("one", **guide)))
    account = acme.account(segment=segment)
    acme.person(account, "Dana", DANA)
    checklists.enrol(acme.session, acme.content, account, acme.now)
    acme.command(DANA, "steps")
    acme.press(DANA, f"step.{acme.enrolment().id}.one")
    return acme


def test_those_it_is_for_open_it_by_its_button() -> None:
    acme = begin("big")
    assert "Show me how" in labels(acme.last(DANA))

    acme.tap(DANA, "Show me how")

    assert (acme.last(DANA).title, acme.last(DANA).text) == ("How it works", "Read **this**.")


def test_others_have_no_button_and_do_not_read_it_by_an_old_one() -> None:
    acme = begin("small")
    assert "Show me how" not in labels(acme.last(DANA))

    acme.press(DANA, f"guide.{acme.enrolment().id}.one")

    assert "Read **this**." not in acme.last(DANA).text
