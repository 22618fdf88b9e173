"""How fast the hub speaks: never above a limit, never slower than it must."""

import math

from hypothesis import given
from hypothesis import strategies as st

from core.events import Address
from scheduler.pacing import Limit, Limits, Pace, Way

DANA, OMAR = Address("telegram", "1"), Address("telegram", "2")
GROUP = Address("telegram", "-5")


def test_a_chat_gets_its_burst_and_then_waits_for_the_first_answer_to_age() -> None:
    pace = Pace(Limits(bot=None, private=Limit(2, 3.0), group=None))

    for at in (0.0, 0.1):
        assert pace.wait(DANA, at) == 0
        pace.take(DANA)
        pace.answered(DANA, at + 0.5)

    assert pace.wait(DANA, 1.0) == 2.5
    assert pace.wait(DANA, 3.5) == 0


def test_one_chat_told_to_wait_leaves_the_others_alone() -> None:
    pace = Pace(Limits(bot=Limit(30, 1.0), private=Limit(1, 1.0), group=None))

    pace.told_to_wait(DANA, 60, at=0.0, everywhere=False)

    assert pace.wait(DANA, 1.0) == 59
    assert pace.wait(OMAR, 1.0) == 0


def test_a_bot_told_to_wait_is_silent_everywhere() -> None:
    pace = Pace(Limits(bot=Limit(30, 1.0), private=Limit(1, 1.0), group=None))

    pace.told_to_wait(DANA, 5, at=0.0, everywhere=True)

    assert pace.wait(OMAR, 1.0) == 4


def test_a_group_has_the_limit_of_groups() -> None:
    pace = Pace(Limits(bot=None, private=None, group=Limit(1, 60.0)))
    pace.take(GROUP)
    pace.answered(GROUP, 0.0)

    assert pace.wait(GROUP, 1.0) == 59
    assert pace.wait(DANA, 1.0) == 0


def test_chats_that_fell_silent_are_forgotten() -> None:
    pace = Pace(Limits(bot=None, private=Limit(1, 1.0), group=None))
    pace.take(DANA)
    pace.answered(DANA, 0.0)

    pace.forget_idle(5.0)

    assert pace.wait(DANA, 5.0) == 0


@given(st.lists(st.integers(0, 400), min_size=1, max_size=60), st.integers(1, 5))
def test_the_platform_never_counts_more_than_the_limit_within_its_window(took: list[int], count: int) -> None:
    window = 1000.0  # whole milliseconds, which floats hold exactly
    pace = Pace(Limits(bot=Limit(count, window), private=None, group=None))
    now, arrivals = 0.0, list[float]()
    for seconds in took:
        now += pace.wait(DANA, now)
        pace.take(DANA)
        arrivals.append(now + seconds / 2)  # the platform counts when the request reaches it
        now += seconds
        pace.answered(DANA, now)

    for moment in arrivals:
        assert sum(moment - window < other <= moment for other in arrivals) <= count


def test_what_is_paid_for_has_a_limit_of_its_own_until_no_more_is_sold() -> None:
    pace, bulk = Pace(Limits(Limit(1, 1.0), None, None, bulk=Limit(3, 1.0))), Way(bulk=True)

    for _ in range(3):
        assert pace.wait(DANA, 0.0, bulk) == 0
        pace.take(DANA, bulk)
    assert pace.wait(DANA, 0.0, bulk) == math.inf
    assert pace.wait(OMAR, 0.0) == 0

    pace.lose_bulk()
    assert pace.wait(OMAR, 0.0) == math.inf
    for _ in range(3):
        pace.answered(DANA, 1.0, bulk)
    assert pace.wait(OMAR, 1.5, bulk) == 0.5
    assert pace.wait(OMAR, 2.0, bulk) == 0


def test_a_methods_limit_holds_back_what_nobody_waits_for_and_no_answer() -> None:
    pace = Pace(Limits(None, None, None, methods={"edit": Limit(1, 60.0)}))
    unasked, answer = Way("edit"), Way("edit", patient=False)

    pace.take(DANA, answer)
    pace.answered(DANA, 0.0, answer)

    assert pace.wait(OMAR, 1.0, unasked) == 59
    assert pace.wait(OMAR, 1.0, answer) == 0
    assert pace.wait(OMAR, 1.0) == 0


def test_what_other_processes_said_in_a_chat_counts() -> None:
    pace = Pace(Limits(None, private=Limit(2, 3.0), group=None))

    pace.spoken_elsewhere(DANA, [0.5, 2.0, 9.0], at=10.0)

    assert pace.wait(DANA, 10.0) == 1.0
    assert pace.wait(OMAR, 10.0) == 0


def test_more_is_ours_only_when_nobody_else_can_have_used_it_just_now() -> None:
    pace = Pace(Limits(Limit(5, 1.0), None, None))

    pace.share(1, 2, at=10.0)
    assert pace.free(10.0) == 2
    pace.share(0, 1, at=20.0)
    assert (pace.free(20.5), pace.free(21.0)) == (2, 5)
    pace.share(None, 1, at=30.0)
    assert (pace.silent, pace.wait(DANA, 30.0)) == (True, math.inf)


def test_looking_ahead_gives_no_credit_back_before_its_time() -> None:
    pace = Pace(Limits(Limit(1, 1.0), None, None))
    pace.take(DANA)
    pace.answered(DANA, 0.0)

    assert pace.next_free(1.5) == 0
    assert (pace.free(1.5), pace.free(0.5)) == (1, 0)
    assert pace.wait(OMAR, 0.5) == 0.5
