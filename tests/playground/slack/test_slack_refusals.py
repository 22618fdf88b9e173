"""The playground refuses what Slack refuses, in Slack's words."""

import json
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.webhook.async_client import AsyncWebhookClient

from playground.clock import Clock
from tests.playground.slack.office import Json, Office, actions, button, section

START = Callable[..., Awaitable[Office]]


async def refused(call: Awaitable[Any]) -> Json:
    """What Slack said instead of doing it."""
    with pytest.raises(SlackApiError) as caught:
        await call
    answer = caught.value.response
    return dict(answer.data) if isinstance(answer.data, dict) else {}


def modal(**more: Any) -> Json:
    return {"type": "modal", "title": {"type": "plain_text", "text": "Form"}, "blocks": [section("x")], **more}


async def test_tokens_are_told_apart(start: START) -> None:
    office = await start(connect=False)
    url, world = office.world.url, office.world

    async def error(token: str | None, method: str) -> str:
        return str((await refused(AsyncWebClient(token=token, base_url=url).api_call(method)))["error"])

    assert await error(None, "auth.test") == "not_authed"
    assert await error("xoxb-wrong", "auth.test") == "invalid_auth"
    assert await error(world.app_token, "chat.postMessage") == "not_allowed_token_type"
    assert await error(world.bot_token, "apps.connections.open") == "not_allowed_token_type"
    assert await error(world.bot_token, "chat.shout") == "unknown_method"


async def test_channels_one_may_not_write_to(start: START) -> None:
    office = await start(connect=False)
    ann, bob = office.world.person("ann", "Ann Lee"), office.world.person("bob", "Bob Roe")
    stranger = office.world.person("eve", "Eve Far", team="T0OTHER")
    public, secret = await ann.create_channel("open"), await ann.create_channel("secret", private=True)
    old = await ann.create_channel("old", with_bot=True)
    await ann.archive(old)
    await bob.deactivate()

    async def error(channel: str) -> str:
        return str((await refused(office.client.chat_postMessage(channel=channel, text="x")))["error"])

    assert await error("C0NOWHERE00") == "channel_not_found"
    assert await error(public) == "not_in_channel"
    assert await error(secret) == "channel_not_found"
    assert await error(old) == "is_archived"
    assert await error(bob.id) == "user_disabled"
    assert await error(stranger.id) == "channel_not_found"

    opening = {bob.id: "user_disabled", stranger.id: "invalid_user_combination", "U0NOBODY00": "user_not_found"}
    for user, expected in opening.items():
        assert (await refused(office.client.conversations_open(users=user)))["error"] == expected


@pytest.mark.parametrize(
    ("sent", "error"),
    [
        ({}, "no_text"),
        ({"text": "  "}, "no_text"),
        ({"text": "x", "blocks": "[not json"}, "invalid_blocks_format"),
        ({"text": "x", "blocks": {"type": "section"}}, "invalid_blocks_format"),
        ({"text": "x", "blocks": [section("x" * 3001)]}, "invalid_blocks"),
        ({"text": "x", "blocks": [section("x")] * 51}, "invalid_blocks"),
        ({"text": "x", "thread_ts": "1.000001"}, "thread_not_found"),
        ({"text": "x", "metadata": {"event_type": "a"}}, "invalid_metadata_format"),
    ],
)
async def test_messages_that_cannot_be_posted(start: START, sent: Json, error: str) -> None:
    office = await start(connect=False)
    ann = office.world.person("ann", "Ann Lee")

    answer = await refused(office.client.api_call("chat.postMessage", json={"channel": ann.id, **sent}))

    assert answer["error"] == error
    assert ann.messages() == ()


async def test_what_is_wrong_with_blocks_is_said_with_its_place(start: START) -> None:
    office = await start(connect=False)
    ann = office.world.person("ann", "Ann Lee")
    blocks = [section("fine"), actions(button("x" * 76, "a"), {"type": "button", "action_id": "b"})]

    answer = await refused(office.client.chat_postMessage(channel=ann.id, text="x", blocks=blocks))

    assert answer["errors"] == [
        "must be less than 76 characters [json-pointer:/blocks/1/elements/0/text/text]",
        "missing required field: text [json-pointer:/blocks/1/elements/1]",
    ]
    assert answer["response_metadata"]["messages"] == [f"[ERROR] {one}" for one in answer["errors"]]


