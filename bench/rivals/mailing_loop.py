"""What anybody would write first: a loop that sends, and sleeps a thirtieth of a second; or sends to fifty at once."""

import argparse
import asyncio

import aiohttp

from bench.wires.crowd import MAILED

TEXT = "Hello Omar, from <b>January</b> all of Crowd pays less. Ask Ann."


async def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("url")
    parser.add_argument("--messages", type=int, default=100)
    parser.add_argument("--together", type=int, default=0, help="so many at once; 0: one by one, with sleeps")
    asked = parser.parse_args()
    async with aiohttp.ClientSession() as session:

        async def send(number: int) -> None:
            body = {"chat_id": MAILED + number, "text": TEXT, "parse_mode": "HTML"}
            async with session.post(f"{asked.url}/bot42:X/sendMessage", json=body) as response:
                await response.read()

        if asked.together:
            numbers = iter(range(1, asked.messages + 1))

            async def work() -> None:
                for number in numbers:
                    await send(number)

            await asyncio.gather(*(work() for _ in range(asked.together)))
        else:
            for number in range(1, asked.messages + 1):
                await send(number)
                await asyncio.sleep(1 / 30)
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main())
