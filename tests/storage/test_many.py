"""Many rows at once: a list is one value, and an index still finds its members."""

from datetime import UTC, datetime, timedelta

from sqlalchemy import select
from sqlalchemy.dialects import sqlite
from sqlmodel import Session, col
from sqlmodel import select as all_of

from storage.database import Database
from storage.many import among, put_many, remove_many, save_many
from storage.prepared import connected, fetch
from storage.tables import Delivery, Pause

TUESDAY = datetime(2026, 11, 3, tzinfo=UTC)


def test_members_of_a_list_are_looked_up_and_not_every_row_read() -> None:
    asked = select(col(Delivery.address)).where(among(col(Delivery.id), "ids"), among(col(Delivery.key), "keys"))

    words = str(asked.compile(dialect=sqlite.dialect()))

    assert "= 1" not in words  # which SQLite could not answer from an index


def test_those_of_a_list_are_found(database: Database) -> None:
    def use(session: Session) -> list[str]:
        for name in ("a", "b", "c"):
            session.add(Pause(scope=name, until=TUESDAY))
        session.flush()
        found = fetch(connected(session), _SCOPES, {"scopes": ["a", "c", "d"]})
        return sorted(scope for (scope,) in found)

    assert database.transact_now(use) == ["a", "c"]


_SCOPES = select(col(Pause.scope)).where(among(col(Pause.scope), "scopes"))


def test_rows_are_put_changed_and_removed_together_and_others_left_alone(database: Database) -> None:
    later = TUESDAY + timedelta(hours=1)

    def use(session: Session) -> dict[str, datetime]:
        put_many(session, Pause, [{"scope": name, "until": TUESDAY} for name in ("a", "b'\"", "ü", "d")])
        put_many(session, Pause, [{"scope": "d", "until": later}])
        first, second, third = (session.get_one(Pause, name) for name in ("a", "b'\"", "ü"))
        second.until = later
        save_many(session, [first, second])
        remove_many(session, [third])
        session.flush()
        session.expunge_all()
        return {one.scope: one.until for one in session.exec(all_of(Pause)).all()}

    assert database.transact_now(use) == {"a": TUESDAY, "b'\"": later, "d": later}
