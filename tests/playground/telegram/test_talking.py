"""A person and a bot talk through python-telegram-bot's own client."""

from datetime import timedelta

import pytest
from telegram import (
    Bot,
    BotCommandScopeChat,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    KeyboardButton,
    ReplyKeyboardMarkup,
    Update,
)

from playground.telegram import TelegramPerson, TelegramWorld
from playground.views import Seat


async def updates(bot: Bot, offset: int = 0) -> tuple[Update, ...]:
    return await bot.get_updates(offset=offset, timeout=0, allowed_updates=Update.ALL_TYPES)


def keyboard(*labels: str) -> InlineKeyboardMarkup:
    return InlineKeyboardMarkup([[InlineKeyboardButton(label, callback_data=f"do:{label}")] for label in labels])


async def test_the_bot_knows_itself(bot: Bot, world: TelegramWorld) -> None:
    me = await bot.get_me()

    assert (me.username, me.is_bot) == (world.bot.username, True)


async def test_a_start_link_arrives_as_a_command_with_its_payload(bot: Bot, world: TelegramWorld) -> None:
    ann = world.person("ann", "Ann Lee", language_code="de")

    await ann.open_link(world.start_link("inv-123_x"))

    (update,) = await updates(bot)
    message = update.message
    assert message is not None
    assert message.text == "/start inv-123_x"
    assert message.entities[0].type == "bot_command"
    assert message.from_user is not None
    assert (message.from_user.first_name, message.from_user.language_code) == ("Ann", "de")


async def test_a_start_link_works_in_a_chat_that_exists(bot: Bot, world: TelegramWorld, dana: TelegramPerson) -> None:
    await dana.open_link(f"https://t.me/{world.bot.username.upper()}?start=again")

    assert [update.message.text for update in await updates(bot) if update.message] == ["/start again"]


async def test_the_answer_is_seen_with_its_formatting_made_safe(bot: Bot, dana: TelegramPerson) -> None:
    await bot.send_message(
        dana.chat_id, "<b>Hi</b> &lt;script&gt; <a href='https://a.example/x'>go</a>", parse_mode="HTML"
    )

    seen = await dana.sees("Hi <script> go")
    assert seen.html == (
        '<b>Hi</b> &lt;script&gt; <a href="https://a.example/x" target="_blank" rel="noopener noreferrer">go</a>'
    )
    assert not seen.mine


async def test_a_tap_reaches_the_bot_and_its_answer_reaches_the_person(bot: Bot, dana: TelegramPerson) -> None:
    await bot.send_message(dana.chat_id, "Step 1", reply_markup=keyboard("✅ Done", "Stuck"))

    await dana.tap_label("Done")

    (update,) = await updates(bot)
    query = update.callback_query
    assert query is not None
    assert query.data == "do:✅ Done"
    await query.answer("Well done")
    await query.edit_message_text("Step 2", reply_markup=keyboard("Back"))
    assert await dana.sees_notice("Well done") == "Well done"
    seen = await dana.sees("Step 2")
    assert seen.edited
    assert [[button.label for button in row] for row in seen.rows] == [["Back"]]


async def test_a_label_that_is_not_there_names_those_that_are(bot: Bot, dana: TelegramPerson) -> None:
    await bot.send_message(dana.chat_id, "Step 1", reply_markup=keyboard("Done", "Stuck"))

    with pytest.raises(LookupError, match=r"\['Done', 'Stuck'\]"):
        await dana.tap_label("Skip", within=0)


async def test_words_that_never_come_show_the_screen(bot: Bot, dana: TelegramPerson) -> None:
    await bot.send_message(dana.chat_id, "Something else", reply_markup=keyboard("Done"))

    with pytest.raises(AssertionError, match=r"(?s)Something else.*\[Done\]"):
        await dana.sees("Finished", within=0.01)


