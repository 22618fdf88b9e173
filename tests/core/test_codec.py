"""Cards and events as the ledger keeps them: what was written is what is read, whatever people typed."""

from hypothesis import given
from hypothesis import strategies as st

from core.cards import Button, Card, Media, Progress
from core.codec import read_card, read_event, write_card, write_event
from core.events import Address, Event, File, Filled, Moved, Profile, Said, Shared, Tapped

words = st.text(max_size=40)
tones = st.sampled_from(("", "primary", "danger"))
buttons = st.builds(Button, words, st.text(min_size=1, max_size=40), st.just("") | words, tones)
cards = st.builds(
    Card,
    text=words,
    title=words,
    facts=st.lists(st.tuples(words, words), max_size=3).map(tuple),
    progress=st.none() | st.builds(Progress, st.integers(0, 5), st.integers(5, 9)),
    note=words,
    media=st.none() | st.builds(Media, st.sampled_from(("photo", "video")), words, words),
    rows=st.lists(st.lists(buttons, min_size=1, max_size=3).map(tuple), max_size=3).map(tuple),
    reply_to=words,
    change=st.sampled_from(("", "edit", "delete")),
)
chats = st.from_regex(r"[A-Z0-9/]{1,12}", fullmatch=True)
addresses = st.builds(Address, st.sampled_from(("telegram", "slack")), chats)
common = {
    "key": words,
    "sender": addresses,
    "chat": addresses,
    "profile": st.none() | st.builds(Profile, name=words, email=st.none() | words, home_team=st.booleans()),
    "title": words,
}
events: st.SearchStrategy[Event] = st.one_of(
    st.builds(Said, **common, text=words),
    st.builds(Tapped, **common, action=words, message=st.none() | words),
    st.builds(Filled, **common, action=words, answers=st.lists(st.tuples(words, words), max_size=3).map(tuple)),
    st.builds(Shared, **common, file=st.builds(File, st.sampled_from(("photo", "voice")), words), text=words),
    st.builds(Moved, **common, to=addresses),
)


@given(cards)
def test_a_card_reads_back_as_it_was(card: Card) -> None:
    assert read_card(write_card(card)) == card


@given(events)
def test_an_event_reads_back_as_it_was(event: Event) -> None:
    assert read_event(write_event(event)) == event
