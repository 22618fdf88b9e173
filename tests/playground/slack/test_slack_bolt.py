"""The real slack-bolt and slack_sdk, over Socket Mode, live in the playground as they live in Slack."""

from collections.abc import Awaitable, Callable
from typing import Any

import aiohttp
import pytest
from slack_sdk.errors import SlackApiError

from tests.playground.slack.office import Json, Office, actions, button, section

START = Callable[..., Awaitable[Office]]


async def test_a_direct_message_is_heard_and_answered(start: START) -> None:
    office = await start()
    ann = office.world.person("ann", "Ann Lee", "ann@acme.example")

    @office.app.message("hello")
    async def greet(say: Any, message: Json) -> None:
        await say(f"Hello <@{message['user']}> & welcome")

    await ann.say("hello <b>")
    await ann.sees("Hello @Ann Lee & welcome")

    said = ann.messages()
    assert [(m.author, m.mine, m.text) for m in said] == [
        ("Ann Lee", True, "hello <b>"),
        ("Hub", False, "Hello @Ann Lee & welcome"),
    ]
    assert said[0].html == "hello &lt;b&gt;"


async def test_a_tap_reaches_the_bot_and_the_message_changes_in_place(start: START) -> None:
    office = await start()
    ann = office.world.person("ann", "Ann Lee")

    @office.app.action("done")
    async def done(ack: Any, body: Json, client: Any) -> None:
        await ack()
        where = body["container"]
        await client.chat_update(
            channel=where["channel_id"], ts=where["message_ts"], text="x", blocks=[section("Step 2 of 2")]
        )

    blocks = [section("Step *1* of 2"), actions(button("Done", "done", style="primary"), button("Skip", "skip"))]
    await office.client.chat_postMessage(channel=ann.id, text="Step 1", blocks=blocks)
    await ann.tap_label("Done")
    await ann.sees("Step 2 of 2")

    [message] = ann.messages()
    assert (message.text, message.rows, message.edited) == ("Step 2 of 2", (), False)


async def test_a_form_is_opened_refused_and_sent(start: START) -> None:
    office = await start()
    ann = office.world.person("ann", "Ann Lee")
    sent: list[Json] = []
    view = {
        "type": "modal",
        "callback_id": "reply",
        "private_metadata": "42",
        "title": {"type": "plain_text", "text": "Answer"},
        "submit": {"type": "plain_text", "text": "Send"},
        "blocks": [
            section("What shall we tell *them*?"),
            {
                "type": "input",
                "block_id": "words",
                "label": {"type": "plain_text", "text": "Your words"},
                "element": {"type": "plain_text_input", "action_id": "text", "multiline": True},
            },
            {
                "type": "input",
                "block_id": "when",
                "optional": True,
                "label": {"type": "plain_text", "text": "When"},
                "element": {"type": "datepicker", "action_id": "date"},
            },
        ],
    }

    @office.app.action("answer")
    async def answer(ack: Any, body: Json, client: Any) -> None:
        await client.views_open(trigger_id=body["trigger_id"], view=view)
        await ack()

    @office.app.view("reply")
    async def reply(ack: Any, body: Json) -> None:
        sent.append(body["view"])
        if body["view"]["state"]["values"]["words"]["text"]["value"] == "no":
            await ack(response_action="errors", errors={"words": "Say more."})
        else:
            await ack()

    await office.client.chat_postMessage(channel=ann.id, text="?", blocks=[actions(button("Answer", "answer"))])
    await ann.tap_label("Answer")
    opened = await ann.sees_modal("Answer")
    assert [(f.id, f.label, f.kind, f.required) for f in opened.fields][1:] == [
        ("words", "Your words", "multiline", True),
        ("when", "When", "date", False),
    ]
    assert opened.fields[0].label == "What shall we tell them?"

    await ann.submit_modal({"words": ""})
    assert "Please complete this required field." in ann.screen()
    assert sent == []

    await ann.submit_modal({"Your words": "no"})
    assert "Say more." in ann.screen()

    await ann.submit_modal({"Your words": "yes & no", "When": "2027-01-31"})
    assert ann.view().modal is None
    assert sent[-1]["private_metadata"] == "42"
    assert sent[-1]["state"]["values"] == {
        "words": {"text": {"type": "plain_text_input", "value": "yes & no"}},
        "when": {"date": {"type": "datepicker", "selected_date": "2027-01-31"}},
    }


