"""The demo's story names what is there: buttons as content words them, seats that are taken, links that are offered."""

import re
from pathlib import Path

import yaml

from hub.demo_outside import GUESTS
from hub.demo_story import STORY

ROOT = Path(__file__).parents[2]
ON_THE_PAGE = {"Preview", "Open the invitation", "Dana makes a Telegram group", "Dana makes a Slack channel"}
ON_THE_PAGE |= {"Run a campaign of Acme's"}
"""What the page or an extra is called, and so is no phrase of the bots."""


def test_every_button_the_story_names_is_one_people_see() -> None:
    phrases = yaml.safe_load((ROOT / "content" / "phrases" / "en.yaml").read_text("utf-8"))
    labels = {re.split("{[{%]", label)[0].strip(" :") for label in phrases["button"].values()} | ON_THE_PAGE
    titles = {
        step["title"]
        for step in yaml.safe_load((ROOT / "content" / "onboarding" / "quickstart.yaml").read_text("utf-8"))["steps"]
    }

    named = {name for step in STORY for name in re.findall("“(.*?)”", step.words)}

    assert {name for name in named if name.split(":")[0] not in labels | titles | {"Our product says"}} == set()


def test_the_story_leads_only_where_somebody_sits() -> None:
    seats = {guest.seat for guest in GUESTS} | {"slack:dana", "slack:ann", "slack:ida", ""}

    assert {step.seat for step in STORY} <= seats
