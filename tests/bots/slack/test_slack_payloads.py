"""Slack's payloads, one by one: what happened, or that nothing did."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bots.slack.fields import Identity
from bots.slack.payloads import translate
from bots.slack.words import typed
from core.events import (
    Address,
    Arrived,
    Commanded,
    Event,
    File,
    Filled,
    Grouped,
    Left,
    Moved,
    Opened,
    Said,
    Shared,
    Tapped,
)

US = Identity("T0HOME", "U0BOT")
ANN = Address("slack", "T0HOME/U0ANN")
DANA = Address("slack", "T0ACME/U0DANA")
CHANNEL = Address("slack", "T0HOME/C0ACME")
BOT = Address("slack", "T0HOME/U0BOT")

Json = dict[str, Any]


def event(kind: str, **fields: Any) -> Json:
    return {
        "type": "event_callback",
        "event_id": "Ev1",
        "team_id": "T0HOME",
        "authorizations": [{"team_id": "T0HOME", "user_id": "U0BOT", "is_bot": True}],
        "event": {"type": kind, **fields},
    }


def said(text: str = "hi", **fields: Any) -> Json:
    usual = {"user": "U0ANN", "team": "T0HOME", "channel": "D0ANN", "channel_type": "im", "ts": "17.01", "text": text}
    return event("message", **{**usual, **fields})


def heard(payload: Json) -> Event | None:
    events = translate(payload, US)
    assert len(events) <= 1
    return events[0] if events else None


IN_CHANNEL = {"channel": "C0ACME", "channel_type": "channel"}


MESSAGES: list[tuple[Json, Event]] = [
    (said("hi"), Said(key="slack:D0ANN:17.01", sender=ANN, chat=ANN, text="hi")),
    (
        said("hi", user="U0DANA", team="T0HOME", user_team="T0ACME"),
        Said(key="slack:D0ANN:17.01", sender=DANA, chat=DANA, text="hi"),
    ),
    (
        said("well", thread_ts="16.5"),
        Said(key="slack:D0ANN:17.01", sender=ANN, chat=ANN, text="well", about="D0ANN:16.5"),
    ),
    (said("top", thread_ts="17.01"), Said(key="slack:D0ANN:17.01", sender=ANN, chat=ANN, text="top")),
    (
        said("<@U0BOT> done", **IN_CHANNEL, user="U0DANA", team="T0ACME"),
        Said(key="slack:C0ACME:17.01", sender=DANA, chat=CHANNEL, text="done"),
    ),
    (
        event("app_mention", user="U0ANN", team="T0HOME", channel="C0ACME", ts="17.01", text="<@U0BOT> done"),
        Said(key="slack:C0ACME:17.01", sender=ANN, chat=CHANNEL, text="done"),
    ),
    (
        said("yes", **IN_CHANNEL, thread_ts="16.5", parent_user_id="U0BOT"),
        Said(key="slack:C0ACME:17.01", sender=ANN, chat=CHANNEL, text="yes", about="C0ACME:16.5"),
    ),
    (
        said("look", subtype="file_share", files=[{"id": "F1", "mimetype": "image/png", "name": "a.png", "size": 9}]),
        Shared(
            key="slack:D0ANN:17.01",
            sender=ANN,
            chat=ANN,
            file=File("photo", "slack:F1", "a.png", "image/png", 9),
            text="look",
        ),
    ),
]


@pytest.mark.parametrize(("payload", "expected"), MESSAGES)
def test_a_message_is_what_its_writer_said_where_they_said_it(payload: Json, expected: Event) -> None:
    assert heard(payload) == expected


@pytest.mark.parametrize(
    "payload",
    [
        said(subtype="message_changed", hidden=True),
        said(subtype="message_deleted", hidden=True),
        said(subtype="bot_message", bot_id="B1"),
        said(subtype="channel_join"),
        said(bot_id="B0SELF", user="U0BOT"),
        said(user="U0BOT"),
        said(bot_id="B0OTHER"),
        said("nobody asked the bot", **IN_CHANNEL),
        said("an answer to somebody else", **IN_CHANNEL, thread_ts="16.5", parent_user_id="U0DANA"),
        said(user=None),
        event("reaction_added", user="U0ANN"),
        event("user_change", user={"id": "U0ANN", "team_id": "T0HOME", "deleted": False}),
        event("member_joined_channel", user="U0ANN", channel="C0ACME"),
        event("member_left_channel", user="U0ANN", channel="C0ACME"),
        event("tokens_revoked", tokens={"oauth": ["U0ANN"], "bot": []}),
        {"type": "view_closed", "user": {"id": "U0ANN"}, "view": {"id": "V1"}},
        {"type": "block_actions", "user": {"id": "U0ANN"}, "trigger_id": "1", "actions": [{"type": "button"}]},
        {"type": "message_action"},
        {"type": "app_rate_limited"},
        {},
    ],
)
def test_what_does_not_concern_the_hub_is_nothing(payload: Json) -> None:
    assert heard(payload) is None


def test_a_mention_told_twice_has_one_key() -> None:
    as_message, as_mention = (heard(payload) for payload, _ in (MESSAGES[4], MESSAGES[5]))

    assert as_message is not None
    assert as_mention is not None
    assert as_message.key == as_mention.key


def test_several_files_are_several_events_and_the_words_come_once() -> None:
    files = [{"id": f"F{n}", "mimetype": mime} for n, mime in enumerate(["image/png", "audio/mp4", "video/mp4", "a/b"])]

    events = translate(said("all of it", subtype="file_share", files=files), US)

    assert [(one.key, one.file.kind, one.text) for one in events if isinstance(one, Shared)] == [
        ("slack:D0ANN:17.01", "photo", "all of it"),
        ("slack:D0ANN:17.01:1", "voice", ""),
        ("slack:D0ANN:17.01:2", "video", ""),
        ("slack:D0ANN:17.01:3", "file", ""),
    ]


COMINGS: list[tuple[Json, Event]] = [
    (event("app_home_opened", user="U0ANN", tab="home"), Opened(key="slack:Ev1", sender=ANN, chat=ANN)),
    (
        event("app_home_opened", user="U0ANN", tab="messages", channel="D0ANN"),
        Arrived(key="slack:arrived:T0HOME/U0ANN", sender=ANN, chat=ANN),
    ),
    (
        event("member_joined_channel", user="U0BOT", channel="C0ACME", inviter="U0ANN"),
        Grouped(key="slack:Ev1", sender=ANN, chat=CHANNEL),
    ),
    (
        {**event("member_joined_channel", user="U0BOT", channel="C0ACME"), "is_ext_shared_channel": True},
        Grouped(key="slack:Ev1", sender=BOT, chat=CHANNEL, shared=True),
    ),
    (
        event("member_left_channel", user="U0BOT", channel="C0ACME"),
        Left(key="slack:Ev1", sender=BOT, chat=CHANNEL, why="removed"),
    ),
    (
        event("channel_left", channel="C0ACME", actor_id="U0ANN"),
        Left(key="slack:Ev1", sender=ANN, chat=CHANNEL, why="removed"),
    ),
    (
        event("channel_archive", channel="C0ACME", user="U0ANN"),
        Left(key="slack:Ev1", sender=ANN, chat=CHANNEL, why="removed"),
    ),
    (
        event("channel_id_changed", old_channel_id="C0ACME", new_channel_id="C0NEW"),
        Moved(key="slack:Ev1", sender=BOT, chat=CHANNEL, to=Address("slack", "T0HOME/C0NEW")),
    ),
    (
        event("user_change", user={"id": "U0DANA", "team_id": "T0ACME", "deleted": True}),
        Left(key="slack:Ev1", sender=DANA, chat=DANA, why="deactivated"),
    ),
    (event("app_uninstalled"), Left(key="slack:Ev1", sender=BOT, chat=BOT, why="uninstalled")),
    (
        event("tokens_revoked", tokens={"oauth": [], "bot": ["U0BOT"]}),
        Left(key="slack:Ev1", sender=BOT, chat=BOT, why="uninstalled"),
    ),
]


@pytest.mark.parametrize(("payload", "expected"), COMINGS)
def test_comings_and_goings_are_told(payload: Json, expected: Event) -> None:
    assert heard(payload) == expected


def pressed(**fields: Any) -> Json:
    return {
        "type": "block_actions",
        "trigger_id": "1.2.abc",
        "team": {"id": "T0HOME"},
        "user": {"id": "U0ANN", "team_id": "T0HOME"},
        "container": {"type": "message", "message_ts": "16.5", "channel_id": "D0ANN"},
        "channel": {"id": "D0ANN", "name": "directmessage"},
        "message": {"ts": "16.5"},
        "actions": [{"type": "button", "action_id": "0.0", "value": "done.7.team", "action_ts": "17.2"}],
        **fields,
    }


def tapped(message: str | None, *, sender: Address = ANN, chat: Address = ANN, action: str = "done.7.team") -> Tapped:
    return Tapped(key="slack:1.2.abc", sender=sender, chat=chat, action=action, message=message)


IN_THE_HOME = {
    "container": {"type": "view", "view_id": "V1"},
    "channel": None,
    "message": None,
    "view": {"id": "V1", "type": "home"},
}
IN_THE_CHANNEL = {
    "container": {"message_ts": "16.5", "channel_id": "C0ACME"},
    "channel": {"id": "C0ACME", "name": "acme"},
}


@pytest.mark.parametrize(
    ("payload", "expected"),
    [
        (pressed(), tapped("D0ANN:16.5")),
        (
            pressed(**IN_THE_CHANNEL, user={"id": "U0DANA", "team_id": "T0ACME"}),
            tapped("C0ACME:16.5", sender=DANA, chat=CHANNEL),
        ),
        (
            pressed(
                container={"type": "view", "view_id": "V1"},
                channel=None,
                message=None,
                view={"id": "V1", "type": "home"},
            ),
            tapped("home"),
        ),
        (
            pressed(container={"message_ts": "16.5", "channel_id": "C0ACME", "is_ephemeral": True}, channel=None),
            tapped(None, chat=CHANNEL),
        ),
        (
            pressed(actions=[{"type": "static_select", "selected_option": {"value": "lang.ru"}}]),
            tapped("D0ANN:16.5", action="lang.ru"),
        ),
        (
            pressed(actions=[{"type": "datepicker", "selected_date": "2026-12-01"}]),
            tapped("D0ANN:16.5", action="2026-12-01"),
        ),
    ],
)
def test_a_tap_says_who_where_and_on_which_message(payload: Json, expected: Event) -> None:
    assert heard(payload) == expected


def submitted(**view: Any) -> Json:
    values = {
        "words": {"words": {"type": "plain_text_input", "value": "Try *again*"}},
        "reason": {"reason": {"type": "static_select", "selected_option": {"value": "2"}}},
        "day": {"day": {"type": "datepicker", "selected_date": "2026-12-01"}},
        "empty": {"empty": {"type": "plain_text_input", "value": None}},
    }
    usual = {"id": "V1", "hash": "h1", "type": "modal", "callback_id": "send.7", "private_metadata": ""}
    return {
        "type": "view_submission",
        "user": {"id": "U0ANN", "team_id": "T0HOME"},
        "view": {**usual, "state": {"values": values}, **view},
    }


def test_a_filled_form_brings_its_action_and_all_answers() -> None:
    assert heard(submitted()) == Filled(
        key="slack:V1:h1",
        sender=ANN,
        chat=ANN,
        action="send.7",
        answers=(("words", "Try *again*"), ("reason", "2"), ("day", "2026-12-01"), ("empty", "")),
    )


def test_a_form_that_came_back_with_remarks_and_is_sent_again_is_no_repeat() -> None:
    first, second = (heard({**submitted(), "trigger_id": trigger}) for trigger in ("1.2", "1.3"))

    assert (first.key, second.key) == ("slack:V1:h1:1.2", "slack:V1:h1:1.3") if first and second else False


def test_a_button_within_a_form_brings_what_is_filled_in_so_far() -> None:
    pressed = {"type": "button", "action_id": "count", "value": "mcount.7", "action_ts": "17.2"}
    chosen = {"type": "static_select", "action_id": "reason", "selected_option": {"value": "2"}, "action_ts": "17.3"}
    payload = {**submitted(), "type": "block_actions", "trigger_id": "1.2", "actions": [chosen, pressed]}

    assert heard(payload) == Filled(
        key="slack:1.2",
        sender=ANN,
        chat=ANN,
        action="mcount.7",
        answers=(("words", "Try *again*"), ("reason", "2"), ("day", "2026-12-01"), ("empty", "")),
    )


def test_a_form_begun_in_a_channel_names_that_channel() -> None:
    filled = heard(submitted(private_metadata="T0HOME/C0ACME"))

    assert filled is not None
    assert filled.chat == CHANNEL


def typed_command(text: str, **fields: Any) -> Json:
    usual = {"team_id": "T0HOME", "user_id": "U0ANN", "channel_id": "D0ANN", "channel_name": "directmessage"}
    return {"command": "/hub", "text": text, "trigger_id": "1.2", **usual, **fields}


@pytest.mark.parametrize(
    ("payload", "chat", "command", "words"),
    [
        (typed_command(""), ANN, "home", ""),
        (typed_command("Invite dana@acme.com"), ANN, "invite", "dana@acme.com"),
        (typed_command("  invite   dana@acme.com "), ANN, "invite", "dana@acme.com"),
        (typed_command("help", channel_id="C0ACME", channel_name="acme"), CHANNEL, "help", ""),
        (typed_command("x", command="/other"), ANN, "other", "x"),
    ],
)
def test_a_slash_command_is_its_first_word_and_the_rest(payload: Json, chat: Address, command: str, words: str) -> None:
    assert heard(payload) == Commanded(key="slack:1.2", sender=ANN, chat=chat, command=command, words=words)


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("a &lt;b&gt; &amp;amp; c", "a <b> &amp; c"),
        ("<https://acme.com/a?b=1&amp;c>", "https://acme.com/a?b=1&c"),
        ("<http://acme.com|acme.com>", "acme.com"),
        ("<mailto:dana@acme.com|dana@acme.com>", "dana@acme.com"),
        ("see <https://acme.com/x|the page>", "see the page (https://acme.com/x)"),
        ("<@U0BOT> hello <@U0DANA|dana> in <#C1|general>", "hello @dana in #general"),
        ("<@U0DANA>", "@U0DANA"),
        ("<!channel> <!subteam^S1|@team> <!date^1^{date}|today>", "@channel @team today"),
        (":wave: is unknown here", ":wave: is unknown here"),
    ],
)
def test_text_is_read_as_its_writer_saw_it(text: str, read: str) -> None:
    assert typed({"text": text}, "U0BOT") == read


def test_emoji_are_the_characters_that_were_typed() -> None:
    section = {
        "type": "rich_text_section",
        "elements": [
            {"type": "emoji", "name": "thumbsup", "unicode": "1f44d-1f3fd", "skin_tone": 4},
            {"type": "emoji", "name": "tada", "unicode": "1f389"},
            {"type": "emoji", "name": "acme_logo"},
            {"type": "emoji", "name": "odd", "unicode": "no-hex"},
        ],
    }
    message = {
        "text": ":thumbsup::skin-tone-4: :tada: :acme_logo: :odd: 10:30:40",
        "blocks": [{"type": "rich_text", "elements": [section]}],
    }

    assert typed(message, "") == "👍🏽 🎉 :acme_logo: :odd: 10:30:40"


FIELDS = (
    "user id team team_id channel ts text files event view state values actions value message container tokens "
    "bot selected_option blocks elements type thread_ts tab command trigger_id callback_id"
)
_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(FIELDS.split()),
            inner,
            max_size=5,
        )
    ),
    max_leaves=12,
)


@given(
    st.sampled_from(["event_callback", "block_actions", "view_submission", None]),
    st.sampled_from(["message", "app_home_opened", "user_change", "tokens_revoked", "member_joined_channel", "odd"]),
    st.dictionaries(st.sampled_from(["user", "view", "actions", "message", "channel", "container"]), _json),
    st.dictionaries(st.sampled_from(["user", "channel", "ts", "text", "files", "tokens", "view", "team"]), _json),
)
def test_no_payload_is_too_odd_to_read(kind: str | None, name: str, outer: Json, inner: Json) -> None:
    translate({"type": kind, "event_id": "Ev1", "command": "/hub", "event": {"type": name, **inner}, **outer}, US)


def _named(value: Any, name: str = "") -> Any:
    """The sample with plausible ids instead of its empty strings."""
    if isinstance(value, dict):
        return {key: _named(one, key) for key, one in value.items()}
    if isinstance(value, list):
        return [_named(one, name) for one in value]
    ids = {"user": "U0ANN", "user_id": "U0ANN", "channel": "C0ACME", "channel_id": "C0ACME", "event_id": "Ev1"}
    if value == "" or (isinstance(value, str) and value.startswith("0000")):
        ids |= {"team": "T0HOME", "team_id": "T0HOME", "ts": "17.01", "trigger_id": "1.2", "callback_id": "send.7"}
        return {**ids, "value": "home", "message_ts": "16.5", "inviter": "U0ANN", "hash": "h"}.get(name, value)
    return value


def test_every_shape_slack_publishes_is_read_without_complaint(samples: dict[str, Any]) -> None:
    for kind, payload in {**samples["events"], **samples["app_backend"]}.items():
        for event_ in translate(_named(payload), US):
            assert event_.key.startswith("slack:"), kind
            assert event_.chat.chat.startswith("T0HOME/"), kind
