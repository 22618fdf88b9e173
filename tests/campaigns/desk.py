"""The feed over real HTTP: a hub's HTTP server with nothing but the feed, and a platform that calls it."""

import contextlib
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import aiohttp

from core.campaigns.tokens import Granted, create
from hub.feed.mounting import FeedParts
from hub.health import Health
from hub.http import HttpParts, build_app, serve
from hub.metrics import Metrics
from storage.database import Database
from storage.tables import Account

NOW = datetime(2026, 11, 3, 10, 0, tzinfo=UTC)


@dataclass
class Platform:
    """Somebody who knows a token."""

    url: str
    client: aiohttp.ClientSession
    token: str
    database: Database
    headers: dict[str, str] = field(default_factory=dict)

    async def post(self, path: str, body: Any = None, **more: Any) -> tuple[int, Any]:
        headers = {"authorization": f"Bearer {self.token}", **self.headers, **more.pop("headers", {})}
        given = {"data": body} if isinstance(body, bytes | str) else {"json": body}
        if isinstance(body, bytes | str):
            headers.setdefault("content-type", "application/json")
        async with self.client.post(f"{self.url}{path}", headers=headers, **given, **more) as answer:
            return answer.status, await answer.json(content_type=None)

    async def get(self, path: str) -> tuple[int, Any]:
        headers = {"authorization": f"Bearer {self.token}"}
        async with self.client.get(f"{self.url}{path}", headers=headers) as answer:
            return answer.status, await answer.json(content_type=None)

    async def ask(self, method: str, path: str, **more: Any) -> tuple[int, Mapping[str, str]]:
        """As it stands, without a token: status and headers."""
        async with self.client.request(method, f"{self.url}{path}", **more) as answer:
            await answer.read()
            return answer.status, answer.headers

    async def announce(self, name: str = "spring", **more: Any) -> tuple[int, Any]:
        told = {"id": name, "account": "Acme", "title": "Spring sale", "channel": "email", "total": 100}
        return await self.post("/api/v1/campaigns", told | more)

    async def tell(self, *events: dict[str, Any], name: str = "spring") -> tuple[int, Any]:
        return await self.post(f"/api/v1/campaigns/{name}/events", {"events": list(events)})


def event(number: int | str, kind: str = "sent", **more: Any) -> dict[str, Any]:
    at = more.pop("at", "2026-11-03T09:59:00Z")
    return {"id": f"e-{number}", "type": kind, "at": at, **more}


@contextlib.asynccontextmanager
async def platform(database: Database, **more: Any) -> AsyncIterator[Platform]:
    """With Acme and Cinder in the database. `more`: of the token."""
    granted: Granted = database.transact_now(_people, more)
    app = build_app(HttpParts(Health(), Metrics(), feed=FeedParts(database, lambda: NOW)))
    async with serve(app, "127.0.0.1", 0) as port, aiohttp.ClientSession() as client:
        yield Platform(f"http://127.0.0.1:{port}", client, granted.token, database)


def _people(session: Any, more: dict[str, Any]) -> Granted:
    accounts = [Account(name=name, created_at=NOW) for name in ("Acme", "Cinder")]
    session.add_all(accounts)
    session.flush()
    if more.pop("bound", False):
        more["account"] = accounts[1]
    return create(session, "Postino", more.pop("scopes", ["campaigns:write"]), NOW, **more)
