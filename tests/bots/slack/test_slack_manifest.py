"""The app manifest: Slack takes it, and it asks for what the listener hears, no more."""

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from bots.slack.payloads import _EVENTS

MANIFEST = Path(__file__).parents[3] / "deploy" / "slack-manifest.yaml"


@pytest.fixture
def manifest() -> dict[str, Any]:
    read: dict[str, Any] = yaml.safe_load(MANIFEST.read_text())
    return read


def test_slacks_own_schema_takes_it(specs: Path, manifest: dict[str, Any]) -> None:
    schema = json.loads((specs / "slack-app-manifest-2.0.0.schema.json").read_text())

    jsonschema.validators.validator_for(schema)(schema).validate(manifest)


def test_it_subscribes_to_exactly_what_the_listener_understands(manifest: dict[str, Any]) -> None:
    subscribed = {name.partition(".")[0] for name in manifest["settings"]["event_subscriptions"]["bot_events"]}

    assert subscribed == set(_EVENTS)


def test_people_can_write_to_the_bot_and_press_its_buttons(manifest: dict[str, Any]) -> None:
    home = manifest["features"]["app_home"]

    assert home["home_tab_enabled"]
    assert home["messages_tab_enabled"]
    assert home["messages_tab_read_only_enabled"] is False
    assert manifest["settings"]["interactivity"]["is_enabled"]
    assert manifest["settings"]["socket_mode_enabled"]
