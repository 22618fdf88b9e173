"""Several people of one client share a checklist in a group or channel; others look on and can do nothing."""

import asyncio

import pytest

from playground.telegram.person import TelegramPerson
from tests.stories.town import Town
from tests.stories.walks import ACME, Client, arrives_in_slack, begins


async def dana_and_omar(here: Town) -> tuple[TelegramPerson, TelegramPerson]:
    """Two of Acme, both in."""
    dana, omar = here.of_telegram("dana", "Dana Lee"), here.of_telegram("omar", "Omar Haddad")
    await here.joins(dana, "dana@acme.example")
    await here.joins(omar, "omar@acme.example")
    return dana, omar


async def test_a_group_shares_one_card_that_moves_with_every_tap(here: Town) -> None:
    dana, omar = await dana_and_omar(here)
    here.telegram.telegram.reads_groups = False  # as every new bot is

    group = await dana.create_group("Acme and Relay", [omar])
    await omar.sees("See Relay in two minutes", conversation=group)
    await omar.tap_label("Done", group)

    card = await dana.sees("Create your workspace", conversation=group)
    assert card.edited
    assert "1/8" in card.text
    await here.signal(ACME, "workspace_created")
    await dana.sees("2/8", conversation=group)
    await dana.tap_label("Answer", group)
    question = await dana.sees("Dana, this one is for you", conversation=group)
    await omar.say("what shall we take?", group)
    await dana.say("mail.acme.example", group, reply_to=question.id)

    await omar.sees("3/8", conversation=group)
    await here.at_rest()
    assert cards(dana, group) == 1


async def test_what_is_asked_in_a_group_may_be_answered_there_without_a_reply(sqlite_town: Town) -> None:
    here = sqlite_town
    ann = here.of_slack("ann")
    dana, omar = await dana_and_omar(here)
    stranger = here.of_telegram("sid")
    group = await dana.create_group("Acme and Relay", [omar, stranger])
    await dana.sees_button("I'm stuck", conversation=group)

    await dana.tap_label("I'm stuck", group)
    await dana.sees("Dana, this one is for you", conversation=group)
    await stranger.say("who are you all?", group)
    await omar.say("no idea", group)
    await dana.say("The tour does not start", group)

    plea = await ann.sees("Acme Logistics is stuck")
    assert "The tour does not start" in plea.text
    assert "no idea" not in plea.text
    await omar.say("good luck", group)
    await here.at_rest()
    assert ann.shows("good luck") is None
    assert stranger.shows("personal invitation") is None


async def test_two_people_tap_at_once_and_one_counts(here: Town) -> None:
    dana, omar = await dana_and_omar(here)
    await begins(dana)
    await begins(omar)
    await dana.sees_button("Done")
    await omar.sees_button("Done")

    await asyncio.gather(dana.tap_label("Done"), omar.tap_label("Done"))

    await asyncio.gather(dana.sees("1/8"), omar.sees("1/8"))
    slower = [asyncio.create_task(one.sees("was a moment faster")) for one in (dana, omar)]
    done, waiting = await asyncio.wait(slower, return_when=asyncio.FIRST_COMPLETED)
    for task in waiting:
        task.cancel()
    assert len(done) == 1
    assert await done.pop()


async def test_strangers_and_other_clients_see_but_change_nothing(here: Town) -> None:
    dana, _ = await dana_and_omar(here)
    stranger, cleo = here.of_telegram("sid"), here.of_telegram("cleo", "Cleo Park")
    await here.joins(cleo, "cleo@cinder.example")
    group = await dana.create_group("Acme and Relay", [stranger, cleo])
    await stranger.sees("See Relay in two minutes", conversation=group)

    await stranger.tap_label("Done", group)
    await stranger.sees_notice("open your invitation from Relay first")
    await cleo.tap_label("Done", group)
    await cleo.sees_notice("This belongs to another team")

    await dana.tap_label("Done", group)
    await dana.sees("1/8", conversation=group)
    await here.at_rest()
    assert cards(dana, group) == 1


async def test_a_group_begun_by_a_stranger_is_claimed_by_somebody_invited(sqlite_town: Town) -> None:
    here = sqlite_town
    dana, _ = await dana_and_omar(here)
    boss, cleo = here.of_telegram("boss", "The Boss"), here.of_telegram("cleo", "Cleo Park")
    await here.joins(cleo, "cleo@cinder.example")
    group = await boss.create_group("Acme", [dana, cleo])
    asked = await boss.sees("Somebody who has been invited by us already may press the button")
    assert "Acme Logistics" not in asked.text

    await boss.tap_label("This is our team", group)
    await boss.sees_notice("open your invitation from Relay first")
    await dana.tap_label("This is our team", group)

    await dana.sees("See Relay in two minutes", conversation=group)
    await cleo.say("/steps", group)
    await cleo.tap_label("Done", group)
    await cleo.sees_notice("This belongs to another team")


async def test_the_group_and_the_private_chats_are_one_state(here: Town) -> None:
    dana, omar = await dana_and_omar(here)
    group = await dana.create_group("Acme and Relay", [omar])
    await dana.sees_button("Done", conversation=group)
    await begins(omar)

    await omar.tap_label("Done", str(omar.chat_id))

    card = await dana.sees("1/8", conversation=group)
    assert card.edited


