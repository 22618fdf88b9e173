"""After `kill -9` at any instant nothing is lost; only what may not be said twice waits for a person."""

import asyncio
import random
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlmodel import Session, select

from hub.running import STOP_WITHIN
from storage.database import Database
from storage.tables import Delivery, HeardEvent, HelpRequest, StepRecord
from tests.promises.crowd import Crowd
from tests.promises.lives import ANN, DANA, Screen, two_lives


async def _kill_and_check(url: str, folder: Path, *, seed: int, kills: int, accounts: int) -> None:
    chance = random.Random(seed)
    crowd = await Crowd.gather(url, folder, seed, accounts)
    process = crowd.process()
    try:
        await process.start()
        living = asyncio.create_task(crowd.live())
        for _ in range(kills):
            await crowd.until_calls(len(crowd.world.calls) + chance.randint(5, 40))
            await asyncio.sleep(chance.random() * 0.03)
            await process.kill()
            await process.start()
        await living
        await crowd.settled()
        assert await process.stop() == 0
        await crowd.check()
    finally:
        await process.kill()
        await crowd.leave()


async def test_twenty_people_lose_nothing_while_the_hub_is_killed_again_and_again(
    database_url: str, tmp_path: Path
) -> None:
    kills = 2 if database_url.startswith("sqlite") else 1  # a start is dear; `make soak` has more
    await _kill_and_check(database_url, tmp_path, seed=4, kills=kills, accounts=10)


@pytest.mark.parametrize(
    ("first", "stride"),
    [(1, 11), pytest.param(1, 1, marks=pytest.mark.soak)],
    ids=["every eleventh", "every one"],
)
async def test_dying_at_any_boundary_loses_and_doubles_nothing(
    make_database: Callable[[], str], first: int, stride: int
) -> None:
    usual = Screen()
    whole = await two_lives(make_database(), usual, at=0)

    for at in range(first, whole.count + 1, stride):
        screen, url = Screen(), make_database()
        await two_lives(url, screen, at)
        await _check_second_life(url, usual, screen, at)


async def _check_second_life(url: str, usual: Screen, screen: Screen, at: int) -> None:
    database = Database(url)
    try:
        uncertain = await database.read(_state, at)
    finally:
        database.close()
    for chat in (DANA, ANN):
        shown, expected = screen.of(chat), usual.of(chat)
        places = [expected.index(words) for words in shown if words in expected]
        assert places == sorted(places), f"dying at {at}: cards overtook each other"
        assert uncertain or shown[-1] == expected[-1], f"dying at {at}: the last card is not how it is"
    missing = set(usual.new_messages(DANA)) - set(screen.new_messages(DANA))
    assert len(missing) <= uncertain, f"dying at {at}: {missing} was lost"
    assert sum("Look left" in words for words in screen.of(DANA)) <= 1, f"dying at {at}: a reply came twice"


def _state(session: Session, at: int) -> int:
    """How many deliveries wait for a person; all else is as if nobody had died."""
    records = session.exec(select(StepRecord.step).where(StepRecord.state == "done").order_by(StepRecord.step)).all()
    assert records == ["one", "three", "two"], f"dying at {at}"
    assert [one.words for one in session.exec(select(HelpRequest)).all()] == ["I am lost"], f"dying at {at}"
    assert {one.state for one in session.exec(select(HeardEvent)).all()} == {"done"}
    rows = session.exec(select(Delivery)).all()
    assert {row.state for row in rows} <= {"accepted", "cancelled", "uncertain"}, f"dying at {at}"
    uncertain = [row for row in rows if row.state == "uncertain"]
    assert all(not row.repeatable for row in uncertain), f"dying at {at}: an answer waits for a person"
    return len(uncertain)


async def test_a_stop_in_good_order_takes_ten_seconds_at_most_and_leaves_nothing_in_hand(
    sqlite_url: str, tmp_path: Path
) -> None:
    crowd = await Crowd.gather(sqlite_url, tmp_path, seed=1, accounts=2)
    process = crowd.process("hub", "run")
    try:
        await process.start()
        living = asyncio.create_task(crowd.live())
        await crowd.until_calls(8)

        assert await process.stop() == 0

        assert STOP_WITHIN < 10
        assert "with work in hand" not in process.log.read_text(encoding="utf-8"), "it did not come to that"
        in_hand = await crowd.database.read(
            lambda session: session.exec(select(Delivery).where(Delivery.state == "sending")).all()
        )
        assert in_hand == []
        process = crowd.process()  # the rest at full speed
        await process.start()
        await living
        await crowd.settled()
        await process.stop()
        await crowd.check()
    finally:
        await process.kill()
        await crowd.leave()


@pytest.mark.soak
@pytest.mark.parametrize("seed", range(10))
async def test_it_holds_for_many_lives(database_url: str, tmp_path: Path, seed: int) -> None:
    await _kill_and_check(database_url, tmp_path, seed=seed, kills=8, accounts=10)
