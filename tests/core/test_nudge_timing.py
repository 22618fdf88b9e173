"""When a nudge is due: spans that thin out, mornings on one's own clock, hours that a clock skips or repeats."""

from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import available_timezones

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.content.kinds.nudge_rules import THENS, NudgeRule, Trigger
from core.nudges.timing import NOT_NOW, SNOOZES, Snooze, at_hour, begins, next_due, snoozed_until
from core.people.accounts import local
from tests.core.stage import words

NOW = datetime(2026, 11, 5, 10, 0, tzinfo=UTC)
"""A Thursday."""

spans = st.integers(1, 24 * 60).map(lambda hours: timedelta(hours=hours))
rules = st.builds(
    lambda after, repeat, stop, then: NudgeRule(
        "r", Trigger("stalled_step", after), (words("Hello"),), repeat=tuple(sorted(set(repeat))), stop=stop, then=then
    ),
    spans,
    st.lists(spans, min_size=1, max_size=5),
    st.integers(1, 20),
    st.sampled_from(THENS),
)
moments = st.integers(0, 90 * 365 * 24).map(lambda hours: datetime(2000, 1, 1, tzinfo=UTC) + timedelta(hours=hours))
zones = st.sampled_from(sorted(available_timezones()))


def rule(*repeat: int, after: int = 2, stop: int = 3, then: str = "nothing") -> NudgeRule:
    return NudgeRule(
        "r",
        Trigger("stalled_step", timedelta(days=after)),
        (words("Hello"),),
        repeat=tuple(timedelta(days=days) for days in repeat),
        stop=stop,
        then=then,  # type: ignore[arg-type]  # one of the three
    )


def all_moments(of: NudgeRule, since: datetime) -> list[datetime]:
    """Every moment of a rule that nobody listens to."""
    found: list[datetime] = []
    due = next_due(of, since, 0, None)
    while due is not None:
        found.append(due)
        due = next_due(of, since, len(found), due)
    return found


def test_one_three_seven_is_said_on_days_two_three_and_six_and_ends_on_day_thirteen() -> None:
    days = [(moment - NOW).days for moment in all_moments(rule(1, 3, 7, then="csm"), NOW)]

    assert days == [2, 3, 6, 13]


def test_the_last_span_holds_for_all_that_follows() -> None:
    assert [(moment - NOW).days for moment in all_moments(rule(1, 2, stop=5), NOW)] == [2, 3, 5, 7, 9]


def test_what_is_said_once_has_no_second_moment() -> None:
    assert [(moment - NOW).days for moment in all_moments(rule(stop=1), NOW)] == [2]


@given(rules, moments)
def test_a_rule_is_said_as_often_as_it_says_and_then_ends(one: NudgeRule, since: datetime) -> None:
    found = all_moments(one, since)

    assert len(found) == one.stop + (one.then != "nothing")


@given(rules, moments)
def test_moments_lie_further_and_further_apart(one: NudgeRule, since: datetime) -> None:
    found = all_moments(one, since)
    gaps = [later - earlier for earlier, later in pairwise(found)]

    assert found[0] - since == one.trigger.after
    assert gaps == sorted(gaps)
    assert all(gap in one.repeat for gap in gaps)


@given(rules, moments, st.integers(0, 20), spans)
def test_however_late_somebody_ticks_the_next_one_is_later(
    one: NudgeRule, since: datetime, said: int, late: timedelta
) -> None:
    """After an outage the missed ones are not caught up: the next counts from what was really said."""
    due = next_due(one, since, said, since)
    if due is None:
        return
    following = next_due(one, since, said + 1, due + late)

    assert following is None or following > due + late


@given(st.sampled_from(SNOOZES), rules, moments, zones, st.times(timezones=st.none()))
def test_a_snooze_ends_later_than_now_and_on_the_day_it_says(
    choice: Snooze, one: NudgeRule, now: datetime, zone: str, opens: time
) -> None:
    opens = opens.replace(second=0, microsecond=0)
    until = snoozed_until(choice, one, now, zone, opens)
    today, then = local(now, zone).date(), local(until, zone).date()

    if choice == "later":
        assert until - now >= NOT_NOW
    elif abs((then - today).days) < 9:  # islands that crossed the date line have no such day at all
        skipped = timedelta(days=2)
        wanted = today + timedelta(days=1) if choice == "tomorrow" else today + timedelta(days=7 - today.weekday())
        assert wanted <= then <= wanted + skipped
        assert until > now - timedelta(hours=2)


def test_next_week_is_monday_morning_and_on_a_sunday_it_is_tomorrow() -> None:
    def on(day: int) -> str:
        now = datetime(2026, 11, day, 10, 0, tzinfo=UTC)
        return f"{local(snoozed_until('week', rule(1), now, 'Europe/Berlin', time(9)), 'Europe/Berlin'):%a %d %H:%M}"

    assert [on(day) for day in (2, 5, 8)] == ["Mon 09 09:00", "Mon 09 09:00", "Mon 09 09:00"]


@pytest.mark.parametrize(
    ("day", "hour", "zone", "expected"),
    [
        ((2026, 3, 29), time(2, 30), "Europe/Berlin", "2026-03-29T01:30:00+00:00"),  # there is no such hour
        ((2026, 10, 25), time(2, 30), "Europe/Berlin", "2026-10-25T00:30:00+00:00"),  # it comes twice: the first
        ((2026, 3, 29), time(9), "Europe/Berlin", "2026-03-29T07:00:00+00:00"),
        ((2026, 3, 28), time(9), "Europe/Berlin", "2026-03-28T08:00:00+00:00"),
        ((2026, 11, 3), time(9), "Asia/Kathmandu", "2026-11-03T03:15:00+00:00"),
        ((2026, 11, 3), time(9), "Pacific/Kiritimati", "2026-11-02T19:00:00+00:00"),
        ((2026, 11, 3), time(9), "Etc/GMT+12", "2026-11-03T21:00:00+00:00"),
        ((2028, 2, 29), time(9), "UTC", "2028-02-29T09:00:00+00:00"),
    ],
)
def test_an_hour_of_a_day_on_any_clock(day: tuple[int, int, int], hour: time, zone: str, expected: str) -> None:
    assert at_hour(date(*day), hour, zone).isoformat() == expected


@given(st.dates(date(2000, 1, 1), date(2090, 1, 1)), zones)
def test_a_day_begins_on_that_day_where_there_is_such_a_day(day: date, zone: str) -> None:
    there = local(begins(day, zone), zone)

    assert there.date() >= day
    assert there.date() - day <= timedelta(days=1)


def test_tomorrow_at_nine_stays_nine_when_the_clocks_change_in_the_night() -> None:
    before = datetime(2026, 3, 28, 20, 0, tzinfo=UTC)

    until = snoozed_until("tomorrow", rule(1), before, "Europe/Berlin", time(9))

    assert local(until, "Europe/Berlin").time() == time(9)
    assert until - before == timedelta(hours=11)
