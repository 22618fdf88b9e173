"""Buttons: every meaning fits into Telegram's 64 bytes and comes back, and nothing else is ever understood."""

from typing import get_args
from zoneinfo import available_timezones

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.actions import LONGEST, LONGEST_STEP_ID, Action, StepDone, pack, unpack

LARGEST = 2**31 - 1
"""Of enrolments; the ids of people and deliveries may be longer, but stand in short actions."""

step_ids = st.from_regex(r"[A-Za-z0-9-]{1,32}", fullmatch=True)
our_words = st.from_regex(r"[a-z-]{1,16}", fullmatch=True)
OURS = {
    "cadence": our_words,
    "language": our_words,
    "opinion": our_words,
    "page": our_words,
    "until": our_words,
    "value": our_words | st.sampled_from(sorted(available_timezones())),
    "what": our_words,
}
"""Fields that hold a word of ours or a time zone, where the others hold an id of the content's."""


@st.composite
def any_action(draw: st.DrawFn) -> Action:
    kind = draw(st.sampled_from(get_args(Action)))
    values = (
        draw(OURS.get(name, step_ids) if hint in (str, "str") else st.integers(0, 10**6))
        for name, hint in kind.__annotations__.items()
    )
    built: Action = kind(*values)
    return built


@given(any_action())
def test_every_action_fits_and_comes_back(action: Action) -> None:
    packed = pack(action)

    assert len(packed.encode()) <= LONGEST
    assert unpack(packed) == action


def test_the_longest_step_id_fits_with_the_largest_enrolment() -> None:
    assert unpack(pack(StepDone(LARGEST, "x" * LONGEST_STEP_ID))) == StepDone(LARGEST, "x" * LONGEST_STEP_ID)


@given(st.text(max_size=100))
def test_anything_else_is_nothing_or_a_plain_value(text: str) -> None:
    found = unpack(text)

    assert found is None or unpack(pack(found)) == found


@pytest.mark.parametrize("forged", ["done.-1.one", "done.1", "done.1.one.two", "done.٣.one", f"done.{'9' * 40}.x", "."])
def test_forged_numbers_and_shapes_are_not_understood(forged: str) -> None:
    assert unpack(forged) is None


@pytest.mark.parametrize("action", [StepDone(1, "a.b"), StepDone(1, "ы" * 32)])
def test_what_could_not_be_read_back_is_refused_when_it_is_written(action: Action) -> None:
    with pytest.raises(ValueError, match=r"dot|bytes"):
        pack(action)