async def test_only_ones_own_messages_are_changed(start: START) -> None:
    office = await start(connect=False)
    ann = office.world.person("ann", "Ann Lee")
    await ann.say("mine")
    [message] = ann.messages()
    channel = ann.view().conversations[1].id
    whisper = await office.client.chat_postEphemeral(channel=channel, user=ann.id, text="psst")

    async def error(method: str, ts: str) -> str:
        sent = {"channel": channel, "ts": ts, "text": "x"}
        return str((await refused(office.client.api_call(method, json=sent)))["error"])

    assert await error("chat.update", message.id) == "cant_update_message"
    assert await error("chat.delete", message.id) == "cant_delete_message"
    assert await error("chat.update", "1.000001") == "message_not_found"
    assert await error("chat.update", whisper["message_ts"]) == "message_not_found"
    posted = await office.client.chat_postMessage(channel=channel, text="x")
    long = {"channel": channel, "ts": posted["ts"], "text": "x" * 4001}
    assert (await refused(office.client.api_call("chat.update", json=long)))["error"] == "msg_too_long"


async def test_a_text_without_blocks_replaces_blocks(start: START) -> None:
    office = await start(connect=False)
    ann = office.world.person("ann", "Ann Lee")
    posted = await office.client.chat_postMessage(channel=ann.id, text="x", blocks=[section("blocks")])
    again = await office.client.chat_update(channel=posted["channel"], ts=posted["ts"], text="<words> & more")

    assert "blocks" not in again["message"]
    assert again["text"] == "&lt;words&gt; &amp; more"
    [message] = ann.messages()
    assert (message.text, message.edited) == ("<words> & more", True)


async def test_a_trigger_is_good_once_and_for_three_seconds(start: START) -> None:
    seconds = [0.0]
    office = await start(monotonic=lambda: seconds[0])
    ann = office.world.person("ann", "Ann Lee")
    triggers: list[str] = []

    @office.app.action("go")
    async def go(ack: Any, body: Json) -> None:
        await ack()
        triggers.append(body["trigger_id"])

    await office.client.chat_postMessage(channel=ann.id, text="x", blocks=[actions(button("Go", "go"))])
    for _ in range(2):
        await ann.tap_label("Go")
        await office.world.settled()

    async def error(trigger: str) -> str:
        return str((await refused(office.client.views_open(trigger_id=trigger, view=modal())))["error"])

    assert await error("1.2.3") == "invalid_trigger_id"
    seconds[0] = 2.9
    assert (await office.client.views_open(trigger_id=triggers[0], view=modal()))["ok"]
    assert await error(triggers[0]) == "exchanged_trigger_id"
    seconds[0] = 3.1
    assert await error(triggers[1]) == "expired_trigger_id"


async def test_views_are_checked_as_strictly(start: START) -> None:
    office = await start(connect=False)
    ann = office.world.person("ann", "Ann Lee")

    long_title = modal(title={"type": "plain_text", "text": "x" * 25})
    answer = await refused(office.client.views_open(trigger_id="1.2.3", view=long_title))
    assert answer["error"] == "invalid_arguments"
    said = ["[ERROR] must be less than 25 characters [json-pointer:/view/title/text]"]
    assert answer["response_metadata"]["messages"] == said

    field = {
        "type": "input",
        "label": {"type": "plain_text", "text": "Words"},
        "element": {"type": "plain_text_input", "action_id": "a"},
    }
    answer = await refused(office.client.views_open(trigger_id="1.2.3", view=modal(blocks=[field])))
    assert "submit is required" in answer["response_metadata"]["messages"][0]

    answer = await refused(office.client.views_publish(user_id=ann.id, view=modal()))
    assert answer["error"] == "invalid_arguments"
    home = {"type": "home", "blocks": [section("x" * 2990)] * 84}
    assert (await refused(office.client.views_publish(user_id=ann.id, view=home)))["error"] == "view_too_large"


async def test_a_stale_hash_is_a_conflict(start: START) -> None:
    office = await start(connect=False)
    ann = office.world.person("ann", "Ann Lee")
    home = {"type": "home", "blocks": [section("x")]}
    first = await office.client.views_publish(user_id=ann.id, view=home)
    second = await office.client.views_publish(user_id=ann.id, view=home, hash=first["view"]["hash"])

    answer = await refused(office.client.views_publish(user_id=ann.id, view=home, hash=first["view"]["hash"]))
    assert answer["error"] == "hash_conflict"
    assert second["view"]["id"] == first["view"]["id"]


