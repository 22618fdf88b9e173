"""Words that fit the question on the card before a person answer it, whoever brought the question there."""

from sqlmodel import select

from core import signals
from core.onboarding import checklists
from storage.tables import HelpRequest, StepRecord
from tests.core.stage import Stage, asked, checklist, labels, stage, step

DANA, DANA_SLACK, BORIS, ANN = "telegram:1", "slack:T9/U1", "telegram:2", "slack:T0/ANN"
DOMAIN = asked("text", pattern=r"[a-z.]+\.com")


def begin(*lists: object) -> Stage:
    set_up = stage(*lists)  # type: ignore[arg-type]  # checklists
    account = set_up.account(csm=set_up.csm())
    set_up.person(account, "Dana", DANA, DANA_SLACK)
    set_up.person(account, "Boris", BORIS)
    checklists.enrol(set_up.session, set_up.content, account, set_up.now)
    return set_up


def answer(set_up: Stage, name: str) -> str | None:
    found = set_up.session.exec(select(StepRecord).where(StepRecord.step == name)).one_or_none()
    return found.answer if found is not None else None


def asked_us(set_up: Stage) -> list[str]:
    return [one.words for one in set_up.session.exec(select(HelpRequest)).all()]


def signal(set_up: Stage, name: str) -> None:
    signals.record(set_up.session, set_up.content, key=name, account_name="Acme", name=name, now=set_up.now)
    set_up.deliver()


def test_a_question_that_a_signal_brought_is_answered_by_typing() -> None:
    acme = begin(checklist(step("one", signal="created"), step("two", asks=DOMAIN), step("three")))
    acme.command(DANA, "steps")
    signal(acme, "created")
    acme.say(DANA, "mail.acme.com")

    assert answer(acme, "two") == "mail.acme.com"
    assert not asked_us(acme)


def test_a_question_that_we_or_a_colleague_brought_is_answered_by_typing() -> None:
    acme = begin(
        checklist(step("one", owner="us"), step("two", needs=("one",)), step("three", asks=DOMAIN, needs=("two",)))
    )
    acme.command(DANA, "steps")
    acme.command(BORIS, "steps")
    acme.tap(ANN, "Done for the client")
    acme.tap(BORIS, "Done")
    acme.say(DANA, "mail.acme.com")

    assert answer(acme, "three") == "mail.acme.com"
    assert not asked_us(acme)


def test_every_card_that_asks_is_tried_also_when_another_checklist_was_shown_since() -> None:
    acme = begin(
        checklist(step("one", signal="created"), step("two", asks=DOMAIN)), checklist(step("other"), name="more")
    )
    acme.command(DANA, "home")
    _, button = acme.find(DANA, "Start: Start")
    acme.press(DANA, button.action)
    acme.command(DANA, "home")
    _, button = acme.find(DANA, "Start: More")
    acme.press(DANA, button.action)
    signal(acme, "created")
    acme.say(DANA, "mail.acme.com")

    assert answer(acme, "two") == "mail.acme.com"
    assert not asked_us(acme)


def test_what_the_app_home_asks_is_answered_in_the_chat_beside_it() -> None:
    acme = begin(checklist(step("one", signal="created"), step("two", asks=DOMAIN), step("three")))
    acme.open_home(DANA_SLACK)
    acme.tap(f"{DANA_SLACK}/home", "Start")
    signal(acme, "created")
    acme.say(DANA_SLACK, "mail.acme.com")

    assert answer(acme, "two") == "mail.acme.com"
    assert not asked_us(acme)
    assert acme.last(f"{DANA_SLACK}/home").title == "Three"


def test_after_never_mind_a_file_is_for_the_csm_until_it_is_asked_for_again() -> None:
    acme = begin(checklist(step("one", asks=asked("file")), step("two")))
    acme.command(DANA, "steps")
    acme.tap(DANA, "Answer")
    acme.tap(DANA, "Never mind")
    acme.share(DANA, "file", "what is this?")

    assert answer(acme, "one") is None
    assert asked_us(acme) == ["what is this?"]

    acme.command(DANA, "steps")
    acme.tap(DANA, "Answer")
    acme.share(DANA, "file")
    assert answer(acme, "one") == "file.bin"
    assert "Answer" not in labels(acme.last(DANA))
