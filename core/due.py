"""When is anything due next? Due moments are columns, so one question to every table that has one answers it."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final

from sqlalchemy import bindparam, text
from sqlmodel import Session, SQLModel

import storage.tables as _tables  # noqa: F401 - the tables have to be known before they are looked through
from storage.prepared import connected, fetch
from storage.types import Moment

COLUMNS: Final = ("due", "changes_due", "look_at")
"""What a column is called that says when to look at a row: those of a new feature are found by themselves."""

_STATES: Final[Mapping[str, Sequence[str]]] = {"delivery": ("held", "queued"), "nudge": ("waiting",)}
"""Of these tables, the states in which a row waits for its moment; each in the words of its index."""


def _each() -> list[str]:
    asked = []
    for table in SQLModel.metadata.sorted_tables:
        for column in COLUMNS:
            if column not in table.c:
                continue
            for state in _STATES.get(table.name, ("",)):
                only = f" AND state = '{state}'" if state else ""
                asked.append(f"SELECT min({column}) AS due FROM {table.name} WHERE {column} > :after{only}")  # noqa: S608 - our own tables' names
    return asked


_NEXT: Final = (
    text(f"SELECT min(due) AS due FROM ({' UNION ALL '.join(_each())}) AS each")  # noqa: S608 - as above
    .bindparams(bindparam("after", type_=Moment()))
    .columns(due=Moment())
)


def next_due(session: Session, after: datetime) -> datetime | None:
    """The next moment after this one that any due column names; None: nothing is due ever again.

    What watches days or files instead (updates dated tomorrow, say) is not among it: who waits for this moment alone
    has to look now and then besides.
    """
    ((due,),) = fetch(connected(session), _NEXT, {"after": after})
    found: datetime | None = due
    return found