async def test_modals_stack_to_three(start: START) -> None:
    office = await start()
    ann = office.world.person("ann", "Ann Lee")
    answers: list[str] = []

    @office.app.action("push")
    async def push(ack: Any, body: Json, client: Any) -> None:
        await ack()
        more = modal(blocks=[actions(button("More", "push"))])
        try:
            await (client.views_push if "view" in body else client.views_open)(trigger_id=body["trigger_id"], view=more)
            answers.append("ok")
        except SlackApiError as error:
            answers.append(error.response["error"])

    await office.client.chat_postMessage(channel=ann.id, text="x", blocks=[actions(button("More", "push"))])
    await ann.tap_label("More")
    for _ in range(3):
        await office.world.settled()
        await ann.tap((await ann.sees_modal()).id, "push")
    await office.world.settled()

    assert answers == ["ok", "ok", "ok", "push_limit_reached"]


async def test_a_response_url_is_good_five_times_in_half_an_hour(start: START) -> None:
    clock = Clock()
    office = await start(clock=clock)
    ann = office.world.person("ann", "Ann Lee")
    urls: list[str] = []

    @office.app.action("go")
    async def go(ack: Any, body: Json) -> None:
        await ack()
        urls.append(body["response_url"])

    await office.client.chat_postMessage(channel=ann.id, text="x", blocks=[actions(button("Go", "go"))])
    for _ in range(2):
        await ann.tap_label("Go")
        await office.world.settled()

    async def use(url: str, **said: Any) -> tuple[int, str]:
        answer = await AsyncWebhookClient(url, retry_handlers=[]).send_dict({"text": "more", **said})
        return answer.status_code, "" if answer.status_code == 200 else answer.body

    status, said = await use(urls[0], blocks=[{"type": "nonsense"}])
    assert (status, json.loads(said)["errors"]) == (400, ["unsupported type: nonsense [json-pointer:/blocks/0/type]"])
    assert [await use(urls[0]) for _ in range(4)] == [(200, "")] * 4
    assert await use(urls[0]) == (404, '{"ok": false, "error": "used_url"}')
    clock.turn(timedelta(minutes=31))
    assert await use(urls[1]) == (404, '{"ok": false, "error": "expired_url"}')


async def test_people_elsewhere_have_no_locale_and_strangers_no_address(start: START) -> None:
    office = await start(connect=False)
    world = office.world
    ann = world.person("ann", "Ann Lee", "ann@acme.example", "Asia/Kathmandu", "ru-RU")
    kim = world.person("kim", "Kim Far", "kim@far.example", team="T0OTHER")
    kim_channel = await ann.create_channel("both", [kim], shared_with_outsiders=True)

    async def who(user: str, **more: Any) -> Json:
        return dict((await office.client.users_info(user=user, **more))["user"])

    assert "locale" not in await who(ann.id)
    known = await who(ann.id, include_locale=True)
    assert (known["locale"], known["tz"], known["tz_offset"]) == ("ru-RU", "Asia/Kathmandu", 20700)
    assert known["profile"]["email"] == "ann@acme.example"
    stranger = await who(kim.id, include_locale=True)
    assert (stranger["is_stranger"], "locale" in stranger, "email" in stranger["profile"]) == (True, False, False)
    await ann.invite_bot(kim_channel)
    outsider = await who(kim.id, include_locale=True)
    assert (outsider["is_stranger"], outsider["team_id"], "locale" in outsider) == (False, "T0OTHER", False)

    found = await office.client.users_lookupByEmail(email="ANN@acme.example")
    assert found["user"]["id"] == ann.id
    for email in ("kim@far.example", "nobody@acme.example"):
        assert (await refused(office.client.users_lookupByEmail(email=email)))["error"] == "users_not_found"


async def test_a_token_without_a_scope_is_told_which(start: START) -> None:
    office = await start(connect=False, scopes=["chat:write"])
    answer = await refused(office.client.users_lookupByEmail(email="ann@acme.example"))
    assert (answer["error"], answer["needed"], answer["provided"]) == (
        "missing_scope",
        "users:read.email",
        "chat:write",
    )


async def test_lists_come_in_pages(start: START) -> None:
    office = await start(connect=False)
    people = [office.world.person(f"p{n}", f"Person {n}") for n in range(5)]
    await people[0].create_channel("all", people[1:], with_bot=True)
    seen: list[str] = []
    async for answer in await office.client.users_list(limit=2):
        seen += [member["id"] for member in answer["members"]]
    assert seen == [office.world.bot_user, *(person.id for person in people)]

    listed = await office.client.conversations_list(types="im", limit=3)
    assert (len(listed["channels"]), listed["response_metadata"]["next_cursor"]) == (3, "next_3")
    [channel] = (await office.client.conversations_list())["channels"]
    members = (await office.client.conversations_members(channel=channel["id"]))["members"]
    assert members == [*(person.id for person in people), office.world.bot_user]
    assert (await refused(office.client.conversations_list(cursor="zzz")))["error"] == "invalid_cursor"
