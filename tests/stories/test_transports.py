"""Both ways in which each messenger can be heard: one short walk over each, with its bad moment."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from typing import Any

import pytest
from pydantic import SecretStr
from sqlmodel import select

from core.people.importing import import_people
from hub.running import running
from hub.settings import Settings
from playground.clock import Clock
from playground.slack.world import SIGNING_SECRET
from playground.telegram.world import TelegramWorld
from scheduler.pacing import UNLIMITED
from storage.tables import HelpRequest
from tests.stories.town import CONTENT, ROOT, TUESDAY, Town, free_port, patient_slack, reader

FAST: Any = {"telegram": UNLIMITED, "slack": UNLIMITED}


@contextlib.asynccontextmanager
async def called_from_outside(database_url: str) -> AsyncIterator[Town]:
    """A town whose hub is called: Telegram by webhook, Slack by signed requests."""
    clock, port = Clock(TUESDAY, frozen=True), free_port()
    telegram, slack = TelegramWorld(clock, limits=False, webhook_pause=0.05), patient_slack(clock)
    telegram_url, slack_url = await telegram.start(), await slack.start()
    settings = Settings(
        _env_file=None,
        telegram_bot_token=SecretStr(telegram.token),
        telegram_api_url=telegram_url,
        telegram_webhook_url=f"http://127.0.0.1:{port}",
        telegram_webhook_secret=SecretStr("only-telegram-knows"),
        slack_bot_token=SecretStr(slack.bot_token),
        slack_signing_secret=SecretStr(SIGNING_SECRET),
        slack_api_url=slack_url.rstrip("/"),
        database_url=SecretStr(database_url),
        hub_content=CONTENT,
        hub_http_port=port,
    )
    place = Town(clock, telegram, slack, settings)
    place.of_slack("ann", "Ann Novak", "ann@relay.example")
    try:
        async with running(settings, now=clock.now, paces=FAST, reader=reader(CONTENT)) as place.hub:
            await slack.use_http(f"http://127.0.0.1:{port}/slack/events")
            people = (ROOT / "playground" / "sample" / "clients.csv").read_text(encoding="utf-8")
            await place.hub.database.transact(import_people, people, clock.now())
            await place.hub.look_around()
            yield place
    finally:
        await asyncio.gather(telegram.stop(), slack.stop())


async def _ask_and_answer(here: Town) -> None:
    """Dana joins and asks in Telegram, Ann answers in Slack, and both see it once."""
    dana, ann = here.of_telegram("dana", "Dana Lee"), here.of_slack("ann")
    await here.joins(dana, "dana@acme.example")

    await dana.say("Where do I find my invoices?")
    await ann.sees("Where do I find my invoices?")
    await ann.tap_label("Reply")
    await ann.sees_modal()
    await ann.submit_modal({"reply": "Under Settings, Billing."})

    await dana.sees("Under Settings, Billing.")
    assert len([one for one in dana.messages() if "Under Settings, Billing." in one.text]) == 1


async def test_webhook_and_signed_requests_carry_a_conversation(database_url: str) -> None:
    async with called_from_outside(database_url) as here:
        await _ask_and_answer(here)


async def test_polling_and_socket_mode_carry_the_same(here: Town) -> None:
    await _ask_and_answer(here)


async def test_a_webhook_that_could_not_be_committed_is_brought_again_and_counts_once(
    sqlite_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    from sqlalchemy.exc import OperationalError

    async with called_from_outside(sqlite_url) as here:
        dana = here.of_telegram("dana", "Dana Lee")
        await here.joins(dana, "dana@acme.example")
        database, refusals = here.hub.database, [2]
        transact = database.transact

        async def full(work: Any, /, *args: Any, **kwargs: Any) -> Any:
            if getattr(work, "__name__", "") == "receive_and_claim" and refusals[0] > 0:
                refusals[0] -= 1
                raise OperationalError("COMMIT", None, OSError("no space left on device"))
            return await transact(work, *args, **kwargs)

        monkeypatch.setattr(database, "transact", full)
        await dana.say("Hello?")

        await dana.sees("has your words")
        assert refusals == [0]
        asked = await database.read(lambda session: session.exec(select(HelpRequest.words)).all())
        assert list(asked) == ["Hello?"]
