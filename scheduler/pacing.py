"""How fast we may speak: credits that come back a while after the answer, per bot, method and chat, and waits we were
told.

A credit that returned a fixed time after the *request* would meet the platform's limit whenever the network delayed
one request more than the next; counted from the answer, the platform has certainly seen the earlier ones.
"""

import math
from bisect import bisect_right, insort
from collections import deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from core.events import Address

Method: TypeAlias = Literal["new", "edit", "home"]


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
    methods: Mapping[Method, Limit] = field(default_factory=dict)
    """Of the whole bot, for one way of showing things."""
    bulk: Limit | None = None
    """Of the whole bot, for what is sent to very many and paid for; None: such things count as any other."""


@dataclass(frozen=True, slots=True)
class Way:
    """How a card is shown."""

    method: Method = "new"
    bulk: bool = False
    """One of very many, for which the platform's price for more speed is paid where there is one."""
    patient: bool = True
    """False: somebody waits for it. Such a card counts against its method's limit, but does not wait for it: Slack
    allows more than it promises, and says so when it does not."""


PLAIN = Way()

TELEGRAM = Limits(bot=Limit(30, 1.0), private=Limit(3, 3.0), group=Limit(20, 60.0))
"""Bot FAQ: about 30 messages a second in all, 1 a second to one chat with short bursts, 20 a minute to a group."""

PAID_TELEGRAM = Limits(TELEGRAM.bot, TELEGRAM.private, TELEGRAM.group, bulk=Limit(1000, 1.0))
"""The same with paid broadcasts (Bot API: sendMessage, allow_paid_broadcast: up to 1000 messages per second)."""

SLACK = Limits(
    bot=Limit(20, 1.0),
    private=Limit(3, 3.0),
    group=Limit(3, 3.0),
    methods={"edit": Limit(50, 60.0), "home": Limit(100, 60.0)},
)
"""Web API rate limits: 1 message a second and channel with short bursts (the workspace-wide cap is not published);
chat.update is in tier 3, at least 50 a minute, views.publish in tier 4, at least 100."""

UNLIMITED = Limits(bot=None, private=None, group=None)
"""For a local Bot API server and for benchmarks."""


@dataclass(slots=True)
class _Purse:
    count: int
    """Of credits in all: this process's share."""
    seconds: float
    out: int = 0
    """Taken, and not answered yet."""
    returning: deque[float] = field(default_factory=deque)
    """When those that were answered come back, in order."""
    blocked_until: float = 0.0

    def free(self, at: float) -> int:
        """Credits that may be taken then, perhaps in a while."""
        if self.blocked_until > at:
            return 0
        return max(0, self.count - self.out - len(self.returning) + bisect_right(self.returning, at))

    def wait(self, at: float) -> float:
        """Seconds from then, perhaps in a while, until one is free; infinity when that depends on an answer."""
        blocked, back = max(0.0, self.blocked_until - at), bisect_right(self.returning, at)
        missing = self.out + len(self.returning) - back - self.count + 1
        if missing <= 0:
            return blocked
        if back + missing <= len(self.returning):
            return max(blocked, self.returning[back + missing - 1] - at)
        return math.inf

    def answered(self, at: float) -> None:
        """One that was taken is on its way back; `at` is now."""
        while self.returning and self.returning[0] <= at:
            self.returning.popleft()
        self.out -= 1
        self.returning.append(at + self.seconds)

    def idle(self, at: float) -> bool:
        return self.out == 0 and self.blocked_until <= at and (not self.returning or self.returning[-1] <= at)

    def share(self, count: int, at: float) -> None:
        """From now on so many are ours. What comes from another process it may have used just now."""
        for _ in range(count - self.count):
            insort(self.returning, at + self.seconds)
        self.count = count


