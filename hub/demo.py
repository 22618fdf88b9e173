"""The whole hub on this machine: real bots against Telegram and Slack on loopback, sample clients, and a page."""

import asyncio
import os
import socket
import tempfile
import webbrowser
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from pydantic import SecretStr

from core import signals
from core.people.importing import import_people
from core.people.invitations import invite
from hub.clock import now
from hub.running import running
from hub.settings import Settings, SettingsProblem, load
from hub.wiring import Hub
from playground.clock import Clock
from playground.faults import Fault, Faults, lost_answer, slow, too_many
from playground.offers import Extra, Invitation, Step
from playground.slack.world import SlackWorld
from playground.telegram.world import TelegramWorld
from playground.views import Seat
from playground.web import Playground

CLIENTS = Path(__file__).parent.parent / "playground" / "sample" / "clients.csv"

CSM = "ann@relay.example"

BOT = "Client hub"
"""The bot's name in both messengers."""

FRIDAY = 4


@dataclass(frozen=True, slots=True)
class Worlds:
    """Both messengers on loopback, and who sits at them."""

    clock: Clock
    telegram: TelegramWorld
    slack: SlackWorld

    @property
    def seats(self) -> Sequence[Seat]:
        return (*self.telegram.people.values(), *self.slack.people.values())


async def run_demo(port: int) -> None:
    """Until interrupted. Prints the page's address and opens it where there is a browser.

    Raises SettingsProblem when the port cannot be had, core.content.catalogue.BrokenContent.
    """
    _expect_free(port)
    clock = Clock(good_morning(now()))
    worlds = Worlds(clock, TelegramWorld(clock, reads_groups=True, bot_name=BOT), SlackWorld(clock, bot_name=BOT))
    with tempfile.TemporaryDirectory(prefix="hub-demo-") as folder:
        telegram_url, slack_url = await worlds.telegram.start(), await worlds.slack.start()
        seat_people(worlds)
        settings = demo_settings(worlds, telegram_url, slack_url, Path(folder))
        try:
            async with running(settings, now=clock.now) as hub:
                await _play(hub, worlds, port)
        finally:
            await worlds.telegram.stop()
            await worlds.slack.stop()


def good_morning(moment: datetime) -> datetime:
    """Nine in the morning, UTC, of that day or of the Monday after a weekend: everybody may be spoken to."""
    days = max(0, 7 - moment.weekday()) if moment.weekday() > FRIDAY else 0
    return (moment + timedelta(days=days)).replace(hour=9, minute=0, second=0, microsecond=0)


def seat_people(worlds: Worlds) -> None:
    """The cast: Acme's people in both messengers, Boris who reads Russian, and Ann, who looks after all of them."""
    telegram, slack = worlds.telegram, worlds.slack
    telegram.person("dana", "Dana Lee")
    slack.person("dana", "Dana Lee", email="dana@acme.example", tz="Europe/Berlin")
    slack.person("ann", "Ann Novak", email=CSM, tz="Europe/Berlin")
    telegram.person("omar", "Omar Haddad")
    telegram.person("boris", "Борис Иванов", language_code="ru")


def demo_settings(worlds: Worlds, telegram_url: str, slack_url: str, folder: Path) -> Settings:
    """Settings that know nothing of this machine's environment but where the content is."""
    return Settings(
        _env_file=None,
        telegram_bot_token=SecretStr(worlds.telegram.token),
        telegram_api_url=telegram_url,
        slack_bot_token=SecretStr(worlds.slack.bot_token),
        slack_app_token=SecretStr(worlds.slack.app_token),
        slack_api_url=slack_url.rstrip("/"),
        database_url=SecretStr(f"sqlite:///{folder / 'hub.db'}"),
        hub_content=load().hub_content,
        hub_http_port=_free_port(),
    )


def _expect_free(port: int) -> None:
    try:
        socket.create_server(("127.0.0.1", port)).close()
    except OSError as error:
        raise SettingsProblem(
            f"Port {port} of this machine cannot be used ({error.strerror}): stop what uses it, or take another one,"
            " as in `hub demo --port 8095` or `make demo PORT=8095`."
        ) from error


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


async def _play(hub: Hub, worlds: Worlds, port: int) -> None:
    await hub.database.transact(import_people, CLIENTS.read_text(encoding="utf-8"), hub.now())
    await hub.look_around()
    page = Playground(
        worlds.clock,
        worlds.seats,
        extras=_outside(hub, worlds),
        invitations=[await _invitation(hub, worlds, *guest) for guest in GUESTS],
        story=STORY,
        panes=("telegram:dana", "slack:dana", "slack:ann"),
    )
    looking: set[asyncio.Task[None]] = set()

    def look() -> None:
        task = asyncio.get_running_loop().create_task(hub.look_around())
        looking.add(task)
        task.add_done_callback(looking.discard)

    worlds.clock.on_turn(look)
    url = await page.start(port)
    print(f"\n  The hub is running. Open  {url}\n  Stop it with Ctrl+C.\n", flush=True)  # noqa: T201 - what the person typed the command for
    if not os.environ.get("HUB_NO_BROWSER") and (os.name == "nt" or os.environ.get("DISPLAY") or _is_mac()):
        webbrowser.open(url)
    try:
        await asyncio.Event().wait()
    finally:
        print("\n  Stopping…", flush=True)  # noqa: T201 - whoever pressed Ctrl+C should see that it was heard
        await page.stop()


