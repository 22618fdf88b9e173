"""However many are due at once, the questions and statements are the same; and with nobody due, no table is read."""

import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import event, text
from sqlmodel import Session

from bench.digests import NOON, content
from bench.digests import fill as fill_with_news
from bench.nudges import fill as fill_with_nudges
from bench.people import run
from core.content.catalogue import Catalogue, Importance
from core.digests.digests import digest_due
from core.nudges.saying import nudge_due
from core.updates.publishing import publish, remind_unread
from scheduler.jobs import JOBS
from storage.database import Database

FEW, MANY = 8, 40

Work = Callable[[Session, Catalogue, datetime], int]
Fill = Callable[[Session, int], None]


@contextmanager
def heard(database: Database) -> Iterator[list[tuple[str, Any]]]:
    """What is sent to the database meanwhile, with its values; a statement for many rows counts once for each."""
    said: list[tuple[str, Any]] = []

    def note(_line: object, _cursor: object, statement: str, values: Any, _told: object, many: bool) -> None:
        said.extend((statement, one) for one in (values if many else [values]))

    event.listen(database.engine, "before_cursor_execute", note)
    yield said
    event.remove(database.engine, "before_cursor_execute", note)


def nudges_never_said(session: Session, people: int) -> None:
    fill_with_nudges(session, people, NOON - timedelta(days=3), NOON)


def nudges_said(session: Session, people: int, times: int = 1) -> None:
    """Each was said before and reached its person; Ann looks after all of them."""
    nudges_never_said(session, people)
    session.execute(
        text("INSERT INTO csm (id, email, name, role, address) VALUES (1, 'a@x', 'Ann', 'csm', 'slack:T/A')")
    )
    session.execute(text("UPDATE account SET csm_id = 1"))
    session.execute(text(f"UPDATE nudge SET sent = {times}, sent_at = since"))
    run(
        session,
        """INSERT INTO delivery (key, messenger, address, lane, repeatable, kind, card, subject, contact_id, state, due,
            attempts, created_at, settled_at)
        SELECT 'd' || n, 'telegram', 'telegram:' || n, 1, {no}, 'nudge', '', 'nudge:' || nudge.id, n, 'accepted', :at,
            1, :at, :at FROM {people} AS numbers JOIN nudge ON nudge.contact_id = n""",
        people,
        at=NOON - timedelta(days=3),
    )


def nudges_to_no_avail(session: Session, people: int) -> None:
    nudges_said(session, people, times=3)


def questions_answered(session: Session, people: int) -> None:
    nudges_never_said(session, people)
    session.execute(text("UPDATE nudge SET rule = 'unanswered-question', about = 'question'"))


def digests_that_wait(session: Session, people: int) -> None:
    """Everybody's last digest is still on its way, with something merged into it."""
    fill_with_news(session, people)
    for kind, first, state in (("digest", 1_000, "held"), ("nudge", 2_000, "cancelled")):
        run(session, _DELIVERY.format(kind=kind, first=first, state=state), people, at=NOON - timedelta(days=1))
        run(session, _DECIDED.format(kind=kind, first=first), people, at=NOON - timedelta(days=1))


_DELIVERY = """INSERT INTO delivery (id, key, messenger, address, lane, repeatable, kind, card, contact_id, state,
        reason, due, attempts, created_at)
    SELECT {first} + n, '{kind}' || n, 'telegram', 'telegram:' || n, 1, {{no}}, '{kind}', '', n, '{state}', 'merged',
        :at, 1, :at FROM {{people}} AS numbers"""
_NUDGE = """INSERT INTO nudge (contact_id, rule, about, state, due, since, sent)
    SELECT n, 'stalled-step', 'checklist\\:' || n, 'waiting', :due, :due, 0 FROM {people} AS numbers"""
_NOTICE = """INSERT INTO notice (contact_id, "update", sent, due) SELECT n, 'new', 1, :due FROM {people} AS numbers"""
_DECIDED = """INSERT INTO decision (key, contact_id, delivery_id, at, rule, kind, topic, worth, urgent, mandatory,
        headline, opens, facts, content_version, gates, merged_into)
    SELECT '{kind}' || n, n, {first} + n, :at, '{kind}', '{kind}', '', 50, {{no}}, {{no}}, '', '',
        '{{{{"items"\\: "update\\:new-2"}}}}', '', '[]', CASE '{kind}' WHEN 'nudge' THEN 1000 + n END
    FROM {{people}} AS numbers"""


