"""A small town for stories: both messengers on loopback, the real hub between them, and people who say, tap and see."""

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from pydantic import SecretStr
from sqlalchemy import func
from sqlmodel import Session, col, select

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
from scheduler.pacing import UNLIMITED, Limits
from storage.tables import Delivery

ROOT = Path(__file__).parents[2]
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
        await person.tap_label("Yes, that's me", within=5)
        await person.sees("Get started with Relay")

    async def signal(self, account: str, name: str) -> None:
        now = self.hub.now()
        key = f"{account}:{name}:{now.isoformat()}"
        await self.hub.database.transact(record, self.hub.catalogue, key=key, account_name=account, name=name, now=now)
        self.hub.wake()

    async def at_rest(self) -> None:
        """Wait until the ledger has settled everything that was due; at most five real seconds."""
        async with asyncio.timeout(5):
            while await self.hub.database.read(_under_way):  # noqa: ASYNC110 - the ledger tells nobody when it is done
                await asyncio.sleep(0.01)

    async def turn(self, **by: float) -> None:
        """Turn everybody's clock forward and let the hub look around."""
        self.clock.turn(timedelta(**by))
        await self.hub.look_around()


def _under_way(session: Session) -> int:
    return session.exec(
        select(func.count()).select_from(Delivery).where(col(Delivery.state).in_(("queued", "sending")))
    ).one()


@contextlib.asynccontextmanager
async def town(database_url: str, *, content: Path = ROOT / "content", limits: bool = False) -> AsyncIterator[Town]:
    """Start everything, with Acme, Borealis and Cinder imported; stop it in good order."""
    clock = Clock(TUESDAY, frozen=True)
    telegram = TelegramWorld(clock, limits=limits, reads_groups=True)
    slack = SlackWorld(clock, limits=limits, bot_name="Client hub")
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
    )
    place = Town(clock, telegram, slack, settings)
    place.of_slack("ann", "Ann Novak", "ann@relay.example")
    paces: dict[MessengerName, Limits] | None = None if limits else {"telegram": UNLIMITED, "slack": UNLIMITED}
    try:
        async with running(settings, now=clock.now, paces=paces) as place.hub:
            people = (ROOT / "playground" / "sample" / "clients.csv").read_text(encoding="utf-8")
            await place.hub.database.transact(import_people, people, clock.now())
            await place.hub.look_around()
            yield place
    finally:
        await asyncio.gather(telegram.stop(), slack.stop())


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
