"""The whole hub on this machine: real bots against Telegram and Slack on loopback, sample clients, and a page."""

import asyncio
import contextlib
import os
import signal
import socket
import tempfile
import webbrowser
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

from pydantic import SecretStr

from core.people.importing import import_people
from hub.clock import now
from hub.content.previewing import ContentPreview
from hub.demo_campaign import DemoSender
from hub.demo_outside import GUESTS, Worlds, invitation, outside
from hub.demo_story import STORY
from hub.running import running
from hub.settings import Settings, SettingsProblem, load
from hub.turning import Turning
from hub.wiring import Hub
from playground.clock import Clock
from playground.offers import Invitation
from playground.slack.world import SlackWorld
from playground.telegram.world import TelegramWorld
from playground.web import Playground

CLIENTS = Path(__file__).parent.parent / "playground" / "sample" / "clients.csv"

CSM = "ann@relay.example"

ADMIN = "ida@relay.example"
"""As named in the sample content's hub.yaml."""

BOT = "Client hub"
"""The bot's name in both messengers."""

FRIDAY = 4

NEWS = 5
"""So many of the content's updates are still to come when the demo begins: turning the clock brings them one by one."""


async def run_demo(port: int) -> None:
    """Until interrupted. Prints the page's address and opens it where there is a browser.

    Raises SettingsProblem when the port cannot be had, core.content.catalogue.BrokenContent.
    """
    _expect_free(port)
    _end_on_term()
    clock = Clock(first_morning(Path(load().hub_content), now()))
    worlds = Worlds(clock, TelegramWorld(clock, reads_groups=True, bot_name=BOT), SlackWorld(clock, bot_name=BOT))
    with tempfile.TemporaryDirectory(prefix="hub-demo-") as folder:
        telegram_url, slack_url = await worlds.telegram.start(), await worlds.slack.start()
        seat_people(worlds)
        settings = demo_settings(worlds, telegram_url, slack_url, Path(folder))
        try:
            async with running(settings, now=clock.now) as hub:
                await _play(hub, worlds, port, settings)
        finally:
            await worlds.telegram.stop()
            await worlds.slack.stop()


def _end_on_term() -> None:
    """Ended by TERM the demo cleans up behind itself as it does after Ctrl+C."""
    task = asyncio.current_task()
    with contextlib.suppress(NotImplementedError):  # Windows has no such signals
        if task is not None:
            asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)


def first_morning(content: Path, moment: datetime) -> datetime:
    """A working morning before the newest updates of this folder appear; of the moment's day if it has none."""
    named = (file.name[:10] for file in (content / "updates").glob("????-??-??-*.md") if file.name.count(".") == 1)
    days = sorted(day for day in map(_day, named) if day is not None)[-NEWS:]
    if not days:
        return good_morning(moment)
    eve = datetime.combine(days[0], time(), tzinfo=UTC) - timedelta(days=1)
    return good_morning(eve - timedelta(days=max(0, eve.weekday() - FRIDAY)))


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:  # the check of the content tells of such a name
        return None


def good_morning(moment: datetime) -> datetime:
    """Nine in the morning, UTC, of that day or of the Monday after a weekend: everybody may be spoken to."""
    days = max(0, 7 - moment.weekday()) if moment.weekday() > FRIDAY else 0
    return (moment + timedelta(days=days)).replace(hour=9, minute=0, second=0, microsecond=0)


def seat_people(worlds: Worlds) -> None:
    """The cast: Acme's people in both messengers, Boris who reads Russian, Ann, who looks after all of them, and Ida,
    who writes the content."""
    telegram, slack = worlds.telegram, worlds.slack
    telegram.person("dana", "Dana Lee")
    slack.person("dana", "Dana Lee", email="dana@acme.example", tz="Europe/Berlin")
    slack.person("ann", "Ann Novak", email=CSM, tz="Europe/Berlin")
    slack.person("ida", "Ida Roth", email=ADMIN, tz="Europe/Berlin")
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


async def _play(hub: Hub, worlds: Worlds, port: int, settings: Settings) -> None:
    database, feed = settings.database_url.get_secret_value(), f"http://127.0.0.1:{settings.hub_http_port}"
    people = CLIENTS.read_text(encoding="utf-8")
    await hub.database.transact(import_people, people, hub.now(), rules=hub.catalogue.rules)
    await hub.look_around()

    def offer(invited: Invitation) -> None:
        page.offer(invited)

    folder, turning = Path(hub.catalogue.folder), Turning(hub, worlds.clock)
    page = Playground(
        worlds.clock,
        worlds.seats,
        extras=[*outside(hub, worlds, offer, turning), DemoSender(hub, feed).offer()],
        invitations=[await invitation(hub, worlds, guest) for guest in GUESTS],
        story=STORY,
        panes=("telegram:dana", "slack:dana", "slack:ann"),
        previewer=ContentPreview(folder, hub.now, hub.database, lambda: hub.catalogue),
        pass_time=turning.pass_time,
    )
    url = await page.start(port)
    print(  # noqa: T201 - what the person typed the command for
        f"\n  The hub is running. Open  {url}\n  Content: {folder}\n"
        f"  To look into it from another terminal:  DATABASE_URL={database} hub content history\n"
        f"  Tell it of campaigns (docs/feed.md) at  {feed}/docs\n"
        "  Stop it with Ctrl+C.\n",
        flush=True,
    )
    if not os.environ.get("HUB_NO_BROWSER") and (os.name == "nt" or os.environ.get("DISPLAY") or _is_mac()):
        webbrowser.open(url)
    try:
        await asyncio.Event().wait()
    finally:
        print("\n  Stopping…", flush=True)  # noqa: T201 - whoever pressed Ctrl+C should see that it was heard
        await page.stop()


def _is_mac() -> bool:
    return os.uname().sysname == "Darwin"