class Pace:
    """The credits of one messenger in this process. All times are seconds of a monotonic clock."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._bot = _purse(limits.bot)
        self._bulk = _purse(limits.bulk)
        self._methods = {method: _Purse(limit.count, limit.seconds) for method, limit in limits.methods.items()}
        self._chats: dict[str, _Purse] = {}
        self._silent = False

    @property
    def has_shares(self) -> bool:
        """Is there a limit of the bot as a whole, which several processes have to share?"""
        return any(True for _ in self._shared())

    @property
    def silent(self) -> bool:
        """Nothing is ours to say at the moment: other processes have all credits."""
        return self._silent

    def wait(self, to: Address, at: float, way: Way = PLAIN) -> float:
        """Seconds until a card may go to this chat; 0: now; infinity: ask again after the next answer."""
        if self._silent:
            return math.inf
        return max((purse.wait(at) for purse in self._waited_for(to, way)), default=0.0)

    def chat_is_free(self, to: Address, at: float) -> bool:
        """True when this chat's own limit allows a card now, whatever the bot's does."""
        chat = self._chat(to)
        return chat is None or chat.wait(at) <= 0

    def free(self, at: float, way: Way = PLAIN) -> float:
        """How many cards the bot as a whole may send by then, perhaps in a while; infinity: any number."""
        purse = self._whole(way)
        return 0 if self._silent else math.inf if purse is None else purse.free(at)

    def next_free(self, at: float, way: Way = PLAIN) -> float:
        """Seconds from then, perhaps in a while, until the bot as a whole may send one more; infinity: ask again after
        the next answer."""
        purse = self._whole(way)
        return math.inf if self._silent else 0.0 if purse is None else purse.wait(at)

    def take(self, to: Address, way: Way = PLAIN) -> None:
        for purse in self._of(to, way):
            purse.out += 1

    def answered(self, to: Address, at: float, way: Way = PLAIN) -> None:
        """The platform answered (whatever it said): from now on the credit is on its way back."""
        for purse in self._of(to, way):
            purse.answered(at)

    def spoken_elsewhere(self, to: Address, ages: Iterable[float], at: float) -> None:
        """Other processes had answers from this chat so many seconds ago."""
        chat = self._chat(to)
        if chat is None:
            return
        for age in ages:
            if age < chat.seconds:
                insort(chat.returning, at - age + chat.seconds)

    def told_to_wait(self, to: Address, seconds: float, at: float, *, everywhere: bool, way: Way = PLAIN) -> None:
        """429: this chat, or the whole bot, is silent for so long."""
        whole, chat = self._whole(way), self._chat(to)
        purse = whole if everywhere and whole is not None else chat or whole
        if purse is not None:
            purse.blocked_until = max(purse.blocked_until, at + seconds)

    def share(self, place: int | None, of: int, at: float) -> None:
        """So many processes speak for this bot, and we are the one at `place` (from 0): of each limit a part is ours.

        The parts add up to the limit. `place` None: nothing is ours.
        """
        self._silent = place is None
        for purse, limit in self._shared():
            purse.share(0 if place is None else limit.count // of + (place < limit.count % of), at)

    def lose_bulk(self) -> None:
        """The platform sells no more speed: from now on such things count as any other."""
        bulk, self._bulk = self._bulk, None
        if bulk is not None and self._bot is not None:
            self._bot.out += bulk.out  # their answers come back to it

    def forget_idle(self, at: float) -> None:
        """Let go of chats that nobody spoke to lately."""
        for key in [key for key, purse in self._chats.items() if purse.idle(at)]:
            del self._chats[key]

    def _shared(self) -> Iterable[tuple[_Purse, Limit]]:
        limits = self._limits
        if self._bot is not None and limits.bot is not None:
            yield self._bot, limits.bot
        if self._bulk is not None and limits.bulk is not None:
            yield self._bulk, limits.bulk
        for method, purse in self._methods.items():
            yield purse, limits.methods[method]

    def _whole(self, way: Way) -> _Purse | None:
        return self._bulk if way.bulk and self._bulk is not None else self._bot

    def _waited_for(self, to: Address, way: Way) -> Iterable[_Purse]:
        method = self._methods.get(way.method)
        return (purse for purse in self._of(to, way) if way.patient or purse is not method)

    def _of(self, to: Address, way: Way) -> list[_Purse]:
        found = (self._whole(way), self._methods.get(way.method), self._chat(to))
        return [purse for purse in found if purse is not None]

    def _chat(self, to: Address) -> _Purse | None:
        limit = self._limits.group if _is_group(to) else self._limits.private
        if limit is None:
            return None
        key = str(to)
        if key not in self._chats:
            self._chats[key] = _Purse(limit.count, limit.seconds)
        return self._chats[key]


def _purse(limit: Limit | None) -> _Purse | None:
    return None if limit is None else _Purse(limit.count, limit.seconds)


def _is_group(to: Address) -> bool:
    if to.messenger == "telegram":
        return to.chat.startswith("-")
    return to.chat.partition("/")[2][:1] in ("C", "G")
