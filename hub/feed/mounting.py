"""Puts the feed into the hub's own HTTP without making the hub wait: its library is imported when first asked for."""

import asyncio
import importlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

from starlette.requests import HTTPConnection
from starlette.routing import BaseRoute, Match
from starlette.types import ASGIApp, Receive, Scope, Send

if TYPE_CHECKING:
    from storage.database import Database

PATHS: Final = ("/docs", "/openapi.json")
"""Besides everything below /api/."""


@dataclass(frozen=True, slots=True)
class FeedParts:
    """What the feed stands on."""

    database: "Database"
    now: Callable[[], datetime]
    patience: Callable[[], timedelta] = lambda: timedelta(minutes=30)
    """After so long without news a running campaign stands still: what the content says at the time."""


class FeedRoute(BaseRoute):
    """Everything of the feed's, handed on as it came.

    The first to ask waits for the import (half a second of processor time), in a thread: people's taps go on meanwhile.
    """

    def __init__(self, parts: FeedParts) -> None:
        self._parts = parts
        self._loading: asyncio.Task[ASGIApp] | None = None

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """Starlette asks each route in turn."""
        path = HTTPConnection(scope).url.path if scope["type"] == "http" else ""
        mine = path.startswith("/api/") or path in PATHS
        return (Match.FULL, {}) if mine else (Match.NONE, {})

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        """As an ASGI application does."""
        if self._loading is None or (self._loading.done() and self._loading.exception() is not None):
            self._loading = asyncio.create_task(asyncio.to_thread(self._load))
        app = await asyncio.shield(self._loading)
        await app(scope, receive, send)

    def _load(self) -> ASGIApp:
        app: ASGIApp = importlib.import_module("hub.feed.app").build_feed(self._parts)
        return app
