"""What becomes of a card, told by what Telegram answered."""

from datetime import timedelta
from typing import Any

import pytest

from bots.telegram.client import TelegramMessenger
from bots.telegram.transport import make_bot
from core.cards import Button, Card, Media
from core.events import Address
from core.outbox import Refused, Relocated, Revoked, TryLater, Uncertain, Unreachable
from tests.bots.telegram.scripted import DROP, TOKEN, No, ScriptedApi

DANA = Address("telegram", "7")
CARD = Card("Hello **Dana**", rows=((Button("Done", "done.1.a"),),))
LONG = Card("\n\n".join(f"{n} " + "word " * 300 for n in range(4)), rows=((Button("Back", "home"),),))
FORBIDDEN = "Forbidden: "
BAD = "Bad Request: "


async def test_a_card_is_sent_as_html_with_its_buttons_and_no_preview(
    messenger: TelegramMessenger, api: ScriptedApi
) -> None:
    sent = await messenger.send(DANA, CARD)

    assert sent == "1"
    assert api.asked[0].params == {
        "chat_id": 7,
        "text": "Hello <b>Dana</b>",
        "parse_mode": "HTML",
        "link_preview_options": {"is_disabled": True},
        "reply_markup": {"inline_keyboard": [[{"text": "Done", "callback_data": "done.1.a"}]]},
    }


@pytest.mark.parametrize(
    ("answer", "expected", "detail"),
    [
        (No(403, FORBIDDEN + "bot was blocked by the user"), Unreachable, "blocked"),
        (No(403, FORBIDDEN + "user is deactivated"), Unreachable, "deactivated"),
        (No(403, FORBIDDEN + "bot can't initiate conversation with a user"), Unreachable, "refused"),
        (No(403, FORBIDDEN + "bot was kicked from the group chat"), Unreachable, "removed"),
        (No(403, FORBIDDEN + "bot is not a member of the supergroup chat"), Unreachable, "removed"),
        (No(403, FORBIDDEN + "the group chat was deleted"), Unreachable, "removed"),
        (No(400, BAD + "chat not found"), Unreachable, "refused"),
        (No(400, BAD + "not enough rights to send text messages to the chat"), Unreachable, "refused"),
        (No(400, BAD + "group chat was upgraded", {"migrate_to_chat_id": -1001}), Relocated, "telegram:-1001"),
        (No(400, BAD + "message is too long"), Refused, "Message is too long"),
        (No(400, BAD + "BUTTON_DATA_INVALID"), Refused, "Button_data_invalid"),
        (No(413, "Request Entity Too Large"), Refused, "Request Entity Too Large"),
        (No(401, "Unauthorized"), Revoked, "Telegram refuses the token"),
        (No(404, "Not Found"), Revoked, "Telegram refuses the token"),
        (No(404, "Not Found: method not found"), Refused, "Not Found: method not found"),
        (No(500, "Internal Server Error"), Uncertain, "the server failed with 500"),
        (No(502, "Bad Gateway"), Uncertain, "the server failed with 502"),
        (No(504, "Gateway Timeout"), Uncertain, "the server failed with 504"),
        (DROP, Uncertain, "the answer was lost: ServerDisconnectedError"),
    ],
)
async def test_each_refusal_has_its_meaning(
    messenger: TelegramMessenger, api: ScriptedApi, answer: No, expected: type[Exception], detail: str
) -> None:
    api.answer("sendMessage", answer)

    with pytest.raises(expected) as caught:
        await messenger.send(DANA, CARD)

    assert str(caught.value) == detail
    assert TOKEN not in repr(caught.value)


