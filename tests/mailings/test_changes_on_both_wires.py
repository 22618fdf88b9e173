"""Whatever happens in whatever order: in both messengers each recipient ends with the right words, once."""

import asyncio
import contextlib
import itertools
from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, time, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlmodel import Session, select

from bots.slack.calls import Calls
from bots.slack.client import SlackMessenger
from bots.telegram.client import TelegramMessenger
from bots.telegram.transport import make_bot
from core.claims import LEASE, Claimed, claim
from core.content.catalogue import Catalogue
from core.events import Address, MessengerName, Tapped
from core.inbox import receive
from core.mailings.amending import amend, changes, lost_copies, recall
from core.mailings.approving import approve
from core.mailings.changing import change_due
from core.mailings.drafting import Draft, draft
from core.mailings.tending import tend
from core.mailings.ways import DELETABLE
from core.outbox import Messenger, Refused, Unreachable
from core.recovery import recover, release_held
from core.settling import Settled, settle
from playground.clock import Clock
from playground.slack.world import SlackWorld
from playground.telegram.world import TelegramWorld
from storage.database import Database
from storage.tables import Account, Chat, Contact, Delivery, Mailing
from tests.core.stage import sample
from tests.mailings.letters import PRICES
from tests.mailings.populace import NOW

SECOND = timedelta(seconds=1)
_PEOPLE = itertools.count(1)


def unhurried() -> Catalogue:
    """Nobody sleeps and nobody has heard too much: what is due is said, so that its end can be looked at."""
    content = sample()
    rules = replace(
        content.rules,
        most_per_day=1000,
        most_per_week=1000,
        most_per_week_of={},
        quiet_from=time(0),
        quiet_until=time(0),
        quiet_weekdays=(),
        country="",
    )
    return replace(content, rules=rules)


async def no_files(ref: str) -> bytes:
    raise Refused(ref)


@dataclass
class Worlds:
    """Both platforms on loopback, with the messengers that speak to them."""

    clock: Clock
    telegram: TelegramWorld
    slack: SlackWorld
    messengers: dict[MessengerName, Messenger]


@pytest.fixture(scope="module")
def loop() -> Iterator[asyncio.Runner]:
    with asyncio.Runner() as runner:
        yield runner


@pytest.fixture(scope="module")
def worlds(loop: asyncio.Runner) -> Iterator[Worlds]:
    stack = contextlib.AsyncExitStack()
    yield loop.run(stack.enter_async_context(_open()))
    loop.run(stack.aclose())


@contextlib.asynccontextmanager
async def _open() -> AsyncIterator[Worlds]:
    clock = Clock(NOW, frozen=True)
    telegram, slack = TelegramWorld(clock, limits=False), SlackWorld(clock, limits=False)
    url = await telegram.start()
    there = TelegramMessenger(make_bot(telegram.token, url), fetch=no_files)
    await there.start()
    here = SlackMessenger(Calls(slack.bot_token, await slack.start()), no_files)
    yield Worlds(clock, telegram, slack, {"telegram": there, "slack": here})
    await there.stop()
    await here.close()
    await slack.stop()
    await telegram.stop()


