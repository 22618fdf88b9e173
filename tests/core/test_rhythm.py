"""Digests come once a day or once a week at a person's hour, whatever their clock does."""

from collections import Counter
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.attention.quiet import Hours, is_day_off, quiet_until, shift_of
from core.digests.rhythm import Pace, Rhythm, next_digest

SPREAD = timedelta(hours=1)
NEVER_QUIET = Hours(time(0), time(0), ())
zones = st.sampled_from(sorted(available_timezones() - {"localtime", "Factory"}))
moments = st.datetimes(
    datetime(2024, 1, 1),  # noqa: DTZ001 - hypothesis takes bounds without a zone
    datetime(2032, 1, 1),  # noqa: DTZ001
    timezones=st.just(UTC),
)
rests = st.sets(st.integers(0, 6), max_size=6).map(lambda days: tuple(sorted(days)))
hours = st.builds(
    Hours, st.integers(12, 23).map(time), st.integers(0, 11).map(time), rests, st.sampled_from(("", "DE", "JP", "US"))
)
paces: st.SearchStrategy[Pace] = st.sampled_from(("daily", "weekly"))
rhythms = st.builds(
    Rhythm,
    st.integers(0, 23).map(time),
    st.integers(0, 6),
    hours,
    zones,
    st.integers(0, 100000).map(lambda number: shift_of(number, SPREAD)),
)


def berlin(hour: int, **more: object) -> Rhythm:
    return Rhythm(**({"hour": time(hour), "weekday": 0, "hours": NEVER_QUIET, "zone": "Europe/Berlin"} | more))  # type: ignore[arg-type]  # a test names fields


def at(day: date, hour: int, minute: int = 0) -> datetime:
    return datetime(day.year, day.month, day.day, hour, minute, tzinfo=UTC)


def several(rhythm: Rhythm, pace: Pace, after: datetime, count: int) -> list[datetime]:
    found = [after]
    for _ in range(count):
        found.append(next_digest(rhythm, pace, found[-1]))
    return found[1:]


@settings(deadline=None, max_examples=150)
@given(rhythms, paces, moments)
def test_each_is_later_than_the_last_and_none_is_in_quiet_time(rhythm: Rhythm, pace: Pace, after: datetime) -> None:
    found = several(rhythm, pace, after, 5)

    assert all(one < other for one, other in pairwise([after, *found]))
    assert all(quiet_until(rhythm.hours, moment, rhythm.zone) is None for moment in found)


@settings(deadline=None, max_examples=150)
@given(rhythms, paces, moments)
def test_there_is_at_most_one_on_a_day_of_the_persons_calendar(rhythm: Rhythm, pace: Pace, after: datetime) -> None:
    found = several(rhythm, pace, after, 8)

    days = Counter((moment - rhythm.shift).astimezone(ZoneInfo(rhythm.zone)).date() for moment in found)
    assert max(days.values()) == 1


@settings(deadline=None, max_examples=150)
@given(rhythms, moments)
def test_no_day_on_which_one_may_come_is_left_out(rhythm: Rhythm, after: datetime) -> None:
    first, *_, last = several(rhythm, "daily", after, 6)

    zone = ZoneInfo(rhythm.zone)
    came = {(moment - rhythm.shift).astimezone(zone).date() for moment in several(rhythm, "daily", after, 6)}
    day, until = (first - rhythm.shift).astimezone(zone).date(), (last - rhythm.shift).astimezone(zone).date()
    while day < until:
        assert day in came or is_day_off(rhythm.hours, day)
        day += timedelta(days=1)


@settings(deadline=None)
@given(rhythms, paces, moments, st.integers(0, 10**6))
def test_asking_at_any_time_before_it_names_the_same_moment(
    rhythm: Rhythm, pace: Pace, after: datetime, seconds: int
) -> None:
    first = next_digest(rhythm, pace, after)
    between = after + (first - after) * (seconds / 10**6) - timedelta(microseconds=1)

    assert next_digest(rhythm, pace, max(after, between)) == first


