"""What Telegram refuses, the playground refuses, in Telegram's words."""

import base64
from collections.abc import AsyncIterator, Mapping
from datetime import timedelta

import aiohttp
import pytest

from playground.telegram import TelegramPerson, TelegramWorld
from playground.telegram.wire import NOT_MODIFIED

Answer = Mapping[str, object]
PIXEL = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)


class Wire:
    """The Bot API without a library in between."""

    def __init__(self, world: TelegramWorld, session: aiohttp.ClientSession) -> None:
        self.world, self.session = world, session

    async def call(self, method: str, /, **params: object) -> Answer:
        async with self.session.post(f"{self.world.url}/bot{self.world.token}/{method}", json=params) as response:
            answer: dict[str, object] = await response.json()
            assert answer.get("error_code", 200) == response.status
            return answer

    async def description(self, method: str, /, **params: object) -> object:
        return (await self.call(method, **params)).get("description", "accepted")


@pytest.fixture
async def wire(world: TelegramWorld) -> AsyncIterator[Wire]:
    async with aiohttp.ClientSession() as session:
        yield Wire(world, session)


def inline(**button: object) -> dict[str, object]:
    return {"inline_keyboard": [[{"text": "b", **button}]]}


BAD_TEXTS: dict[str, tuple[dict[str, object], str]] = {
    "nothing": ({"text": ""}, "message text is empty"),
    "blanks": ({"text": " \n\t \u200b"}, "text must be non-empty"),
    "only markup": ({"text": "<b> </b>", "parse_mode": "HTML"}, "text must be non-empty"),
    "too long": ({"text": "😀" * 4097}, "message is too long"),
    "too much markup": ({"text": "<b></b>" * 5000 + "a", "parse_mode": "HTML"}, "text is too long"),
    "parse mode": ({"text": "a", "parse_mode": "BBCode"}, "unsupported parse_mode"),
    "tag": (
        {"text": "é<br>", "parse_mode": "HTML"},
        'can\'t parse entities: Unsupported start tag "br" at byte offset 2',
    ),
    "open tag": (
        {"text": "<b>a", "parse_mode": "HTML"},
        "can't parse entities: Can't find end tag corresponding to start tag \"b\"",
    ),
    "crossed tags": (
        {"text": "<b><i>a</b></i>", "parse_mode": "HTML"},
        'can\'t parse entities: Unmatched end tag at byte offset 7, expected "</i>", found "</b>"',
    ),
    "end alone": ({"text": "a</b>", "parse_mode": "HTML"}, "can't parse entities: Unexpected end tag at byte offset 1"),
    "less than": (
        {"text": "a < b", "parse_mode": "HTML"},
        'can\'t parse entities: Unsupported start tag "" at byte offset 2',
    ),
    "cut tag": ({"text": "a <b", "parse_mode": "HTML"}, "can't parse entities: Unclosed start tag at byte offset 2"),
    "span": (
        {"text": "<span>a</span>", "parse_mode": "HTML"},
        'can\'t parse entities: Tag "span" must have class "tg-spoiler" at byte offset 0',
    ),
    "dot": (
        {"text": "a.", "parse_mode": "MarkdownV2"},
        "can't parse entities: Character '.' is reserved and must be escaped with the preceding '\\'",
    ),
    "open bold": (
        {"text": "ab *c", "parse_mode": "MarkdownV2"},
        "can't parse entities: Can't find end of Bold entity at byte offset 3",
    ),
    "old markdown": (
        {"text": "*a", "parse_mode": "Markdown"},
        "can't parse entities: Can't find end of the entity starting at byte offset 0",
    ),
    "entity": (
        {"text": "hello", "entities": [{"type": "bold", "offset": 100, "length": 1}]},
        "entity begins after the end of the text at UTF-16 offset 100",
    ),
    "data": ({"text": "a", "reply_markup": inline(callback_data="д" * 33)}, "BUTTON_DATA_INVALID"),
    "no data": (
        {"text": "a", "reply_markup": inline(callback_data="")},
        "can't parse inline keyboard button: Text buttons are unallowed in the inline keyboard",
    ),
    "no label": (
        {"text": "a", "reply_markup": {"inline_keyboard": [[{"callback_data": "x"}]]}},
        "can't parse inline keyboard button: Can't find field \"text\"",
    ),
    "url": (
        {"text": "a", "reply_markup": inline(url="http://localhost:8000/")},
        "inline keyboard button URL 'http://localhost:8000/' is invalid: Wrong HTTP URL",
    ),
    "scheme": (
        {"text": "a", "reply_markup": inline(url="ftp://a.example")},
        "inline keyboard button URL 'ftp://a.example' is invalid: Unsupported URL protocol",
    ),
    "many buttons": (
        {"text": "a", "reply_markup": {"inline_keyboard": [[{"text": "b", "callback_data": "x"}]] * 101}},
        "reply markup is too long",
    ),
    "long row": (
        {"text": "a", "reply_markup": {"inline_keyboard": [[{"text": "b", "callback_data": "x"}] * 9]}},
        "REPLY_MARKUP_INVALID",
    ),
    "markup": ({"text": "a", "reply_markup": "{"}, "can't parse reply keyboard markup JSON object"),
    "no list": (
        {"text": "a", "reply_markup": {"inline_keyboard": "x"}},
        'field "inline_keyboard" must be of type Array',
    ),
    "pay": ({"text": "a", "reply_markup": inline(pay=True)}, "BUTTON_TYPE_INVALID"),
    "reply": ({"text": "a", "reply_parameters": {"message_id": 999}}, "message to be replied not found"),
    "thread": ({"text": "a", "message_thread_id": 7}, "message thread not found"),
    "preview": ({"text": "a", "link_preview_options": {"url": "no-url"}}, "WEBPAGE_URL_INVALID"),
}


