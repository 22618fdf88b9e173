"""Moments keep their instant in both databases, whatever zone they come in, and compare as text where they are text."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.dialects import sqlite
from sqlmodel import Session, select

from storage.database import Database
from storage.tables import Pause
from storage.types import Moment

ZONES = st.integers(-14 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))
MOMENTS = st.datetimes(datetime(1971, 1, 1), datetime(9990, 1, 1), timezones=ZONES)  # noqa: DTZ001 - hypothesis adds them


def written(moment: datetime | None) -> str | None:
    write = Moment().bind_processor(sqlite.dialect())
    assert write is not None
    text: str | None = write(moment)
    return text


def read(text: str | None) -> datetime | None:
    back = Moment().result_processor(sqlite.dialect(), None)
    assert back is not None
    moment: datetime | None = back(text)
    return moment


@given(MOMENTS, MOMENTS)
def test_a_moment_reads_back_as_the_same_instant_in_utc_and_sorts_as_text(one: datetime, other: datetime) -> None:
    first, second = written(one), written(other)

    assert read(first) == one
    assert (back := read(first)) is not None
    assert back.tzinfo is UTC
    assert first is not None
    assert second is not None
    assert (first < second) == (one < other)


def test_a_moment_without_a_zone_is_refused_and_none_stays_none() -> None:
    with pytest.raises(ValueError, match="no time zone"):
        written(datetime(2026, 1, 1))  # noqa: DTZ001 - that is the point
    assert (written(None), read(None)) == (None, None)
    assert read("2026-03-02 09:00:00+02:00") == datetime(2026, 3, 2, 7, tzinfo=UTC)


async def test_a_changed_column_is_written_and_an_untouched_row_is_not(database: Database) -> None:
    noon = datetime(2026, 3, 2, 12, tzinfo=UTC)

    def change(session: Session) -> None:
        row = session.get_one(Pause, "telegram")
        assert not session.is_modified(row)
        row.until = noon + timedelta(hours=1)
        assert session.is_modified(row)

    await database.transact(lambda session: session.add(Pause(scope="telegram", until=noon)))
    await database.transact(change)

    found = await database.read(lambda session: session.exec(select(Pause.until)).one())
    assert found == noon + timedelta(hours=1)
