"""A tick costs what is due, not what exists: every question it asks is answered by an index, and few are asked."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, event, text
from sqlmodel import Session

from core import recovery
from core.claims import claim
from core.nudges.saying import nudge_due
from storage.database import Database
from tests.promises.lives import NOW, content

MANY = 20_000

FILL = """
    INSERT INTO delivery (key, messenger, address, lane, repeatable, kind, card, state, due, attempts, created_at,
                          settled_at, contact_id, leased_until, leased_by)
    SELECT 'old:' || n, 'telegram', 'telegram:' || n, n - n / 3 * 3, true, 'home', '{{}}', {state}, {moment}, 1,
           {moment}, {moment}, n, {moment}, 'gone'
    FROM numbers
"""
NUMBERS = {
    "sqlite": "WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < {many})",
    "postgresql": "WITH numbers AS (SELECT generate_series(1, {many}) AS n)",
}


def fill(session: Session, state: str, many: int = MANY) -> None:
    """Many deliveries of long ago in this state, as a hub of some years has them."""
    dialect = session.get_bind().dialect.name
    moment = "'2026-01-01 00:00:00.000000'" if dialect == "sqlite" else "TIMESTAMPTZ '2026-01-01 00:00:00+00'"
    body = FILL.format(state=f"'{state}'", moment=moment)
    numbers = NUMBERS[dialect].format(many=many)
    statement = body.replace("SELECT 'old:'", f"{numbers} SELECT 'old:'", 1)
    session.connection().exec_driver_sql(statement)
    session.connection().exec_driver_sql("ANALYZE")


@contextmanager
def plans_of(engine: Engine) -> Iterator[list[tuple[str, str]]]:
    """Each statement run within, with what the database says about how it does it."""
    found: list[tuple[str, str]] = []
    ask = "EXPLAIN QUERY PLAN " if engine.dialect.name == "sqlite" else "EXPLAIN "

    def look(connection: Any, cursor: Any, statement: str, parameters: Any, _context: Any, _many: bool) -> None:
        if statement.startswith(("SELECT", "\n    UPDATE", "UPDATE", "\n    SELECT")) and "delivery" in statement:
            probe = connection.connection.cursor()
            probe.execute(ask + statement, parameters)
            found.append((statement, "\n".join(" ".join(map(str, row)) for row in probe.fetchall())))
            probe.close()

    event.listen(engine, "before_cursor_execute", look)
    try:
        yield found
    finally:
        event.remove(engine, "before_cursor_execute", look)


def reads_all(plan: str) -> bool:
    """The database goes through the whole table."""
    return any(
        "Seq Scan on delivery" in line or ("SCAN" in line and "USING" not in line and "CONSTANT" not in line)
        for line in plan.splitlines()
    )


@pytest.mark.parametrize("job", ["claim", "release held", "recover", "nudge"])
async def test_every_question_of_a_tick_has_an_index(database: Database, job: str) -> None:
    known = content()
    await database.transact(fill, "accepted")

    work: dict[str, Any] = {
        "claim": lambda session: claim(session, known, messenger="telegram", holder="me", most=(100, 20, 20), now=NOW),
        "release held": lambda session: recovery.release_held(session, NOW),
        "recover": lambda session: recovery.recover(session, holder="me", now=NOW),
        "nudge": lambda session: nudge_due(session, known, NOW),
    }
    with plans_of(database.engine) as plans:
        await database.transact(work[job])

    assert plans or job == "nudge"
    for statement, plan in plans:
        assert not reads_all(plan), f"{statement}\n{plan}"


async def test_an_idle_look_asks_the_same_few_questions_however_much_there_is(database: Database) -> None:
    known, counted = content(), []

    def look(session: Session) -> int:
        asked: list[str] = []
        count = lambda *arguments: asked.append(str(arguments[2]))  # noqa: E731 - a listener of one line
        event.listen(database.engine, "before_cursor_execute", count)
        claim(session, known, messenger="telegram", holder="me", most=(100, 20, 20), now=NOW)
        event.remove(database.engine, "before_cursor_execute", count)
        return len(asked)

    counted.append(await database.transact(look))
    await database.transact(fill, "accepted")
    counted.append(await database.transact(look))

    assert counted[0] == counted[1] <= 5


async def test_what_is_held_for_people_who_left_costs_nothing_each_tick(database: Database) -> None:
    await database.transact(fill, "held")
    await database.transact(
        lambda session: (
            session.execute(text("UPDATE delivery SET due = :far"), {"far": "9999-12-31 00:00:00+00:00"}) and None
        )
    )

    assert await database.transact(recovery.release_held, NOW + timedelta(days=400)) == 0
