"""A bare bolt echo over Socket Mode with its defaults."""

import asyncio
import logging
import re
import sys
from typing import Any

from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_bolt.async_app import AsyncApp
from slack_sdk.web.async_client import AsyncWebClient


async def main() -> None:
    logging.disable(logging.WARNING)  # what it writes to a log is not what is measured
    client = AsyncWebClient(token="xoxb-bench", base_url=f"{sys.argv[1]}/api/")
    app = AsyncApp(client=client)

    @app.event("message")
    async def words(event: dict[str, Any], say: Any) -> None:
        await say(event["text"])

    @app.action(re.compile(".*"))
    async def tap(ack: Any, body: dict[str, Any], client: AsyncWebClient) -> None:
        await ack()
        await client.chat_update(
            channel=body["channel"]["id"], ts=body["message"]["ts"], text=body["actions"][0]["value"]
        )

    await AsyncSocketModeHandler(app, "xapp-bench").start_async()  # type: ignore[no-untyped-call]  # bolt has no type there


if __name__ == "__main__":
    asyncio.run(main())
