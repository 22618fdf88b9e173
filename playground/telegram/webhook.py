"""Pushing updates to the bot's own address, as Telegram does: in order per chat, again and again until taken."""

import asyncio
import json
import random
import re
import time
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import urlsplit

import aiohttp

from playground.telegram.updates import Update, Waiting
from playground.telegram.wire import Json, JsonValue, Params, Refusal

SECRET_HEADER = "X-Telegram-Bot-Api-Secret-Token"  # noqa: S105 - a header's name
LONGEST_PAUSE = (60, 120)
"""Seconds: the pause doubles up to a moment drawn between these."""
_UNANSWERABLE = ("get", "setwebhook", "deletewebhook", "close", "logout")
"""Methods the body of a webhook's answer may not call."""


@dataclass(frozen=True, slots=True)
class Hook:
    url: str
    secret: str
    most_connections: int


def read_hook(params: Params) -> Hook:
    """The webhook setWebhook asks for. Any port and plain http are taken, as a Bot API server with --local does."""
    url, secret = params.text("url").strip(), params.text("secret_token")
    parts = urlsplit(url if "//" in url else f"https://{url}")
    if not parts.hostname or parts.scheme not in ("http", "https"):
        raise Refusal("invalid webhook URL specified")
    if len(secret) > 256:
        raise Refusal("secret token is too long")
    if not re.fullmatch(r"[A-Za-z0-9_-]*", secret):
        raise Refusal("secret token contains unallowed characters")
    return Hook(parts.geturl(), secret, min(max(params.number("max_connections", 40), 1), 100))


class Pusher:
    """One webhook's deliveries. `pause` is the second pause in seconds (the first retry comes at once)."""

    def __init__(
        self,
        hook: Hook,
        waiting: Waiting,
        call: Callable[[str, Params], Awaitable[object]],
        *,
        pause: float = 2.0,
        seed: int = 0,
    ) -> None:
        self.hook = hook
        self.last_error: tuple[int, str] | None = None
        self._waiting, self._call, self._pause = waiting, call, pause
        self._random = random.Random(seed)
        self._lanes: dict[str, deque[Update]] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._gate = asyncio.Semaphore(hook.most_connections)
        self._session: aiohttp.ClientSession | None = None
        self._turned: set[asyncio.Event] = set()

    def start(self) -> None:
        self._session = aiohttp.ClientSession(
            timeout=aiohttp.ClientTimeout(total=60), connector=aiohttp.TCPConnector(limit=0), trust_env=False
        )
        self._waiting.listener = self.offer
        for update in tuple(self._waiting.queue):
            self.offer(update)

    async def stop(self) -> None:
        if self._waiting.listener == self.offer:
            self._waiting.listener = None
        for task in tuple(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if self._session is not None:
            await self._session.close()

    def clock_turned(self) -> None:
        for event in self._turned:
            event.set()

    def offer(self, update: Update) -> None:
        lane = self._lanes.get(update.lane)
        if lane is not None:
            lane.append(update)
            return
        self._lanes[update.lane] = deque([update])
        task = asyncio.get_running_loop().create_task(self._drive(update.lane))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _drive(self, name: str) -> None:
        lane = self._lanes[name]
        while lane:
            await self._deliver(lane[0])
            self._waiting.done(lane.popleft())
        del self._lanes[name]

    async def _deliver(self, update: Update) -> None:
        pause, clock = 0.0, self._waiting.clock
        while clock.now() < update.expires:
            if await self._attempt(update):
                if not update.again:
                    return
                update.again -= 1
                continue
            due = clock.now() + timedelta(seconds=pause)
            if due >= update.expires:
                return
            await self._sleep(pause)
            pause = min(max(pause * 2, self._pause), self._random.uniform(*LONGEST_PAUSE))

    async def _sleep(self, seconds: float) -> None:
        """Until `seconds` are over on the playground's clock, turned or running, or in real time."""
        clock = self._waiting.clock
        due, real_due = clock.now() + timedelta(seconds=seconds), time.monotonic() + seconds
        event = asyncio.Event()
        self._turned.add(event)
        try:
            while clock.now() < due and (left := real_due - time.monotonic()) > 0:
                event.clear()
                try:
                    async with asyncio.timeout(left):
                        await event.wait()
                except TimeoutError:
                    return
        finally:
            self._turned.discard(event)

    async def _attempt(self, update: Update) -> bool:
        fault = self._waiting.faults.draw(update.kind, update.chat, ("disconnect", "lost_answer", "slow"))
        if fault is not None and fault.kind == "disconnect":
            return self._failed("Connection reset by peer")
        if fault is not None and fault.kind == "slow":
            await asyncio.sleep(fault.seconds)
        headers = {"Content-Type": "application/json"}
        if self.hook.secret:
            headers[SECRET_HEADER] = self.hook.secret
        try:
            async with self._gate:
                if self._session is None:
                    return False
                async with self._session.post(
                    self.hook.url, data=update.text.encode(), headers=headers, allow_redirects=False
                ) as response:
                    body = await response.read()
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            return self._failed(f"Connection failed: {type(error).__name__}")
        if fault is not None:
            return self._failed("Read timeout expired")
        if not 200 <= response.status < 300:
            return self._failed(f"Wrong response from the webhook: {response.status} {response.reason}")
        await self._answered(body)
        return True

    def _failed(self, words: str) -> bool:
        self.last_error = (int(self._waiting.clock.now().timestamp()), words)
        return False

    async def _answered(self, body: bytes) -> None:
        """Do the one method the answer's body may call; nobody hears what came of it."""
        try:
            asked = json.loads(body) if body.strip().startswith(b"{") else None
        except ValueError:
            return
        if not isinstance(asked, dict):
            return
        method = asked.pop("method", None)
        if isinstance(method, str) and not method.lower().startswith(_UNANSWERABLE):
            await self._call(method, Params(asked))


def info(hook: Hook | None, pusher: Pusher | None, waiting: Waiting) -> Json:
    """Answer getWebhookInfo."""
    waiting.drop_expired()
    shown: dict[str, JsonValue] = {
        "url": hook.url if hook else "",
        "has_custom_certificate": False,
        "pending_update_count": len(waiting.queue),
        "allowed_updates": sorted(waiting.allowed),
    }
    if hook is not None:
        shown["max_connections"] = hook.most_connections
    if pusher is not None and pusher.last_error is not None:
        shown["last_error_date"], shown["last_error_message"] = pusher.last_error
    return shown