@dataclass
class Case:
    """Two people, a mailing to them, and what was done with it so far."""

    worlds: Worlds
    session: Session
    content: Catalogue = field(default_factory=unhurried)
    chats: dict[str, str] = field(default_factory=dict)
    """Address of each, by `dana` and `ivan`."""
    deleted: set[str] = field(default_factory=set)
    _events: Iterator[int] = field(default_factory=lambda: itertools.count(1))

    @property
    def now(self) -> datetime:
        return self.worlds.clock.now()

    async def settle_in(self) -> None:
        number = next(_PEOPLE)
        dana = self.worlds.telegram.person(f"dana{number}", "Dana Lind")
        await dana.start()
        ivan = self.worlds.slack.person(f"ivan{number}", "Ivan Lind", f"ivan{number}@acme.example")
        team = self.worlds.slack.workspace.team
        self.chats = {"dana": f"telegram:{dana.chat_id}", "ivan": f"slack:{team}/{ivan.id}"}
        self.session.add(Account(id=1, name="Acme", created_at=self.now))
        self.session.flush()
        for place, (name, address) in enumerate(self.chats.items(), 1):
            self.session.add(
                Contact(
                    id=place,
                    account_id=1,
                    name=f"{name.title()} Lind",
                    email=f"{name}@acme.example",
                    created_at=self.now,
                    joined_at=self.now,
                )
            )
            self.session.flush()
            self.session.add(Chat(address=address, contact_id=place, last_heard_at=self.now))
        self.session.flush()

    def forget(self) -> None:
        self.session.flush()
        self.session.expire_all()

    def begin(self) -> Mailing:
        said = Draft(key="m", name="m", title="m", texts={"en": PRICES}, category="mandatory")
        mailing = draft(self.session, self.content, said, None, self.now)
        approve(self.session, self.content, mailing.id or 0, None, self.now)
        self.worlds.clock.turn(timedelta(minutes=2))
        return mailing

    # Steps

    def jobs(self) -> int:
        done = tend(self.session, self.content, self.now) + change_due(self.session, self.content, self.now)
        self.forget()
        return done

    async def deliver(self, most: int = 10, *, dies: str = "") -> int:
        """Send what is due. `dies`: the process ends `before` the first is shown, or `after` that."""
        sent = 0
        for name, messenger in self.worlds.messengers.items():
            claimed = claim(
                self.session, self.content, messenger=name, holder="me", most=(most, most, most), now=self.now
            )
            self.forget()
            for one in claimed:
                if dies == "before":
                    break
                outcome = await _outcome(messenger, one)
                sent += 1
                if dies == "after":
                    break
                settle(self.session, holder="me", done=[outcome], now=self.now)
                self.forget()
            if dies and claimed:
                self.worlds.clock.turn(2 * LEASE)
                recover(self.session, holder="another", now=self.now)
                self.forget()
                return sent
        return sent

    def tap(self, name: str, mailing: Mailing) -> None:
        """They give the answer in the mailing's own message, if they have it before their eyes."""
        row = self.row(name)
        if row is None or not row.message_id or row.message_id not in self.messages(name):
            return
        sender = Address.parse(self.chats[name])
        key = f"event:{mailing.id}:{next(self._events)}"
        action = f"mpick.{row.id}.fine"
        event = Tapped(key=key, sender=sender, chat=sender, action=action, message=row.message_id)
        receive(self.session, self.content, event, self.now)
        self.forget()

    def delete_own(self, name: str) -> None:
        row = self.row(name)
        if row is not None and row.message_id and self._take(name, row.message_id):
            self.deleted.add(name)

    def _take(self, name: str, message: str) -> bool:
        chat = self._chat(name)
        return chat.pop(message if name == "ivan" else int(message), None) is not None

    def row(self, name: str) -> Delivery | None:
        number = 1 if name == "dana" else 2
        return self.session.exec(
            select(Delivery).where(Delivery.contact_id == number, Delivery.kind == "mailing")
        ).first()

    def _chat(self, name: str):  # type: ignore[no-untyped-def]  # either platform's own messages, by their ids
        where = self.chats[name].rpartition("/")[2].rpartition(":")[2]
        if name == "dana":
            return self.worlds.telegram.telegram.chats[int(where)].messages
        channel = self.worlds.slack.workspace.direct(where)
        return _Keyed(channel.id, channel.messages)

    def messages(self, name: str) -> dict[str, str]:
        """What stands there of ours, by id."""
        chat = self._chat(name)
        if name == "dana":
            bot = self.worlds.telegram.bot
            return {str(one.id): one.plain for one in chat.values() if one.sender is bot}
        return {f"{chat.channel}:{ts}": one.text for ts, one in chat.messages.items()}


@dataclass
class _Keyed:
    channel: str
    messages: dict  # type: ignore[type-arg]  # the playground's

    def pop(self, message: str, otherwise: object) -> object:
        return self.messages.pop(message.partition(":")[2], otherwise)


