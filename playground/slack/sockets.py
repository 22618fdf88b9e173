"""Socket Mode: the bot's WebSockets, to any one of which Slack sends each envelope."""

import asyncio
import contextlib
import json
import random
import uuid
from dataclasses import dataclass, field

from aiohttp import WSMsgType, web

from playground.slack.checks import Json
from playground.slack.delivery import Answer, Envelope

MOST_SOCKETS = 10
"""docs.slack.dev: using Socket Mode; one more is closed with `too_many_websockets`."""
GRACE_SECONDS = 1.0
"""Real seconds the playground leaves a client that was asked to reconnect before it closes the socket itself."""


@dataclass(slots=True, eq=False)
class _Socket:
    ws: web.WebSocketResponse
    request: web.Request
    pending: dict[str, "asyncio.Future[Answer]"] = field(default_factory=dict)
    leaving: bool = False


class Sockets:
    """Implements `Transport`."""

    def __init__(self, app_id: str, seed: int, ack_seconds: float) -> None:
        self._app_id = app_id
        self._random = random.Random(seed)
        self._ack_seconds = ack_seconds
        self._sockets: list[_Socket] = []
        self._tickets: set[str] = set()
        self._came = asyncio.Event()
        self._stopping = False

    @property
    def count(self) -> int:
        """How many sockets are open and not asked to leave."""
        return sum(not socket.leaving for socket in self._sockets)

    async def connected(self, count: int = 1) -> None:
        """Wait until so many sockets are open."""
        while self.count < count:
            self._came.clear()
            await self._came.wait()

    def ticket(self) -> str:
        """The secret of a one-time address."""
        ticket = uuid.UUID(int=self._random.getrandbits(128)).hex
        self._tickets.add(ticket)
        return ticket

    async def serve(self, request: web.Request) -> web.StreamResponse:
        ticket = request.query.get("ticket", "")
        if ticket not in self._tickets or self._stopping:
            return web.json_response({"ok": False, "error": "invalid_ticket"}, status=404)
        self._tickets.discard(ticket)
        ws = web.WebSocketResponse(heartbeat=30, timeout=0.5, max_msg_size=0)
        await ws.prepare(request)
        if self.count >= MOST_SOCKETS:
            await ws.send_json({"type": "disconnect", "reason": "too_many_websockets", "debug_info": {}})
            await ws.close()
            return ws
        socket = _Socket(ws, request)
        self._sockets.append(socket)
        try:
            await ws.send_json(self._hello())
            self._came.set()
            async for frame in ws:
                if frame.type is WSMsgType.TEXT:
                    self._hear(socket, frame.data)
        except ConnectionError:
            pass  # the bot went away mid-sentence: what it did not acknowledge is delivered again
        finally:
            self._sockets.remove(socket)
            for waiting in socket.pending.values():
                if not waiting.done():
                    waiting.set_result(Answer(False, reason="timeout"))
        return ws

    def _hello(self) -> Json:
        return {
            "type": "hello",
            "num_connections": self.count,
            "debug_info": {"host": "applink-playground", "build_number": 1, "approximate_connection_time": 3600},
            "connection_info": {"app_id": self._app_id},
        }

    def _hear(self, socket: _Socket, data: str) -> None:
        try:
            said = json.loads(data)
        except ValueError:
            return
        waiting = socket.pending.get(said.get("envelope_id", "")) if isinstance(said, dict) else None
        if waiting and not waiting.done():
            waiting.set_result(Answer(True, said.get("payload")))

    async def deliver(self, envelope: Envelope) -> Answer:
        # Slack does not fail an event in the instant between two connections; an interaction has a person waiting.
        socket = await self._pick(self._ack_seconds if envelope.kind == "events_api" else 0)
        if socket is None:
            return Answer(False, reason="timeout")
        envelope_id = str(uuid.UUID(int=self._random.getrandbits(128), version=4))
        frame: Json = {
            "envelope_id": envelope_id,
            "payload": envelope.payload,
            "type": envelope.kind,
            "accepts_response_payload": envelope.kind != "events_api",
        }
        if envelope.kind == "events_api":
            reason = envelope.reason.removeprefix("http_")
            frame |= {"retry_attempt": envelope.attempt, "retry_reason": reason}
        waiting: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
        socket.pending[envelope_id] = waiting
        try:
            await socket.ws.send_json(frame)
            return await asyncio.wait_for(waiting, self._ack_seconds)
        except (TimeoutError, ConnectionError):
            return Answer(False, reason="timeout")
        finally:
            socket.pending.pop(envelope_id, None)

    async def _pick(self, patience: float) -> _Socket | None:
        with contextlib.suppress(TimeoutError):
            if patience:
                await asyncio.wait_for(self.connected(), patience)
        there = [socket for socket in self._sockets if not socket.leaving and not socket.ws.closed]
        return self._random.choice(there) if there else None

    async def cut(self) -> None:
        """Drop one socket without a word."""
        socket = await self._pick(0)
        if socket:
            self._abort(socket)

    def drop_all(self) -> None:
        for socket in list(self._sockets):
            self._abort(socket)

    def _abort(self, socket: _Socket) -> None:
        socket.leaving = True
        if socket.request.transport:
            socket.request.transport.abort()

    async def refresh(self, reason: str = "refresh_requested") -> None:
        """Ask every client to come back on a new connection, as Slack does every few hours; close the old ones soon."""
        leaving = [socket for socket in self._sockets if not socket.leaving]
        for socket in leaving:
            socket.leaving = True
            with contextlib.suppress(ConnectionError):
                await socket.ws.send_json({"type": "disconnect", "reason": reason, "debug_info": {}})
        asyncio.get_running_loop().call_later(GRACE_SECONDS, self._close_left, leaving)

    def _close_left(self, leaving: list[_Socket]) -> None:
        for socket in leaving:
            if socket in self._sockets:
                self._abort(socket)

    async def stop(self) -> None:
        self._stopping = True
        for socket in list(self._sockets):
            socket.leaving = True
            with contextlib.suppress(ConnectionError, TimeoutError):
                await asyncio.wait_for(socket.ws.close(), 0.5)
            self._abort(socket)
