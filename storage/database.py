"""Runs use cases in transactions: one writer thread with group commit on SQLite, a small pool on PostgreSQL."""

import asyncio
import contextlib
import queue
import sqlite3
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Concatenate, ParamSpec, TypeVar

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlmodel import Session

from storage.session import QuickSession
from storage.writing import write

P = ParamSpec("P")
T = TypeVar("T")

GROUP = 256
"""Use cases that may share one commit: more would make the first of them wait noticeably."""

POOL = 8
"""Connections to PostgreSQL per process."""

RETRIES = 3
"""Times a use case is run again after PostgreSQL chose it as a deadlock's victim, or somebody was faster."""

_AGAIN = ("40001", "40P01", "23505")
"""SQLSTATE of a serialisation failure, a deadlock, and of a row that another transaction inserted after we looked:
run again, the use case finds that row."""


def make_engine(url: str) -> Engine:
    """An engine with the settings both databases need. Creates the folder of a SQLite file.

    Errors name the statement without its values: those are clients' words, and errors are logged.
    """
    parsed = make_url(url)
    if parsed.get_backend_name() != "sqlite":
        return create_engine(
            parsed.set(drivername="postgresql+psycopg"),
            pool_size=POOL,
            max_overflow=2,
            pool_pre_ping=True,
            hide_parameters=True,
        )
    if parsed.database:
        Path(parsed.database).parent.mkdir(parents=True, exist_ok=True)
    engine = create_engine(parsed, connect_args={"check_same_thread": False, "timeout": 5}, hide_parameters=True)
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_immediate)
    return engine


def _prepare_sqlite(connection: Any, _record: object) -> None:
    connection.isolation_level = None  # SQLAlchemy says BEGIN itself, see _begin_immediate
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "busy_timeout=5000"):
        connection.execute(f"PRAGMA {pragma}")


def _begin_immediate(connection: Connection) -> None:
    # Taking the write lock at once: a transaction that reads first and writes later could fail with "locked" half-way.
    readonly = connection.get_execution_options().get("readonly", False)
    connection.exec_driver_sql("BEGIN" if readonly else "BEGIN IMMEDIATE")


@dataclass(slots=True)
class _Job:
    run: Callable[[Session], Any]
    loop: asyncio.AbstractEventLoop
    future: "asyncio.Future[Any]"
    result: Any = None
    error: BaseException | None = field(default=None)