@pytest.mark.parametrize("case", BAD_TEXTS, ids=str)
async def test_send_message_refuses(case: str, wire: Wire, dana: TelegramPerson) -> None:
    params, words = BAD_TEXTS[case]

    assert await wire.description("sendMessage", chat_id=dana.chat_id, **params) == f"Bad Request: {words}"
    assert [message for message in dana.messages() if not message.mine] == []


async def test_what_is_just_within_the_limits_passes(wire: Wire, dana: TelegramPerson) -> None:
    text = "<b>" + "😀" * 4096 + "</b>"
    markup = {"inline_keyboard": [[{"text": "b", "callback_data": "д" * 32}] * 8] * 12}

    answer = await wire.call("sendMessage", chat_id=dana.chat_id, text=text, parse_mode="HTML", reply_markup=markup)

    result = answer["result"]
    assert isinstance(result, dict)
    assert result["entities"] == [{"type": "bold", "offset": 0, "length": 8192}]
    assert len(result["text"]) == 4096


async def test_hidden_characters_are_cleaned_before_the_text_is_kept(wire: Wire, dana: TelegramPerson) -> None:
    answer = await wire.call(
        "sendMessage", chat_id=dana.chat_id, text="  a\r\n<b>\u202eb</b>\x07c  ", parse_mode="HTML"
    )

    result = answer["result"]
    assert isinstance(result, dict)
    assert result["text"] == "a\nb c"
    assert result["entities"] == [{"type": "bold", "offset": 2, "length": 1}]


async def test_who_cannot_be_written_to(wire: Wire, world: TelegramWorld, dana: TelegramPerson) -> None:
    stranger, gone = world.person("stranger"), world.person("gone")
    await gone.start()
    await gone.deactivate()
    await dana.block()

    for chat, code, words in (
        (123, 400, "Bad Request: chat not found"),
        ("@nobody", 400, "Bad Request: chat not found"),
        ("", 400, "Bad Request: chat_id is empty"),
        (stranger.chat_id, 403, "Forbidden: bot can't initiate conversation with a user"),
        (gone.chat_id, 403, "Forbidden: user is deactivated"),
        (dana.chat_id, 403, "Forbidden: bot was blocked by the user"),
    ):
        answer = await wire.call("sendMessage", chat_id=chat, text="Hi")
        assert (answer["error_code"], answer["description"]) == (code, words)


async def test_edits_are_refused_for_their_reasons(wire: Wire, world: TelegramWorld, dana: TelegramPerson) -> None:
    sent = await wire.call("sendMessage", chat_id=dana.chat_id, text="One", reply_markup=inline(callback_data="x"))
    result = sent["result"]
    assert isinstance(result, dict)
    place = {"chat_id": dana.chat_id, "message_id": result["message_id"]}
    mine = {"chat_id": dana.chat_id, "message_id": dana.messages()[0].id}

    for method, params, words in (
        ("editMessageText", {**place, "text": "One", "reply_markup": inline(callback_data="x")}, NOT_MODIFIED),
        ("editMessageReplyMarkup", {**place, "reply_markup": inline(callback_data="x")}, NOT_MODIFIED),
        ("editMessageText", {**place, "text": "x" * 4097}, "MESSAGE_TOO_LONG"),
        ("editMessageText", {**place, "message_id": 999, "text": "a"}, "message to edit not found"),
        ("editMessageText", {"chat_id": dana.chat_id, "text": "a"}, "message identifier is not specified"),
        ("editMessageText", {**mine, "text": "a"}, "message can't be edited"),
        ("editMessageText", {**place, "text": "a", "reply_markup": {"keyboard": [["a"]]}}, "inline keyboard expected"),
        ("editMessageCaption", {**place, "caption": "a"}, "there is no caption in the message to edit"),
        ("deleteMessage", {**place, "message_id": 999}, "message to delete not found"),
        (
            "deleteMessages",
            {"chat_id": dana.chat_id, "message_ids": [1] * 101},
            "too many message identifiers specified",
        ),
    ):
        assert await wire.description(method, **params) == f"Bad Request: {words}"
    world.clock.turn(timedelta(hours=49))
    assert await wire.description("deleteMessage", **place) == "Bad Request: message can't be deleted for everyone"