def unread(session: Session, people: int) -> None:
    fill_with_news(session, people)
    run(
        session,
        """INSERT INTO notice (contact_id, "update", sent, due)
        SELECT n, CASE WHEN n % 2 = 0 THEN 'new-0' ELSE 'withdrawn' END, 1, :due FROM {people} AS numbers""",
        people,
        due=NOON,
    )


def told(importance: Importance = "normal") -> Catalogue:
    known = content("instant")
    return replace(known, updates={name: replace(one, importance=importance) for name, one in known.updates.items()})


@pytest.fixture(scope="module")
def catalogues() -> dict[str, Catalogue]:
    return {"instant": told(), "mandatory": told("mandatory"), "daily": content("daily")}


@pytest.mark.parametrize(
    ("fill", "work", "often"),
    [
        (nudges_never_said, nudge_due, "instant"),
        (nudges_said, nudge_due, "instant"),
        (nudges_to_no_avail, nudge_due, "instant"),
        (questions_answered, nudge_due, "instant"),
        (fill_with_news, digest_due, "daily"),
        (digests_that_wait, digest_due, "daily"),
        (fill_with_news, publish, "instant"),
        (fill_with_news, publish, "mandatory"),
        (unread, remind_unread, "mandatory"),
    ],
)
def test_five_times_as_many_cost_no_more_statements(
    database: Database, catalogues: dict[str, Catalogue], fill: Fill, work: Work, often: str
) -> None:
    statements = []
    for people in (FEW, MANY):
        database.transact_now(forget_all)
        database.transact_now(fill, people)

        with heard(database) as said:
            done = database.transact_now(work, catalogues[often], NOON)

        assert done == people
        statements.append([statement for statement, _ in said])

    assert len(statements[0]) == len(statements[1]), difference(*statements)


def forget_all(session: Session) -> None:
    for table in ("decision", "delivery", "nudge", "notice", "digest", "update_view", "screen", "publication"):
        session.execute(text(f"DELETE FROM {table}"))
    for table in ("enrolment", "chat", "contact", "account", "csm"):
        session.execute(text(f"DELETE FROM {table}"))


def difference(few: list[str], many: list[str]) -> str:
    return "\n".join(dict.fromkeys(one for one in many if many.count(one) > few.count(one)))


BIG = ("account", "chat", "contact", "decision", "delivery", "digest", "enrolment", "heard_event", "notice", "nudge")
"""Tables that grow with the people there are."""


def test_a_tick_with_nothing_due_reads_through_no_big_table(
    database: Database, catalogues: dict[str, Catalogue]
) -> None:
    known, yesterday = replace(catalogues["instant"], updates={}), NOON - timedelta(days=1)
    database.transact_now(fill_with_waiting, MANY)
    for job in JOBS:
        while database.transact_now(job.work, known, "me", yesterday):
            pass

    with heard(database) as said:
        done = [database.transact_now(job.work, known, "me", yesterday) for job in JOBS]
        asked = [one for one in said if one[0].startswith(("SELECT", "UPDATE", "DELETE", "WITH"))]

    assert (sum(done), len(asked) >= len(JOBS)) == (0, True)
    assert read_through(database, asked) == []


def fill_with_waiting(session: Session, people: int) -> None:
    """Everybody has a digest, a nudge and something to read tomorrow, and messages that wait or were sent."""
    fill_with_news(session, people)
    run(session, _NUDGE, people, due=NOON)
    run(session, _NOTICE, people, due=NOON)
    for number, state in enumerate(("held", "queued", "accepted"), start=1):
        run(session, _DELIVERY.format(kind=state, first=number * 1000, state=state), people, at=NOON)


def read_through(database: Database, asked: Sequence[tuple[str, Any]]) -> list[str]:
    """Where the database would read one of those from the first row to the last, had it the choice."""
    found = []
    with database.engine.connect() as connection:
        if not database.is_sqlite:
            connection.exec_driver_sql("SET LOCAL enable_seqscan = off")  # so few rows it would rather read through
        for statement, values in asked:
            how = "EXPLAIN QUERY PLAN " if database.is_sqlite else "EXPLAIN "
            plan = [row[3 if database.is_sqlite else 0] for row in connection.exec_driver_sql(how + statement, values)]
            found += [f"{line}: {statement}" for line in plan if _THROUGH.search(line)]
    return found


_THROUGH = re.compile(rf"(?:^SCAN|Seq Scan on) (?:{'|'.join(BIG)})\b(?! USING)")
