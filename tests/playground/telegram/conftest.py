"""A Telegram of one's own, and python-telegram-bot's own client connected to it."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime

import pytest
from telegram import Bot

from playground.clock import Clock
from playground.telegram import TelegramPerson, TelegramWorld

MORNING = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


@pytest.fixture
async def world() -> AsyncIterator[TelegramWorld]:
    """No flood limits, and a clock that stands still until it is turned."""
    world = TelegramWorld(Clock(MORNING, frozen=True), limits=False, webhook_pause=0.01)
    await world.start()
    yield world
    await world.stop()


@pytest.fixture
async def bot(world: TelegramWorld) -> AsyncIterator[Bot]:
    bot = Bot(world.token, base_url=f"{world.url}/bot", base_file_url=f"{world.url}/file/bot")
    async with bot:
        yield bot


@pytest.fixture
async def dana(world: TelegramWorld) -> TelegramPerson:
    """A client who has pressed Start; nothing of it waits for the bot."""
    dana = world.person("dana", "Dana Reyes", language_code="en")
    await dana.start()
    world.telegram.waiting.queue.clear()
    return dana