async def test_a_forged_tap_carries_any_data_and_a_message_that_is_gone(bot: Bot, dana: TelegramPerson) -> None:
    await dana.forge_tap(987654, "admin:everything")

    (update,) = await updates(bot)
    assert update.callback_query is not None
    assert update.callback_query.data == "admin:everything"
    assert update.callback_query.message is not None
    assert not update.callback_query.message.is_accessible


async def test_a_link_button_is_followed_by_the_app_alone(bot: Bot, dana: TelegramPerson) -> None:
    button = InlineKeyboardButton("Watch", url="https://video.example/1")
    await bot.send_message(dana.chat_id, "Video", reply_markup=InlineKeyboardMarkup([[button]]))

    await dana.tap_label("Watch")

    assert dana.opened == ["https://video.example/1"]
    assert await updates(bot) == ()


async def test_a_reply_keyboard_says_its_words_and_shares_the_contact(bot: Bot, dana: TelegramPerson) -> None:
    rows = [[KeyboardButton("Yes")], [KeyboardButton("My number", request_contact=True)]]
    await bot.send_message(dana.chat_id, "?", reply_markup=ReplyKeyboardMarkup(rows))

    await dana.tap_label("Yes")
    await dana.tap_label("My number")

    said, shared = await updates(bot)
    assert said.message is not None
    assert said.message.text == "Yes"
    assert shared.message is not None
    assert shared.message.contact is not None
    assert shared.message.contact.user_id == dana.chat_id


async def test_long_words_arrive_as_several_messages(bot: Bot, dana: TelegramPerson) -> None:
    await dana.say("x" * 10_000)

    assert [len(update.message.text or "") for update in await updates(bot) if update.message] == [4096, 4096, 1808]


async def test_a_reply_and_an_edit_are_told_apart(bot: Bot, dana: TelegramPerson) -> None:
    question = await bot.send_message(dana.chat_id, "How many?")

    await dana.say("Five", reply_to=str(question.message_id))
    await dana.edit(dana.messages()[-1].id, "Six")

    said, edited = await updates(bot)
    assert said.message is not None
    assert said.message.reply_to_message is not None
    assert said.message.reply_to_message.message_id == question.message_id
    assert edited.edited_message is not None
    assert edited.edited_message.text == "Six"


async def test_typing_shows_until_the_answer_or_five_seconds(
    bot: Bot, world: TelegramWorld, dana: TelegramPerson
) -> None:
    await bot.send_chat_action(dana.chat_id, "typing")
    assert dana.view().conversations[0].typing
    world.clock.turn(timedelta(seconds=5))
    assert not dana.view().conversations[0].typing

    await bot.send_chat_action(dana.chat_id, "typing")
    await bot.send_message(dana.chat_id, "Here")
    assert not dana.view().conversations[0].typing


async def test_a_blocked_bot_is_told_and_start_takes_it_back(bot: Bot, dana: TelegramPerson) -> None:
    await dana.block()
    await dana.start()

    kinds = [
        update.my_chat_member.new_chat_member.status if update.my_chat_member else "said"
        for update in await updates(bot)
    ]
    assert kinds == ["kicked", "member", "said"]


async def test_the_menu_offers_the_narrowest_commands_in_the_persons_language(
    bot: Bot, world: TelegramWorld, dana: TelegramPerson
) -> None:
    await bot.set_my_commands([("help", "Help")])
    await bot.set_my_commands([("help", "Hilfe")], language_code="de")
    olga = world.person("olga", "Olga", language_code="de-at")
    await bot.set_my_commands([("tasks", "Tasks")], scope=BotCommandScopeChat(dana.chat_id))

    assert olga.view().commands == (("help", "Hilfe"),)
    assert dana.view().commands == (("tasks", "Tasks"),)
    assert [command.description for command in await bot.get_my_commands(language_code="de")] == ["Hilfe"]


def test_a_person_sits_at_a_seat(world: TelegramWorld) -> None:
    seat: Seat = world.person("ann", "Ann Lee")

    assert (seat.key, seat.view().name) == ("telegram:ann", "Ann Lee")
