"""The one place where everything is put together: nobody else constructs, and nobody else calls the clock."""

import asyncio
import logging
import os
import socket
import time
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy.exc import DBAPIError
from sqlmodel import Session

from core import inbox
from core.content.catalogue import Catalogue
from core.desk import desk
from core.events import Address, Event, MessengerName
from core.outbox import Messenger, Refused, Revoked, TryLater, Uncertain, Unreachable, made_from
from core.people import groups
from core.receipts import Receipt
from hub.health import Health
from hub.links import Landing, land
from hub.metrics import Metrics
from scheduler.courier import Courier, Post
from scheduler.jobs import JOBS
from scheduler.pacing import SLACK, TELEGRAM, Limits, Pace
from scheduler.ticker import Ticker
from storage.database import Database
from storage.tables import Chat

log = logging.getLogger(__name__)

WIRE_PROBLEMS = (Refused, Revoked, TryLater, Uncertain, Unreachable)
"""What asking a messenger may raise."""

PACES: dict[MessengerName, Limits] = {"telegram": TELEGRAM, "slack": SLACK}


def holder_name() -> str:
    """This process, for leases: machine, process and moment, so that a reborn process id is another holder."""
    return f"{socket.gethostname()}:{os.getpid()}:{time.time_ns()}"


def died_here(holder: str) -> bool:
    """True when the holder was a process of this machine that is no more, or whose number another one has now."""
    name, _, moment = holder.rpartition(":")
    host, _, number = name.rpartition(":")
    if host != socket.gethostname() or not number.isdigit() or not moment.isdigit():
        return False
    try:
        os.kill(int(number), 0)
    except ProcessLookupError:
        return True
    except PermissionError:
        return False
    born = _born(int(number))
    return born is not None and born > int(moment) / 1e9 + CLOCK_SLACK


CLOCK_SLACK = 2.0
"""Seconds by which Linux may be wrong about when a process began: it counts from a boot time in whole seconds."""


def _born(process: int) -> float | None:
    """When the process began, in seconds since 1970; None where there is no /proc to tell (proc(5): stat, btime)."""
    try:
        ticks = int(Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[19])
        lines = Path("/proc/stat").read_text().splitlines()
        booted = next(int(line.split()[1]) for line in lines if line.startswith("btime "))
    except (OSError, ValueError, IndexError, StopIteration):
        return None
    return booted + ticks / os.sysconf("SC_CLK_TCK")


