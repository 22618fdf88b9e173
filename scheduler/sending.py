"""Sends one card that was claimed: waits for its turn, hands it to the messenger, says what became of it."""

import asyncio
import logging
import math
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol

from core.claims import Claimed
from core.events import MessengerName
from core.outbox import Messenger, Refused, Relocated, Revoked, TryLater, Uncertain, Unreachable
from core.settling import Settled
from scheduler.pacing import Method, Pace, Way
from storage.tables.ledger import ANSWER

log = logging.getLogger(__name__)

LONGEST_NAP = 0.05
"""Seconds until a full purse is looked into again: an answer may have come meanwhile."""

LONGEST_WAIT = 5.0
"""Seconds that a card is held in hand until its turn comes; with longer to wait it goes back and leaves its room."""

WAITS = "waits its turn"
"""Reason of a card that was put back unsent."""

REVOKED_PAUSE = timedelta(minutes=1)
"""How long to wait before a token that was refused is tried again."""


class Watcher(Protocol):
    """Hears what the courier learns: for health, metrics and the CSM."""

    def sent(self, messenger: MessengerName, outcome: str, lane: int, seconds: float) -> None: ...

    def trouble(self, messenger: MessengerName, reason: str | None) -> None:
        """`reason` None: it works again."""


@dataclass(slots=True)
class News:
    """What was learned while sending, for the ledger."""

    moves: list[tuple[str, str]] = field(default_factory=list)
    """Chats that go on elsewhere: the old address, the new one."""
    pauses: list[tuple[str, datetime]] = field(default_factory=list)
    """Nothing goes to this messenger or chat before that moment."""


class Sender:
    """One messenger, at its pace."""

    def __init__(
        self,
        name: MessengerName,
        messenger: Messenger,
        pace: Pace,
        now: Callable[[], datetime],
        watcher: Watcher,
    ) -> None:
        self._name, self._messenger, self._pace, self._now, self._watcher = name, messenger, pace, now, watcher
        self._news = News()
        self._waiting: set[int] = set()
        self._longing: set[int] = set()
        """Answers that wait for nothing but the bot's credits: what nobody asked for lets them go first."""

    @property
    def ready(self) -> int:
        """How many wait until the pace allows them."""
        return len(self._waiting)

    def take_news(self) -> News:
        """What was learned since the last time. Who cannot write it down gives it back."""
        news, self._news = self._news, News()
        return news

    def give_back(self, news: News) -> None:
        self._news = News(news.moves + self._news.moves, news.pauses + self._news.pauses)

    async def send_in_turn(self, one: Claimed, stopping: Callable[[], bool]) -> Settled:
        """Send it when the pace allows; when that takes too long, or the hub stops, it goes back as it was."""
        wait = await self._turn_comes(one, stopping)
        if wait is not None:
            return Settled(one.id, "queued", WAITS, retry_at=self._now() + timedelta(seconds=wait), counts=False)
        begun = time.monotonic()
        outcome = await self._send_paced(one)
        self._watcher.sent(self._name, outcome.state, one.lane, time.monotonic() - begun)
        return outcome

    async def _turn_comes(self, one: Claimed, stopping: Callable[[], bool]) -> float | None:
        """Wait until the pace allows it. Returns the seconds still to wait when that is too long, or the hub stops."""
        until, way = time.monotonic() + LONGEST_WAIT, _way(one)
        self._waiting.add(one.id)
        try:
            while True:
                at = time.monotonic()
                wait = self._pace.wait(one.address, at, way)
                if wait <= 0 and (one.lane == ANSWER or not self._longing):
                    return None
                if stopping():
                    return 0.0
                if at >= until or LONGEST_WAIT < wait < math.inf:
                    return wait if wait < math.inf else 0.0
                if one.lane == ANSWER and self._pace.chat_is_free(one.address, at):
                    self._longing.add(one.id)
                await asyncio.sleep(min(wait, LONGEST_NAP) if wait > 0 else LONGEST_NAP)
        finally:
            self._longing.discard(one.id)
            self._waiting.discard(one.id)

    async def _send_paced(self, one: Claimed) -> Settled:
        way = _way(one)
        self._pace.take(one.address, way)
        try:
            return await self._send(one)
        finally:
            self._pace.answered(one.address, time.monotonic(), way)

    async def _send(self, one: Claimed) -> Settled:
        """Send, and say what became of it in the ledger's words."""
        try:
            message = await self._messenger.send(one.address, one.card, one.replacing)
        except TryLater as error:
            return self._later(one, error)
        except Unreachable as error:
            return Settled(one.id, "unreachable", error.why)
        except Relocated as error:
            self._news.moves.append((str(one.address), str(error.to)))
            return Settled(one.id, "queued", "moved", retry_at=self._now())
        except Refused as error:
            log.warning("refused", extra={"delivery": one.id, "messenger": self._name, "kind": one.kind})
            return Settled(one.id, "failed", str(error)[:200])
        except Uncertain:
            return Settled(one.id, "uncertain")
        except Revoked:
            self._watcher.trouble(self._name, "token refused")
            self._news.pauses.append((self._name, self._now() + REVOKED_PAUSE))
            return Settled(one.id, "queued", "token refused", retry_at=self._now(), counts=False)
        except Exception as error:
            # A card that a renderer cannot show must not stop the cards behind it.
            log.exception("could not send", extra={"delivery": one.id, "messenger": self._name, "kind": one.kind})
            return Settled(one.id, "failed", f"our fault: {type(error).__name__}")
        return Settled(one.id, "accepted", message_id=message, moved=one.edits and message != one.replacing)

    def _later(self, one: Claimed, error: TryLater) -> Settled:
        seconds = error.after.total_seconds()
        at = time.monotonic()
        self._pace.told_to_wait(one.address, seconds, at, everywhere=error.everywhere, way=_way(one))
        until = self._now() + error.after
        self._news.pauses.append((self._name if error.everywhere else str(one.address), until))
        return Settled(one.id, "queued", "asked to wait", retry_at=until, counts=not error.everywhere)


def _way(one: Claimed) -> Way:
    method: Method = "home" if one.address.is_home else "edit" if one.replacing else "new"
    return Way(method, bulk=one.card.bulk and method == "new", patient=one.lane != ANSWER)
