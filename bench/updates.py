"""What the badge costs: how many updates a person among ten thousand has not seen."""

import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from sqlalchemy import delete, insert
from sqlmodel import Session, SQLModel, col, select

from bench.claiming import postgres_pair, sqlite_pair
from bench.hub_process import CONTENT
from bench.measure import RUNS, Result, Wanted
from core.content.catalogue import Catalogue, Update
from core.content.checking import read_catalogue
from core.content.conditions.condition import ALWAYS, parse_condition
from core.content.conditions.known_fields import person_fields
from core.content.texts.phrases import Words
from core.people.accounts import Member, member
from core.people.facts import facts
from core.updates.counting import count_unseen, is_in_force, today
from storage.database import Database
from storage.tables import Account, Contact, UpdateView
from storage.upgrade import upgrade

UPDATES = 10_000
NOW = datetime(2026, 11, 3, 10, 0, tzinfo=UTC)
ROUNDS = 50
"""Counts of which the median counts."""

_WHEN = ("", "segment == 'smb'", "role == 'admin' or mrr > 500", "product in ['Reports']", "region in ['DACH', 'UK']")


def unseen(runs: int = RUNS, updates: int = UPDATES) -> list[Result]:
    """Milliseconds for one person who has seen some of it, beside asking every update and every view."""
    results = [result for urls in sqlite_pair() for result in _counted("SQLite", urls, runs, updates)]
    with postgres_pair() as server:
        if server is not None:
            results += _counted("PostgreSQL", server, runs, updates)
    return results


def _counted(engine: str, urls: Sequence[str], runs: int, updates: int) -> list[Result]:
    results = []
    cases = (("of three years, half seen", 1000, 2), ("of one quarter, 500 seen", 89, max(1, updates // 500)))
    for url, (about, days, every) in zip(urls, cases, strict=True):
        database, known = Database(url), _catalogue(updates, days)
        upgrade(database.engine)
        try:
            database.transact_now(_fill, known, every)
            ours = [_each(database, known, _ask) for _ in range(runs)]
            plain = [_each(database, known, _ask_all) for _ in range(runs)]
        finally:
            database.close()
        what = f"Unseen of {updates:,} updates {about}, {engine}"
        results.append(Result(what, "ms", ours, plain, "asking every update and view", Wanted(2, "most", "ours")))
    return results


def _catalogue(updates: int, days: int) -> Catalogue:
    conditions = [parse_condition(source, person_fields({})) if source else ALWAYS for source in _WHEN]
    day, text = NOW.date(), Words({"en": "Something new"}, "en")
    told = [
        Update(
            f"u{number}", day - timedelta(days=number * days // updates), text, text, text, when=conditions[number % 5]
        )
        for number in range(updates)
    ]
    return replace(read_catalogue(CONTENT), updates={one.id: one for one in told})


def _fill(session: Session, known: Catalogue, every: int) -> None:
    joined = NOW - timedelta(days=2000)
    session.execute(delete(SQLModel.metadata.tables["update_view"]))
    session.add(Account(id=1, name="Acme", segment="smb", region="UK", products=["Reports"], created_at=joined))
    session.flush()
    session.add(
        Contact(id=1, account_id=1, name="Dana", email="d@a.example", role="admin", created_at=joined, joined_at=joined)
    )
    session.flush()
    seen = [one for number, one in enumerate(known.updates.values()) if number % every == 0]
    moments = [NOW - (NOW.date() - one.published) for one in seen]
    rows = [{"contact_id": 1, "update": one.id, "seen_at": at} for one, at in zip(seen, moments, strict=True)]
    session.execute(insert(SQLModel.metadata.tables["update_view"]), rows)


def _each(database: Database, known: Catalogue, ask: Callable[[Session, Catalogue, Member], int]) -> float:
    def work(session: Session) -> float:
        who, spent = member(session, known, session.get_one(Contact, 1)), []
        for _ in range(ROUNDS):
            began = time.perf_counter()
            ask(session, known, who)
            spent.append(time.perf_counter() - began)
        return statistics.median(spent) * 1000

    return database.transact_now(work)


def _ask(session: Session, known: Catalogue, who: Member) -> int:
    return count_unseen(session, known, who, NOW)


def _ask_all(session: Session, known: Catalogue, who: Member) -> int:
    there, day = facts(known, who, NOW), today(known.rules, NOW)
    seen = set(session.exec(select(UpdateView.update).where(col(UpdateView.contact_id) == who.contact.id)).all())
    return sum(one.id not in seen and is_in_force(one, day) and one.when.holds(there) for one in known.updates.values())
