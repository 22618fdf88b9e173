"""One bot's whole Telegram on this machine: the server it connects to and the people it talks with."""

import json
import time
from collections.abc import Callable, Iterator, Sequence

from playground.clock import Clock
from playground.faults import Faults
from playground.telegram.chats import Chat, User
from playground.telegram.flood import Flood, Limits
from playground.telegram.person import TelegramPerson
from playground.telegram.platform import Telegram
from playground.telegram.server import BotApiServer, Call
from playground.telegram.wire import Json

BOT_ID = 4_242_424_242
FIRST_PERSON = 5_000_001


class TelegramWorld:
    """Give the bot `base_url=f"{url}/bot"` and `base_file_url=f"{url}/file/bot"`, with `url` from `start()`.

    `limits`: True for Telegram's flood limits, False for none, or one's own. `tick` gives the seconds they count
    in. `reads_groups`: the bot's privacy mode is off. `webhook_pause`: seconds of the second retry of a webhook
    (the first comes at once; they double from there).
    """

    def __init__(
        self,
        clock: Clock | None = None,
        *,
        token: str = f"{BOT_ID}:playground-token-for-this-machine",
        bot_username: str = "client_hub_bot",
        bot_name: str = "Client hub",
        faults: Faults | None = None,
        limits: bool | Limits = True,
        tick: Callable[[], float] = time.monotonic,
        reads_groups: bool = False,
        webhook_pause: float = 2.0,
    ) -> None:
        self.clock = clock or Clock()
        self.faults = faults or Faults()
        self.token = token
        number = token.partition(":")[0]
        self.bot = User(int(number) if number.isdigit() else BOT_ID, bot_name, username=bot_username, is_bot=True)
        flood = Flood(limits if isinstance(limits, Limits) else Limits() if limits else None, tick)
        self.telegram = Telegram(self.clock, self.faults, flood, self.bot, token, reads_groups=reads_groups)
        self.people: dict[str, TelegramPerson] = {}
        self._server = BotApiServer(self.telegram, pause=webhook_pause)
        self.clock.on_turn(self.telegram.redraw_all)

    async def start(self, port: int = 0) -> str:
        """Listen on 127.0.0.1 (0: any free port) and return the root address, `http://127.0.0.1:PORT`."""
        return await self._server.start(port)

    async def stop(self) -> None:
        """Stop listening; a poll that waits is answered. People and chats stay as they are."""
        await self._server.stop()

    @property
    def url(self) -> str:
        return self._server.url

    @property
    def limits(self) -> bool:
        return self.telegram.flood.limits is not None

    @limits.setter
    def limits(self, on: bool) -> None:
        self.telegram.flood.limits = Limits() if on else None

    def person(self, key: str, name: str = "", *, language_code: str = "en", username: str = "") -> TelegramPerson:
        """The person with this key, made when new. They have not pressed Start yet."""
        known = self.people.get(key)
        if known is not None:
            return known
        first, _, last = (name or key.capitalize()).partition(" ")
        user = User(FIRST_PERSON + len(self.people), first, last, username, language_code)
        self.telegram.users[user.id] = user
        self.telegram.chats[user.id] = Chat(user.id, "private", user.name, {user.id: "member"}, partner=user)
        self.people[key] = TelegramPerson(self.telegram, key, user)
        return self.people[key]

    def start_link(self, payload: str) -> str:
        return f"https://t.me/{self.bot.username}?start={payload}"

    # The record

    @property
    def calls(self) -> Sequence[Call]:
        """Every request of the bot's but getUpdates, oldest first; the newest 20,000."""
        return self._server.calls

    def calls_of(self, method: str, person: TelegramPerson | None = None) -> list[Call]:
        """The calls of one method (any capitals), to one person when given."""
        return [
            call
            for call in self._server.calls
            if call.method.lower() == method.lower() and (person is None or call.chat == str(person.chat_id))
        ]

    @property
    def updates_pushed(self) -> int:
        """How many updates were created for the bot so far."""
        return self.telegram.waiting.count

    @property
    def updates_waiting(self) -> int:
        """How many the bot has neither confirmed nor lost to age."""
        self.telegram.waiting.drop_expired()
        return len(self.telegram.waiting.queue)

    def updates(self) -> Iterator[Json]:
        """The newest 10,000 updates as the bot got or will get them, oldest first."""
        for text in self.telegram.waiting.pushed:
            yield json.loads(text)
