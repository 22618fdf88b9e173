"""Content while the hub runs: a good save takes effect within seconds, a broken one is told and changes nothing."""

import asyncio
import logging
from pathlib import Path
from typing import TypeAlias

from core.content.catalogue import BrokenContent
from core.content.checking import read_catalogue
from hub.crew import Crew
from hub.wiring import Hub

log = logging.getLogger(__name__)

LOOK = 2.0
"""Seconds between looks at the folder: asking each file for its time works on every file system, over networks too."""

MOST_TOLD = 20
"""Problems written to the log; `hub content check` lists all."""

_State: TypeAlias = tuple[tuple[str, int, int], ...]


async def keep_reading(hub: Hub, crew: Crew, folder: Path) -> None:
    """Until the hub stops: read the folder again whenever something in it changed.

    A folder that was just changed is read once it stands still between two looks, so that a save of many files, or of
    one that is still being written, is read whole.
    """
    in_force = seen = await asyncio.to_thread(_state, folder)
    while not crew.stopping.is_set():
        await crew.rest(LOOK)
        now = await asyncio.to_thread(_state, folder)
        if now == seen and now != in_force:
            in_force = now
            await _read(hub, folder)
        seen = now


async def _read(hub: Hub, folder: Path) -> None:
    try:
        catalogue = await asyncio.to_thread(read_catalogue, folder)
    except BrokenContent as broken:
        for problem in broken.problems[:MOST_TOLD]:
            log.warning("content is broken", extra={"problem": str(problem)})
        hub.health.set("content", False, f"{len(broken.problems)} problems, first {broken.problems[0]}", hub.now())
        return
    hub.health.set("content", True, "", hub.now())
    if catalogue.version != hub.catalogue.version:
        hub.catalogue = catalogue
        hub.metrics.content(catalogue.version)
        log.info("content is in force", extra={"version": catalogue.version})


def _state(folder: Path) -> _State:
    """Name, time and size of every file; what vanishes while we look counts as not there."""
    found = []
    for path in sorted(folder.rglob("*")):
        try:
            status = path.stat()
        except OSError:
            continue
        if path.is_file():
            found.append((str(path), status.st_mtime_ns, status.st_size))
    return tuple(found)