@dataclass(slots=True)
class Hub:
    """One process of the hub: the doors, the couriers and the ticker around one database and one catalogue."""

    database: Database
    catalogue: Catalogue
    now: Callable[[], datetime]
    health: Health
    metrics: Metrics
    holder: str = field(default_factory=holder_name)
    paces: dict[MessengerName, Limits] = field(default_factory=lambda: dict(PACES))
    couriers: dict[MessengerName, Courier] = field(default_factory=dict)
    ticker: Ticker = field(init=False)
    openers: dict[str, Callable[[str], Awaitable[bytes]]] = field(default_factory=dict)
    """By messenger: brings the bytes of what a person sent there."""

    typists: dict[MessengerName, Callable[[Address], Coroutine[Any, Any, None]]] = field(default_factory=dict)
    """By messenger: shows for a few seconds that somebody is writing; best effort."""
    _tasks: set[asyncio.Task[None]] = field(default_factory=set)
    looks: list[Callable[[], Awaitable[None]]] = field(default_factory=list)
    """What else looks around, besides the jobs: for people in Slack whom we do not know yet."""

    _troubles: dict[tuple[MessengerName, str], str | None] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.ticker = Ticker(
            JOBS,
            database=self.database,
            catalogue=lambda: self.catalogue,
            now=self.now,
            holder=self.holder,
            worked=self._worked,
        )

    async def hear(self, event: Event) -> Receipt:
        """The inbox's door: returns after the event is committed. Raises DBAPIError when the database does not take it.

        A fault of ours is committed too, as a failed event with its words kept for repair, so that one event that
        we cannot decide does not come again and again for ever.
        """
        try:
            receipt = await self._receive(event)
        except DBAPIError as error:
            if not error.connection_invalidated and not _is_environment(error):
                return await self._keep_failed(event)
            raise
        except Exception:  # noqa: BLE001 - the listening must go on; the event and its traceback are kept
            return await self._keep_failed(event)
        self.metrics.heard(event.sender.messenger)
        if receipt.typing is not None and receipt.typing.messenger in self.typists:
            self._beside(self.typists[receipt.typing.messenger](receipt.typing))
        return receipt

    async def _receive(self, event: Event) -> Receipt:
        """Commit the event and hand its answer, claimed in the same commit, to the courier."""
        courier = self.couriers.get(event.chat.messenger)
        if courier is not None and not courier.keep_room():
            courier = None
        holder = self.holder if courier else None
        shown = courier.shown_in(event.chat) if courier else []
        try:
            done = await self.database.transact(
                inbox.receive_and_claim, self.catalogue, event, self.now(), holder, shown
            )
        except BaseException:
            if courier is not None:
                courier.lose_room(shown)
            raise
        if courier is not None:
            courier.use_room(done.claimed, shown)
        for messenger, other in self.couriers.items():
            if messenger in done.due:
                other.wake()
        return done.receipt

    def _beside(self, work: Coroutine[Any, Any, None]) -> None:
        """Let something small and losable happen without anybody waiting for it."""
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _keep_failed(self, event: Event) -> Receipt:
        log.exception("event failed", extra={"key": event.key, "event": type(event).__name__})
        await self.database.transact(inbox.keep_failed, self.catalogue, event, self.now())
        self.wake()
        return Receipt()

    def wake(self) -> None:
        """Something may have been posted: the couriers look now."""
        for courier in self.couriers.values():
            courier.wake()

    def add_courier(self, name: MessengerName, messenger: Messenger) -> Courier:
        post = Post(self.database, lambda: self.catalogue, self.now, self.holder, self._lost_chat, _moved_chat)
        courier = self.couriers[name] = Courier(name, messenger, post, Pace(self.paces[name]), self)
        if not self.database.is_sqlite and courier.has_shares:
            courier.share(None, 1)  # until it is known how many we are: hub.sharing
        return courier

    async def look_around(self) -> None:
        """The clock may have jumped, or somebody else wrote: look at once for whatever is due."""
        await self.ticker.tick_all()
        for look in self.looks:
            await look()
        self.wake()

    async def follow(self, token: str, counts: bool) -> Landing:
        """Somebody followed the address behind a mailing's button."""
        landing = await self.database.transact(land, self.catalogue, token, counts, self.now())
        if counts and landing.url:
            self.wake()
        return landing

    async def fetch(self, source: str) -> bytes:
        """The bytes of a card's media: a content file, or what a person sent in either messenger.

        Raises Refused when there is no such thing.
        """
        kind, _, name = source.partition(":")
        if kind == "content":
            return _content_file(Path(self.catalogue.folder), name)
        opener = self.openers.get(kind)
        if opener is None:
            raise Refused(f"nobody opens files of {kind}")
        return await opener(source)

    def sent(self, messenger: MessengerName, outcome: str, lane: int, seconds: float) -> None:
        """Couriers tell what became of each card."""
        self.metrics.settled(messenger, lane, "later" if outcome == "queued" else outcome)
        self.metrics.sent(messenger, timedelta(seconds=seconds))

    def trouble(self, messenger: MessengerName, reason: str | None) -> None:
        """The courier tells whether a messenger takes what we say; `reason` None: it does."""
        self._note_trouble(messenger, "speaking", reason)

    def deaf(self, messenger: MessengerName, reason: str | None) -> None:
        """The listener tells whether a messenger is heard; `reason` None: it is."""
        self._note_trouble(messenger, "hearing", reason)

    def _note_trouble(self, messenger: MessengerName, side: str, reason: str | None) -> None:
        """A messenger works when it is heard and takes what we say: one side's success does not hide the other's."""
        self._troubles[messenger, side] = reason
        reasons = [why for (name, _), why in self._troubles.items() if name == messenger and why]
        self.health.set(messenger, not reasons, "; ".join(reasons), self.now())

    def _worked(self, job: str, count: int) -> None:
        self.metrics.ticked(job)
        if count:
            self.wake()

    def _lost_chat(self, session: Session, address: str, now: datetime) -> None:
        chat = session.get(Chat, address)
        if chat is not None:
            made_from(session, self.catalogue)
            desk.tell_unreachable(session, self.catalogue, chat, now)


def _moved_chat(session: Session, old: str, new: str, now: datetime) -> None:
    groups.moved(session, Address.parse(old), Address.parse(new), now)


def _is_environment(error: DBAPIError) -> bool:
    """Locked, full, gone: the database's state, not our statement. Those come as OperationalError on both engines."""
    return type(error).__name__ in ("OperationalError", "InterfaceError", "InternalError")


def _content_file(folder: Path, name: str) -> bytes:
    path = (folder / name).resolve()
    if not path.is_relative_to(folder.resolve()) or not path.is_file():
        raise Refused(f"there is no content file {name}")
    return path.read_bytes()
