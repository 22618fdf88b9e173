"""Telegram on loopback: one that is scripted, and the playground's, which behaves."""

from collections.abc import AsyncIterator, Awaitable, Callable

import pytest

from bots.telegram.client import TelegramMessenger
from bots.telegram.transport import make_bot
from core.outbox import Refused
from playground.telegram.world import TelegramWorld
from tests.bots.telegram.scripted import TOKEN, ScriptedApi

CONTENT = {"content:hello.mp4": b"a film", "content:plan.pdf": b"a plan", "slack:F1": b"a file of Slack's"}


async def fetch(source: str) -> bytes:
    if source not in CONTENT:
        raise Refused(f"no {source}")
    return CONTENT[source]


@pytest.fixture
async def api() -> AsyncIterator[ScriptedApi]:
    scripted = ScriptedApi()
    await scripted.start()
    yield scripted
    await scripted.stop()


@pytest.fixture
def naps() -> list[float]:
    """Seconds that were slept; none of them real."""
    return []


@pytest.fixture
def sleep(naps: list[float]) -> Callable[[float], Awaitable[None]]:
    async def nap(seconds: float) -> None:
        naps.append(seconds)

    return nap


@pytest.fixture
async def messenger(api: ScriptedApi, sleep: Callable[[float], Awaitable[None]]) -> AsyncIterator[TelegramMessenger]:
    """Speaks to the scripted API."""
    messenger = TelegramMessenger(make_bot(TOKEN, api.url), fetch=fetch, sleep=sleep)
    await messenger.start()
    yield messenger
    await messenger.stop()


@pytest.fixture
async def world() -> AsyncIterator[TelegramWorld]:
    world = TelegramWorld(limits=False)
    await world.start()
    yield world
    await world.stop()


@pytest.fixture
async def hub(world: TelegramWorld) -> AsyncIterator[TelegramMessenger]:
    """Speaks to the playground."""
    messenger = TelegramMessenger(make_bot(world.token, world.url), fetch=fetch)
    await messenger.start()
    yield messenger
    await messenger.stop()
