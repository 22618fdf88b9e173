"""What a person at Telegram sees: their screen, its changes, and waiting for words; for the page and the stories."""

import asyncio
import heapq
from collections.abc import Callable, Iterator
from typing import TypeVar

from playground.telegram.chats import Chat, Message, User
from playground.telegram.platform import Telegram
from playground.telegram.views import chats_of, find_message, message_view, screen, seat_view
from playground.views import PATIENCE, MessageView, SeatView

Found = TypeVar("Found")


class Onlooker:
    """The eyes of a person. `user` is what Telegram knows of them; its fields may be changed.

    `conversation` is a chat id as text; None means the private chat with the bot where something is written, and
    every conversation where something is looked for.
    """

    def __init__(self, telegram: Telegram, key: str, user: User) -> None:
        self._telegram, self._key, self.user = telegram, key, user
        self._listeners: list[Callable[[], None]] = []
        self._waiters: set[asyncio.Event] = set()
        telegram.listen(user.id, self._changed)

    @property
    def key(self) -> str:
        return f"telegram:{self._key}"

    @property
    def chat_id(self) -> int:
        """The id of the private chat with the bot, which is the person's own."""
        return self.user.id

    def view(self) -> SeatView:
        return seat_view(self._telegram, self._key, self.user)

    def screen(self) -> str:
        """Everything the person sees, as text."""
        return screen(self.view())

    def on_change(self, listener: Callable[[], None]) -> None:
        self._listeners.append(listener)

    def messages(self, conversation: str | None = None) -> tuple[MessageView, ...]:
        """What stands in one conversation, oldest first."""
        chat = self._chat(conversation)
        return next(shown.messages for shown in self.view().conversations if shown.id == str(chat.id))

    def shows(self, words: str, conversation: str | None = None) -> MessageView | None:
        """The newest visible message with these words in it; None when there is none."""
        for chat, message in self._newest_first(conversation):
            if words in message.plain:
                return message_view(self._telegram, chat, message, self.user)
        return None

    async def until(self, look: Callable[[], Found | None], within: float = PATIENCE) -> Found | None:
        """Look after every change until `look` finds something; None after `within` real seconds."""
        event = asyncio.Event()
        self._waiters.add(event)
        try:
            async with asyncio.timeout(within):
                while (found := look()) is None:
                    event.clear()
                    await event.wait()
                return found
        except TimeoutError:
            return look()
        finally:
            self._waiters.discard(event)

    async def sees(self, words: str, within: float = PATIENCE, conversation: str | None = None) -> MessageView:
        """Wait until a message with these words is on the screen. AssertionError shows the screen otherwise."""
        found = await self.until(lambda: self.shows(words, conversation), within)
        if found is None:
            raise AssertionError(f"{self.user.name} does not see {words!r} within {within} s:\n{self.screen()}")
        return found

    async def sees_notice(self, words: str, within: float = PATIENCE) -> str:
        """Wait until the notice a tap was answered with has these words."""
        toasts = self._telegram.toasts

        def look() -> str | None:
            toast = toasts.get(self.user.id, "")
            return toast if words in toast and toast else None

        found = await self.until(look, within)
        if found is None:
            raise AssertionError(f"{self.user.name} gets no notice {words!r} within {within} s:\n{self.screen()}")
        return found

    async def sees_button(self, label: str, within: float = PATIENCE, conversation: str | None = None) -> MessageView:
        """Wait until a button with this label is on the screen; the message it stands under."""
        found = await self.until(lambda: self._labelled(label, conversation), within)
        if found is None:
            raise AssertionError(f"{self.user.name} sees no button {label!r} within {within} s:\n{self.screen()}")
        chat, message, _ = found
        return message_view(self._telegram, chat, message, self.user)

    def _changed(self) -> None:
        for event in self._waiters:
            event.set()
        for listener in tuple(self._listeners):
            listener()

    def _chat(self, conversation: str | None) -> Chat:
        for chat in chats_of(self._telegram, self.user):
            if conversation is None or conversation == str(chat.id):
                return chat
            if chat.migrated_from is not None and conversation == str(chat.migrated_from.id):
                return chat
        raise LookupError(f"{self.user.name} is in no conversation {conversation}")

    def _message(self, chat: Chat, key: str) -> Message:
        message = find_message(chat, key)
        if message is None:
            raise LookupError(f"{self.user.name} sees no message {key}:\n{self.screen()}")
        return message

    def _newest_first(self, conversation: str | None) -> Iterator[tuple[Chat, Message]]:
        chats = chats_of(self._telegram, self.user) if conversation is None else [self._chat(conversation)]
        seen = [_backwards(chat, home) for chat in chats for home in (chat, chat.migrated_from) if home is not None]
        return heapq.merge(*seen, key=lambda pair: -pair[1].order)

    def _labelled(self, label: str, conversation: str | None) -> tuple[Chat, Message, str] | None:
        exact, bare = label.strip(), _bare(label)
        for fits in (lambda text: text == exact, lambda text: bool(bare) and _bare(text) == bare):
            for chat, message in self._newest_first(conversation):
                for r, row in enumerate(message.keyboard.rows if message.keyboard else ()):
                    for c, button in enumerate(row):
                        if fits(button.text):
                            return chat, message, f"{r}:{c}"
        return None


def _backwards(chat: Chat, home: Chat) -> Iterator[tuple[Chat, Message]]:
    """The messages of one chat, newest first; `chat` is where the person finds them."""
    for message in reversed(home.messages.values()):
        yield chat, message


def _bare(label: str) -> str:
    """The label's words without the signs around them, in one case."""
    letters = [index for index, character in enumerate(label) if character.isalnum()]
    return label[letters[0] : letters[-1] + 1].casefold() if letters else ""
