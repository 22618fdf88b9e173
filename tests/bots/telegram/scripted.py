"""A Bot API that answers exactly what a test tells it to, and keeps what it was asked."""

import json
import os
from collections import defaultdict, deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import jsonschema
from aiohttp import web

TOKEN = "42:scripted"
ME = {"id": 42, "is_bot": True, "first_name": "Hub", "username": "hub_bot"}
_SPECS = Path(os.environ.get("HUB_SPECS", Path(__file__).parents[4] / "shared" / "specs"))


@dataclass(frozen=True, slots=True)
class No:
    """A refusal. `code` 0: the connection drops after the request was read."""

    code: int
    description: str = ""
    parameters: Mapping[str, int] = field(default_factory=dict)


DROP = No(0)


@dataclass(frozen=True, slots=True)
class Asked:
    method: str
    params: dict[str, Any]
    files: tuple[str, ...] = ()


class ScriptedApi:
    """Answers `{"message_id": 1}`, 2, 3 … to whatever sends or edits, True to the rest, unless told otherwise."""

    def __init__(self) -> None:
        self.asked: list[Asked] = []
        self.url = ""
        self._answers: dict[str, deque[Any]] = defaultdict(deque)
        self._runner: web.AppRunner | None = None
        self._next_id = 0

    def answer(self, method: str, *answers: Any) -> None:
        """The next answers to this method: a result, or a `No`."""
        self._answers[method].extend(answers)

    @property
    def methods(self) -> list[str]:
        return [asked.method for asked in self.asked]

    async def start(self) -> None:
        app = web.Application(client_max_size=2**27)
        app.router.add_post("/bot{token}/{method}", self._called)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        self.url = f"http://127.0.0.1:{self._runner.addresses[0][1]}"

    async def stop(self) -> None:
        if self._runner is not None:
            await self._runner.cleanup()

    async def _called(self, request: web.Request) -> web.StreamResponse:
        method = request.match_info["method"]
        params, files = await _read(request)
        if method != "getMe":
            self.asked.append(Asked(method, params, files))
            _check(method, params, files)
        answer = self._answers[method].popleft() if self._answers[method] else self._usual(method)
        if isinstance(answer, No):
            if answer.code == 0:
                assert request.transport is not None
                request.transport.abort()
                return web.Response()
            body = {"ok": False, "error_code": answer.code, "description": answer.description}
            if answer.parameters:
                body["parameters"] = dict(answer.parameters)
            return web.json_response(body, status=answer.code)
        return web.json_response({"ok": True, "result": answer})

    def _usual(self, method: str) -> Any:
        if method == "getMe":
            return ME
        if method.startswith(("send", "edit")) and method != "sendChatAction":
            self._next_id += 1
            return {"message_id": self._next_id, "date": 1, "chat": {"id": 7, "type": "private"}}
        return True


async def _read(request: web.Request) -> tuple[dict[str, Any], tuple[str, ...]]:
    if request.content_type == "application/json":
        return json.loads(await request.read() or b"{}"), ()
    params: dict[str, Any] = {}
    files: list[str] = []
    if request.content_type == "multipart/form-data":
        for name, value in (await request.post()).items():
            if isinstance(value, web.FileField):
                files.append(f"{name}:{value.filename}")
                value.file.close()
            else:
                params[name] = _decoded(name, value)
    return params, tuple(files)


def _decoded(name: str, value: Any) -> Any:
    if name in ("reply_markup", "media", "link_preview_options", "supports_streaming") or (
        name == "chat_id" or name.endswith("_id")
    ):
        try:
            return json.loads(value)
        except ValueError:
            return value
    return value


_schema: dict[str, Any] | None = None


def _check(method: str, params: dict[str, Any], files: tuple[str, ...]) -> None:
    """Hold what was asked against the published Bot API, where its description is at hand."""
    global _schema  # noqa: PLW0603 - read once, it is large
    file = _SPECS / "telegram-bot-api-10.0.schema.json"
    if _schema is None:
        _schema = json.loads(file.read_text()) if file.exists() else {}
    definition = _schema.get("definitions", {}).get(f"method.{method}") if _schema else None
    if definition is not None:
        uploaded = {name.partition(":")[0] for name in files}
        known = {
            **params,
            **{name: "attach://here" for name in uploaded if name in definition["properties"]},
        }
        jsonschema.Draft7Validator({**definition, "definitions": _schema["definitions"]}).validate(known)
