"""What becomes of a card at Slack, answer by answer."""

from datetime import timedelta

import pytest
from aiohttp import web

from bots.slack.calls import Calls
from bots.slack.client import SlackMessenger, profile_of
from bots.slack.fields import Identity
from core.cards import Button, Card, Field, Form, Media
from core.events import Address
from core.outbox import Refused, Revoked, TryLater, Uncertain, Unreachable
from tests.bots.slack.scripted import POSTED, Say, ScriptedSlack, error

ANN = Address("slack", "T0HOME/U0ANN")
CHANNEL = Address("slack", "T0HOME/C0ACME")
HELLO = Card("Hello", title="Welcome", rows=((Button("Go", action="home"),),))


async def test_a_card_to_a_person_goes_to_their_direct_message_and_returns_channel_and_ts(
    slack: ScriptedSlack, messenger: SlackMessenger
) -> None:
    sent = await messenger.send(ANN, HELLO)

    assert sent == "D0ANN:1700.000100"
    [body] = slack.calls_of("chat.postMessage")
    assert body["channel"] == "U0ANN"
    assert body["text"] == "Welcome\nHello"
    assert slack.seen_tokens == ["Bearer xoxb-test"]


async def test_an_edit_names_the_channel_and_ts_of_the_message(slack: ScriptedSlack, messenger: SlackMessenger) -> None:
    assert await messenger.send(ANN, HELLO, replacing="D0ANN:1699.5") == "D0ANN:1699.5"

    [body] = slack.calls_of("chat.update")
    assert (body["channel"], body["ts"]) == ("D0ANN", "1699.5")
    assert slack.calls_of("chat.postMessage") == []


@pytest.mark.parametrize(("to", "replacing"), [(ANN.home, None), (ANN.home, "home"), (ANN, "home")])
async def test_an_app_home_is_always_published_anew(
    slack: ScriptedSlack, messenger: SlackMessenger, to: Address, replacing: str | None
) -> None:
    assert await messenger.send(to, HELLO, replacing=replacing) == "home"

    [body] = slack.calls_of("views.publish")
    assert body["user_id"] == "U0ANN"
    assert body["view"]["type"] == "home"


@pytest.mark.parametrize("gone", ["message_not_found", "cant_update_message", "edit_window_closed"])
async def test_a_message_that_cannot_be_edited_is_sent_anew(
    slack: ScriptedSlack, messenger: SlackMessenger, gone: str
) -> None:
    slack.will("chat.update", error(gone))

    assert await messenger.send(ANN, HELLO, replacing="D0ANN:1.0") == "D0ANN:1700.000100"


TOO_MANY = Say({"ok": False, "error": "ratelimited"}, status=429, headers={"Retry-After": "17"})
OUTCOMES = [
    (TOO_MANY, TryLater),
    (Say("<html>Bad gateway</html>", status=502), TryLater),
    (Say({"ok": False, "error": "service_unavailable"}, status=503), TryLater),
    (Say("<html>oops</html>", status=500), Uncertain),
    (error("fatal_error"), Uncertain),
    (Say(hang_up=True), Uncertain),
    (error("user_disabled"), Unreachable),
    (error("channel_not_found"), Unreachable),
    (error("is_archived"), Unreachable),
    (error("not_in_channel"), Unreachable),
    (error("cannot_dm_bot"), Unreachable),
    (error("messages_tab_disabled"), Unreachable),
    (error("invalid_auth"), Revoked),
    (error("account_inactive"), Revoked),
    (error("token_revoked"), Revoked),
    (error("missing_scope"), Revoked),
    (error("msg_too_long"), Refused),
    (error("an_error_nobody_has_heard_of"), Refused),
]


@pytest.mark.parametrize(("answer", "outcome"), OUTCOMES)
async def test_each_answer_to_a_new_message_says_what_to_do_next(
    slack: ScriptedSlack, messenger: SlackMessenger, answer: Say, outcome: type[Exception]
) -> None:
    slack._plan["chat.postMessage"].clear()
    slack.will("chat.postMessage", answer)

    with pytest.raises(outcome):
        await messenger.send(ANN, HELLO)

    assert len(slack.calls_of("chat.postMessage")) == 1


