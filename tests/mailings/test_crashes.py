"""The sender is killed at every boundary of a run: nobody gets it twice, and nobody is forgotten."""

import random
from collections.abc import Callable

import pytest

from storage.database import Database
from tests.mailings.mortal import check, two_lives


@pytest.mark.parametrize(
    ("people", "deaths"),
    [(9, 6), pytest.param(9, 1000, marks=pytest.mark.soak), pytest.param(2000, 20, marks=pytest.mark.soak)],
    ids=["some boundaries", "every boundary", "2,000 recipients"],
)
async def test_killed_at_any_boundary_a_run_doubles_and_forgets_nobody(
    make_database: Callable[[], str], people: int, deaths: int
) -> None:
    whole, *_ = await two_lives(make_database(), people, at=0)
    boundaries = range(1, whole.count + 1)
    chance = random.Random(people)

    for at in sorted(chance.sample(boundaries, min(deaths, len(boundaries)))):
        url = make_database()
        _, postbox, in_hand = await two_lives(url, people, at)

        database = Database(url)
        try:
            await database.read(check, people, postbox, in_hand)
        finally:
            database.close()
