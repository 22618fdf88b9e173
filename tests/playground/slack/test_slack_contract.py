"""The playground's checks and payloads held against Slack's published contracts, where these are at hand."""

import copy
import json
import os
import re
from collections.abc import Awaitable, Callable
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft7Validator

from playground.slack.blockkit import BLOCKS, problems_in_blocks, problems_in_view
from tests.playground.slack.office import Json, Office, actions, button, section

START = Callable[..., Awaitable[Office]]
SPECS = Path(os.environ.get("HUB_SPECS") or Path(__file__).parents[4] / "shared" / "specs")
pytestmark = pytest.mark.skipif(not SPECS.is_dir(), reason="the published contracts are not at hand")


@cache
def spec(name: str) -> Json:
    return dict(json.loads((SPECS / name).read_text()))


@cache
def validator(file: str, definition: str) -> Draft7Validator:
    return Draft7Validator({"$ref": f"#/definitions/{definition}", "definitions": spec(file)["definitions"]})


def fits(definition: str, value: object) -> bool:
    return bool(validator("slack-block-kit.schema.json", definition).is_valid(value))


words = st.text("aé🎉 <&>", max_size=12)
lengths = st.sampled_from([0, 1, 24, 25, 75, 76, 150, 151, 255, 256, 300, 301, 2000, 2001, 3000, 3001])
texts = st.one_of(words, lengths.map(lambda n: "x" * n))


def maybe(**fields: st.SearchStrategy[Any]) -> st.SearchStrategy[Json]:
    return st.fixed_dictionaries({}, optional=fields)


def typed(kind: str, required: dict[str, st.SearchStrategy[Any]], **optional: st.SearchStrategy[Any]) -> Any:
    return st.fixed_dictionaries({"type": st.just(kind), **required}, optional=optional)


plain = typed("plain_text", {"text": texts}, emoji=st.booleans())
mrkdwn = typed("mrkdwn", {"text": texts}, verbatim=st.booleans())
text_objects = st.one_of(plain, mrkdwn)
option = st.fixed_dictionaries({"text": plain}, optional={"value": texts, "description": plain})
styles = st.sampled_from(["primary", "danger", "default"])
confirm = st.fixed_dictionaries({"text": text_objects}, optional={"title": plain, "confirm": plain, "style": styles})
counters = st.integers(0, 10**9)
ids = st.one_of(counters.map(str), st.just("x" * 255), st.just("x" * 256))
buttons = typed("button", {"text": plain}, action_id=ids, value=texts, style=styles, confirm=confirm)
options = st.lists(option, max_size=12)
menus = st.one_of(
    typed("static_select", {"options": options}, action_id=ids, placeholder=plain),
    typed("overflow", {"options": options}, action_id=ids),
    typed("radio_buttons", {"options": options}, action_id=ids),
    typed("checkboxes", {"options": options}, action_id=ids),
    typed("datepicker", {}, action_id=ids, initial_date=st.just("2027-01-31"), placeholder=plain),
)
elements = st.one_of(buttons, menus)
inputs = st.one_of(typed("plain_text_input", {}, action_id=ids, multiline=st.booleans(), placeholder=plain), menus)
image = {"image_url": st.just("https://acme.example/a.png"), "alt_text": st.text("ab", min_size=1, max_size=5)}
blocks = st.one_of(
    typed("section", {}, text=text_objects, fields=st.lists(text_objects, max_size=11), accessory=elements),
    typed("actions", {"elements": st.lists(elements, max_size=27)}, block_id=ids),
    typed("context", {"elements": st.lists(st.one_of(text_objects, typed("image", image)), max_size=11)}),
    typed("header", {"text": plain}),
    typed("divider", {}),
    typed("image", image, title=plain),
    typed("input", {"label": plain, "element": inputs}, hint=plain, optional=st.booleans()),
    typed("markdown", {"text": st.sampled_from(["x", "x" * 12000, "x" * 12001])}),
    typed("nonsense", {}),
)


def without_repeats(block: Json) -> Json:
    """The schema cannot say that ids are unique; take repeated ones out."""
    seen: set[str] = set()
    block = copy.deepcopy(block)
    for element in [*block.get("elements", []), block.get("accessory"), block.get("element")]:
        if isinstance(element, dict) and element.get("action_id") in seen:
            del element["action_id"]
        elif isinstance(element, dict) and "action_id" in element:
            seen.add(element["action_id"])
    return block


@settings(max_examples=150, deadline=None)
@given(block=blocks.map(without_repeats))
def test_a_block_is_refused_exactly_when_the_schema_refuses_it(block: Json) -> None:
    definition = spec("slack-block-kit.schema.json")["x-block-types"].get(block["type"], "KnownBlock")
    assert (problems_in_blocks([block]) == []) == fits(definition, block), problems_in_blocks([block])


