"""A playground Slack with a real bolt app in it."""

from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest

from playground.clock import Clock
from playground.slack import SlackWorld
from tests.playground.slack.office import Office


@pytest.fixture
async def start(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Callable[..., Awaitable[Office]]]:
    """Start a world and an app; `connect=False` leaves the sockets closed. Everything is closed after the test."""
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
    offices: list[Office] = []

    async def begin(*, connect: bool = True, **options: Any) -> Office:
        world = SlackWorld(options.pop("clock", None) or Clock(), **{"limits": False, **options})
        await world.start()
        offices.append(Office(world))
        if connect:
            await offices[-1].connect()
        return offices[-1]

    yield begin
    for office in offices:
        await office.close()
