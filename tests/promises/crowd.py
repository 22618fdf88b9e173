"""Twenty people of ten clients who tap and write while the hub dies under them, and what must be true at the end."""

import asyncio
import os
import random
import re
import shutil
import signal
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from sqlmodel import Session, col, select

from core.content.checking import read_catalogue
from core.onboarding import checklists
from playground.clock import Clock
from playground.telegram.person import TelegramPerson
from playground.telegram.world import TelegramWorld
from storage.database import Database
from storage.tables import Account, Chat, Contact, Delivery, Enrolment, HeardEvent, HelpRequest, StepRecord
from tests.scheduler.loopback import until
from tests.stories.town import ROOT, free_port

STEPS = 6
SOON = 60.0
"""Real seconds after which a slow machine is no excuse any more."""
DONE_OF_ALL = re.compile(rf"(\d+)\s*(?:/|of)\s*{STEPS}\b")


def content_for(folder: Path) -> Path:
    """The hub's own content with one plain checklist, and no quiet hours: nobody knows when the tests run."""
    shutil.copytree(ROOT / "content", folder / "content")
    content = folder / "content"
    for file in (content / "onboarding").iterdir():
        file.unlink()
    steps = "".join(
        f"  - id: s{n}\n    title: Step number {n}\n    text: Please do this.\n" for n in range(1, STEPS + 1)
    )
    (content / "onboarding" / "walk.yaml").write_text(
        f"title: The walk\nintro: Six steps.\nfinish: That was all, {{{{ contact.first_name }}}}.\nsteps:\n{steps}"
    )
    rules = (content / "hub.yaml").read_text(encoding="utf-8")
    rules = re.sub(r"quiet_(from|until): .*", r'quiet_\1: "00:00"', rules)
    far = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")[(datetime.now(UTC).weekday() + 3) % 7]
    rules = re.sub(r"quiet_weekdays: .*", f"quiet_weekdays: [{far}]", rules)
    (content / "hub.yaml").write_text(rules, encoding="utf-8")
    return content


@dataclass
class Process:
    """One hub after the other on the same database."""

    environment: dict[str, str]
    log: Path
    module: Sequence[str] = ("tests.promises.process",)
    running: asyncio.subprocess.Process | None = None

    async def start(self) -> None:
        with self.log.open("ab") as log:
            self.running = await asyncio.create_subprocess_exec(
                sys.executable, "-m", *self.module, cwd=ROOT, env=self.environment, stdout=log, stderr=log
            )

    async def kill(self) -> None:
        """No farewell: SIGKILL."""
        await self._end(signal.SIGKILL)

    async def stop(self, within: float = SOON) -> int:
        """SIGTERM; the exit code. Raises TimeoutError when it takes longer, in real seconds."""
        return await self._end(signal.SIGTERM, within)

    async def _end(self, by: signal.Signals, within: float = SOON) -> int:
        child, self.running = self.running, None
        if child is None:
            return 0
        if child.returncode is None:
            child.send_signal(by)
        try:
            async with asyncio.timeout(within):
                return await child.wait()
        except TimeoutError:
            child.kill()
            await child.wait()
            raise


