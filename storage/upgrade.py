"""Brings a database, empty or older, to today's tables; safe with any number of processes starting at once."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Connection, Engine, NullPool, create_engine, event, inspect, text
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.pool import ConnectionPoolEntry

if TYPE_CHECKING:
    # Imported where it is needed: on most starts nothing is missing, and Alembic takes a good part of their time.
    from alembic.config import Config

MIGRATIONS = Path(__file__).parent / "migrations"

LOCK = 7_305_221_114
"""PostgreSQL advisory lock held while migrating; any constant that nothing else of ours uses."""

PATIENCE = 60
"""Seconds to wait for another process that is migrating the same SQLite file."""


class DatabaseIsNewer(Exception):
    """The database was written by a newer version of the hub; install that version, or restore a backup."""

    def __init__(self) -> None:
        super().__init__(self.__doc__)


def upgrade(engine: Engine, to: str = "head") -> None:
    """Apply every missing migration in one transaction: afterwards all of them are there, or none.

    Takes an engine for its address only and opens a connection of its own, because SQLite must migrate with
    foreign keys off (Alembic makes a table anew under another name). Raises DatabaseIsNewer.
    """
    if to == "head" and revision(engine) == head():
        return
    from alembic import command
    from alembic.util import CommandError

    with _alone(engine) as connection:
        try:
            command.upgrade(config(connection), to)
        except CommandError as error:
            if "Can't locate revision" in str(error):
                raise DatabaseIsNewer from error
            raise
        if connection.dialect.name == "sqlite":
            orphans = connection.exec_driver_sql("PRAGMA foreign_key_check").all()
            if orphans:
                raise RuntimeError(
                    f"after migrating, {len(orphans)} rows point at rows that are not there: {orphans[:3]}"
                )


def revision(engine: Engine) -> str | None:
    """The migration the database is at; None: it is empty."""
    with engine.connect() as connection:
        if not inspect(connection).has_table("alembic_version"):
            return None
        found = connection.execute(text("SELECT version_num FROM alembic_version")).scalar_one_or_none()
        return None if found is None else str(found)


def head() -> str:
    """The newest migration this version of the hub knows. Their files' names begin with their numbers, in order."""
    names = sorted(path.name for path in (MIGRATIONS / "versions").glob("[0-9]*.py"))
    if not names:
        raise RuntimeError("storage/migrations/versions is empty: this copy of the hub is incomplete")
    return names[-1].partition("_")[0]


def config(connection: Connection | None = None) -> "Config":
    """Alembic's settings, which are the place of the migrations and nothing else."""
    from alembic.config import Config

    settings = Config()
    settings.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    settings.set_main_option("path_separator", "os")
    if connection is not None:
        settings.attributes["connection"] = connection
    return settings


@contextmanager
def _alone(engine: Engine) -> Iterator[Connection]:
    """A connection in a transaction that no second migrator can be in; commits at the end, rolls back on error."""
    sqlite = engine.dialect.name == "sqlite"
    own = create_engine(engine.url, poolclass=NullPool, connect_args={"timeout": PATIENCE} if sqlite else {})
    if sqlite:
        event.listen(own, "connect", _leave_transactions_to_us)
        event.listen(own, "begin", _begin_immediate)
    try:
        with own.begin() as connection:
            if not sqlite:
                connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": LOCK})
            yield connection
    finally:
        own.dispose()


def _leave_transactions_to_us(connection: DBAPIConnection, _entry: ConnectionPoolEntry) -> None:
    """Python's sqlite3 module would otherwise commit before every CREATE TABLE."""
    connection.isolation_level = None


def _begin_immediate(connection: Connection) -> None:
    connection.exec_driver_sql("BEGIN IMMEDIATE")
