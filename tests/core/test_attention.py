"""When the hub may speak unasked: never in quiet hours, never above a cap, whatever the zone."""

from collections import Counter
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.attention.caps import Caps, Sent, capped_until
from core.attention.quiet import Hours, quiet_until, shift_of

ZONES = ("UTC", "Europe/Berlin", "Asia/Kolkata", "Asia/Kathmandu", "America/St_Johns", "Pacific/Kiritimati",
         "Etc/GMT+12", "Australia/Lord_Howe", "America/New_York")  # fmt: skip
moments = st.datetimes(datetime(2026, 1, 1), datetime(2028, 3, 1), timezones=st.just(UTC))  # noqa: DTZ001 - hypothesis adds the zone
clocks = st.times().map(lambda hour: hour.replace(second=0, microsecond=0))


def _is_quiet(hours: Hours, now: datetime, zone: str) -> bool:
    here = now.astimezone(ZoneInfo(zone))
    clock, begins, ends = here.time(), hours.quiet_from, hours.quiet_until
    by_hour = begins <= clock < ends if begins <= ends else clock >= begins or clock < ends
    return by_hour or here.weekday() in hours.quiet_weekdays


@given(moments, st.sampled_from(ZONES), clocks, clocks, st.sets(st.integers(0, 6), max_size=6))
def test_speaking_is_allowed_exactly_outside_quiet_hours(
    now: datetime, zone: str, begins: time, ends: time, weekdays: set[int]
) -> None:
    hours = Hours(begins, ends, tuple(weekdays))

    assert (quiet_until(hours, now, zone) is None) == (not _is_quiet(hours, now, zone))


@given(moments, st.sampled_from(ZONES), st.sets(st.integers(0, 6), max_size=6))
def test_what_is_held_until_a_moment_is_soon_allowed_then(now: datetime, zone: str, weekdays: set[int]) -> None:
    hours = Hours(quiet_weekdays=tuple(weekdays))
    until, looks = quiet_until(hours, now, zone), 0
    while until is not None:
        assert until > now
        now, looks = until, looks + 1
        until = quiet_until(hours, now, zone)

    assert looks <= 2  # a second look only where the clock jumps


@given(
    moments,
    st.sampled_from(ZONES),
    clocks,
    clocks,
    st.sets(st.integers(0, 6), max_size=6),
    st.integers(0, 3600).map(lambda seconds: timedelta(seconds=seconds)),
)
def test_a_morning_begins_up_to_an_hour_later_and_never_in_quiet_time(
    now: datetime, zone: str, begins: time, ends: time, weekdays: set[int], shift: timedelta
) -> None:
    hours = Hours(begins, ends, tuple(weekdays))

    plain, shifted = quiet_until(hours, now, zone), quiet_until(hours, now, zone, shift)

    if shifted is not None:
        assert shifted > now
        assert shifted == plain or not _is_quiet(hours, shifted, zone)  # the clock may jump into quiet hours
        assert shifted - (plain or now) <= shift or begins <= ends  # by day the first one after a day off is at its end
    else:
        assert plain is None


def test_ten_thousand_mornings_begin_one_after_the_other_and_each_always_at_its_moment() -> None:
    night, nine = datetime(2026, 11, 9, 3, 0, tzinfo=UTC), datetime(2026, 11, 9, 8, 0, tzinfo=UTC)
    hour = timedelta(hours=1)

    found = Counter(quiet_until(Hours(), night, "Europe/Berlin", shift_of(number, hour)) for number in range(10_000))

    assert max(found.values()) <= 3
    assert all(moment is not None and nine <= moment < nine + hour for moment in found)
    assert quiet_until(Hours(), nine, "Europe/Berlin", hour / 2) == nine + hour / 2, "what is new by then waits along"


def test_saturday_evening_waits_for_monday_morning() -> None:
    saturday = datetime(2026, 11, 7, 20, 0, tzinfo=UTC)

    assert quiet_until(Hours(), saturday, "Europe/Berlin") == datetime(2026, 11, 9, 8, 0, tzinfo=UTC)


def test_a_public_holiday_of_the_readers_country_is_quiet_and_of_another_is_not() -> None:
    unity = datetime(2028, 10, 3, 10, 0, tzinfo=UTC)  # a Tuesday

    assert quiet_until(Hours(country="DE"), unity, "Europe/Berlin") == datetime(2028, 10, 4, 7, 0, tzinfo=UTC)
    assert quiet_until(Hours(country="GB"), unity, "Europe/Berlin") is None
    assert quiet_until(Hours(country="ZZ"), unity, "Europe/Berlin") is None  # nobody wrote its holidays down


def test_the_hour_the_clock_skips_is_over_right_after_the_gap() -> None:
    night = datetime(2027, 3, 28, 0, 30, tzinfo=UTC)  # at 2:00 clocks in Berlin go to 3:00

    assert quiet_until(Hours(time(22), time(2, 30), ()), night, "Europe/Berlin") == datetime(
        2027, 3, 28, 1, 30, tzinfo=UTC
    )


def test_the_hour_that_comes_twice_ends_quiet_hours_once() -> None:
    evening = datetime(2027, 10, 30, 22, 0, tzinfo=UTC)  # at 3:00 the next morning clocks in Berlin go back to 2:00

    until = quiet_until(Hours(time(22), time(2, 30), ()), evening, "Europe/Berlin")

    assert until == datetime(2027, 10, 31, 0, 30, tzinfo=UTC)


def test_somebody_who_is_always_to_be_left_alone_is_a_mistake_in_the_rules() -> None:
    with pytest.raises(ValueError, match="at least one weekday"):
        Hours(quiet_weekdays=tuple(range(7)))


@given(
    st.lists(
        st.tuples(
            st.integers(0, 20_000).map(lambda minutes: timedelta(minutes=minutes)),
            st.sampled_from(("nudge", "update", "digest")),
        ),
        max_size=30,
    ),
    st.integers(1, 4),
    st.integers(1, 8),
    st.dictionaries(st.sampled_from(("nudge", "update")), st.integers(1, 3)),
)
def test_caps_hold_for_any_sequence_of_wishes(
    wishes: list[tuple[timedelta, str]], per_day: int, per_week: int, of_kind: dict[str, int]
) -> None:
    caps = Caps(per_day, per_week, of_kind)
    now, sent = datetime(2026, 11, 2, 9, tzinfo=UTC), list[Sent]()
    for gap, kind in wishes:
        now += gap
        until = capped_until(caps, sent, kind, now)
        if until is None:
            sent.append(Sent(now, kind))
        else:
            assert until > now
            assert capped_until(caps, sent, kind, until) is None  # nothing starves

    for one in sent:
        assert _within(one.at, timedelta(days=1), [other.at for other in sent]) <= per_day
        assert _within(one.at, timedelta(days=7), [other.at for other in sent]) <= per_week
        alike = [other.at for other in sent if other.kind == one.kind]
        assert _within(one.at, timedelta(days=7), alike) <= of_kind.get(one.kind, per_week)


def _within(moment: datetime, span: timedelta, moments: list[datetime]) -> int:
    return sum(moment - span < other <= moment for other in moments)