@pytest.mark.parametrize("answer", [Say(hang_up=True), Say("oops", status=500), error("fatal_error")])
@pytest.mark.parametrize(("to", "method"), [(ANN, "chat.update"), (ANN.home, "views.publish")])
async def test_an_edit_whose_answer_was_lost_is_merely_tried_again(
    slack: ScriptedSlack, messenger: SlackMessenger, answer: Say, to: Address, method: str
) -> None:
    slack.will(method, answer)

    with pytest.raises(TryLater):
        await messenger.send(to, HELLO, replacing="D0ANN:1.0")


async def test_a_silent_slack_leaves_a_new_message_uncertain(slack: ScriptedSlack) -> None:
    hasty = SlackMessenger(Calls("xoxb-test", slack.url, patience=timedelta(seconds=0.2)), _nothing)
    slack._plan["chat.postMessage"].clear()
    slack.will("chat.postMessage", Say(silent=True))

    with pytest.raises(Uncertain):
        await hasty.send(ANN, HELLO)

    await hasty.close()


async def test_a_slack_that_is_not_there_is_tried_later() -> None:
    nowhere = SlackMessenger(Calls("xoxb-test", "http://127.0.0.1:1/api/"), _nothing)

    with pytest.raises(TryLater):
        await nowhere.send(ANN, HELLO)

    await nowhere.close()


async def test_429_says_how_long_and_one_channel_does_not_stall_another(
    slack: ScriptedSlack, messenger: SlackMessenger
) -> None:
    slack._plan["chat.postMessage"].clear()
    slack.will("chat.postMessage", TOO_MANY, POSTED)

    with pytest.raises(TryLater) as told:
        await messenger.send(ANN, HELLO)

    assert told.value.after == timedelta(seconds=17)
    assert not told.value.everywhere
    assert await messenger.send(CHANNEL, HELLO)


async def test_429_of_an_edit_stalls_all_edits_without_asking_slack_again(slack: ScriptedSlack) -> None:
    now = 100.0
    calls = Calls("xoxb-test", slack.url, monotonic=lambda: now)
    messenger = SlackMessenger(calls, _nothing)
    slack.will("chat.update", TOO_MANY, Say())

    for _ in range(3):
        with pytest.raises(TryLater):
            await messenger.send(ANN, HELLO, replacing="D0ANN:1.0")
    assert len(slack.calls_of("chat.update")) == 1

    now += 17.1
    assert await messenger.send(ANN, HELLO, replacing="D0ANN:1.0")
    await messenger.close()


@pytest.mark.parametrize(("to", "replacing"), [(ANN, None), (ANN, "D0ANN:1.0"), (ANN.home, None)])
async def test_refused_blocks_are_sent_once_more_as_plain_words(
    slack: ScriptedSlack, messenger: SlackMessenger, to: Address, replacing: str | None
) -> None:
    bad = error("invalid_blocks", "[ERROR] must be less than 3001 characters [json-pointer:/blocks/0/text/text]")
    for method in ("chat.postMessage", "chat.update", "views.publish"):
        slack._plan[method].clear()
        slack.will(method, bad, POSTED)

    assert await messenger.send(to, HELLO, replacing=replacing)

    _, body = slack.asked[-1]
    blocks = body["view"]["blocks"] if "view" in body else body["blocks"]
    assert blocks == [{"type": "section", "text": {"type": "plain_text", "text": "Welcome\nHello", "emoji": False}}]


async def test_words_that_slack_refuses_too_are_refused_for_good(
    slack: ScriptedSlack, messenger: SlackMessenger
) -> None:
    slack._plan["chat.postMessage"].clear()
    slack.will("chat.postMessage", error("invalid_blocks"))

    with pytest.raises(Refused):
        await messenger.send(ANN, HELLO)

    assert len(slack.calls_of("chat.postMessage")) == 2


# Media


async def _nothing(ref: str) -> bytes:
    raise LookupError(ref)


async def _content(ref: str) -> bytes:
    return f"bytes of {ref}".encode()


async def test_a_picture_from_the_content_folder_is_uploaded_once_and_part_of_the_card(slack: ScriptedSlack) -> None:
    messenger = SlackMessenger(Calls("xoxb-test", slack.url), _content)
    card = Card("Look", media=Media("photo", "content:pictures/a.png"))

    await messenger.send(ANN, card)
    await messenger.send(CHANNEL, card)
    await messenger.send(ANN.home, card)

    assert slack.uploaded == [b"bytes of content:pictures/a.png"]
    assert "channel_id" not in slack.calls_of("files.completeUploadExternal")[0]
    for body in slack.calls_of("chat.postMessage"):
        assert body["blocks"][0] == {"type": "image", "slack_file": {"id": "F1"}, "alt_text": "a.png"}
    await messenger.close()


