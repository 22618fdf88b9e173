"""Each update as Telegram writes it, and what it means."""

import contextlib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bots.telegram.translate import Malformed, Self, translate
from core.events import (
    Address,
    Arrived,
    Commanded,
    Event,
    File,
    Grouped,
    Left,
    Moved,
    Profile,
    Said,
    Shared,
    Tapped,
)

ME = Self(42, "hub_bot")
DANA = {"id": 7, "is_bot": False, "first_name": "Dana", "last_name": "Reyes", "language_code": "pt-br"}
PRIVATE = {"id": 7, "type": "private", "first_name": "Dana"}
GROUP = {"id": -100, "type": "supergroup", "title": "Acme & us"}
OURS = {"message_id": 3, "from": {"id": 42, "is_bot": True}, "text": "Which name?"}
P = Address("telegram", "7")
G = Address("telegram", "-100")


def message(chat: dict[str, Any] = PRIVATE, **fields: Any) -> dict[str, Any]:
    return {"update_id": 5, "message": {"message_id": 9, "date": 1, "from": DANA, "chat": chat, **fields}}


def member(chat: dict[str, Any], old: dict[str, Any], new: dict[str, Any]) -> dict[str, Any]:
    change = {"chat": chat, "from": DANA, "date": 1, "old_chat_member": old, "new_chat_member": new}
    return {"update_id": 5, "my_chat_member": change}


def tap(**fields: Any) -> dict[str, Any]:
    return {"update_id": 5, "callback_query": {"id": "1", "from": DANA, "chat_instance": "x", **fields}}


def heard(kind: Any, chat: Address = P, title: str = "", **fields: Any) -> Any:
    profile = Profile(name="Dana Reyes", language="pt-br")
    return kind(key="telegram:42:5", sender=P, chat=chat, profile=profile, title=title, **fields)


def status(name: str, **more: Any) -> dict[str, Any]:
    return {"status": name, "user": {"id": 42}, **more}


TABLE: list[tuple[str, dict[str, Any], Event | None]] = [
    ("words", message(text="hello"), heard(Said, text="hello")),
    ("an answer", message(text="hi", reply_to_message=OURS), heard(Said, text="hi", about="3")),
    ("start", message(text="/start"), heard(Arrived)),
    ("an invitation", message(text="/start AbC-_9"), heard(Arrived, token="AbC-_9")),
    ("an absurd token", message(text="/start " + "x" * 999), heard(Arrived, token="x" * 64)),
    ("a command", message(text="/Home@hub_bot"), heard(Commanded, command="home")),
    (
        "with words",
        message(text="/invite dana@acme.test now"),
        heard(Commanded, command="invite", words="dana@acme.test now"),
    ),
    ("lines after it", message(text="/say a\nb"), heard(Commanded, command="say", words="a\nb")),
    ("a path", message(text="/usr/bin"), heard(Said, text="/usr/bin")),
    ("another bot's", message(GROUP, text="/home@other_bot"), None),
    ("in a group", message(GROUP, text="/share@HUB_bot"), heard(Commanded, G, "Acme & us", command="share")),
    (
        "start in a group",
        message(GROUP, text="/start tok"),
        heard(Commanded, G, "Acme & us", command="start", words="tok"),
    ),
    ("talk in a group", message(GROUP, text="lunch?"), heard(Said, G, "Acme & us", text="lunch?", overheard=True)),
    ("our name", message(GROUP, text="@Hub_Bot, what next?"), heard(Said, G, "Acme & us", text="what next?")),
    (
        "another's name",
        message(GROUP, text="@hub_bottle hi"),
        heard(Said, G, "Acme & us", text="@hub_bottle hi", overheard=True),
    ),
    (
        "a reply",
        message(GROUP, text="Acme", reply_to_message=OURS),
        heard(Said, G, "Acme & us", text="Acme", about="3"),
    ),
    ("a channel's post", message({"id": -5, "type": "channel", "title": "x"}, text="x"), None),
    (
        "another bot",
        {
            "update_id": 5,
            "message": {"message_id": 1, "chat": GROUP, "from": {"id": 8, "is_bot": True}, "text": "/home"},
        },
        None,
    ),
    ("an edit", {"update_id": 5, "edited_message": {"message_id": 1}}, None),
    ("something new", {"update_id": 5, "telepathy": {}}, None),
    ("a service message", message(new_chat_title="x"), None),
    ("nothing but blanks", message(text=" \n"), None),
    ("a sticker", message(sticker={"file_id": "S", "emoji": "👍"}), heard(Said, text="👍")),
    ("a place", message(location={"latitude": 1.5, "longitude": 2}), heard(Said, text="1.5, 2")),
    (
        "a venue",
        message(location={"latitude": 1, "longitude": 2}, venue={"title": "HQ", "address": "Main St"}),
        heard(Said, text="HQ, Main St"),
    ),
    ("a contact", message(contact={"first_name": "Bo", "phone_number": "+1"}), heard(Said, text="Bo, +1")),
    ("dice", message(dice={"emoji": "🎲", "value": 4}), heard(Said, text="🎲 4")),
    (
        "a photo",
        message(
            caption="see",
            photo=[
                {"file_id": "s", "width": 90, "height": 90, "file_size": 1},
                {"file_id": "L", "width": 900, "height": 900, "file_size": 9},
            ],
        ),
        heard(Shared, text="see", file=File("photo", "telegram:L", mime="image/jpeg", size=9)),
    ),
    (
        "a voice",
        message(voice={"file_id": "V", "mime_type": "audio/ogg", "file_size": 3}),
        heard(Shared, file=File("voice", "telegram:V", mime="audio/ogg", size=3)),
    ),
    ("a round video", message(video_note={"file_id": "N"}), heard(Shared, file=File("video", "telegram:N"))),
    (
        "a document, replied",
        message(reply_to_message=OURS, document={"file_id": "D", "file_name": "a.csv", "mime_type": "text/csv"}),
        heard(Shared, about="3", file=File("file", "telegram:D", name="a.csv", mime="text/csv")),
    ),
    (
        "an audio",
        message(audio={"file_id": "A", "file_name": "a.mp3"}),
        heard(Shared, file=File("file", "telegram:A", name="a.mp3")),
    ),
    (
        "a file in a group",
        message(GROUP, document={"file_id": "D"}),
        heard(Shared, G, "Acme & us", file=File("file", "telegram:D"), overheard=True),
    ),
    (
        "a tap",
        tap(data="done.1.a", message={"message_id": 77, "date": 1, "chat": PRIVATE}),
        heard(Tapped, action="done.1.a", message="77"),
    ),
    (
        "a tap on an old message",
        tap(data="home", message={"message_id": 77, "date": 0, "chat": GROUP}),
        heard(Tapped, G, "Acme & us", action="home", message="77"),
    ),
    ("a tap on nothing", tap(data="home"), heard(Tapped, action="home")),
    ("a game", tap(game_short_name="chess"), None),
    ("blocked", member(PRIVATE, status("member"), status("kicked")), heard(Left, why="blocked")),
    ("unblocked", member(PRIVATE, status("kicked"), status("member")), heard(Arrived)),
    ("added", member(GROUP, status("left"), status("member")), heard(Grouped, G, "Acme & us")),
    ("promoted", member(GROUP, status("member"), status("administrator")), None),
    ("removed", member(GROUP, status("administrator"), status("kicked")), heard(Left, G, "Acme & us", why="removed")),
    (
        "restricted out",
        member(GROUP, status("member"), status("restricted", is_member=False)),
        heard(Left, G, "Acme & us", why="removed"),
    ),
    ("a channel", member({"id": -5, "type": "channel"}, status("left"), status("administrator")), None),
    (
        "moved",
        message({"id": -9, "type": "group", "title": "A"}, migrate_to_chat_id=-100),
        heard(Moved, Address("telegram", "-9"), "A", to=G),
    ),
    ("moved here", message(GROUP, migrate_from_chat_id=-9), heard(Moved, Address("telegram", "-9"), "Acme & us", to=G)),
]


