"""Rows for the hot path: the same objects the ORM would load, by statements built once, in a third of its time."""

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, Executable, bindparam, event, inspect, select
from sqlalchemy.exc import NoResultFound
from sqlalchemy.orm import InstanceState, Mapper, configure_mappers
from sqlalchemy.orm.attributes import instance_state, set_committed_value
from sqlmodel import Session, SQLModel

from storage.prepared import connected, fetch
from storage.writing import insertion, is_deleted, write

Row = TypeVar("Row", bound=SQLModel)


@event.listens_for(Session, "loaded_as_persistent")
@event.listens_for(Session, "pending_to_persistent")
@event.listens_for(Session, "detached_to_persistent")
def hold(session: Any, row: object) -> None:
    """Keep every row until its session ends: one that nobody holds would be read again at the next `session.get`."""
    session.info.setdefault("held", []).append(row)


def columns(*tables: type[SQLModel]) -> list[ColumnElement[Any]]:
    """What `rows` wants selected for these tables, in this order."""
    return [column for table in tables for column in _mapper(table).local_table.c]


def rows(
    session: Session, statement: Executable, values: Mapping[str, object], *tables: type[SQLModel], fresh: bool = False
) -> list[tuple[Any, ...]]:
    """Run a select of `columns(*tables)`; each row holds one object per table, None where an outer join found none.

    Objects the session has already are given as they are, unless `fresh`: then they take the database's values, which
    matters after waiting for a lock. What was added or deleted is written first; a mere change of a row is not, so
    no condition may look at a column that this transaction changes.
    """
    write(session, changes=fresh)
    found = fetch(connected(session), statement, values)
    makers = _makers(tables)
    return [tuple([maker.make(session, row, fresh=fresh) for maker in makers]) for row in found]


def find(session: Session, table: type[Row], *key: object) -> Row | None:
    """As `session.get`."""
    known: Row | None = session.identity_map.get((table, key, None))
    if known is not None and not is_deleted(session, known):
        return known
    found = rows(session, _by_key(table), {f"key{at}": one for at, one in enumerate(key)}, table)
    return found[0][0] if found else None


def find_one(session: Session, table: type[Row], *key: object) -> Row:
    """As `session.get_one`. Raises NoResultFound."""
    found = find(session, table, *key)
    if found is None:
        raise NoResultFound(f"no row of {table.__name__} has this key")
    return found


def insert(session: Session, table: type[Row], **values: object) -> Row:
    """Add a row, of which every column is given, and write it at once."""
    fetch(connected(session), insertion(table), values)
    (maker,) = _makers((table,))
    made = maker.adopt(session, [values[name] for name in maker.names])
    if not isinstance(made, table):
        raise TypeError(f"{table.__name__} made something else")
    return made


class _Maker:
    """How objects of one table are made of a row, in which their columns begin at `start`."""

    def __init__(self, table: type[SQLModel], start: int) -> None:
        self.mapper = _mapper(table)
        places: list[ColumnElement[Any]] = list(self.mapper.local_table.c)
        self.names = [self.mapper.get_property_by_column(column).key for column in places]
        self.mine = slice(start, start + len(places))
        self.keys = [places.index(column) for column in self.mapper.primary_key]
        self.kind = self.mapper.identity_key_from_primary_key(())[0]

    def make(self, session: Session, row: Sequence[Any], *, fresh: bool) -> object | None:
        values = row[self.mine]
        key = tuple([values[at] for at in self.keys])
        if None in key:
            return None
        known: object | None = session.identity_map.get((self.kind, key, None))
        if known is not None and not fresh:
            return known
        if known is None:
            return self.adopt(session, values)
        for name, value in zip(self.names, values, strict=True):
            set_committed_value(known, name, value)
        return known

    def adopt(self, session: Session, values: Sequence[Any]) -> object:
        """What SQLAlchemy's own loading does for a row: make_transient_to_detached and Session.add would come to the
        same, but look into relations, cascades and events, of which these tables have none.
        """
        made: object = self.mapper.class_manager.new_instance()
        state: InstanceState[Any] = instance_state(made)
        state.dict.update(zip(self.names, values, strict=True))
        state.key = (self.kind, tuple([values[at] for at in self.keys]), None)
        state.session_id = session.hash_key
        session.identity_map.add(state)
        hold(session, made)
        return made


@cache
def _makers(tables: tuple[type[SQLModel], ...]) -> list[_Maker]:
    """One for each of the tables whose columns stand one after the other in a row."""
    makers: list[_Maker] = []
    for table in tables:
        makers.append(_Maker(table, makers[-1].mine.stop if makers else 0))
    return makers


@cache
def _mapper(table: type[SQLModel]) -> Mapper[Any]:
    configure_mappers()  # as a session does before its first question, which may come after ours
    mapper: Mapper[Any] = inspect(table)
    return mapper


@cache
def _by_key(table: type[SQLModel]) -> Executable:
    keys = _mapper(table).primary_key
    return select(*columns(table)).where(*(key == bindparam(f"key{at}") for at, key in enumerate(keys)))