async def test_a_fresh_picture_that_slack_cannot_show_yet_is_tried_again_and_left_out_in_the_end(
    slack: ScriptedSlack,
) -> None:
    messenger = SlackMessenger(Calls("xoxb-test", slack.url), _content)
    slack._plan["chat.postMessage"].clear()
    slack.will("chat.postMessage", *[error("invalid_blocks")] * 4, POSTED)
    card = Card("Look", media=Media("photo", "content:a.png"))

    for _ in range(3):
        with pytest.raises(TryLater):
            await messenger.send(ANN, card)

    assert await messenger.send(ANN, card) == "D0ANN:1700.000100"
    assert slack.calls_of("chat.postMessage")[-1]["blocks"][0]["text"]["text"] == "Look"
    await messenger.close()


async def test_a_video_is_shared_in_the_chat_once_and_linked_from_each_card(slack: ScriptedSlack) -> None:
    messenger = SlackMessenger(Calls("xoxb-test", slack.url), _content)
    card = Card("Watch", media=Media("video", "telegram:abc", name="tour.mp4"))

    await messenger.send(ANN, card)
    await messenger.send(ANN, card, replacing="D0ANN:1.0")

    assert len(slack.uploaded) == 1
    assert slack.calls_of("files.completeUploadExternal")[0]["channel_id"] == "D0ANN"
    [link] = [
        e for e in slack.calls_of("chat.update")[0]["blocks"][0]["elements"][0]["elements"] if e["type"] == "link"
    ]
    assert link == {"type": "link", "url": slack.url.replace("/api/", "/p/F1"), "text": "tour.mp4"}
    await messenger.close()


async def test_a_file_that_cannot_be_had_leaves_its_name_and_the_card(
    slack: ScriptedSlack, messenger: SlackMessenger
) -> None:
    assert await messenger.send(ANN, Card("Watch", media=Media("video", "content:gone.mp4")))

    assert "gone.mp4" in slack.calls_of("chat.postMessage")[0]["text"]


async def test_a_video_on_the_web_is_a_link_and_nothing_is_uploaded(
    slack: ScriptedSlack, messenger: SlackMessenger
) -> None:
    await messenger.send(ANN, Card("Watch", media=Media("video", "https://example.com/v.mp4", name="Tour")))

    assert slack.uploaded == []
    assert "Tour: https://example.com/v.mp4" in slack.calls_of("chat.postMessage")[0]["text"]


async def test_a_persons_file_is_downloaded_with_the_bots_token(
    slack: ScriptedSlack, messenger: SlackMessenger
) -> None:
    base = slack.url.removesuffix("/api/")
    slack.will("files.info", Say({"ok": True, "file": {"url_private_download": f"{base}/files/F9"}}))

    assert await messenger.fetch("slack:F9") == b"bytes of F9"
    assert slack.seen_tokens[-1] == "Bearer xoxb-test"


@pytest.mark.parametrize(
    "elsewhere", ["https://evil.example/slack.com", "http://slack.com/f", "https://notslack.com/f"]
)
async def test_the_token_is_never_sent_to_another_host(
    slack: ScriptedSlack, messenger: SlackMessenger, elsewhere: str
) -> None:
    slack.will("files.info", Say({"ok": True, "file": {"url_private": elsewhere}}))

    with pytest.raises(Refused):
        await messenger.fetch("slack:F9")


# People and forms

US = Identity("T0HOME", "U0BOT")
MEMBER = {
    "team_id": "T0HOME",
    "locale": "en-US",
    "tz": "Europe/Berlin",
    "is_email_confirmed": True,
    "profile": {"real_name": "Ann Lee", "email": "Ann@Vendor.com"},
}


def test_a_member_of_our_workspace_is_known_by_name_mail_language_and_zone() -> None:
    profile = profile_of(MEMBER, US)

    assert profile.name == "Ann Lee"
    assert profile.email == "ann@vendor.com"
    assert (profile.language, profile.timezone) == ("en-US", "Europe/Berlin")
    assert profile.home_team


