"""Migrations: from nothing, from every earlier state with data in it, by several processes, and never half."""

import subprocess
import sys
from datetime import UTC, datetime

import pytest
from alembic import command
from alembic.script import ScriptDirectory
from sqlalchemy import inspect, text
from sqlalchemy.exc import DBAPIError
from sqlmodel import Session, SQLModel, select

from storage.database import make_engine
from storage.tables import Account, Contact, Csm
from storage.upgrade import DatabaseIsNewer, config, head, revision, upgrade

REVISIONS = [script.revision for script in ScriptDirectory.from_config(config()).walk_revisions()][::-1]
NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)


def test_an_empty_database_gets_every_table(empty_database_url: str) -> None:
    engine = make_engine(empty_database_url)

    upgrade(engine)

    assert revision(engine) == head()
    assert set(SQLModel.metadata.tables) <= set(inspect(engine).get_table_names())
    engine.dispose()


def test_the_newest_migration_is_the_one_alembic_finds() -> None:
    assert ScriptDirectory.from_config(config()).get_heads() == [head()]


def test_a_start_with_nothing_to_do_does_not_load_alembic(sqlite_url: str) -> None:
    program = (
        "import sys; from storage.database import make_engine; from storage.upgrade import upgrade;"
        " upgrade(make_engine(sys.argv[1])); print('alembic' in sys.modules)"
    )

    done = subprocess.run([sys.executable, "-c", program, sqlite_url], capture_output=True, text=True, check=True)

    assert done.stdout.strip() == "False"


def test_upgrading_again_changes_nothing(database_url: str) -> None:
    engine = make_engine(database_url)
    with Session(engine) as session:
        session.add(Csm(email="ann@vendor.example"))
        session.commit()

    upgrade(engine)

    with Session(engine) as session:
        assert [csm.email for csm in session.exec(select(Csm))] == ["ann@vendor.example"]
    engine.dispose()


def test_every_table_has_its_migration(database_url: str) -> None:
    engine = make_engine(database_url)

    with engine.connect() as connection:
        command.check(config(connection))

    engine.dispose()


@pytest.mark.parametrize("earlier", REVISIONS)
def test_rows_survive_an_upgrade_from_each_earlier_revision(empty_database_url: str, earlier: str) -> None:
    engine = make_engine(empty_database_url)
    upgrade(engine, earlier)
    with engine.begin() as connection:
        # Plain SQL with the first revision's columns: today's classes may know more than that revision had.
        connection.execute(text("INSERT INTO csm (id, email, name, role) VALUES (1, 'ann@vendor.example', '', 'csm')"))
        connection.execute(
            text(
                "INSERT INTO account (id, name, segment, region, csm_id, created_at)"
                " VALUES (1, 'Acme', '', '', 1, '2026-03-02 09:00:00+00:00')"
            )
        )

    upgrade(engine)

    with Session(engine) as session:
        account = session.exec(select(Account)).one()
        assert (account.name, account.csm_id, account.created_at) == ("Acme", 1, NOW)
    engine.dispose()


def test_processes_starting_together_upgrade_once(empty_database_url: str) -> None:
    program = (
        "import sys; from storage.database import make_engine; from storage.upgrade import upgrade;"
        " upgrade(make_engine(sys.argv[1]))"
    )
    started = [
        subprocess.Popen([sys.executable, "-c", program, empty_database_url], stderr=subprocess.PIPE) for _ in range(3)
    ]

    outcomes = [process.communicate(timeout=60)[1].decode() for process in started]

    assert [(process.returncode, said) for process, said in zip(started, outcomes, strict=True)] == [(0, "")] * 3
    engine = make_engine(empty_database_url)
    assert revision(engine) == head()
    engine.dispose()


def test_a_database_from_the_future_is_refused_and_left_alone(database_url: str) -> None:
    engine = make_engine(database_url)
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))

    with pytest.raises(DatabaseIsNewer, match="newer version"):
        upgrade(engine)

    assert revision(engine) == "9999"
    engine.dispose()


def test_an_upgrade_that_fails_half_way_leaves_nothing_behind(empty_database_url: str) -> None:
    engine = make_engine(empty_database_url)
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE step_record (somebody_elses INTEGER)"))

    with pytest.raises(DBAPIError):
        upgrade(engine)

    assert inspect(engine).get_table_names() == ["step_record"]
    engine.dispose()


def test_a_moment_comes_back_aware_and_in_utc(database_url: str) -> None:
    engine = make_engine(database_url)
    with Session(engine) as session:
        session.add(Account(id=1, name="Acme", created_at=NOW))
        session.flush()
        session.add(Contact(account_id=1, name="Olga", email="olga@acme.example", created_at=NOW))
        session.commit()

    with Session(engine) as session:
        assert session.exec(select(Contact)).one().created_at == NOW
    engine.dispose()
