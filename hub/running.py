"""The hub at work: everything started in order, heard, sent, and stopped in good order within ten seconds."""

import asyncio
import contextlib
import gc
import logging
import signal
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from datetime import datetime
from functools import partial

from sqlalchemy.exc import DBAPIError
from sqlmodel import Session

from core import leases, recovery
from core.campaigns.showing import patience
from core.content.checking import Reader
from core.desk import outages
from core.events import MessengerName
from core.people import colleagues
from hub import clock, ledger
from hub.content.keeping import keep_reading
from hub.content.versions import take_effect
from hub.crew import Crew
from hub.feed.mounting import FeedParts
from hub.health import Health, Part
from hub.http import HttpParts, build_app, serve
from hub.metrics import Metrics
from hub.settings import Settings
from hub.slack import Slack
from hub.telegram import Telegram
from hub.wiring import PACES, Hub, died_here
from scheduler.pacing import Limits
from storage.database import Database
from storage.upgrade import upgrade

log = logging.getLogger(__name__)

STOP_WITHIN = 9.0
"""Seconds for everything in hand; a service manager asks ten before it kills."""

WATCH = 5.0
"""Seconds between looks at how the hub itself is."""

TURN = 0.0005
"""Seconds that the database's thread may compute while the event loop waits for its turn. Python's own 0.005 is paid
whenever an answer has come from the network, and several times for one update: it was most of the slowest answers."""

LITTER = 20_000
"""Objects made between two looks for litter: one busy transaction makes thousands that all go by themselves."""


class PartDied(Exception):
    """A part of the hub died of a fault of its own; the log says which. Start the hub again."""


async def run_hub(settings: Settings, reader: Reader) -> None:
    """`hub run`: until SIGTERM or SIGINT. Raises SettingsProblem when a token is refused at the start, and PartDied.

    `reader` may have read the content already, so that it is not read twice.
    """
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for name in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(name, stop.set)
    async with _running(settings, reader, clock.now, PACES) as (hub, crew):
        log.info("running", extra={"messengers": sorted(hub.couriers), "content": hub.catalogue.version})
        waits = [asyncio.create_task(event.wait()) for event in (stop, crew.failed)]
        await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        for wait in waits:
            wait.cancel()
        log.info("stopping")
    if crew.failed.is_set():
        raise PartDied(PartDied.__doc__)


@contextlib.asynccontextmanager
async def running(
    settings: Settings,
    *,
    now: Callable[[], datetime] = clock.now,
    paces: dict[MessengerName, Limits] | None = None,
    reader: Reader | None = None,
) -> AsyncIterator[Hub]:
    """The hub, hearing and sending while the block runs.

    `now` is the hub's idea of time (the demo turns it); leases count the machine's, which nobody turns. `reader` may
    have read the content of the settings already, so that it is not read twice.
    Raises SettingsProblem, core.content.catalogue.BrokenContent, storage.upgrade.DatabaseIsNewer.
    """
    async with _running(settings, reader or Reader(settings.hub_content), now, paces or PACES) as (hub, _):
        yield hub


@contextlib.asynccontextmanager
async def _running(
    settings: Settings, reader: Reader, now: Callable[[], datetime], paces: dict[MessengerName, Limits]
) -> AsyncIterator[tuple[Hub, Crew]]:
    reader.public_url = settings.hub_public_url or ""
    catalogue = reader.read()
    database = Database(settings.database_url.get_secret_value())
    hub, crew = Hub(database, catalogue, now, Health(tell=_tell_health), Metrics(), paces=dict(paces)), Crew()
    try:
        upgrade(database.engine)
        await database.transact(_prepare, hub)
        await take_effect(hub, catalogue)
        async with _at_work(hub, crew, settings, reader):
            with _swift():
                yield hub, crew
    finally:
        database.close()


@contextlib.contextmanager
def _swift() -> Iterator[None]:
    """Let the event loop and the database's thread take quick turns, and nobody look through what stays for good."""
    turn, litter = sys.getswitchinterval(), gc.get_threshold()
    sys.setswitchinterval(TURN)
    gc.enable()  # `hub run` starts without it
    gc.set_threshold(LITTER, *litter[1:])
    gc.freeze()
    try:
        yield
    finally:
        gc.unfreeze()
        gc.set_threshold(*litter)
        sys.setswitchinterval(turn)


