"""What operators see of the ledger."""

from datetime import UTC, datetime, timedelta

from sqlalchemy import text
from sqlmodel import Session

from hub import ledger
from storage.database import Database
from storage.tables import Delivery

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)


def delivery(number: int, state: str, due: datetime = NOW) -> Delivery:
    return Delivery(
        key=f"answer:{number}",
        messenger="telegram",
        address="telegram:7",
        kind="home",
        card="{}",
        state=state,
        due=due,
        created_at=NOW,
    )


def fill(session: Session) -> None:
    session.add_all(delivery(number, "accepted", NOW - timedelta(days=1)) for number in range(3))
    session.add_all(delivery(number, "queued", NOW - timedelta(seconds=number)) for number in range(10, 13))
    session.add(delivery(20, "queued", NOW + timedelta(days=1)))
    session.add(delivery(21, "held", NOW - timedelta(days=1)))


def test_the_queue_is_what_waits_and_how_long_the_oldest_due_card_has(database: Database) -> None:
    database.transact_now(fill)

    depth, oldest = database.transact_now(ledger.queue, NOW)

    assert depth == {"held": 1, "queued": 4, "sending": 0}
    assert oldest == timedelta(seconds=12)


def test_an_empty_queue_has_waited_no_time(database: Database) -> None:
    depth, oldest = database.transact_now(ledger.queue, NOW)

    assert (set(depth.values()), oldest) == ({0}, timedelta())


def test_the_newest_deliveries_of_a_state_are_listed_in_their_order(database: Database) -> None:
    database.transact_now(fill)

    rows = database.transact_now(ledger.listed, "accepted", 2)

    assert [row.key for row in rows] == ["answer:1", "answer:2"]


def test_measuring_the_queue_does_not_read_what_was_ever_sent(sqlite_url: str) -> None:
    database = Database(sqlite_url)
    plan = database.transact_now(
        lambda session: [
            str(row[-1])
            for asked in ledger.DEPTHS.values()
            for row in session.execute(text(f"EXPLAIN QUERY PLAN {asked}"))
        ]
    )
    database.close()

    assert [line for line in plan if "USING" not in line] == []


def test_the_bots_name_is_empty_until_the_hub_has_run(database: Database) -> None:
    assert database.transact_now(ledger.bot_name_kept) == ""
