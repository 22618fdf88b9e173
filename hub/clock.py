"""The only place that reads the clock. Everybody else is told the time, so that a test or the demo can turn it."""

from datetime import UTC, datetime


def now() -> datetime:
    """This moment, aware, in UTC."""
    return datetime.now(UTC)