def test_the_hour_that_does_not_exist_means_the_one_after_the_gap() -> None:
    assert next_digest(berlin(2), "daily", at(date(2027, 3, 27), 12)) == at(date(2027, 3, 28), 1)  # three in Berlin


def test_the_hour_that_comes_twice_counts_once() -> None:
    first, second = several(berlin(2), "daily", at(date(2026, 10, 24), 12), 2)

    assert first == at(date(2026, 10, 25), 0)
    assert second == at(date(2026, 10, 26), 1)


def test_nine_stays_nine_when_clocks_change() -> None:
    found = several(berlin(9), "daily", at(date(2027, 3, 26), 12), 3)

    assert [moment.astimezone(ZoneInfo("Europe/Berlin")).hour for moment in found] == [9, 9, 9]


@pytest.mark.parametrize(
    ("zone", "hour"), [("Pacific/Kiritimati", 19), ("Etc/GMT+12", 21), ("Asia/Kathmandu", 3), ("Asia/Kolkata", 3)]
)
def test_far_and_odd_zones_have_their_nine_too(zone: str, hour: int) -> None:
    moment = next_digest(berlin(9, zone=zone), "daily", at(date(2026, 11, 3), 0))

    assert moment.astimezone(ZoneInfo(zone)).time() == time(9)
    assert moment.hour == hour


def test_who_moves_east_and_west_in_mid_day_gets_no_second_one_for_the_same_date() -> None:
    here = next_digest(berlin(9), "daily", at(date(2026, 11, 3), 0))

    east = next_digest(berlin(9, zone="Pacific/Auckland"), "daily", here)
    west = next_digest(berlin(9, zone="Pacific/Honolulu"), "daily", here)

    assert east.astimezone(ZoneInfo("Pacific/Auckland")).date() == date(2026, 11, 4)
    assert west.astimezone(ZoneInfo("Pacific/Honolulu")).date() == date(2026, 11, 3)  # the key refuses this one


def test_a_leap_day_has_one() -> None:
    assert next_digest(berlin(9), "daily", at(date(2028, 2, 28), 12)) == at(date(2028, 2, 29), 8)


def test_a_weekly_one_on_a_day_off_comes_on_the_next_working_day() -> None:
    weekend = Hours(time(20), time(9), (5, 6), "DE")

    sunday = next_digest(berlin(10, weekday=6, hours=weekend), "weekly", at(date(2026, 11, 4), 0))
    at_easter = next_digest(berlin(10, weekday=4, hours=weekend), "weekly", at(date(2027, 3, 25), 12))

    assert sunday == at(date(2026, 11, 9), 9)
    assert at_easter == at(date(2027, 3, 30), 8)  # Good Friday, the weekend and Easter Monday are over


def test_an_hour_within_quiet_hours_is_their_end() -> None:
    hours = Hours(time(20), time(9), ())

    assert next_digest(berlin(21, hours=hours), "daily", at(date(2026, 11, 3), 9)) == at(date(2026, 11, 4), 8)


def test_ten_thousand_of_one_hour_are_spread_evenly_and_always_alike() -> None:
    shifts = Counter(shift_of(number, SPREAD) for number in range(10_000))

    assert max(shifts) < SPREAD
    assert max(shifts.values()) <= 3  # in each second
    assert shift_of(4711, SPREAD) == shift_of(4711, SPREAD)
    assert shift_of(4711, timedelta()) == timedelta()


def test_a_late_hour_is_not_pushed_into_the_evening() -> None:
    hours = Hours(time(19, 30), time(9), ())

    late = berlin(19, hours=hours, shift=timedelta(minutes=45))

    assert next_digest(late, "daily", at(date(2026, 11, 3), 9)) == at(date(2026, 11, 3), 18)