@given(count=st.sampled_from([0, 1, 49, 50, 51, 99, 100, 101]))
@settings(max_examples=20, deadline=None)
def test_messages_and_views_hold_as_many_blocks_as_the_schema_says(count: int) -> None:
    many = [{"type": "divider"}] * count
    title = {"type": "plain_text", "text": "x"}
    home, modal = {"type": "home", "blocks": many}, {"type": "modal", "title": title, "blocks": many}

    assert (problems_in_blocks(many) == []) == fits("MessagePayload", {"blocks": many})
    assert (problems_in_view(home, "home") == []) == fits("HomeView", home)
    assert (problems_in_view(modal, "modal") == []) == fits("ModalView", modal)


@given(title=plain, submit=plain, data=maybe(private_metadata=texts, callback_id=texts, notify_on_close=st.booleans()))
@settings(max_examples=150, deadline=None)
def test_a_modal_is_refused_exactly_when_the_schema_refuses_it(title: Json, submit: Json, data: Json) -> None:
    view = {"type": "modal", "title": title, "submit": submit, "blocks": [{"type": "divider"}], **data}
    assert (problems_in_view(view, "modal") == []) == fits("ModalView", view)


def test_every_type_shown_here_exists() -> None:
    assert set(BLOCKS) <= set(spec("slack-block-kit.schema.json")["x-block-types"])


# Payloads


def extra(sample: object, sent: object, where: str = "") -> list[str]:
    """Fields that Slack's samples do not know, outside the parts that the samples leave empty."""
    if isinstance(sample, dict) and isinstance(sent, dict) and sample:
        missing = [f"{where}.{name}" for name in sent if name not in sample]
        return missing + [
            one for name in sent if name in sample for one in extra(sample[name], sent[name], f"{where}.{name}")
        ]
    if isinstance(sample, list) and isinstance(sent, list) and sample and sample[0]:
        return [one for each in sent for one in extra(sample[0], each, f"{where}[]")]
    return []


CAMEL = re.compile(r"(?:^|_)([a-z])")
EVENTS = {
    "message": ("MessagePayload", "GenericMessageEvent"),
    "message:file_share": ("MessageFileSharePayload", "FileShareMessageEvent"),
    "message:channel_join": ("MessageChannelJoinPayload", "ChannelJoinMessageEvent"),
    "message:message_changed": ("MessageChangedPayload", "MessageChangedEvent"),
    "message:message_deleted": ("MessageDeletedPayload", "MessageDeletedEvent"),
    "app_mention": ("AppMentionPayload", "AppMentionEvent"),
    "app_home_opened": ("AppHomeOpenedPayload", "AppHomeOpenedEvent"),
    "member_joined_channel": ("MemberJoinedChannelPayload", "MemberJoinedChannelEvent"),
    "member_left_channel": ("MemberLeftChannelPayload", "MemberLeftChannelEvent"),
    "channel_left": ("ChannelLeftPayload", "ChannelLeftEvent"),
    "channel_archive": ("ChannelArchivePayload", "ChannelArchiveEvent"),
    "channel_id_changed": ("ChannelIdChangedPayload", "ChannelIDChangedEvent"),
    "user_change": ("UserChangePayload", "UserChangeEvent"),
    "app_uninstalled": ("AppUninstalledPayload", "AppUninstalledEvent"),
    "tokens_revoked": ("TokensRevokedPayload", "TokensRevokedEvent"),
}
NEWER = {
    ".context_team_id",
    ".context_enterprise_id",
    ".event.event_ts",
    ".event.channel_type",
    ".event.view.blocks",
    ".event.message.source_team",
}
"""What the samples leave out: blocks, and fields that Slack added since or adds to every event."""


async def test_every_event_has_the_shape_slack_publishes(start: START) -> None:
    office = await start()
    ann, bob = office.world.person("ann", "Ann Lee", "ann@acme.example"), office.world.person("bob", "Bob Roe")
    secret = await ann.create_channel("secret", [bob], private=True, with_bot=True)
    open_channel = await ann.create_channel("open", with_bot=True)
    await ann.say("hello @Hub", "open")
    await ann.say("hello")
    await ann.share("a.png", b"png", "image/png", words="look")
    await bob.join("open")
    await bob.leave("open")
    posted = await office.client.chat_postMessage(channel=open_channel, text="x")
    await office.client.chat_update(channel=open_channel, ts=posted["ts"], text="y")
    await office.client.chat_delete(channel=open_channel, ts=posted["ts"])
    await ann.open_home()
    await office.client.views_publish(user_id=ann.id, view={"type": "home", "blocks": [section("x")]})
    await ann.open_home()
    await ann.change(tz="Europe/Paris")
    await ann.share_channel(secret)
    await ann.archive("open")
    await ann.remove_bot("open")
    office.world.uninstall()
    await office.world.settled()

    heard = set()
    for body in office.world.events:
        event = body["event"]
        kind = ":".join(filter(None, [event["type"], event.get("subtype")]))
        heard.add(kind)
        if kind not in EVENTS:
            continue
        sample, definition = EVENTS[kind]
        known = spec("slack-payload-samples.json")["events"]
        if sample in known:
            more = {one for one in extra(known[sample], body) if not one.endswith(".app_id")}
            assert more <= NEWER, kind  # messages of bots bear an app_id now
        if definition in spec("slack-events.schema.json")["definitions"]:
            problems = validator("slack-events.schema.json", definition).iter_errors(event)
            said = [f"{'/'.join(map(str, p.path))}: {p.message}" for p in problems]
            # The types demand more than the samples of real events have: of files, of who invited, of messages
            # inside messages.
            lenient = ("message: ", "previous_message: ")
            real = [one for one in said if "required property" not in one and not one.startswith(lenient)]
            assert real == [], kind
    assert set(EVENTS) - heard == set()


