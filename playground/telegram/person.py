"""A person at Telegram: what they can do with their hands; the page and the stories use the same."""

import asyncio
from collections.abc import Iterable

from playground.telegram import groups
from playground.telegram.chats import Chat, Message, User
from playground.telegram.entities import TEXT_LIMIT, Formatted
from playground.telegram.files import Kind
from playground.telegram.keyboards import Button
from playground.telegram.links import start_link
from playground.telegram.onlooker import Onlooker
from playground.telegram.platform import Telegram
from playground.telegram.wire import Json
from playground.telegram.wording import said
from playground.views import PATIENCE


class TelegramPerson(Onlooker):
    """Implements `playground.views.Seat`. Messages and buttons are named by the ids of the view.

    Hands raise LookupError for what is not on the screen and RuntimeError for what the app would not let one do.
    """

    def __init__(self, telegram: Telegram, key: str, user: User) -> None:
        super().__init__(telegram, key, user)
        self.opened: list[str] = []
        """Addresses of the link buttons pressed that led out of Telegram."""

    async def say(self, text: str, conversation: str | None = None, reply_to: str | None = None) -> None:
        """Write; more than 4096 characters go as several messages, as Telegram's apps send them."""
        chat = self._writable(conversation)
        replied = None
        if reply_to is not None:
            replied = self._message(chat, reply_to)
        for start in range(0, max(len(text), 1), TEXT_LIMIT):
            words = said(text[start : start + TEXT_LIMIT])
            if words.text:
                self._post(chat, words, reply_to=replied)
        await asyncio.sleep(0)

    async def tap(self, message: str, button: str, value: str = "", conversation: str | None = None) -> None:  # noqa: ARG002 - Seat
        """Press a button by its id in the view. `value` is for Slack's menus and means nothing here."""
        chat = self._chat(conversation)
        await self._press(chat, self._message(chat, message), button)

    async def tap_label(self, label: str, conversation: str | None = None, within: float = PATIENCE) -> None:
        """Press the newest visible button with this label, in any conversation unless one is named.

        Signs around the words (✅ Done) need not be repeated. Waits up to `within` real seconds for it to appear
        (0: it must be there now).
        """
        found = await self.until(lambda: self._labelled(label, conversation), within)
        if found is None:
            labels = [
                button.text
                for _, message in self._newest_first(conversation)
                for row in (message.keyboard.rows if message.keyboard else ())
                for button in row
            ]
            raise LookupError(f"{self.user.name} sees no button {label!r}, only {labels}:\n{self.screen()}")
        chat, message, button = found
        await self._press(chat, message, button)

    async def forge_tap(self, message_id: str | int, data: str, conversation: str | None = None) -> None:
        """What a tampered app can do: press a button that never was, or is long gone, with any data."""
        chat = self._chat(conversation)
        self._telegram.press(self.user, chat, int(message_id), data)
        await asyncio.sleep(0)

    async def share(
        self, name: str, content: bytes, mime: str, conversation: str | None = None, words: str = ""
    ) -> None:
        chat = self._writable(conversation)
        kind: Kind = "document"
        if mime.startswith("image/") and mime != "image/gif":
            kind = "photo"
        elif mime.startswith("audio/ogg"):
            kind = "voice"
        elif mime.startswith(("video/", "audio/")):
            kind = "video" if mime.startswith("video/") else "audio"
        stored = self._telegram.shelf.put(kind, name, mime, content)
        self._started(chat)
        self._telegram.post(chat, self.user, said(words), media=stored)
        await asyncio.sleep(0)

    async def share_contact(
        self, phone: str = "+15550100", of: "TelegramPerson | None" = None, conversation: str | None = None
    ) -> None:
        """Send a contact card: one's own, or `of` somebody else."""
        owner = of.user if of else self.user
        chat = self._writable(conversation)
        card: Json = {"phone_number": phone, "first_name": owner.first_name, "user_id": owner.id}
        self._started(chat)
        self._telegram.post(chat, self.user, service={"contact": card}, notice=f"Contact: {owner.name} {phone}")
        await asyncio.sleep(0)

    async def edit(self, message: str, text: str, conversation: str | None = None) -> None:
        """Change one's own message; the bot gets edited_message."""
        chat = self._writable(conversation)
        mine = self._message(chat, message)
        if mine.sender is not self.user:
            raise RuntimeError("only one's own messages can be edited")
        mine.words, mine.edited = said(text), self._telegram.clock.now()
        mine.shown.clear()
        if self._telegram.bot_reads(mine):
            self._telegram.tell_bot("edited_message", mine.json(), chat, mine.edited)
        self._telegram.changed(chat)
        await asyncio.sleep(0)

    async def delete(self, message: str, conversation: str | None = None) -> None:
        """Remove a message for everybody; bots are not told."""
        chat = self._chat(conversation)
        gone = self._message(chat, message)
        del gone.chat.messages[gone.id]
        self._telegram.changed(chat)

    async def start(self, payload: str = "") -> None:
        """Press Start, also in a chat that exists, or Restart in one that is blocked."""
        chat = self._chat(None)
        if chat.blocked:
            await self.unblock()
        self._post(chat, said(f"/start {payload}".strip()))
        await asyncio.sleep(0)

    async def open_link(self, url: str) -> None:
        """Follow https://t.me/<bot>?start=… and press Start there."""
        found = start_link(url)
        if found is None or found[0] != self._telegram.bot.username.lower():
            raise LookupError(f"{url} does not lead to @{self._telegram.bot.username}")
        await self.start(found[1])

    async def open_home(self) -> None:
        await self.start()

    async def submit_modal(self, values: dict[str, str], button: str = "") -> None:  # noqa: ARG002 - part of Seat
        raise LookupError("Telegram has no modal windows")

    async def close_modal(self) -> None:
        raise LookupError("Telegram has no modal windows")

    async def block(self) -> None:
        chat = self._chat(None)
        if not chat.blocked:
            chat.blocked = True
            self._telegram.bot_status(chat, "kicked", self.user, old="member")
        await asyncio.sleep(0)

    async def unblock(self) -> None:
        chat = self._chat(None)
        if chat.blocked:
            chat.blocked = False
            self._telegram.bot_status(chat, "member", self.user, old="kicked")
        await asyncio.sleep(0)

    async def deactivate(self) -> None:
        """Delete the account: the bot can never write again, and is not told."""
        self.user.deactivated = True

    # Groups

    async def create_group(self, title: str, members: "Iterable[TelegramPerson]" = (), *, with_bot: bool = True) -> str:
        """Make a group; returns its conversation id."""
        users = [member.user for member in members]
        return str(groups.create(self._telegram, title, self.user, users, with_bot=with_bot).id)

    async def add_bot(self, conversation: str, payload: str = "") -> None:
        """Add the bot; with `payload` as t.me/<bot>?startgroup=<payload> does."""
        chat = self._chat(conversation)
        groups.add_bot(self._telegram, chat, self.user)
        if payload:
            self._telegram.post(chat, self.user, said(f"/start@{self._telegram.bot.username} {payload}"))

    async def remove_bot(self, conversation: str) -> None:
        groups.remove_bot(self._telegram, self._chat(conversation), self.user)

    async def promote_bot(self, conversation: str) -> None:
        """Make the bot an administrator: it reads everything from then on."""
        self._telegram.bot_status(self._chat(conversation), "administrator", self.user)

    async def add_member(self, conversation: str, person: "TelegramPerson") -> None:
        groups.add_member(self._telegram, self._chat(conversation), person.user, self.user)

    async def remove_member(self, conversation: str, person: "TelegramPerson") -> None:
        groups.remove_member(self._telegram, self._chat(conversation), person.user, self.user)

    async def leave(self, conversation: str) -> None:
        groups.remove_member(self._telegram, self._chat(conversation), self.user, self.user)

    async def upgrade_group(self, conversation: str) -> str:
        """Make the group a supergroup; returns the new conversation id."""
        return str(groups.upgrade(self._telegram, self._chat(conversation), self.user).id)

    # Inside

    def _writable(self, conversation: str | None) -> Chat:
        chat = self._chat(conversation)
        if chat.blocked:
            raise RuntimeError(f"{self.user.name} has blocked the bot and must unblock it to write")
        self._telegram.toast(self.user.id, "")
        return chat

    def _started(self, chat: Chat) -> None:
        if chat.kind == "private":
            chat.started = True

    def _post(self, chat: Chat, words: Formatted, reply_to: Message | None = None) -> None:
        self._started(chat)
        self._telegram.post(chat, self.user, words, reply_to=reply_to)

    async def _press(self, chat: Chat, message: Message, key: str) -> None:
        button = _button(message, key)
        if button is None or message.keyboard is None:
            raise LookupError(f"{self.user.name} sees no button {key} on message {message.id}:\n{self.screen()}")
        self._telegram.toast(self.user.id, "")
        if message.keyboard.kind == "reply":
            await self._press_letters(chat, button, one_time=message.keyboard.one_time)
        elif button.kind == "callback_data":
            self._telegram.press(self.user, message.chat, message.id, button.value)
        elif button.kind == "url" and (link := start_link(button.value)):
            if link[0] == self._telegram.bot.username.lower():
                await self.start(link[1])
        else:
            self.opened.append(button.value)
        await asyncio.sleep(0)

    async def _press_letters(self, chat: Chat, button: Button, *, one_time: bool) -> None:
        if one_time:
            self._telegram.hide_keyboard(chat)
        if button.kind == "request_contact":
            await self.share_contact(conversation=str(chat.id))
        else:
            await self.say(button.text, str(chat.id))


def _button(message: Message, key: str) -> Button | None:
    rows = message.keyboard.rows if message.keyboard else ()
    row, _, column = key.partition(":")
    if not (row.isdigit() and column.isdigit()) or int(row) >= len(rows) or int(column) >= len(rows[int(row)]):
        return None
    return rows[int(row)][int(column)]
