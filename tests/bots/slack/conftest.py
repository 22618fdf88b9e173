"""Slack on loopback: the scripted one for single answers, the playground's for whole stories."""

import json
import os
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from bots.slack.calls import Calls
from bots.slack.client import SlackMessenger
from tests.bots.slack.scripted import ScriptedSlack


async def no_files(ref: str) -> bytes:
    raise LookupError(ref)


@pytest.fixture
async def slack() -> AsyncIterator[ScriptedSlack]:
    scripted = ScriptedSlack()
    await scripted.start()
    yield scripted
    await scripted.stop()


@pytest.fixture
async def messenger(slack: ScriptedSlack) -> AsyncIterator[SlackMessenger]:
    made = SlackMessenger(Calls("xoxb-test", slack.url), no_files)
    yield made
    await made.close()


@pytest.fixture(scope="session")
def specs() -> Path:
    """The folder of machine-readable platform contracts; the test is skipped where it is absent."""
    beside = Path(__file__).parents[4] / "shared" / "specs"
    folder = Path(os.environ.get("HUB_SPECS", beside))
    if not folder.is_dir():
        pytest.skip("no platform specs on this machine")
    return folder


@pytest.fixture(scope="session")
def samples(specs: Path) -> dict[str, Any]:
    read: dict[str, Any] = json.loads((specs / "slack-payload-samples.json").read_text())
    return read
