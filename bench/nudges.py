"""What a morning costs on which very many nudges are due."""

import time
from datetime import UTC, datetime, timedelta

from sqlalchemy import text
from sqlmodel import Session

from bench.claiming import postgres_pair, sqlite_pair
from bench.hub_process import CONTENT
from bench.measure import Result, Wanted
from bench.people import fill_people, run
from core.content.catalogue import Catalogue
from core.content.checking import read_catalogue
from core.nudges.replanning import replan
from core.nudges.saying import nudge_due
from storage.database import Database
from storage.upgrade import upgrade

AT_ONCE = 10_000

_WAITING = """INSERT INTO nudge (contact_id, rule, about, state, due, since, sent)
    SELECT n, 'stalled-step', 'checklist:' || ((n + 3) / 4), 'waiting', :due, :since, 0 FROM {people} AS numbers"""


def fill(session: Session, people: int, since: datetime, due: datetime) -> None:
    """So many people of four to a client, each in a checklist that stands still, with a nudge due at that moment."""
    fill_people(session, people, since)
    run(session, _WAITING, people, since=since, due=due)


def nudges(at_once: int = AT_ONCE) -> list[Result]:
    """A morning on which everybody is due, on both databases."""
    results = [_morning("SQLite", urls, at_once) for urls in sqlite_pair()]
    with postgres_pair() as server:
        if server is not None:
            results.append(_morning("PostgreSQL", server, at_once))
    return results


def _prepare(database: Database, catalogue: Catalogue, people: int, now: datetime, due: datetime) -> None:
    upgrade(database.engine)
    while database.transact_now(replan, catalogue, now):
        pass
    database.transact_now(fill, people, now - timedelta(days=2, hours=1), due)
    with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql("ANALYZE")


def _morning(name: str, urls: tuple[str, str], people: int) -> Result:
    """Everybody is due: decided and queued, against writing as many rows of the ledger one by one."""
    now, catalogue = datetime.now(UTC), read_catalogue(CONTENT)
    database, bare = (Database(url) for url in urls)
    try:
        for one in (database, bare):
            _prepare(one, catalogue, people, now, now)
        begun = time.perf_counter()
        while database.transact_now(nudge_due, catalogue, now):
            pass
        ours = time.perf_counter() - begun
        queued = database.transact_now(_queued)
        if queued != people:
            raise AssertionError(f"{queued} of {people} queued")
        begun = time.perf_counter()
        bare.transact_now(write_bare, people, now)
        partner = time.perf_counter() - begun
    finally:
        database.close()
        bare.close()
    what = f"{people:,} nudges due at once, decided and queued, {name}"
    return Result(what, "s", [ours], [partner], "as many bare INSERTs", Wanted(15, at="most", of="ours"))


def _queued(session: Session) -> int:
    return int(session.execute(text("SELECT count(*) FROM delivery WHERE state = 'queued'")).scalar_one())


def write_bare(session: Session, rows: int, now: datetime) -> None:
    """So many rows of the ledger, one statement each: what a plain loop costs."""
    moment = now if session.get_bind().dialect.name != "sqlite" else now.replace(tzinfo=None).isoformat(" ")
    statement = text(
        "INSERT INTO delivery (key, messenger, address, lane, repeatable, kind, card, state, due, attempts, created_at)"
        " VALUES (:key, 'telegram', 'telegram:1', 1, :yes, 'nudge', '{}', 'queued', :now, 0, :now)"
    )
    for number in range(rows):
        session.execute(statement, {"key": f"bare:{number}", "now": moment, "yes": True})
