"""After `kill -9` at any instant nothing is lost; only what may not be said twice waits for a person."""

import random
from pathlib import Path

import pytest

from tests.promises.crowd import Crowd


async def _kill_and_check(url: str, folder: Path, *, seed: int, kills: int, accounts: int) -> None:
    import asyncio

    chance = random.Random(seed)
    crowd = await Crowd.gather(url, folder, seed, accounts)
    process = crowd.process()
    try:
        await process.start()
        living = asyncio.create_task(crowd.live())
        for _ in range(kills):
            await crowd.until_calls(len(crowd.world.calls) + chance.randint(5, 40))
            await asyncio.sleep(chance.random() * 0.03)
            await process.kill()
            await process.start()
        await living
        await crowd.settled()
        assert await process.stop() == 0
        await crowd.check()
    finally:
        await process.kill()
        await crowd.leave()


async def test_twenty_people_lose_nothing_while_the_hub_is_killed_again_and_again(
    database_url: str, tmp_path: Path
) -> None:
    await _kill_and_check(database_url, tmp_path, seed=4, kills=3, accounts=10)


@pytest.mark.soak
@pytest.mark.parametrize("seed", range(10))
async def test_it_holds_for_many_lives(database_url: str, tmp_path: Path, seed: int) -> None:
    await _kill_and_check(database_url, tmp_path, seed=seed, kills=8, accounts=10)
