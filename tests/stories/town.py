"""A small town for stories: both messengers on loopback, the real hub between them, and people who say, tap and see."""

import asyncio
import contextlib
import itertools
import os
import socket
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path

from pydantic import SecretStr
from sqlalchemy import func
from sqlmodel import Session, select

from core.content.checking import Reader
from core.events import MessengerName
from core.people.importing import import_people
from core.people.invitations import invite
from core.signals import record
from hub.running import running
from hub.settings import Settings
from hub.wiring import Hub
from playground.clock import Clock
from playground.slack.person import Person as SlackPerson
from playground.slack.world import SlackWorld
from playground.telegram.person import TelegramPerson
from playground.telegram.world import TelegramWorld
from playground.views import PATIENCE
from scheduler.pacing import UNLIMITED, Limits
from storage.tables import HeardEvent
from tests.scheduler.loopback import due

ROOT = Path(__file__).parents[2]
CONTENT = ROOT / "content"
TUESDAY = datetime(2026, 11, 3, 10, 0, tzinfo=UTC)
"""Eleven in Berlin: a good hour to speak."""


@dataclass
class Town:
    """Everybody and everything a story needs."""

    clock: Clock
    telegram: TelegramWorld
    slack: SlackWorld
    settings: Settings
    hub: Hub = field(init=False)

    def of_telegram(self, key: str, name: str = "", *, language: str = "en") -> TelegramPerson:
        return self.telegram.person(key, name, language_code=language)

    def of_slack(self, key: str, name: str = "", email: str = "") -> SlackPerson:
        return self.slack.person(key, name or key.capitalize(), email=email, tz="Europe/Berlin")

    async def invitation(self, email: str) -> str:
        """A link as a CSM would pass it on."""
        invited = await self.hub.database.transact(invite, email, None, self.hub.now(), self.hub.catalogue.rules)
        return f"https://t.me/{self.telegram.bot.username}?start={invited.token}"

    async def joins(self, person: TelegramPerson, email: str) -> None:
        """The person follows their invitation and confirms."""
        await person.open_link(await self.invitation(email))
        await person.tap_label("Yes, that's me")
        await person.sees("Get started with Relay")

    async def signal(self, account: str, name: str) -> None:
        now = self.hub.now()
        key = f"{account}:{name}:{now.isoformat()}"
        await self.hub.database.transact(record, self.hub.catalogue, key=key, account_name=account, name=name, now=now)
        self.hub.wake()

    async def at_rest(self) -> None:
        """Wait until the hub has heard whatever it can hear, and done whatever is due by the town's clock.

        What waits for the clock (a later try, a pause, a messenger that is out of reach) is at rest too.
        AssertionError says what is still under way.
        """
        try:
            async with asyncio.timeout(PATIENCE):
                while await self._under_way():  # noqa: ASYNC110 - neither world nor ledger tells when it is done
                    await asyncio.sleep(0.01)
        except TimeoutError:
            raise AssertionError(f"no rest within {PATIENCE} s: {await self._under_way()}") from None

    async def other_content(self, than: str) -> None:
        """Wait until the content in force is another than this version."""
        async with asyncio.timeout(PATIENCE):
            while self.hub.catalogue.version == than:  # noqa: ASYNC110 - files tell nobody that they were read
                await asyncio.sleep(0.02)

    async def _under_way(self) -> dict[str, int]:
        """What is still to happen without the clock being turned; empty when nothing is."""
        reachable = {name for name in self.hub.couriers if self.hub.health.parts[name].ok}
        counts = {"updates of Telegram": self.telegram.updates_waiting if "telegram" in reachable else 0}
        if "slack" in reachable:
            counts["events of Slack"] = self.slack.on_the_way
            counts["heard of somebody unknown"] = await self.hub.database.read(_waits_for_an_introduction)
        if not any(counts.values()):
            counts["cards"] = await self.hub.database.read(due, self.hub.now(), "telegram", "slack")
        return {what: count for what, count in counts.items() if count}

    async def turn(self, **by: float) -> None:
        """Turn everybody's clock forward and let the hub look around; before it nothing is in hand, nor afterwards.

        What is in flight when the clock is turned would be tried again a while after the later moment, for which
        nobody would turn the clock once more.
        """
        await self.at_rest()
        self.clock.turn(timedelta(**by))
        await self.hub.look_around()
        await self.at_rest()


def _waits_for_an_introduction(session: Session) -> int:
    return session.exec(select(func.count()).select_from(HeardEvent).where(HeardEvent.state == "unknown")).one()


@contextlib.asynccontextmanager
async def town(database_url: str, *, content: Path = CONTENT, limits: bool = False) -> AsyncIterator[Town]:
    """Start everything, with Acme, Borealis and Cinder imported; stop it in good order."""
    clock = Clock(TUESDAY, frozen=True)
    telegram = TelegramWorld(clock, limits=limits, reads_groups=True)
    slack = patient_slack(clock, limits=limits)
    telegram_url, slack_url = await telegram.start(), await slack.start()
    settings = Settings(
        _env_file=None,
        telegram_bot_token=SecretStr(telegram.token),
        telegram_api_url=telegram_url,
        slack_bot_token=SecretStr(slack.bot_token),
        slack_app_token=SecretStr(slack.app_token),
        slack_api_url=slack_url.rstrip("/"),
        database_url=SecretStr(database_url),
        hub_content=content,
        hub_http_port=free_port(),
        # Nobody saves into the hub's own content while a story plays, and to listen for it costs time at the end.
        watchfiles_force_polling=content == CONTENT,
    )
    place = Town(clock, telegram, slack, settings)
    place.of_slack("ann", "Ann Novak", "ann@relay.example")
    paces: dict[MessengerName, Limits] | None = None if limits else {"telegram": UNLIMITED, "slack": UNLIMITED}
    try:
        async with running(settings, now=clock.now, paces=paces, reader=reader(content)) as place.hub:
            place.hub.ticker.stop()  # it looks around when the clock is turned, and not by the machine's own time
            people = (ROOT / "playground" / "sample" / "clients.csv").read_text(encoding="utf-8")
            await place.hub.database.transact(import_people, people, clock.now())
            await place.hub.look_around()
            yield place
    finally:
        await asyncio.gather(telegram.stop(), slack.stop())


def reader(content: Path) -> Reader | None:
    """One for all stories that play with the hub's own content: it remembers what it read."""
    return _own_content() if content == CONTENT else None


@cache
def _own_content() -> Reader:
    return Reader(CONTENT)


def patient_slack(clock: Clock, *, limits: bool = False) -> SlackWorld:
    """A Slack that gives the hub the time a slow machine takes: three seconds there must not make it another story."""
    turned = time.monotonic if limits else lambda: clock.now().timestamp()
    return SlackWorld(clock, limits=limits, bot_name="Client hub", ack_seconds=PATIENCE, monotonic=turned)


def free_port() -> int:
    """A port that nobody listens on, from below those that the system gives away by itself; never the same one twice.

    One that the system gave and that was let go of may be given to somebody else before it is taken.
    """
    for port in _PORTS:
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port
    raise AssertionError("unreachable: the ports go round")


_PORTS = itertools.cycle(range(10_000 + os.getpid() * 61 % 20_000, 32_000))
"""Processes that test side by side begin apart."""
