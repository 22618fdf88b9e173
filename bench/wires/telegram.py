"""A Bot API server that costs almost nothing: hands out updates, counts answers, and prints what it saw as JSON."""

import asyncio
import json
import time
from typing import Any

from aiohttp import web

from bench.wires.crowd import Crowd, arguments, serve
from playground.telegram.flood import Flood, Limits

WORDS = "/home"
LONGEST_POLL = 30


class Wire:
    """What has not been fetched yet. All chats are private, and the hub's message in each has the number 7."""

    def __init__(self, latency: float, *, strict: bool) -> None:
        self.latency = latency
        self.flood = Flood(Limits() if strict else None)
        self.queue: list[dict[str, Any]] = []
        self.news = asyncio.Event()

    def hand(self, chat: int, number: int, tap: str | None) -> None:
        user = {"id": chat, "is_bot": False, "first_name": "Dana", "language_code": "en"}
        where = {"id": chat, "type": "private", "first_name": "Dana"}
        message = {"message_id": 7, "date": int(time.time()), "chat": where, "text": WORDS}
        if tap is None:
            command = {"type": "bot_command", "offset": 0, "length": len(WORDS)}
            heard: dict[str, Any] = {"message": message | {"from": user, "entities": [command]}}
        else:
            query = {"id": str(number), "from": user, "chat_instance": "1", "data": tap, "message": message}
            heard = {"callback_query": query}
        self.queue.append({"update_id": number, **heard})
        self.news.set()


async def handle(request: web.Request) -> web.Response:
    wire: Wire = request.app["wire"]
    method = request.match_info["method"].lower()
    params: dict[str, Any] = dict(request.query)
    if request.can_read_body:
        params |= await request.json() if request.content_type == "application/json" else await request.post()
    if wire.latency:
        await asyncio.sleep(wire.latency / 2)
    if method == "sendmessage" and (seconds := wire.flood.take(int(params["chat_id"]))):
        request.app["crowd"].refused += 1
        told = {"ok": False, "error_code": 429, "description": "Too Many Requests"}
        return web.json_response(told | {"parameters": {"retry_after": seconds}}, status=429)
    result = await _result(wire, request.app["crowd"], method, params)
    if wire.latency:
        await asyncio.sleep(wire.latency / 2)
    return web.Response(body=json.dumps({"ok": True, "result": result}), content_type="application/json")


async def _result(wire: Wire, crowd: Crowd, method: str, params: dict[str, Any]) -> Any:
    if method == "getme":
        return {"id": 42, "is_bot": True, "first_name": "Bench", "username": "bench_bot"}
    if method == "getupdates":
        crowd.begin()
        return await _updates(wire, int(params.get("offset") or 0), int(params.get("timeout") or 0))
    if method in ("sendmessage", "editmessagetext"):
        chat = int(params["chat_id"])
        crowd.answer(chat)
        return {"message_id": 7, "date": 1, "chat": {"id": chat, "type": "private"}, "text": "x"}
    return True


async def _updates(wire: Wire, offset: int, patience: int) -> list[dict[str, Any]]:
    wire.queue = [update for update in wire.queue if update["update_id"] >= offset]
    if not wire.queue and patience:
        wire.news.clear()
        try:
            await asyncio.wait_for(wire.news.wait(), min(patience, LONGEST_POLL))
        except TimeoutError:
            return []
    return wire.queue[:100]


async def main() -> None:
    asked = arguments()
    app = web.Application()
    app["wire"] = wire = Wire(asked.latency, strict=asked.strict)
    app["crowd"] = crowd = Crowd(wire.hand, asked.chats, asked.total, asked.rate, mailings=asked.mailings)
    app.router.add_route("*", "/bot{token}/{method}", handle)
    await serve(app, crowd, asked)


if __name__ == "__main__":
    asyncio.run(main())
