"""Many rows in one statement, whose words stay the same however many they are: compiled and planned once."""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Dialect,
    Executable,
    FromClause,
    String,
    Table,
    Text,
    bindparam,
    cast,
    column,
    delete,
    func,
    select,
    true,
    tuple_,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.orm import InstanceState, Mapped
from sqlalchemy.orm.attributes import instance_state
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.types import NullType, TypeDecorator, TypeEngine
from sqlmodel import Session, SQLModel

from storage.prepared import connected, fetch
from storage.types import as_kept_by_sqlite


class _Listed(TypeDecorator[Sequence[object]]):
    """A list as one value: an array for PostgreSQL, JSON for SQLite."""

    impl = Text
    cache_ok = True

    def __init__(self, of: type[TypeEngine[Any]]) -> None:
        super().__init__()
        self.of = of

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        return dialect.type_descriptor(postgresql.ARRAY(self.of()) if dialect.name == "postgresql" else Text())

    def process_bind_param(self, value: Sequence[object] | None, dialect: Dialect) -> Any:
        if dialect.name == "postgresql":
            return list(value or ())
        return json.dumps(list(value or ()))


class _Among(FunctionElement[Any]):
    name = "among"
    type = NullType()
    """A Boolean would be compared with 1 for SQLite, which then looks at every row instead of into an index."""
    inherit_cache = True


_IN_JSON = "{} IN (SELECT value FROM json_each({}))"


@compiles(_Among, "postgresql")
def _in_array(element: _Among, compiler: SQLCompiler, **more: Any) -> str:
    one, those = element.clauses
    return f"{compiler.process(one, **more)} = ANY ({compiler.process(those, **more)})"


@compiles(_Among, "sqlite")
def _in_json(element: _Among, compiler: SQLCompiler, **more: Any) -> str:
    one, those = element.clauses
    return _IN_JSON.format(compiler.process(one, **more), compiler.process(those, **more))


def among(one: ColumnElement[Any] | Mapped[Any], name: str) -> ColumnElement[bool]:
    """`one`, a column of whole numbers or texts, is one of a list given as `name`.

    Unlike `in_` it is one value: a statement is the same for ten and for ten thousand, and nobody takes it apart anew.
    """
    (column,) = _Among(one).clauses
    of = BigInteger if column.type.python_type is int else String
    return _Among(column, bindparam(name, type_=_Listed(of)))


def insert_many(
    session: Session,
    table: type[SQLModel],
    given: Sequence[Mapping[str, object]],
    *,
    unless: str,
    told: tuple[str, ...],
) -> list[tuple[Any, ...]]:
    """Add these rows by one statement, but none whose `unless` (a unique column) is there already.

    Each has the same columns; the others get what the database gives them. Returns the columns `told` of those added.
    """
    if not given:
        return []
    line, names = connected(session), tuple(given[0])
    statement = _insertion(line.dialect.name, table, names, unless, told)
    return [tuple(row) for row in fetch(line, statement, {"rows": _as_json(line.dialect.name, given)})]


def put_many(session: Session, table: type[SQLModel], given: Sequence[Mapping[str, object]]) -> None:
    """Add these rows by one statement; of one whose key is there already the given columns are written over."""
    if given:
        line, names = connected(session), tuple(given[0])
        fetch(line, _putting(line.dialect.name, table, names), {"rows": _as_json(line.dialect.name, given)})


def save_many(session: Session, saved: Sequence[SQLModel]) -> None:
    """Write what was changed of these rows of one table by one statement; a later flush finds nothing left to do.

    They have to be locked: a column that was changed in one of them is written for all, as it was read.
    """
    states: list[InstanceState[Any]] = [instance_state(row) for row in saved]
    states = [state for state in states if state.committed_state]
    if not states:
        return
    table, line = type(saved[0]), connected(session)
    names = (*_keys(table), *sorted({name for state in states for name in state.committed_state}))
    given = [{name: state.dict[name] for name in names} for state in states]
    fetch(line, _change(line.dialect.name, table, names), {"rows": _as_json(line.dialect.name, given)})
    for state in states:
        state._commit_all(state.dict, session.identity_map)  # noqa: SLF001 - as the session does when it has flushed


