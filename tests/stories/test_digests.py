"""People choose in chat what they hear of, and get what they have not seen at nine in their morning, or silence."""

import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from playground.telegram.person import TelegramPerson
from tests.stories.test_steps import comes
from tests.stories.town import ROOT, Town, town
from tests.stories.walks import Client, arrives_in_slack

TODAY = "2026-11-03"


@pytest.fixture
async def paper(database_url: str, tmp_path: Path) -> AsyncIterator[Town]:
    """A town where three things are new today: two about the product, a tip."""
    content = Path(shutil.copytree(ROOT / "content", tmp_path / "content"))
    for old in (content / "updates").glob("*.md"):
        old.unlink()
    write(content, "export", "product", "Bulk export")
    write(content, "search", "product", "Faster search")
    write(content, "colours", "tips", "Colours that sell")
    async with town(database_url, content=content) as place:
        yield place


def write(content: Path, name: str, topic: str, title: str, *more: str, day: str = TODAY) -> None:
    front = "\n".join((f"title: {title}", f"summary: Read about {name}", f"topic: {topic}", *more))
    (content / "updates").mkdir(exist_ok=True)
    (content / "updates" / f"{day}-{name}.md").write_text(f"---\n{front}\n---\n\nAll about {name}.\n", "utf-8")


def digests(person: Client) -> list[str]:
    return [message.text for message in person.messages() if "What is new for you" in message.text]


async def wants_daily(person: Client) -> None:
    """Opens the settings and hears of the product once a day."""
    await person.tap_label("Settings")
    await person.tap_label("Product news")
    await person.tap_label("once a day")
    await person.sees("Product news: once a day")


async def morning(here: Town) -> None:
    """Wednesday, a quarter past nine in Berlin, when everything spread around nine has come."""
    await here.turn(hours=22, minutes=15)
    await here.hub.look_around()
    await here.at_rest()


@pytest.mark.parametrize("where", ["telegram", "slack"])
async def test_at_nine_comes_exactly_what_was_not_seen(paper: Town, where: str) -> None:
    here = paper
    dana = await comes(here, where)
    await wants_daily(dana)
    await dana.tap_label("Home")
    await dana.tap_label("Updates · 3")
    await dana.tap_label("Faster search")
    await dana.sees("All about search")

    await here.turn(hours=21, minutes=30)  # half past eight
    await here.at_rest()
    assert digests(dana) == []
    await here.turn(minutes=45)
    await here.hub.look_around()

    digest = await dana.sees("What is new for you")
    assert "Bulk export" in digest.text
    assert "Faster search" not in digest.text
    assert "Colours" not in digest.text  # once a week, on Monday
    await here.turn(days=1)
    await here.at_rest()
    assert len(digests(dana)) == 1, "nothing new, no digest"


async def test_who_is_in_both_messengers_gets_one_and_opening_it_empties_the_badge_in_both(paper: Town) -> None:
    here = paper
    phone = here.of_telegram("dana", "Dana Lee")
    await here.joins(phone, "dana@acme.example")
    desk = await arrives_in_slack(here, "dana", "Dana Lee", "dana@acme.example")
    await wants_daily(phone)
    await desk.open_home()
    await desk.sees_button("Updates · 3", conversation="home")

    await morning(here)

    assert len(digests(phone)) + len(digests(desk)) == 1
    reader = phone if digests(phone) else desk
    await reader.tap_label("Bulk export")
    await reader.sees("All about export")
    await desk.sees_button("Updates · 2", conversation="home")


async def test_settings_changed_in_one_messenger_are_those_of_the_other(paper: Town) -> None:
    here = paper
    phone = here.of_telegram("dana", "Dana Lee")
    await here.joins(phone, "dana@acme.example")
    desk = await arrives_in_slack(here, "dana", "Dana Lee", "dana@acme.example")
    await desk.say("/hub settings")
    await desk.sees("Product news: at once")

    await phone.say("/settings")
    await phone.tap_label("Product news")
    await phone.tap_label("never")

    await desk.sees("Product news: never")
    await desk.tap_label("Time zone")
    await desk.tap_label("Another city")
    await desk.say("Lisbon")
    await desk.sees("Lisbon, 10:00")
    await phone.sees("Lisbon, 10:00")


@pytest.mark.parametrize("where", ["telegram", "slack"])
async def test_who_pauses_everything_gets_silence_but_for_what_is_mandatory(paper: Town, where: str) -> None:
    here = paper
    dana = await comes(here, where)
    await wants_daily(dana)
    await dana.tap_label("Pause")
    await dana.sees("what we must tell you, come all the same")
    await dana.tap_label("30 days")
    await dana.sees("You hear nothing from us by itself until")
    await here.at_rest()
    said = len(dana.messages())

    await morning(here)
    await here.turn(days=5)
    await here.at_rest()
    assert len(dana.messages()) == said
    before, content = here.hub.catalogue.version, Path(here.hub.catalogue.folder)
    write(content, "terms", "service", "New terms", "importance: mandatory", day="2026-11-09")
    await here.other_content(before)
    await here.hub.look_around()
    await dana.sees("New terms")
    await here.at_rest()
    assert digests(dana) == []

    await dana.tap_label("Write to me again")
    await dana.sees("This is what you hear from us")
    for _ in range(3):  # other things are said before it, and two a day are enough
        await here.turn(days=1)
        await here.at_rest()
    await dana.sees("you have not seen yet")


async def test_less_often_under_a_digest_makes_it_weekly(paper: Town) -> None:
    here = paper
    dana = await comes(here, "telegram")
    await wants_daily(dana)
    await morning(here)
    assert isinstance(dana, TelegramPerson)

    await dana.tap_label("Less often")

    await dana.sees("once a week, on Monday")
    assert len(digests(dana)) == 1, "the digest stays to be read"


async def test_the_digest_speaks_the_readers_language(paper: Town) -> None:
    here = paper
    boris = here.of_telegram("boris", "Борис Иванов", language="ru")
    await boris.open_link(await here.invitation("boris@borealis.example"))
    await boris.tap_label("Да, это я")
    await boris.tap_label("Настройки")
    await boris.tap_label("Новости продукта")
    await boris.tap_label("раз в день")
    await boris.sees("Новости продукта: раз в день")

    await here.turn(hours=20, minutes=15)  # a quarter past nine in Moscow
    await here.hub.look_around()

    digest = await boris.sees("Что для вас нового")
    assert "2 новости, которых вы ещё не видели" in digest.text
