"""Everything the playground's Telegram says has the shape the Bot API documents."""

import json
import os
from collections.abc import Iterator, Mapping
from pathlib import Path

import jsonschema
import pytest
from telegram import Bot, InlineKeyboardButton, InlineKeyboardMarkup, InputMediaPhoto

from playground.telegram import TelegramPerson, TelegramWorld

SPECS = Path(os.environ.get("HUB_SPECS", Path(__file__).parents[4] / "shared" / "specs"))
SCHEMA = SPECS / "telegram-bot-api-10.0.schema.json"
pytestmark = pytest.mark.skipif(not SCHEMA.exists(), reason="the machine-readable Bot API is not beside the repository")
PIXEL = b"\x89PNG\r\n\x1a\n" + b"\0\0\0\rIHDR" + (1).to_bytes(4) * 2 + b"\x08\x06\0\0\0"


class Shapes:
    """The Bot API's types as JSON Schema, closed: a field it does not name is a mistake."""

    def __init__(self) -> None:
        self.schema = json.loads(SCHEMA.read_text())

    def check(self, what: str, value: object) -> None:
        schema = {**self.schema, "$ref": f"#/definitions/{what}"}
        jsonschema.Draft7Validator(schema).validate(value)
        unknown = list(self._unknown(what, value))
        assert unknown == []

    def _unknown(self, what: str, value: object) -> Iterator[str]:
        known = self.schema["definitions"][what].get("properties")
        if isinstance(value, Mapping) and known:
            for name, inner in value.items():
                if name not in known:
                    yield f"{what}.{name}"
                    continue
                target = known[name].get("$ref", "").rpartition("/")[2]
                if target:
                    yield from self._unknown(target, inner)


@pytest.fixture(scope="module")
def shapes() -> Shapes:
    return Shapes()


async def test_updates_and_answers_have_the_documented_shape(
    shapes: Shapes, bot: Bot, world: TelegramWorld, dana: TelegramPerson
) -> None:
    bob = world.person("bob", "Bob Stone", username="bob")
    group = await dana.create_group("Acme", [bob])
    markup = InlineKeyboardMarkup(
        [[InlineKeyboardButton("Done", callback_data="x"), InlineKeyboardButton("Go", url="https://a.example")]]
    )
    text = "<b>a</b> <a href='https://a.example'>b</a> <a href='tg://user?id=5000001'>c</a> <pre>d</pre> /help"
    sent = await bot.send_message(group, text, parse_mode="HTML", reply_markup=markup)
    await bot.edit_message_text("b", group, sent.message_id, reply_markup=markup)
    await bot.send_photo(dana.chat_id, PIXEL, caption="c")
    await bot.send_media_group(dana.chat_id, [InputMediaPhoto(PIXEL), InputMediaPhoto(PIXEL)])
    await bot.send_document(dana.chat_id, b"text", filename="a.txt")
    await bot.send_voice(dana.chat_id, b"ogg")
    await bot.send_animation(dana.chat_id, "https://a.example/a.mp4")
    await bot.copy_message(dana.chat_id, group, sent.message_id)
    await bot.forward_message(dana.chat_id, group, sent.message_id)
    await bot.pin_chat_message(dana.chat_id, int(dana.messages()[-1].id))
    await dana.tap_label("Done", group)
    await dana.forge_tap(123456, "gone")
    await dana.say("/help", group, reply_to=str(sent.message_id))
    await dana.edit(dana.messages(group)[-1].id, "/help more", group)
    await bob.share("a.ogg", b"1", "audio/ogg")
    await bob.share("a.mp4", b"1", "video/mp4")
    await bob.share("a.mp3", b"1", "audio/mpeg")
    await bob.share("a.pdf", b"1", "application/pdf")
    await bob.share("a.jpg", b"1", "image/jpeg", words="x")
    await bob.share_contact()
    await dana.upgrade_group(group)
    await dana.block()

    for update in world.updates():
        shapes.check("Update", update)
    kinds = {name for update in world.updates() for name in update if name != "update_id"}
    assert kinds == {"message", "edited_message", "callback_query", "my_chat_member"}
    for call in world.calls:
        assert call.status == 200
        if isinstance(call.answer, dict) and "chat" in call.answer:
            shapes.check("Message", call.answer)


async def test_what_is_looked_up_has_the_documented_shape(
    shapes: Shapes, bot: Bot, world: TelegramWorld, dana: TelegramPerson
) -> None:
    group = await dana.create_group("Acme")
    await bot.get_me()
    await bot.get_chat(dana.chat_id)
    await bot.get_chat(group)
    await bot.get_chat_member(group, dana.chat_id)
    await dana.promote_bot(group)
    await bot.get_chat_member(group, world.bot.id)
    await bot.get_webhook_info()

    answers = [(call.method, call.answer) for call in world.calls if call.method != "getMe"]
    shapes.check("User", world.calls_of("getMe")[-1].answer)
    for method, answer in answers:
        what = {"getChat": "ChatFullInfo", "getChatMember": "ChatMember", "getWebhookInfo": "WebhookInfo"}[method]
        shapes.check(what, answer)


async def test_every_method_served_is_a_documented_one(shapes: Shapes) -> None:
    from playground.telegram.server import METHODS

    documented = json.loads((SPECS / "telegram-bot-api-10.0.json").read_text())["methods"]

    assert set(METHODS) <= {name.lower() for name in documented}
