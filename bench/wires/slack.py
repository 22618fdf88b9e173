"""Slack's Web API and Socket Mode at almost no cost: hands out envelopes, counts answers, prints what it saw."""

import asyncio
import json
import time
from typing import Any

from aiohttp import WSMsgType, web

from bench.wires.crowd import Crowd, arguments, serve

TEAM = "T0BENCH"
WORDS = "a-token-that-was-used-once-and-is-sent-again"[:43]
"""As long as an invitation's token: the hub answers one that a known person repeats with the home card."""


class Wire:
    """The open connections, and what waits until there is one. Every person writes in their direct message."""

    def __init__(self, latency: float) -> None:
        self.latency = latency
        self.open: list[web.WebSocketResponse] = []
        self.turn = 0
        self.sending: set[asyncio.Task[None]] = set()

    def hand(self, chat: int, number: int, tap: str | None) -> None:
        payload = _message(chat, number) if tap is None else _press(chat, number, tap)
        kind = "events_api" if tap is None else "interactive"
        envelope = {
            "envelope_id": f"e{number}", "type": kind, "payload": payload, "accepts_response_payload": tap is not None,
        }  # fmt: skip
        self.turn += 1
        line = self.open[self.turn % len(self.open)]
        task = asyncio.create_task(line.send_str(json.dumps(envelope)))
        self.sending.add(task)
        task.add_done_callback(self.sending.discard)


def _message(chat: int, number: int) -> dict[str, Any]:
    event = {
        "type": "message", "channel": f"D{chat}", "channel_type": "im", "user": f"U{chat}", "team": TEAM,
        "text": WORDS, "ts": f"{1_700_000_000 + number}.000100", "event_ts": f"{1_700_000_000 + number}.000100",
    }  # fmt: skip
    return {
        "type": "event_callback", "team_id": TEAM, "api_app_id": "A0BENCH", "event_id": f"Ev{number}",
        "event_time": int(time.time()), "event": event, "authorizations": [{"team_id": TEAM, "user_id": "U0BOT"}],
    }  # fmt: skip


def _press(chat: int, number: int, tap: str) -> dict[str, Any]:
    message = {"type": "message", "user": "U0BOT", "ts": "1700000000.000001", "text": "x", "team": TEAM}
    action = {
        "type": "button", "action_id": "0.0", "block_id": "b", "value": tap, "action_ts": f"{number}.1",
        "text": {"type": "plain_text", "text": "Done"},
    }  # fmt: skip
    return {
        "type": "block_actions", "api_app_id": "A0BENCH", "trigger_id": f"{number}.1.x",
        "team": {"id": TEAM, "domain": "bench"}, "user": {"id": f"U{chat}", "team_id": TEAM, "username": "dana"},
        "channel": {"id": f"D{chat}", "name": "directmessage"}, "message": message, "actions": [action],
        "container": {"type": "message", "message_ts": "1700000000.000001", "channel_id": f"D{chat}"},
        "response_url": "http://127.0.0.1:9/none",
    }  # fmt: skip


async def handle(request: web.Request) -> web.Response:
    wire, crowd = request.app["wire"], request.app["crowd"]
    method = request.match_info["method"]
    params: dict[str, Any] = dict(request.query)
    if request.can_read_body:
        params |= await request.json() if request.content_type == "application/json" else await request.post()
    if wire.latency:
        await asyncio.sleep(wire.latency)
    answer = {"ok": True, **_answer(request, method)}
    if method in ("chat.postMessage", "chat.update"):
        # The hub writes to the person (U…), Slack tells it the direct message (D…); the number is the same.
        chat = int(str(params["channel"])[1:])
        answer |= {"channel": f"D{chat}", "ts": "1700000000.000001"}
        crowd.answer(chat)
    return web.Response(body=json.dumps(answer), content_type="application/json")


def _answer(request: web.Request, method: str) -> dict[str, Any]:
    match method:
        case "auth.test":
            return {
                "team_id": TEAM,
                "user_id": "U0BOT",
                "bot_id": "B0BOT",
                "user": "bench",
                "team": "Bench",
                "url": "x",
            }
        case "apps.connections.open":
            return {"url": f"ws://{request.host}/link"}
        case "users.lookupByEmail" | "users.info":
            return {"ok": False, "error": "users_not_found" if method == "users.lookupByEmail" else "user_not_found"}
        case "bots.info":
            return {"bot": {"id": "B0BOT", "app_id": "A0BENCH", "user_id": "U0BOT"}}
        case _:
            return {}


async def link(request: web.Request) -> web.WebSocketResponse:
    """One connection: everything that is heard on it are acknowledgements."""
    wire, crowd = request.app["wire"], request.app["crowd"]
    line = web.WebSocketResponse(max_msg_size=0)
    await line.prepare(request)
    await line.send_json({"type": "hello", "num_connections": 1, "connection_info": {"app_id": "A0BENCH"}})
    wire.open.append(line)
    crowd.begin()
    async for frame in line:
        if frame.type is not WSMsgType.TEXT:
            break
    wire.open.remove(line)
    return line


async def main() -> None:
    asked = arguments()
    app = web.Application()
    app["wire"] = wire = Wire(asked.latency)
    app["crowd"] = crowd = Crowd(wire.hand, asked.chats, asked.total, asked.rate)
    app.router.add_route("*", "/api/{method}", handle)
    app.router.add_get("/link", link)
    await serve(app, crowd, asked)


if __name__ == "__main__":
    asyncio.run(main())
