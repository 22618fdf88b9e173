"""What is due next is asked of every table with a due moment."""

from datetime import UTC, datetime, timedelta

from sqlmodel import Session, SQLModel

from core.due import COLUMNS, next_due
from storage.database import Database
from storage.tables import Account, Contact, Delivery, Digest, Nudge

NOW = datetime(2026, 11, 3, 10, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)


def test_the_first_moment_ahead_is_found_whichever_table_names_it(database: Database) -> None:
    def use(session: Session) -> list[datetime | None]:
        session.add(Account(id=1, name="Acme", created_at=NOW))
        session.flush()
        session.add(Contact(id=1, account_id=1, name="Dana", email="d@acme.example", created_at=NOW))
        session.flush()
        found = [next_due(session, NOW)]
        session.add(Digest(contact_id=1, due=NOW + 5 * HOUR, daily_at=NOW, weekly_at=NOW))
        session.add(nudge("waiting", NOW + 4 * HOUR))
        session.add(nudge("over", NOW + HOUR))
        session.add(delivery("held", NOW + 3 * HOUR))
        session.add(delivery("accepted", NOW + 2 * HOUR))
        session.flush()
        found += [next_due(session, NOW + hours * HOUR) for hours in (0, 3, 4, 5)]
        return found

    found = database.transact_now(use)

    assert found == [None, NOW + 3 * HOUR, NOW + 4 * HOUR, NOW + 5 * HOUR, None]


def nudge(state: str, due: datetime) -> Nudge:
    return Nudge(contact_id=1, rule=state, about="checklist:1", state=state, due=due, since=NOW)


def delivery(state: str, due: datetime) -> Delivery:
    return Delivery(
        key=state,
        messenger="telegram",
        address="telegram:1",
        lane=0,
        repeatable=True,
        kind="x",
        card="{}",
        state=state,
        due=due,
        attempts=0,
        created_at=NOW,
    )


def test_no_table_has_a_due_moment_under_another_name() -> None:
    """What ends in `due` or begins with `look` is one."""
    tables = SQLModel.metadata.sorted_tables
    named = {column.name for table in tables for column in table.c if "due" in column.name or "look" in column.name}

    assert named - set(COLUMNS) <= {"looked_at"}
