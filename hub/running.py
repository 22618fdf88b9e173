"""The hub at work: everything started in order, heard, sent, and stopped in good order within ten seconds."""

import asyncio
import contextlib
import logging
import signal
from collections.abc import AsyncIterator, Callable, Coroutine
from datetime import datetime
from typing import Any
from uuid import uuid4

from sqlalchemy.exc import DBAPIError
from sqlmodel import Session

from bots.slack.calls import Calls
from bots.slack.client import SlackMessenger
from bots.slack.listen import SlackListener
from bots.telegram.client import TelegramMessenger
from bots.telegram.listen import TelegramListener, Webhook
from bots.telegram.transport import make_bot
from core import claims, colleagues, inbox, leases, outages
from core.checking import read_catalogue
from core.commands import FOR_MEMBERS
from core.events import Introduced, MessengerName
from core.outbox import Refused, Revoked, TryLater, Uncertain, Unreachable
from hub import clock, ledger
from hub.health import Health
from hub.http import HttpParts, build_app, serve
from hub.metrics import Metrics
from hub.settings import Settings, SettingsProblem
from hub.wiring import PACES, Hub, died_here
from scheduler.pacing import Limits
from storage.database import Database
from storage.upgrade import upgrade

log = logging.getLogger(__name__)

STOP_WITHIN = 9.0
"""Seconds for everything in hand; a service manager asks ten before it kills."""

RENEW = 5.0
"""Seconds between renewals of the lease to listen."""

LOOK_FOR_CSMS = 600.0
"""Seconds between looks for CSMs whom Slack did not know yet."""

_WIRE_PROBLEMS = (Refused, Revoked, TryLater, Uncertain, Unreachable)


