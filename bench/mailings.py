"""What a mailing to very many takes: to plan and count it, its pace, what it costs answers, and the engine's speed."""

import resource
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

from sqlalchemy import func, select, text
from sqlmodel import Session, SQLModel

from bench.claiming import postgres_pair, sqlite_pair
from bench.hub_process import CONTENT
from bench.measure import RUNS, Result, Wanted
from bench.people import fill_people, run
from bench.processes import PLACE, bot, wire
from core.content.catalogue import Catalogue
from core.content.checking import read_catalogue
from core.mailings.approving import approve
from core.mailings.counting import counts, fold
from core.mailings.drafting import Draft, Written, draft
from core.mailings.tending import tend
from storage.database import Database
from storage.tables import Mailing, MailingTally
from storage.upgrade import upgrade

TUESDAY = datetime(2026, 11, 3, 10, 0, tzinfo=UTC)
HUB = ("bench.mailing_process", "--telegram", "URL", "--port", "PORT")
LOOP = ("bench.rivals.mailing_loop", "URL")
LIMIT = 30.0
"""Messages per second that Telegram takes (Bot FAQ)."""

_DELIVERY = SQLModel.metadata.tables["delivery"]


def mailings(people: int = 100_000, rows: int = 1_000_000) -> list[Result]:
    """Planning recipients with their own hour, language and reasons, and reading what became of very many."""
    results: list[Result] = []
    for pair in sqlite_pair():
        results += _plan("SQLite", pair, people)
    for pair in sqlite_pair():
        results += _count("SQLite", pair, rows)
    for measured, many in ((_plan, people), (_count, rows)):
        with postgres_pair() as server:
            if server is not None:
                results += measured("PostgreSQL", server, many)
    return results


@contextmanager
def _opened(urls: tuple[str, str]) -> Iterator[list[Database]]:
    databases = [Database(url) for url in urls]
    try:
        for database in databases:
            upgrade(database.engine)
        yield databases
    finally:
        for database in databases:
            database.close()


def _plan(name: str, urls: tuple[str, str], people: int) -> list[Result]:
    catalogue = read_catalogue(CONTENT)
    with _opened(urls) as (database, bare):
        for one in (database, bare):
            one.transact_now(fill_people, people, TUESDAY)
            one.transact_now(_spread)
            with one.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
                connection.exec_driver_sql("ANALYZE")
        database.transact_now(_begin, catalogue)
        before, begun = _memory(), time.perf_counter()
        planned = database.transact_now(tend, catalogue, TUESDAY + timedelta(hours=1))
        ours, memory = time.perf_counter() - begun, _memory() - before
        if planned < people * 0.7:
            raise AssertionError(f"{planned} of {people} planned")
        begun = time.perf_counter()
        bare.transact_now(_insert_bare, TUESDAY)
        partner = time.perf_counter() - begun
    what = f"Planning a mailing to {people:,}, {name}"
    return [
        Result(what, "s", [ours], [partner], "a bare INSERT … SELECT", Wanted(5, at="most", of="ours")),
        Result("… memory above idle", "MB", [memory], [0.0], "", Wanted(100, at="most", of="ours")),
    ]


def _memory() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def _spread(session: Session) -> None:
    """Zones, languages, and some whom it will not reach."""
    zones = "CASE id % 4 WHEN 0 THEN 'Asia/Tokyo' WHEN 1 THEN 'America/New_York' WHEN 2 THEN 'Europe/Berlin' END"
    session.execute(text(f"UPDATE contact SET timezone = {zones}, language = CASE id % 3 WHEN 0 THEN 'ru' END"))
    session.execute(text("UPDATE chat SET unreachable = 'blocked' WHERE contact_id % 10 = 0"))
    session.execute(
        text(
            "INSERT INTO topic_choice (contact_id, topic, cadence)"
            " SELECT id, 'product', 'off' FROM contact WHERE id % 20 = 1"
        )
    )


def _begin(session: Session, catalogue: Catalogue) -> None:
    said = {language: Written("News", "Hello {{ contact.first_name }}!") for language in ("en", "ru")}
    what = Draft("bench", "bench", "News", said, topic="product", local_hour=10, canary=5, audience="segment == 'smb'")
    approve(session, catalogue, draft(session, catalogue, what, None, TUESDAY).id or 0, None, TUESDAY)


def _insert_bare(session: Session, now: datetime) -> None:
    sqlite = session.get_bind().dialect.name == "sqlite"
    at = now.replace(tzinfo=None).isoformat(" ") if sqlite else now
    moment, no = (":at", "0") if sqlite else ("CAST(:at AS timestamptz)", "false")
    session.execute(
        text(
            "INSERT INTO delivery (key, messenger, address, lane, repeatable, kind, card, contact_id, state, due,"
            f" attempts, created_at) SELECT 'bare:' || contact_id, 'telegram', address, 2, {no}, 'mailing', '',"
            f" contact_id, 'planned', {moment}, 0, {moment} FROM chat"
        ),
        {"at": at},
    )