@pytest.mark.parametrize(("update", "event"), [row[1:] for row in TABLE], ids=[row[0] for row in TABLE])
def test_an_update_means(update: dict[str, Any], event: Event | None) -> None:
    assert translate(update, ME) == event


@pytest.mark.parametrize(
    "update",
    [
        {},
        {"update_id": "5", "message": {}},
        {"update_id": True},
        {"update_id": 5, "message": {"chat": {"type": "private"}, "text": "x"}},
        {"update_id": 5, "message": {"chat": PRIVATE, "from": {"id": "7"}, "text": "x"}},
        {"update_id": 5, "callback_query": {"data": "home"}},
    ],
)
def test_an_update_without_what_was_promised_is_malformed(update: dict[str, Any]) -> None:
    with pytest.raises(Malformed):
        translate(update, ME)


def test_very_long_and_broken_text_is_kept_within_what_databases_take() -> None:
    event = translate(message(text="\0\ud83d" + "я" * 90_000), ME)

    assert isinstance(event, Said)
    assert len(event.text.encode()) <= 100_000
    assert event.text.startswith("\N{REPLACEMENT CHARACTER}я")


def test_a_group_s_own_voice_is_nobody_we_could_know() -> None:
    update = {"update_id": 5, "message": {"message_id": 1, "chat": GROUP, "sender_chat": GROUP, "text": "/home"}}

    assert translate(update, ME) is None


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                [
                    "id",
                    "chat",
                    "from",
                    "message",
                    "text",
                    "type",
                    "photo",
                    "voice",
                    "data",
                    "migrate_to_chat_id",
                    "status",
                ]
            ),
            inner,
            max_size=5,
        )
    ),
    max_leaves=20,
)


@given(st.dictionaries(st.sampled_from(["message", "callback_query", "my_chat_member"]), json_values))
def test_no_update_breaks_the_translation(update: dict[str, Any]) -> None:
    with contextlib.suppress(Malformed):
        translate({"update_id": 1, **update}, ME)
