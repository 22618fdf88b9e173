"""Chats that could not be written to and can be again: what waited for them goes out, each thing once."""

import pytest
from sqlmodel import col, select

from core.cards import Card
from core.events import Address, Left, Moved
from core.inbox import receive
from core.outbox import post
from core.people.groups import added
from storage.tables import Chat, Delivery, Screen
from tests.core.stage import Stage, checklist, stage, step

DANA, SLACK, GROUP, SUPER = "telegram:1", "slack:T9/U1", "telegram:-1", "telegram:-100"


@pytest.fixture
def acme() -> Stage:
    from core.onboarding import checklists

    place = stage(checklist(step("one"), step("two")))
    account = place.account(csm=place.csm())
    place.person(account, "Dana", DANA, SLACK)
    place.group(account, GROUP)
    checklists.enrol(place.session, place.content, account, place.now)
    return place


def hold(place: Stage, address: str) -> None:
    """The chat is gone, and three cards wait for it: a new one, and two pictures of one message."""
    chat = place.session.get(Chat, address)
    if chat is None:
        chat = Chat(address=address, last_heard_at=place.now)
        place.session.add(chat)
    chat.unreachable = "refused"
    for text, message in (("a reply", None), ("old picture", "m1"), ("new picture", "m1")):
        post(
            place.session, key=f"{address}:{text}", to=Address.parse(address), card=Card(text), kind="test",
            now=place.now, subject="thing", message_id=message,
        )  # fmt: skip
    for row in place.session.exec(select(Delivery).where(Delivery.address == address)).all():
        if row.state == "queued":
            row.state, row.reason = "held", "unreachable"
    place.session.flush()


def shown(place: Stage, address: str) -> list[str]:
    rows = place.session.exec(select(Delivery).where(Delivery.address == address).order_by(col(Delivery.id))).all()
    return [row.card[9:-2] for row in rows if row.state == "accepted" and row.kind == "test"]


def test_a_person_who_comes_back_gets_what_waited_and_the_newest_picture_only(acme: Stage) -> None:
    hold(acme, DANA)

    acme.command(DANA, "home")

    assert shown(acme, DANA) == ["a reply", "new picture"]


def test_an_app_home_that_is_opened_again_is_reachable_again(acme: Stage) -> None:
    hold(acme, f"{SLACK}/home")

    acme.open_home(SLACK)

    assert acme.session.get_one(Chat, f"{SLACK}/home").unreachable is None
    assert shown(acme, f"{SLACK}/home") == ["a reply", "new picture"]


def test_a_group_where_somebody_acts_is_reachable_again(acme: Stage) -> None:
    hold(acme, GROUP)

    acme.command(DANA, "steps", chat=GROUP)

    assert acme.session.get_one(Chat, GROUP).unreachable is None
    assert shown(acme, GROUP) == ["a reply", "new picture"]


def test_a_group_the_bot_is_added_to_again_gets_what_waited(acme: Stage) -> None:
    from core.events import Grouped

    hold(acme, GROUP)
    event = Grouped(key="again", sender=Address.parse(DANA), chat=Address.parse(GROUP))

    added(acme.session, acme.content, event, acme.now)
    acme.deliver()

    assert "a reply" in shown(acme, GROUP)


def test_who_leaves_is_told_of_once(acme: Stage) -> None:
    for number in range(2):
        event = Left(key=f"left:{number}", sender=Address.parse(DANA), chat=Address.parse(DANA), why="blocked")
        receive(acme.session, acme.content, event, acme.now)
    acme.deliver()

    assert acme.session.get_one(Chat, DANA).unreachable == "blocked"


def move(place: Stage, number: int = 1) -> None:
    event = Moved(key=f"moved:{number}", sender=Address.parse(DANA), chat=Address.parse(GROUP), to=Address.parse(SUPER))
    receive(place.session, place.content, event, place.now)
    place.session.flush()


def test_a_supergroup_shows_the_card_anew_and_edits_that_one_from_then_on(acme: Stage) -> None:
    acme.command(DANA, "steps", chat=GROUP)
    move(acme)
    move(acme, 2)  # both the old and the new chat tell it
    acme.deliver()
    assert [card.title for card in acme.cards(SUPER)] == ["One"]

    acme.command(DANA, "steps")
    acme.tap(DANA, "Done")

    assert [card.title for card in acme.cards(SUPER)] == ["Two"]
    assert acme.session.get(Chat, GROUP) is None
    assert acme.session.get_one(Chat, SUPER).account_id == 1


def test_edits_that_waited_for_the_old_group_become_the_new_groups_card(acme: Stage) -> None:
    """The old messages cannot be edited from the new chat, where the same number may be another message."""
    acme.command(DANA, "steps", chat=GROUP)
    for row in acme.session.exec(select(Delivery).where(Delivery.address == GROUP)).all():
        row.state = "sending" if row.id == 1 else row.state
    acme.session.flush()
    move(acme)

    waiting = acme.session.exec(select(Delivery).where(Delivery.address == SUPER)).all()
    assert all(row.message_id is None and row.replaces is None for row in waiting if row.state != "accepted")
    screens = acme.session.exec(select(Screen).where(Screen.address == SUPER)).all()
    assert len(screens) == 1
    assert screens[0].delivery_id == waiting[-1].id


def test_a_supergroup_that_spoke_before_it_was_announced_keeps_what_it_has(acme: Stage) -> None:
    acme.command(DANA, "steps", chat=GROUP)
    acme.group(acme.session.get_one(type(acme.account("Other")), 1), SUPER)
    acme.command(DANA, "steps", chat=SUPER)

    move(acme)
    acme.deliver()

    assert len([card for card in acme.cards(SUPER) if card.title == "One"]) == 1