async def test_a_429_names_its_patience_and_one_chat_s_is_its_own(
    messenger: TelegramMessenger, api: ScriptedApi
) -> None:
    too_many = No(429, "Too Many Requests: retry after 17", {"retry_after": 17})
    api.answer("sendMessage", *[too_many] * 4)

    async def everywhere(chat: str) -> bool:
        with pytest.raises(TryLater) as caught:
            await messenger.send(Address("telegram", chat), CARD)
        assert caught.value.after == timedelta(seconds=17)
        return caught.value.everywhere

    assert [await everywhere(chat) for chat in ("7", "8", "-5", "9")] == [False, False, False, True]


async def test_a_429_without_a_number_still_waits(messenger: TelegramMessenger, api: ScriptedApi) -> None:
    api.answer("sendMessage", No(429, "Too Many Requests"))

    with pytest.raises(TryLater) as caught:
        await messenger.send(DANA, CARD)

    assert caught.value.after == timedelta(seconds=30)


async def test_a_refused_connection_is_certainly_not_sent() -> None:
    nobody = ScriptedApi()
    await nobody.start()
    bot = make_bot(TOKEN, nobody.url)
    messenger = TelegramMessenger(bot)
    await nobody.stop()

    with pytest.raises(TryLater) as caught:
        await messenger.send(DANA, CARD)
    await messenger.stop()

    assert caught.value.everywhere
    assert TOKEN not in f"{caught.value!r} {caught.value.__cause__!r}"


async def test_markup_telegram_cannot_read_goes_as_plain_words(messenger: TelegramMessenger, api: ScriptedApi) -> None:
    api.answer("sendMessage", No(400, BAD + "can't parse entities: Can't find end tag"))

    await messenger.send(DANA, CARD)

    assert api.asked[1].params["text"] == "Hello Dana"
    assert "parse_mode" not in api.asked[1].params


async def test_an_address_of_no_chat_is_refused(messenger: TelegramMessenger) -> None:
    with pytest.raises(Refused):
        await messenger.send(Address("telegram", "T1/U2"), CARD)


# Edits


async def test_replacing_edits_the_message_in_place(messenger: TelegramMessenger, api: ScriptedApi) -> None:
    sent = await messenger.send(DANA, CARD, "123")

    assert (sent, api.methods) == ("123", ["editMessageText"])
    assert api.asked[0].params["message_id"] == 123


async def test_an_edit_that_changes_nothing_is_done(messenger: TelegramMessenger, api: ScriptedApi) -> None:
    api.answer("editMessageText", No(400, BAD + "message is not modified: specified new message content and …"))

    assert await messenger.send(DANA, CARD, "123") == "123"


@pytest.mark.parametrize(
    "words",
    [
        "message to edit not found",
        "message can't be edited",
        "MESSAGE_ID_INVALID",
        "message identifier is not specified",
    ],
)
async def test_a_message_that_cannot_be_edited_is_sent_anew(
    messenger: TelegramMessenger, api: ScriptedApi, words: str
) -> None:
    api.answer("editMessageText", No(400, BAD + words))

    assert await messenger.send(DANA, CARD, "123") == "1"
    assert api.methods == ["editMessageText", "sendMessage"]


async def test_a_picture_cannot_become_words_so_it_loses_its_buttons_and_words_follow(
    messenger: TelegramMessenger, api: ScriptedApi
) -> None:
    api.answer("editMessageText", No(400, BAD + "there is no text in the message to edit"))

    assert await messenger.send(DANA, CARD, "123") == "1"
    assert api.methods == ["editMessageText", "sendMessage", "editMessageReplyMarkup"]
    assert api.asked[2].params == {"chat_id": 7, "message_id": 123}


@pytest.mark.parametrize("answer", [No(502, "Bad Gateway"), No(500, ""), DROP])
async def test_a_lost_edit_is_simply_tried_again(messenger: TelegramMessenger, api: ScriptedApi, answer: No) -> None:
    api.answer("editMessageText", answer)

    with pytest.raises(TryLater):
        await messenger.send(DANA, CARD, "123")


