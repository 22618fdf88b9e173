"""Socket Mode: WebSockets to Slack that are always there, because a new one opens before an old one closes.

The SDK's own client closes the old connection first, keeps dialling a spent one-time address after a failed try, and
sends an acknowledgement over whichever connection is current; each of these loses interactions, which Slack does not
repeat.
"""

import asyncio
import contextlib
import json
import logging
import random
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from typing import Any

import aiohttp

from bots.slack.calls import Calls
from core.outbox import Refused, Revoked, TryLater, Uncertain, Unreachable

Json = Mapping[str, Any]

HEARTBEAT = 10.0
"""Seconds between pings; a connection silent for half as long again counts as lost."""
LINGER = 15.0
"""Seconds an old connection is still heard after Slack asked for a new one (it warns about 10 s ahead)."""
LONGEST_PAUSE = 30.0
"""Seconds between two tries to connect, at most; each pause is drawn at random below its bound."""

log = logging.getLogger(__name__)

Take = Callable[[Json], Awaitable[Json | None]]
"""Takes an envelope and says what goes with its acknowledgement; None: it is not committed, so acknowledge nothing."""
Trouble = Callable[[str], None]
"""Told why nothing can be heard; an empty reason: all is well again."""


class Sockets:
    """Keeps `connections` WebSockets open. Slack sends each envelope over any one of them."""

    def __init__(self, calls: Calls, app_token: str, take: Take, on_trouble: Trouble, *, connections: int = 2) -> None:
        """`connections`: 1 to 10 for all processes of the app together (docs.slack.dev: using Socket Mode)."""
        self._calls = calls
        self._app_token = app_token
        self._take = take
        self._on_trouble = on_trouble
        self._wanted = connections
        self._open: set[aiohttp.ClientWebSocketResponse] = set()
        self._keepers: list[asyncio.Task[None]] = []
        self._tasks: set[asyncio.Task[None]] = set()
        self._session: aiohttp.ClientSession | None = None
        self._troubled = True  # until the first connection stands

    @property
    def connected(self) -> int:
        return len(self._open)

    async def start(self) -> None:
        """Returns once connected, or when the first try shows Slack out of reach: then trying goes on.

        Raises Revoked when Slack does not know the app token.
        """
        self._session = aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=None, sock_connect=10))
        try:
            first = await self._connect()
        except Revoked:
            await self.stop()
            raise
        except _UNSUCCESSFUL as problem:
            self._tell(f"cannot connect: {type(problem).__name__}")
            first = None
        self._keepers = [
            asyncio.create_task(self._keep(first if number == 0 else None)) for number in range(self._wanted)
        ]

    async def stop(self, patience: float = 3.0) -> None:
        """Take nothing new, acknowledge what is in hand (at most `patience` seconds), then hang up."""
        for keeper in self._keepers:
            keeper.cancel()
        await asyncio.gather(*self._keepers, return_exceptions=True)
        if self._tasks:
            _, late = await asyncio.wait(set(self._tasks), timeout=patience)
            for task in late:
                task.cancel()
        for ws in list(self._open):
            with contextlib.suppress(TimeoutError, ConnectionError):
                await asyncio.wait_for(ws.close(), 1.0)
        self._open.clear()
        if self._session is not None:
            await self._session.close()

    async def _keep(self, ws: aiohttp.ClientWebSocketResponse | None) -> None:
        """One of the connections, for ever: whenever Slack asks for a new one or the line breaks, connect again."""
        readers: set[asyncio.Task[None]] = set()
        bound = 1.0
        try:
            while True:
                try:
                    ws = ws or await self._connect()
                except _UNSUCCESSFUL as problem:
                    self._tell(f"cannot connect: {problem if isinstance(problem, Revoked) else type(problem).__name__}")
                    await asyncio.sleep(random.uniform(0, bound))  # noqa: S311 - spreads reconnects, hides nothing
                    bound = min(bound * 2, LONGEST_PAUSE)
                    continue
                bound = 1.0
                leave = asyncio.Event()
                reader = asyncio.create_task(self._read(ws, leave))
                readers.add(reader)
                reader.add_done_callback(readers.discard)
                await leave.wait()
                ws = None
        finally:
            for reader in list(readers):
                reader.cancel()

    async def _connect(self) -> aiohttp.ClientWebSocketResponse:
        session = self._session
        if session is None:
            raise RuntimeError("start() first")
        opened = await self._calls.write("apps.connections.open", {}, token=self._app_token)
        ws = await session.ws_connect(str(opened["url"]), heartbeat=HEARTBEAT, max_msg_size=0, proxy=self._calls.proxy)
        self._open.add(ws)
        self._tell("")
        return ws

    async def _read(self, ws: aiohttp.ClientWebSocketResponse, leave: asyncio.Event) -> None:
        """Hear one connection until it ends, also for a while after Slack asked to `leave` it."""
        lingering: asyncio.TimerHandle | None = None
        try:
            async for frame in ws:
                if frame.type is not aiohttp.WSMsgType.TEXT:
                    continue
                heard = _object(frame.data)
                if heard.get("type") == "disconnect":
                    await self._asked_to_leave(str(heard.get("reason")), leave)
                    hang_up = asyncio.get_running_loop().call_later
                    lingering = lingering or hang_up(LINGER, lambda: self._start(_close(ws)))
                elif heard.get("envelope_id"):
                    self._start(self._answer(ws, heard))
        except ConnectionError:
            log.debug("a Slack connection broke")
        finally:
            if lingering:
                lingering.cancel()
            if ws.closed:  # else stop() still sends acknowledgements over it
                self._open.discard(ws)
            if not leave.is_set():
                if not self._open:
                    self._tell("connection lost")
                leave.set()

    async def _asked_to_leave(self, reason: str, leave: asyncio.Event) -> None:
        log.info("slack asks for a new connection", extra={"reason": reason})
        if reason == "link_disabled":
            self._tell("Socket Mode is switched off in the Slack app's settings")
        if reason in ("link_disabled", "too_many_websockets"):
            await asyncio.sleep(LONGEST_PAUSE)  # at once it would be refused again
        leave.set()

    async def _answer(self, ws: aiohttp.ClientWebSocketResponse, envelope: Json) -> None:
        said = await self._take(envelope)
        if said is None:
            return
        answer: dict[str, Any] = {"envelope_id": envelope["envelope_id"], **({"payload": said} if said else {})}
        try:
            await ws.send_str(json.dumps(answer))
        except ConnectionError:
            log.info("slack hung up before the acknowledgement", extra={"envelope": envelope["envelope_id"]})

    def _start(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def _tell(self, reason: str) -> None:
        if reason or self._troubled:
            self._on_trouble(reason)
        self._troubled = bool(reason)


_UNSUCCESSFUL = (Refused, Revoked, TryLater, Uncertain, Unreachable, aiohttp.ClientError, TimeoutError, OSError)


async def _close(ws: aiohttp.ClientWebSocketResponse) -> None:
    await ws.close()


def _object(data: str) -> Json:
    try:
        read = json.loads(data)
    except ValueError:
        return {}
    return read if isinstance(read, dict) else {}