@pytest.mark.parametrize(
    "odd",
    [
        {"team_id": "T0OTHER"},
        {"is_restricted": True},
        {"is_ultra_restricted": True},
        {"is_stranger": True},
        {"is_bot": True},
        {"deleted": True},
    ],
)
def test_nobody_but_a_full_member_is_of_the_home_team(odd: dict[str, object]) -> None:
    assert not profile_of({**MEMBER, **odd}, US).home_team


@pytest.mark.parametrize("confirmed", [None, False])
def test_an_outsiders_address_counts_only_when_slack_confirms_it(confirmed: bool | None) -> None:
    outsider = {**MEMBER, "team_id": "T0EVIL", "is_email_confirmed": confirmed}

    assert profile_of(outsider, US).email is None
    assert profile_of({**outsider, "is_email_confirmed": True}, US).email == "ann@vendor.com"


def test_a_time_zone_nobody_knows_is_none() -> None:
    assert profile_of({**MEMBER, "tz": "Mars/Olympus"}, US).timezone is None
    assert profile_of({**MEMBER, "tz": "../../etc/passwd"}, US).timezone is None


async def test_a_colleague_is_found_by_their_address(slack: ScriptedSlack, messenger: SlackMessenger) -> None:
    slack.will("users.lookupByEmail", Say({"ok": True, "user": {**MEMBER, "id": "U0ANN"}}))

    found = await messenger.find("ann@vendor.com")

    assert found == (ANN, profile_of(MEMBER, US))


async def test_nobody_is_found_by_an_address_slack_does_not_know(
    slack: ScriptedSlack, messenger: SlackMessenger
) -> None:
    slack.will("users.lookupByEmail", error("users_not_found"))

    assert await messenger.find("nobody@vendor.com") is None


FORM = Form("Reply", "Send", "Cancel", "send.7", (Field("words", "Your answer", "multiline"),))


async def test_a_form_opens_with_its_trigger_and_remembers_the_channel(
    slack: ScriptedSlack, messenger: SlackMessenger
) -> None:
    assert await messenger.open_form("trigger.1", FORM, CHANNEL)

    [body] = slack.calls_of("views.open")
    assert body["trigger_id"] == "trigger.1"
    assert body["view"]["callback_id"] == "send.7"
    assert body["view"]["private_metadata"] == "T0HOME/C0ACME"


@pytest.mark.parametrize("late", ["expired_trigger_id", "exchanged_trigger_id", "invalid_trigger_id"])
async def test_a_form_that_comes_too_late_is_told_and_raises_nothing(
    slack: ScriptedSlack, messenger: SlackMessenger, late: str
) -> None:
    slack.will("views.open", error(late))

    assert not await messenger.open_form("trigger.1", FORM)


async def test_the_bot_asks_only_once_who_it_is(slack: ScriptedSlack, messenger: SlackMessenger) -> None:
    assert await messenger.whoami() == await messenger.whoami() == Identity("T0HOME", "U0BOT", "", "Vendor")

    assert len(slack.calls_of("auth.test")) == 1


async def test_a_proxy_is_used_when_there_is_one(slack: ScriptedSlack) -> None:
    asked: list[str] = []

    async def pass_on(request: web.BaseRequest) -> web.Response:
        asked.append(str(request.url))
        return web.json_response({"ok": True, "channel": "D0ANN", "ts": "1.0"})

    runner = web.ServerRunner(web.Server(pass_on), access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    proxied = SlackMessenger(
        Calls("xoxb-test", slack.url, proxy=f"http://127.0.0.1:{runner.addresses[0][1]}"), _nothing
    )

    sent = await proxied.send(ANN, HELLO)
    await proxied.close()
    await runner.cleanup()

    assert sent == "D0ANN:1.0"
    assert asked == [f"{slack.url}chat.postMessage"]


@pytest.mark.parametrize("page", ["null", "[1]", "7", "{", "\udcff"])
async def test_a_reply_that_is_no_object_is_a_lost_answer(
    slack: ScriptedSlack, messenger: SlackMessenger, page: str
) -> None:
    slack._plan["chat.postMessage"].clear()
    slack.will("chat.postMessage", Say(page))

    with pytest.raises(Uncertain):
        await messenger.send(ANN, HELLO)
