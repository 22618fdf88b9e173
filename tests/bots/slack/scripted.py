"""A Slack that answers exactly what a test tells it to, and remembers what it was asked."""

import asyncio
import json
from collections import defaultdict, deque
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

Json = dict[str, Any]


@dataclass(frozen=True)
class Say:
    """One answer. `hang_up`: the request is read, then the line breaks without an answer; `silent`: none ever comes."""

    body: Json | str = field(default_factory=lambda: {"ok": True})
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    hang_up: bool = False
    silent: bool = False


def error(name: str, *remarks: str) -> Say:
    return Say({"ok": False, "error": name, "response_metadata": {"messages": list(remarks)}})


POSTED = Say({"ok": True, "channel": "D0ANN", "ts": "1700.000100"})


class ScriptedSlack:
    def __init__(self) -> None:
        self.asked: list[tuple[str, Json]] = []
        self.uploaded: list[bytes] = []
        self.seen_tokens: list[str] = []
        self._plan: dict[str, deque[Say]] = defaultdict(deque)
        self._runner: web.AppRunner | None = None
        self._end = asyncio.Event()
        self.url = ""

    def will(self, method: str, *answers: Say) -> None:
        """Answer the next calls of this method so; the last answer stays."""
        self._plan[method].extend(answers)

    def calls_of(self, method: str) -> list[Json]:
        return [body for name, body in self.asked if name == method]

    async def start(self) -> None:
        app = web.Application()
        app.router.add_route("*", "/api/{method}", self._answer)
        app.router.add_post("/upload/{file}", self._upload)
        app.router.add_get("/files/{file}", self._download)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        self.url = f"http://127.0.0.1:{self._runner.addresses[0][1]}/api/"
        self.will("auth.test", Say({"ok": True, "team_id": "T0HOME", "user_id": "U0BOT", "team": "Vendor"}))
        self.will("chat.postMessage", POSTED)
        self.will("conversations.open", Say({"ok": True, "channel": {"id": "D0ANN"}}))
        base = self.url.removesuffix("/api/")
        place = {"ok": True, "upload_url": f"{base}/upload/F1", "file_id": "F1"}
        self.will("files.getUploadURLExternal", Say(place))
        self.will(
            "files.completeUploadExternal", Say({"ok": True, "files": [{"id": "F1", "permalink": f"{base}/p/F1"}]})
        )

    async def stop(self) -> None:
        self._end.set()
        if self._runner:
            await self._runner.cleanup()

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        method = request.match_info["method"]
        body: Json = dict(request.query)
        if request.content_type == "application/json":
            body |= json.loads(await request.read())
        self.asked.append((method, body))
        self.seen_tokens.append(request.headers.get("Authorization", ""))
        plan = self._plan[method]
        say = (plan.popleft() if len(plan) > 1 else plan[0]) if plan else Say()
        if say.silent:
            await self._end.wait()
        if say.hang_up or say.silent:
            assert request.transport is not None
            request.transport.abort()
            return web.Response()
        if isinstance(say.body, str):
            return web.Response(status=say.status, text=say.body, content_type="text/html", headers=say.headers)
        return web.json_response(say.body, status=say.status, headers=say.headers)

    async def _upload(self, request: web.Request) -> web.Response:
        self.uploaded.append(await request.read())
        return web.Response(text="OK")

    async def _download(self, request: web.Request) -> web.Response:
        self.seen_tokens.append(request.headers.get("Authorization", ""))
        return web.Response(body=b"bytes of " + request.match_info["file"].encode())
