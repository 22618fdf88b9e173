"""The floor: an aiohttp loop that polls and answers, with nothing between. No bot can be faster in Python."""

import asyncio
import sys
from typing import Any

import aiohttp


async def main() -> None:
    base, offset = f"{sys.argv[1]}/bot42:BENCH", 0
    waiting: set[asyncio.Task[None]] = set()
    async with aiohttp.ClientSession() as session:

        async def call(method: str, **params: object) -> Any:
            async with session.post(f"{base}/{method}", json=params) as response:
                return await response.json()

        async def answer(update: dict[str, Any]) -> None:
            if query := update.get("callback_query"):
                await call("answerCallbackQuery", callback_query_id=query["id"])
                chat = query["message"]["chat"]["id"]
                await call("editMessageText", chat_id=chat, message_id=7, text=query["data"])
            else:
                message = update["message"]
                await call("sendMessage", chat_id=message["chat"]["id"], text=message["text"])

        while True:
            answered = await call("getUpdates", offset=offset, timeout=5)
            for update in answered["result"]:
                offset = update["update_id"] + 1
                task = asyncio.create_task(answer(update))
                waiting.add(task)
                task.add_done_callback(waiting.discard)


if __name__ == "__main__":
    asyncio.run(main())
