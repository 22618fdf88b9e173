"""A Bot API server that costs almost nothing: hands out updates, counts answers, and prints what it saw as JSON.

Every chat has one update outstanding at a time: its next one comes when the bot answered. In `--rate` mode updates
come at a fixed rate whatever the bot does, and the time from update to answer is what counts.
"""

import argparse
import asyncio
import json
import time
from typing import Any

from aiohttp import web

FIRST_CHAT = 1000


class Wire:
    """Chats take turns; half of what people do is a message, half a tap."""

    def __init__(self, *, chats: int, total: int, latency: float, rate: float, taps: list[str], words: str) -> None:
        self.chats, self.total, self.latency, self.rate = chats, total, latency, rate
        self.taps, self.words = taps, words
        self.queue: list[dict[str, Any]] = []
        self.given = self.answered = self.served = self.next_id = 0
        self.asked_at: dict[int, float] = {}
        self.took: list[float] = []
        self.begun = self.ended = 0.0
        self.news = asyncio.Event()
        self.done = asyncio.Event()

    def give(self, chat: int) -> None:
        """Put this chat's next update into the queue, unless enough were given."""
        if self.given >= self.total:
            return
        number = self.given
        self.given += 1
        self.next_id += 1
        user = {"id": chat, "is_bot": False, "first_name": "Dana", "language_code": "en"}
        where = {"id": chat, "type": "private", "first_name": "Dana"}
        message = {"message_id": 7, "date": int(time.time()), "chat": where, "text": self.words}
        update: dict[str, Any] = {"update_id": self.next_id}
        if number // self.chats % 2:
            update["message"] = message | {"from": user}
            if self.words.startswith("/"):
                update["message"]["entities"] = [{"type": "bot_command", "offset": 0, "length": len(self.words)}]
        else:
            data = self.taps[number // self.chats // 2 % len(self.taps)].replace("N", str(chat - FIRST_CHAT + 1))
            update["callback_query"] = {
                "id": str(self.next_id), "from": user, "chat_instance": "1", "data": data, "message": message,
            }  # fmt: skip
        self.asked_at[chat] = time.perf_counter()
        self.queue.append(update)
        self.news.set()

    def answer(self, chat: int) -> None:
        asked = self.asked_at.pop(chat, None)
        if asked is None:
            return
        now = time.perf_counter()
        self.took.append(now - asked)
        self.answered += 1
        if self.answered == self.total:
            self.ended = now
            self.done.set()
        elif not self.rate:
            self.give(chat)

    async def pour(self) -> None:
        """Updates at a fixed rate, chat after chat."""
        for number in range(self.total):
            wait = self.begun + number / self.rate - time.perf_counter()
            if wait > 0:
                await asyncio.sleep(wait)
            self.give(FIRST_CHAT + number % self.chats)


async def handle(request: web.Request) -> web.Response:
    wire: Wire = request.app["wire"]
    method = request.match_info["method"].lower()
    params: dict[str, Any] = dict(request.query)
    if request.can_read_body:
        if request.content_type == "application/json":
            params |= await request.json()
        else:
            params |= dict(await request.post())
    if wire.latency:
        await asyncio.sleep(wire.latency)
    return _ok(await _result(wire, method, params))


async def _result(wire: Wire, method: str, params: dict[str, Any]) -> Any:
    if method == "getme":
        return {"id": 42, "is_bot": True, "first_name": "Bench", "username": "bench_bot"}
    if method == "getupdates":
        return await _updates(wire, params)
    if method in ("sendmessage", "editmessagetext"):
        chat = int(params["chat_id"])
        wire.answer(chat)
        return {"message_id": 7, "date": 1, "chat": {"id": chat, "type": "private"}, "text": "x"}
    return True


async def _updates(wire: Wire, params: dict[str, Any]) -> list[dict[str, Any]]:
    offset = int(params.get("offset") or 0)
    if not wire.begun:
        wire.begun = time.perf_counter()
        if wire.rate:
            wire.pouring = asyncio.create_task(wire.pour())  # type: ignore[attr-defined]  # kept from the collector
        else:
            for chat in range(FIRST_CHAT, FIRST_CHAT + wire.chats):
                wire.give(chat)
    wire.queue = [update for update in wire.queue if update["update_id"] >= offset]
    if not wire.queue and int(params.get("timeout") or 0):
        wire.news.clear()
        try:
            await asyncio.wait_for(wire.news.wait(), min(int(params["timeout"]), 5))
        except TimeoutError:
            return []
    return wire.queue[:100]


def _ok(result: Any) -> web.Response:
    return web.Response(body=json.dumps({"ok": True, "result": result}), content_type="application/json")


async def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--chats", type=int, default=100)
    parser.add_argument("--total", type=int, default=2000)
    parser.add_argument("--latency", type=float, default=0.0, help="seconds added to each answer")
    parser.add_argument("--rate", type=float, default=0.0, help="updates a second; 0: one by one per chat")
    parser.add_argument("--taps", default="done.N.x")
    parser.add_argument("--words", default="hello")
    parser.add_argument("--within", type=float, default=100.0, help="seconds after which it gives up")
    args = parser.parse_args()
    app = web.Application()
    app["wire"] = wire = Wire(
        chats=args.chats, total=args.total, latency=args.latency, rate=args.rate, taps=args.taps.split(","),
        words=args.words,
    )  # fmt: skip
    app.router.add_route("*", "/bot{token}/{method}", handle)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    print(runner.addresses[0][1], flush=True)
    try:
        await asyncio.wait_for(wire.done.wait(), args.within)
    except TimeoutError:
        wire.ended = time.perf_counter()
    took = sorted(wire.took)
    spent = wire.ended - wire.begun
    figures = {
        "answered": wire.answered,
        "per_second": wire.answered / spent if spent else 0.0,
        "p50_ms": took[len(took) // 2] * 1000 if took else 0.0,
        "p99_ms": took[int(len(took) * 0.99)] * 1000 if took else 0.0,
    }
    print(json.dumps(figures), flush=True)
    await runner.cleanup()


if __name__ == "__main__":
    asyncio.run(main())