async def test_the_bot_is_removed_and_comes_back(here: Town) -> None:
    dana, omar = await dana_and_omar(here)
    ann = here.of_slack("ann")
    group = await dana.create_group("Acme and Relay", [omar])
    await dana.sees_button("Done", conversation=group)

    await dana.remove_bot(group)
    await ann.sees("can't be reached in Telegram: the bot was removed from the group")
    await begins(omar)
    await omar.tap_label("Done", str(omar.chat_id))
    await omar.sees("1/8", conversation=str(omar.chat_id))
    await dana.add_bot(group)

    await dana.sees("1/8", conversation=group)
    assert [message.text for message in dana.messages(group) if "1/8" in message.text]


async def test_a_group_becomes_a_supergroup_while_a_question_is_open(here: Town) -> None:
    dana, omar = await dana_and_omar(here)
    await here.signal(ACME, "workspace_created")
    group = await dana.create_group("Acme and Relay", [omar])
    await dana.tap_label("Done", group)
    await dana.tap_label("Answer", group)
    await dana.sees("Dana, this one is for you", conversation=group)

    await here.at_rest()
    new = await dana.upgrade_group(group)
    await dana.until(lambda: sum("this one is for you" in message.text for message in dana.messages(new)) == 2 or None)
    question = dana.messages(new)[-1]
    await dana.say("mail.acme.example", new, reply_to=question.id)

    await omar.sees("3/8", conversation=new)
    assert any("3/8" in message.text for message in dana.messages(new))
    await omar.tap_label("Win new customers", new)
    await dana.sees("4/8", conversation=new)


async def test_a_channel_in_slack_shares_the_card_too(here: Town) -> None:
    dana = await arrives_in_slack(here, "dana", "Dana Lee", "dana@acme.example")
    mia = await arrives_in_slack(here, "mia", "Mia Torres", "mia@acme.example")
    channel = await dana.create_channel("acme-relay", [mia], with_bot=True)

    await mia.sees("See Relay in two minutes", conversation=channel)
    await mia.tap_label("Done", channel)
    await dana.sees("1/8", conversation=channel)
    await here.signal(ACME, "workspace_created")
    await dana.tap_label("Answer", channel)
    question = await dana.sees("Dana, this one is for you", conversation=channel)
    await mia.say("shall I?", channel)
    await dana.say("mail.acme.example", channel, reply_to=question.id)

    await mia.sees("3/8", conversation=channel)


async def test_a_csm_links_a_channel_and_its_outsiders_can_only_look(here: Town) -> None:
    ann = here.of_slack("ann")
    dana = here.of_telegram("dana", "Dana Lee")
    await here.joins(dana, "dana@acme.example")
    outsider = here.slack.person("oli", "Oli Outside", team="T0ELSEWHERE")
    channel = await ann.create_channel("acme-shared", [outsider], shared_with_outsiders=True)
    await ann.invite_bot(channel)
    await ann.sees("Write /hub link ACCOUNT there")

    await ann.command("/hub", f"link {ACME}", channel)

    await ann.sees("#acme-shared shows the checklist of Acme Logistics now", conversation=channel)
    await outsider.sees("See Relay in two minutes", conversation=channel)
    await outsider.tap_label("Done", channel)
    await outsider.sees("open your invitation from Relay first")
    assert outsider.shows("1/8") is None


async def test_a_channel_that_changes_its_id_goes_on(here: Town) -> None:
    dana = await arrives_in_slack(here, "dana", "Dana Lee", "dana@acme.example")
    channel = await dana.create_channel("acme-private", private=True, with_bot=True)
    before = await dana.sees("See Relay in two minutes", conversation=channel)

    await here.slack.settled()
    new = await dana.share_channel(channel)
    assert new != channel
    await here.slack.settled()
    await dana.tap_label("Done", new)

    card = await dana.sees("1/8", conversation=new)
    assert card.id == before.id


async def test_a_channel_linked_before_anybody_joined_shows_the_checklist_when_somebody_does(here: Town) -> None:
    ann, dana = here.of_slack("ann"), here.of_telegram("dana", "Dana Lee")
    channel = await ann.create_channel("acme", with_bot=True)
    await ann.command("/hub", f"link {ACME}", channel)
    await ann.sees("This is the place of Acme Logistics now", conversation=channel)

    await here.joins(dana, "dana@acme.example")

    await ann.sees("See Relay in two minutes", conversation=channel)
    await ann.tap_label("Done", channel)
    await ann.sees("This button is from an earlier time")
    assert ann.shows("1/8") is None, "our own people do not do the client's steps"


@pytest.mark.parametrize("name", ["Nobody Ltd", "acme"])
async def test_linking_an_unknown_account_is_one_clear_sentence(sqlite_town: Town, name: str) -> None:
    ann = sqlite_town.of_slack("ann")
    channel = await ann.create_channel("acme", with_bot=True)

    await ann.command("/hub", f"link {name}", channel)

    await ann.sees(f"I know no account named {name}", conversation=channel)


def cards(person: Client, conversation: str) -> int:
    """How many messages in this chat show the checklist's progress."""
    return sum("/8 ·" in message.text for message in person.messages(conversation))
