"""The people behind both wires: each has one thing to say at a time, and says the next when the bot has answered."""

import argparse
import asyncio
import contextlib
import json
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from aiohttp import web

FIRST = 1000
"""Number of the first chat; the others count on from it."""

MAILED = 2_000_000
"""Number of the first chat of those who only get mailings."""

TAPS = ("done.N.welcome", "undo.N.welcome")
"""What the buttons mean that are tapped in turn; N is the number of the chat's own enrolment, from 1."""


@dataclass(slots=True)
class Crowd:
    """Chats in turn; of what each of them does, one half is a tap and the other a message.

    With a `rate` (things done per second by all together) nobody waits for answers, and the time from doing to
    answer is what counts, from the second second on: in the first the bot warms up.
    """

    hand: Callable[[int, int, str | None], None]
    """Called with the chat, a number that is never repeated, and what is tapped (None: a message is sent)."""
    chats: int
    total: int
    rate: float = 0.0
    given: int = 0
    answered: int = 0
    waiting: dict[int, float] = field(default_factory=dict)
    """By chat: when what it did last was handed over, in seconds of the monotonic clock."""
    took: list[float] = field(default_factory=list)
    begun: float = 0.0
    ended: float = 0.0
    mailings: int = 0
    """How many messages of mailings are to come before it is over."""
    mailed: list[float] = field(default_factory=list)
    """When each of them came."""
    refused: int = 0
    """Answers of 429."""
    done: asyncio.Event = field(default_factory=asyncio.Event)
    pouring: asyncio.Task[None] | None = None

    def begin(self) -> None:
        """The bot listens. Repeating it changes nothing."""
        if self.begun:
            return
        self.begun = time.monotonic()
        if self.rate:
            self.pouring = asyncio.create_task(self._pour())
            return
        for chat in range(FIRST, FIRST + self.chats):
            self._give(chat)

    def answer(self, chat: int) -> None:
        """The bot showed something in this chat."""
        if chat >= MAILED:
            self.mailed.append(time.monotonic())
            self._end()
            return
        asked = self.waiting.pop(chat, None)
        if asked is None:
            return
        self.ended = time.monotonic()
        self.answered += 1
        if self.answered > self.rate:
            self.took.append(self.ended - asked)
        if not self._end() and not self.rate:
            self._give(chat)

    def _end(self) -> bool:
        over = self.answered >= self.total and len(self.mailed) >= self.mailings
        if over:
            self.done.set()
        return over

    def figures(self) -> dict[str, float]:
        """What was seen; `last` is the monotonic moment of the last answer, which is the same in all processes."""
        took = sorted(self.took)
        spent = self.ended - self.begun
        return {
            "answered": self.answered,
            "per_second": self.answered / spent if spent > 0 else 0.0,
            "p50_ms": share_of(took, 0.5) * 1000,
            "p99_ms": share_of(took, 0.99) * 1000,
            "last": self.ended,
            "mailed": len(self.mailed),
            "mailed_per_second": self._mailed_per_second(),
            "refused": self.refused,
        }

    def _mailed_per_second(self) -> float:
        """Of what came after the first half second: that is a burst, which a limit allows once."""
        first, last = (self.mailed[0], self.mailed[-1]) if self.mailed else (0.0, 0.0)
        later = sum(moment > first + 0.5 for moment in self.mailed)
        return later / (last - first) if last > first else 0.0

    def _give(self, chat: int) -> None:
        if self.given >= self.total:
            return
        turn = self.given // self.chats
        self.given += 1
        tap = None if turn % 2 else TAPS[turn // 2 % len(TAPS)].replace("N", str(chat - FIRST + 1))
        self.waiting[chat] = time.monotonic()
        self.hand(chat, self.given, tap)

    async def _pour(self) -> None:
        for number in range(self.total):
            wait = self.begun + number / self.rate - time.monotonic()
            if wait > 0:
                await asyncio.sleep(wait)
            self._give(FIRST + number % self.chats)


def share_of(ordered: list[float], share: float) -> float:
    """The value that this share (0 to 1) of the ordered values does not exceed; 0 when there are none."""
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))] if ordered else 0.0


def arguments() -> argparse.Namespace:
    """What both wires are told on the command line."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--chats", type=int, default=100)
    parser.add_argument("--total", type=int, default=2000)
    parser.add_argument("--latency", type=float, default=0.0, help="seconds added to each answer")
    parser.add_argument("--rate", type=float, default=0.0, help="updates a second; 0: one by one per chat")
    parser.add_argument("--mailings", type=int, default=0, help="messages of mailings to wait for")
    parser.add_argument("--strict", action="store_true", help="refuse what is above Telegram's limits")
    parser.add_argument("--within", type=float, default=100.0, help="seconds after which it gives up")
    parser.add_argument("--stay", action="store_true", help="go on serving after the figures were told")
    return parser.parse_args()


async def serve(app: web.Application, crowd: Crowd, asked: argparse.Namespace) -> None:
    """Print the port as soon as anybody may connect, and the figures as JSON when everything is answered."""
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    print(runner.addresses[0][1], flush=True)
    with contextlib.suppress(TimeoutError):  # the figures tell that not everything was answered
        await asyncio.wait_for(crowd.done.wait(), asked.within)
    print(json.dumps(crowd.figures()), flush=True)
    if asked.stay:
        await asyncio.Event().wait()
    await runner.cleanup()
