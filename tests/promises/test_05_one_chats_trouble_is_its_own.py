"""Cards to one chat never overtake each other; one chat's 429 stalls that chat alone; a bot's pause holds everywhere.

`tests/scheduler/test_courier.py` has the single cases; here everything goes wrong at once, by chance with a seed.
"""

import asyncio
import random
from datetime import timedelta

import pytest

from core.outbox import TryLater, Uncertain
from storage.database import Database
from tests.promises.lives import content
from tests.scheduler.loopback import Desk, Wire, posted, rows

CHATS = [f"telegram:{number}" for number in range(1, 11)]


def _first_seen(texts: list[str]) -> list[int]:
    return [int(text) for place, text in enumerate(texts) if text not in texts[:place]]


@pytest.mark.parametrize("seed", [1, 2])
async def test_two_processes_amid_refusals_and_lost_answers_keep_every_chat_in_order(
    database: Database, database_url: str, seed: int
) -> None:
    chance, wire, other = random.Random(seed), Wire(), Database(database_url)
    for chat in CHATS:
        await database.transact(posted, chat, [f"{number}" for number in range(15)])
        troubles = (lambda: TryLater(timedelta(seconds=3)), Uncertain, lambda: lambda: None)
        wire.meets[chat] = [chance.choice(troubles)() for _ in range(12)]
    desks = [Desk(database, content(), wire, holder="a"), Desk(other, content(), wire, holder="b")]
    try:
        for _ in range(60):
            await asyncio.gather(*(desk.turn(seconds=10) for desk in desks))
            if all(row.state == "accepted" for row in await database.read(rows)):
                break
    finally:
        other.close()

    assert not wire.overlapped
    for chat in CHATS:
        assert _first_seen(wire.texts(chat)) == list(range(15)), chat


async def test_a_chat_that_must_wait_for_an_hour_holds_up_nobody_else(database: Database) -> None:
    wire = Wire()
    for chat in CHATS:
        await database.transact(posted, chat, ["1", "2", "3"])
    wire.meets[CHATS[0]] = [TryLater(timedelta(hours=1))]

    await Desk(database, content(), wire).until_quiet()

    assert wire.texts(CHATS[0]) == []
    assert all(wire.texts(chat) == ["1", "2", "3"] for chat in CHATS[1:])
