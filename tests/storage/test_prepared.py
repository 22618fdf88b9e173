"""A prepared statement finds what SQLAlchemy would find."""

from collections.abc import Collection
from datetime import UTC, datetime

import pytest
from sqlalchemy import bindparam, select
from sqlmodel import Session, col

from storage.database import Database
from storage.prepared import connected, fetch
from storage.tables import Pause

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
AMONG = select(col(Pause.scope), col(Pause.until)).where(col(Pause.scope).in_(bindparam("scopes", expanding=True)))


@pytest.mark.parametrize("scopes", [["slack", "x"], ("slack", "x"), {"slack", "x"}, ["slack"], ("slack",), {"slack"}])
def test_any_kind_of_collection_finds_its_rows(database: Database, scopes: Collection[str]) -> None:
    def work(session: Session) -> list[tuple[object, ...]]:
        session.add(Pause(scope="slack", until=NOON))
        session.flush()
        return [tuple(row) for row in fetch(connected(session), AMONG, {"scopes": scopes})]

    assert database.transact_now(work) == [("slack", NOON)]


def test_an_empty_list_finds_nothing(database: Database) -> None:
    assert not database.transact_now(lambda session: fetch(connected(session), AMONG, {"scopes": []}))
