"""When a digest comes: once a day or once a week, at the hour a person likes, on their own clock."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import Literal, TypeAlias
from zoneinfo import ZoneInfo

from core.attention.quiet import Hours, is_day_off, is_quiet
from core.people.accounts import local

Pace: TypeAlias = Literal["daily", "weekly"]

_DAY = timedelta(days=1)
_LONGEST_REST = 60
"""Days off in a row that are looked through, as for quiet hours."""


@dataclass(frozen=True, slots=True)
class Rhythm:
    """What decides when one person's digests come."""

    hour: time
    """On their own clock; within quiet hours it means the end of them."""
    weekday: int
    """0 is Monday: of the weekly one. On a day off it comes on the next day that is none."""
    hours: Hours
    zone: str
    """A known IANA zone."""
    shift: timedelta = timedelta()
    """How much later than the hour, less than an hour: ten thousand digests at once would keep all else waiting."""


def next_digest(rhythm: Rhythm, pace: Pace, after: datetime) -> datetime:
    """The first moment of a digest later than `after`, in UTC.

    On each day of the person's calendar there is at most one: an hour that comes twice counts once, the first time;
    one that the clock skips means the moment right after the gap.
    """
    day = local(after, rhythm.zone).date() - (_DAY if pace == "daily" else _LONGEST_REST * _DAY)
    while True:
        if pace == "daily" or day.weekday() == rhythm.weekday:
            opens, room = _opens(rhythm.hours, rhythm.hour, rhythm.zone, day)
            moment = opens + rhythm.shift if rhythm.shift < room else opens  # never so late that it is quiet again
            if moment > after:
                return moment
        day += _DAY


def _working(hours: Hours, day: date) -> date:
    """This day, or the next one that is no day off."""
    for _ in range(_LONGEST_REST):
        if not is_day_off(hours, day):
            break
        day += _DAY
    return day


@lru_cache(maxsize=4096)
def _opens(hours: Hours, hour: time, zone: str, day: date) -> tuple[datetime, timedelta]:
    """The hour of that day, or of the next that is none off, and how long it is no quiet hour from then on that day.

    People who live alike share it.
    """
    clock = hours.quiet_until if is_quiet(hours, hour) else hour
    ends = hours.quiet_from if clock < hours.quiet_from and hours.quiet_from != hours.quiet_until else time.max
    room = datetime.combine(day, ends) - datetime.combine(day, clock.replace(tzinfo=None))
    return datetime.combine(_working(hours, day), clock, tzinfo=ZoneInfo(zone)).astimezone(UTC), room
