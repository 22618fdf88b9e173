"""All that comes unasked, as people live with it: why it came, when, put off, read, silenced and back again."""

import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.stories.test_digests import wants_daily, write
from tests.stories.test_nudges import nudges
from tests.stories.test_steps import comes
from tests.stories.town import ROOT, Town, town
from tests.stories.walks import ACME, arrives_in_slack, begins

ASKED = "Why did I get this?"


@pytest.fixture
async def paper(sqlite_url: str, tmp_path: Path) -> AsyncIterator[Town]:
    """A town where two things are new today, and others in the days to come."""
    content = Path(shutil.copytree(ROOT / "content", tmp_path / "content"))
    for old in (*(content / "updates").glob("*.md"), *(content / "nudges").glob("[!s]*.yaml")):
        old.unlink()
    write(content, "export", "product", "Bulk export")
    write(content, "search", "product", "Faster search")
    rule = "trigger: signal\nsignal: usage_dropped\nstop: 1\ntexts: [It is quiet around your campaigns.]\n"
    (content / "nudges" / "quiet.yaml").write_text(rule, "utf-8")
    async with town(sqlite_url, content=content) as place:
        yield place


async def later(here: Town, **by: float) -> None:
    """The clock is turned, and whatever is due by then is said."""
    await here.turn(**by)
    await here.hub.look_around()
    await here.at_rest()


@pytest.mark.parametrize("where", ["telegram", "slack"])
async def test_everything_unasked_tells_who_asks_why_it_came(paper: Town, where: str) -> None:
    here, before = paper, paper.hub.catalogue.version
    content = Path(here.hub.catalogue.folder)
    write(content, "night", "service", "Work at night", day="2026-11-05")
    write(content, "terms", "service", "New terms", "importance: mandatory", day="2026-11-06")
    await here.other_content(before)
    dana = await comes(here, where)
    await wants_daily(dana)

    await later(here, hours=22, minutes=15)  # Wednesday, a quarter past nine in Berlin
    await dana.sees("What is new for you")
    await dana.tap_label(ASKED)
    await dana.sees("This is your summary of what you had not seen yet")

    await later(here, days=1)
    await dana.sees("Read about night")
    await dana.tap_label(ASKED)
    await dana.sees("there is something new that you had not seen yet, Work at night")

    await later(here, days=1)
    await dana.sees("Please read this and say that you have")
    await dana.tap_label(ASKED)
    await dana.sees("because it has to be read; it can't be turned off")
    await dana.tap_label("Read on")
    await dana.tap_label("I have read it")
    await dana.sees("that you have read this")

    await here.signal(ACME, "usage_dropped")
    await later(here, days=3)
    await dana.sees("It is quiet around your campaigns.")
    await dana.tap_label(ASKED)
    told = await dana.sees("nothing has moved in Get started with Relay for 5 days")  # the nudge it came with
    assert "It is quiet around your campaigns." in told.text


async def test_from_the_first_nudge_to_silence_and_back(paper: Town) -> None:
    here = paper
    phone = here.of_telegram("dana", "Dana Lee")
    await here.joins(phone, "dana@acme.example")
    desk = await arrives_in_slack(here, "dana", "Dana Lee", "dana@acme.example")
    await desk.open_home()
    await desk.sees_button("Updates · 2", conversation="home")
    await wants_daily(phone)
    await here.turn(hours=10)  # nine in the evening
    await phone.say("/home")
    await phone.tap_label("Updates · 2")
    await phone.tap_label("Faster search")
    await phone.sees("All about search")
    await phone.say("/home")
    await begins(phone)
    await phone.tap_label("Done")
    await phone.sees("1/8")

    await later(here, hours=12, minutes=15)  # a quarter past nine: exactly what was not seen
    digest = await phone.sees("What is new for you")
    assert "Bulk export" in digest.text
    assert "Faster search" not in digest.text
    await phone.tap_label("Bulk export")
    await phone.sees("All about export")
    await desk.sees_button("Updates", conversation="home")
    await phone.sees("You have seen everything that is new")

    await here.signal(ACME, "workspace_created")
    await later(here, days=1, hours=23, minutes=40)  # Friday, five to nine: two days are over since the evening
    assert nudges(phone) == 0
    await later(here, minutes=20)
    await phone.until(lambda: nudges(phone) == 1 or None)
    await phone.tap_label("Next week")
    await phone.sees("I'll come back to it on Mon, Nov 9, 9:00")
    await later(here, days=2)
    assert nudges(phone) == 1
    await later(here, days=1)
    await phone.until(lambda: nudges(phone) == 2 or None)

    await phone.say("/settings")
    await phone.tap_label("Pause")
    await phone.tap_label("7 days")
    await phone.sees("You hear nothing from us by itself until")
    await here.at_rest()
    said = len(phone.messages()), len(desk.messages())
    await here.signal(ACME, "usage_dropped")
    for _ in range(3):
        await later(here, days=1)
    assert (len(phone.messages()), len(desk.messages())) == said

    await phone.tap_label("Write to me again")
    await later(here, minutes=1)
    await phone.sees("It is quiet around your campaigns.")
