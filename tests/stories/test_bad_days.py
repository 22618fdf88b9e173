"""Bad days of messengers and people: one fails, the other goes on, nothing is lost, and those who should know do."""

import asyncio

import aiohttp
import pytest

from hub.health import Part
from playground.faults import disconnect, duplicate, lost_answer, server_error, slow, too_many
from playground.views import PATIENCE
from tests.stories.test_steps import comes
from tests.stories.town import Town
from tests.stories.walks import ACME, QUICKSTART, arrives_in_slack, begins, walks


async def readiness(here: Town) -> tuple[int, str]:
    """What a load balancer is told."""
    async with (
        aiohttp.ClientSession() as client,
        client.get(f"http://127.0.0.1:{here.settings.hub_http_port}/readyz") as answer,
    ):
        return answer.status, await answer.text()


def notice_of(here: Town, messenger: str) -> asyncio.Event:
    """Set as soon as the hub knows that this messenger does not work."""
    noticed, tell = asyncio.Event(), here.hub.health.tell

    def listen(name: str, part: Part) -> None:
        tell(name, part)
        if name == messenger and not part.ok:
            noticed.set()

    here.hub.health.tell = listen
    return noticed


async def test_telegram_is_down_and_slack_goes_on(here: Town) -> None:
    dana, ann = here.of_telegram("dana", "Dana Lee"), here.of_slack("ann")
    await here.joins(dana, "dana@acme.example")
    mia = await arrives_in_slack(here, "mia", "Mia Torres", "mia@acme.example")
    await begins(dana)
    await dana.sees_button("Done")

    here.telegram.faults.often(server_error(502), 1.0, method="sendMessage")
    here.telegram.faults.often(server_error(502), 1.0, method="editMessageText")
    await dana.tap_label("Done")
    await dana.say("Is anybody there?")
    await ann.sees("Is anybody there?")
    await mia.tap_label(f"Go on: {QUICKSTART}")
    await mia.tap_label("Win new customers")
    await mia.sees("2/8")
    assert dana.shows("1/8") is None

    here.telegram.faults.clear()
    await here.turn(minutes=2)

    await dana.sees("2/8")
    await dana.sees("Ann has your words")


async def test_slack_is_down_and_telegram_goes_on(here: Town) -> None:
    dana, ann = here.of_telegram("dana", "Dana Lee"), here.of_slack("ann")
    await here.joins(dana, "dana@acme.example")
    await ann.sees("has joined")

    here.slack.faults.often(server_error(503), 1.0, method="chat.postMessage")
    await dana.say("Is anybody there?")
    await begins(dana)
    await dana.tap_label("Done")
    await dana.sees("1/8")
    assert ann.shows("Is anybody there?") is None

    here.slack.faults.clear()
    await here.turn(minutes=2)

    await ann.sees("Is anybody there?")


async def test_a_telegram_token_taken_away_is_told_in_slack_and_by_readyz(here: Town) -> None:
    dana, ann = here.of_telegram("dana", "Dana Lee"), here.of_slack("ann")
    await here.joins(dana, "dana@acme.example")
    mia = await arrives_in_slack(here, "mia", "Mia Torres", "mia@acme.example")
    assert (await readiness(here))[0] == 200

    noticed = notice_of(here, "telegram")
    token, here.telegram.telegram.token = here.telegram.telegram.token, "4242424242:another"
    await begins(mia)
    await mia.tap_label("Done")
    await mia.sees("1/8")

    await asyncio.wait_for(noticed.wait(), PATIENCE)
    await here.turn(minutes=3)
    await ann.sees("Telegram is out of reach")
    _, told = await readiness(here)
    assert "telegram" in told
    assert "token" in told

    here.telegram.telegram.token = token
    await here.turn(minutes=3)
    await dana.sees("1/8")
    await here.hub.look_around()
    await ann.sees("Telegram is back")


async def test_slack_uninstalled_is_told_by_readyz_and_telegram_goes_on(here: Town) -> None:
    dana = here.of_telegram("dana", "Dana Lee")
    await here.joins(dana, "dana@acme.example")
    await here.slack.settled()

    here.slack.uninstall()
    await begins(dana)
    await dana.tap_label("Done")
    await dana.sees("1/8")
    await dana.say("Is anybody there?")
    await dana.sees("has your words")

    _, told = await readiness(here)
    assert "the app was removed from the workspace" in told
    here.slack.reinstall()
    await here.turn(minutes=3)
    await here.of_slack("ann").sees("Is anybody there?")


@pytest.mark.parametrize("where", ["telegram", "slack"])
async def test_everything_heard_twice_counts_once(sqlite_town: Town, where: str) -> None:
    here = sqlite_town
    (here.telegram if where == "telegram" else here.slack).faults.often(duplicate(), 1.0)
    dana, ann = await comes(here, where), here.of_slack("ann")

    await begins(dana)
    await walks(here, dana, last=3)
    await dana.say("Two lines?")
    await ann.sees("Two lines?")
    await dana.sees("Ann has your words")
    await here.at_rest()

    assert sum("has joined" in message.text for message in ann.messages()) == 1
    assert sum("Two lines?" in message.text for message in ann.messages()) == 1
    assert sum("Ann has your words" in message.text for message in dana.messages()) == 1


@pytest.mark.parametrize("where", ["telegram", "slack"])
async def test_slow_and_shaky_wires_delay_but_lose_nothing(sqlite_town: Town, where: str) -> None:
    here = sqlite_town
    dana = await comes(here, where)
    world = here.telegram if where == "telegram" else here.slack
    writes = ("sendMessage", "editMessageText") if where == "telegram" else ("chat.postMessage", "chat.update")
    for method in writes:
        world.faults.next(slow(0.2), 2, method=method)
        world.faults.next(disconnect(), method=method)
        world.faults.next(too_many(1), method=method)
        world.faults.next(lost_answer(), method=method)

    await begins(dana)
    await a_while(here)
    await dana.tap_label("Done")
    await a_while(here)

    await dana.sees("1/8")


async def a_while(here: Town) -> None:
    """Long enough for the faults that lie ahead of one card."""
    for _ in range(8):
        await here.turn(seconds=10)


async def test_who_blocked_the_bot_finds_everything_as_it_is_when_they_come_back(here: Town) -> None:
    dana, omar, ann = here.of_telegram("dana", "Dana Lee"), here.of_telegram("omar", "Omar"), here.of_slack("ann")
    await here.joins(dana, "dana@acme.example")
    await here.joins(omar, "omar@acme.example")
    await begins(dana)
    await dana.sees_button("Done")

    await dana.block()
    await ann.sees("Dana Lee can't be reached in Telegram: they blocked the bot")
    await begins(omar)
    await omar.tap_label("Done")
    await omar.sees("1/8")
    await dana.start()

    await dana.sees("1/8")
    await here.at_rest()
    assert sum("blocked the bot" in message.text for message in ann.messages()) == 1


async def test_who_was_deactivated_in_slack_is_told_of_and_welcome_back(here: Town) -> None:
    mia, ann = await arrives_in_slack(here, "mia", "Mia Torres", "mia@acme.example"), here.of_slack("ann")

    await mia.deactivate()
    await ann.sees("Mia Torres can't be reached in Slack: the account was closed")
    await here.signal(ACME, "workspace_created")
    await mia.unblock()
    await mia.say("/hub home")

    await mia.sees("1/8")