def remove_many(session: Session, gone: Sequence[SQLModel]) -> None:
    """Delete these rows of one table by one statement."""
    if not gone:
        return
    table, line = type(gone[0]), connected(session)
    given = [{key: getattr(row, key) for key in _keys(table)} for row in gone]
    fetch(line, _removal(line.dialect.name, table), {"rows": _as_json(line.dialect.name, given)})
    for row in gone:
        session.expunge(row)


def _as_json(dialect: str, given: Sequence[Mapping[str, object]]) -> str:
    moment = as_kept_by_sqlite if dialect == "sqlite" else datetime.isoformat

    def plain(value: object) -> object:
        if isinstance(value, datetime) and value.tzinfo is not None:
            return moment(value)
        raise TypeError(f"a {type(value).__name__} without a form of its own in JSON")

    return json.dumps(list(given), ensure_ascii=False, default=plain)


def _given(dialect: str, table: Table, names: tuple[str, ...]) -> FromClause:
    """The rows given as JSON, as a table with the columns of this one."""
    if dialect == "postgresql":
        rows = func.jsonb_to_recordset(cast(bindparam("rows", type_=Text), postgresql.JSONB))
        columns = [column(name, table.c[name].type) for name in names]
        return rows.table_valued(*columns, name="given").render_derived(with_types=True)
    each = func.json_each(bindparam("rows", type_=Text)).table_valued("value")
    return select(*(func.json_extract(each.c.value, f"$.{name}").label(name) for name in names)).subquery("given")


@cache
def _insertion(
    dialect: str, table: type[SQLModel], names: tuple[str, ...], unless: str, told: tuple[str, ...]
) -> Executable:
    written = _addition(dialect, table, names).on_conflict_do_nothing(index_elements=[unless])
    return written.returning(*(_table(table).c[name] for name in told))


@cache
def _putting(dialect: str, table: type[SQLModel], names: tuple[str, ...]) -> Executable:
    written, keys = _addition(dialect, table, names), _keys(table)
    news = {name: written.excluded[name] for name in names if name not in keys}
    put = written.on_conflict_do_update(index_elements=list(keys), set_=news)
    return put.returning(*(_table(table).c[key] for key in keys))


def _addition(dialect: str, table: type[SQLModel], names: tuple[str, ...]) -> postgresql.Insert | sqlite.Insert:
    ours, insert = _table(table), postgresql.insert if dialect == "postgresql" else sqlite.insert
    given = _given(dialect, ours, names)
    rows = select(*(given.c[name] for name in names)).where(true())  # SQLite takes ON CONFLICT for a join's ON else
    return insert(ours).from_select(names, rows, include_defaults=False)


@cache
def _change(dialect: str, table: type[SQLModel], names: tuple[str, ...]) -> Executable:
    ours, keys = _table(table), _keys(table)
    given = _given(dialect, ours, names)
    news = {ours.c[name]: given.c[name] for name in names if name not in keys}
    found = update(ours).values(news).where(*(ours.c[key] == given.c[key] for key in keys))
    return found.returning(*(ours.c[key] for key in keys))


@cache
def _removal(dialect: str, table: type[SQLModel]) -> Executable:
    ours, keys = _table(table), _keys(table)
    given = _given(dialect, ours, keys)
    gone = delete(ours).where(tuple_(*(ours.c[key] for key in keys)).in_(select(*(given.c[key] for key in keys))))
    return gone.returning(*(ours.c[key] for key in keys))


def _table(table: type[SQLModel]) -> Table:
    return SQLModel.metadata.tables[str(table.__tablename__)]


@cache
def _keys(table: type[SQLModel]) -> tuple[str, ...]:
    """No table calls a column otherwise than Python does."""
    return tuple(column.name for column in _table(table).primary_key)
