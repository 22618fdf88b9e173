"""Tells when a folder has changed and stands still again, on every file system."""

import asyncio
import contextlib
import logging
import os
import time
from collections.abc import AsyncIterator
from functools import partial
from pathlib import Path
from typing import Final, TypeAlias

from watchfiles import Change, awatch

from hub.crew import Crew

log = logging.getLogger(__name__)

SELDOM: Final = 2.0
"""Seconds between looks at a folder whose file system tells of changes: the safety net under what it tells."""

OFTEN: Final = 0.75
"""Seconds between looks at a folder whose file system tells nothing (a network share, some containers)."""

STILL: Final = 0.25
"""Seconds without a change after which a save counts as whole: editors and git write several files, one by one."""

PATIENCE: Final = 1.2
"""Seconds after which a folder that never stands still is told of all the same."""

SHARE: Final = 0.01
"""Of a core that looking may cost at most: a folder of many files is looked at less often."""

_State: TypeAlias = tuple[tuple[str, int, int], ...]


class Watch:
    """A folder that somebody edits. The file system rings; where it cannot, looking every now and then is enough.

    A file system that was silent about two changes in a row is not relied upon any more.
    """

    def __init__(self, folder: Path, crew: Crew, *, polling: bool = False) -> None:
        """`polling`: do not even ask the file system."""
        self._folder = folder
        self._crew = crew
        self._told: _State | None = None
        """How the folder was when it was last told of; None: never."""
        self._polling = polling
        self._silences = 0
        self._cost = 0.0
        self._bell = asyncio.Event()

    async def changes(self) -> AsyncIterator[None]:
        """Once at the beginning and whenever files are other than they were the last time, until the hub stops."""
        async with self._rung():
            self._told = await self._look()
            yield
            while await self._pause(self._between):
                now = await self._look()
                if now != self._told and await self._stands_still(now):
                    yield

    def again(self) -> None:
        """Tell of the last change once more at the next look."""
        self._told = None

    @property
    def _between(self) -> float:
        return max(OFTEN if self._polling else SELDOM, self._cost / SHARE)

    async def _stands_still(self, now: _State) -> bool:
        """Wait until the folder does; False when it is as it was after all, or the hub stops."""
        rung, begun = self._bell.is_set(), time.monotonic()
        while time.monotonic() - begun < PATIENCE:
            self._bell.clear()
            if not await self._rest(STILL):
                return False
            rung = rung or self._bell.is_set()
            before, now = now, await self._look()
            if now == before:
                break
        self._note(rung=rung)
        changed = now != self._told
        self._told = now
        return changed

    def _note(self, *, rung: bool) -> None:
        self._silences = 0 if rung else self._silences + 1
        if self._silences == 2 and not self._polling:
            self._polling = True
            log.info("the file system does not tell of changes, looking often instead", extra={"every": OFTEN})

    async def _pause(self, seconds: float) -> bool:
        """Until the file system rings, or so many seconds went by. False when the hub stops."""
        if not self._bell.is_set():
            waits = [asyncio.create_task(event.wait()) for event in (self._bell, self._crew.stopping)]
            await asyncio.wait(waits, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
            for wait in waits:
                wait.cancel()
        return not self._crew.stopping.is_set()

    async def _rest(self, seconds: float) -> bool:
        await self._crew.rest(seconds)
        return not self._crew.stopping.is_set()

    async def _look(self) -> _State:
        state, self._cost = await asyncio.to_thread(_state, self._folder)
        return state

    @contextlib.asynccontextmanager
    async def _rung(self) -> AsyncIterator[None]:
        """While the block runs, the bell rings when the file system tells of a change."""
        over = asyncio.Event()
        listener = asyncio.create_task(self._listen(over))
        try:
            yield
        finally:
            over.set()
            await listener

    async def _listen(self, over: asyncio.Event) -> None:
        while not self._polling and not over.is_set():
            try:
                place, told_of = _place(self._folder), partial(_told_of, self._folder.absolute())
                async for _ in awatch(
                    self._folder.absolute(), watch_filter=told_of, stop_event=over, force_polling=False, step=100
                ):
                    self._bell.set()
                    if _place(self._folder) != place:
                        break  # another folder has taken its place, and has to be listened to anew
            except (OSError, RuntimeError) as error:  # RuntimeError: what went wrong inside watchfiles
                # Gone for the moment, or the machine has no watches left: looking goes on meanwhile.
                log.debug("the file system cannot tell of changes", extra={"error": str(error)})
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(over.wait(), SELDOM)


def _told_of(folder: Path, _: Change, path: str) -> bool:
    """What lies in hidden folders, as git's, is nobody's content."""
    inside = Path(path).parts[len(folder.parts) : -1]
    return not any(part.startswith(".") for part in inside)


def _place(folder: Path) -> tuple[int, int]:
    status = folder.stat()
    return status.st_dev, status.st_ino


def _state(folder: Path) -> tuple[_State, float]:
    """Name, time and size of every file, and the seconds of work it took; what vanishes meanwhile is not there."""
    begun, found = time.thread_time(), []
    for place, folders, names in os.walk(folder):
        folders[:] = [name for name in folders if not name.startswith(".")]
        for name in names:
            path = os.path.join(place, name)  # noqa: PTH118 - this runs for ever, and a Path costs ten times as much
            try:
                status = os.stat(path)  # noqa: PTH116 - the same
            except OSError:
                continue
            found.append((path, status.st_mtime_ns, status.st_size))
    return tuple(sorted(found)), time.thread_time() - begun
