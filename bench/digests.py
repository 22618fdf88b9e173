"""What a morning costs on which everybody's digest is due, and on which something new is told to everybody."""

import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from sqlalchemy import text
from sqlmodel import Session

from bench.claiming import postgres_pair, sqlite_pair
from bench.hub_process import CONTENT
from bench.measure import Result, Wanted
from bench.nudges import write_bare
from bench.people import fill_people, run
from core.content.catalogue import Cadence, Catalogue, Update
from core.content.checking import read_catalogue
from core.content.texts.phrases import Words
from core.digests.digests import digest_due
from core.updates.publishing import publish
from core.updates.recounting import recount
from storage.database import Database
from storage.upgrade import upgrade

PEOPLE = 10_000
UPDATES = 12
"""New ones in each digest."""
NOON = datetime(2026, 11, 4, 12, 0, tzinfo=UTC)
"""A Wednesday on which everybody's hour has come."""

_DUE = """INSERT INTO digest (contact_id, due, daily_at, weekly_at)
    SELECT n, :due, :before, :before FROM {people} AS numbers"""
_SEEN = """INSERT INTO update_view (contact_id, "update", seen_at)
    SELECT n, 'new-1', :due FROM {people} AS numbers"""
_HOME = """INSERT INTO screen (address, subject, message_id, revision, shown_at)
    SELECT 'telegram:' || n, 'home', '' || n, 1, :due FROM {people} AS numbers"""


def digests(people: int = PEOPLE) -> list[Result]:
    """Digests due at once, on both databases."""
    return _both(f"{people:,} digests due at once, written and queued", people, "daily", digest_due)


def publishing(people: int = PEOPLE) -> list[Result]:
    """Something new that everybody hears of at once, on both databases."""
    return _both(f"An update told to {people:,} people", people, "instant", publish)


def badges(people: int = PEOPLE // 10) -> list[Result]:
    """Something new counted on home cards and in pinned lines, on both databases; nobody waits for it."""
    what = f"An update counted for {people:,} people, on home cards and pinned lines"
    return [replace(one, wanted=None) for one in _both(what, people, "off", recount)]


def _both(what: str, people: int, often: Cadence, work: Callable[[Session, Catalogue, datetime], int]) -> list[Result]:
    results = [_morning(f"{what}, SQLite", urls, people, often, work) for urls in sqlite_pair()]
    with postgres_pair() as server:
        if server is not None:
            results.append(_morning(f"{what}, PostgreSQL", server, people, often, work))
    return results


def content(often: Cadence) -> Catalogue:
    """Our own, with as many updates of the last days as there are in a digest, of which one is from today."""
    known, day = read_catalogue(CONTENT), NOON.date()
    texts = [Words({"en": f"Something new: number {number}"}, "en") for number in range(UPDATES)]
    told = [
        Update(f"new-{number}", day - timedelta(days=number * 2), text, text, text, topic="product")
        for number, text in enumerate(texts)
    ]
    rules = replace(known.rules, topics={**known.rules.topics, "product": often})
    return replace(known, updates={one.id: one for one in told}, rules=rules)


def fill(session: Session, people: int) -> None:
    """So many people, each with a home card and an update that they have seen, whose digests are due."""
    fill_people(session, people, NOON - timedelta(days=90))
    run(session, _DUE, people, due=NOON, before=NOON - timedelta(days=8))
    run(session, _SEEN, people, due=NOON - timedelta(days=1))
    run(session, _HOME, people, due=NOON - timedelta(days=1))


def _morning(
    what: str,
    urls: tuple[str, str],
    people: int,
    often: Cadence,
    work: Callable[[Session, Catalogue, datetime], int],
) -> Result:
    """Until nothing is left to do, against writing as many rows of the ledger one by one."""
    known = content(often)
    database, bare = (Database(url) for url in urls)
    try:
        for one in (database, bare):
            prepare(one, people)
        begun = time.perf_counter()
        while database.transact_now(work, known, NOON):
            pass
        ours = time.perf_counter() - begun
        if (queued := database.transact_now(queued_all)) < people:
            raise AssertionError(f"{queued} of {people} queued")
        begun = time.perf_counter()
        bare.transact_now(write_bare, people, NOON)
        partner = time.perf_counter() - begun
    finally:
        database.close()
        bare.close()
    return Result(what, "s", [ours], [partner], "as many bare INSERTs", Wanted(15, at="most", of="ours"))


def prepare(database: Database, people: int) -> None:
    """An upgraded database with so many people, which knows how many there are."""
    upgrade(database.engine)
    database.transact_now(fill, people)
    with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql("ANALYZE")


def queued_all(session: Session) -> int:
    """How many messages wait."""
    return int(session.execute(text("SELECT count(*) FROM delivery WHERE state = 'queued'")).scalar_one())
