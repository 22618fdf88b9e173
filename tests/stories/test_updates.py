"""What is new is told once, counted for each person apart, and every badge goes to nothing when it was opened."""

import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from playground.telegram.person import TelegramPerson
from tests.stories.town import ROOT, Town, town
from tests.stories.walks import Client, arrives_in_slack

TODAY, TOMORROW = "2026-11-03", "2026-11-04"


@pytest.fixture
def content(tmp_path: Path) -> Path:
    """A folder of this admin's own, without the updates that come with the hub."""
    folder = Path(shutil.copytree(ROOT / "content", tmp_path / "content"))
    shutil.rmtree(folder / "updates")
    shutil.rmtree(folder / "nudges", ignore_errors=True)
    return folder


@pytest.fixture
async def paper(database_url: str, content: Path) -> AsyncIterator[Town]:
    """Two things are new today."""
    write(content, "export", "Bulk export")
    write(content, "search", "Faster search")
    async with town(database_url, content=content) as place:
        yield place


def write(content: Path, name: str, title: str, *more: str, day: str = TODAY) -> Path:
    front = "\n".join((f"title: {title}", f"summary: In short about {name}", "topic: product", *more))
    (content / "updates").mkdir(exist_ok=True)
    file = content / "updates" / f"{day}-{name}.md"
    file.write_text(f"---\n{front}\n---\n\nAll about **{name}**.\n", "utf-8")
    return file


def told_of(person: Client, words: str) -> int:
    return sum(words in message.text for message in person.messages())


async def both_arrive(here: Town) -> tuple[TelegramPerson, Client]:
    """Two people of one client, one in each messenger."""
    dana = here.of_telegram("dana", "Dana Lee")
    await here.joins(dana, "dana@acme.example")
    mia = await arrives_in_slack(here, "mia", "Mia Torres", "mia@acme.example")
    return dana, mia


async def test_what_one_person_opened_is_still_new_to_a_colleague(paper: Town) -> None:
    dana, mia = await both_arrive(paper)
    await dana.sees_button("Updates · 2")
    await mia.sees_button("Updates · 2")

    await dana.tap_label("Updates · 2")
    await dana.tap_label("Bulk export")
    await dana.sees("All about export")
    await dana.tap_label("Home")

    await dana.sees_button("Updates · 1")
    await paper.at_rest()
    await mia.sees_button("Updates · 2")


async def test_the_last_one_opened_clears_the_badge_in_both_messengers(paper: Town) -> None:
    mia_t = paper.of_telegram("mia", "Mia Torres")
    await paper.joins(mia_t, "mia@acme.example")
    mia_s = await arrives_in_slack(paper, "mia", "Mia Torres", "mia@acme.example")
    await mia_s.open_home()
    await mia_s.sees_button("Updates · 2", conversation="home")

    await mia_t.say("/updates")
    await mia_t.tap_label("Bulk export")
    await mia_t.sees("All about export")
    await mia_t.tap_label("All updates")
    await mia_t.tap_label("Faster search")
    await mia_t.sees("All about search")

    await mia_s.sees_button("Updates", conversation="home")
    await mia_t.say("/home")
    await mia_t.sees_button("Updates")


async def test_slack_lists_what_is_new_too(paper: Town) -> None:
    mia = await arrives_in_slack(paper, "mia", "Mia Torres", "mia@acme.example")

    await mia.say("/hub updates")

    listed = await mia.sees("Bulk export")
    assert "🆕" in listed.text
    assert "In short about search" in listed.text
    await mia.tap_label("Faster search")
    await mia.sees("All about search")


async def test_a_newcomer_catches_up(sqlite_url: str, content: Path) -> None:
    write(content, "older", "Something older", day="2026-10-20")
    write(content, "ancient", "Something ancient", day="2026-06-01")
    async with town(sqlite_url, content=content) as here:
        dana = here.of_telegram("dana", "Dana Lee")
        await here.joins(dana, "dana@acme.example")
        await dana.say("/updates")
        await dana.sees("Nothing new since you came")

        await dana.say("/updates 30d")

        listed = await dana.sees("Something older")
        assert "🆕" not in listed.text
        assert "Something ancient" not in listed.text


async def test_an_opinion_can_be_changed(paper: Town) -> None:
    dana, _mia = await both_arrive(paper)
    await dana.say("/updates")
    await dana.tap_label("Bulk export")
    await dana.tap_label("👍")
    await dana.sees_button("👍 ✓")

    await dana.tap_label("👎")

    await dana.sees_button("👎 ✓")
    await dana.sees_button("👍")


