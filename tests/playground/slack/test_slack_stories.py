"""People in the playground's Slack see what people in Slack see, and do what they do."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from playground.clock import Clock
from playground.slack import SlackWorld
from playground.views import Seat
from tests.playground.slack.office import Json, Office, actions, button, section

START = Callable[..., Awaitable[Office]]


def test_a_person_is_a_seat() -> None:
    seat: Seat = SlackWorld().person("ann", "Ann Lee")
    assert (seat.key, seat.view().messenger, seat.view().name) == ("slack:ann", "slack", "Ann Lee")
    assert [(shown.kind, shown.messages) for shown in seat.view().conversations] == [("home", ()), ("private", ())]


async def test_each_sees_the_channels_they_are_in(start: START) -> None:
    office = await start()
    ann, bob = office.world.person("ann", "Ann Lee"), office.world.person("bob", "Bob Roe")
    channel = await ann.create_channel("launch", with_bot=True)
    await office.client.chat_postMessage(channel=channel, text="for those inside")

    await ann.sees("for those inside", conversation="launch")
    assert bob.shows("for those inside") is None
    await bob.join("launch")
    assert bob.shows("for those inside") is not None
    await bob.leave("#launch")
    assert bob.shows("for those inside") is None
    with pytest.raises(LookupError):
        await bob.say("hello?", "launch")

    await office.world.settled()
    assert [k for k in office.kinds() if k.startswith("member_")] == [
        "member_joined_channel",
        "member_joined_channel",
        "member_left_channel",
    ]


async def test_the_bot_hears_of_mentions_and_threads(start: START) -> None:
    office = await start()
    ann = office.world.person("ann", "Ann Lee")
    channel = await ann.create_channel("launch", with_bot=True)
    first = await office.client.chat_postMessage(channel=channel, text="question")
    await ann.say("@Hub answer & more", "launch", reply_to=first["ts"])
    await office.world.settled()

    told = [event for event in office.heard if event["type"] in {"message", "app_mention"} and not event.get("subtype")]
    assert sorted(event["type"] for event in told) == ["app_mention", "message"]
    assert {event["text"] for event in told} == {f"<@{office.world.bot_user}> answer &amp; more"}
    assert {event["thread_ts"] for event in told} == {first["ts"]}
    assert ann.messages("launch")[-1].text == "@Hub answer & more"


async def test_people_of_other_workspaces_only_meet_the_bot_in_shared_channels(start: START) -> None:
    office = await start()
    ann = office.world.person("ann", "Ann Lee")
    kim = office.world.person("kim", "Kim Far", team="T0OTHER")
    heard: list[Json] = []

    @office.app.action("go")
    async def go(ack: Any, body: Json) -> None:
        await ack()
        heard.append(body)

    with pytest.raises(ValueError, match="not shared"):
        await ann.create_channel("closed", [kim])
    shared = await ann.create_channel("both", [kim], shared_with_outsiders=True, with_bot=True)
    await office.client.chat_postMessage(channel=shared, text="x", blocks=[actions(button("Go", "go"))])
    await kim.tap_label("Go")
    await kim.command("/hub", "help", "both")
    await office.world.settled()

    assert [(body["user"]["team_id"], body["team"]["id"]) for body in heard] == [("T0OTHER", "T0OTHER")]
    assert kim.view().commands == ()
    await kim.sees_notice("not a valid command")
    assert (await office.client.conversations_open(users=kim.id))["ok"]


async def test_a_forged_tap_arrives_as_any_other(start: START) -> None:
    office = await start()
    ann = office.world.person("ann", "Ann Lee")
    heard: list[Json] = []

    @office.app.action("grant")
    async def grant(ack: Any, action: Json) -> None:
        await ack()
        heard.append(action)

    posted = await office.client.chat_postMessage(channel=ann.id, text="nothing to press")
    with pytest.raises(LookupError, match="grant"):
        await ann.tap(posted["ts"], "grant")
    await ann.forge_action(posted["ts"], "grant", "everything")
    await office.world.settled()

    assert [(action["action_id"], action["value"]) for action in heard] == [("grant", "everything")]


async def test_an_unanswered_tap_tells_the_person(start: START) -> None:
    office = await start(ack_seconds=0.05)
    ann = office.world.person("ann", "Ann Lee")
    await office.client.chat_postMessage(channel=ann.id, text="x", blocks=[actions(button("✅ Go", "unknown"))])
    await ann.tap_label("go")
    await ann.sees_notice("We had some trouble connecting")


async def test_labels_that_are_not_there_are_listed_with_those_that_are(start: START) -> None:
    office = await start(connect=False)
    ann = office.world.person("ann", "Ann Lee")
    overflow = {
        "type": "overflow",
        "action_id": "more",
        "options": [{"text": {"type": "plain_text", "text": word}, "value": word} for word in ("Later", "Never")],
    }
    blocks = [{**section("Step *1*"), "accessory": overflow}, actions(button("Done", "done"))]
    await office.client.chat_postMessage(channel=ann.id, text="x", blocks=blocks)

    with pytest.raises(LookupError, match=r"\['⋯', 'Later', 'Never', 'Done'\]"):
        await ann.tap_label("Skip", within=0)
    with pytest.raises(AssertionError, match="Step 1"):
        await ann.sees("Step 2", within=0.01)
    assert [[b.label for b in row] for row in ann.messages()[0].rows] == [["⋯"], ["Done"]]


async def test_a_deactivated_member_is_told_of_and_silent(start: START) -> None:
    office = await start()
    ann = office.world.person("ann", "Ann Lee", "ann@acme.example")
    await ann.deactivate()
    await office.world.settled()

    [event] = office.heard
    assert (event["type"], event["user"]["id"], event["user"]["deleted"]) == ("user_change", ann.id, True)
    assert all(shown.blocked for shown in ann.view().conversations if shown.kind == "private")
    with pytest.raises(LookupError, match="deactivated"):
        await ann.say("hello?")
    await ann.unblock()
    assert (await office.client.chat_postMessage(channel=ann.id, text="welcome back"))["ok"]


async def test_messages_bear_the_time_of_the_clock_and_never_the_same(start: START) -> None:
    clock = Clock(datetime(2027, 3, 1, 9, tzinfo=UTC), frozen=True)
    office = await start(connect=False, clock=clock)
    ann = office.world.person("ann", "Ann Lee")
    sent = await asyncio.gather(*(office.client.chat_postMessage(channel=ann.id, text=str(n)) for n in range(20)))
    assert len({answer["ts"] for answer in sent}) == 20
    clock.turn(timedelta(days=1))
    await ann.say("tomorrow")

    assert ann.messages()[0].at.isoformat()[:19] == "2027-03-01T09:00:00"
    assert ann.messages()[-1].at.isoformat()[:19] == "2027-03-02T09:00:00"


async def test_a_shared_private_channel_gets_a_new_id(start: START) -> None:
    office = await start()
    ann = office.world.person("ann", "Ann Lee")
    old = await ann.create_channel("plans", private=True, with_bot=True)
    await office.client.chat_postMessage(channel=old, text="before")
    new = await ann.share_channel("plans")
    await office.world.settled()

    event = next(event for event in office.heard if event["type"] == "channel_id_changed")
    assert (old[0], new[0], event["old_channel_id"], event["new_channel_id"]) == ("G", "C", old, new)
    assert (await office.client.chat_postMessage(channel=new, text="after"))["ok"]
    assert [m.text for m in ann.messages("plans")][-2:] == ["before", "after"]


async def test_listeners_hear_of_every_change_on_their_own_screen(start: START) -> None:
    office = await start(connect=False)
    ann, bob = office.world.person("ann", "Ann Lee"), office.world.person("bob", "Bob Roe")
    changes: list[str] = []
    ann.on_change(lambda: changes.append("ann"))
    bob.on_change(lambda: changes.append("bob"))

    await office.client.chat_postMessage(channel=ann.id, text="x")
    assert changes == ["ann"]


async def test_a_refused_form_and_an_updated_one_keep_what_was_typed(start: START) -> None:
    office = await start()
    ann = office.world.person("ann", "Ann Lee")
    field = {
        "type": "input",
        "block_id": "words",
        "label": {"type": "plain_text", "text": "Words"},
        "element": {"type": "plain_text_input", "action_id": "a", "max_length": 10},
    }

    def form(title: str) -> Json:
        return {
            "type": "modal",
            "callback_id": "form",
            "title": {"type": "plain_text", "text": title},
            "submit": {"type": "plain_text", "text": "Send"},
            "blocks": [field],
        }

    answers: list[Json] = [
        {"response_action": "errors", "errors": {"nowhere": "x"}},
        {"response_action": "update", "view": form("Second")},
        {"response_action": "push", "view": form("Third")},
        {"response_action": "clear"},
    ]

    @office.app.action("go")
    async def go(ack: Any, body: Json, client: Any) -> None:
        await client.views_open(trigger_id=body["trigger_id"], view=form("First"))
        await ack()

    @office.app.view("form")
    async def sent(ack: Any) -> None:
        await ack(**answers.pop(0))

    await office.client.chat_postMessage(channel=ann.id, text="x", blocks=[actions(button("Go", "go"))])
    await ann.tap_label("Go")
    await ann.sees_modal("First")
    await ann.submit_modal({"Words": "much too long"})
    assert "Must be at most 10 characters." in ann.screen()
    assert len(answers) == 4

    await ann.submit_modal({"Words": "fine"})
    assert "We had some trouble" in ann.view().toast  # errors for a block that has no input
    await ann.submit_modal({})
    second = await ann.sees_modal("Second")
    assert second.fields[0].value == "fine"
    await ann.submit_modal({})
    assert (await ann.sees_modal("Third")).fields[0].value == ""
    await ann.submit_modal({"words": "end"})
    await ann.sees_no_modal()
    with pytest.raises(LookupError):
        await ann.submit_modal({})


async def test_a_hundred_people_at_once_lose_nothing(start: START) -> None:
    office = await start()
    people = [office.world.person(f"p{n}", f"Person {n}") for n in range(100)]

    @office.app.message("")
    async def echo(message: Json, say: Any) -> None:
        await say(f"Heard {message['text']}")

    await asyncio.gather(*(person.say(f"I am {person.key}") for person in people))
    await asyncio.gather(*(person.sees(f"Heard I am {person.key}") for person in people))
    assert [len(person.messages()) for person in people] == [2] * 100
