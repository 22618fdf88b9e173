"""What happens to groups: made, joined, left, given to the bot, upgraded; with the service messages bots live by."""

from collections.abc import Iterable

from playground.telegram.chats import Chat, User
from playground.telegram.platform import Telegram

FIRST_GROUP = -4_000_000_001
FIRST_SUPERGROUP = -1_001_000_000_001


def _add(telegram: Telegram, chat: Chat) -> Chat:
    telegram.chats[chat.id] = telegram.groups[chat.id] = chat
    return chat


def create(telegram: Telegram, title: str, creator: User, members: Iterable[User], *, with_bot: bool) -> Chat:
    """A new basic group. With the bot in it, the bot is told of its place and of the group's birth."""
    chat = _add(telegram, Chat(FIRST_GROUP - len(telegram.groups), "group", title))
    chat.members[creator.id] = "creator"
    for member in members:
        chat.members.setdefault(member.id, "member")
    if with_bot:
        telegram.bot_status(chat, "member", creator)
    telegram.post(chat, creator, service={"group_chat_created": True}, notice=f"created the group “{title}”")
    return chat


def add_bot(telegram: Telegram, chat: Chat, by: User) -> None:
    telegram.bot_status(chat, "member", by)
    service = {"new_chat_members": [telegram.bot.json()]}
    telegram.post(chat, by, service=service, notice=f"added {telegram.bot.name}")


def remove_bot(telegram: Telegram, chat: Chat, by: User) -> None:
    """The bot hears of its removal, and the farewell message too; after that nothing from this chat."""
    telegram.post(chat, by, service={"left_chat_member": telegram.bot.json()}, notice=f"removed {telegram.bot.name}")
    telegram.bot_status(chat, "kicked", by)


def add_member(telegram: Telegram, chat: Chat, user: User, by: User) -> None:
    chat.members[user.id] = "member"
    telegram.post(chat, by, service={"new_chat_members": [user.json()]}, notice=f"added {user.name}")


def remove_member(telegram: Telegram, chat: Chat, user: User, by: User) -> None:
    words = "left the group" if user is by else f"removed {user.name}"
    telegram.post(chat, by, service={"left_chat_member": user.json()}, notice=words)
    chat.members[user.id] = "left" if user is by else "kicked"
    telegram.changed(chat)


def upgrade(telegram: Telegram, chat: Chat, by: User) -> Chat:
    """The group becomes a supergroup with a new id; the old id only answers where to."""
    if chat.kind != "group" or chat.migrated_to is not None:
        raise LookupError(f"{chat.title} is no basic group any more")
    successor = Chat(FIRST_SUPERGROUP - len(telegram.groups), "supergroup", chat.title, dict(chat.members))
    successor.migrated_from = chat
    _add(telegram, successor)
    telegram.post(chat, by, service={"migrate_to_chat_id": successor.id}, notice="upgraded the group to a supergroup")
    chat.migrated_to = successor
    for message in chat.messages.values():
        message.shown.clear()
    telegram.post(successor, by, service={"migrate_from_chat_id": chat.id}, notice="This group is a supergroup now")
    return successor
