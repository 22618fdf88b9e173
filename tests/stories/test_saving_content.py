"""An admin saves: what is good is in force within seconds, what is broken changes nothing and is told."""

import asyncio
import shutil
from pathlib import Path

import aiohttp
import pytest

from playground.views import PATIENCE
from tests.stories.town import ROOT, town


@pytest.fixture
def content(tmp_path: Path) -> Path:
    """A folder of this admin's own."""
    return Path(shutil.copytree(ROOT / "content", tmp_path / "content"))


async def test_a_good_save_is_in_force_within_seconds(sqlite_url: str, content: Path) -> None:
    async with town(sqlite_url, content=content) as here:
        before = here.hub.catalogue.version
        file = content / "onboarding" / "quickstart.yaml"
        file.write_text(file.read_text("utf-8").replace("See Relay in two minutes", "Relay at a glance"), "utf-8")
        await here.other_content(before)

        dana = here.of_telegram("dana", "Dana Lee")
        await here.joins(dana, "dana@acme.example")

        await dana.sees("Relay at a glance")


async def test_a_broken_save_changes_nothing_and_is_told(sqlite_url: str, content: Path) -> None:
    async with town(sqlite_url, content=content) as here:
        before = here.hub.catalogue.version
        file = content / "onboarding" / "quickstart.yaml"
        good = file.read_text("utf-8")
        file.write_text(good.replace("title:", "titel:", 1), "utf-8")
        url = f"http://127.0.0.1:{here.settings.hub_http_port}/readyz"
        async with aiohttp.ClientSession() as client, asyncio.timeout(PATIENCE):
            told = ""
            while "problems, first" not in told:
                await asyncio.sleep(0.02)
                async with client.get(url) as answer:
                    told, status = await answer.text(), answer.status

        assert status == 200  # people are still served, with the last good content
        assert here.hub.catalogue.version == before
        dana = here.of_telegram("dana", "Dana Lee")
        await here.joins(dana, "dana@acme.example")
        await dana.sees("Get started with Relay")
