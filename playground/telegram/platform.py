"""Telegram itself, as far as a bot can tell: who exists, what was said, who is told about it."""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from playground.clock import Clock
from playground.faults import Faults
from playground.telegram.chats import Chat, Membership, Message, User, inaccessible, member_json
from playground.telegram.entities import PLAIN, Formatted
from playground.telegram.files import Shelf, Stored
from playground.telegram.flood import Flood
from playground.telegram.keyboards import Keyboard
from playground.telegram.updates import Waiting
from playground.telegram.wire import Json, JsonValue, Params, Refusal, flooded

TYPING_LASTS = timedelta(seconds=5)
"""Bot API: sendChatAction."""
ANSWERABLE = timedelta(seconds=150)
"""How long a callback query may be answered. Telegram publishes no figure; this is how long it keeps the update."""


@dataclass(slots=True)
class Press:
    """A button somebody pressed, waiting for its one answer."""

    user: User
    at: datetime
    answered: bool = False


class Telegram:
    """State and happenings. Everything here is synchronous: between two awaits nobody sees half of a change."""

    def __init__(
        self, clock: Clock, faults: Faults, flood: Flood, bot: User, token: str, *, reads_groups: bool
    ) -> None:
        self.clock, self.faults, self.flood, self.bot, self.token = clock, faults, flood, bot, token
        self.reads_groups = reads_groups
        self.users: dict[int, User] = {bot.id: bot}
        self.chats: dict[int, Chat] = {}
        self.groups: dict[int, Chat] = {}
        """Those of `chats` that are no private ones."""
        self.shelf = Shelf()
        self.waiting = Waiting(clock, faults)
        self.presses: dict[str, Press] = {}
        self.toasts: dict[int, str] = {}
        self.commands: dict[tuple[str, str], tuple[tuple[str, str], ...]] = {}
        """By (scope, language); a scope is its type, with the chat and user it names."""
        self.words_of_bot: dict[tuple[str, str], str] = {}
        """name, description and short_description by language."""
        self.menu_buttons: dict[int, Json] = {}
        """By chat; 0 is the default for all."""
        self.media_url: Callable[[Stored], str] = lambda stored: stored.url
        self._listeners: dict[int, list[Callable[[], None]]] = {}
        self._next_message = 1
        self._order = 0
        self._next_press = 4_000_000_001
        self._timers: set[asyncio.TimerHandle] = set()

    # Who is told

    def listen(self, user_id: int, listener: Callable[[], None]) -> None:
        self._listeners.setdefault(user_id, []).append(listener)

    def changed(self, chat: Chat) -> None:
        """Something on the screens of this chat's people looks different now."""
        for user_id in chat.members:
            for listener in tuple(self._listeners.get(user_id, ())):
                listener()

    def toast(self, user_id: int, words: str) -> None:
        if self.toasts.get(user_id, "") != words:
            self.toasts[user_id] = words
            for listener in tuple(self._listeners.get(user_id, ())):
                listener()

    def redraw_all(self) -> None:
        """Tell everybody to look again: the menu of commands changed."""
        for listeners in self._listeners.values():
            for listener in tuple(listeners):
                listener()

    def tell_bot(self, kind: str, payload: Json, chat: Chat, at: datetime) -> None:
        lane = f"member:{chat.id}" if kind == "my_chat_member" else str(chat.id)
        self.waiting.push(kind, payload, chat=chat.id, lane=lane, at=at)

    # What happens

    def new_id(self, chat: Chat) -> int:
        if chat.kind == "supergroup":
            chat.next_id += 1
            return chat.next_id - 1
        self._next_message += 1
        return self._next_message - 1

    def post(
        self,
        chat: Chat,
        sender: User,
        words: Formatted = PLAIN,
        *,
        media: Stored | None = None,
        keyboard: Keyboard | None = None,
        reply_to: Message | None = None,
        service: Mapping[str, JsonValue] | None = None,
        notice: str = "",
        album: str = "",
    ) -> Message:
        """Put a message into a chat; the bot is told unless it wrote it or may not read it."""
        now = self.clock.now()
        shown_keyboard = keyboard if keyboard is not None and keyboard.kind == "inline" else None
        message = Message(self.new_id(chat), chat, sender, now, words, media, shown_keyboard, reply_to)
        message.service, message.notice, message.album = service or {}, notice, album
        self._order += 1
        message.order = self._order
        chat.messages[message.id] = message
        if sender is self.bot:
            chat.typing_until = None
            if keyboard is not None and keyboard.kind == "reply":
                self.hide_keyboard(chat)
                message.keyboard, chat.keyboard = keyboard, message
            elif keyboard is not None and keyboard.kind == "remove":
                self.hide_keyboard(chat)
        elif self.bot_reads(message):
            self.tell_bot("message", message.json(), chat, now)
        self.changed(chat)
        return message

    def hide_keyboard(self, chat: Chat) -> None:
        """Take away the keyboard that stands instead of the letters."""
        if chat.keyboard is not None:
            chat.keyboard.keyboard = None
            chat.keyboard.shown.clear()
            chat.keyboard = None

    def bot_reads(self, message: Message) -> bool:
        """In groups a bot in privacy mode hears commands, replies to it, mentions of it and service messages."""
        chat = message.chat
        if chat.kind == "private":
            return not chat.blocked
        if not chat.is_in(self.bot.id):
            return False
        if self.reads_groups or message.service or chat.members[self.bot.id] == "administrator":
            return True
        words = message.words.text
        if message.reply_to is not None and message.reply_to.sender is self.bot:
            return True
        mine = f"@{self.bot.username}".lower()
        if words.startswith("/"):
            command = words.split(maxsplit=1)[0].lower()
            return "@" not in command or command.endswith(mine)
        return mine in words.lower()

    def press(self, user: User, chat: Chat, message_id: int, data: str) -> str:
        """Somebody pressed a button carrying `data`; returns the callback query's id."""
        now = self.clock.now()
        if len(self.presses) > 1000:
            self.presses = {key: press for key, press in self.presses.items() if now - press.at <= ANSWERABLE}
        self._next_press += 1
        query_id = str(self._next_press)
        self.presses[query_id] = Press(user, now)
        message = chat.messages.get(message_id)
        payload: Json = {
            "id": query_id,
            "from": user.json(),
            "message": message.json() if message else inaccessible(chat, message_id),
            "chat_instance": str(abs(chat.id) * 7 + 1),
            "data": data,
        }
        self.waiting.push("callback_query", payload, chat=chat.id, lane=f"press:{user.id}", at=now)
        return query_id

    def bot_status(self, chat: Chat, status: Membership, by: User, old: Membership | None = None) -> None:
        """The bot's place in a chat changes, and the bot is told (my_chat_member)."""
        before = old or chat.members.get(self.bot.id, "left")
        if chat.kind != "private":
            chat.members[self.bot.id] = status
        now = self.clock.now()
        payload: Json = {
            "chat": chat.json(),
            "from": by.json(),
            "date": int(now.timestamp()),
            "old_chat_member": member_json(self.bot, before),
            "new_chat_member": member_json(self.bot, status),
        }
        self.tell_bot("my_chat_member", payload, chat, now)
        self.changed(chat)

    def start_typing(self, chat: Chat) -> None:
        chat.typing_until = self.clock.now() + TYPING_LASTS
        self.changed(chat)

        def look_again() -> None:
            self._timers.discard(timer)
            self.changed(chat)

        timer = asyncio.get_running_loop().call_later(TYPING_LASTS.total_seconds() + 0.05, look_again)
        self._timers.add(timer)

    def stop(self) -> None:
        for timer in self._timers:
            timer.cancel()
        self._timers.clear()
        self.waiting.release()

    # What the Bot API looks up

    def chat_for(self, params: Params, name: str = "chat_id") -> Chat:
        """The chat a request names. Raises Refusal when there is no such chat."""
        words = params.text(name).strip()
        if not words:
            raise Refusal(f"{name} is empty")
        try:
            chat = self.chats.get(int(words))
        except ValueError:
            chat = None
        if chat is None:
            raise Refusal("chat not found")
        return chat

    def writable(self, chat: Chat) -> Chat:
        """The chat, when the bot may write there; else the refusal Telegram gives."""
        if chat.migrated_to is not None:
            raise Refusal("group chat was upgraded to a supergroup chat", migrate_to=chat.migrated_to.id)
        if chat.partner is not None:
            if chat.partner.deactivated:
                raise Refusal("user is deactivated", 403)
            if chat.blocked:
                raise Refusal("bot was blocked by the user", 403)
            if not chat.started:
                raise Refusal("bot can't initiate conversation with a user", 403)
            return chat
        kind = "group" if chat.kind == "group" else "supergroup"
        status = chat.members.get(self.bot.id)
        if status is None:
            raise Refusal("chat not found")
        if status == "kicked":
            raise Refusal(f"bot was kicked from the {kind} chat", 403)
        if status == "left":
            raise Refusal(f"bot is not a member of the {kind} chat", 403)
        return chat

    def paced(self, chat: Chat, count: int = 1, *, paid: bool = False) -> None:
        """Count messages against flood control. Raises Refusal (429) when it is too much."""
        for _ in range(count):
            seconds = self.flood.take(chat.id, paid=paid)
            if seconds:
                raise flooded(seconds)

    def press_for(self, query_id: str) -> Press:
        """A press that still waits for its answer. Raises Refusal for an unknown, late or answered one."""
        press = self.presses.get(query_id)
        if press is None or press.answered or self.clock.now() - press.at > ANSWERABLE:
            raise Refusal("query is too old and response timeout expired or query ID is invalid")
        return press
