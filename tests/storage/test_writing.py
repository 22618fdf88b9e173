"""What a transaction changed is written as the ORM would write it."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm.exc import StaleDataError
from sqlmodel import Session, delete

from storage.database import Database
from storage.tables import Chat, Pause
from storage.writing import write

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


def a_pause(session: Session, scope: str = "slack") -> None:
    session.add(Pause(scope=scope, until=NOON))
    write(session)


def until(database: Database) -> datetime | None:
    def look(session: Session) -> datetime | None:
        row = session.get(Pause, "slack")
        return row.until if row else None

    return database.transact_now(look)


def test_a_new_row_is_there_and_may_be_changed_at_once(database: Database) -> None:
    def work(session: Session) -> bool:
        row = Pause(scope="slack", until=NOON)
        session.add(row)
        write(session)
        row.until = NOON + timedelta(hours=1)
        write(session)
        return session.get(Pause, "slack") is row

    assert database.transact_now(work)
    assert until(database) == NOON + timedelta(hours=1)


def test_a_row_let_go_is_gone_for_the_same_transaction_too(database: Database) -> None:
    def work(session: Session) -> Pause | None:
        session.delete(session.get_one(Pause, "slack"))
        write(session)
        return session.get(Pause, "slack")

    database.transact_now(a_pause)
    assert database.transact_now(work) is None
    assert until(database) is None


def test_a_change_of_a_row_that_is_no_longer_there_fails(database: Database) -> None:
    def work(session: Session) -> None:
        row = session.get_one(Pause, "slack")
        session.connection().execute(delete(Pause))
        row.until = NOON + timedelta(hours=1)
        write(session)

    database.transact_now(a_pause)
    with pytest.raises(StaleDataError):
        database.transact_now(work)
    assert until(database) == NOON


def test_a_row_that_must_not_be_fails_as_it_does_with_the_orm(database: Database) -> None:
    database.transact_now(a_pause)
    with pytest.raises(IntegrityError):
        database.transact_now(a_pause)


def test_several_new_rows_are_written_in_the_order_their_references_ask_for(database: Database) -> None:
    def work(session: Session) -> None:
        session.add(Chat(address="telegram:1", last_heard_at=NOON))
        session.add(Pause(scope="slack", until=NOON))
        write(session)

    database.transact_now(work)
    assert until(database) == NOON
