"""Content while the hub runs: a good save takes effect within seconds, a broken one is told and changes nothing."""

import asyncio
import logging

from sqlalchemy.exc import DBAPIError

from core.content.catalogue import BrokenContent
from core.content.checking import Reader
from hub.content.versions import take_effect, tell_broken
from hub.content.watching import Watch
from hub.crew import Crew
from hub.wiring import Hub

log = logging.getLogger(__name__)

MOST_TOLD = 20
"""Problems written to the log; `hub content check` lists all."""


async def keep_reading(hub: Hub, crew: Crew, reader: Reader, *, polling: bool = False) -> None:
    """Until the hub stops: read the folder again whenever something in it changed.

    `reader` may have read it before: then only what changed since is read. `polling`: the file system is not relied
    upon to tell of changes.
    """
    watch = Watch(reader.folder, crew, polling=polling)
    async for _ in watch.changes():
        if not await _read(hub, reader):
            watch.again()


async def _read(hub: Hub, reader: Reader) -> bool:
    """False: the database could not take it, to be read again."""
    try:
        catalogue = await asyncio.to_thread(reader.read)
    except BrokenContent as broken:
        told = "\n".join(map(str, broken.problems[:MOST_TOLD]))
        log.warning("content is broken", extra={"count": len(broken.problems), "problems": told})
        hub.health.set("content", False, f"{len(broken.problems)} problems, first {broken.problems[0]}", hub.now())
        await tell_broken(hub, broken.problems)
        return True
    before = hub.catalogue.version
    try:
        await take_effect(hub, catalogue)
    except DBAPIError as error:
        log.warning("content waits for the database", extra={"error": type(error).__name__})
        return False
    hub.health.set("content", True, "", hub.now())
    if catalogue.version != before:
        log.info("content is in force", extra={"version": catalogue.version})
        await hub.ticker.tick_all()  # live cards and what waits are said in the new words at once
        hub.wake()
    return True
