"""The town, on both databases."""

from collections.abc import AsyncIterator

import pytest

from tests.stories.town import Town, town


@pytest.fixture
async def here(database_url: str) -> AsyncIterator[Town]:
    """The story plays once on SQLite and once on PostgreSQL."""
    async with town(database_url) as place:
        yield place


@pytest.fixture
async def sqlite_town(sqlite_url: str) -> AsyncIterator[Town]:
    """For what does not depend on the database."""
    async with town(sqlite_url) as place:
        yield place
