"""Which replies ask the same: told in one sentence, and so in one test each."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.mailings.likeness import alike, core_words, grouped

words = st.text(max_size=30)


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("When does it start?", "when does it START", True),
        ("When does it start?", "Hi! When does it start?", True),
        ("When does it start?", "Where does it start?", True),
        ("When does it start?", "How much is it?", False),
        ("Does 10 hold for me?", "Does 12 hold for me?", True),
        ("Café está cerrado", "cafe esta cerrado", True),
        ("👍", "👍", True),
        ("👍", "👎", False),
        ("", "", True),
        ("", "Hello", False),
    ],
)
def test_most_words_are_the_same(one: str, other: str, same: bool) -> None:
    assert alike(core_words(one), core_words(other)) is same


@given(st.lists(words, max_size=12))
def test_each_reply_is_in_one_group_whose_first_it_is_like(said: list[str]) -> None:
    groups = grouped(list(enumerate(said)))

    assert sorted(reply for group in groups for reply in group.replies) == list(range(len(said)))
    for group in groups:
        assert all(alike(core_words(said[group.first]), core_words(said[reply])) for reply in group.replies)
        assert list(group.replies) == sorted(group.replies)


@given(words, words)
def test_likeness_goes_both_ways(one: str, other: str) -> None:
    assert alike(core_words(one), core_words(other)) == alike(core_words(other), core_words(one))
    assert alike(core_words(one), core_words(one))
