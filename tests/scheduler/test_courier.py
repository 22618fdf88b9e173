"""The courier: each chat in order, one chat's trouble its own, every outcome written down, nothing held for ever."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest
from sqlmodel import Session, update

from core.content.catalogue import Catalogue
from core.content.checking import read_catalogue
from core.outbox import Refused, Revoked, TryLater, Uncertain, Unreachable
from core.recovery import recover
from core.settling import MOST_ATTEMPTS
from scheduler.pacing import Limit, Limits
from storage.database import Database
from storage.tables import Account, Chat, Contact, Delivery
from tests.scheduler.loopback import NOW, Desk, Wire, posted, rows, until
from tests.stories.town import ROOT

A, B = "telegram:1", "telegram:2"


@pytest.fixture(scope="module")
def content() -> Catalogue:
    return read_catalogue(ROOT / "content")


def minute() -> TryLater:
    return TryLater(timedelta(seconds=60))


async def states(database: Database) -> list[tuple[str, str | None]]:
    return [(row.state, row.reason) for row in await database.read(rows)]


async def test_each_chat_gets_its_cards_in_order_one_at_a_time(database: Database, content: Catalogue) -> None:
    wire = Wire()
    for address in (A, B):
        await database.transact(posted, address, [f"{n}" for n in range(30)])

    await Desk(database, content, wire).until_quiet()

    assert wire.texts(A) == wire.texts(B) == [f"{n}" for n in range(30)]
    assert not wire.overlapped


async def test_one_chats_429_stalls_that_chat_alone_and_keeps_its_order(database: Database, content: Catalogue) -> None:
    wire = Wire()
    wire.meets[A] = [lambda: None, minute()]
    await database.transact(posted, A, ["1", "2", "3"])
    await database.transact(posted, B, ["1", "2", "3"])
    desk = Desk(database, content, wire)

    await desk.until_quiet()
    assert wire.texts(A) == ["1"]
    assert wire.texts(B) == ["1", "2", "3"]

    await desk.turn(seconds=61)
    assert wire.texts(A) == ["1", "2", "3"]


async def test_a_pause_of_the_whole_bot_is_kept_by_every_process(database: Database, content: Catalogue) -> None:
    wire, other_wire = Wire(), Wire()
    wire.meets[A] = [TryLater(timedelta(seconds=60), everywhere=True)]
    await database.transact(posted, A, ["1"])
    await Desk(database, content, wire, holder="me").until_quiet()
    await database.transact(posted, B, ["1"])

    other = Desk(database, content, other_wire, holder="other")
    await other.until_quiet()
    assert other_wire.asked == 0

    await other.turn(seconds=61)
    assert sorted(other_wire.shown) == [(A, "1", None), (B, "1", None)]


async def test_a_messenger_that_is_down_for_hours_costs_no_card(database: Database, content: Catalogue) -> None:
    wire = Wire()
    wire.meets[A] = [TryLater(timedelta(seconds=5), everywhere=True) for _ in range(3 * MOST_ATTEMPTS)]
    await database.transact(posted, A, ["1", "2"])
    desk = Desk(database, content, wire)

    for _ in range(3 * MOST_ATTEMPTS + 1):
        await desk.turn(seconds=6)

    assert wire.texts(A) == ["1", "2"]


async def test_a_token_that_is_refused_for_an_hour_costs_no_card(database: Database, content: Catalogue) -> None:
    wire = Wire()
    wire.meets[A] = [Revoked() for _ in range(60)]
    await database.transact(posted, A, ["1"])
    desk = Desk(database, content, wire)

    for _ in range(61):
        await desk.turn(seconds=61)

    assert wire.texts(A) == ["1"]
    assert desk.troubles[0] == "token refused"
    assert desk.troubles[-1] is None


async def test_answers_overtake_a_large_mailing(database: Database, content: Catalogue) -> None:
    """Counted, not timed: with one card at a time for the whole bot, answers go before whatever mailing waits."""
    wire = Wire()
    hold = asyncio.Event()
    wire.meets["telegram:1000"] = [hold]

    def crowd(session: Session) -> None:
        session.add(Account(id=1, name="Acme", created_at=NOW))
        session.flush()
        for number in range(1000, 1200):
            session.add(Contact(id=number, account_id=1, name="C", email=f"{number}@a.example", created_at=NOW))
            session.flush()
            posted(session, f"telegram:{number}", ["news"], lane=2, contact_id=number)

    await database.transact(crowd)
    desk = Desk(database, content, wire, limits=Limits(bot=Limit(1, 0.001), private=None, group=None))
    running = asyncio.create_task(desk.courier.run())
    await until(lambda: wire.asked > 0)
    for number in range(20):
        await database.transact(posted, f"telegram:{number}", ["answer"])
    desk.courier.wake()

    async def taken() -> bool:
        return sum(one.lane == 0 and one.state == "sending" for one in await database.read(rows)) == 20

    await until(taken)
    hold.set()
    await until(lambda: sum(text == "answer" for _, text, _ in wire.shown) == 20)
    await desk.courier.stop()
    await running

    order = [text for _, text, _ in wire.shown]
    assert order[0] == "news"
    assert order[1:21] == ["answer"] * 20


async def test_an_answer_whose_reply_was_lost_is_sent_again(database: Database, content: Catalogue) -> None:
    wire = Wire()
    wire.meets[A] = [Uncertain()]
    await database.transact(posted, A, ["1", "2"])

    await Desk(database, content, wire).until_quiet()

    assert wire.texts(A) == ["1", "2"]


async def test_an_answer_that_is_lost_again_and_again_waits_longer_and_longer_and_then_for_a_person(
    database: Database, content: Catalogue
) -> None:
    wire = Wire()
    wire.meets[A] = [Uncertain() for _ in range(100)]
    await database.transact(posted, A, ["1"])
    desk = Desk(database, content, wire)

    await desk.until_quiet()
    assert wire.asked == 2  # at once, and then not before two seconds

    for _ in range(MOST_ATTEMPTS):
        await desk.turn(minutes=6)
    assert wire.asked == MOST_ATTEMPTS
    assert await states(database) == [("uncertain", "answer lost")]


async def test_what_may_not_be_repeated_is_listed_and_does_not_block_the_chat(
    database: Database, content: Catalogue
) -> None:
    wire = Wire()
    wire.meets[A] = [Uncertain()]
    await database.transact(posted, A, ["reply"], repeatable=False)
    await database.transact(posted, A, ["next"])

    await Desk(database, content, wire).until_quiet()

    assert wire.texts(A) == ["next"]
    assert (await states(database))[0] == ("uncertain", "answer lost")


async def test_a_chat_that_is_gone_holds_its_cards_and_is_told_once(database: Database, content: Catalogue) -> None:
    wire = Wire()
    wire.meets[A] = [Unreachable("blocked")]
    await database.transact(posted, A, ["1", "2"])
    desk = Desk(database, content, wire)

    await desk.until_quiet()

    assert desk.lost == [A]
    assert await states(database) == [("held", "unreachable")] * 2
    assert (await database.read(lambda session: session.get_one(Chat, A))).unreachable == "blocked"


async def test_a_card_that_is_refused_or_breaks_the_renderer_fails_alone(
    database: Database, content: Catalogue
) -> None:
    wire = Wire()
    wire.meets[A] = [Refused("too ugly"), KeyError("oops")]
    await database.transact(posted, A, ["1", "2", "3"])

    await Desk(database, content, wire).until_quiet()

    assert wire.texts(A) == ["3"]
    assert await states(database) == [
        ("failed", "too ugly"),
        ("failed", "our fault: KeyError"),
        ("accepted", None),
    ]


@pytest.mark.parametrize("card", ["no json", "{}", '{"text":"x","media":[1]}'])
async def test_a_row_that_cannot_be_read_fails_alone(database: Database, content: Catalogue, card: str) -> None:
    wire = Wire()
    await database.transact(posted, A, ["1"])
    await database.transact(lambda session: session.execute(update(Delivery).values(card=card)) and None)
    await database.transact(posted, A, ["2"])

    await Desk(database, content, wire).until_quiet()

    assert wire.texts(A) == ["2"]
    assert (await states(database))[0] == ("failed", "unreadable")


async def test_a_claim_whose_commit_answer_was_lost_is_taken_back_and_sent_once(
    database: Database, content: Catalogue, monkeypatch: pytest.MonkeyPatch
) -> None:
    wire = Wire()
    await database.transact(posted, A, ["1", "2"])
    desk, transact, lost = Desk(database, content, wire), database.transact, list[object]()

    async def lose_the_first_answer(work: Any, /, *args: Any, **kwargs: Any) -> Any:
        result = await transact(work, *args, **kwargs)
        if not lost and result:
            from sqlalchemy.exc import OperationalError

            lost.append(result)
            raise OperationalError("COMMIT", None, ConnectionError("the line went dead"))
        return result

    monkeypatch.setattr(database, "transact", lose_the_first_answer)
    await desk.until_quiet()

    assert lost
    assert wire.texts(A) == ["1", "2"]


async def test_stopping_gives_back_what_was_not_sent_yet(database: Database, content: Catalogue) -> None:
    wire = Wire()
    await database.transact(posted, A, ["1", "2"], repeatable=False)
    desk = Desk(database, content, wire, limits=Limits(bot=None, private=Limit(1, 4.0), group=None))
    running = asyncio.create_task(desk.courier.run())

    async def one_waits() -> bool:
        return [row.state for row in await database.read(rows)] == ["accepted", "sending"]

    await until(one_waits)
    await desk.courier.stop()
    async with asyncio.timeout(2):
        await running

    assert [row.state for row in await database.read(rows)] == ["accepted", "queued"]
    await Desk(database, content, wire).turn(seconds=10)
    assert wire.texts(A) == ["1", "2"]


async def test_what_has_long_to_wait_leaves_its_room_and_keeps_its_place(
    database: Database, content: Catalogue
) -> None:
    wire = Wire()
    await database.transact(posted, A, ["1", "2", "3"])
    desk = Desk(database, content, wire, limits=Limits(bot=None, private=Limit(1, 60.0), group=None))

    await desk.until_quiet()

    assert wire.texts(A) == ["1"]
    waiting = (await database.read(rows))[1:]
    assert [(row.state, row.reason) for row in waiting] == [("queued", "waits its turn"), ("queued", None)]
    assert NOW + timedelta(seconds=50) < waiting[0].due <= NOW + timedelta(seconds=61)


async def test_a_living_process_keeps_what_it_is_sending_however_long_that_takes(
    database: Database, content: Catalogue
) -> None:
    wire, hold = Wire(), asyncio.Event()
    wire.meets[A] = [hold]
    await database.transact(posted, A, ["1"])
    desk = Desk(database, content, wire, holder="me")
    running = asyncio.create_task(desk.courier.run())
    await until(lambda: wire.asked > 0)

    assert await database.transact(recover, holder="me", now=NOW + timedelta(hours=1)) == 0
    hold.set()
    await desk.courier.stop()
    await running

    assert wire.texts(A) == ["1"]
    assert await states(database) == [("accepted", None)]
