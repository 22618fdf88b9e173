"""Column types that mean the same on SQLite and PostgreSQL."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, DateTime, Dialect, Integer
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.types import TypeDecorator
from sqlmodel import SQLModel

BigId = BigInteger().with_variant(Integer, "sqlite")
"""A 64-bit key: only an INTEGER primary key counts up by itself in SQLite, where it has 64 bits anyway."""

Json = JSON().with_variant(JSONB(), "postgresql")
"""Texts, flags and lists in one column; both databases look into it. Assign a new value, never change the one there."""


class Row(SQLModel):
    """What every table's class is made of: set a column and SQLAlchemy alone hears of it.

    SQLModel's own way asks pydantic too, which for tables checks nothing and takes five times as long.
    """

    def __setattr__(self, name: str, value: object) -> None:
        object.__setattr__(self, name, value)


def as_kept_by_sqlite(value: datetime | None) -> str | None:
    """As SQLAlchemy's own DateTime writes it, so that what was written before compares with it: no zone, it is UTC."""
    if value is None:
        return None
    if value.tzinfo is None:
        raise ValueError(f"{value} has no time zone; give an aware datetime")
    utc = value if value.tzinfo is UTC else value.astimezone(UTC)
    return utc.isoformat(" ", "microseconds")[:26]


_AS_WRITTEN = len("2026-03-02 12:00:00.000000")


def _read(text: str | None) -> datetime | None:
    if text is None:
        return None
    if len(text) == _AS_WRITTEN:
        return datetime.fromisoformat(f"{text}+00:00")
    read = datetime.fromisoformat(text)  # with a zone when somebody wrote it by hand
    return read.replace(tzinfo=UTC) if read.tzinfo is None else read.astimezone(UTC)


class Moment(TypeDecorator[datetime]):
    """An aware datetime in UTC. Naive values are refused: they would mean different moments on different machines."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def bind_processor(self, dialect: Dialect) -> Callable[[Any], Any] | None:
        """On SQLite in one step, for a tap writes and reads a dozen moments."""
        return as_kept_by_sqlite if dialect.name == "sqlite" else super().bind_processor(dialect)

    def result_processor(self, dialect: Dialect, coltype: object) -> Callable[[Any], Any] | None:
        return _read if dialect.name == "sqlite" else super().result_processor(dialect, coltype)

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"{value} has no time zone; give an aware datetime")
        utc = value.astimezone(UTC)
        return utc.replace(tzinfo=None) if dialect.name == "sqlite" else utc

    def process_result_value(self, value: datetime | None, _dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)