async def test_a_press_is_answered_once_and_in_time(wire: Wire, world: TelegramWorld, dana: TelegramPerson) -> None:
    await wire.call("sendMessage", chat_id=dana.chat_id, text="One", reply_markup=inline(callback_data="x"))
    await dana.tap_label("b")
    await dana.tap_label("b")
    first, second = (update["callback_query"]["id"] for update in list(world.updates())[-2:])  # type: ignore[index, call-overload]  # JSON
    too_late = "Bad Request: query is too old and response timeout expired or query ID is invalid"

    assert await wire.description("answerCallbackQuery", callback_query_id=first, text="x" * 201) == (
        "Bad Request: MESSAGE_TOO_LONG"
    )
    assert await wire.description("answerCallbackQuery", callback_query_id=first, text="x" * 200) == "accepted"
    assert await wire.description("answerCallbackQuery", callback_query_id=first) == too_late
    world.clock.turn(timedelta(seconds=151))
    assert await wire.description("answerCallbackQuery", callback_query_id=second) == too_late
    assert await wire.description("answerCallbackQuery", callback_query_id="1") == too_late


async def test_files_are_refused_for_their_reasons(wire: Wire, dana: TelegramPerson) -> None:
    form = aiohttp.FormData({"chat_id": str(dana.chat_id)})
    form.add_field("document", PIXEL, filename="a.png")
    url = f"{wire.world.url}/bot{wire.world.token}/sendDocument"
    async with wire.session.post(url, data=form) as response:
        document = (await response.json())["result"]["document"]["file_id"]

    for method, params, words in (
        ("sendPhoto", {}, "there is no photo in the request"),
        ("sendPhoto", {"photo": "AgACunknown"}, "wrong remote file identifier specified: Wrong string length"),
        ("sendPhoto", {"photo": document}, "can't use file of type Document as Photo"),
        ("sendPhoto", {"photo": "http://localhost/a.png"}, "wrong HTTP URL specified"),
        ("sendPhoto", {"photo": "https://a.example/a.png", "caption": "x" * 1025}, "message caption is too long"),
        ("getFile", {"file_id": "nothing"}, "invalid file_id"),
        ("sendChatAction", {"action": "dancing"}, "wrong parameter action in request"),
    ):
        assert await wire.description(method, chat_id=dana.chat_id, **params) == f"Bad Request: {words}"
    for content, words in ((b"no picture", "IMAGE_PROCESS_FAILED"), (b"", "file must be non-empty")):
        form = aiohttp.FormData({"chat_id": str(dana.chat_id)})
        form.add_field("photo", content, filename="a.png")
        async with wire.session.post(f"{wire.world.url}/bot{wire.world.token}/sendPhoto", data=form) as response:
            assert (await response.json())["description"] == f"Bad Request: {words}"


async def test_commands_are_checked(wire: Wire, dana: TelegramPerson) -> None:
    for params, words in (
        ({"commands": [{"command": "Help!", "description": "x"}]}, "BOT_COMMAND_INVALID"),
        ({"commands": [{"command": "help", "description": ""}]}, "command description must not be empty"),
        ({"commands": [{"command": "help", "description": "x"}] * 101}, "BOT_COMMANDS_TOO_MUCH"),
        ({"commands": [], "language_code": "pt-br"}, "invalid language code specified"),
        (
            {"commands": [], "scope": {"type": "chat_administrators", "chat_id": dana.chat_id}},
            "can't use specified scope in private chats",
        ),
    ):
        assert await wire.description("setMyCommands", **params) == f"Bad Request: {words}"


async def test_an_unknown_method_and_a_wrong_token(wire: Wire, world: TelegramWorld) -> None:
    assert await wire.call("sendTelepathy") == {
        "ok": False,
        "error_code": 404,
        "description": "Not Found: method not found",
    }
    async with wire.session.post(f"{world.url}/bot1:wrong/getMe") as response:
        assert (response.status, (await response.json())["description"]) == (401, "Unauthorized")
    async with wire.session.get(f"{world.url}/nowhere") as response:
        assert (response.status, (await response.json())["description"]) == (404, "Not Found")


async def test_parameters_read_the_same_however_they_come(
    wire: Wire, world: TelegramWorld, dana: TelegramPerson
) -> None:
    url = f"{world.url}/bot{world.token}/sendMessage"
    markup = '{"inline_keyboard": [[{"text": "b", "callback_data": "x"}]]}'
    values = {"chat_id": str(dana.chat_id), "text": "Hi", "reply_markup": markup}

    async with wire.session.get(url, params=values) as response:
        assert response.status == 200
    async with wire.session.post(url, data=values) as response:
        assert response.status == 200
    async with wire.session.post(url, data=aiohttp.FormData(values, default_to_multipart=True)) as response:
        assert response.status == 200
    assert [len(message.rows) for message in dana.messages() if not message.mine] == [1, 1, 1]
