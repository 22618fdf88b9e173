"""Runs the statements of the hot path as SQLite takes them: compiled once, on the driver's own cursor."""

import sqlite3
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from operator import itemgetter
from typing import Any

from sqlalchemy import Connection, Executable, TextualSelect
from sqlalchemy.engine import Dialect
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.dml import UpdateBase
from sqlalchemy.sql.expression import ClauseElement, Select
from sqlmodel import Session

Convert = Callable[[Any], Any]


@dataclass(frozen=True, slots=True)
class Line:
    """A transaction's connection, with what each statement would else look up again."""

    connection: Connection
    dialect: Dialect
    raw: sqlite3.Connection | None
    """The driver's own; None where statements go SQLAlchemy's way: not SQLite, or somebody listens for them."""


def connected(session: Session) -> Line:
    """The session's connection, looked up once in a transaction."""
    known: Line | None = session.info.get("line")
    if known is not None and known.connection.in_transaction():
        return known
    connection = session.connection()
    raw = connection.connection.dbapi_connection
    if not isinstance(raw, sqlite3.Connection) or connection.engine.dispatch.before_cursor_execute:
        raw = None
    line = session.info["line"] = Line(connection, connection.dialect, raw)
    return line


def fetch(line: Line, statement: Executable, values: Mapping[str, Any]) -> Sequence[Sequence[Any]]:
    """The rows of `line.connection.execute(statement, values)`, on SQLite for a fifth of its price.

    `statement` must be a constant: what is prepared is kept. A statement that cannot be prepared, one that fails and
    one that somebody listens for go SQLAlchemy's way, which tells errors and listeners what they want to know.
    """
    if line.raw is not None:
        lists = _lists(statement, line.dialect)
        if lists:
            values = {**values, **{name: list(values[name]) for name in lists}}
        counts = tuple([(name, len(values[name])) for name in lists])
        way = _prepared(statement, line.dialect, tuple(values), counts)
        if way is not None:
            try:
                return way.run(line.raw, values)
            except sqlite3.Error:
                pass  # nothing of a failed statement is kept, so it may be run again to hear SQLAlchemy's account of it
    return line.connection.execute(statement, dict(values)).all()


@dataclass(frozen=True, slots=True)
class _Prepared:
    """A statement as SQLite takes it. Its question marks stand for `take(values)`, in this order."""

    words: str
    take: Callable[[Mapping[str, object]], Sequence[Any]]
    unsaid: Mapping[str, object]
    """Values the statement brings along: a limit, say."""
    lists: tuple[tuple[str, tuple[str, ...]], ...]
    """A list's name, and the names its members are taken by."""
    put: tuple[tuple[int, Convert], ...]
    """Which of the values SQLite wants otherwise than Python has them."""
    odd: tuple[tuple[int, Convert], ...]
    """The columns of a row that are not as SQLite has them."""

    def run(self, raw: sqlite3.Connection, values: Mapping[str, object]) -> Sequence[Sequence[Any]]:
        if self.unsaid or self.lists:
            said: dict[str, Any] = {**self.unsaid, **values}
            for name, members in self.lists:
                said.update(zip(members, said[name], strict=True))
            values = said
        given = self.take(values)
        if self.put:
            given = list(given)
            for at, convert in self.put:
                given[at] = convert(given[at])
        found: list[tuple[Any, ...]] = raw.execute(self.words, given).fetchall()
        return [self._read(row) for row in found] if self.odd else found

    def _read(self, row: tuple[Any, ...]) -> list[Any]:
        read = list(row)
        for at, convert in self.odd:
            if read[at] is not None:
                read[at] = convert(read[at])
        return read


@lru_cache(512)
def _lists(statement: Executable, dialect: Dialect) -> tuple[str, ...]:
    """Which of the values have to be lists: a statement is prepared for each number of members."""
    binds = _compiled(statement, dialect, None).binds.values() if isinstance(statement, ClauseElement) else ()
    return tuple(dict.fromkeys(bound.key for bound in binds if bound.expanding and bound.required))


def _compiled(statement: ClauseElement, dialect: Dialect, keys: list[str] | None) -> SQLCompiler:
    made = ClauseElement.compile(statement, dialect=dialect, column_keys=keys)
    if not isinstance(made, SQLCompiler):
        raise TypeError(f"{statement} is no SQL")
    return made


@lru_cache(512)
def _prepared(
    statement: Executable, dialect: Dialect, names: tuple[str, ...], lists: tuple[tuple[str, int], ...]
) -> _Prepared | None:
    """`names` of the values; `lists`: how many are in each that is a list. None: Python has to make some itself."""
    if not isinstance(statement, Select | UpdateBase | TextualSelect):
        return None
    made = _compiled(statement, dialect, list(names) if isinstance(statement, UpdateBase) else None)
    if made.insert_prefetch or made.update_prefetch:
        return None
    counted = dict(lists)
    if any(bound.expanding and bound.key not in counted for bound in made.binds.values()):
        return None  # a list that is part of the statement
    blank = {name: [None] * counted[name] if name in counted else None for name in names}
    state = made.construct_expanded_state(blank)
    if state.positiontup is None:
        return None
    members = {member: name for name, ones in state.parameter_expansion.items() for member in ones}
    bounds = {place: made.binds[members.get(place, place)] for place in state.positiontup}
    takes = [place if place in members else bounds[place].key for place in state.positiontup]
    put = []
    for at, place in enumerate(state.positiontup):
        if convert := bounds[place].type.dialect_impl(dialect).bind_processor(dialect):
            put.append((at, convert))
    odd = []
    for number, column in enumerate(statement.exported_columns):
        if read := column.type.dialect_impl(dialect).result_processor(dialect, None):
            odd.append((number, read))
    unsaid = {bound.key: bound.effective_value for bound in bounds.values() if bound.key not in names}
    expanded = tuple((name, tuple(ones)) for name, ones in state.parameter_expansion.items())
    return _Prepared(state.statement, _taker(takes), unsaid, expanded, tuple(put), tuple(odd))


def _taker(names: Sequence[str]) -> Callable[[Mapping[str, object]], Sequence[Any]]:
    if len(names) > 1:
        return itemgetter(*names)
    return lambda values: [values[name] for name in names]
