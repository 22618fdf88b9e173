"""Hears Telegram: asks for updates, has every one committed, and only then tells Telegram that we have it."""

import asyncio
import hmac
import json
import logging
import random
from collections import Counter
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

from telegram.error import Conflict, InvalidToken, TelegramError

from bots.telegram.client import TelegramMessenger
from bots.telegram.fields import Json, part, words
from bots.telegram.translate import ALLOWED_UPDATES, Malformed, Self, translate, update_id
from bots.telegram.transport import TooMany
from core.events import Event, Tapped
from core.outbox import Revoked, TryLater
from core.receipts import Receipt, Receive

log = logging.getLogger(__name__)

Trouble: TypeAlias = Literal["", "revoked", "conflict", "network", "commit"]
"""What keeps us from hearing; "" means that it is over. `conflict`: another process polls with the same token."""
OnTrouble: TypeAlias = Callable[[str, Trouble], None]
Sleep: TypeAlias = Callable[[float], Awaitable[None]]

LONGEST_POLL = 50
"""Seconds; the server cuts longer ones. Bot API: getUpdates."""
_MOST_AT_ONCE = 100
_FIRST_PAUSE, _LONGEST_PAUSE = 0.5, 30.0
"""Seconds between attempts: doubling, with a jitter of a half."""
_LONGEST_COMMIT_PAUSE = 5.0
"""Seconds: the other chats wait as well."""
_SLOW = 60.0
"""Seconds between attempts while the token is refused."""


@dataclass(frozen=True, slots=True)
class Webhook:
    """Where Telegram brings updates. `url` is https on port 443, 80, 88 or 8443 (Bot API: setWebhook)."""

    url: str
    secret: str
    """1-256 characters A-Z a-z 0-9 _ -, shown to us with every update."""


