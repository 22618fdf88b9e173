"""The book of events heard does not grow for ever, and a repeat is still known for as long as one can come."""

from datetime import UTC, datetime, timedelta

from sqlmodel import Session, select

from core.retention import AT_ONCE, REPEATS_COME_FOR, forget_heard
from storage.database import Database
from storage.tables import HeardEvent

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)


def heard(key: str, ago: timedelta, state: str = "done") -> HeardEvent:
    return HeardEvent(key=key, sender="telegram:7", at=NOW - ago, state=state, payload=None)


def keys(session: Session) -> set[str]:
    return set(session.exec(select(HeardEvent.key)).all())


def test_what_was_decided_is_forgotten_after_a_week_and_not_before(database: Database) -> None:
    def fill(session: Session) -> None:
        session.add(heard("old", REPEATS_COME_FOR + timedelta(seconds=1)))
        session.add(heard("young", REPEATS_COME_FOR))

    database.transact_now(fill)

    assert database.transact_now(forget_heard, NOW) == 1
    assert database.transact_now(keys) == {"young"}


def test_what_failed_or_waits_is_kept_however_old(database: Database) -> None:
    def fill(session: Session) -> None:
        session.add(heard("failed", timedelta(days=90), "failed"))
        session.add(heard("unknown", timedelta(days=90), "unknown"))

    database.transact_now(fill)

    assert database.transact_now(forget_heard, NOW) == 0
    assert database.transact_now(keys) == {"failed", "unknown"}


def test_a_long_past_is_forgotten_bit_by_bit(database: Database) -> None:
    def fill(session: Session) -> None:
        session.add_all(heard(str(number), timedelta(days=30)) for number in range(AT_ONCE + 1))

    database.transact_now(fill)

    assert [database.transact_now(forget_heard, NOW) for _ in range(3)] == [AT_ONCE, 1, 0]