async def test_a_lost_send_after_an_impossible_edit_is_uncertain(
    messenger: TelegramMessenger, api: ScriptedApi
) -> None:
    api.answer("editMessageText", No(400, BAD + "message to edit not found"))
    api.answer("sendMessage", DROP)

    with pytest.raises(Uncertain):
        await messenger.send(DANA, CARD, "123")


async def test_an_edit_in_a_blocked_chat_is_unreachable(messenger: TelegramMessenger, api: ScriptedApi) -> None:
    api.answer("editMessageText", No(403, FORBIDDEN + "bot was blocked by the user"))

    with pytest.raises(Unreachable) as caught:
        await messenger.send(DANA, CARD, "123")
    assert caught.value.why == "blocked"


@pytest.mark.parametrize("replacing", ["home", "1.5", "", "x+2", "１２"])
async def test_an_id_that_is_not_ours_is_no_message_to_edit(
    messenger: TelegramMessenger, api: ScriptedApi, replacing: str
) -> None:
    await messenger.send(DANA, CARD, replacing)

    assert api.methods == ["sendMessage"]


# Long cards


async def test_a_long_card_is_several_messages_with_buttons_under_the_last(
    messenger: TelegramMessenger, api: ScriptedApi
) -> None:
    assert await messenger.send(DANA, LONG) == "1+2"
    assert ["reply_markup" in asked.params for asked in api.asked] == [False, True]


async def test_replacing_a_long_card_edits_it_message_for_message(
    messenger: TelegramMessenger, api: ScriptedApi
) -> None:
    assert await messenger.send(DANA, LONG, "50+51") == "50+51"
    assert [asked.params["message_id"] for asked in api.asked] == [50, 51]


async def test_a_long_card_made_short_loses_its_surplus(messenger: TelegramMessenger, api: ScriptedApi) -> None:
    assert await messenger.send(DANA, CARD, "50+51") == "50"
    assert api.methods == ["editMessageText", "deleteMessage"]
    assert api.asked[1].params["message_id"] == 51


async def test_half_a_card_waits_for_its_other_half(
    messenger: TelegramMessenger, api: ScriptedApi, naps: list[float]
) -> None:
    api.answer("sendMessage", {"message_id": 1}, No(429, "", {"retry_after": 3}), {"message_id": 2})

    assert await messenger.send(DANA, LONG) == "1+2"
    assert naps == [3]


@pytest.mark.parametrize("answer", [No(429, "", {"retry_after": 3600}), No(400, BAD + "odd"), DROP])
async def test_half_a_card_is_uncertain_for_it_must_not_be_sent_twice(
    messenger: TelegramMessenger, api: ScriptedApi, answer: No
) -> None:
    api.answer("sendMessage", {"message_id": 1}, answer)

    with pytest.raises(Uncertain):
        await messenger.send(DANA, LONG)


# Media

FILM = Card("Watch", media=Media("video", "content:hello.mp4", "hello.mp4"))


async def test_a_content_file_is_uploaded_once(messenger: TelegramMessenger, api: ScriptedApi) -> None:
    api.answer("sendVideo", {"message_id": 1, "video": {"file_id": "F"}})

    await messenger.send(DANA, FILM)
    await messenger.send(DANA, FILM)

    assert [(asked.files, asked.params.get("video")) for asked in api.asked] == [
        (("video:hello.mp4",), None),
        ((), "F"),
    ]
    assert api.asked[0].params["caption"] == "Watch"


async def test_a_forgotten_file_id_is_uploaded_again(messenger: TelegramMessenger, api: ScriptedApi) -> None:
    film = Media("file", "slack:F1", "notes.txt")
    api.answer(
        "sendDocument",
        {"message_id": 1, "document": {"file_id": "OLD"}},
        No(400, BAD + "wrong file identifier/HTTP URL specified"),
        {"message_id": 3, "document": {"file_id": "NEW"}},
    )

    for _ in range(3):
        await messenger.send(DANA, Card("Look", media=film))

    assert [asked.params.get("document") for asked in api.asked] == [None, "OLD", None, "NEW"]


