"""A nudge comes in somebody's morning, is put off, comes again, ends, and goes with its reason; in both messengers."""

import shutil
from datetime import timedelta
from pathlib import Path

import pytest

from tests.stories.town import ROOT, Town, town
from tests.stories.walks import ACME, Client, arrives_in_slack, begins

NUDGED = ("Shall we go on?", "is still waiting in", "is anything in the way of")


async def begins_and_stops(here: Town, where: str) -> Client:
    """On a Tuesday at eleven, in Berlin: one step skipped, the next one reported, the third one theirs."""
    client: Client
    if where == "telegram":
        client = here.of_telegram("dana", "Dana Lee")
        await here.joins(client, "dana@acme.example")
    else:
        client = await arrives_in_slack(here, "dana", "Dana Lee", "dana@acme.example")
    await begins(client)
    await client.tap_label("Skip")
    await client.tap_label("No time now")
    await client.sees("1/8")
    await here.signal(ACME, "workspace_created")
    await client.sees("2/8")
    return client


def nudges(client: Client) -> int:
    return sum(any(words in message.text for words in NUDGED) for message in client.messages())


async def quiet_town(here: Town) -> None:
    """Until everything that is due was said."""
    await here.hub.look_around()
    await here.at_rest()


@pytest.mark.parametrize("where", ["telegram", "slack"])
async def test_it_comes_at_nine_in_their_morning_is_put_off_comes_again_and_goes_when_it_is_done(
    here: Town, where: str
) -> None:
    dana = await begins_and_stops(here, where)
    here.clock.turn(timedelta(days=2, hours=10))  # nobody looks until Thursday, nine in the evening
    await quiet_town(here)
    await here.turn(hours=11, minutes=55)  # Friday, five to nine in Berlin
    await quiet_town(here)
    assert nudges(dana) == 0

    await here.turn(minutes=16)  # everybody's morning begins within ten minutes
    await quiet_town(here)
    await dana.until(lambda: nudges(dana) == 1 or None)

    await dana.tap_label("Tomorrow")
    await dana.sees("I'll come back to it on Sat, Nov 7, 9:00")
    await here.turn(days=2)  # Sunday: nothing is said on a weekend
    await quiet_town(here)
    assert nudges(dana) == 1
    await here.turn(days=1)
    await quiet_town(here)
    await dana.until(lambda: nudges(dana) == 2 or None)

    await dana.tap_label("Next step")
    await dana.tap_label("Answer")
    await dana.sees("Write your answer here")
    await dana.say("mail.acme.example")
    await dana.sees("3/8")
    await here.turn(days=1, hours=20)
    await quiet_town(here)
    assert nudges(dana) == 2
    await here.turn(hours=6)
    await quiet_town(here)
    await dana.until(lambda: nudges(dana) == 3 or None)


async def test_when_three_came_to_nothing_ann_hears_of_it_in_slack(sqlite_town: Town) -> None:
    here, ann = sqlite_town, sqlite_town.of_slack("ann")
    dana = await begins_and_stops(here, "telegram")

    for _ in range(18):
        await here.turn(days=1)
        await quiet_town(here)

    told = await ann.sees("has not moved after 3 nudges")
    assert "Dana Lee" in told.text
    assert "Acme Logistics" in told.text
    assert nudges(dana) == 3


async def test_after_three_days_without_us_everything_is_one_message(tmp_path: Path, sqlite_url: str) -> None:
    content = tmp_path / "content"
    shutil.copytree(ROOT / "content", content)
    for update in (content / "updates").iterdir():
        update.unlink()
    (content / "nudges/away.yaml").write_text("trigger: no_visit\nafter: 1 day\nstop: 1\ntexts: [We miss you.]\n")
    (content / "nudges/asked.yaml").write_text(
        "trigger: signal\nsignal: usage_dropped\nstop: 1\ntexts: [It is quiet around your campaigns.]\n"
    )
    async with town(sqlite_url, content=content) as here:
        dana = await begins_and_stops(here, "telegram")
        await here.signal(ACME, "usage_dropped")
        before = len(dana.messages())

        here.clock.turn(timedelta(days=3))
        await here.hub.look_around()
        await quiet_town(here)
        await quiet_town(here)

        new = dana.messages()[before:]
        assert len(new) == 1, [message.text for message in new]
        for words in ("Tell us your sender domain", "We miss you.", "It is quiet around your campaigns."):
            assert words in new[0].text


async def test_a_rule_that_is_saved_while_its_nudge_waits_for_the_morning_is_said_as_it_is_now(
    tmp_path: Path, sqlite_url: str
) -> None:
    content = tmp_path / "content"
    shutil.copytree(ROOT / "content", content)
    async with town(sqlite_url, content=content) as here:
        dana = await begins_and_stops(here, "telegram")
        await here.turn(days=2, hours=10)  # Thursday, nine in the evening
        await quiet_town(here)
        assert nudges(dana) == 0

        before, rule = here.hub.catalogue.version, content / "nudges/stalled-step.yaml"
        rule.write_text(rule.read_text().replace("Shall we go on?", "Shall we go on together?", 1))
        await here.other_content(before)
        await quiet_town(here)
        await here.turn(hours=13)
        await quiet_town(here)

        await dana.sees("Shall we go on together?")
