"""Taking a message away, changing it and nothing else, answering it: what Slack allows, refuses and loses."""

import pytest

from bots.slack.calls import Calls
from bots.slack.client import SlackMessenger
from bots.slack.fields import Identity
from bots.slack.presses import taps
from core.cards import Button, Card
from core.events import Address, Tapped
from core.outbox import Refused, TryLater, Unreachable
from playground.slack.world import SlackWorld
from tests.bots.slack.conftest import no_files
from tests.bots.slack.scripted import POSTED, Say, ScriptedSlack, error

DANA = Address("slack", "T0HOME/U0ANN")
CHANNEL = Address("slack", "T0HOME/C0ACME")
GONE = Card("Taken back.", change="delete")
EDIT = Card("It costs 12.", change="edit")


async def test_a_message_is_taken_away(slack: ScriptedSlack, messenger: SlackMessenger) -> None:
    assert await messenger.send(DANA, GONE, "D0ANN:1.5") == ""
    assert await messenger.send(CHANNEL, GONE, "C0OLD:1.5") == ""

    assert [(body["channel"], body["ts"]) for body in slack.calls_of("chat.delete")] == [
        ("D0ANN", "1.5"),
        ("C0ACME", "1.5"),  # a shared channel gets another id, its messages stay
    ]


async def test_one_that_is_gone_already_is_gone(slack: ScriptedSlack, messenger: SlackMessenger) -> None:
    slack.will("chat.delete", error("message_not_found"))

    assert await messenger.send(DANA, GONE, "D0ANN:1.5") == ""
    assert slack.calls_of("chat.update") == slack.calls_of("chat.postMessage") == []


@pytest.mark.parametrize("name", ["cant_delete_message", "compliance_exports_prevent_deletion"])
async def test_one_that_the_workspace_keeps_says_that_it_was_taken_back(
    slack: ScriptedSlack, messenger: SlackMessenger, name: str
) -> None:
    slack.will("chat.delete", error(name))

    assert await messenger.send(DANA, GONE, "D0ANN:1.5") == "D0ANN:1.5"
    assert slack.calls_of("chat.update")[0]["text"] == "Taken back."


@pytest.mark.parametrize("answer", [Say(hang_up=True), Say(status=503, body=""), error("ratelimited")])
async def test_a_lost_answer_is_no_uncertainty(slack: ScriptedSlack, messenger: SlackMessenger, answer: Say) -> None:
    slack.will("chat.delete", answer)

    with pytest.raises(TryLater):
        await messenger.send(DANA, GONE, "D0ANN:1.5")


async def test_a_closed_chat_is_told_as_such(slack: ScriptedSlack, messenger: SlackMessenger) -> None:
    slack.will("chat.delete", error("channel_not_found"))

    with pytest.raises(Unreachable):
        await messenger.send(DANA, GONE, "D0ANN:1.5")


@pytest.mark.parametrize("name", ["message_not_found", "cant_update_message", "edit_window_closed"])
async def test_what_cannot_be_changed_is_not_sent_anew(
    slack: ScriptedSlack, messenger: SlackMessenger, name: str
) -> None:
    slack.will("chat.update", error(name))

    with pytest.raises(Refused, match=name):
        await messenger.send(DANA, EDIT, "D0ANN:1.5")
    with pytest.raises(Refused):
        await messenger.send(DANA, EDIT)
    with pytest.raises(Refused):
        await messenger.send(DANA, GONE, "")
    assert slack.calls_of("chat.postMessage") == []


async def test_a_reply_stands_below_what_it_answers_and_in_the_conversation(
    slack: ScriptedSlack, messenger: SlackMessenger
) -> None:
    await messenger.send(DANA, Card("A correction.", reply_to="D0ANN:1.5"))

    [body] = slack.calls_of("chat.postMessage")
    assert (body["thread_ts"], body["reply_broadcast"]) == ("1.5", True)


async def test_a_reply_to_what_is_gone_stands_alone() -> None:
    scripted = ScriptedSlack()
    await scripted.start()
    scripted._plan["chat.postMessage"].clear()
    scripted.will("chat.postMessage", error("thread_not_found"), POSTED)
    alone = SlackMessenger(Calls("xoxb-test", scripted.url), no_files)

    assert await alone.send(DANA, Card("A correction.", reply_to="D0ANN:1.5")) == "D0ANN:1700.000100"

    assert ["thread_ts" in body for body in scripted.calls_of("chat.postMessage")] == [True, False]
    await alone.close()
    await scripted.stop()


async def test_a_link_tells_who_pressed_it(slack: ScriptedSlack, messenger: SlackMessenger) -> None:
    await messenger.send(DANA, Card("Read", rows=((Button("Read", "mlink.7", "https://relay.example"),),)))

    [button] = slack.calls_of("chat.postMessage")[0]["blocks"][-1]["elements"]
    assert (button["url"], button["value"]) == ("https://relay.example", "mlink.7")


async def test_the_message_is_off_the_screen() -> None:
    world = SlackWorld(limits=False)
    messenger = SlackMessenger(Calls(world.bot_token, await world.start()), no_files)
    try:
        dana = world.person("dana", "Dana Lind", "dana@acme.example")
        here = Address("slack", f"{world.workspace.team}/{dana.id}")
        sent = await messenger.send(here, Card("It costs 10."))
        assert dana.shows("It costs 10.")

        assert await messenger.send(here, GONE, sent) == ""
        assert await messenger.send(here, GONE, sent) == ""

        assert not dana.shows("It costs 10.")
    finally:
        await messenger.close()
        await world.stop()


@pytest.mark.parametrize(("value", "heard"), [("mlink.7", ["mlink.7"]), ("", [])])
def test_a_pressed_link_is_heard_where_it_is_counted(value: str, heard: list[str]) -> None:
    action = {"type": "button", "url": "https://relay.example", "value": value, "action_ts": "1.7"}
    payload = {
        "user": {"id": "U0ANN", "team_id": "T0HOME"},
        "channel": {"id": "D0ANN"},
        "message": {"ts": "1.5"},
        "trigger_id": "t1",
        "actions": [action],
    }

    found = list(taps(payload, Identity("T0HOME", "U0BOT")))

    assert [one.action for one in found if isinstance(one, Tapped)] == heard
