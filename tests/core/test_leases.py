"""A job that one process does at a time: who has it, when another may take it, and when it is given up."""

from datetime import UTC, datetime, timedelta

from core import leases
from storage.database import Database

NOW = datetime(2026, 11, 3, 10, 0, tzinfo=UTC)


async def test_only_one_process_has_it(database: Database) -> None:
    assert await database.transact(leases.take, "job", "a", NOW)
    assert not await database.transact(leases.take, "job", "b", NOW + leases.LASTS / 2)


async def test_who_renews_in_time_keeps_it(database: Database) -> None:
    await database.transact(leases.take, "job", "a", NOW)
    assert await database.transact(leases.take, "job", "a", NOW + leases.LASTS / 2)

    assert not await database.transact(leases.take, "job", "b", NOW + leases.LASTS)


async def test_who_does_not_renew_loses_it_and_learns_so(database: Database) -> None:
    await database.transact(leases.take, "job", "a", NOW)
    late = NOW + leases.LASTS + timedelta(seconds=1)

    assert await database.transact(leases.take, "job", "b", late)
    assert not await database.transact(leases.take, "job", "a", late)


async def test_who_gives_it_back_leaves_it_to_another_at_once(database: Database) -> None:
    await database.transact(leases.take, "job", "a", NOW)
    await database.transact(leases.drop, "job", "b")  # not theirs to give
    assert not await database.transact(leases.take, "job", "b", NOW)

    await database.transact(leases.drop, "job", "a")

    assert await database.transact(leases.take, "job", "b", NOW)


async def test_the_leases_of_a_dead_process_are_given_up(database: Database) -> None:
    await database.transact(leases.take, "job", "dead", NOW)
    assert await database.transact(leases.holders) == ["dead"]

    await database.transact(leases.give_up, "dead")

    assert await database.transact(leases.take, "job", "b", NOW)
