"""The hub's own HTTP: webhooks in, health and metrics out, served inside the hub's event loop."""

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from hub import links
from hub.feed.mounting import FeedParts, FeedRoute
from hub.health import Health
from hub.links import Follow
from hub.metrics import Metrics
from hub.settings import SettingsProblem

TelegramCall = Callable[[bytes, str | None], Awaitable[int]]
"""Body and X-Telegram-Bot-Api-Secret-Token in, HTTP status out: 200 only after the update is committed."""

SlackAnswer = tuple[int, Mapping[str, str], bytes]
SlackCall = Callable[[bytes, Mapping[str, str]], Awaitable[SlackAnswer]]
"""Body and headers (names in lower case) in; status, headers and body out."""

LARGEST_BODY = 2**20
"""Bytes. An update of either messenger is a few kilobytes; more is not theirs."""

STOP_WITHIN = 5
"""Seconds that requests in hand may take when the hub stops."""


@dataclass(frozen=True, slots=True)
class HttpParts:
    """What the routes stand on. A messenger that does not call us over HTTP has None, and no route."""

    health: Health
    metrics: Metrics
    telegram: TelegramCall | None = None
    slack: SlackCall | None = None
    before_metrics: Callable[[], Awaitable[None]] | None = None
    """Called before each reading of /metrics, to look at what costs a query (the queue)."""
    links: Follow | None = None
    """Leads on from the buttons of mailings."""
    feed: FeedParts | None = None
    """The campaign feed at /api/ and its pages; None: there is none."""


class _TooLarge(Exception):
    pass


def build_app(parts: HttpParts) -> Starlette:
    """The routes. Each takes bytes and gives bytes, so that Starlette is enough: FastAPI took a tenth of the start."""

    async def healthz(_: Request) -> Response:
        """The process lives and its event loop turns."""
        return JSONResponse({"status": "ok"})

    async def readyz(_: Request) -> Response:
        return JSONResponse(_readiness(parts.health), 503 if parts.health.status == "down" else 200)

    async def metrics(_: Request) -> Response:
        if parts.before_metrics is not None:
            await parts.before_metrics()
        for name, part in parts.health.parts.items():
            parts.metrics.part(name, part.ok)
        return Response(parts.metrics.page(), media_type=parts.metrics.content_type)

    routes: list[BaseRoute] = [Route("/healthz", healthz), Route("/readyz", readyz), Route("/metrics", metrics)]
    if parts.telegram is not None:
        routes.append(_telegram(parts.telegram))
    if parts.slack is not None:
        routes.append(_slack(parts.slack))
    if parts.links is not None:
        routes.append(links.route(parts.links))
    if parts.feed is not None:
        routes.append(FeedRoute(parts.feed))
    return Starlette(routes=routes)


def _telegram(call: TelegramCall) -> Route:
    async def hear(request: Request) -> Response:
        try:
            body = await _body(request)
        except _TooLarge:
            return Response(status_code=413)
        return Response(status_code=await call(body, request.headers.get("x-telegram-bot-api-secret-token")))

    return Route("/telegram", hear, methods=["POST"])


def _slack(call: SlackCall) -> Route:
    async def hear(request: Request) -> Response:
        try:
            body = await _body(request)
        except _TooLarge:
            return Response(status_code=413)
        status, headers, answer = await call(body, dict(request.headers))
        return Response(answer, status, dict(headers))

    return Route("/slack/events", hear, methods=["POST"])


async def _body(request: Request) -> bytes:
    body = bytearray()
    async for piece in request.stream():
        body += piece
        if len(body) > LARGEST_BODY:
            raise _TooLarge
    return bytes(body)


def _readiness(health: Health) -> dict[str, object]:
    parts = {
        name: {
            "state": "ok" if part.ok else "down",
            "since": part.since.astimezone(UTC).isoformat(timespec="seconds"),
            "reason": part.reason,
        }
        for name, part in health.parts.items()
    }
    return {"status": health.status, "parts": parts}


@contextlib.asynccontextmanager
async def serve(app: Starlette, host: str, port: int) -> AsyncIterator[int]:
    """Serve while the block runs; gives the port (of which 0 lets the system choose). Raises SettingsProblem.

    On leaving, new connections are refused and requests in hand get STOP_WITHIN seconds.
    """
    try:
        listening = socket.create_server((host, port), reuse_port=False)
    except OSError as error:
        raise SettingsProblem(
            f"HUB_HTTP_PORT {port} cannot be used on {host} ({error.strerror}): stop what uses it, or choose another."
        ) from error
    server = _Server(
        uvicorn.Config(
            app,
            access_log=False,
            lifespan="off",
            log_config=None,
            server_header=False,
            timeout_graceful_shutdown=STOP_WITHIN,
            ws="none",
        )
    )
    serving = asyncio.create_task(server.serve(sockets=[listening]), name="http")
    try:
        await server.ready.wait()
        yield listening.getsockname()[1]
    finally:
        server.should_exit = True
        await serving


class _Server(uvicorn.Server):
    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.ready = asyncio.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        try:
            await super().startup(sockets)
        finally:
            self.ready.set()

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Signals belong to the hub, which has more to finish than HTTP."""
        yield
