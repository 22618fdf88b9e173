"""Whether looking around costs what is due: every job of the ticker, with nothing to do, among very many people."""

import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlmodel import Session

from bench.claiming import postgres_pair, sqlite_pair
from bench.hub_process import CONTENT
from bench.measure import RUNS, Result, Wanted
from bench.nudges import fill
from bench.people import run
from core.content.catalogue import Catalogue
from core.content.checking import read_catalogue
from scheduler.jobs import JOBS, Job
from storage.database import Database
from storage.upgrade import upgrade

MANY, FEW = 1_000_000, 10_000
ROUNDS = 15
"""Ticks of which the quickest counts: all others were disturbed by something else."""

_DIGESTS = """INSERT INTO digest (contact_id, due, daily_at, weekly_at)
    SELECT n, :due, :since, :since FROM {people} AS numbers"""
_NOTICES = """INSERT INTO notice (contact_id, "update", sent, due)
    SELECT n, 'bulk-export', 1, :due FROM {people} AS numbers"""
_SENT = """INSERT INTO delivery (key, messenger, address, lane, repeatable, kind, card, contact_id, state, due,
        attempts, created_at, settled_at)
    SELECT 'sent ' || n, 'telegram', 'telegram.' || n, 1, {no}, 'nudge', '', n,
        CASE n % 10 WHEN 0 THEN 'held' WHEN 1 THEN 'queued' ELSE 'accepted' END, :due, 1, :since,
        CASE WHEN n % 10 < 2 THEN NULL ELSE :since END FROM {people} AS numbers"""


def ticking(runs: int = RUNS, many: int = MANY, few: int = FEW) -> list[Result]:
    """Ticks of all jobs with nothing due, on both databases."""
    results = _ticks("SQLite", sqlite_pair, runs, many, few)
    with postgres_pair() as server:
        if server is not None:
            results += _ticks("PostgreSQL", lambda: [server], runs, many, few)
    return results


def _ticks(name: str, pairs: Callable[[], Any], runs: int, many: int, few: int) -> list[Result]:
    now = datetime.now(UTC)
    catalogue = replace(read_catalogue(CONTENT), updates={}, mailings={})
    ours: list[dict[str, float]] = []
    partner: list[dict[str, float]] = []
    for urls in pairs():
        databases = [Database(url) for url in urls]
        try:
            for database, people in zip(databases, (many, few), strict=True):
                _prepare(database, catalogue, people, now)
            for _ in range(runs):
                ours.append({job.name: _quickest(databases[0], job, catalogue, now) for job in JOBS})
                partner.append({job.name: _quickest(databases[1], job, catalogue, now) for job in JOBS})
        finally:
            for database in databases:
                database.close()
    what, beside = f"with nothing due over {many:,} people, {name}", f"over {few:,}"
    slowest = max(ours[0], key=lambda job: ours[0][job])
    return [
        Result(
            f"Looking around once by all {len(JOBS)} jobs {what}",
            "ms",
            [sum(one.values()) for one in ours],
            [sum(one.values()) for one in partner],
            beside,
            Wanted(1.5, at="most"),
        ),
        Result(
            f"A tick of the slowest ({slowest}) {what}",
            "ms",
            [one[slowest] for one in ours],
            [one[slowest] for one in partner],
            beside,
            Wanted(5, at="most", of="ours"),
        ),
    ]


def _prepare(database: Database, catalogue: Catalogue, people: int, now: datetime) -> None:
    """Everybody has a nudge, a digest and something to read tomorrow, and was told something."""
    upgrade(database.engine)
    for job in JOBS:
        while database.transact_now(job.work, catalogue, "bench", now):
            pass
    database.transact_now(_fill, people, now - timedelta(hours=1), now + timedelta(days=1))
    with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql("ANALYZE" if database.is_sqlite else "VACUUM ANALYZE")


def _fill(session: Session, people: int, since: datetime, due: datetime) -> None:
    fill(session, people, since, due)
    run(session, _DIGESTS, people, since=since, due=due)
    run(session, _NOTICES, people, due=due)
    run(session, _SENT, people, since=since, due=due)


def _quickest(database: Database, job: Job, catalogue: Catalogue, now: datetime) -> float:
    """Milliseconds."""
    spent = []
    for _ in range(ROUNDS):
        begun = time.perf_counter()
        done = database.transact_now(job.work, catalogue, "bench", now)
        spent.append(time.perf_counter() - begun)
        if done:
            raise AssertionError(f"{job.name}: {done} things done where nothing was due")
    return min(spent) * 1000