class TelegramListener:
    """Polls, or with `webhook` is fed by `hear`. `receive` commits one event and raises when it could not.

    `on_trouble("telegram", reason)` is called whenever the reason changes. Only one process may poll with a token:
    hold a lease around `run`. `poll`: seconds an idle poll stays open.
    """

    def __init__(
        self,
        messenger: TelegramMessenger,
        receive: Receive,
        *,
        on_trouble: OnTrouble | None = None,
        webhook: Webhook | None = None,
        poll: int = LONGEST_POLL,
        sleep: Sleep = asyncio.sleep,
    ) -> None:
        self._messenger = messenger
        self._receive = receive
        self._on_trouble = on_trouble
        self._webhook = webhook
        self._poll = min(poll, LONGEST_POLL)
        self._sleep = sleep
        self._me = Self(0, "")
        self._offset: int | None = None
        self._confirmed: int | None = None  # the offset Telegram was last told
        self._done: set[int] = set()  # committed, but behind one that is not
        self._trouble: Trouble = ""
        self._pause = _FIRST_PAUSE
        self._stopping = asyncio.Event()
        self._answers: set[asyncio.Task[None]] = set()
        self.counts: Counter[str] = Counter()
        """Updates since the start: `heard`, `ignored` (mean nothing to us), `malformed`."""

    @property
    def trouble(self) -> Trouble:
        return self._trouble

    def stop(self) -> None:
        """Ask `run` to end: the poll is dropped, what is in hand is committed and confirmed."""
        self._stopping.set()

    async def run(self) -> None:
        """Hear until `stop`. Survives everything but cancellation; cancelled, it confirms nothing uncommitted."""
        while not self._stopping.is_set():
            try:
                await self._prepare()
                await (self._fed() if self._webhook else self._polled())
            except (Revoked, InvalidToken):
                await self._troubled("revoked", _SLOW)
            except TryLater as trouble:
                await self._troubled("network", self._next_pause(trouble.after.total_seconds()))
            except TelegramError as error:
                await self._failed(error)
        if self._offset != self._confirmed:
            await self._confirm()
        await asyncio.gather(*self._answers)

    async def hear(self, body: bytes, secret: str | None) -> int:
        """One update brought by Telegram; the HTTP status to answer: 200 only after the commit.

        `secret`: the header X-Telegram-Bot-Api-Secret-Token. 403: not from Telegram. 503: not committed, bring it
        again. Nothing is ever done twice: the inbox knows the update's key.
        """
        expected = self._webhook.secret if self._webhook else ""
        if not expected or not hmac.compare_digest(expected.encode(), (secret or "").encode(errors="replace")):
            return 403
        if self._stopping.is_set() or not self._me.id:
            return 503
        try:
            update = json.loads(body)
        except ValueError:
            update = None
        if not isinstance(update, dict):
            self._count_malformed("no JSON object")
            return 200  # it would never get better
        return 200 if await self._one(update) else 503

    async def _prepare(self) -> None:
        await self._messenger.start()
        bot = self._messenger.bot
        self._me = Self(bot.id, bot.username)
        if self._webhook is None:
            await bot.ask("deleteWebhook", {"drop_pending_updates": False})
            return
        hook = {"url": self._webhook.url, "secret_token": self._webhook.secret}
        await bot.ask("setWebhook", {**hook, "allowed_updates": list(ALLOWED_UPDATES), "max_connections": 100})

    async def _fed(self) -> None:
        self._recovered()
        await self._stopping.wait()

    async def _polled(self) -> None:
        while not self._stopping.is_set():
            batch = await self._unless_stopped(self._updates(self._poll))
            if batch is None:
                return
            if self._trouble != "commit":
                self._recovered()
            if await self._commit(batch):
                self._recovered()
            else:
                await self._troubled("commit", min(self._next_pause(), _LONGEST_COMMIT_PAUSE))

    async def _updates(self, seconds: int) -> Sequence[Json]:
        params: dict[str, object] = {
            "timeout": seconds,
            "limit": _MOST_AT_ONCE,
            "allowed_updates": list(ALLOWED_UPDATES),
        }
        if self._offset is not None:
            params["offset"] = self._confirmed = self._offset
        found = await self._messenger.bot.ask("getUpdates", params, patience=seconds + 10)
        return [update for update in found if isinstance(update, dict)] if isinstance(found, list) else ()

    async def _commit(self, batch: Sequence[Json]) -> bool:
        """Commit the updates, chats side by side and each chat in order, then move the offset as far as that went."""
        chains: dict[str, list[Json]] = {}
        numbered: list[int] = []
        for update in batch:
            try:
                number = update_id(update)
            except Malformed as fault:  # without a number it cannot even be confirmed; the next one's will do it
                self._count_malformed(str(fault))
                continue
            numbered.append(number)
            if number not in self._done:
                chains.setdefault(_chat_of(update), []).append(update)
        heard_before = self.counts["heard"]
        await asyncio.gather(*(self._chain(updates) for updates in chains.values()))
        if self.counts["heard"] > heard_before:
            self._pause = _FIRST_PAUSE
        missing = [number for number in numbered if number not in self._done]
        if numbered:
            self._offset = min(missing) if missing else max(numbered) + 1
            offset = self._offset
            self._done = {number for number in self._done if number >= offset}
        return not missing

    async def _chain(self, updates: Sequence[Json]) -> None:
        for update in updates:
            if not await self._one(update):
                return  # what this chat said later must wait for it
            self._done.add(update_id(update))

    async def _one(self, update: Json) -> bool:
        """Have one update committed. False: it was not, and must come again."""
        try:
            event = translate(update, self._me)
        except Malformed as fault:
            self._count_malformed(str(fault))
            return True
        if event is None:
            self.counts["ignored"] += 1
            return True
        try:
            receipt = await self._receive(event)
        except Exception as error:  # noqa: BLE001 - the loop must survive whatever happens; the update comes again
            # Without the traceback: it repeats every few seconds, and a database's error holds the person's words.
            log.warning("event not committed", extra={"key": event.key, "error": type(error).__name__})
            return False
        self.counts["heard"] += 1
        self._answer(update, event, receipt)
        return True

    def _answer(self, update: Json, event: Event, receipt: Receipt) -> None:
        callback = words(part(update, "callback_query"), "id")
        if callback and isinstance(event, Tapped):
            self._background(self._messenger.answer(callback, receipt.toast))

    def _background(self, work: Coroutine[object, object, None]) -> None:
        task = asyncio.create_task(work)
        self._answers.add(task)
        task.add_done_callback(self._answers.discard)

    async def _confirm(self) -> None:
        """Tell Telegram how far we came; without it the last updates come again, which is harmless."""
        try:
            params = {"offset": self._offset, "timeout": 0, "limit": 1, "allowed_updates": list(ALLOWED_UPDATES)}
            await self._messenger.bot.ask("getUpdates", params, patience=2)
        except TelegramError as error:
            log.debug("offset not confirmed", extra={"reason": type(error).__name__})

    async def _unless_stopped(self, work: Coroutine[object, object, Sequence[Json]]) -> Sequence[Json] | None:
        """The result, or None when we were asked to stop first; a dropped poll confirms nothing."""
        task = asyncio.ensure_future(work)
        stop = asyncio.ensure_future(self._stopping.wait())
        try:
            await asyncio.wait((task, stop), return_when=asyncio.FIRST_COMPLETED)
        finally:
            stop.cancel()
            task.cancel()
        await asyncio.wait((task,))
        return None if task.cancelled() else task.result()

    async def _failed(self, error: TelegramError) -> None:
        if isinstance(error, Conflict):
            await self._troubled("conflict", _SLOW / 6)
        elif isinstance(error, TooMany):
            await self._troubled("network", float(error.seconds))
        else:
            await self._troubled("network", self._next_pause())

    async def _troubled(self, reason: Trouble, pause: float) -> None:
        self._tell(reason)
        stop = asyncio.ensure_future(self._stopping.wait())
        nap = asyncio.ensure_future(self._sleep(pause))
        await asyncio.wait((stop, nap), return_when=asyncio.FIRST_COMPLETED)
        for waiting in (stop, nap):
            waiting.cancel()

    def _next_pause(self, least: float = 0.0) -> float:
        pause = self._pause
        self._pause = min(self._pause * 2, _LONGEST_PAUSE)
        return least + pause * random.uniform(0.5, 1.5)  # noqa: S311 - spreads retries, guards nothing

    def _recovered(self) -> None:
        self._pause = _FIRST_PAUSE
        self._tell("")

    def _tell(self, reason: Trouble) -> None:
        if reason == self._trouble:
            return
        self._trouble = reason
        log.log(logging.WARNING if reason else logging.INFO, "hearing Telegram", extra={"trouble": reason or "none"})
        if self._on_trouble:
            self._on_trouble("telegram", reason)

    def _count_malformed(self, fault: str) -> None:
        self.counts["malformed"] += 1
        log.warning("malformed update dropped", extra={"fault": fault})


def _chat_of(update: Json) -> str:
    """What must stay in order: all that one chat sent, and all taps of its messages."""
    for name in ALLOWED_UPDATES:
        if body := part(update, name):
            source = part(body, "message") if name == "callback_query" else body
            chat = part(source, "chat") or part(body, "from")
            return str(chat.get("id"))
    return ""
