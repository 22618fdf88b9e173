"""The arithmetic of comparisons."""

import math

import pytest

from bench.measure import Result, Wanted, spread, table
from bench.wires.crowd import FIRST, Crowd, share_of


def result(ours: list[float], partner: list[float], wanted: Wanted | None) -> Result:
    return Result("taps", "/s", ours, partner, "echo", wanted)


def test_a_ratio_is_taken_pair_by_pair() -> None:
    assert result([30, 20, 10], [10, 10, 10], None).ratios == [1.0, 2.0, 3.0]


def test_a_partner_of_nothing_makes_no_ratio() -> None:
    assert result([1, 2], [0, 1], None).ratios == [2.0]


@pytest.mark.parametrize(
    ("wanted", "kept"),
    [
        (Wanted(2), True),
        (Wanted(2.1), False),
        (Wanted(2, "most"), True),
        (Wanted(1.9, "most"), False),
        (Wanted(20, of="ours"), True),
        (Wanted(21, of="ours"), False),
        (None, None),
    ],
)
def test_the_median_decides_whether_a_promise_is_kept(wanted: Wanted | None, kept: bool | None) -> None:
    assert result([30, 20, 10], [10, 10, 10], wanted).kept is kept


def test_a_missed_promise_stands_out_in_the_table() -> None:
    lines = table([result([1], [2], Wanted(1))]).splitlines()

    assert lines[0].startswith("| what")
    assert lines[2].rstrip(" |").endswith("MISSED")
    assert len({len(line) for line in lines}) == 1


def test_a_spread_names_median_lowest_and_highest() -> None:
    assert spread([3.0, 1.0, 2.0]) == "2 (1–3)"
    assert spread([12_345.6]) == "12,346 (12,346–12,346)"


@pytest.mark.parametrize(("share", "value"), [(0.0, 1.0), (0.5, 3.0), (0.99, 4.0)])
def test_the_99th_of_a_hundred_is_nearly_the_slowest(share: float, value: float) -> None:
    assert share_of([1.0, 2.0, 3.0, 4.0], share) == value


def test_each_chat_says_its_next_thing_only_when_it_was_answered() -> None:
    said: list[tuple[int, str | None]] = []
    crowd = Crowd(lambda chat, _number, tap: said.append((chat, tap)), chats=2, total=5)

    crowd.begin()
    crowd.answer(FIRST)
    crowd.answer(FIRST)
    crowd.answer(FIRST + 1)

    assert said == [
        (FIRST, "done.1.welcome"),
        (FIRST + 1, "done.2.welcome"),
        (FIRST, None),
        (FIRST, None),
        (FIRST + 1, "undo.2.welcome"),
    ]
    assert not crowd.done.is_set()


def test_a_card_nobody_waits_for_is_no_answer() -> None:
    crowd = Crowd(lambda _chat, _number, _tap: None, chats=1, total=2)
    crowd.begin()

    crowd.answer(FIRST + 7)

    assert crowd.answered == 0


def test_the_crowd_is_done_when_everything_was_answered() -> None:
    crowd = Crowd(lambda _chat, _number, _tap: None, chats=2, total=3)
    crowd.begin()

    for chat in (FIRST, FIRST + 1, FIRST):
        crowd.answer(chat)

    assert crowd.done.is_set()
    assert crowd.figures()["answered"] == 3
    assert math.isfinite(crowd.figures()["per_second"])