def _count(name: str, urls: tuple[str, str], rows: int) -> list[Result]:
    with _opened(urls) as (database, _):
        number = database.transact_now(_many, rows, TUESDAY)
        with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.exec_driver_sql("ANALYZE")
        with Session(database.engine) as session:
            ours = min(_timed(lambda: counts(session, number)) for _ in range(15))
            anew = select(_DELIVERY.c.state, func.count()).where(_DELIVERY.c.mailing_id == number)
            partner = _timed(lambda: session.execute(anew.group_by(_DELIVERY.c.state)).all())
    what = f"Counts of a mailing of {rows:,}, {name}"
    return [Result(what, "ms", [ours * 1000], [partner * 1000], "GROUP BY state", Wanted(5, at="most", of="ours"))]


def _timed(work: Callable[[], object]) -> float:
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun


_MANY = """INSERT INTO delivery (key, messenger, address, lane, repeatable, kind, card, contact_id, mailing_id, state,
        due, attempts, created_at)
    SELECT 'bench:' || n, 'telegram', 'telegram:' || n, 2, {no}, 'mailing', '', n, :mailing, 'planned', :at, 0, :at
    FROM {people} AS numbers"""


def _many(session: Session, rows: int, now: datetime) -> int:
    """A mailing half sent, whose changes of the last seconds are not folded yet."""
    mailing = Mailing(key="bench", name="bench", title="News", state="running", created_at=now, planned_at=now)
    session.add(mailing)
    session.flush()
    run(session, _MANY.replace(":mailing", str(mailing.id)), rows, at=now)
    session.add(MailingTally(mailing_id=mailing.id or 0, state="planned", change=rows, folded=True))
    session.flush()
    half, last = rows // 2, max(1, rows // 500)
    change = text(
        "UPDATE delivery SET state = 'accepted' WHERE mailing_id = :m AND contact_id > :low AND contact_id <= :high"
    )
    session.execute(change, {"m": mailing.id, "low": 0, "high": half - last})
    for _ in range(1 + 2 * half // 20_000):
        fold(session, mailing, now)
    session.execute(change, {"m": mailing.id, "low": half - last, "high": half})
    return mailing.id or 0


def pace(recipients: int = 3_000, looped: int = 150) -> list[Result]:
    """How much of 30 a second a mailing uses, 50 ms from a server that counts; once, for it takes its time."""
    ours = _mail((*HUB, "--crowd", str(recipients), "--pace", "usual"), recipients, "--latency", "0.05", "--strict")
    loop = _mail((*LOOP, "--messages", str(looped)), looped, "--latency", "0.05", "--strict")
    used, theirs = ([one["mailed_per_second"] / LIMIT * 100] for one in (ours, loop))
    refused = [ours["refused"]]
    return [
        Result(
            "Pace of a mailing at 50 ms", "% of the limit", used, theirs, "a loop with sleeps", Wanted(93, of="ours")
        ),
        Result("… answers of 429", "", refused, [loop["refused"]], "", Wanted(0, at="most", of="ours")),
    ]


def sending(runs: int = RUNS, recipients: int = 4_000) -> list[Result]:
    """How fast the engine is where a platform allows a thousand a second, beside sending alone."""
    ours, raw = [], []
    for _ in range(runs):
        bare = (*LOOP, "--messages", str(recipients), "--together", "50")
        raw.append(_mail(bare, recipients)["mailed_per_second"])
        ours.append(_mail((*HUB, "--crowd", str(recipients), "--pace", "paid"), recipients)["mailed_per_second"])
    return [Result("Sends of a mailing", "/s", ours, raw, "raw aiohttp, nothing kept", Wanted(500, of="ours"))]


def beside(runs: int = RUNS, total: int = 600, crowd: int = 100_000, chats: int = 100) -> list[Result]:
    """From tap to reply at 50 taps a second while a mailing is on its way, and while it is not."""
    ours, idle = [], []
    hub = (*HUB, "--chats", str(chats), "--crowd", str(crowd), "--pace", "mailing")
    talk = ("--chats", str(chats), "--total", str(total), "--rate", "50")
    for _ in range(runs):
        idle.append(_mail((*hub, "--still"), 0, *talk)["p99_ms"])
        ours.append(_mail(hub, 0, *talk)["p99_ms"])
    what = f"p99 from tap to reply, {crowd:,} recipients waiting"
    return [Result(what, "ms", ours, idle, "with none", Wanted(1.5, at="most"))]


def _mail(command: tuple[str, ...], mailings: int, *asked: str) -> dict[str, float]:
    """What the wire saw when this sender had sent so many, and answered whatever it was asked."""
    talk = asked if "--total" in asked else (*asked, "--total", "0")
    with (
        wire("telegram", "--mailings", str(mailings), "--within", str(60 + mailings // 10), *talk) as server,
        bot(*(word.replace("URL", server.url) for word in command), cwd=PLACE),
    ):
        return server.figures()
