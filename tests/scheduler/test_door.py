"""Answers claimed at the door, in the transaction that took the event: sooner sent, and every promise as before."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy.exc import OperationalError
from sqlmodel import Session

from core import inbox
from core.actions import StepDone, StepUndo, pack
from core.content.catalogue import Catalogue
from core.events import Address, Commanded, Event, Said, Tapped
from core.people.groups import moved
from core.recovery import give_up, recover
from core.settling import pause
from hub.health import Health
from hub.metrics import Metrics
from hub.wiring import Hub
from scheduler import courier
from scheduler.pacing import UNLIMITED
from storage.database import Database
from storage.tables import Chat
from tests.promises.lives import DANA, NOW, begin, content
from tests.scheduler.loopback import Wire, posted, rows, until


def tap(number: int, done: bool = True) -> Tapped:
    action = StepDone(1, "one") if done else StepUndo(1, "one")
    return Tapped(key=f"event:{number}", sender=DANA, chat=DANA, action=pack(action), message="m1")


def look(number: int) -> Commanded:
    return Commanded(key=f"event:{number}", sender=DANA, chat=DANA, command="steps")


def hub_on(database: Database, wire: Wire, holder: str = "me:1:1") -> Hub:
    hub = Hub(database, content(), lambda: NOW, Health(), Metrics(), holder, paces={"telegram": UNLIMITED})
    hub.health.expect("telegram", NOW)
    hub.add_courier("telegram", wire)
    return hub


@asynccontextmanager
async def running(*hubs: Hub) -> AsyncIterator[None]:
    """Their couriers work while the block runs; at the end nothing is in hand."""
    tasks = [asyncio.create_task(hub.couriers["telegram"].run()) for hub in hubs]
    try:
        yield
    finally:
        for hub in hubs:
            await hub.couriers["telegram"].stop()
        await asyncio.gather(*tasks)


@pytest.fixture
def known() -> Catalogue:
    return content()


@pytest.fixture
async def wire(database: Database, known: Catalogue) -> Wire:
    await database.transact(begin, known)
    return Wire()


async def states(database: Database) -> list[str]:
    return [row.state for row in await database.read(rows)]


async def all_said(database: Database) -> None:
    async def said() -> bool:
        return not {"queued", "sending"} & set(await states(database))

    await until(said)


async def test_an_answer_is_in_hand_as_soon_as_its_event_is_committed(database: Database, known: Catalogue) -> None:
    await database.transact(begin, known)

    received = await database.transact(inbox.receive_and_claim, known, look(1), NOW, "me")

    (row,) = await database.read(rows)
    assert received.claimed is not None
    assert (received.claimed.id, received.claimed.address, received.due) == (row.id, DANA, frozenset())
    assert (row.state, row.leased_by, row.attempts) == ("sending", "me", 1)


async def test_nobody_claims_for_nobody(database: Database, known: Catalogue) -> None:
    await database.transact(begin, known)

    received = await database.transact(inbox.receive_and_claim, known, look(1), NOW, None)

    assert (received.claimed, received.due) == (None, frozenset({"telegram"}))
    assert await states(database) == ["queued"]


async def test_the_answer_is_sent_without_a_look_into_the_ledger(database: Database, wire: Wire) -> None:
    hub = hub_on(database, wire)  # whose courier does not run

    await hub.hear(look(1))
    await until(lambda: len(wire.shown) == 1)

    assert await states(database) == ["sending"]
    async with running(hub):
        await all_said(database)
    assert await states(database) == ["accepted"]


async def test_a_repeated_event_is_claimed_and_answered_once(database: Database, wire: Wire) -> None:
    hub = hub_on(database, wire)
    async with running(hub):
        await asyncio.gather(*(hub.hear(look(1)) for _ in range(5)))
        await all_said(database)

    assert len(wire.shown) == 1


async def test_a_use_case_that_fails_claims_nothing(database: Database, known: Catalogue) -> None:
    await database.transact(begin, known)

    def fails(session: Session) -> None:
        assert inbox.receive_and_claim(session, known, look(1), NOW, "me").claimed is not None
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await database.transact(fails)

    assert await states(database) == []


@pytest.mark.parametrize("scope", [str(DANA), "telegram"])
async def test_what_must_wait_is_not_claimed(database: Database, known: Catalogue, scope: str) -> None:
    await database.transact(begin, known)
    await database.transact(pause, scope, NOW + timedelta(minutes=1))

    received = await database.transact(inbox.receive_and_claim, known, look(1), NOW, "me")

    assert (received.claimed, received.due) == (None, frozenset({"telegram"}))
    assert await states(database) == ["queued"]


async def test_a_chat_with_something_in_flight_or_waiting_gets_its_answer_in_its_turn(
    database: Database, wire: Wire
) -> None:
    hub, hold = hub_on(database, wire), asyncio.Event()
    wire.meets[str(DANA)] = [hold]
    async with running(hub):
        await hub.hear(look(1))
        await until(lambda: wire.asked == 1)
        for number in range(2, 7):
            await hub.hear(tap(number, done=number % 2 == 0))
        assert (await states(database)).count("sending") == 1
        hold.set()
        await all_said(database)

    assert not wire.overlapped


async def test_what_waited_longer_goes_before_the_answer(database: Database, known: Catalogue) -> None:
    await database.transact(begin, known)
    (earlier,) = await database.transact(posted, str(DANA), ["earlier"])

    received = await database.transact(inbox.receive_and_claim, known, look(1), NOW, "me")

    assert received.claimed is not None
    assert received.claimed.id == earlier
    assert received.due == {"telegram"}


async def test_taps_at_once_in_one_chat_never_overlap_whoever_hears_them(
    database: Database, database_url: str, wire: Wire
) -> None:
    others = [Database(database_url) for _ in range(2)]
    hubs = [hub_on(one, wire, f"{number}") for number, one in enumerate((database, *others))]
    try:
        async with running(*hubs):
            await asyncio.gather(*(hubs[number % 3].hear(look(number)) for number in range(1, 25)))
            for hub in hubs:
                hub.wake()
            await all_said(database)
    finally:
        for one in others:
            one.close()

    assert not wire.overlapped
    assert len(wire.shown) == 24


async def test_the_room_in_flight_is_never_exceeded(
    database: Database, wire: Wire, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(courier, "IN_FLIGHT", (4, 1, 1))
    hub, holds = hub_on(database, wire), [asyncio.Event() for _ in range(20)]
    most = 0

    def stranger(number: int) -> Event:
        who = Address("telegram", str(100 + number))
        wire.meets[str(who)] = [holds[number], lambda: None]
        return Said(key=f"event:{number}", sender=who, chat=who, text="Hello")

    def in_flight() -> int:
        nonlocal most
        most = max(most, sum(wire.together.values()))
        return most

    async with running(hub):
        await asyncio.gather(*(hub.hear(stranger(number)) for number in range(20)))
        await until(lambda: in_flight() == 4)
        for hold in holds:
            in_flight()
            hold.set()
            await asyncio.sleep(0)
        await all_said(database)

    assert most == 4
    assert len(wire.shown) == 20


async def shown_once(wire: Wire) -> None:
    """The first answer is shown, and the courier knows it."""
    await until(lambda: len(wire.shown) == 1)
    for _ in range(5):
        await asyncio.sleep(0)


async def test_what_was_shown_in_a_chat_is_written_down_with_its_next_event(database: Database, wire: Wire) -> None:
    hub = hub_on(database, wire)  # whose courier does not run

    await hub.hear(look(1))
    await shown_once(wire)
    await hub.hear(look(2))
    await until(lambda: len(wire.shown) == 2)

    assert await states(database) == ["accepted", "sending"]
    async with running(hub):
        await all_said(database)
    assert not wire.overlapped


async def test_what_was_shown_elsewhere_is_left_to_the_courier(database: Database, wire: Wire) -> None:
    hub, elsewhere = hub_on(database, wire), Address("telegram", "77")

    await hub.hear(look(1))
    await shown_once(wire)
    await hub.hear(Said(key="event:2", sender=elsewhere, chat=elsewhere, text="Hello"))

    assert (await states(database))[0] == "sending"
    async with running(hub):
        await all_said(database)
    assert len(wire.shown) == 2


class Forgetful(Database):
    """Tells of a commit that it failed, as many times as it is told to."""

    forgets = 0

    async def transact(self, use_case: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Any:
        result = await super().transact(use_case, *args, **kwargs)
        if use_case is inbox.receive_and_claim and self.forgets:
            self.forgets -= 1
            raise OperationalError("COMMIT", None, RuntimeError("the connection was lost"))
        return result


async def test_an_answer_claimed_in_a_commit_that_nobody_heard_of_is_sent_once(
    database: Database, database_url: str, wire: Wire
) -> None:
    forgetful = Forgetful(database_url)
    hub = hub_on(forgetful, wire)
    try:
        async with running(hub):
            forgetful.forgets = 1
            with pytest.raises(OperationalError):
                await hub.hear(look(1))
            assert (await hub.hear(look(1))).repeated
            await all_said(database)
    finally:
        forgetful.close()

    assert len(wire.shown) == 1


async def test_what_was_written_down_in_a_commit_that_nobody_heard_of_is_written_down_once_more(
    database: Database, database_url: str, wire: Wire
) -> None:
    forgetful = Forgetful(database_url)
    hub = hub_on(forgetful, wire)
    try:
        await hub.hear(look(1))
        await shown_once(wire)
        forgetful.forgets = 1
        with pytest.raises(OperationalError):
            await hub.hear(look(2))
        async with running(hub):
            await all_said(database)
    finally:
        forgetful.close()

    assert len(wire.shown) == 2
    assert await states(database) == ["accepted", "accepted"]


async def test_what_was_claimed_at_the_door_by_a_process_that_died_is_sent_again(
    database: Database, wire: Wire, known: Catalogue
) -> None:
    await database.transact(inbox.receive_and_claim, known, look(1), NOW, "dead")

    await database.transact(give_up, "dead", NOW)
    await database.transact(recover, holder="me:1:1", now=NOW)
    hub = hub_on(database, wire)
    async with running(hub):
        await all_said(database)

    assert len(wire.shown) == 1
    assert await states(database) == ["accepted"]


async def test_a_courier_that_stops_claims_nothing_at_the_door(database: Database, wire: Wire) -> None:
    hub = hub_on(database, wire)
    async with running(hub):
        pass

    await hub.hear(look(1))

    assert await states(database) == ["queued"]
    assert wire.asked == 0


async def test_two_in_flight_in_a_group_that_becomes_one_chat_are_one(database: Database) -> None:
    """It became a supergroup while both were spoken to: the old one's card is said again in its turn."""
    old, new = Address("telegram", "-5"), Address("telegram", "-1005")

    def both(session: Session) -> None:
        for chat in (old, new):
            session.add(Chat(address=str(chat), last_heard_at=NOW))
            posted(session, str(chat), [f"to {chat}"])
        for row in rows(session):
            row.state, row.leased_by, row.leased_until, row.attempts = "sending", "me", NOW, 1

    await database.transact(both)
    await database.transact(moved, old, new, NOW)

    found = await database.read(rows)
    assert [(row.address, row.state, row.leased_by) for row in found] == [
        (str(new), "queued", None),
        (str(new), "sending", "me"),
    ]
