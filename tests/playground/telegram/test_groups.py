"""Groups: joined, left, upgraded; what the bot hears there and when it may speak."""

import pytest
from telegram import Bot, InlineKeyboardButton, InlineKeyboardMarkup, KeyboardButton, ReplyKeyboardMarkup, Update
from telegram.error import BadRequest, ChatMigrated, Forbidden

from playground.telegram import TelegramPerson, TelegramWorld

BUTTON = InlineKeyboardMarkup([[InlineKeyboardButton("Done", callback_data="x")]])


def kinds(updates: tuple[Update, ...]) -> list[str]:
    """Each update in a word or two."""
    words = []
    for update in updates:
        if update.my_chat_member:
            words.append(f"bot is {update.my_chat_member.new_chat_member.status}")
        elif update.callback_query:
            words.append("press")
        elif update.message:
            message = update.message
            service = ("group_chat_created", "new_chat_members", "left_chat_member", "migrate_to_chat_id")
            found = [name for name in (*service, "migrate_from_chat_id") if getattr(message, name)]
            words.append(found[0] if found else message.text or "?")
    return words


async def test_the_bot_is_told_of_its_coming_and_going(bot: Bot, world: TelegramWorld, dana: TelegramPerson) -> None:
    group = await dana.create_group("Acme", [world.person("bob")], with_bot=False)
    await dana.add_bot(group, payload="grp")
    await dana.promote_bot(group)
    await dana.remove_bot(group)

    assert kinds(await bot.get_updates()) == [
        "bot is member",
        "new_chat_members",
        "/start@client_hub_bot grp",
        "bot is administrator",
        "left_chat_member",
        "bot is kicked",
    ]
    with pytest.raises(Forbidden, match="bot was kicked from the group chat"):
        await bot.send_message(group, "Hello?")


async def test_a_bot_that_left_is_no_member(bot: Bot, dana: TelegramPerson) -> None:
    group = await dana.create_group("Acme")

    assert await bot.leave_chat(group)

    with pytest.raises(Forbidden, match="bot is not a member of the group chat"):
        await bot.send_message(group, "Hello?")


async def test_a_group_never_joined_is_not_found(bot: Bot, dana: TelegramPerson) -> None:
    group = await dana.create_group("Acme", with_bot=False)

    with pytest.raises(BadRequest, match="Chat not found"):
        await bot.send_message(group, "Hello?")


async def test_in_privacy_mode_the_bot_hears_only_what_concerns_it(bot: Bot, dana: TelegramPerson) -> None:
    group = await dana.create_group("Acme")
    asked = await bot.send_message(group, "How many?")
    await bot.get_updates(offset=(await bot.get_updates())[-1].update_id + 1)

    await dana.say("just among us", group)
    await dana.say("/help", group)
    await dana.say("/help@another_bot", group)
    await dana.say("@client_hub_bot hello", group)
    await dana.say("Five", group, reply_to=str(asked.message_id))

    assert kinds(await bot.get_updates()) == ["/help", "@client_hub_bot hello", "Five"]


async def test_everybody_in_a_group_sees_the_same_card_and_may_tap(
    bot: Bot, world: TelegramWorld, dana: TelegramPerson
) -> None:
    bob = world.person("bob", "Bob Stone")
    group = await dana.create_group("Acme", [bob])
    await bot.send_message(group, "Shared", reply_markup=BUTTON)

    await dana.tap_label("Done", group)
    await bob.tap_label("Done", group)

    pressed = [
        update.callback_query.from_user.first_name for update in await bot.get_updates() if update.callback_query
    ]
    assert pressed == ["Dana", "Bob"]
    assert (await bob.sees("Shared")).id == (await dana.sees("Shared")).id


async def test_an_upgraded_group_answers_with_its_new_id(bot: Bot, dana: TelegramPerson) -> None:
    group = await dana.create_group("Acme")
    sent = await bot.send_message(group, "Card", reply_markup=BUTTON)
    await bot.get_updates(offset=(await bot.get_updates())[-1].update_id + 1)

    new = await dana.upgrade_group(group)

    updates = await bot.get_updates()
    assert kinds(updates) == ["migrate_to_chat_id", "migrate_from_chat_id"]
    for attempt in (bot.send_message(group, "Hi"), bot.edit_message_text("Hi", group, sent.message_id)):
        with pytest.raises(ChatMigrated) as moved:
            await attempt
        assert str(moved.value.new_chat_id) == new
    fresh = await bot.send_message(new, "Card again", reply_markup=BUTTON)
    assert fresh.chat.type == "supergroup"
    assert [message.text for message in dana.messages(new)][-1] == "Card again"
    assert "Card" in [message.text for message in dana.messages(new)]


async def test_a_button_from_before_the_upgrade_still_speaks(bot: Bot, dana: TelegramPerson) -> None:
    group = await dana.create_group("Acme")
    await bot.send_message(group, "Card", reply_markup=BUTTON)
    new = await dana.upgrade_group(group)

    await dana.tap_label("Done", new)

    query = (await bot.get_updates())[-1].callback_query
    assert query is not None
    assert query.message is not None
    assert str(query.message.chat.id) == group


async def test_members_are_known_by_their_place(bot: Bot, world: TelegramWorld, dana: TelegramPerson) -> None:
    bob = world.person("bob")
    group = await dana.create_group("Acme")
    await dana.add_member(group, bob)
    await bob.leave(group)

    assert (await bot.get_chat_member(group, dana.chat_id)).status == "creator"
    assert (await bot.get_chat_member(group, bob.chat_id)).status == "left"
    assert (await bot.get_chat_member(group, world.bot.id)).status == "member"
    assert await bot.get_chat_member_count(group) == 2
    assert [conversation.kind for conversation in bob.view().conversations] == ["private"]


async def test_pinning_needs_rights_in_a_group_only(bot: Bot, dana: TelegramPerson) -> None:
    group = await dana.create_group("Acme")
    there, here = await bot.send_message(group, "a"), await bot.send_message(dana.chat_id, "b")

    assert await bot.pin_chat_message(dana.chat_id, here.message_id)
    with pytest.raises(BadRequest, match="Not enough rights to manage pinned messages in the chat"):
        await bot.pin_chat_message(group, there.message_id)
    await dana.promote_bot(group)
    assert await bot.pin_chat_message(group, there.message_id)
    assert (await bot.get_chat(dana.chat_id)).pinned_message == here


async def test_a_phone_number_is_asked_for_in_private_only(bot: Bot, dana: TelegramPerson) -> None:
    group = await dana.create_group("Acme")
    keyboard = ReplyKeyboardMarkup([[KeyboardButton("My number", request_contact=True)]])

    with pytest.raises(BadRequest, match="Phone number can be requested in private chats only"):
        await bot.send_message(group, "?", reply_markup=keyboard)
