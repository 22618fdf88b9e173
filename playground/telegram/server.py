"""The Bot API's HTTP door: /bot<token>/<method>, /file/bot<token>/<path>, and the pictures people look at."""

import asyncio
import json
import socket
import time
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from aiohttp import web

from playground.faults import Fault
from playground.faults import Kind as FaultKind
from playground.telegram import editing, profile, sending
from playground.telegram.files import MOST_UPLOAD, Stored
from playground.telegram.platform import Telegram
from playground.telegram.webhook import Hook, Pusher, info, read_hook
from playground.telegram.wire import Json, JsonValue, Params, Refusal, Upload, flooded

CALL_FAULTS: tuple[FaultKind, ...] = ("too_many", "server_error", "lost_answer", "slow", "disconnect")
METHODS = {**sending.METHODS, **editing.METHODS, **profile.METHODS}


_JSON = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))


@dataclass(frozen=True, slots=True)
class Call:
    """One request of the bot's and what became of it. getUpdates is not recorded: it would drown the rest."""

    method: str
    chat: str
    params: Mapping[str, JsonValue]
    """As sent: structured values are JSON text when the request was a form; `read` decodes them."""
    at: datetime
    status: int
    answer: JsonValue
    """The result, or the description of the refusal."""

    def read(self, name: str) -> JsonValue:
        return Params(self.params).parsed(name, name)


class BotApiServer:
    """Serves one bot on 127.0.0.1. `pause` is the webhook's second retry pause in seconds."""

    def __init__(self, telegram: Telegram, *, pause: float = 2.0) -> None:
        self.telegram = telegram
        self.calls: deque[Call] = deque(maxlen=20_000)
        self.hook: Hook | None = None
        self.pusher: Pusher | None = None
        self.url = ""
        self._pause = pause
        self._runner: web.AppRunner | None = None
        self._closing = False
        self._logged_out = False
        self._hook_set_at = -1.0
        telegram.clock.on_turn(self._clock_turned)
        telegram.media_url = self._media_url

    async def start(self, port: int) -> str:
        self._closing = False
        app = web.Application(client_max_size=MOST_UPLOAD + 2**21)
        app.router.add_route("*", "/bot{token:[^/]*}/{method}", self._method)
        app.router.add_get("/file/bot{token:[^/]*}/{path:.+}", self._file)
        app.router.add_get("/media/{unique}/{name}", self._media)
        app.router.add_route("*", "/{rest:.*}", self._nothing)
        # A poll whose asker has gone must not swallow the next updates.
        self._runner = web.AppRunner(app, access_log=None, handler_cancellation=True, shutdown_timeout=1.0)
        await self._runner.setup()
        listening = socket.socket()
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind(("127.0.0.1", port))
        self.url = f"http://127.0.0.1:{listening.getsockname()[1]}"
        await web.SockSite(self._runner, listening).start()
        if self.hook is not None:
            self._push_to(self.hook)
        return self.url

    async def stop(self) -> None:
        """Fall silent; `start` on the same port goes on where it stopped, webhook and all."""
        self._closing = True
        await self._stop_pushing()
        self.telegram.stop()
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None

    def _clock_turned(self) -> None:
        if self.pusher is not None:
            self.pusher.clock_turned()

    def _media_url(self, stored: Stored) -> str:
        return stored.url or f"{self.url}/media/{stored.unique_id}/{stored.path.rpartition('/')[2]}"

    # Requests

    async def _nothing(self, _request: web.Request) -> web.Response:
        return _answer(Refusal("", 404).body(), 404)

    async def _file(self, request: web.Request) -> web.Response:
        stored = self.telegram.shelf.linked(request.match_info["path"], self.telegram.clock.now())
        if request.match_info["token"] != self.telegram.token or stored is None:
            return await self._nothing(request)
        return web.Response(body=stored.content, content_type="application/octet-stream")

    async def _media(self, request: web.Request) -> web.Response:
        stored = self.telegram.shelf.by_unique_id(request.match_info["unique"])
        if stored is None:
            return await self._nothing(request)
        # Shown on the playground's page: nothing a client uploads may run there.
        shown = stored.mime if stored.mime.startswith(("image/", "video/", "audio/")) else "application/octet-stream"
        safe = {"X-Content-Type-Options": "nosniff", "Content-Security-Policy": "default-src 'none'; sandbox"}
        return web.Response(body=stored.content, headers={"Content-Type": shown, **safe})

    async def _method(self, request: web.Request) -> web.Response:
        if self._closing:
            raise web.HTTPServiceUnavailable(headers={"Connection": "close"})
        method = request.match_info["method"]
        if request.match_info["token"] != self.telegram.token:
            return _answer(Refusal("", 401).body(), 401)
        try:
            params = await _params(request)
        except (ValueError, UnicodeDecodeError):
            return _answer(Refusal("can't parse JSON object").body(), 400)
        chat = params.text("chat_id")
        fault = self.telegram.faults.draw(method, chat, CALL_FAULTS)
        if fault is not None and fault.kind == "disconnect":
            return _hang_up(request)
        status, body, headers = await self._answer(method, params, fault)
        if fault is not None and fault.kind == "slow":
            await asyncio.sleep(fault.seconds)
        if fault is not None and fault.kind == "lost_answer":
            return _hang_up(request)
        return web.Response(text=body, status=status, content_type="application/json", headers=headers)

    async def _answer(self, method: str, params: Params, fault: Fault | None) -> tuple[int, str, dict[str, str]]:
        quiet = method.lower() == "getupdates"
        answer: JsonValue
        try:
            _refused_by(fault)
            if quiet:
                return 200, f'{{"ok":true,"result":{await self._updates(params)}}}', {}
            answer = await self._done(method, params)
            status, body, headers = 200, _dump({"ok": True, "result": answer}), {}
        except Refusal as refusal:
            status, answer, body = refusal.code, refusal.description, _dump(refusal.body())
            headers = {} if refusal.retry_after is None else {"Retry-After": str(refusal.retry_after)}
        if not quiet:
            now = self.telegram.clock.now()
            self.calls.append(Call(method, params.text("chat_id"), params.values, now, status, answer))
        return status, body, headers

    async def _done(self, method: str, params: Params) -> JsonValue:
        """Carry out one method. Raises Refusal."""
        if self._logged_out:
            raise Refusal("Logged out")
        name = method.lower()
        act = METHODS.get(name)
        if act is not None:
            return act(self.telegram, params)
        match name:
            case "setwebhook":
                return await self._set_webhook(params)
            case "deletewebhook":
                await self._unhook(drop=params.flag("drop_pending_updates"))
                return True
            case "getwebhookinfo":
                return info(self.hook, self.pusher, self.telegram.waiting)
            case "logout":
                self._logged_out = True
                return True
            case "close":
                return True
            case _:
                raise Refusal("method not found", 404)

    async def _call_quietly(self, method: str, params: Params) -> None:
        await self._answer(method, params, None)

    # Updates

    async def _updates(self, params: Params) -> str:
        waiting = self.telegram.waiting
        if self._logged_out:
            raise Refusal("Logged out")
        if self.hook is not None:
            raise Refusal(
                "can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first",
                409,
            )
        waiting.allow(params.parsed("allowed_updates", "allowed_updates"))
        limit = min(max(params.number("limit", 100), 1), 100)
        return await waiting.poll(params.number("offset"), limit, max(params.number("timeout"), 0))

    async def _set_webhook(self, params: Params) -> JsonValue:
        waiting = self.telegram.waiting
        drop = params.flag("drop_pending_updates")
        if not params.has("url"):
            await self._unhook(drop=drop)
            return True
        now = time.monotonic()
        if self.telegram.flood.limits is not None and now < self._hook_set_at + 1:
            raise flooded(1)
        hook = read_hook(params)
        waiting.allow(params.parsed("allowed_updates", "allowed_updates"))
        waiting.interrupt("terminated by setWebhook request")
        self._hook_set_at = now
        if hook != self.hook or drop:
            await self._unhook(drop=drop)
            self._push_to(hook)
        return True

    def _push_to(self, hook: Hook) -> None:
        self.hook = hook
        self.pusher = Pusher(hook, self.telegram.waiting, self._call_quietly, pause=self._pause)
        self.pusher.start()

    async def _stop_pushing(self) -> None:
        pusher, self.pusher = self.pusher, None
        if pusher is not None:
            await pusher.stop()

    async def _unhook(self, *, drop: bool = False) -> None:
        self.hook = None
        await self._stop_pushing()
        if drop:
            self.telegram.waiting.queue.clear()


