"""Tells a courier how many processes speak for its bot, so that all of them together keep to its limits."""

import contextlib
import logging
import time

from sqlalchemy.exc import DBAPIError

from core import leases
from core.events import MessengerName
from hub import clock
from hub.crew import Crew
from hub.wiring import Hub
from scheduler.sharing import RENEW, Share

log = logging.getLogger(__name__)


async def share_pace(hub: Hub, crew: Crew, name: MessengerName) -> None:
    """Until the hub stops. A SQLite file is one process's, so there is nothing to share."""
    courier, share, told = hub.couriers[name], Share(), f"pace:{name}"
    if hub.database.is_sqlite or not courier.has_shares:
        return
    crew.stack.push_async_callback(_leave, hub, told)
    while not crew.stopping.is_set():
        at, before = time.monotonic(), (share.place, share.of)
        try:
            place, of = await hub.database.transact(leases.presence, told, hub.holder, clock.now())
            share.looked(place, of, at)
        except DBAPIError as error:
            log.warning("presence not renewed", extra={"messenger": name, "error": type(error).__name__})
            share.in_vain(at)
        if (share.place, share.of) != before:
            courier.share(share.place, share.of)
        await crew.rest(RENEW)


async def _leave(hub: Hub, told: str) -> None:
    """Nobody need wait until we are missed."""
    with contextlib.suppress(DBAPIError):
        await hub.database.transact(leases.drop, f"{told}:{hub.holder}", hub.holder)
