"""When the hub may speak unasked: never in quiet hours, never above a cap, whatever the zone."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from core.attention.judge import capped_until, quiet_until
from core.content.catalogue import Rules

ZONES = ("UTC", "Europe/Berlin", "Asia/Kolkata", "Asia/Kathmandu", "America/St_Johns", "Pacific/Kiritimati",
         "Etc/GMT+12", "Australia/Lord_Howe", "America/New_York")  # fmt: skip
moments = st.datetimes(datetime(2026, 1, 1), datetime(2028, 3, 1), timezones=st.just(UTC))  # noqa: DTZ001 - hypothesis adds the zone
hours = st.times().map(lambda hour: hour.replace(second=0, microsecond=0))


def _is_quiet(rules: Rules, now: datetime, zone: str) -> bool:
    here = now.astimezone(ZoneInfo(zone))
    clock, begins, ends = here.time(), rules.quiet_from, rules.quiet_until
    by_hour = begins <= clock < ends if begins <= ends else clock >= begins or clock < ends
    return by_hour or here.weekday() in rules.quiet_weekdays


@given(moments, st.sampled_from(ZONES), hours, hours, st.sets(st.integers(0, 6), max_size=6))
def test_speaking_is_allowed_exactly_outside_quiet_hours(
    now: datetime, zone: str, begins: time, ends: time, weekdays: set[int]
) -> None:
    rules = Rules("V", quiet_from=begins, quiet_until=ends, quiet_weekdays=tuple(weekdays))

    assert (quiet_until(rules, now, zone) is None) == (not _is_quiet(rules, now, zone))


@given(moments, st.sampled_from(ZONES), st.sets(st.integers(0, 6), max_size=6))
def test_what_is_held_until_a_moment_is_soon_allowed_then(now: datetime, zone: str, weekdays: set[int]) -> None:
    rules = Rules("V", quiet_weekdays=tuple(weekdays))
    until, looks = quiet_until(rules, now, zone), 0
    while until is not None:
        assert until > now
        now, looks = until, looks + 1
        until = quiet_until(rules, now, zone)

    assert looks <= 2  # a second look only where the clock jumps


def test_saturday_evening_waits_for_monday_morning() -> None:
    saturday = datetime(2026, 11, 7, 20, 0, tzinfo=UTC)

    assert quiet_until(Rules("V"), saturday, "Europe/Berlin") == datetime(2026, 11, 9, 8, 0, tzinfo=UTC)


@given(
    st.lists(st.integers(0, 20_000).map(lambda minutes: timedelta(minutes=minutes)), max_size=30),
    st.integers(1, 4),
    st.integers(1, 8),
)
def test_caps_hold_for_any_sequence_of_wishes(gaps: list[timedelta], per_day: int, per_week: int) -> None:
    rules = Rules("V", most_per_day=per_day, most_per_week=per_week)
    now, sent = datetime(2026, 11, 2, 9, tzinfo=UTC), list[datetime]()
    for gap in gaps:
        now += gap
        until = capped_until(rules, sent, now)
        if until is None:
            sent.append(now)
        else:
            assert until > now
            assert capped_until(rules, sent, until) is None  # nothing starves

    for moment in sent:
        assert sum(moment - timedelta(days=1) < other <= moment for other in sent) <= per_day
        assert sum(moment - timedelta(days=7) < other <= moment for other in sent) <= per_week