def _is_mac() -> bool:
    return os.uname().sysname == "Darwin"


GUESTS = (
    ("dana@acme.example", "Dana's invitation (Acme)", "telegram:dana"),
    ("omar@acme.example", "Omar's invitation (Acme)", "telegram:omar"),
    ("boris@borealis.example", "Boris's invitation (Borealis, in Russian)", "telegram:boris"),
)


async def _invitation(hub: Hub, worlds: Worlds, email: str, label: str, seat: str) -> Invitation:
    invited = await hub.database.transact(invite, email, None, hub.now(), hub.catalogue.rules)
    name = worlds.telegram.bot.username
    return Invitation(label, f"https://t.me/{name}?start={invited.token}", seat)


def _outside(hub: Hub, worlds: Worlds) -> list[Extra]:
    """What happens outside the chats: signals of the product, and bad days of the platforms."""

    async def signal(choice: str) -> str:
        account, _, name = choice.partition("|")
        key = f"demo:{choice}:{hub.now().isoformat()}"
        await hub.database.transact(
            signals.record, hub.catalogue, key=key, account_name=account, name=name, now=hub.now()
        )
        hub.wake()
        return f"{account}: {name}"

    async def telegram_group(_choice: str) -> str:
        people = worlds.telegram.people
        await people["dana"].create_group("Acme × Relay", [people["omar"]])
        return "Dana made the group Acme × Relay with Omar and the bot; it is in their list of chats."

    async def slack_channel(_choice: str) -> str:
        people = worlds.slack.people
        await people["dana"].create_channel("acme-onboarding", [people["ann"]], with_bot=True)
        return "Dana made the channel #acme-onboarding with Ann and the bot."

    names = sorted({step.signal for one in hub.catalogue.checklists.values() for step in one.steps if step.signal})
    accounts = ("Acme Logistics", "Borealis Energy", "Cinder Studio")
    choices = tuple((f"{account}|{name}", f"{account}: {name}") for account in accounts for name in names)
    return [
        Extra("signal", "Our product says", signal, choices, hint="Completes the steps that wait for it."),
        Extra("group", "Dana makes a Telegram group", telegram_group, hint="With Omar and the bot: one shared card."),
        Extra("channel", "Dana makes a Slack channel", slack_channel, hint="With Ann and the bot: the same card."),
        *_bad_days(worlds),
    ]


def _bad_days(worlds: Worlds) -> list[Extra]:
    """Switches; one messenger has one trouble at a time."""
    telegram, slack = worlds.telegram.faults, worlds.slack.faults
    on: dict[int, str] = {}
    return [
        _switch("Telegram loses every third answer", "telegram-lost", telegram, (lost_answer(), 0.33), on),
        _switch("Telegram says: too many requests", "telegram-429", telegram, (too_many(2), 0.3), on),
        _switch("Slack answers slowly", "slack-slow", slack, (slow(1.5), 0.5), on),
    ]


def _switch(label: str, key: str, faults: Faults, trouble: tuple[Fault, float], on: dict[int, str]) -> Extra:
    async def turn(choice: str) -> None:
        faults.clear()
        on.pop(id(faults), None)
        if choice == "on":
            faults.often(*trouble)
            on[id(faults)] = key

    return Extra(key, label, turn, is_on=lambda: on.get(id(faults)) == key, group="Bad days")


STORY = (
    Step("Dana joins in Telegram", "Open Dana's invitation, press Start, confirm who you are.", "telegram:dana"),
    Step("Dana does the first steps", "Tap Done, watch the bar grow; Undo takes it back.", "telegram:dana"),
    Step("Ann hears of it", "Ann's messages tell who joined; her Home shows her accounts.", "slack:ann"),
    Step("Dana goes on in Slack", "Write anything to the bot: Slack vouches for Dana's e-mail. Confirm.", "slack:dana"),
    Step("Get stuck", "Tap Stuck on a step and say what is wrong, in either messenger.", "telegram:dana"),
    Step("Ann answers", "Claim it, then Reply: the words arrive in Dana's messenger.", "slack:ann"),
    Step("Let the product speak", "Under Things outside, send the signal a step waits for.", "telegram:dana"),
    Step("Turn the clock", "+1 day, several times: a reminder comes at a good hour.", "telegram:dana"),
)
