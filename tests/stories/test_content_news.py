"""Ida, who edits content, hears in Slack what her saves did, while clients see only what is good."""

import asyncio
import shutil
from pathlib import Path

import pytest
from sqlmodel import Session, select

from storage.tables import Delivery
from tests.stories.town import ROOT, Town, town

NEW_STEP = """
  - title: Meet the team
    text: Say hello to everybody.
    applies_to: everyone
"""


@pytest.fixture
def content(tmp_path: Path) -> Path:
    return Path(shutil.copytree(ROOT / "content", tmp_path / "content"))


async def in_force(here: Town, version: str) -> None:
    """Another version than this one is."""
    async with asyncio.timeout(20):
        while here.hub.catalogue.version == version:  # noqa: ASYNC110 - files tell nobody that they were read
            await asyncio.sleep(0.05)


async def test_a_broken_save_the_mending_one_and_a_new_step_are_told_to_the_admin(
    database_url: str, content: Path
) -> None:
    async with town(database_url, content=content) as here:
        ida = here.of_slack("ida", "Ida Berg", "ida@relay.example")
        await here.hub.look_around()
        dana = here.of_telegram("dana", "Dana Lee")
        await here.joins(dana, "dana@acme.example")
        before, file = here.hub.catalogue.version, content / "onboarding" / "quickstart.yaml"
        good = file.read_text("utf-8")

        file.write_text(good.replace("title:", "titel:", 1), "utf-8")
        await ida.sees("is not in force", within=20)
        await ida.sees("quickstart.yaml:", within=5)

        file.write_text(good.rstrip("\n") + "\n" + NEW_STEP, "utf-8")
        await ida.sees("whole again", within=20)
        await ida.sees("1 new step", within=5)
        await ida.sees("1 person is on it", within=5)
        await in_force(here, before)
        await here.turn(seconds=5)
        await here.at_rest()

        assert await here.hub.database.read(_of_content, "telegram") == []
        assert len(await here.hub.database.read(_of_content, "slack")) == 2


def _of_content(session: Session, messenger: str) -> list[str]:
    found = session.exec(select(Delivery.key).where(Delivery.kind == "content", Delivery.messenger == messenger))
    return list(found.all())