async def test_interactions_and_commands_have_the_shape_slack_publishes(start: START) -> None:
    office = await start()
    ann = office.world.person("ann", "Ann Lee")
    field = {
        "type": "input",
        "block_id": "f",
        "label": {"type": "plain_text", "text": "Words"},
        "element": {"type": "plain_text_input", "action_id": "a"},
    }
    form = {
        "type": "modal",
        "notify_on_close": True,
        "callback_id": "form",
        "title": {"type": "plain_text", "text": "Form"},
        "submit": {"type": "plain_text", "text": "Send"},
        "blocks": [field],
    }

    @office.app.action("go")
    async def go(ack: Any, body: Json, client: Any) -> None:
        await client.views_open(trigger_id=body["trigger_id"], view=form)
        await ack()

    async def fine(ack: Any) -> None:
        await ack()

    office.app.view_closed("form")(fine)
    office.app.view_submission("form")(fine)
    office.app.command("/hub")(fine)
    await office.client.chat_postMessage(channel=ann.id, text="x", blocks=[actions(button("Go", "go"))])
    await ann.tap_label("Go")
    await ann.sees_modal("Form")
    await ann.close_modal()
    await ann.sees_no_modal()
    await office.world.settled()
    await ann.tap_label("Go")
    await ann.sees_modal("Form")
    await ann.submit_modal({"Words": "x"})
    await ann.command("/hub", "help")
    await office.world.settled()

    samples = spec("slack-payload-samples.json")["app_backend"]
    names = {
        "block_actions": "BlockActionPayload",
        "view_submission": "ViewSubmissionPayload",
        "view_closed": "ViewClosedPayload",
    }
    newer = {
        ".message.blocks",
        ".state",
        ".response_url",
        ".actions",
        ".view.blocks",
        ".response_urls",
        ".message.team",
    }
    seen = set()
    for body in office.bodies:
        if "command" in body:
            seen.add("command")
            assert extra(samples["SlashCommandPayload"], body) == []
        elif body["type"] in names:
            seen.add(body["type"])
            assert set(extra(samples[names[body["type"]]], body)) <= newer, body["type"]
    assert seen == {"block_actions", "view_submission", "view_closed", "command"}


async def test_answers_have_the_shape_slack_publishes(start: START) -> None:
    office = await start(connect=False)
    ann = office.world.person("ann", "Ann Lee", "ann@acme.example")
    client, channel = office.client, await ann.create_channel("open", with_bot=True)
    posted = await client.chat_postMessage(channel=channel, text="x", blocks=[section("x")])
    ts = posted["ts"]
    upload = await client.files_getUploadURLExternal(filename="a.txt", length=1)
    answers = {
        "auth.test": await client.auth_test(),
        "chat.postMessage": posted,
        "chat.update": await client.chat_update(channel=channel, ts=ts, text="y"),
        "chat.postEphemeral": await client.chat_postEphemeral(channel=channel, user=ann.id, text="y"),
        "chat.getPermalink": await client.chat_getPermalink(channel=channel, message_ts=ts),
        "reactions.add": await client.reactions_add(channel=channel, timestamp=ts, name="tada"),
        "chat.delete": await client.chat_delete(channel=channel, ts=ts),
        "users.info": await client.users_info(user=ann.id, include_locale=True),
        "users.list": await client.users_list(),
        "users.lookupByEmail": await client.users_lookupByEmail(email="ann@acme.example"),
        "conversations.open": await client.conversations_open(users=ann.id, return_im=True),
        "conversations.info": await client.conversations_info(channel=channel, include_num_members=True),
        "conversations.list": await client.conversations_list(),
        "conversations.members": await client.conversations_members(channel=channel),
        "conversations.history": await client.conversations_history(channel=channel),
        "files.getUploadURLExternal": upload,
        "bots.info": await client.bots_info(),
        "team.info": await client.team_info(),
        "views.publish": await client.views_publish(user_id=ann.id, view={"type": "home", "blocks": [section("x")]}),
    }
    samples = spec("slack-payload-samples.json")["api"]
    for method, answer in answers.items():
        assert [one for one in extra(samples[method], answer.data) if ".blocks[]" not in one] == [], method
