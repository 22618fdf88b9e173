"""Guesses whose a 429 is, since Telegram does not say: a chat's own, or the whole bot's."""

import asyncio
from collections import OrderedDict

_TOGETHER = 3
"""So many different chats refused at a time mean the bot."""


class Floods:
    """Remembers which chats were asked to wait. Kept in seconds of the running loop's clock."""

    def __init__(self) -> None:
        self._waiting: OrderedDict[str, float] = OrderedDict()

    def everywhere(self, chat: str, seconds: int) -> bool:
        """Note that `chat` must wait; True when so many chats must at this moment that it is the bot's limit.

        A group alone (its id is negative) is over its own 20 a minute, so groups never make it the bot's.
        """
        now = asyncio.get_running_loop().time()
        self._waiting = OrderedDict((other, until) for other, until in self._waiting.items() if until > now)
        if chat.startswith("-"):
            return False
        self._waiting[chat] = now + seconds
        return len(self._waiting) >= _TOGETHER
