"""Brings events and interactions to the bot: three seconds to acknowledge, and for events three more attempts."""

import asyncio
import contextlib
from collections import deque
from collections.abc import Coroutine
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Literal, Protocol

from playground.clock import Clock
from playground.faults import Faults
from playground.slack.checks import Json

ACK_SECONDS = 3.0
"""docs.slack.dev: Events API, error handling; the same for interactions and commands. Real seconds."""
RETRY_DELAYS = (0.0, 60.0, 300.0)
"""Seconds on the playground's clock before each further attempt (docs.slack.dev: Events API, retries)."""


@dataclass(frozen=True, slots=True)
class Envelope:
    kind: Literal["events_api", "interactive", "slash_commands"]
    name: str
    """The event's or interaction's own type, for the fault plan: `message`, `block_actions`, `slash_commands`."""
    channel: str
    payload: Json
    attempt: int = 0
    reason: str = ""
    """Why the attempt before this one failed: `http_timeout`, `http_error`, `connection_failed` …"""


@dataclass(frozen=True, slots=True)
class Answer:
    acknowledged: bool
    body: object = None
    """What came with the acknowledgement: a JSON object, a text, or None."""
    reason: str = ""
    may_retry: bool = True


EVENTS_KEPT = 10_000


class Transport(Protocol):
    async def deliver(self, envelope: Envelope) -> Answer:
        """Try once. Never raises for what the bot does wrong; that is the answer's reason."""

    async def cut(self) -> None:
        """Drop a connection as a bad network does, before anything is delivered."""


class Deliveries:
    def __init__(self, clock: Clock, faults: Faults, delays: tuple[float, ...]) -> None:
        self.transport: Transport | None = None
        self.given_up: list[Envelope] = []
        """Events that were never acknowledged."""
        self.told: deque[Envelope] = deque(maxlen=EVENTS_KEPT)
        """Every event that happened, the newest last, whether or not it arrived."""
        self._clock = clock
        self._faults = faults
        self._delays = delays
        self._tasks: set[asyncio.Task[None]] = set()
        self._waiting = 0
        self._turned = asyncio.Event()
        self._moved = asyncio.Event()
        clock.on_turn(self._wake)

    def _wake(self) -> None:
        self._turned.set()

    def start(self, work: Coroutine[None, None, None]) -> None:
        """Run alongside until done or until the playground stops."""
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._ended)

    def _ended(self, task: "asyncio.Task[None]") -> None:
        self._tasks.discard(task)
        self._moved.set()

    async def stop(self) -> None:
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def event(self, envelope: Envelope) -> None:
        self.told.append(envelope)
        self.start(self._until_acknowledged(envelope))
        if self._faults.draw(envelope.name, envelope.channel, kinds=("duplicate",)):
            self.start(self._until_acknowledged(envelope))

    async def ask(self, envelope: Envelope) -> Answer:
        """Deliver an interaction or a command: once, with the answer it was acknowledged with."""
        if self._faults.draw(envelope.name, envelope.channel, kinds=("duplicate",)):
            self.start(self._once(envelope))
        return await self._attempt(envelope)

    @property
    def on_the_way(self) -> int:
        """How many are under way now; those that wait for the clock are not."""
        return len(self._tasks) - self._waiting

    async def settled(self, *, or_waiting: bool = False) -> None:
        """Wait until nothing is on its way; `or_waiting`: or all that is waits for the clock to try again."""
        while self.on_the_way or (self._tasks and not or_waiting):
            self._moved.clear()
            await self._moved.wait()

    async def _once(self, envelope: Envelope) -> None:
        await self._attempt(envelope)

    async def _until_acknowledged(self, envelope: Envelope) -> None:
        answer = await self._attempt(envelope)
        for attempt, delay in enumerate(self._delays, start=1):
            if answer.acknowledged or not answer.may_retry:
                return
            await self._wait(delay)
            envelope = replace(envelope, attempt=attempt, reason=answer.reason)
            answer = await self._attempt(envelope)
        if not answer.acknowledged:
            self.given_up.append(envelope)

    async def _attempt(self, envelope: Envelope) -> Answer:
        if self.transport is None:
            return Answer(False, reason="connection_failed")
        fault = self._faults.draw(envelope.name, envelope.channel, kinds=("slow", "disconnect", "lost_answer"))
        if fault and fault.kind == "disconnect":
            await self.transport.cut()
            return Answer(False, reason="connection_failed")
        if fault and fault.kind == "slow":
            await asyncio.sleep(fault.seconds)
        answer = await self.transport.deliver(envelope)
        if fault and fault.kind == "lost_answer":
            return Answer(False, reason="http_timeout")
        return answer

    async def _wait(self, seconds: float) -> None:
        due = self._clock.now() + timedelta(seconds=seconds)
        self._waiting += 1
        self._moved.set()
        try:
            while (left := (due - self._clock.now()).total_seconds()) > 0:
                self._turned.clear()
                # A frozen clock moves only when turned; asking again now and then costs nothing.
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(self._turned.wait(), timeout=max(left, 0.05))
        finally:
            self._waiting -= 1
