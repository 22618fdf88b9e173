"""Wakes the jobs: APScheduler says when to look, the database says what is due."""

import logging
from collections.abc import Callable, Sequence
from datetime import UTC, datetime

from apscheduler.schedulers.asyncio import AsyncIOScheduler
from sqlalchemy.exc import DBAPIError
from sqlmodel import Session

from core.content.catalogue import Catalogue
from core.outbox import made_from
from scheduler.jobs import Job
from storage.database import Database

log = logging.getLogger(__name__)

GRACE = 60
"""Seconds a look may be late and still be taken; APScheduler's own second would silently drop it on a busy machine."""

MOST_RUNS = 100
"""Times a job that still finds work is run in a row before others get their turn."""


class Ticker:
    """Runs each job every so often, never twice at once in this process; others agree by keys and claims."""

    def __init__(
        self,
        jobs: Sequence[Job],
        *,
        database: Database,
        catalogue: Callable[[], Catalogue],
        now: Callable[[], datetime],
        holder: str,
        worked: Callable[[str, int], None],
    ) -> None:
        """`worked(job name, how many)` is called after each run: it wakes the couriers and counts."""
        self._jobs, self._database, self._catalogue = jobs, database, catalogue
        self._now, self._holder, self._worked = now, holder, worked
        self._scheduler = AsyncIOScheduler(
            timezone=UTC, job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": GRACE}
        )

    def start(self) -> None:
        for job in self._jobs:
            self._scheduler.add_job(self.tick, "interval", seconds=job.every, args=[job], id=job.name)
        self._scheduler.start()

    def stop(self) -> None:
        """Wake nothing more. One that was never started, because the start failed before, has nothing to stop."""
        if self._scheduler.running:
            self._scheduler.shutdown(wait=False)

    async def tick_all(self) -> None:
        """Look at everything now: after start, and when somebody turned the clock."""
        for job in self._jobs:
            await self.tick(job)

    async def tick(self, job: Job) -> None:
        """Run one job until it finds nothing more. Its failure is told and tried again next time."""
        for _ in range(MOST_RUNS):
            try:
                count = await self._database.transact(_work, job, self._catalogue(), self._holder, self._now())
            except DBAPIError as error:
                log.warning("job could not run", extra={"job": job.name, "error": type(error).__name__})
                return
            except Exception:
                # One job's fault must not stop the others; it is looked at again at the next tick.
                log.exception("job failed", extra={"job": job.name})
                return
            self._worked(job.name, count)
            if not count:
                return


def _work(session: Session, job: Job, catalogue: Catalogue, holder: str, now: datetime) -> int:
    made_from(session, catalogue)
    return job.work(session, catalogue, holder, now)
