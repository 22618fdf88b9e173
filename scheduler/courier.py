"""Takes due deliveries of one messenger from the ledger, sends them at the right pace, writes down the outcome."""

import asyncio
import contextlib
import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.exc import DBAPIError
from sqlmodel import Session

from core.claims import SAID_FOR, Claimed, Said, claim, said_lately
from core.content.catalogue import Catalogue
from core.events import Address, MessengerName
from core.outbox import Messenger
from core.recovery import renew, take_back
from core.settling import Settled, pause, settle
from scheduler.pacing import Pace, Way
from scheduler.sending import News, Sender, Watcher
from storage.database import Database
from storage.tables.ledger import ANSWER, MAILING

log = logging.getLogger(__name__)

IN_FLIGHT = (100, 20, 200)
"""Deliveries of each lane (answers, proactive, mailings) in hand at once: a slow mailing leaves room for answers."""

AT_ONCE = 50
"""Of a mailing claimed at once: an answer may have to wait until they are written down."""

AHEAD = 0.06
"""Seconds by which recipients of mailings are claimed before they may go: all others stay in the ledger, so that what
nobody knows the end of, when a process dies, is what really was on its way."""

FULL = 20
"""Claimed at once, there are probably more: look again without waiting."""

POLL = 1.0
"""Seconds until the ledger is looked at unasked: what another process wrote, or what has become due."""

SOON = 0.01
"""Seconds until what was shown is written down, so that several share a commit; the chat's own next event does it
at once."""

MOST_POLL = 30.0
"""Seconds between looks while the database does not answer."""

RENEW = 30.0
"""Seconds between renewals of the leases of what is in hand (core.claims.LEASE)."""


BULK = Way(bulk=True)
"""How mailings go."""


@dataclass(slots=True)
class Post:
    """What couriers share: the ledger, the content in force, the clock and this process's name."""

    database: Database
    catalogue: Callable[[], Catalogue]
    now: Callable[[], datetime]
    holder: str
    lost_chat: Callable[[Session, str, datetime], None]
    """Called in the transaction that found a chat unreachable."""
    moved_chat: Callable[[Session, str, str, datetime], None]


@dataclass(frozen=True, slots=True)
class _Books:
    """What a turn sets right in the ledger, decided before it: the turn itself runs in another thread."""

    but: set[int] | None
    """Whatever else stands as in our hands is not. None: nobody looks, for something may be claimed at the door."""
    renew: bool
    room: tuple[int, int, int]
    alone: bool
    """Nobody else speaks for this bot."""


