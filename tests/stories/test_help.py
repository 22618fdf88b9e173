"""Somebody is stuck: their words, voice or file reach the CSM, and the answer comes back to where they are."""

import asyncio
import shutil
from pathlib import Path

import pytest
from sqlalchemy import update
from sqlmodel import Session

from playground.slack.person import Person as SlackPerson
from storage.tables import Account
from tests.stories.town import ROOT, Town, town
from tests.stories.walks import arrives_in_slack, begins


@pytest.mark.parametrize("where", ["telegram", "slack"])
async def test_words_reach_the_csm_and_the_reply_comes_back(here: Town, where: str) -> None:
    ann = here.of_slack("ann")
    dana = here.of_telegram("dana", "Dana Lee")
    await here.joins(dana, "dana@acme.example")
    asker = dana if where == "telegram" else await arrives_in_slack(here, "mia", "Mia Torres", "mia@acme.example")
    await begins(asker)

    await asker.tap_label("I'm stuck")
    await asker.sees("What is the matter?")
    await asker.say("The tour does not start.\nI pressed it <twice>.")

    plea = await ann.sees("Acme Logistics is stuck")
    assert "The tour does not start." in plea.text
    assert "I pressed it <twice>." in plea.text
    assert "See Relay in two minutes" in plea.text
    await asker.sees("Ann has your words and comes back to you right here")
    await ann.tap_label("I have it")
    await asker.sees("Ann has it and comes back to you")
    await ann.sees("Ann has it.")

    await ann.tap_label("Reply")
    modal = await ann.sees_modal("Reply")
    assert any("The tour does not start." in field.label + field.value for field in modal.fields)
    messenger = "Telegram" if where == "telegram" else "Slack"
    assert any(f"of Acme Logistics, in {messenger}" in field.label + field.value for field in modal.fields)
    await ann.submit_modal({"Your answer": "Try another browser, please."})
    answer = await asker.sees("Try another browser, please.")
    assert "Ann" in answer.text
    await ann.sees("Ann has answered")
    await ann.tap_label("Settled")
    await asker.sees("This is settled")
    await ann.sees("Settled by Ann")

    await asker.tap_label("Back to the step")
    await asker.sees_button("Done")
    await asker.sees("Try another browser, please.")


@pytest.mark.parametrize("where", ["telegram", "slack"])
async def test_a_voice_message_or_a_file_is_help_enough(sqlite_town: Town, where: str) -> None:
    here = sqlite_town
    ann, dana = here.of_slack("ann"), here.of_telegram("dana", "Dana Lee")
    await here.joins(dana, "dana@acme.example")
    asker = dana if where == "telegram" else await arrives_in_slack(here, "mia", "Mia Torres", "mia@acme.example")
    await begins(asker)

    await asker.tap_label("I'm stuck")
    await asker.sees("What is the matter?")
    await asker.share("voice.ogg", b"OggS" * 50, "audio/ogg")
    await ann.sees("Acme Logistics is stuck")
    await ann.until(lambda: len(media(ann)) >= 1 or None)

    await asker.tap_label("Back to the step")
    await asker.tap_label("I'm stuck")
    await asker.sees("What is the matter?")
    await asker.share("screen.png", b"\x89PNG\r\n\x1a\n" + b"\0" * 50, "image/png", words="Here it stops")
    await ann.sees("Here it stops")
    await ann.until(lambda: len(media(ann)) >= 2 or None)

    assert len(media(ann)) == 2


def media(ann: SlackPerson) -> list[str]:
    """What is attached to the messages she sees."""
    return [
        one.kind
        for conversation in ann.view().conversations
        for message in conversation.messages
        for one in message.media
    ]


