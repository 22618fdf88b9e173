"""Ida, who edits content, hears in Slack what her saves did, while clients see only what is good."""

import shutil
from pathlib import Path

import pytest
from sqlmodel import Session, select

from storage.tables import Delivery
from tests.stories.town import ROOT, town

NEW_STEP = """
  - title: Meet the team
    text: Say hello to everybody.
    applies_to: everyone
"""


@pytest.fixture
def content(tmp_path: Path) -> Path:
    return Path(shutil.copytree(ROOT / "content", tmp_path / "content"))


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
        await ida.sees("is not in force")
        await ida.sees("quickstart.yaml:")

        file.write_text(good.rstrip("\n") + "\n" + NEW_STEP, "utf-8")
        await ida.sees("whole again")
        await ida.sees("1 new step")
        await ida.sees("1 person is on it")
        await here.other_content(before)
        await here.turn(seconds=5)
        await here.at_rest()

        assert await here.hub.database.read(_of_content, "telegram") == []
        assert len(await here.hub.database.read(_of_content, "slack")) == 2


def _of_content(session: Session, messenger: str) -> list[str]:
    found = session.exec(select(Delivery.key).where(Delivery.kind == "content", Delivery.messenger == messenger))
    return list(found.all())
