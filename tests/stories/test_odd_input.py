"""What people and tampered apps send that nobody asked for: one kind sentence each, and nothing half-written."""

import pytest
from sqlmodel import Session, SQLModel

from tests.stories.test_steps import comes, labels
from tests.stories.town import Town
from tests.stories.walks import arrives_in_slack, begins, walks

HOSTILE = ("<b>*bold*</b>", "_x_", "`c`", "~s~", "[l](http://e.example)", "{{7*7}}", "{% raw %}", "<!channel>", "&amp;")
TYPED = " ".join((*HOSTILE, "\u202egnp", "\u200b🎉", "||s||"))


@pytest.mark.parametrize("where", ["telegram", "slack"])
async def test_an_unknown_command_is_answered_with_those_there_are(sqlite_town: Town, where: str) -> None:
    dana, ann = await comes(sqlite_town, where), sqlite_town.of_slack("ann")

    await dana.say("/hub frobnicate" if where == "slack" else "/frobnicate")

    answer = await dana.sees("This is what I understand")
    assert "where you are and what is next" in answer.text
    assert ("/hub steps" if where == "slack" else "/steps") in answer.text
    assert ann.shows("frobnicate") is None


async def test_a_button_from_yesterday_changes_nothing_and_is_answered_kindly(sqlite_town: Town) -> None:
    dana = sqlite_town.of_telegram("dana", "Dana Lee")
    await sqlite_town.joins(dana, "dana@acme.example")
    await begins(dana)
    card = await dana.sees_button("Done")
    await dana.tap_label("Done")
    await dana.sees("1/8")

    await dana.forge_tap(card.id, "done.1.welcome")
    await dana.forge_tap(card.id, "done.1.launch-date")
    await dana.forge_tap(card.id, "step.1.retired-step")

    await dana.sees("This button is from an earlier time")
    assert dana.shows("2/8") is None


FORGED = ("", "done", "done.x.welcome", "done.999.welcome", "nonsense", "join.1", "claim.1", "ours.1.dns", "%" * 64)


async def test_forged_buttons_change_nothing(sqlite_town: Town) -> None:
    here = sqlite_town
    dana = here.of_telegram("dana", "Dana Lee")
    await here.joins(dana, "dana@acme.example")
    await begins(dana)
    card = await dana.sees_button("Done")
    before = await here.hub.database.read(what_is_done)

    for data in FORGED:
        await dana.forge_tap(card.id, data)
        await here.at_rest()
        assert await here.hub.database.read(what_is_done) == before, data

    await dana.tap_label("All steps")
    listed = await dana.sees("Tap a number")
    assert "0/8" in listed.text


def what_is_done(session: Session) -> list[tuple[object, ...]]:
    """Every step's record, and every help that was asked for."""
    tables = (SQLModel.metadata.tables[name] for name in ("step_record", "help_request"))
    return [tuple(row) for table in tables for row in session.execute(table.select())]


async def test_nobody_presses_buttons_of_another_client(here: Town) -> None:
    dana = await comes(here, "telegram")
    await begins(dana)
    cleo = here.of_telegram("cleo", "Cleo Park")
    await here.joins(cleo, "cleo@cinder.example")
    card = cleo.messages()[-1]

    await cleo.forge_tap(card.id, "done.1.welcome")
    await cleo.forge_tap(card.id, "steps.1")

    await cleo.sees("This button is from an earlier time")
    await dana.tap_label("All steps")
    assert "0/8" in (await dana.sees("Tap a number")).text
    assert cleo.shows("Acme") is None


async def test_a_forged_button_in_slack_changes_nothing(sqlite_town: Town) -> None:
    dana = await arrives_in_slack(sqlite_town, "dana", "Dana Lee", "dana@acme.example")
    await begins(dana)
    card = await dana.sees_button("Done")

    await dana.forge_action(card.id, "whatever", "ours.1.dns")

    await dana.sees("This button is from an earlier time")


@pytest.mark.parametrize("where", ["telegram", "slack"])
async def test_a_hundred_thousand_characters_are_too_many_and_said_so(sqlite_town: Town, where: str) -> None:
    dana, ann = await comes(sqlite_town, where), sqlite_town.of_slack("ann")
    await begins(dana)
    await walks(sqlite_town, dana, last=2)
    await dana.tap_label("Answer")
    await dana.sees("Write your answer here")

    await dana.say("a" * (40_000 if where == "slack" else 100_000))

    await dana.sees("That is too long")
    await dana.say("mail.acme.example")
    await dana.sees("3/8")
    assert ann.shows("aaaa") is None


@pytest.mark.parametrize("where", ["telegram", "slack"])
async def test_hostile_text_is_shown_as_it_was_typed(sqlite_town: Town, where: str) -> None:
    dana, ann = await comes(sqlite_town, where), sqlite_town.of_slack("ann")

    await dana.say(TYPED)

    plea = await ann.sees("Acme Logistics writes")
    assert [words for words in HOSTILE if words not in plea.text] == []
    await ann.tap_label("Reply")
    await ann.sees_modal()
    await ann.submit_modal({"Your answer": f"Read this: {TYPED}"})
    answer = await dana.sees("Read this:")
    assert [words for words in HOSTILE if answer.text.count(words) != 2] == [], "in the question above and the answer"


@pytest.mark.parametrize("where", ["telegram", "slack"])
async def test_a_photo_where_words_are_wanted_is_asked_for_again(sqlite_town: Town, where: str) -> None:
    dana = await comes(sqlite_town, where)
    await begins(dana)
    await dana.tap_label("Skip")
    await dana.sees("Why shall we skip")

    await dana.share("why.jpg", b"\xff\xd8\xff" + b"0" * 100, "image/jpeg")

    await dana.sees("I need words here")
    await sqlite_town.at_rest()
    assert labels(dana, "Never mind") == 1
