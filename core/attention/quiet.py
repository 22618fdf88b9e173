"""Quiet hours: on a reader's own clock nothing is said unasked at night, on days off and on public holidays."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import lru_cache

from core.people.accounts import local

_LONGEST_REST = 60
"""Days off in a row that are looked through: no country has as many."""


@dataclass(frozen=True, slots=True)
class Hours:
    """When one reader is left alone, on their own clock."""

    quiet_from: time = time(20)
    quiet_until: time = time(9)
    """Quiet from the one until the other, over midnight if the first is later; the same twice: never."""
    quiet_weekdays: tuple[int, ...] = (5, 6)
    """0 is Monday. At least one day is not among them."""
    country: str = ""
    """Two letters (ISO 3166-1) of the country whose public holidays are kept; empty: none are."""

    def __post_init__(self) -> None:
        if len(set(self.quiet_weekdays)) >= 7:
            raise ValueError("at least one weekday must not be quiet")


def shift_of(contact_id: int, spread: timedelta) -> timedelta:
    """How much later than others this person's morning begins: always the same, and even over many, below `spread`."""
    seconds = int(spread.total_seconds())
    return timedelta(seconds=contact_id * 7919 % seconds) if seconds > 0 else timedelta()


def quiet_until(hours: Hours, now: datetime, zone: str, shift: timedelta = timedelta()) -> datetime | None:
    """The end of the quiet time that `now` falls into, in UTC; None when it is a time to speak.

    A moment that the clock skips (DST) counts as the one right after the gap. `shift`: so much later, unless it would
    be quiet again by then; ten thousand mornings then do not begin in the same second.
    """
    ends = _quiet_until(hours, now, zone)
    if ends is None and shift:
        begun = _quiet_until(hours, now - shift, zone)
        ends = begun + shift if begun is not None else None
        return ends if ends is not None and ends > now and _quiet_until(hours, ends, zone) is None else None
    if ends is None or _quiet_until(hours, ends + shift, zone) is not None:
        return ends
    return ends + shift


def _quiet_until(hours: Hours, now: datetime, zone: str) -> datetime | None:
    here = local(now, zone)
    opens = _opening(hours, here)
    for _ in range(_LONGEST_REST):
        if not is_day_off(hours, opens.date()):
            break
        opens = _at(opens + timedelta(days=1), hours.quiet_until)
    return None if opens <= here else opens.astimezone(now.tzinfo)


def is_day_off(hours: Hours, day: date) -> bool:
    """A day of the reader's on which nothing is said unasked."""
    return day.weekday() in hours.quiet_weekdays or (bool(hours.country) and day in _holidays(hours.country, day.year))


@lru_cache(maxsize=1024)
def _holidays(country: str, year: int) -> frozenset[date]:
    """None of a country whose holidays nobody wrote down."""
    import holidays  # half a second, which a start should not wait for

    try:
        return frozenset(holidays.country_holidays(country, years=year))
    except NotImplementedError:
        return frozenset()


def is_quiet(hours: Hours, clock: time) -> bool:
    """Whether this time of day, on the reader's clock, is within quiet hours."""
    begins, ends = hours.quiet_from, hours.quiet_until
    return (clock >= begins or clock < ends) if begins > ends else begins <= clock < ends


def _at(day: datetime, hour: time) -> datetime:
    return day.replace(hour=hour.hour, minute=hour.minute, second=0, microsecond=0, fold=0)


def _opening(hours: Hours, here: datetime) -> datetime:
    """The first moment from `here` on that is not within quiet hours, days off aside."""
    clock, begins, ends = here.time().replace(tzinfo=None), hours.quiet_from, hours.quiet_until
    if not is_quiet(hours, clock):
        return here
    tomorrow = begins > ends and clock >= begins
    return _at(here + timedelta(days=1) if tomorrow else here, ends)
