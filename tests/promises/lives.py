"""A hub that dies at the n-th thing it does, and the next one on the same database, instant by instant."""

import asyncio
import contextlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from sqlmodel import Session, col, select

from core.actions import HelpSend, StepDone, pack
from core.cards import Card
from core.content.catalogue import Catalogue
from core.events import Address, Commanded, Event, Filled, Said, Tapped
from core.onboarding import checklists
from core.recovery import give_up, recover
from hub.health import Health
from hub.metrics import Metrics
from hub.wiring import Hub
from scheduler.pacing import UNLIMITED
from storage.database import Database
from storage.tables import Account, Chat, Contact, Csm, Delivery
from tests.core.stage import catalogue, checklist, step
from tests.scheduler.loopback import until

NOW = datetime(2026, 11, 3, 10, 0, tzinfo=UTC)
DANA, ANN = Address("telegram", "1"), Address("slack", "T0/ANN")


class Died(BaseException):
    """The process is gone; nobody in it catches this."""


@dataclass
class Fate:
    """Counts what the process does at its boundaries, before and after each; dies at number `at` (0: never)."""

    at: int
    count: int = 0
    dead: asyncio.Event = field(default_factory=asyncio.Event)

    def step(self) -> None:
        self.count += 1
        if self.dead.is_set() or self.count == self.at:
            self.dead.set()
            raise Died


class MortalDatabase(Database):
    """Dies before a transaction, or after its commit and before anybody learns of it."""

    fate = Fate(0)

    async def transact(self, use_case: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Any:
        self.fate.step()
        result = await super().transact(use_case, *args, **kwargs)
        self.fate.step()
        return result


@dataclass
class Screen:
    """What appeared in all chats, whoever sent it: it outlives every process."""

    shown: list[tuple[str, str, bool]] = field(default_factory=list)
    """(address, text, it was an edit) in the order in which it appeared."""

    def of(self, address: Address) -> list[str]:
        return [text for where, text, _ in self.shown if where == str(address)]

    def new_messages(self, address: Address) -> list[str]:
        return [text for where, text, edit in self.shown if where == str(address) and not edit]


@dataclass
class MortalWire:
    """Dies before a card is shown, or after it was and before anybody learns of it."""

    screen: Screen
    fate: Fate

    async def send(self, to: Address, card: Card, replacing: str | None = None) -> str:
        self.fate.step()
        words = f"{card.title} {card.text} {card.progress}"
        self.screen.shown.append((str(to), words, replacing is not None))
        self.fate.step()
        return replacing or f"m{len(self.screen.shown)}"


def content() -> Catalogue:
    return catalogue(checklist(step("one"), step("two"), step("three")))


def begin(session: Session, content: Catalogue) -> None:
    """Acme with Dana, and Ann who looks after them."""
    ann = Csm(email="ann@relay.example", name="Ann Novak", address=str(ANN))
    session.add(ann)
    session.flush()
    acme = Account(name="Acme", csm_id=ann.id, created_at=NOW)
    session.add(acme)
    session.flush()
    dana = Contact(account_id=acme.id or 0, name="Dana Lee", email="d@acme.example", created_at=NOW, joined_at=NOW)
    session.add(dana)
    session.flush()
    session.add(Chat(address=str(DANA), contact_id=dana.id, last_heard_at=NOW))
    session.add(Chat(address=str(ANN), csm_id=ann.id, last_heard_at=NOW))
    session.flush()
    checklists.enrol(session, content, acme, NOW)


def story() -> tuple[Event, ...]:
    """Dana looks, does two steps, asks; Ann answers; Dana does the last one. Each event as the messenger tells it."""

    def common(number: int, who: Address = DANA) -> dict[str, Any]:
        return {"key": f"event:{number}", "sender": who, "chat": who}

    return (
        Commanded(**common(1), command="steps"),
        Tapped(**common(2), action=pack(StepDone(1, "one")), message="m1"),
        Said(**common(3), text="I am lost"),
        Filled(**common(4, ANN), action=pack(HelpSend(1)), answers=(("reply", "Look left"),)),
        Tapped(**common(5), action=pack(StepDone(1, "two")), message="m1"),
        Tapped(**common(6), action=pack(StepDone(1, "three")), message="m1"),
    )


async def live(url: str, content: Catalogue, screen: Screen, events: Sequence[Event], fate: Fate, name: str) -> int:
    """One process: hears these events one by one, and again from the first that it did not take. Returns how many."""
    database = MortalDatabase(url)
    database.fate = fate
    paces = {"telegram": UNLIMITED, "slack": UNLIMITED}
    hub = Hub(database, content, lambda: NOW, Health(tell=lambda _part, _state: None), Metrics(), name, paces=paces)  # type: ignore[arg-type]  # names of messengers
    for messenger in paces:
        hub.health.expect(messenger, NOW)
    taken = 0
    tasks: list[asyncio.Task[None]] = []
    try:
        with contextlib.suppress(Died):
            tasks = [
                asyncio.create_task(hub.add_courier(messenger, MortalWire(screen, fate)).run())
                for messenger in ("telegram", "slack")
            ]
            for event in events:
                await hub.hear(event)
                taken += 1
                await _quiet(database, fate)
    finally:
        for courier in hub.couriers.values():
            await courier.stop()
        if fate.dead.is_set():
            for task in [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]:
                task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        database.close()
    return taken


async def _quiet(database: Database, fate: Fate) -> None:
    """Until everything due is said, or the process has died."""

    async def quiet() -> bool:
        return fate.dead.is_set() or not await database.read(_on_the_way)

    await until(quiet)
    if fate.dead.is_set():
        raise Died


def _on_the_way(session: Session) -> bool:
    waiting = select(Delivery.id).where(col(Delivery.state).in_(("queued", "sending")))
    return session.exec(waiting).first() is not None


async def two_lives(url: str, screen: Screen, at: int) -> Fate:
    """The first life dies at its `at`-th boundary, the second goes on to the end; the fate of the first."""
    known = content()
    setting = Database(url)
    await setting.transact(begin, known)
    setting.close()
    events = story()
    fate = Fate(at)
    taken = await live(url, known, screen, events, fate, "first")
    if fate.dead.is_set():
        setting = Database(url)
        await setting.transact(give_up, "first", NOW)
        await setting.transact(recover, holder="second", now=NOW)
        setting.close()
        # The messenger brings again what was not acknowledged; the last one taken too, for good measure.
        await live(url, known, screen, events[max(0, taken - 1) :], Fate(0), "second")
    return fate
