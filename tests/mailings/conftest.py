"""Databases by the dozen here, too, and one that is a file: for what does not depend on which it is."""

from collections.abc import Iterator

import pytest
from sqlmodel import Session

from storage.database import Database
from tests.mailings.letters import Street
from tests.mailings.office import Office
from tests.promises.conftest import make_database

__all__ = ["make_database"]


@pytest.fixture
def office(sqlite_url: str) -> Iterator[Office]:
    """On SQLite."""
    database = Database(sqlite_url)
    yield Office(database)
    database.close()


@pytest.fixture
def offices(database: Database) -> Office:
    """On both databases."""
    return Office(database)


@pytest.fixture
def street(sqlite_url: str) -> Iterator[Street]:
    """On SQLite."""
    database = Database(sqlite_url)
    with Session(database.engine) as session:
        yield Street(session)
    database.close()


@pytest.fixture
def streets(database: Database) -> Iterator[Street]:
    """On both databases."""
    with Session(database.engine) as session:
        yield Street(session)