async def test_plain_words_reach_the_csm_too_and_lines_in_a_row_are_one_request(here: Town) -> None:
    ann, dana = here.of_slack("ann"), here.of_telegram("dana", "Dana Lee")
    await here.joins(dana, "dana@acme.example")

    await dana.say("Good morning!")
    await dana.say("Do you have a price list?")
    await dana.say("For 2027, please")

    plea = await ann.sees("For 2027, please")
    await here.at_rest()
    assert "Good morning!\nDo you have a price list?\nFor 2027, please" in plea.text
    assert sum("Acme Logistics writes" in message.text for message in ann.messages()) == 1
    assert sum("Ann has your words" in message.text for message in dana.messages()) == 1


async def test_the_reply_finds_the_client_in_the_other_messenger_when_the_first_is_lost(here: Town) -> None:
    ann, phone = here.of_slack("ann"), here.of_telegram("dana", "Dana Lee")
    await here.joins(phone, "dana@acme.example")
    desk = await arrives_in_slack(here, "dana", "Dana Lee", "dana@acme.example")
    await phone.say("Can you call me?")
    await ann.sees("Can you call me?")
    await phone.block()
    await ann.sees("Dana Lee can't be reached in Telegram")

    await ann.tap_label("Reply")
    await ann.sees_modal()
    await ann.submit_modal({"Your answer": "At three o'clock"})

    await desk.sees("At three o'clock")


async def test_a_reply_that_reaches_nobody_is_told_and_not_lost(sqlite_town: Town) -> None:
    here = sqlite_town
    ann, dana = here.of_slack("ann"), here.of_telegram("dana", "Dana Lee")
    await here.joins(dana, "dana@acme.example")
    await dana.say("Can you call me?")
    await ann.sees("Can you call me?")
    await dana.block()
    await ann.sees("can't be reached in Telegram: they blocked the bot")

    await ann.tap_label("Reply")
    await ann.sees_modal()
    await ann.submit_modal({"Your answer": "At three o'clock"})

    told = await ann.sees("Your words, so that they aren't lost")
    assert "At three o'clock" in told.text


@pytest.mark.parametrize("database", ["sqlite_url", "pg_url"])
async def test_two_csms_at_once_one_has_it_and_the_other_sees_who(
    request: pytest.FixtureRequest, tmp_path: Path, database: str
) -> None:
    async with town(request.getfixturevalue(database), content=with_two_admins(tmp_path)) as here:
        ann, ida = here.of_slack("ann"), here.of_slack("ida", "Ida Roth", "ida@relay.example")
        await here.hub.look_around()
        await here.hub.database.transact(look_after_nobody)
        dana = here.of_telegram("dana", "Dana Lee")
        await here.joins(dana, "dana@acme.example")
        await dana.say("Anybody there?")
        await asyncio.gather(ann.sees("Anybody there?"), ida.sees("Anybody there?"))

        await asyncio.gather(ann.tap_label("I have it"), ida.tap_label("I have it"))

        told = await dana.sees("has it and comes back to you")
        who = "Ann" if "Ann" in told.text else "Ida"
        await ann.sees(f"{who} has it.")
        await ida.sees(f"{who} has it.")
        await here.at_rest()
        assert sum("has it and comes back" in message.text for message in dana.messages()) == 1


def with_two_admins(folder: Path) -> Path:
    """The sample content, with Ann and Ida as admins: what is nobody's reaches both."""
    content = shutil.copytree(ROOT / "content", folder / "content")
    rules = (content / "hub.yaml").read_text(encoding="utf-8")
    (content / "hub.yaml").write_text(rules.replace("admins: [", "admins: [ann@relay.example, "), encoding="utf-8")
    return content


def look_after_nobody(session: Session) -> None:
    session.execute(update(Account).values(csm_id=None))


async def test_the_client_sees_that_somebody_is_writing(sqlite_town: Town) -> None:
    here = sqlite_town
    ann, dana = here.of_slack("ann"), here.of_telegram("dana", "Dana Lee")
    await here.joins(dana, "dana@acme.example")
    await dana.say("Where do I find my invoices?")
    await ann.sees("Where do I find my invoices?")

    await ann.tap_label("Reply")

    assert await dana.until(lambda: any(chat.typing for chat in dana.view().conversations) or None)
