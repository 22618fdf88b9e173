"""When is anything due next? Due moments are columns, so one question to every table that has one answers it."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final

from sqlalchemy import String, bindparam, text
from sqlmodel import Session, SQLModel

import storage.tables as _tables  # noqa: F401 - the tables have to be known before they are looked through
from storage.prepared import connected, fetch
from storage.types import Moment

COLUMNS: Final = ("due", "changes_due", "look_at")
"""What a column is called that says when to look at a row: those of a new feature are found by themselves."""

_BESIDES: Final[Mapping[str, Sequence[str]]] = {"account": ("changed_at",)}
"""Columns of other names: facts of an account that its checklists have yet to follow."""

_STATES: Final[Mapping[str, Sequence[str]]] = {"delivery": ("held", "queued"), "nudge": ("waiting",)}
"""Of these tables, the states in which a row waits for its moment; each in the words of its index."""


def _each() -> list[str]:
    asked = []
    for table in SQLModel.metadata.sorted_tables:
        name, besides = table.name, _BESIDES.get(table.name, ())
        for column in (one.name for one in table.c if one.name in (*COLUMNS, *besides)):
            for state in _STATES.get(name, ("",)):
                only = f" AND state = '{state}'" if state else ""
                asked.append(
                    f"SELECT '{name}' AS name, min({column}) AS due FROM {name} WHERE {column} > :after{only}"  # noqa: S608 - our own names
                )
    return asked


_NEXT: Final = (
    text(f"SELECT name, min(due) FROM ({' UNION ALL '.join(_each())}) AS each WHERE due IS NOT NULL GROUP BY name")  # noqa: S608 - as above
    .bindparams(bindparam("after", type_=Moment()))
    .columns(name=String(), due=Moment())
)


def next_dues(session: Session, after: datetime) -> Mapping[str, datetime]:
    """By table, the next moment after this one that any of its due columns names.

    What watches days or files instead (updates dated tomorrow, say) is not among it: who waits for these moments alone
    has to look now and then besides.
    """
    found = fetch(connected(session), _NEXT, {"after": after})
    return {str(row[0]): row[1] for row in found}


def next_due(session: Session, after: datetime) -> datetime | None:
    """The first of them; None: nothing is due ever again."""
    return min(next_dues(session, after).values(), default=None)
