"""When the jobs have to look again under a turned clock: asked by the time machine and by the demo's clock buttons."""

from datetime import datetime, timedelta
from typing import Final

LOOK: Final = timedelta(hours=6)
"""The jobs look so often though nothing is due: some watch days and files, not columns."""


def next_look(due: datetime | None, looked_at: datetime, now: datetime, grid: timedelta) -> datetime:
    """When the jobs have to look again: when the next thing is due, or a while after they looked last.

    `due`: the first moment after `looked_at` that anything names; None: nothing does. Looks about things that are due
    come on a grid, at least one step after `now`: what is due at nearly the same time is one look.
    """
    look = looked_at + LOOK
    return look if due is None else min(look, max(on_grid(now + grid, grid), on_grid(due, grid)))


def on_grid(moment: datetime, grid: timedelta) -> datetime:
    """The first moment of the grid that is not before this one."""
    over = (moment - datetime.min.replace(tzinfo=moment.tzinfo)) % grid
    return moment if not over else moment - over + grid
