"""Databases by the dozen, for tests that begin anew again and again."""

import itertools
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest


@pytest.fixture(params=["sqlite", "postgresql"])
def make_database(request: pytest.FixtureRequest, memory_path: Path) -> Callable[[], str]:
    """Each call makes another database with every table and no rows."""
    if request.param == "postgresql":
        make: Callable[[str | None], str] = request.getfixturevalue("_postgres_databases")
        template = str(request.getfixturevalue("_postgres_template"))
        return lambda: make(template)
    file = Path(request.getfixturevalue("_sqlite_template"))
    numbers = itertools.count(1)
    return lambda: f"sqlite:///{shutil.copy(file, memory_path / f'{next(numbers)}.db')}"
