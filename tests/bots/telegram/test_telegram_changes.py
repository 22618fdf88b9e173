"""Taking a message away, changing it and nothing else, answering it: what Telegram allows, refuses and loses."""

from datetime import UTC, datetime, timedelta

import pytest

from bots.telegram.client import TelegramMessenger
from bots.telegram.transport import make_bot
from core.cards import Button, Card
from core.events import Address
from core.outbox import Refused, TryLater, Unreachable
from playground.clock import Clock
from playground.telegram.world import TelegramWorld
from tests.bots.telegram.conftest import fetch
from tests.bots.telegram.scripted import DROP, No, ScriptedApi

DANA = Address("telegram", "12345")
GONE = Card("Taken back.", change="delete")
EDIT = Card("It costs 12.", change="edit")
BAD = "Bad Request: "


async def test_a_message_is_taken_away_whole(messenger: TelegramMessenger, api: ScriptedApi) -> None:
    assert await messenger.send(DANA, GONE, "50+51") == ""

    [asked] = api.asked
    assert (asked.method, asked.params["message_ids"]) == ("deleteMessages", [50, 51])


async def test_one_that_is_gone_already_is_gone(messenger: TelegramMessenger, api: ScriptedApi) -> None:
    api.answer("deleteMessages", No(400, BAD + "message to delete not found"))

    assert await messenger.send(DANA, GONE, "50") == ""
    assert api.methods == ["deleteMessages"]


@pytest.mark.parametrize("words", ["message can't be deleted for everyone", "message can't be deleted"])
async def test_one_too_old_says_that_it_was_taken_back(
    messenger: TelegramMessenger, api: ScriptedApi, words: str
) -> None:
    api.answer("deleteMessages", No(400, BAD + words))

    assert await messenger.send(DANA, GONE, "50") == "50"
    assert api.methods == ["deleteMessages", "editMessageText"]
    assert api.asked[1].params["text"] == "Taken back."


@pytest.mark.parametrize("answer", [DROP, No(502, "Bad Gateway"), No(429, "", {"retry_after": 2})])
async def test_a_lost_answer_is_no_uncertainty(messenger: TelegramMessenger, api: ScriptedApi, answer: No) -> None:
    api.answer("deleteMessages", answer)

    with pytest.raises(TryLater):
        await messenger.send(DANA, GONE, "50")


async def test_a_closed_chat_is_told_as_such(messenger: TelegramMessenger, api: ScriptedApi) -> None:
    api.answer("deleteMessages", No(403, "Forbidden: bot was blocked by the user"))

    with pytest.raises(Unreachable):
        await messenger.send(DANA, GONE, "50")


@pytest.mark.parametrize(
    "words", ["message to edit not found", "message can't be edited", "there is no text in the message to edit"]
)
@pytest.mark.parametrize("card", [EDIT, GONE])
async def test_what_cannot_be_changed_is_not_sent_anew(
    messenger: TelegramMessenger, api: ScriptedApi, card: Card, words: str
) -> None:
    api.answer("deleteMessages", No(400, BAD + "message can't be deleted for everyone"))
    api.answer("editMessageText", No(400, BAD + words))

    with pytest.raises(Refused):
        await messenger.send(DANA, card, "50")
    assert "sendMessage" not in api.methods


@pytest.mark.parametrize("card", [EDIT, GONE])
async def test_nothing_to_change_is_nothing_to_send(messenger: TelegramMessenger, api: ScriptedApi, card: Card) -> None:
    for replacing in (None, ""):
        with pytest.raises(Refused):
            await messenger.send(DANA, card, replacing)
    assert api.asked == []


async def test_a_reply_names_what_it_answers_and_comes_without_it_too(
    messenger: TelegramMessenger, api: ScriptedApi
) -> None:
    await messenger.send(DANA, Card("A correction.", reply_to="50+51"))
    await messenger.send(DANA, Card("A correction.", reply_to="50+51"), "60")

    assert api.asked[0].params["reply_parameters"] == {"message_id": 50, "allow_sending_without_reply": True}
    assert "reply_parameters" not in api.asked[1].params


async def test_a_link_that_is_counted_elsewhere_is_a_plain_link_here(
    messenger: TelegramMessenger, api: ScriptedApi
) -> None:
    await messenger.send(DANA, Card("Read", rows=((Button("Read", "mlink.7", "https://relay.example"),),)))

    assert api.asked[0].params["reply_markup"] == {
        "inline_keyboard": [[{"text": "Read", "url": "https://relay.example"}]]
    }


@pytest.mark.parametrize(
    ("age", "left"),
    [(timedelta(hours=47, minutes=59, seconds=59), []), (timedelta(hours=48, seconds=1), ["Taken back."])],
)
async def test_telegram_keeps_what_is_older_than_48_hours(age: timedelta, left: list[str]) -> None:
    clock = Clock(datetime(2026, 11, 3, 10, tzinfo=UTC), frozen=True)
    world = TelegramWorld(clock, limits=False)
    messenger = TelegramMessenger(make_bot(world.token, await world.start()), fetch=fetch)
    await messenger.start()
    try:
        dana = world.person("dana")
        await dana.start()
        here = Address("telegram", str(dana.chat_id))
        sent = await messenger.send(here, Card("It costs 10."))
        clock.turn(age)

        assert await messenger.send(here, GONE, sent) == (sent if left else "")

        messages = dana.view().conversations[0].messages
        assert [one.text for one in messages if not one.mine] == left
    finally:
        await messenger.stop()
        await world.stop()