def _refused_by(fault: Fault | None) -> None:
    if fault is not None and fault.kind == "too_many":
        raise flooded(int(fault.seconds))
    if fault is not None and fault.kind == "server_error":
        raise Refusal("Bad Gateway" if fault.status == 502 else "Internal Server Error", fault.status)


def _dump(body: Json) -> str:
    return _JSON.encode(body)


def _answer(body: Json, status: int) -> web.Response:
    return web.Response(text=_dump(body), status=status, content_type="application/json")


def _hang_up(request: web.Request) -> web.Response:
    """Drop the connection; the response returned reaches nobody."""
    if request.transport is not None:
        request.transport.abort()
    return web.Response()


async def _params(request: web.Request) -> Params:
    """Query, form, multipart and JSON, merged. Raises ValueError for a body that is no JSON object."""
    values: dict[str, JsonValue] = dict(request.query)
    uploads: dict[str, Upload] = {}
    if request.content_type == "application/json":
        body = await request.read()
        given = json.loads(body) if body.strip() else {}
        if not isinstance(given, dict):
            raise ValueError("a JSON object was expected")
        values.update(given)
    elif request.can_read_body:
        for name, field in (await request.post()).items():
            if isinstance(field, web.FileField):
                uploads[name] = Upload(field.filename, field.content_type, field.file.read())
            elif isinstance(field, str):
                values[name] = field
            else:
                uploads[name] = Upload(name, "application/octet-stream", bytes(field))
    return Params(values, uploads)