async def _outcome(messenger: Messenger, one: Claimed) -> Settled:
    try:
        shown = await messenger.send(one.address, one.card, one.replacing)
    except Refused as refused:
        return Settled(one.id, "failed", str(refused))
    except Unreachable as gone:
        return Settled(one.id, "unreachable", gone.why)
    return Settled(one.id, "accepted", message_id=shown, moved=one.edits and shown != one.replacing)


steps = st.lists(
    st.sampled_from(
        [
            "jobs",
            "deliver",
            "deliver one",
            "dies before",
            "dies after",
            "dana taps",
            "ivan taps",
            "amend",
            "amend",
            "recall",
            "two days",
            "dana deletes",
            "ivan deletes",
        ]
    ),
    max_size=14,
)


@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps)
def test_each_recipient_ends_with_the_right_words_once(
    loop: asyncio.Runner, worlds: Worlds, sqlite_url: str, told: Sequence[str]
) -> None:
    file = Path(sqlite_url.removeprefix("sqlite:///"))
    fresh = file.with_name(f"case{next(_PEOPLE)}.db")
    fresh.write_bytes(file.read_bytes())
    database = Database(f"sqlite:///{fresh}")
    try:
        with Session(database.engine) as session:
            loop.run(_play(Case(worlds, session), told))
    finally:
        database.close()
        fresh.unlink()


async def _play(case: Case, told: Sequence[str]) -> None:
    await case.settle_in()
    mailing, price = case.begin(), 10
    for step in told:
        match step.split():
            case ["jobs"]:
                case.jobs()
            case ["deliver"]:
                await case.deliver()
            case ["deliver", "one"]:
                await case.deliver(1)
            case ["dies", when]:
                await case.deliver(dies=when)
            case [name, "taps"]:
                case.tap(name, mailing)
            case [name, "deletes"]:
                case.delete_own(name)
            case ["amend"]:
                words = {"en": replace(PRICES, body=f"It costs {price + 1}.")}
                price += amend(case.session, case.content, mailing.id or 0, words, case.now) == "amended"
                case.forget()
            case ["recall"]:
                recall(case.session, mailing.id or 0, case.now)
                case.forget()
            case ["two", "days"]:
                case.worlds.clock.turn(DELETABLE)
        case.worlds.clock.turn(SECOND)
    await _work(case)
    _right_in_the_end(case, mailing, price)


async def _work(case: Case) -> None:
    for _ in range(80):
        done = case.jobs() + await case.deliver()
        case.worlds.clock.turn(timedelta(seconds=20))
        release_held(case.session, case.now)
        case.forget()
        if not done and mailing_rests(case):
            return
    raise AssertionError("it never ends")


def mailing_rests(case: Case) -> bool:
    mailing = case.session.exec(select(Mailing)).one()
    return mailing.changes_due is None and mailing.state in ("finished", "cancelled")


def _right_in_the_end(case: Case, mailing: Mailing, price: int) -> None:
    lost = {one.name.split()[0].lower() for one in lost_copies(case.session, mailing)}
    for name in case.chats:
        row, texts = case.row(name), list(case.messages(name).values())
        assert row is not None or mailing.recalled_at is not None
        if row is None or row.state == "cancelled":
            assert texts == []
            continue
        if row.state == "uncertain" or name in lost:
            continue  # a person is told of it: whatever stands there, nobody can know or change it
        if mailing.recalled_at is not None:
            assert all("taken back" in text for text in texts), (name, texts)
        else:
            newest = f"It costs {price}." if price > 10 else "it costs 10."
            assert name in case.deleted or any(newest in text for text in texts), (name, texts)
        assert row.state == "accepted"
        copies = [text for text in texts if "correction" not in text]
        assert len(copies) == (0 if name in case.deleted else len(copies[:1]))
        assert len(texts) - len(copies) <= price - 10
    outdated = [row for name in case.chats if (row := case.row(name)) is not None and row.state == "accepted"]
    if mailing.revision > 1:
        concerned = sum((row.revision or 1) < mailing.revision for row in outdated)
        assert changes(case.session, mailing).total >= concerned
        assert changes(case.session, mailing).to_do == 0