def _tell_health(name: str, part: Part) -> None:
    log.info("health", extra={"part": name, "ok": part.ok, "reason": part.reason})


def _prepare(session: Session, hub: Hub) -> None:
    """Admins are known, and what processes of this machine that died had in hand is given up."""
    colleagues.know_admins(session, hub.catalogue.rules)
    for holder in recovery.holders(session):
        if died_here(holder):
            recovery.give_up(session, holder, hub.now())
    for holder in leases.holders(session):
        if died_here(holder):
            leases.give_up(session, holder)
    recovery.recover(session, holder=hub.holder, now=hub.now())


@contextlib.asynccontextmanager
async def _at_work(hub: Hub, crew: Crew, settings: Settings, reader: Reader) -> AsyncIterator[None]:
    """Start every part; at the end hear nothing more, finish what is in hand, let go of everything."""
    telegram = slack = None
    if settings.telegram_bot_token is not None:
        telegram = Telegram(hub, crew, settings, settings.telegram_bot_token.get_secret_value())
    if settings.slack_bot_token is not None:
        slack = Slack(hub, crew, settings, settings.slack_bot_token.get_secret_value())
    try:
        await _start(hub, crew, settings, telegram, slack)
        polling = settings.watchfiles_force_polling
        crew.keep("content", keep_reading(hub, crew, reader, polling=polling))
        yield
    finally:
        await _stop(hub, crew, telegram, slack)


async def _start(hub: Hub, crew: Crew, settings: Settings, telegram: Telegram | None, slack: Slack | None) -> None:
    for part in ("database", "content"):
        hub.health.expect(part, hub.now(), needed=part == "database")
        hub.health.set(part, True, "", hub.now())
    for messenger in (telegram, slack):
        if messenger is not None:
            await messenger.start()

    async def look_at_queue() -> None:
        # While the database is gone, the last figures stand and `/readyz` tells why.
        with contextlib.suppress(DBAPIError):
            hub.metrics.queue(*await hub.database.read(ledger.queue, hub.now()))

    parts = HttpParts(
        hub.health,
        hub.metrics,
        telegram=telegram.hear if telegram and settings.telegram_webhook_url else None,
        slack=slack.hear if slack and settings.slack_over_http else None,
        before_metrics=look_at_queue,
        links=hub.follow,
        feed=FeedParts(hub.database, hub.now, lambda: patience(hub.catalogue.rules)),
    )
    await crew.stack.enter_async_context(serve(build_app(parts), settings.hub_http_host, settings.hub_http_port))
    hub.ticker.start()
    crew.keep("tick", hub.ticker.tick_all())
    crew.keep("watch", _watch(hub, crew))


async def _stop(hub: Hub, crew: Crew, telegram: Telegram | None, slack: Slack | None) -> None:
    crew.stopping.set()
    hub.ticker.stop()
    try:
        async with asyncio.timeout(STOP_WITHIN):
            if telegram is not None:
                telegram.stop()
            if slack is not None:
                await slack.stop()
            for courier in hub.couriers.values():
                await courier.stop()
            await crew.finish()
    except TimeoutError:
        log.warning("stopped with work in hand; it goes on at the next start")
        await crew.give_up()


async def _watch(hub: Hub, crew: Crew) -> None:
    """Say in `/readyz` whether the database answers, and to CSMs which messenger does not."""
    told: set[MessengerName] = set()
    hub.looks.append(partial(_tell_outages, hub, told))
    while not crew.stopping.is_set():
        try:
            await hub.database.transact(_nothing)
            hub.health.set("database", True, "", hub.now())
            await _tell_outages(hub, told)
        except DBAPIError as error:
            hub.health.set("database", False, type(error).__name__, hub.now())
        await crew.rest(WATCH)


async def _tell_outages(hub: Hub, told: set[MessengerName]) -> None:
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