@pytest.mark.parametrize(
    ("media", "shown"),
    [
        (
            Media("photo", "https://example.com/a.png"),
            '📎 <a href="https://example.com/a.png">https://example.com/a.png</a>',
        ),
        (Media("file", "content:missing.pdf", "Plan"), "📎 Plan"),
    ],
)
async def test_words_are_shown_even_when_the_picture_cannot_be(
    messenger: TelegramMessenger, api: ScriptedApi, media: Media, shown: str
) -> None:
    api.answer("sendPhoto", No(400, BAD + "wrong type of the web page content"))

    await messenger.send(DANA, Card("Look", media=media))

    assert api.asked[-1].params["text"] == f"{shown}\n\nLook"


async def test_a_video_page_is_linked_with_a_preview(messenger: TelegramMessenger, api: ScriptedApi) -> None:
    url = "https://video.example.com/watch?v=1"
    await messenger.send(DANA, Card("Watch", media=Media("video", url, "The tour")))

    params = api.asked[0].params
    assert params["text"] == f'▶ <a href="{url}">The tour</a>\n\nWatch'
    assert params["link_preview_options"] == {"url": url, "prefer_large_media": True, "show_above_text": True}


async def test_media_with_long_words_is_shown_before_them(messenger: TelegramMessenger, api: ScriptedApi) -> None:
    card = Card("long " * 300, media=Media("photo", "telegram:P"), rows=CARD.rows)

    assert await messenger.send(DANA, card) == "1+2"
    assert api.methods == ["sendPhoto", "sendMessage"]
    assert ["reply_markup" in asked.params for asked in api.asked] == [False, True]


async def test_replacing_with_a_picture_edits_the_message_s_media(
    messenger: TelegramMessenger, api: ScriptedApi
) -> None:
    await messenger.send(DANA, Card("Hi", media=Media("photo", "telegram:P")), "9")
    await messenger.send(DANA, FILM, "9")

    assert api.methods == ["editMessageMedia", "editMessageMedia"]
    assert api.asked[0].params["media"] == {"type": "photo", "media": "P", "caption": "Hi", "parse_mode": "HTML"}
    assert api.asked[1].files == ("upload:hello.mp4",)


async def test_a_voice_message_comes_below_since_no_message_can_become_one(
    messenger: TelegramMessenger, api: ScriptedApi
) -> None:
    assert await messenger.send(DANA, Card("", media=Media("voice", "telegram:V")), "9") == "1"
    assert api.methods == ["sendVoice", "editMessageReplyMarkup"]


# The rest


async def test_an_expired_tap_is_no_error(messenger: TelegramMessenger, api: ScriptedApi) -> None:
    api.answer("answerCallbackQuery", No(400, BAD + "query is too old and response timeout expired"))

    await messenger.answer("1", "x" * 500)

    assert len(api.asked[0].params["text"]) == 200


async def test_the_menu_is_set_for_each_language_and_for_everybody_else(
    messenger: TelegramMessenger, api: ScriptedApi
) -> None:
    await messenger.set_menu({"en": [("home", "Home")], "ru": [("home", "Домой")]}, default="en")

    told: list[Any] = [(asked.params.get("language_code"), asked.params["commands"][0]) for asked in api.asked]
    assert told == [
        (None, {"command": "home", "description": "Home"}),
        ("en", {"command": "home", "description": "Home"}),
        ("ru", {"command": "home", "description": "Домой"}),
    ]


async def test_a_revoked_token_is_told_without_the_token(api: ScriptedApi) -> None:
    api.answer("getMe", No(401, "Unauthorized"))
    messenger = TelegramMessenger(make_bot(TOKEN, api.url))

    with pytest.raises(Revoked) as caught:
        await messenger.start()
    await messenger.stop()

    assert TOKEN not in f"{caught.value!r}{caught.value.__cause__!r}"