class Courier:
    """One messenger's courier in one process. `run` until `stop`; `wake` when something was posted."""

    def __init__(self, name: MessengerName, messenger: Messenger, post: Post, pace: Pace, watcher: Watcher) -> None:
        self.name = name
        self._post, self._pace, self._watcher = post, pace, watcher
        self._sender = Sender(name, messenger, pace, post.now, watcher)
        self._waiting = asyncio.Event()
        self._alarm: asyncio.TimerHandle | None = None
        self._stopping = False
        self._in_flight = [0, 0, 0]
        self._at_door = 0
        """Room for answers that are being claimed at the door."""
        self._offered = 0
        """Room for answers that the turn under way may take."""
        self._tasks: set[asyncio.Task[None]] = set()
        self._in_hand: dict[int, Address] = {}
        """By delivery, its chat: what was claimed and is not written down yet."""
        self._lost_track = False
        """A commit's answer was lost: it may have claimed what we never got. Nobody claims at the door meanwhile."""
        self._renewed = time.monotonic()
        self._alone = True
        """No other process speaks for this bot."""
        self._heard: dict[int, float] = {}
        """What was said lately and is counted: by us, or by another process of which the ledger told. By delivery, when
        that is forgotten."""
        self._hungry = False
        """There are probably more recipients of mailings than were taken."""
        self._done: list[Settled] = []

    def wake(self) -> None:
        """Something may be due: look now."""
        self._waiting.set()

    @property
    def has_shares(self) -> bool:
        """Is there a limit that all processes have to share?"""
        return self._pace.has_shares

    def share(self, place: int | None, of: int) -> None:
        """Of each limit this part is ours from now on; `place` None: nothing is. See scheduler.pacing.

        While there are several of us we look at what the others said in a chat before we speak there.
        """
        self._alone = of == 1
        self._pace.share(place, of, time.monotonic())
        self.wake()

    def lose_bulk(self) -> None:
        """The platform sells no more speed for mailings."""
        self._pace.lose_bulk()

    def keep_room(self) -> bool:
        """Keep room for one answer that is to be claimed at the door; False: there is none, leave it to us.

        Whoever got it calls `use_room` after the commit, or `lose_room`.
        """
        taken = self._in_flight[ANSWER] + self._at_door + self._offered
        if self._stopping or self._lost_track or self._pace.silent or not self._alone or taken >= IN_FLIGHT[ANSWER]:
            return False
        self._at_door += 1
        return True

    def shown_in(self, chat: Address) -> list[Settled]:
        """What was shown in this chat and is not written down yet, for an event of its to write down at the door.

        Whoever got it gives it to `use_room` after the commit, or to `lose_room`.
        """
        theirs = [one for one in self._done if one.state == "accepted" and self._in_hand.get(one.id) == chat]
        if theirs:
            self._done = [one for one in self._done if one not in theirs]
        return theirs

    def use_room(self, claimed: Claimed | None, settled: list[Settled]) -> None:
        """Send what was claimed at the door; None: nothing was. `settled`: what was written down there."""
        self._at_door -= 1
        self._let_go(settled)
        if claimed is not None:
            self._start(claimed)
        elif settled:
            self.wake()  # whatever else waits in this chat may go
        if self._stopping or self._lost_track:
            self.wake()  # which waited until nobody is at the door

    def lose_room(self, settled: list[Settled]) -> None:
        """Nobody knows whether something was claimed at the door, or written down there."""
        self._at_door -= 1
        self._done = settled + self._done
        self._lost_track = True
        self.wake()

    def _wake_soon(self) -> None:
        if self._alarm is None:
            self._alarm = asyncio.get_running_loop().call_later(SOON, self._write_down)

    def _write_down(self) -> None:
        self._alarm = None
        if self._done:  # nobody did meanwhile
            self.wake()

    async def stop(self) -> None:
        """Take nothing more, finish what is in hand or at the door; `run` returns when it is written down."""
        self._stopping = True
        self.wake()

    async def run(self) -> None:
        """Until stopped. A database that does not answer is asked again and again; nothing is forgotten meanwhile."""
        rest = POLL
        while not (self._stopping and not self._tasks and not self._done and not self._at_door):
            self._waiting.clear()
            try:
                claimed = await self._turn()
                rest = POLL
            except DBAPIError as error:
                # Without the traceback: it repeats every few seconds and holds the statement's values.
                log.warning("ledger out of reach", extra={"messenger": self.name, "error": type(error).__name__})
                claimed, rest = [], min(rest * 2, MOST_POLL)
            except Exception:
                # Whatever it is, the cards of this messenger must not stop for ever.
                log.exception("could not look into the ledger", extra={"messenger": self.name})
                claimed, rest = [], min(rest * 2, MOST_POLL)
            for one in claimed:
                self._start(one)
            offered, self._offered = self._offered, 0
            answers = sum(one.lane != MAILING for one in claimed)
            if (answers >= FULL or answers == offered) and answers and not self._stopping:
                continue
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._waiting.wait(), self._nap(rest))

    def _nap(self, rest: float) -> float:
        """Seconds until the next look, when nobody wakes us."""
        if not self._hungry or self._stopping:
            return rest
        wait = self._pace.next_free(time.monotonic() + AHEAD, BULK)
        return min(rest, max(wait, SOON))  # what is claimed already may be all that could go

    async def _turn(self) -> list[Claimed]:
        """One transaction: write down what became of the last ones, take the next."""
        done, self._done = self._done, []
        news = self._sender.take_news()
        due_to_renew = time.monotonic() - self._renewed > RENEW
        self._lost_track |= due_to_renew  # what nobody knows of would be renewed for ever
        books = _Books(
            but=self._in_hand.keys() - {one.id for one in done} if self._lost_track and not self._at_door else None,
            renew=due_to_renew,
            room=self._room(),
            alone=self._alone,
        )
        try:
            claimed, said = await self._post.database.transact(self._settle_and_claim, done, news, books)
        except BaseException:
            self._done = done + self._done
            self._sender.give_back(news)
            self._lost_track = True
            raise
        self._let_go(done)
        self._listen_to_others(done, said)
        mailed = sum(one.lane == MAILING for one in claimed)
        if books.room[MAILING]:
            self._hungry = mailed == books.room[MAILING]
        if books.but is not None:
            self._lost_track = False
        if books.renew:
            self._renewed = time.monotonic()
            self._pace.forget_idle(self._renewed)
            self._heard = {one: until for one, until in self._heard.items() if until > self._renewed}
        return claimed

    def _listen_to_others(self, done: list[Settled], said: list[Said]) -> None:
        """What other processes said in a chat counts as if we had."""
        if self._alone:
            return
        at = time.monotonic()
        self._heard |= {one.id: at + SAID_FOR.total_seconds() for one in done}
        for one in said:
            if one.delivery not in self._heard:
                self._heard[one.delivery] = at + SAID_FOR.total_seconds()
                self._pace.spoken_elsewhere(one.chat, [one.age], at)

    def _let_go(self, done: list[Settled]) -> None:
        for one in done:
            self._in_hand.pop(one.id, None)

    def _room(self) -> tuple[int, int, int]:
        """What the next turn may take of each lane; half of the room for answers is left to the door."""
        if self._stopping or self._pace.silent:
            return (0, 0, 0)
        answers, proactive, mailings = (most - taken for most, taken in zip(IN_FLIGHT, self._in_flight, strict=True))
        answers -= self._at_door
        self._offered = answers - answers // 2
        soon = self._pace.free(time.monotonic() + AHEAD, BULK) - self._sender.ready
        return (self._offered, proactive, int(max(0, min(mailings, AT_ONCE, soon))))

    def _settle_and_claim(
        self,
        session: Session,
        done: list[Settled],
        news: News,
        books: _Books,
    ) -> tuple[list[Claimed], list[Said]]:
        now, holder = self._post.now(), self._post.holder
        for old, new in news.moves:
            self._post.moved_chat(session, old, new, now)
        for scope, until in news.pauses:
            pause(session, scope, until)
        for chat in settle(session, holder=holder, done=done, now=now):
            self._post.lost_chat(session, chat.address, now)
        if books.but is not None:
            take_back(session, messenger=self.name, holder=holder, but=books.but)
        if books.renew:
            renew(session, messenger=self.name, holder=holder, now=now)
        if not any(books.room):
            return [], []
        found = claim(session, self._post.catalogue(), messenger=self.name, holder=holder, most=books.room, now=now)
        return found, [] if books.alone else said_lately(session, [str(one.address) for one in found], now)

    def _start(self, one: Claimed) -> None:
        self._in_flight[one.lane] += 1
        self._in_hand[one.id] = one.address
        task = asyncio.create_task(self._deliver(one), name=f"delivery {one.id}")
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _deliver(self, one: Claimed) -> None:
        try:
            outcome = await self._sender.send_in_turn(one, lambda: self._stopping)
        except Exception:
            # Nothing of ours may let go of a card without a word in the ledger: its chat would be silent for ever.
            log.exception("lost sight of a card", extra={"delivery": one.id, "messenger": self.name})
            outcome = Settled(one.id, "uncertain")
        finally:
            self._in_flight[one.lane] -= 1
        self._done.append(outcome)
        if outcome.state == "accepted" and not self._stopping:
            self._wake_soon()
        else:
            self.wake()
        if outcome.state == "accepted":
            self._watcher.trouble(self.name, None)