async def test_a_comment_reaches_the_csm_with_the_name_of_the_update(paper: Town) -> None:
    ann = paper.of_slack("ann")
    await ann.open_home()
    dana, mia = await both_arrive(paper)
    await dana.say("/updates")
    await dana.tap_label("Bulk export")
    await dana.tap_label("Comment")
    await dana.sees("What would you like to tell Ann about Bulk export?")

    await dana.say("Does it keep our columns?")

    plea = await ann.sees("Does it keep our columns?", conversation=ann.dm)
    assert "Bulk export" in plea.text
    await dana.sees("Ann has your words")
    await dana.sees("Your words about Bulk export")
    await dana.tap_label("All updates")
    await dana.sees("What is new · 1")
    await mia.say("/hub updates")
    await mia.tap_label("Faster search")
    await mia.tap_label("Comment")
    await mia.sees("about Faster search")
    await mia.say("Much better!")
    assert "Faster search" in (await ann.sees("Much better!", conversation=ann.dm)).text


async def test_a_reply_to_an_update_is_a_comment(paper: Town) -> None:
    ann = paper.of_slack("ann")
    await ann.open_home()
    dana = paper.of_telegram("dana", "Dana Lee")
    await paper.joins(dana, "dana@acme.example")
    await dana.say("/updates")
    await dana.tap_label("Bulk export")
    opened = await dana.sees("All about export")

    await dana.say("When does it come?", reply_to=opened.id)

    assert "Bulk export" in (await ann.sees("When does it come?", conversation=ann.dm)).text


async def test_what_appears_is_told_once_and_redraws_the_badge(database_url: str, content: Path) -> None:
    write(content, "export", "Bulk export", day=TOMORROW)
    async with town(database_url, content=content) as here:
        dana, mia = await both_arrive(here)
        await dana.sees_button("Updates")

        await here.turn(days=1)

        await dana.sees("In short about export")
        await mia.sees("In short about export")
        line = await dana.sees("1 new update: /updates")
        await here.at_rest()
        assert pinned(here, dana) == [line.id]
        await here.turn(days=1)
        await here.at_rest()
        assert told_of(dana, "In short about export") == 1
        await dana.tap_label("Read on")
        await dana.sees("All about export")
        await dana.tap_label("Home")
        await dana.sees_button("Updates")


async def test_what_is_withdrawn_before_the_morning_is_never_told(sqlite_url: str, content: Path) -> None:
    file = write(content, "export", "Bulk export", day=TOMORROW)
    async with town(sqlite_url, content=content) as here:
        dana, _mia = await both_arrive(here)
        await here.turn(hours=14)  # past midnight: it has come, and waits for nine in the morning
        version = here.hub.catalogue.version
        file.unlink()
        await here.other_content(version)

        await here.turn(hours=12)

        await here.at_rest()
        assert told_of(dana, "Bulk export") == 0
        await dana.say("/updates")
        await dana.sees("Nothing new since you came")


async def test_what_must_be_read_is_asked_for_until_it_was(sqlite_url: str, content: Path) -> None:
    write(content, "rules", "New rules", "importance: mandatory", day=TOMORROW)
    async with town(sqlite_url, content=content) as here:
        dana, mia = await both_arrive(here)
        await here.turn(days=1)
        await dana.sees("Please read this and say that you have")
        await mia.tap_label("Read on")
        await mia.tap_label("I have read it")
        await mia.sees("that you have read this")

        await here.turn(days=1, hours=1)

        await dana.sees("We still need to know")
        assert told_of(mia, "We still need to know") == 0
        await dana.tap_label("Read on")
        await dana.tap_label("I have read it")
        await dana.sees("that you have read this")
        await here.turn(days=4)
        await here.at_rest()
        assert told_of(dana, "We still need to know") == 0


async def test_a_line_at_the_top_of_the_chat_counts_down_and_is_taken_down(paper: Town) -> None:
    dana = paper.of_telegram("dana", "Dana Lee")
    await paper.joins(dana, "dana@acme.example")
    await dana.say("/updates")
    line = await dana.sees("2 new updates: /updates")
    await paper.at_rest()
    assert pinned(paper, dana) == [line.id]

    await dana.tap_label("Bulk export")
    await dana.sees("1 new update: /updates")
    await dana.tap_label("All updates")
    await dana.tap_label("Faster search")

    assert (await dana.sees("You have seen everything that is new")).id == line.id
    await paper.at_rest()
    assert pinned(paper, dana) == []


def pinned(here: Town, person: TelegramPerson) -> list[str]:
    return [str(number) for number in here.telegram.telegram.chats[person.chat_id].pinned]
