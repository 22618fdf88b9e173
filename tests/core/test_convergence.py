"""Whatever several people tap in whatever order, every live card shows the one state there is."""

from dataclasses import replace

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from sqlmodel import select

from core.cards import Card
from core.events import Address
from core.onboarding import checklists
from core.onboarding.cards import checklist_card, steps_card
from core.onboarding.courses import load, load_all
from core.onboarding.overview import overview_card
from core.people.readers import gather, reader_at
from storage.tables import Account, Screen
from tests.core.stage import Stage, asked, buttons, checklist, stage, step, words

DANA, DANA_SLACK, BORIS, GROUP = "telegram:1", "slack:T9/U1", "telegram:2", "telegram:-100"
PLACES = ((DANA, DANA), (DANA_SLACK, DANA_SLACK), (f"{DANA_SLACK}/home", f"{DANA_SLACK}/home"), (BORIS, BORIS))
IN_GROUP = ((DANA, GROUP), (BORIS, GROUP))

acts = st.tuples(
    st.sampled_from((*PLACES, *IN_GROUP)), st.sampled_from(("tap", "tap", "tap", "say", "home")), st.integers(0, 99)
)


def acme() -> Stage:
    set_up = stage(
        checklist(
            step("one", skip_reasons=(words("No"),)),
            step("two", asks=asked("text"), needs=("one",)),
            step("three", role="finance"),
            step("four", asks=asked("choice", options=(words("A"), words("B"))), needs=("one", "three")),
        )
    )
    account = set_up.account(csm=set_up.csm())
    set_up.person(account, "Dana", DANA, DANA_SLACK, role="admin")
    set_up.person(account, "Boris", BORIS, role="finance", language="ru")
    set_up.group(account, GROUP)
    checklists.enrol(set_up.session, set_up.content, account, set_up.now)
    set_up.command(DANA, "steps")
    set_up.command(BORIS, "home")
    set_up.command(DANA, "steps", chat=GROUP)
    set_up.open_home(DANA_SLACK)
    return set_up


def act(on: Stage, who: str, chat: str, what: str, number: int) -> None:
    person = who.removesuffix("/home")
    if what == "say" and not who.endswith("/home"):
        on.say(person, f"words {number}", chat=chat if chat != who else None)
    elif what == "home":
        on.command(person, "home", chat=chat if chat == GROUP else None)
    else:
        pressable = [
            (message, button.action)
            for message, card in on.shown.get(chat, {}).items()
            for button in buttons(card)
            if button.action and not button.action.startswith("lang.")
        ]
        if pressable:
            message, action = pressable[number % len(pressable)]
            on.press(who, action, message, chat=chat if chat == GROUP else None)


def without_notice(card: Card) -> Card:
    """The card but for its text, which may begin with what has just happened."""
    return replace(card, text="")


@settings(max_examples=25, deadline=None, phases=[Phase.generate], suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(acts, max_size=15))
def test_every_live_card_shows_the_one_state_there_is(story: list[tuple[tuple[str, str], str, int]]) -> None:
    on = acme()
    for (who, chat), what, number in story:
        act(on, who, chat, what, number)

    account = on.session.exec(select(Account)).one()
    enrolment = on.enrolment()
    circle, courses = gather(on.session, account), load_all(on.session, on.content, account.id)
    course = load(on.session, on.content, account.id, enrolment.id or 0)
    assert course is not None
    finished = sum(one.finished for one in course.standing.steps)
    assert (enrolment.finished_at is not None) >= (finished == len(course.standing.steps))
    messages = set()
    for screen in on.session.exec(select(Screen)).all():
        reader = reader_at(on.session, on.content, circle, Address.parse(screen.address))
        if reader is None or screen.subject.partition(":")[0] not in ("home", "checklist", "steps"):
            continue
        message = screen.message_id or f"m{screen.delivery_id}"
        assert (screen.address, message) not in messages
        messages.add((screen.address, message))
        match screen.subject.partition(":")[0]:
            case "home":
                expected = overview_card(reader, courses)
            case "steps":
                expected = steps_card(course, reader)
            case _:
                expected = checklist_card(course, reader, screen.step)
        assert without_notice(on.shown[screen.address][message]) == without_notice(expected)
