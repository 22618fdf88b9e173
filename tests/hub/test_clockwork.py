"""When the jobs look again under a turned clock: never in the past, never much later than anything is due."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from hub.clockwork import LOOK, next_look, on_grid

NOW = datetime(2026, 11, 3, 10, 7, tzinfo=UTC)
GRID = timedelta(minutes=15)
SPANS = st.timedeltas(timedelta(), timedelta(days=3))


@given(SPANS, st.one_of(st.none(), SPANS), st.sampled_from((timedelta(minutes=1), GRID)))
def test_a_look_is_ahead_and_soon_after_what_is_due(ago: timedelta, due_in: timedelta | None, grid: timedelta) -> None:
    looked_at = NOW - min(ago, LOOK)
    due = None if due_in is None else looked_at + due_in

    look = next_look(due, looked_at, NOW, grid)

    assert look <= looked_at + LOOK
    assert look > NOW or look == looked_at + LOOK
    if due is not None and look < looked_at + LOOK:
        assert max(due, NOW) <= look <= max(due, NOW + grid) + grid


def test_what_is_due_at_nine_is_looked_at_at_nine() -> None:
    nine = NOW.replace(hour=9, minute=0) + timedelta(days=1)

    assert next_look(nine, nine - timedelta(hours=1), nine - timedelta(hours=1), GRID) == nine


def test_the_grid_begins_with_the_day() -> None:
    assert on_grid(NOW, GRID) == NOW.replace(minute=15)
    assert on_grid(NOW.replace(minute=15), GRID) == NOW.replace(minute=15)