@dataclass
class Crowd:
    """The people, their Telegram and their database."""

    world: TelegramWorld
    database: Database
    folder: Path
    seed: int
    people: list[TelegramPerson] = field(default_factory=list)
    written: dict[int, list[str]] = field(default_factory=dict)
    """What each person wrote, by chat."""

    @classmethod
    async def gather(cls, database_url: str, folder: Path, seed: int, accounts: int = 10) -> "Crowd":
        world = TelegramWorld(Clock(), limits=False)
        await world.start()
        crowd = cls(world, Database(database_url), folder, seed)
        catalogue = read_catalogue(content_for(folder))
        crowd.people = [world.person(f"p{n}", f"Person{n} Doe") for n in range(2 * accounts)]
        now = datetime.now(UTC)

        def settle_in(session: Session) -> None:
            for number, person in enumerate(crowd.people):
                name = f"Client{number // 2}"
                account = session.exec(select(Account).where(Account.name == name)).one_or_none()
                if account is None:
                    account = Account(name=name, created_at=now)
                    session.add(account)
                    session.flush()
                contact = Contact(
                    account_id=account.id or 0,
                    name=person.user.name,
                    email=f"{person.user.id}@client.example",
                    created_at=now,
                    joined_at=now,
                )
                session.add(contact)
                session.flush()
                address = f"telegram:{person.chat_id}"
                session.add(Chat(address=address, contact_id=contact.id, last_heard_at=now))
                session.flush()
                checklists.enrol(session, catalogue, account, now)

        await crowd.database.transact(settle_in)
        return crowd

    def process(self, *module: str) -> Process:
        environment = {name: value for name, value in os.environ.items() if not name.startswith(("COV_", "PYTEST"))}
        environment |= {
            "TELEGRAM_BOT_TOKEN": self.world.token,
            "TELEGRAM_API_URL": self.world.url,
            "DATABASE_URL": self.database.engine.url.render_as_string(hide_password=False),
            "HUB_CONTENT": str(self.folder / "content"),
            "HUB_HTTP_PORT": str(free_port()),
            "HUB_LOG": "warning",
            "NO_PROXY": "127.0.0.1,localhost",
        }
        return Process(environment, self.folder / "hub.log", module or ("tests.promises.process",))

    async def live(self, within: float = 3 * SOON) -> None:
        """Everybody goes their way at once, until all have finished the walk."""
        async with asyncio.timeout(within):
            await asyncio.gather(*(self._walk(number, person) for number, person in enumerate(self.people)))

    async def _walk(self, number: int, person: TelegramPerson) -> None:
        """Start, then tap Done, often twice, and write now and then; whoever sees nothing happen taps again."""
        chance = random.Random(self.seed * 1000 + number)
        written = self.written.setdefault(person.chat_id, [])
        await person.say("/steps")
        while (stands := _stands(person)) != STEPS:
            if stands is not None:
                await person.tap_label("Done")
                if chance.random() < 0.3:
                    await person.tap_label("Done")
                if len(written) < 3 and chance.random() < 0.5:
                    written.append(f"remark {len(written)} of person {number}")
                    await person.say(written[-1])
            await _until_it_moves(person, stands)

    async def settled(self, within: float = SOON) -> None:
        """Until Telegram has nothing left to tell and the hub nothing left to say."""

        async def quiet() -> bool:
            return not self.world.updates_waiting and not await self.database.read(_on_the_way)

        await until(quiet, within)

    async def until_calls(self, count: int, within: float = SOON) -> None:
        """Until the bot has asked Telegram for that many things."""
        await until(lambda: len(self.world.calls) >= count, within)

    async def leave(self) -> None:
        self.database.close()
        await self.world.stop()

    # What must be true at the end

    async def check(self) -> None:
        await self.database.read(self._check_database)
        for person in self.people:
            self._check_order(person)

    def _check_database(self, session: Session) -> None:
        heard = set(session.exec(select(HeardEvent.key)).all())
        missing = [
            update for update in self.world.updates() if not any(str(update["update_id"]) in key for key in heard)
        ]
        assert missing == [], "an update was lost"
        assert session.exec(select(HeardEvent).where(HeardEvent.state != "done")).all() == []
        enrolments = session.exec(select(Enrolment)).all()
        assert all(one.finished_at is not None for one in enrolments)
        records = session.exec(select(StepRecord).where(StepRecord.state == "done")).all()
        assert len(records) == STEPS * len(enrolments)
        open_ones = session.exec(select(Delivery).where(col(Delivery.state).in_(("queued", "sending", "failed")))).all()
        assert open_ones == []
        uncertain = session.exec(select(Delivery).where(Delivery.state == "uncertain")).all()
        assert all(not row.repeatable for row in uncertain), "an answer was given up"
        self._check_words(session)

    def _check_words(self, session: Session) -> None:
        """Every remark reached us once, in the order in which it was written."""
        for address, remarks in self.written.items():
            asked = session.exec(
                select(HelpRequest).where(HelpRequest.origin == f"telegram:{address}").order_by(col(HelpRequest.id))
            ).all()
            assert [line for request in asked for line in request.words.splitlines()] == remarks

    def _check_order(self, person: TelegramPerson) -> None:
        """What the person saw never went back, and ends with how it is."""
        seen = []
        for call in self.world.calls:
            if call.chat == str(person.chat_id) and call.status == 200 and "text" in call.params:
                found = DONE_OF_ALL.search(str(call.params["text"]))
                if found:
                    seen.append(int(found.group(1)))
        assert seen == sorted(seen), f"cards overtook each other: {seen}"
        assert seen
        assert seen[-1] == STEPS


def _stands(person: TelegramPerson) -> int | None:
    """How many steps the newest card says are done; None: there is no card yet."""
    found = DONE_OF_ALL.findall(person.screen())
    return max(map(int, found)) if found else None


async def _until_it_moves(person: TelegramPerson, stood: int | None) -> None:
    """Patience of a second and a half, then people tap again."""

    def moved() -> bool | None:
        return True if _stands(person) != stood else None

    await person.until(moved, within=1.5)


def _on_the_way(session: Session) -> bool:
    waiting = select(Delivery.id).where(col(Delivery.state).in_(("queued", "sending")))
    return session.exec(waiting).first() is not None
