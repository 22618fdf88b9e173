"""Content while the hub runs: a good save takes effect within seconds, a broken one is told and changes nothing."""

import asyncio
import logging
import os
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
    for place, _, names in os.walk(folder):
        for name in names:
            path = os.path.join(place, name)  # noqa: PTH118 - this runs for ever, and a Path costs ten times as much
            try:
                status = os.stat(path)  # noqa: PTH116 - the same
            except OSError:
                continue
            found.append((path, status.st_mtime_ns, status.st_size))
    return tuple(sorted(found))
