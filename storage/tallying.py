"""Counting what becomes of mailings in the database itself: each change of a recipient's row appends two lines.

So the counts are right whoever changes a row, and no two transactions wait for one row of counts. What is queued and
what is being sent count as one. A reason counts up to its first colon.
"""

from sqlalchemy import DDL, event
from sqlmodel import SQLModel

_TOLD = "('held', 'failed', 'cancelled', 'expired', 'uncertain')"
"""States whose reason is counted, too."""


def state_of(row: str) -> str:
    """SQL: how the row's state is counted."""
    return f"CASE {row}.state WHEN 'sending' THEN 'queued' ELSE {row}.state END"


def reason_in_sqlite(row: str) -> str:
    """SQL: how the row's reason is counted."""
    whole = f"coalesce({row}.reason, '')"
    return (
        f"CASE WHEN {row}.state IN {_TOLD} THEN substr({whole}, 1, min(60, instr({whole} || ':', ':') - 1)) ELSE '' END"
    )


def reason_in_postgresql(row: str) -> str:
    """The same in PostgreSQL's words."""
    whole = f"coalesce({row}.reason, '')"
    return f"CASE WHEN {row}.state IN {_TOLD} THEN left(split_part({whole}, ':', 1), 60) ELSE '' END"


def _line(row: str, reason: str, change: int) -> str:
    return f"({row}.mailing_id, {state_of(row)}, {reason}, {change}, FALSE)"


_COLUMNS = "INSERT INTO mailing_tally (mailing_id, state, reason, change, folded) VALUES"

SQLITE = (
    f"""CREATE TRIGGER delivery_tally_change AFTER UPDATE OF state, reason ON delivery
WHEN OLD.mailing_id IS NOT NULL AND ({state_of("OLD")} <> {state_of("NEW")}
    OR {reason_in_sqlite("OLD")} <> {reason_in_sqlite("NEW")})
BEGIN
    {_COLUMNS} {_line("OLD", reason_in_sqlite("OLD"), -1)}, {_line("NEW", reason_in_sqlite("NEW"), 1)};
END""",
    f"""CREATE TRIGGER delivery_tally_gone AFTER DELETE ON delivery
WHEN OLD.mailing_id IS NOT NULL
BEGIN
    {_COLUMNS} {_line("OLD", reason_in_sqlite("OLD"), -1)};
END""",
)
"""Statements that make the triggers."""

POSTGRESQL = (
    f"""CREATE FUNCTION delivery_tally_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    {_COLUMNS} {_line("OLD", reason_in_postgresql("OLD"), -1)}, {_line("NEW", reason_in_postgresql("NEW"), 1)};
    RETURN NULL;
END $$""",
    f"""CREATE FUNCTION delivery_tally_gone() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    {_COLUMNS} {_line("OLD", reason_in_postgresql("OLD"), -1)};
    RETURN NULL;
END $$""",
    f"""CREATE TRIGGER delivery_tally_change AFTER UPDATE OF state, reason ON delivery FOR EACH ROW
WHEN (OLD.mailing_id IS NOT NULL AND ({state_of("OLD")} <> {state_of("NEW")}
    OR {reason_in_postgresql("OLD")} <> {reason_in_postgresql("NEW")}))
EXECUTE FUNCTION delivery_tally_change()""",
    """CREATE TRIGGER delivery_tally_gone AFTER DELETE ON delivery FOR EACH ROW
WHEN (OLD.mailing_id IS NOT NULL) EXECUTE FUNCTION delivery_tally_gone()""",
)


def attach() -> None:
    """Whoever makes the tables without migrations gets the triggers too."""
    for dialect, statements in (("sqlite", SQLITE), ("postgresql", POSTGRESQL)):
        for statement in statements:
            made = DDL(statement.replace("%", "%%")).execute_if(dialect=dialect)  # type: ignore[no-untyped-call]  # SQLAlchemy left it untyped
            event.listen(SQLModel.metadata, "after_create", made)
