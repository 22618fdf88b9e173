"""Runs the statements of the hot path as SQLite takes them: compiled once, on the driver's own cursor."""

import sqlite3
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from sqlalchemy import Connection, Executable, TextualSelect
from sqlalchemy.engine import Dialect
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.dml import UpdateBase
from sqlalchemy.sql.expression import ClauseElement, Select
from sqlmodel import Session

Convert = Callable[[Any], Any]


def connected(session: Session) -> Connection:
    """As `session.connection()`, which looks up each time what it found before."""
    known: Connection | None = session.info.get("connection")
    if known is not None and known.in_transaction():
        return known
    found = session.info["connection"] = session.connection()
    return found


def fetch(connection: Connection, statement: Executable, values: Mapping[str, object]) -> Sequence[Sequence[Any]]:
    """The rows of `connection.execute(statement, values)`, on SQLite for a fifth of its price.

    `statement` must be a constant: what is prepared is kept. A statement that cannot be prepared, one that fails and
    one that somebody listens for go SQLAlchemy's way, which tells errors and listeners what they want to know.
    """
    raw = connection.connection.dbapi_connection
    if isinstance(raw, sqlite3.Connection) and not connection.engine.dispatch.before_cursor_execute:
        lists = tuple([(name, len(one)) for name, one in values.items() if isinstance(one, (list, tuple))])
        way = _prepared(statement, connection.dialect, tuple(values), lists)
        if way is not None:
            try:
                return way.run(raw, values)
            except sqlite3.Error:
                pass  # nothing of a failed statement is kept, so it may be run again to hear SQLAlchemy's account of it
    return connection.execute(statement, dict(values)).all()


@dataclass(frozen=True, slots=True)
class _Prepared:
    """`places`: a value's name, which one of its list, what it is when nobody gives it, and how SQLite wants it.
    `odd`: the columns of a row that are not as SQLite has them.
    """

    words: str
    places: tuple[tuple[str, int | None, Any, Convert | None], ...]
    odd: tuple[tuple[int, Convert], ...]

    def run(self, raw: sqlite3.Connection, values: Mapping[str, object]) -> Sequence[Sequence[Any]]:
        given = []
        for name, at, otherwise, convert in self.places:
            value: Any = values.get(name, otherwise)
            if at is not None:
                value = value[at]
            given.append(value if convert is None else convert(value))
        found: list[tuple[Any, ...]] = raw.execute(self.words, given).fetchall()
        return [self._read(row) for row in found] if self.odd else found

    def _read(self, row: tuple[Any, ...]) -> list[Any]:
        read = list(row)
        for at, convert in self.odd:
            if read[at] is not None:
                read[at] = convert(read[at])
        return read


@lru_cache(512)
def _prepared(
    statement: Executable, dialect: Dialect, names: tuple[str, ...], lists: tuple[tuple[str, int], ...]
) -> _Prepared | None:
    """`names` of the values; `lists`: how many are in each that is a list. None: Python has to make some itself."""
    if not isinstance(statement, Select | UpdateBase | TextualSelect):
        return None
    keys = list(names) if isinstance(statement, UpdateBase) else None
    made = ClauseElement.compile(statement, dialect=dialect, column_keys=keys)
    if not isinstance(made, SQLCompiler) or made.insert_prefetch or made.update_prefetch:
        return None
    counted = dict(lists)
    if any(bound.expanding and bound.key not in counted for bound in made.binds.values()):
        return None  # a set, say, has no order to prepare for
    blank = {name: [None] * counted[name] if name in counted else None for name in names}
    state = made.construct_expanded_state(blank)
    if state.positiontup is None:
        return None
    members = {one: (name, at) for name, ones in state.parameter_expansion.items() for at, one in enumerate(ones)}
    places = []
    for place in state.positiontup:
        name, at = members.get(place, (place, None))
        bound = made.binds[name]
        convert = bound.type.dialect_impl(dialect).bind_processor(dialect)
        places.append((bound.key, at, bound.effective_value, convert))
    odd = []
    for number, column in enumerate(statement.exported_columns):
        if read := column.type.dialect_impl(dialect).result_processor(dialect, None):
            odd.append((number, read))
    return _Prepared(state.statement, tuple(places), tuple(odd))
