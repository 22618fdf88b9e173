"""The hub as a process of its own, at full speed: a platform on loopback asks for no patience."""

import asyncio
import signal

from hub.running import running
from hub.settings import Settings
from scheduler.pacing import UNLIMITED


async def main() -> None:
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    async with running(Settings(), paces={"telegram": UNLIMITED, "slack": UNLIMITED}):
        await stop.wait()


if __name__ == "__main__":
    asyncio.run(main())
