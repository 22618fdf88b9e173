"""Very many people to measure with, made by the database itself."""

from datetime import datetime

from sqlalchemy import text
from sqlmodel import Session

_SERIES = {
    "sqlite": """(WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < {count})
        SELECT n FROM numbers)""",
    "postgresql": "(SELECT generate_series(1, {count}) AS n)",
}
_PEOPLE = (
    """INSERT INTO account (id, name, segment, region, created_at)
    SELECT n, 'Account ' || n, 'smb', 'DACH', :since FROM {companies} AS numbers""",
    """INSERT INTO contact (id, account_id, name, email, role, created_at, joined_at)
    SELECT n, (n + 3) / 4, 'Dana Lee', 'dana' || n || '@client.example', '', :since, :since FROM {people} AS numbers""",
    """INSERT INTO chat (address, kind, title, shared, contact_id, last_heard_at)
    SELECT 'telegram:' || n, 'private', '', {no}, n, :since FROM {people} AS numbers""",
    """INSERT INTO enrolment (id, account_id, checklist, started_at, moved_at)
    SELECT n, n, 'quickstart', :since, :since FROM {companies} AS numbers""",
)


def fill_people(session: Session, people: int, since: datetime) -> None:
    """So many people of four to a client, each of whom is met in Telegram, each client in a checklist since then."""
    for statement in _PEOPLE:
        run(session, statement, people, since=since)


def run(session: Session, statement: str, people: int, **moments: datetime) -> None:
    """One of ours, which may say `{people}` and `{companies}`: tables of the numbers from 1, as `n`.

    On PostgreSQL a fresh server of our own is asked not to look up every reference: a million of them take minutes.
    """
    dialect = session.get_bind().dialect.name
    if dialect == "postgresql":
        session.execute(text("SET LOCAL session_replication_role = replica"))
    told = statement.format(
        people=_SERIES[dialect].format(count=people),
        companies=_SERIES[dialect].format(count=(people + 3) // 4),
        no="0" if dialect == "sqlite" else "false",
    )
    values: dict[str, object] = {}
    for name, at in moments.items():
        if dialect == "postgresql":
            told = told.replace(f":{name}", f"CAST(:{name} AS timestamptz)")
        values[name] = at if dialect == "postgresql" else at.replace(tzinfo=None).isoformat(" ", "microseconds")
    session.execute(text(told), values)