class Database:
    """The door to storage for the asynchronous shell. Use cases themselves are synchronous and get a session."""

    def __init__(self, url: str) -> None:
        self.engine = make_engine(url)
        self.is_sqlite = self.engine.dialect.name == "sqlite"
        self._pool = ThreadPoolExecutor(POOL if not self.is_sqlite else 2, thread_name_prefix="database")
        self._jobs: queue.SimpleQueue[_Job | None] = queue.SimpleQueue()
        self._writer: threading.Thread | None = None
        if self.is_sqlite:
            self._writer = threading.Thread(target=self._write, name="database-writer", daemon=True)
            self._writer.start()

    async def transact(self, use_case: Callable[Concatenate[Session, P], T], /, *args: P.args, **kwargs: P.kwargs) -> T:
        """Run `use_case(session, …)` and commit; returns after the commit is on disk.

        Raises what the use case raised (nothing of it is kept then) or sqlalchemy's OperationalError when the
        database is locked, full or gone. The use case may run several times
        (after a deadlock; on SQLite after a failure of another in its group), the last run counting.
        """

        def run(session: Session) -> T:
            return use_case(session, *args, **kwargs)

        loop = asyncio.get_running_loop()
        if self._writer is None:
            return await loop.run_in_executor(self._pool, self._transact_now, run)
        future: asyncio.Future[T] = loop.create_future()
        self._jobs.put(_Job(run, loop, future))
        return await future

    async def read(self, query: Callable[Concatenate[Session, P], T], /, *args: P.args, **kwargs: P.kwargs) -> T:
        """Run `query(session, …)` beside the writers and throw away whatever it changed."""

        def run() -> T:
            with (
                self.engine.connect().execution_options(readonly=True) as connection,
                QuickSession(connection) as session,
            ):
                return query(session, *args, **kwargs)

        return await asyncio.get_running_loop().run_in_executor(self._pool, run)

    def transact_now(self, use_case: Callable[Concatenate[Session, P], T], /, *args: P.args, **kwargs: P.kwargs) -> T:
        """The same for the command line, which has no event loop."""
        return self._transact_now(lambda session: use_case(session, *args, **kwargs))

    def close(self) -> None:
        """Finish what waits, then let go of all connections."""
        if self._writer is not None:
            self._jobs.put(None)
            self._writer.join()
        self._pool.shutdown()
        self.engine.dispose()

    def _transact_now(self, run: Callable[[Session], T]) -> T:
        for attempt in range(RETRIES + 1):
            try:
                with QuickSession(self.engine, expire_on_commit=False) as session:
                    result = run(session)
                    session.commit()
                    return result
            except DBAPIError as error:
                if attempt == RETRIES or getattr(error.orig, "sqlstate", None) not in _AGAIN:
                    raise
        raise AssertionError("unreachable")

    def _write(self) -> None:
        while (first := self._jobs.get()) is not None:
            group, last = [first], False
            while len(group) < GROUP and not last:
                try:
                    job = self._jobs.get_nowait()
                except queue.Empty:
                    break
                if job is None:
                    last = True
                else:
                    group.append(job)
            self._commit_together(group)
            _answer(group)
            if last:
                return

    def _commit_together(self, group: list[_Job]) -> None:
        """One transaction for all; one failure spoils only itself.

        As a rule nothing fails, so nobody gets a savepoint at first (it costs as much as some use cases). When
        something does fail, all of it is rolled back and done once more, each in a savepoint of its own. When the
        transaction as a whole fails (disk full, locked), nobody's work is kept and all are told.
        """
        try:
            if not self._run(group, _run_plainly):
                self._run(group, _run_in_savepoint)
        except BaseException as error:  # noqa: BLE001 - it is handed to everybody who waits for this commit
            # Whatever it was, to the others it means that the database did not take their work: bring it again.
            shared = error if isinstance(error, DBAPIError) else OperationalError("COMMIT", None, error)
            for job in group:
                job.error = job.error or shared

    def _run(self, group: list[_Job], way: Callable[[Connection, list[_Job]], bool]) -> bool:
        """Run the group in one transaction in this way; False when it was rolled back, to be run in another."""
        with self.engine.connect() as connection, connection.begin() as transaction:
            done = way(connection, group)
            if not done and transaction.is_active:  # a session whose flush failed has rolled back already
                transaction.rollback()
            return done


def _run_plainly(connection: Connection, group: list[_Job]) -> bool:
    session = QuickSession(connection, expire_on_commit=False, join_transaction_mode="rollback_only")
    for job in group:
        try:
            job.result = job.run(session)
            write(session)
        except Exception as error:
            if len(group) > 1:
                return False
            job.error = error
            raise
        session.expunge_all()
        session.info.clear()
    _check_alive(connection, group[-1])
    return True


def _run_in_savepoint(connection: Connection, group: list[_Job]) -> bool:
    for job in group:
        # SQLAlchemy has to know of the savepoint: a session whose flush fails rolls back the innermost transaction
        # it knows, which would else be everybody's.
        savepoint = connection.begin_nested()
        session = QuickSession(connection, expire_on_commit=False, join_transaction_mode="rollback_only")
        try:
            job.result = job.run(session)
            session.flush()
        except Exception as error:  # noqa: BLE001 - it is handed to the one who waits for this use case
            job.error = error
            if savepoint.is_active:
                savepoint.rollback()
        else:
            savepoint.commit()
        finally:
            session.expunge_all()
        _check_alive(connection, job)
    return True


def _check_alive(connection: Connection, job: _Job) -> None:
    """Raise when SQLite has thrown everybody's work away by itself, as it may when the disk is full.

    A commit would then succeed and mean nothing. https://sqlite.org/lang_transaction.html, "Response To Errors
    Within A Transaction".
    """
    raw = connection.connection.dbapi_connection
    if not (isinstance(raw, sqlite3.Connection) and raw.in_transaction):
        raise job.error or OperationalError("COMMIT", None, RuntimeError("SQLite ended the transaction"))


def _answer(group: list[_Job]) -> None:
    """Wake everybody who waits, one call per event loop."""
    by_loop: dict[asyncio.AbstractEventLoop, list[_Job]] = {}
    for job in group:
        by_loop.setdefault(job.loop, []).append(job)
    for loop, jobs in by_loop.items():
        # A loop that is closed has nobody left who waits.
        with contextlib.suppress(RuntimeError):
            loop.call_soon_threadsafe(_set_results, jobs)


def _set_results(jobs: list[_Job]) -> None:
    for job in jobs:
        if job.future.done():
            continue
        if job.error is not None:
            job.future.set_exception(job.error)
        else:
            job.future.set_result(job.result)
