"""Runs the statements of the hot path as SQLite takes them: compiled once, on the driver's own cursor."""

import sqlite3
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from sqlalchemy import Connection, Executable
from sqlalchemy.engine import Dialect
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.dml import UpdateBase
from sqlalchemy.sql.expression import ClauseElement, Select

Convert = Callable[[Any], Any]


def fetch(connection: Connection, statement: Executable, values: Mapping[str, object]) -> Sequence[Sequence[Any]]:
    """The rows of `connection.execute(statement, values)`, on SQLite for a fifth of its price.

    `statement` must be a constant: what is prepared is kept. A statement that cannot be prepared, one that fails and
    one that somebody listens for go SQLAlchemy's way, which tells errors and listeners what they want to know.
    """
    raw = connection.connection.dbapi_connection
    if isinstance(raw, sqlite3.Connection) and not connection.engine.dispatch.before_cursor_execute:
        way = _prepared(statement, connection.dialect, tuple(values))
        if way is not None:
            try:
                return way.run(raw, values)
            except sqlite3.Error:
                pass  # nothing of a failed statement is kept, so it may be run again to hear SQLAlchemy's account of it
    return connection.execute(statement, dict(values)).all()


@dataclass(frozen=True, slots=True)
class _Prepared:
    """`places`: a value's name, what it is when nobody gives it, and how SQLite wants it. `odd`: by column of a row."""

    words: str
    places: tuple[tuple[str, Any, Convert | None], ...]
    odd: tuple[tuple[int, Convert], ...]

    def run(self, raw: sqlite3.Connection, values: Mapping[str, object]) -> Sequence[Sequence[Any]]:
        given = [
            values.get(name, otherwise) if convert is None else convert(values.get(name, otherwise))
            for name, otherwise, convert in self.places
        ]
        found: list[tuple[Any, ...]] = raw.execute(self.words, given).fetchall()
        return [self._read(row) for row in found] if self.odd else found

    def _read(self, row: tuple[Any, ...]) -> list[Any]:
        read = list(row)
        for at, convert in self.odd:
            if read[at] is not None:
                read[at] = convert(read[at])
        return read


@lru_cache(512)
def _prepared(statement: Executable, dialect: Dialect, names: tuple[str, ...]) -> _Prepared | None:
    """None when its words depend on the values, as an IN of a list does, or when Python has to make some of them."""
    if not isinstance(statement, Select | UpdateBase):
        return None
    keys = list(names) if isinstance(statement, UpdateBase) else None
    made = ClauseElement.compile(statement, dialect=dialect, column_keys=keys)
    if not isinstance(made, SQLCompiler) or made.positiontup is None:
        return None
    if made.post_compile_params or made.literal_execute_params or made.insert_prefetch or made.update_prefetch:
        return None
    places = []
    for name in made.positiontup:
        bound = made.binds[name]
        places.append((bound.key, bound.effective_value, bound.type.dialect_impl(dialect).bind_processor(dialect)))
    odd = []
    for at, column in enumerate(statement.exported_columns):
        if convert := column.type.dialect_impl(dialect).result_processor(dialect, None):
            odd.append((at, convert))
    return _Prepared(str(made), tuple(places), tuple(odd))
