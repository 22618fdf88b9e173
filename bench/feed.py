"""How many events a second the campaign feed takes, over real HTTP, beside a bare upsert of the same rows."""

import asyncio
import json
import random
import sqlite3
import time
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import aiohttp
import psycopg
from sqlalchemy.engine import make_url
from sqlmodel import Session

from bench.claiming import postgres_pair, sqlite_pair
from bench.measure import RUNS, Result, Wanted
from core.campaigns.tokens import create
from hub.feed.mounting import FeedParts
from hub.health import Health
from hub.http import HttpParts, build_app, serve
from hub.metrics import Metrics
from storage.database import Database
from storage.tables import Account
from storage.upgrade import upgrade

EVENTS = 30_000
BATCH = 1000
AT_ONCE = 2
"""Requests a platform has under way."""

LEAST = 5_000
"""Events a second that we promise."""

NOW = datetime(2026, 11, 3, 10, 0, tzinfo=UTC)
_KINDS = ("sent", "delivered", "opened")

Row = tuple[str, str, str, str]
"""Key, kind, moment and recipient."""


def feed(runs: int = RUNS, events: int = EVENTS) -> list[Result]:
    """Batches of 1,000 in random order, each answered after its commit, on both databases."""
    results = []
    for urls in sqlite_pair():
        results.append(_compare("SQLite", urls, runs, events))
    with postgres_pair() as server:
        if server is not None:
            results.append(_compare("PostgreSQL", server, runs, events))
    return results


def _compare(name: str, urls: Sequence[str], runs: int, events: int) -> Result:
    database = Database(urls[0])
    upgrade(database.engine)
    try:
        token = database.transact_now(_prepare)
        ours, partner = [], []
        for run in range(runs):
            rows = _rows(run, events)
            ours.append(events / asyncio.run(_tell(database, token, run, rows)))
            partner.append(events / _upsert(urls[1], rows))
    finally:
        database.close()
    what = f"Events of campaigns over HTTP, batches of {BATCH:,}, {name}"
    return Result(what, "/s", ours, partner, "a bare upsert", Wanted(LEAST, of="ours"))


def _prepare(session: Session) -> str:
    session.add(Account(name="Acme", created_at=NOW))
    return create(session, "bench", ["campaigns:write"], NOW).token


def _rows(run: int, events: int) -> list[Row]:
    chance = random.Random(run)
    rows = [
        (
            f"{run}-{number}",
            _KINDS[number % 3],
            (NOW - timedelta(seconds=chance.randrange(3600))).isoformat(),
            f"{run}-{number // 3}@example.com",
        )
        for number in range(events)
    ]
    chance.shuffle(rows)
    return rows


async def _tell(database: Database, token: str, run: int, rows: Sequence[Row]) -> float:
    """Seconds until the last batch was answered. What is sent was written before."""
    names = ("id", "type", "at", "recipient")
    bodies = [
        json.dumps({"events": [dict(zip(names, row, strict=True)) for row in rows[start : start + BATCH]]}).encode()
        for start in range(0, len(rows), BATCH)
    ]
    said = {"id": f"run-{run}", "account": "Acme", "title": "Spring sale", "total": len(rows) // 3}
    headers = {"authorization": f"Bearer {token}", "content-type": "application/json"}
    app = build_app(HttpParts(Health(), Metrics(), feed=FeedParts(database, lambda: NOW)))
    async with serve(app, "127.0.0.1", 0) as port, aiohttp.ClientSession(headers=headers) as client:
        base = f"http://127.0.0.1:{port}/api/v1/campaigns"
        await _post(client, base, json.dumps(said).encode())
        waiting = iter(bodies)

        async def send() -> None:
            for body in waiting:
                await _post(client, f"{base}/run-{run}/events", body)

        begun = time.perf_counter()
        await asyncio.gather(*(send() for _ in range(AT_ONCE)))
        spent = time.perf_counter() - begun
        async with client.get(f"{base}/run-{run}") as answer:
            told = await answer.json()
            if told["percent"] != 100 or told["opened"] != len(rows) // 3:
                raise AssertionError(f"counted wrongly: {told}")
        return spent


async def _post(client: aiohttp.ClientSession, url: str, body: bytes) -> None:
    async with client.post(url, data=body) as answer:
        if answer.status >= 300:
            raise AssertionError(f"{answer.status}: {await answer.text()}")


_TABLE = (
    "CREATE TABLE IF NOT EXISTS bare (key text PRIMARY KEY, kind text, at text, recipient text);"
    "CREATE UNIQUE INDEX IF NOT EXISTS bare_once ON bare (kind, recipient)"
)


def _upsert(url: str, rows: Sequence[Row]) -> float:
    """Seconds for the same rows into a table with the same keys, a commit for each batch, by the driver alone."""
    batches = [rows[start : start + BATCH] for start in range(0, len(rows), BATCH)]
    parsed = make_url(url)
    if parsed.get_backend_name() == "sqlite":
        with sqlite3.connect(str(parsed.database)) as lite:
            lite.executescript(f"PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; {_TABLE}")
            begun = time.perf_counter()
            for batch in batches:
                lite.executemany("INSERT INTO bare VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING", batch)
                lite.commit()
        return time.perf_counter() - begun
    with psycopg.connect(parsed.set(drivername="postgresql").render_as_string(False)) as post:
        for statement in _TABLE.split(";"):
            post.execute(statement.encode())
        post.commit()
        begun = time.perf_counter()
        for batch in batches:
            columns = [list(column) for column in zip(*batch, strict=True)]
            post.execute(
                "INSERT INTO bare SELECT * FROM unnest(%s::text[], %s::text[], %s::text[], %s::text[])"
                " ON CONFLICT DO NOTHING",
                columns,
            )
            post.commit()
        return time.perf_counter() - begun
