"""A messenger that is all wire: it writes down what it was asked to show, and misbehaves as it is told."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import count

from sqlalchemy import bindparam, text
from sqlmodel import Session, col, select

from core.cards import Card
from core.content.catalogue import Catalogue
from core.events import Address, MessengerName
from core.outbox import Messenger, post
from scheduler.courier import Courier, Post
from scheduler.pacing import UNLIMITED, Limits, Pace
from storage.database import Database
from storage.tables import Delivery
from storage.types import Moment

NOW = datetime(2026, 11, 3, 10, 0, tzinfo=UTC)
"""A Tuesday morning."""


class Wire:
    """Shows everything unless `meets` has something for that chat: an error to raise, or an event to wait for."""

    def __init__(self) -> None:
        self.shown: list[tuple[str, str, str | None]] = []
        """(address, text, replaced message) in the order in which they appeared."""
        self.meets: dict[str, list[BaseException | asyncio.Event | Callable[[], None]]] = {}
        self.loses_answers = False
        self.asked = 0
        self.together: dict[str, int] = {}
        self.overlapped = False
        self._numbers: Iterator[int] = count(1)

    async def send(self, to: Address, card: Card, replacing: str | None = None) -> str:
        self.asked += 1
        self.together[str(to)] = self.together.get(str(to), 0) + 1
        self.overlapped |= self.together[str(to)] > 1
        try:
            waiting = self.meets.get(str(to))
            while waiting:
                met = waiting.pop(0)
                if isinstance(met, BaseException):
                    raise met
                if isinstance(met, asyncio.Event):
                    await met.wait()
                else:
                    met()
                    break
            await asyncio.sleep(0)
            self.shown.append((str(to), card.text, replacing))
            return replacing or f"m{next(self._numbers)}"
        finally:
            self.together[str(to)] -= 1

    def texts(self, address: str) -> list[str]:
        return [text for where, text, _ in self.shown if where == address]


@dataclass
class Desk:
    """A courier of one process on this wire. `now` is the hub's time, turned by hand."""

    database: Database
    catalogue: Catalogue
    wire: Messenger
    holder: str = "me:1:1"
    limits: Limits = UNLIMITED
    name: MessengerName = "telegram"
    now: datetime = NOW
    troubles: list[str | None] = field(default_factory=list)
    lost: list[str] = field(default_factory=list)
    moved: list[tuple[str, str]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.begin()

    def begin(self) -> None:
        """A courier is stopped once and for all: every run has its own, which remembers nothing."""
        post = Post(self.database, lambda: self.catalogue, lambda: self.now, self.holder, self._lost, self._moved)
        self.courier = Courier(self.name, self.wire, post, Pace(self.limits), self)

    def _lost(self, _session: Session, address: str, _now: datetime) -> None:
        self.lost.append(address)

    def _moved(self, _session: Session, old: str, new: str, _now: datetime) -> None:
        self.moved.append((old, new))

    def sent(self, messenger: MessengerName, outcome: str, lane: int, seconds: float) -> None:
        """The courier tells; nothing here wants to know."""

    def trouble(self, messenger: MessengerName, reason: str | None) -> None:
        self.troubles.append(reason)

    async def until_quiet(self, within: float = 60.0) -> None:
        """Run the courier until nothing is due now, then stop it."""
        self.begin()
        running = asyncio.create_task(self.courier.run())
        try:
            async with asyncio.timeout(within):
                while await self.database.read(due, self.now, self.name) and not running.done():
                    self.courier.wake()
                    await asyncio.sleep(0.01)
        finally:
            await self.courier.stop()
            await running

    async def turn(self, **by: float) -> None:
        self.now += timedelta(**by)
        await self.until_quiet()


_DUE = text("""
    SELECT count(*) FROM delivery AS d
    WHERE d.messenger IN (:messenger, :other) AND (d.state = 'sending' OR (
        d.state = 'queued' AND d.due <= :now
        AND NOT EXISTS (
            SELECT 1 FROM delivery AS e
            WHERE e.address = d.address AND e.state = 'queued' AND e.id < d.id AND e.lane <= d.lane
              AND e.due > :now AND e.attempts > 0)
        AND NOT EXISTS (SELECT 1 FROM pause AS p WHERE p.scope IN (d.address, d.messenger) AND p.until > :now)))
""").bindparams(bindparam("now", type_=Moment()))


def due(session: Session, now: datetime, *messengers: MessengerName) -> int:
    """How many cards of these one or two messengers the hub has in hand, or could take into its hands at `now`.

    core/claims.py says what waits for what.
    """
    asked = {"messenger": messengers[0], "other": messengers[-1], "now": now}
    return int(session.connection().execute(_DUE, asked).scalar_one())


async def until(look: Callable[[], bool | Awaitable[bool]], within: float = 60.0) -> None:
    """Wait for what another task brings about; only for what no event tells."""
    async with asyncio.timeout(within):
        while not (seen if isinstance(seen := look(), bool) else await seen):  # noqa: ASYNC110 - the ledger sends no event
            await asyncio.sleep(0.002)


def posted(
    session: Session,
    address: str,
    texts: Sequence[str],
    /,
    lane: int = 0,
    contact_id: int | None = None,
    repeatable: bool | None = None,
    subject: str | None = None,
    message_id: str | None = None,
) -> list[int]:
    """Cards for one chat, in this order."""
    found = []
    for words in texts:
        number = post(
            session,
            key=f"{address}:{words}",
            to=Address.parse(address),
            card=Card(words),
            kind="test",
            now=NOW,
            lane=lane,
            contact_id=contact_id,
            repeatable=repeatable,
            subject=subject,
            message_id=message_id,
        )
        found.append(number or 0)
    return found


def rows(session: Session) -> list[Delivery]:
    return list(session.exec(select(Delivery).order_by(col(Delivery.id))).all())
