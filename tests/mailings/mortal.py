"""A sender that dies at the n-th thing it does in a run, the next one on the same database, and who got what."""

import asyncio
import contextlib
from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlmodel import Session, col, select

from core.cards import Card
from core.content.catalogue import Catalogue
from core.events import Address
from core.mailings.tending import tend
from core.recovery import give_up, recover
from scheduler.courier import Courier, Post
from scheduler.pacing import UNLIMITED, Pace
from storage.database import Database
from storage.tables import Delivery, Mailing
from tests.core.stage import sample
from tests.mailings.populace import NOW, news, send, settle_in
from tests.promises.lives import Died, Fate, MortalDatabase

LATER = NOW + timedelta(minutes=2)


@dataclass
class Postbox:
    """What appeared in all chats, whoever sent it: it outlives every process."""

    shown: Counter[str] = field(default_factory=Counter)


@dataclass
class MortalMessenger:
    """Dies before a message is shown, or after it was and before anybody learns of it."""

    postbox: Postbox
    fate: Fate

    async def send(self, to: Address, _card: Card, replacing: str | None = None) -> str:
        self.fate.step()
        await asyncio.sleep(0)
        self.postbox.shown[str(to)] += 1
        self.fate.step()
        return replacing or f"m{to.chat}"


class Quiet:
    """Nobody watches."""

    def sent(self, messenger: str, outcome: str, lane: int, seconds: float) -> None: ...

    def trouble(self, messenger: str, reason: str | None) -> None: ...


def begin(session: Session, people: int) -> int:
    settle_in(session, people)
    return send(session, sample(), news(), NOW)


async def live(url: str, postbox: Postbox, fate: Fate, name: str, now: datetime = LATER) -> None:
    """One process: tends and sends until the run is finished, or it dies."""
    database = MortalDatabase(url)
    database.fate = fate
    content: Catalogue = sample()
    post = Post(database, lambda: content, lambda: now, name, lambda *_: None, lambda *_: None)
    courier = Courier("telegram", MortalMessenger(postbox, fate), post, Pace(UNLIMITED), Quiet())
    task = asyncio.create_task(courier.run())
    try:
        with contextlib.suppress(Died):
            async with asyncio.timeout(300):
                while not await database.read(_finished):
                    if fate.dead.is_set():
                        break
                    await database.transact(tend, content, now)
                    courier.wake()
                    await asyncio.sleep(0.002)
    finally:
        await courier.stop()
        if fate.dead.is_set():
            for one in [one for one in asyncio.all_tasks() if one is not asyncio.current_task()]:
                one.cancel()
        await asyncio.gather(task, return_exceptions=True)
        database.close()


def _finished(session: Session) -> bool:
    return session.exec(select(Mailing)).one().state == "finished"


async def two_lives(url: str, people: int, at: int) -> tuple[Fate, Postbox, set[str]]:
    """The first dies at its `at`-th boundary (0: never), the second goes on to the end. Returns what the first had
    in its hands.
    """
    postbox, fate = Postbox(), Fate(at)
    setting = Database(url)
    await setting.transact(begin, people)
    await live(url, postbox, fate, "first")
    in_hand = await setting.read(_in_hand)
    if fate.dead.is_set():
        await setting.transact(give_up, "first", LATER)
        await setting.transact(recover, holder="second", now=LATER)
        await live(url, postbox, Fate(0), "second")
    setting.close()
    return fate, postbox, in_hand


def _in_hand(session: Session) -> set[str]:
    return set(session.exec(select(Delivery.address).where(col(Delivery.state) == "sending")).all())


def check(session: Session, people: int, postbox: Postbox, in_hand: set[str]) -> None:
    """Nobody got it twice, nobody is forgotten, uncertain are exactly those that were in the hands of the dead."""
    rows = session.exec(select(Delivery).where(Delivery.kind == "mailing")).all()
    assert len(rows) == people
    assert not postbox.shown or max(postbox.shown.values()) == 1, "somebody got it twice"
    assert {row.state for row in rows} <= {"accepted", "uncertain"}
    assert {row.address for row in rows if row.state == "uncertain"} == in_hand
    accepted = {row.address for row in rows if row.state == "accepted"}
    assert accepted <= postbox.shown.keys(), "it says accepted of somebody who never got it"
    assert {row.address for row in rows} - postbox.shown.keys() <= in_hand, "somebody was forgotten"
