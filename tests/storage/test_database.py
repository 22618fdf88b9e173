"""The door to storage: one commit for many, one failure for one, and nothing half-written whatever breaks."""

import asyncio
import sqlite3
import threading
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import event, func, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError, IntegrityError, OperationalError
from sqlmodel import Session, col, select

from storage.database import Database
from storage.tables import Account, HeardEvent, Lease

NOW = datetime(2026, 11, 3, 10, 0, tzinfo=UTC)


def add(session: Session, name: str) -> str:
    session.add(Lease(name=name, holder="x", until=NOW))
    return name


def names(session: Session) -> list[str]:
    return sorted(session.exec(select(Lease.name)).all())


def violate(session: Session) -> None:
    add(session, "half")
    session.flush()
    session.add(Account(name="Acme", created_at=NOW))
    session.flush()
    session.add(Account(name="Acme", created_at=NOW))
    session.flush()


def stumble(session: Session) -> None:
    add(session, "half")
    session.flush()
    raise LookupError("a fault of ours")


def impatient(database: Database) -> None:
    """SQLite waits a moment only, so that a test need not."""
    event.listen(database.engine, "connect", lambda raw, _record: raw.execute("PRAGMA busy_timeout=20"))
    database.engine.dispose()


async def together(database: Database, *work: Callable[[Session], object]) -> list[object]:
    """Run all of these in one group: the writer is kept busy until everybody waits."""
    begun, hold = threading.Event(), threading.Event()

    def keep_busy(_session: Session) -> None:
        begun.set()
        hold.wait(5)

    first = asyncio.ensure_future(database.transact(keep_busy))
    await asyncio.to_thread(begun.wait, 5)
    rest = [asyncio.ensure_future(database.transact(one)) for one in work]
    await asyncio.sleep(0)
    hold.set()
    await first
    return await asyncio.gather(*rest, return_exceptions=True)


@pytest.mark.parametrize("fault", [violate, stumble])
async def test_one_failure_spoils_only_itself(database: Database, fault: Callable[[Session], None]) -> None:
    before, failed, after = await together(
        database, lambda session: add(session, "before"), fault, lambda session: add(session, "after")
    )

    assert (before, after) == ("before", "after")
    assert isinstance(failed, IntegrityError if fault is violate else LookupError)
    assert await database.read(names) == ["after", "before"]


async def test_who_asks_for_a_commit_is_told_after_it(database: Database) -> None:
    await database.transact(add, "here")

    other = Database(database.engine.url.render_as_string(hide_password=False))
    try:
        assert await other.read(names) == ["here"]
    finally:
        other.close()


async def test_a_waiter_who_gives_up_takes_nobody_along(database: Database) -> None:
    gone = asyncio.ensure_future(database.transact(add, "gone"))
    await asyncio.sleep(0)
    gone.cancel()

    assert await database.transact(add, "stays") == "stays"
    assert "stays" in await database.read(names)


async def test_a_locked_database_tells_everybody_and_keeps_nothing(sqlite_url: str) -> None:
    database = Database(sqlite_url)
    impatient(database)
    other = sqlite3.connect(make_url(sqlite_url).database or "", isolation_level=None)
    try:
        other.execute("BEGIN IMMEDIATE")
        told = await asyncio.gather(*(database.transact(add, f"{n}") for n in range(5)), return_exceptions=True)
        assert all(isinstance(one, OperationalError) for one in told)
        other.execute("ROLLBACK")

        assert await database.read(names) == []
        assert await database.transact(add, "later") == "later"
    finally:
        other.close()
        database.close()


def write_much(session: Session, name: str) -> None:
    session.add(HeardEvent(key=name, sender="telegram:1", at=NOW, payload="x" * 300_000))


async def test_a_full_disk_tells_everybody_and_keeps_nothing_of_what_failed(sqlite_url: str) -> None:
    database = Database(sqlite_url)

    def grow(raw: sqlite3.Connection, _record: object) -> None:
        pages = raw.execute("PRAGMA page_count").fetchone()[0]
        raw.execute(f"PRAGMA max_page_count={pages + 20}")

    event.listen(database.engine, "connect", grow)
    database.engine.dispose()
    try:
        told = await together(
            database, lambda session: add(session, "small"), lambda session: write_much(session, "large")
        )

        assert isinstance(told[1], OperationalError)
        kept = await database.read(names)
        assert kept == (["small"] if told[0] == "small" else [])
        assert await database.read(lambda session: session.get(HeardEvent, "large")) is None
        assert await database.transact(add, "next") == "next"
    finally:
        database.close()


async def test_a_fault_in_the_writer_itself_means_bring_it_again(sqlite_url: str) -> None:
    database = Database(sqlite_url)

    class Torn(BaseException):
        pass

    def interrupt(_session: Session) -> None:
        raise Torn

    try:
        innocent, _ = await together(database, lambda session: add(session, "innocent"), interrupt)

        assert isinstance(innocent, DBAPIError)
        assert await database.read(names) == []
    finally:
        database.close()


async def test_a_killed_connection_is_told_and_replaced(pg_url: str) -> None:
    database = Database(pg_url)

    def die(session: Session) -> None:
        add(session, "half")
        session.flush()
        session.execute(text("SELECT pg_terminate_backend(pg_backend_pid())"))

    try:
        with pytest.raises(OperationalError):
            await database.transact(die)

        assert await database.transact(add, "next") == "next"
        assert await database.read(names) == ["next"]
    finally:
        database.close()


async def test_two_who_insert_the_same_row_at_once_converge(pg_url: str) -> None:
    """On PostgreSQL both may look before either has written."""
    database, meet = Database(pg_url), threading.Barrier(2)
    looks = []

    def take(session: Session, me: str) -> str:
        lease = session.get(Lease, "job")
        looks.append(me)
        if len(looks) <= 2:
            meet.wait(5)
        if lease is None:
            session.add(Lease(name="job", holder=me, until=NOW))
            return me
        return lease.holder

    try:
        told = await asyncio.gather(database.transact(take, "a"), database.transact(take, "b"))

        assert told[0] == told[1]
        assert await database.read(lambda session: session.exec(select(func.count(col(Lease.name)))).one()) == 1
    finally:
        database.close()


def test_a_folder_that_is_missing_is_made(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path}/new/folder/hub.db")
    database.close()

    assert (tmp_path / "new" / "folder").is_dir()
