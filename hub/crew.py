"""The tasks of a running hub: kept together, told about when one dies, and ended in good order."""

import asyncio
import contextlib
import logging
from collections.abc import Coroutine
from typing import Any

log = logging.getLogger(__name__)


class Crew:
    """What runs beside each other. `stack` holds what is closed after all tasks have ended."""

    def __init__(self) -> None:
        self.stack = contextlib.AsyncExitStack()
        self.stopping = asyncio.Event()
        self.failed = asyncio.Event()
        """A task died of a fault of ours: better to stop and be started anew than to limp along."""
        self._tasks: list[asyncio.Task[None]] = []

    def keep(self, name: str, work: Coroutine[Any, Any, None]) -> None:
        """Run this until it ends by itself."""
        task = asyncio.create_task(work, name=name)
        task.add_done_callback(self._ended)
        self._tasks.append(task)

    async def rest(self, seconds: float) -> None:
        """Return after so many seconds, or as soon as the hub stops."""
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self.stopping.wait(), seconds)

    async def finish(self) -> None:
        """Wait for every task, then close what they used."""
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self.stack.aclose()

    async def give_up(self) -> None:
        """There is no time left: what is in hand is left to the next start."""
        for task in self._tasks:
            task.cancel()
        await self.finish()

    def _ended(self, task: asyncio.Task[None]) -> None:
        if tell_if_died(task):
            self.failed.set()


def tell_if_died(task: asyncio.Task[None]) -> bool:
    """Log what a task died of. False when it ended as it should."""
    if task.cancelled() or (error := task.exception()) is None:
        return False
    log.error("a part of the hub died", extra={"task": task.get_name()}, exc_info=error)
    return True