async def run_hub(settings: Settings) -> None:
    """`hub run`: until SIGTERM or SIGINT. Raises SettingsProblem when a token is refused at the start."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for name in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(name, stop.set)
    async with running(settings) as hub:
        log.info("running", extra={"messengers": sorted(hub.couriers), "content": hub.catalogue.version})
        await stop.wait()
        log.info("stopping")


@contextlib.asynccontextmanager
async def running(
    settings: Settings, *, now: Callable[[], datetime] = clock.now, paces: dict[MessengerName, Limits] | None = None
) -> AsyncIterator[Hub]:
    """The hub, hearing and sending while the block runs.

    `now` is the hub's idea of time (the demo turns it); leases count the machine's, which nobody turns.
    Raises SettingsProblem, core.catalogue.BrokenContent, storage.upgrade.DatabaseIsNewer.
    """
    catalogue = read_catalogue(settings.hub_content)
    database = Database(settings.database_url.get_secret_value())
    hub = Hub(database, catalogue, now, Health(tell=_tell_health), Metrics(), paces=dict(paces or PACES))
    hub.metrics.content(catalogue.version)
    try:
        upgrade(database.engine)
        await database.transact(_prepare, hub)
        async with _Crew(hub, settings) as crew:
            await crew.start()
            yield hub
    finally:
        database.close()


def _tell_health(part: str, state: object) -> None:
    log.info("health", extra={"part": part, "state": str(state)})


def _prepare(session: Session, hub: Hub) -> None:
    """Admins are known, and what processes of this machine that died had in hand is given up."""
    colleagues.know_admins(session, hub.catalogue.rules)
    for holder in claims.holders(session):
        if died_here(holder):
            claims.give_up(session, holder, hub.now())
    for holder in leases.holders(session):
        if died_here(holder):
            leases.give_up(session, holder)
    claims.recover(session, holder=hub.holder, now=hub.now())


class _Crew:
    """The tasks of a running hub, and how they end."""

    def __init__(self, hub: Hub, settings: Settings) -> None:
        self._hub, self._settings = hub, settings
        self._stack = contextlib.AsyncExitStack()
        self._tasks: list[asyncio.Task[None]] = []
        self._stopping = asyncio.Event()
        self._telegram: TelegramListener | None = None
        self._slack: SlackListener | None = None

    async def __aenter__(self) -> "_Crew":
        return self

    async def start(self) -> None:
        hub, settings = self._hub, self._settings
        for part in ("database", "content"):
            hub.health.expect(part, hub.now())
            hub.health.set(part, True, "", hub.now())
        if settings.telegram_bot_token is not None:
            await self._start_telegram(settings.telegram_bot_token.get_secret_value())
        if settings.slack_bot_token is not None:
            await self._start_slack(settings.slack_bot_token.get_secret_value())
        parts = HttpParts(
            hub.health,
            hub.metrics,
            telegram=self._telegram.hear if self._telegram and settings.telegram_webhook_url else None,
            slack=self._slack.http if self._slack and settings.slack_over_http else None,
            before_metrics=self._look_at_queue,
        )
        await self._stack.enter_async_context(serve(build_app(parts), settings.hub_http_host, settings.hub_http_port))
        self._hub.ticker.start()
        self._keep("tick", self._hub.ticker.tick_all())
        self._keep("watch", self._watch())

    async def __aexit__(self, *_error: object) -> None:
        """Hear nothing more, finish what is in hand, let go of everything; late ones are left to the next start."""
        self._stopping.set()
        self._hub.ticker.stop()
        try:
            async with asyncio.timeout(STOP_WITHIN):
                if self._telegram is not None:
                    self._telegram.stop()
                if self._slack is not None:
                    await self._slack.stop()
                for courier in self._hub.couriers.values():
                    await courier.stop()
                await asyncio.gather(*self._tasks, return_exceptions=True)
                await self._stack.aclose()
        except TimeoutError:
            log.warning("stopped with work in hand; it goes on at the next start")
            for task in self._tasks:
                task.cancel()
            await asyncio.gather(*self._tasks, return_exceptions=True)

    def _keep(self, name: str, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work, name=name)
        task.add_done_callback(_tell_if_it_died)
        self._tasks.append(task)

    async def _start_telegram(self, token: str) -> None:
        hub, settings = self._hub, self._settings
        hub.health.expect("telegram", hub.now(), needed=False)
        messenger = TelegramMessenger(make_bot(token, settings.telegram_api_url), fetch=hub.fetch)
        self._stack.push_async_callback(messenger.stop)
        hub.openers["telegram"] = messenger.fetch
        hub.typists["telegram"] = messenger.typing
        self._keep("telegram courier", hub.add_courier("telegram", messenger).run())
        webhook = None
        if settings.telegram_webhook_url and settings.telegram_webhook_secret:
            url = f"{settings.telegram_webhook_url}/telegram"
            webhook = Webhook(url, settings.telegram_webhook_secret.get_secret_value())
        try:
            await messenger.start()
            hub.deaf("telegram", None)
        except Revoked:
            raise SettingsProblem(
                "TELEGRAM_BOT_TOKEN is refused by Telegram; ask @BotFather for a valid one."
            ) from None
        except TryLater:
            hub.deaf("telegram", "does not answer")
        if webhook is not None:
            self._telegram = TelegramListener(messenger, hub.hear, on_trouble=self._heard_trouble, webhook=webhook)
            self._keep("telegram listener", self._telegram.run())
        else:
            self._keep("telegram listener", self._alone(f"telegram:{token.partition(':')[0]}", messenger))
        self._keep("telegram menu", self._introduce_telegram(messenger))

    async def _alone(self, lease: str, messenger: TelegramMessenger) -> None:
        """Listen while this process holds the lease: Telegram answers two pollers with a conflict for both.

        A process that could not renew it in time stops listening, for another one may have begun. A listener that
        died is begun anew.
        """
        listening: asyncio.Task[None] | None = None
        good_until = clock.now()
        while not self._stopping.is_set():
            asked = clock.now()
            try:
                taken = await self._hub.database.transact(leases.take, lease, self._hub.holder, asked)
                good_until = asked + leases.LASTS if taken else asked
            except DBAPIError as error:
                log.warning("lease not renewed", extra={"lease": lease, "error": type(error).__name__})
            ours = clock.now() < good_until
            if listening is not None and (listening.done() or not ours):
                await self._end(listening)
                listening = None
            if ours and listening is None:
                self._telegram = TelegramListener(messenger, self._hub.hear, on_trouble=self._heard_trouble)
                listening = asyncio.create_task(self._telegram.run(), name="poll")
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._stopping.wait(), RENEW)
        if listening is not None:
            await self._end(listening)
            with contextlib.suppress(DBAPIError):
                await self._hub.database.transact(leases.drop, lease, self._hub.holder)

    async def _end(self, listening: asyncio.Task[None]) -> None:
        """Hear nothing more; what is in hand is committed first. How it died, if it did, is told."""
        if self._telegram is not None:
            self._telegram.stop()
        await asyncio.wait((listening,))
        _tell_if_it_died(listening)

    async def _introduce_telegram(self, messenger: TelegramMessenger) -> None:
        """Remember the bot's name for links, and give people the menu of commands in their languages."""
        voices = {code: self._hub.catalogue.voice(code) for code in self._hub.catalogue.phrases.languages}
        menus = {
            code: [(name, voice.plain(f"command.{name}")) for name in FOR_MEMBERS] for code, voice in voices.items()
        }
        while not self._stopping.is_set():
            try:
                await messenger.start()
                await messenger.set_menu(menus, default=self._hub.catalogue.rules.language)
                await self._hub.database.transact(colleagues.remember_bot, "telegram", messenger.username, "")
                return
            except (*_WIRE_PROBLEMS, DBAPIError) as error:
                log.warning("menu not set yet", extra={"error": type(error).__name__})
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._stopping.wait(), 30)

    async def _start_slack(self, token: str) -> None:
        hub, settings = self._hub, self._settings
        hub.health.expect("slack", hub.now(), needed=False)
        messenger = SlackMessenger(Calls(token, f"{settings.slack_api_url}/"), hub.fetch)
        self._stack.push_async_callback(messenger.close)
        hub.openers["slack"] = messenger.fetch
        self._keep("slack courier", hub.add_courier("slack", messenger).run())
        secret = settings.slack_signing_secret.get_secret_value() if settings.slack_signing_secret else ""
        self._slack = SlackListener(messenger, hub.hear, self._heard_trouble, signing_secret=secret)
        try:
            if settings.slack_app_token is not None:
                await self._slack.start_socket(settings.slack_app_token.get_secret_value())
            else:
                await messenger.whoami()
                hub.deaf("slack", None)
        except Revoked:
            raise SettingsProblem(
                "SLACK_BOT_TOKEN or SLACK_APP_TOKEN is refused by Slack; take both anew from the app's settings."
            ) from None
        except _WIRE_PROBLEMS as error:
            hub.deaf("slack", f"does not answer: {type(error).__name__}")
        self._keep("slack people", self._look_for_people(messenger, self._slack))

    async def _look_for_people(self, messenger: SlackMessenger, listener: SlackListener) -> None:
        """Find our CSMs in the workspace by their e-mail, and ask again who waits to be introduced."""

        async def look() -> None:
            try:
                us = await messenger.whoami()
                await self._hub.database.transact(colleagues.remember_bot, "slack", us.user, us.team)
                await listener.reintroduce(await self._hub.database.read(inbox.waiting_for_introduction))
                for email in await self._hub.database.read(colleagues.not_found_yet):
                    await self._find(messenger, email)
            except (*_WIRE_PROBLEMS, DBAPIError) as error:
                log.warning("could not look for people", extra={"error": type(error).__name__})

        self._hub.looks.append(look)
        while not self._stopping.is_set():
            await look()
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._stopping.wait(), LOOK_FOR_CSMS)

    async def _find(self, messenger: SlackMessenger, email: str) -> None:
        found = await messenger.find(email)
        if found is not None:
            member, profile = found
            key = f"who:{member}:{uuid4().hex}"
            await self._hub.hear(Introduced(key=key, sender=member, chat=member, profile=profile))

    def _heard_trouble(self, messenger: str, reason: str) -> None:
        self._hub.deaf("slack" if messenger == "slack" else "telegram", reason or None)

    async def _look_at_queue(self) -> None:
        """Measure what waits; while the database is gone, the last figures stand and `/readyz` tells why."""
        with contextlib.suppress(DBAPIError):
            self._hub.metrics.queue(*await self._hub.database.read(ledger.queue, self._hub.now()))

    async def _watch(self) -> None:
        """Say in `/readyz` whether the database answers, and to CSMs which messenger does not."""
        told: set[MessengerName] = set()
        while not self._stopping.is_set():
            try:
                await self._hub.database.transact(_nothing)
                self._hub.health.set("database", True, "", self._hub.now())
                await self._tell_outages(told)
            except DBAPIError as error:
                self._hub.health.set("database", False, type(error).__name__, self._hub.now())
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._stopping.wait(), RENEW)

    async def _tell_outages(self, told: set[MessengerName]) -> None:
        hub = self._hub
        for name in hub.couriers:
            part, now = hub.health.parts[name], hub.now()
            if not part.ok and name not in told and now - part.since >= outages.PATIENCE:
                await hub.database.transact(outages.tell, hub.catalogue, name, part.since, now)
                told.add(name)
            elif part.ok and name in told:
                await hub.database.transact(outages.over, hub.catalogue, name, now)
                told.discard(name)
            else:
                continue
            hub.wake()


def _nothing(session: Session) -> None:
    session.connection().exec_driver_sql("SELECT 1")


def _tell_if_it_died(task: asyncio.Task[None]) -> None:
    if not task.cancelled() and (error := task.exception()) is not None:
        log.error("a part of the hub died", extra={"task": task.get_name()}, exc_info=error)
