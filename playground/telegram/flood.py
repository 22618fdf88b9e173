"""Telegram's flood control: so much per chat, per group and per bot, and how long one must wait after too much."""

import math
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """How much a bot may send. The defaults are those of Telegram's bot FAQ; it publishes no exact ones."""

    chat_each: float = 1.0
    """Seconds per message in one private chat, after a burst of `chat_burst`."""
    chat_burst: int = 3
    group_most: int = 20
    group_window: float = 60.0
    """Seconds."""
    bot_most: int = 30
    bot_window: float = 1.0
    """Seconds."""
    paid_most: int = 0
    """Messages within `bot_window` that are paid for (Bot API: allow_paid_broadcast, up to 1000); 0: none are sold."""


class Flood:
    """Counts what is sent, in real seconds of `tick` (monotonic). `limits=None` refuses nothing."""

    def __init__(self, limits: Limits | None, tick: Callable[[], float] = time.monotonic) -> None:
        self.limits = limits
        self._tick = tick
        self._bot: deque[float] = deque()
        self._paid: deque[float] = deque()
        self._groups: dict[int, deque[float]] = {}
        self._chats: dict[int, float] = {}
        self._shut: dict[int, float] = {}

    @property
    def sells(self) -> bool:
        """May the bot pay for more?"""
        return self.limits is None or self.limits.paid_most > 0

    def take(self, chat: int, *, paid: bool = False) -> int:
        """Count one message to `chat` (negative: a group). 0 when it may go, else whole seconds to wait."""
        limits, now = self.limits, self._tick()
        if limits is None:
            return 0
        whole, most = (self._paid, limits.paid_most) if paid else (self._bot, limits.bot_most)
        waits = [self._shut.get(chat, now) - now, _full_for(whole, most, limits.bot_window, now)]
        if chat < 0:
            sent = self._groups.setdefault(chat, deque())
            waits.append(_full_for(sent, limits.group_most, limits.group_window, now))
        else:
            # A bucket kept as the moment at which it will be empty again.
            empty_at = max(self._chats.get(chat, now), now)
            waits.append(empty_at + limits.chat_each - now - limits.chat_burst * limits.chat_each)
        wait = max(waits)
        if wait > 1e-9:
            seconds = max(1, math.ceil(wait))
            if wait == waits[-1]:
                self._shut[chat] = now + seconds  # Telegram keeps refusing until the time it named is over
            return seconds
        self._shut.pop(chat, None)
        whole.append(now)
        if chat < 0:
            self._groups[chat].append(now)
        else:
            self._chats[chat] = max(self._chats.get(chat, now), now) + limits.chat_each
        return 0


def _full_for(sent: deque[float], most: int, window: float, now: float) -> float:
    while sent and sent[0] <= now - window:
        sent.popleft()
    return sent[0] + window - now if len(sent) >= most else 0.0
