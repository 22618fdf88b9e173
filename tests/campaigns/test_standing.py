"""Where a campaign stands: whatever order its events come in, no part above the whole, nothing backwards."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.campaigns.happenings import FATES, TURNS, Kind, Tally
from core.campaigns.reasons import REASONS, reason_of
from core.campaigns.standing import STATES, figures, fold, next_look, state_of, time_left
from storage.tables import Campaign

NOW = datetime(2026, 11, 3, 10, 0, tzinfo=UTC)
PATIENCE = timedelta(minutes=30)


def campaign(**more: object) -> Campaign:
    told: dict[str, object] = {"integration_id": 1, "name": "spring", "heard_at": NOW, "created_at": NOW}
    return Campaign(**(told | more))  # type: ignore[arg-type]  # a test names columns of Campaign


def tally(kind: Kind, minute: int = 0, count: int = 1, reason: str = "") -> Tally:
    at = NOW + timedelta(minutes=minute)
    return Tally(kind, reason, count, at, at)


def after(*news: Tally, now: datetime = NOW, **more: object) -> str:
    one = campaign(**more)
    for each in news:
        fold(one, each)
    return state_of(one, now, PATIENCE)


tallies = st.builds(
    tally,
    st.sampled_from([*TURNS, *FATES]),
    st.integers(0, 60),
    st.integers(1, 50),
    st.sampled_from(["", "blocked", "spam"]),
)


@given(st.lists(tallies, max_size=12).flatmap(lambda news: st.tuples(st.just(news), st.permutations(news))))
@settings(max_examples=30)
def test_the_order_of_events_makes_no_difference(news: tuple[list[Tally], list[Tally]]) -> None:
    told = []
    for order in news:
        one = campaign(total=100)
        for each in order:
            fold(one, each)
        dumped = one.model_dump(exclude={"scheduled_at"})
        told.append((dumped, state_of(one, NOW + timedelta(hours=1), PATIENCE)))

    assert told[0] == told[1]


@given(st.lists(tallies, max_size=20), st.one_of(st.none(), st.integers(1, 300)))
@settings(max_examples=50)
def test_counts_never_run_backwards_nor_above_the_whole(news: list[Tally], total: int | None) -> None:
    one, before = campaign(total=total), figures(campaign(total=total))
    for each in news:
        fold(one, each)
        now = figures(one)

        assert now.handled >= before.handled
        assert (now.percent is None) == (total is None)
        assert now.percent is None or 0 <= now.percent <= 100
        assert now.reach is None or (now.handled <= now.reach and max(one.sent, one.delivered) <= now.reach)
        assert state_of(one, NOW, PATIENCE) in STATES
        assert time_left(one) is None or time_left(one) > timedelta(0)  # type: ignore[operator]  # None is told before
        before = now


def test_a_whole_that_events_prove_wrong_is_at_least_what_they_prove() -> None:
    one = campaign(total=100)
    fold(one, tally("sent", count=120))

    assert (figures(one).reach, figures(one).at_least, figures(one).percent) == (120, True, 100)
    assert state_of(one, NOW, PATIENCE) == "sending"  # nobody can say that these are all


@pytest.mark.parametrize(
    ("news", "state"),
    [
        ([], "scheduled"),
        ([tally("started")], "sending"),
        ([tally("delivered")], "sending"),
        ([tally("sent", count=90), tally("failed", count=10)], "done"),
        ([tally("started"), tally("finished", 5)], "done"),
        ([tally("finished", 5), tally("sent", 6)], "done"),
        ([tally("failed", count=100, reason="budget")], "failed"),
        ([tally("started"), tally("aborted", 3, reason="budget")], "failed"),
        ([tally("started"), tally("aborted", 3), tally("resumed", 4)], "sending"),
        ([tally("started"), tally("cancelled", 3)], "cancelled"),
        ([tally("resumed", 9), tally("started"), tally("paused", 3)], "sending"),
        ([tally("started"), tally("paused", 3), tally("sent", 4)], "paused"),
        ([tally("started"), tally("paused", 3), tally("sent", 6)], "sending"),
        ([tally("started", 20), tally("finished", 10)], "sending"),
    ],
)
def test_the_later_moment_is_right(news: list[Tally], state: str) -> None:
    assert after(*news, total=100) == state


def test_without_news_it_stands_still_and_that_moment_is_known_before() -> None:
    one = campaign(total=100)
    fold(one, tally("sent"))
    look = next_look(one, "sending", PATIENCE)

    assert look == NOW + PATIENCE
    assert state_of(one, look - timedelta(seconds=1), PATIENCE) == "sending"
    assert state_of(one, look, PATIENCE) == "stalled"


def test_one_that_did_not_begin_at_its_moment_stands_still() -> None:
    one = campaign(scheduled_at=NOW + timedelta(hours=1))
    look = next_look(one, "scheduled", PATIENCE)

    assert look is not None
    assert state_of(one, NOW + timedelta(hours=1), PATIENCE) == "scheduled"
    assert state_of(one, look, PATIENCE) == "stalled"


def test_the_time_left_follows_from_its_own_pace() -> None:
    one = campaign(total=1000)
    fold(one, Tally("sent", "", 250, NOW, NOW + timedelta(minutes=10)))

    assert time_left(one) == timedelta(minutes=30)


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        ("550 5.1.1 The email account that you tried to reach does not exist", "unknown_address"),
        ("552 5.2.2 The recipient's inbox is over quota", "mailbox_full"),
        ("blocked using Spamhaus", "spam"),
        ("554 5.7.1 Service unavailable; client host blocked", "blocked"),
        ("5.7.26 This mail has been blocked because the sender is unauthenticated: SPF", "authentication"),
        ("Bounced Address", "other"),
        ("mailbox_full", "mailbox_full"),
        ("Requested entity was not found: UNREGISTERED", "invalid_device"),
        ("421 try again later", "temporary"),
        ("", "other"),
    ],
)
def test_a_providers_words_become_a_reason(words: str, reason: str) -> None:
    assert reason_of(words) == reason


@given(st.text(max_size=600))
@settings(max_examples=30)
def test_whatever_words_come_there_is_a_reason(words: str) -> None:
    assert reason_of(words) in REASONS