async def test_a_command_answers_the_one_who_gave_it(start: START) -> None:
    office = await start()
    ann, bob = office.world.person("ann", "Ann Lee"), office.world.person("bob", "Bob Roe")
    await ann.create_channel("general", [bob], with_bot=True)

    @office.app.command("/hub")
    async def hub(ack: Any, command: Json, respond: Any) -> None:
        await ack(f"You said {command['text']}")
        await respond("and later this")

    await ann.command("/hub", "invite x@y.example", "general")
    await ann.sees("and later this")
    await ann.sees("You said")

    mine = sorted((m.text, m.ephemeral) for m in ann.messages("general") if m.ephemeral)
    assert mine == [("You said invite x@y.example", True), ("and later this", True)]
    assert all("invite" not in m.text for m in bob.messages("general"))

    await ann.say("/nothing here")
    assert "/nothing is not a valid command." in ann.screen()


async def test_home_is_published_and_republished_in_place(start: START) -> None:
    office = await start()
    ann = office.world.person("ann", "Ann Lee")

    @office.app.event("app_home_opened")
    async def opened(event: Json, client: Any) -> None:
        seen = "again" if "view" in event else "first"
        blocks = [section(f"Home {seen}"), actions(button("Refresh", "refresh"))]
        await client.views_publish(user_id=event["user"], view={"type": "home", "blocks": blocks})

    @office.app.action("refresh")
    async def refresh(ack: Any, body: Json, client: Any) -> None:
        await ack()
        await client.views_publish(
            user_id=body["user"]["id"],
            hash=body["view"]["hash"],
            view={"type": "home", "blocks": [section("Fresh")]},
        )

    await ann.open_home()
    await ann.sees("Home first")
    await ann.open_home()
    await ann.sees("Home again")
    await ann.tap_label("Refresh")
    await ann.sees("Fresh", conversation="home")

    assert [m.text for m in ann.messages("home")] == ["Fresh"]


async def test_menus_send_what_was_chosen(start: START) -> None:
    office = await start()
    ann = office.world.person("ann", "Ann Lee")
    chosen: list[Json] = []
    options = [{"text": {"type": "plain_text", "text": word}, "value": word.lower()} for word in ("Low", "High")]

    @office.app.action({"type": "block_actions", "action_id": "pick"})
    async def pick(ack: Any, action: Json, body: Json, respond: Any) -> None:
        await ack()
        chosen.append({**action, "values": body["state"]["values"]})
        await respond(text=f"Got {action['selected_option']['value']}", replace_original=True)

    menu = {"type": "static_select", "action_id": "pick", "options": options}
    await office.client.chat_postMessage(channel=ann.id, text="?", blocks=[actions(menu)])
    await ann.tap_label("High")
    await ann.sees("Got high")

    [message] = ann.messages()
    assert message.text == "Got high"
    assert chosen[0]["selected_option"]["value"] == "high"
    assert [next(iter(v.values()))["selected_option"]["value"] for v in chosen[0]["values"].values()] == ["high"]


async def test_files_go_both_ways(start: START) -> None:
    office = await start()
    ann = office.world.person("ann", "Ann Lee")
    await ann.share("note.ogg", b"OggS...", "audio/ogg", words="listen")
    await office.world.settled()

    event = next(event for event in office.heard if event.get("subtype") == "file_share")
    address = event["files"][0]["url_private_download"]
    assert (event["text"], event["channel_type"], event["files"][0]["mimetype"]) == ("listen", "im", "audio/ogg")

    async with aiohttp.ClientSession() as session:
        token = {"Authorization": f"Bearer {office.world.bot_token}"}
        async with session.get(address, headers=token) as answer:
            assert (answer.status, await answer.read()) == (200, b"OggS...")
        async with session.get(address) as answer:
            assert answer.content_type == "text/html"  # Slack sends strangers to its sign-in page
        media = ann.messages()[0].media[0]
        async with session.get(media.url) as answer:
            assert (media.kind, await answer.read()) == ("voice", b"OggS...")

    channel = event["channel"]
    await office.client.files_upload_v2(channel=channel, filename="plan.pdf", content="%PDF", initial_comment="Here")
    sent = ann.messages()[-1]
    assert (sent.author, sent.text, [m.name for m in sent.media]) == ("Hub", "Here", ["plan.pdf"])


async def test_an_uninstalled_bot_is_told_and_refused(start: START) -> None:
    office = await start()
    ann = office.world.person("ann", "Ann Lee")

    office.world.uninstall()
    await office.world.settled()

    assert sorted(office.kinds()) == ["app_uninstalled", "tokens_revoked"]
    with pytest.raises(SlackApiError, match="account_inactive"):
        await office.client.chat_postMessage(channel=ann.id, text="hello")

    office.world.reinstall()
    assert (await office.client.chat_postMessage(channel=ann.id, text="hello"))["ok"]
