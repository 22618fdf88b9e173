"""Too much is answered with 429 and the time to wait, in the body and in the header."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta

import aiohttp
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from telegram import Bot, Message
from telegram.error import RetryAfter
from telegram.request import HTTPXRequest

from playground.telegram import Limits, TelegramWorld
from playground.telegram.flood import Flood


class Seconds:
    """Real seconds that pass only when told."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def seconds() -> Seconds:
    return Seconds()


@pytest.fixture
async def strict(seconds: Seconds, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[tuple[TelegramWorld, Bot]]:
    monkeypatch.setenv("PTB_TIMEDELTA", "true")  # without it RetryAfter itself warns of the old way
    world = TelegramWorld(tick=seconds)
    await world.start()
    async with Bot(world.token, base_url=f"{world.url}/bot", request=HTTPXRequest(50)) as bot:
        yield world, bot
    await world.stop()


async def test_a_private_chat_takes_a_burst_and_then_one_a_second(
    strict: tuple[TelegramWorld, Bot], seconds: Seconds
) -> None:
    world, bot = strict
    ann = world.person("ann")
    await ann.start()
    for number in range(3):
        await bot.send_message(ann.chat_id, f"{number}")

    with pytest.raises(RetryAfter) as refused:
        await bot.send_message(ann.chat_id, "too much")

    assert refused.value.retry_after == timedelta(seconds=1)
    seconds.now += 1
    await bot.send_message(ann.chat_id, "in time")
    assert len(ann.messages()) == 5


async def test_a_group_takes_twenty_a_minute(strict: tuple[TelegramWorld, Bot], seconds: Seconds) -> None:
    world, bot = strict
    ann = world.person("ann")
    group = await ann.create_group("Acme")
    for number in range(20):
        await bot.send_message(group, f"{number}")
        seconds.now += 1

    with pytest.raises(RetryAfter) as refused:
        await bot.send_message(group, "too much")

    assert refused.value.retry_after == timedelta(seconds=40)


async def test_the_whole_bot_takes_thirty_a_second(strict: tuple[TelegramWorld, Bot]) -> None:
    world, bot = strict
    people = [world.person(f"p{number}") for number in range(31)]
    for person in people:
        await person.start()

    answers = await asyncio.gather(
        *(bot.send_message(person.chat_id, "Hi") for person in people), return_exceptions=True
    )

    assert [answer for answer in answers if not isinstance(answer, (Message, RetryAfter))] == []
    assert sum(isinstance(answer, RetryAfter) for answer in answers) == 1


async def test_the_time_to_wait_is_in_the_header_too(strict: tuple[TelegramWorld, Bot]) -> None:
    world, _ = strict
    ann = world.person("ann")
    await ann.start()
    async with aiohttp.ClientSession() as session:
        for _ in range(4):
            async with session.post(
                f"{world.url}/bot{world.token}/sendMessage", data={"chat_id": ann.chat_id, "text": "a"}
            ) as response:
                answer = await response.json()

    assert response.status == 429
    assert response.headers["Retry-After"] == "1"
    assert answer == {
        "ok": False,
        "error_code": 429,
        "description": "Too Many Requests: retry after 1",
        "parameters": {"retry_after": 1},
    }


@settings(deadline=None)
@given(st.lists(st.tuples(st.sampled_from([7, 8, -1, -2]), st.floats(0, 3)), max_size=120))
def test_who_waits_as_told_is_let_through(steps: list[tuple[int, float]]) -> None:
    seconds = Seconds()
    flood = Flood(Limits(), seconds)
    for chat, pause in steps:
        seconds.now += pause
        wait = flood.take(chat)
        assert 0 <= wait <= 60
        if wait:
            seconds.now += wait
            assert flood.take(chat) == 0
