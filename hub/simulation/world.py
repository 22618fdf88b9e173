"""A copy of the database in memory, the chats in which people see our cards, and the clock of a simulation."""

import sqlite3
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Concatenate, Final, ParamSpec, TypeVar

from sqlalchemy import Connection, Engine, Integer, Table, bindparam, insert, select, text
from sqlmodel import Session, SQLModel

from core.cards import Card
from core.claims import Claimed
from core.events import Address, MessengerName
from core.outbox import Unreachable
from storage.database import make_engine
from storage.prepared import connected, fetch
from storage.session import QuickSession
from storage.types import Moment
from storage.writing import write

P = ParamSpec("P")
T = TypeVar("T")

MEMORY: Final = "sqlite://"
CHUNK: Final = 2_000
"""Rows copied at once."""
REMEMBERED: Final = 6
"""Messages that somebody scrolls back to at most."""


class World:
    """The simulated database: every use case is a transaction, as in the hub, but in this thread and in memory."""

    def __init__(self, now: datetime, source: Engine | None = None) -> None:
        """`source`: the database that is copied; it is only read. None: an empty one."""
        self.now = now
        self.engine = make_engine(MEMORY)
        if source is not None:
            copy(source, self.engine)
        else:
            SQLModel.metadata.create_all(self.engine)
        self._connection = self.engine.connect()
        self._raw = _raw(self._connection)
        self._session = self._begin()

    def _begin(self) -> Session:
        self._connection.begin()
        return QuickSession(self._connection, expire_on_commit=False, join_transaction_mode="rollback_only")

    def transact(self, use_case: Callable[Concatenate[Session, P], T], /, *args: P.args, **kwargs: P.kwargs) -> T:
        """Nothing of what fails is kept. SQLAlchemy, which takes longer than SQLite to begin and to commit, thinks that
        all of it is one transaction; only when that has to be rolled back it is told.
        """
        try:
            result = use_case(self._session, *args, **kwargs)
            write(self._session)
        except BaseException:
            self._session.close()
            transaction = self._connection.get_transaction()
            if transaction is not None:
                transaction.rollback()
            self._session = self._begin()
            raise
        self._session.expunge_all()
        self._session.info.clear()
        self._raw.execute("COMMIT")
        self._raw.execute("BEGIN")
        return result

    def close(self) -> None:
        self._session.close()
        self._connection.close()
        self.engine.dispose()


_WAITS: Final = (  # in the words of the index of what is due
    text("SELECT DISTINCT lane FROM delivery WHERE state = 'queued' AND messenger = :messenger AND due <= :now")
    .bindparams(bindparam("now", type_=Moment()))
    .columns(lane=Integer())
)


def waits(session: Session, messenger: MessengerName, now: datetime) -> frozenset[int]:
    """The lanes in which anything is to be sent. Most times there is none, and asking so costs a tenth of claiming."""
    return frozenset(lane for (lane,) in fetch(connected(session), _WAITS, {"messenger": messenger, "now": now}))


def copy(source: Engine, target: Engine) -> None:
    """Everything from one database into an empty one in memory. The source is read in one transaction."""
    if source.dialect.name == "sqlite":
        with source.connect().execution_options(readonly=True) as old, target.connect() as new:
            _raw(old).backup(_raw(new))
        return
    SQLModel.metadata.create_all(target)
    with source.connect().execution_options(isolation_level="REPEATABLE READ") as old, target.begin() as new:
        for table in SQLModel.metadata.sorted_tables:
            _copy_table(old, new, table)


def _copy_table(old: Connection, new: Connection, table: Table) -> None:
    for part in old.execution_options(yield_per=CHUNK).execute(select(table)).mappings().partitions(CHUNK):
        new.execute(insert(table), [dict(row) for row in part])


def _raw(connection: Connection) -> sqlite3.Connection:
    raw = connection.connection.dbapi_connection
    if not isinstance(raw, sqlite3.Connection):
        raise TypeError("only SQLite is copied page by page")
    return raw


@dataclass(slots=True)
class Chat:
    """What one person sees in one chat, as a messenger would show it."""

    shown: dict[str, Card] = field(default_factory=dict)
    """By message, oldest first; those further up are forgotten."""
    newest: str = ""
    """The message that was shown or changed last."""
    blocked: bool = False


class Chats:
    """Both messengers, in memory: they accept every card, unless the person blocked us."""

    def __init__(self) -> None:
        self._chats: dict[str, Chat] = {}
        self._sent = 0

    def of(self, address: Address) -> Chat:
        return self._chats.setdefault(str(address), Chat())

    def send(self, one: Claimed) -> str:
        """Show the card and return the message's id. Raises Unreachable."""
        chat = self.of(one.address)
        if chat.blocked:
            raise Unreachable("blocked")
        message = "home" if one.address.is_home else one.replacing
        if message is None or (message not in chat.shown and message != "home"):
            self._sent += 1
            message = f"m{self._sent}"
        chat.shown[message] = one.card
        chat.newest = message
        while len(chat.shown) > REMEMBERED:
            del chat.shown[next(iter(chat.shown))]
        return message
