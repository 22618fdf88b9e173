"""How fast we may speak: credits that come back a while after the answer, per bot and per chat, and waits we were told.

A credit that returned a fixed time after the *request* would meet the platform's limit whenever the network delayed
one request more than the next; counted from the answer, the platform has certainly seen the earlier ones.
"""

from collections import deque
from dataclasses import dataclass, field

from core.events import Address


@dataclass(frozen=True, slots=True)
class Limit:
    """At most `count` within `seconds`."""

    count: int
    seconds: float


@dataclass(frozen=True, slots=True)
class Limits:
    """One messenger's limits; None: none known."""

    bot: Limit | None
    private: Limit | None
    group: Limit | None


TELEGRAM = Limits(bot=Limit(30, 1.0), private=Limit(3, 3.0), group=Limit(20, 60.0))
"""Bot FAQ: about 30 messages a second in all, 1 a second to one chat with short bursts, 20 a minute to a group."""

SLACK = Limits(bot=Limit(20, 1.0), private=Limit(3, 3.0), group=Limit(3, 3.0))
"""Web API rate limits: 1 message a second and channel with short bursts; the workspace-wide cap is not published."""

UNLIMITED = Limits(bot=None, private=None, group=None)
"""For a local Bot API server and for benchmarks."""


@dataclass(slots=True)
class _Purse:
    limit: Limit
    out: int = 0
    """Taken, and not answered yet."""
    returning: deque[float] = field(default_factory=deque)
    """When those that were answered come back, in order."""
    blocked_until: float = 0.0

    def wait(self, at: float) -> float:
        """Seconds until one is free; infinity when that depends on an answer."""
        while self.returning and self.returning[0] <= at:
            self.returning.popleft()
        blocked = max(0.0, self.blocked_until - at)
        if self.out + len(self.returning) < self.limit.count:
            return blocked
        if self.returning:
            return max(blocked, self.returning[0] - at)
        return float("inf")

    def idle(self, at: float) -> bool:
        return self.out == 0 and self.blocked_until <= at and (not self.returning or self.returning[-1] <= at)


class Pace:
    """The credits of one messenger in this process. All times are seconds of a monotonic clock."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._bot = _Purse(limits.bot) if limits.bot else None
        self._chats: dict[str, _Purse] = {}

    def wait(self, to: Address, at: float) -> float:
        """Seconds until a card may go to this chat; 0: now; infinity: ask again after the next answer."""
        waits = [purse.wait(at) for purse in self._of(to)]
        return max(waits, default=0.0)

    def chat_is_free(self, to: Address, at: float) -> bool:
        """True when this chat's own limit allows a card now, whatever the bot's does."""
        return all(purse.wait(at) <= 0 for purse in self._of(to) if purse is not self._bot)

    def take(self, to: Address) -> None:
        for purse in self._of(to):
            purse.out += 1

    def answered(self, to: Address, at: float) -> None:
        """The platform answered (whatever it said): from now on the credit is on its way back."""
        for purse in self._of(to):
            purse.out -= 1
            purse.returning.append(at + purse.limit.seconds)

    def told_to_wait(self, to: Address, seconds: float, at: float, *, everywhere: bool) -> None:
        """429: this chat, or the whole bot, is silent for so long."""
        for purse in [self._bot] if everywhere and self._bot else self._of(to)[-1:]:
            purse.blocked_until = max(purse.blocked_until, at + seconds)

    def forget_idle(self, at: float) -> None:
        """Let go of chats that nobody spoke to lately."""
        for key in [key for key, purse in self._chats.items() if purse.idle(at)]:
            del self._chats[key]

    def _of(self, to: Address) -> list[_Purse]:
        found = [self._bot] if self._bot else []
        limit = self._limits.group if _is_group(to) else self._limits.private
        if limit is not None:
            found.append(self._chats.setdefault(str(to), _Purse(limit)))
        return found


def _is_group(to: Address) -> bool:
    if to.messenger == "telegram":
        return to.chat.startswith("-")
    return to.chat.partition("/")[2][:1] in ("C", "G")
