"""How people come in, in either messenger, and how those who should not are kept out without learning anything."""

import re

from playground.telegram.person import TelegramPerson
from tests.stories.town import Town
from tests.stories.walks import QUICKSTART, arrives_in_slack

REFUSED = "This invitation can't be used any more"


async def test_a_client_follows_an_invitation_and_sees_who_invited_them(here: Town) -> None:
    dana, ann = here.of_telegram("dana", "Dana Lee"), here.of_slack("ann")

    await dana.open_link(await here.invitation("dana@acme.example"))

    asked = await dana.sees("Acme Logistics")
    assert "Ann Novak invited you" in asked.text
    await dana.tap_label("Yes, that's me")
    await dana.sees(QUICKSTART)
    await ann.sees("Dana Lee (dana@acme.example) of Acme Logistics has joined")


async def test_slack_vouches_for_somebody_we_know_by_their_e_mail(here: Town) -> None:
    mia = here.of_slack("mia", "M. Torres", "mia@acme.example")

    await mia.say("hi")
    await mia.tap_label("Yes, that's me")

    await mia.sees(QUICKSTART)
    assert sum("Is that you?" in message.text for message in mia.messages()) == 0


async def test_slack_knows_somebody_by_the_code_they_paste(here: Town) -> None:
    omar = here.of_slack("omar", "Omar", "omar.private@mail.example")
    code = (await here.invitation("omar@acme.example")).rpartition("=")[2]

    await omar.say(f"Here is what Ann sent me: {code}")

    await omar.sees("Hello Omar Haddad!")
    await omar.tap_label("Yes, that's me")
    await omar.sees(QUICKSTART)


async def test_a_stranger_is_told_kindly_where_the_door_is(here: Town) -> None:
    sid, sue = here.of_telegram("sid"), here.of_slack("sue", "Sue", "sue@elsewhere.example")

    await sid.say("let me in")
    await sue.say("let me in")

    for screen in (await sid.sees("you need a personal invitation"), await sue.sees("you need a personal invitation")):
        assert not re.search("Acme|Borealis|Cinder|Ann", screen.text)


async def test_used_expired_forged_and_stolen_tokens_are_all_refused_alike(sqlite_town: Town) -> None:
    here = sqlite_town
    dana, thief = here.of_telegram("dana", "Dana Lee"), here.of_telegram("thief")
    used = await here.invitation("dana@acme.example")
    await dana.open_link(used)
    await dana.tap_label("Yes, that's me")
    stolen = await here.invitation("omar@acme.example")
    omar = here.of_telegram("omar", "Omar")
    await omar.open_link(stolen)
    await omar.sees("Is that you?")
    expired = await here.invitation("mia@acme.example")
    await here.turn(days=8)
    fresh = await here.invitation("cleo@cinder.example")

    for link in (used, stolen, expired, fresh[:-3] + "xyz"):
        wanted = len(thief.messages()) + 2
        await thief.open_link(link)
        await has_messages(thief, wanted)
        assert REFUSED in thief.messages()[-1].text
        assert not re.search("Acme|Cinder|Dana|Omar|Mia|Ann", thief.messages()[-1].text)


async def test_who_guesses_too_often_is_refused_even_with_a_good_token(sqlite_town: Town) -> None:
    here = sqlite_town
    guesser = here.of_telegram("guesser")
    link = await here.invitation("cleo@cinder.example")

    for _ in range(5):
        await guesser.open_link(here.telegram.start_link("A" * 43))
    await guesser.open_link(link)
    await has_messages(guesser, 12)

    assert REFUSED in guesser.messages()[-1].text
    assert guesser.shows("Cinder") is None


async def test_who_says_that_is_not_me_spends_the_invitation(sqlite_town: Town) -> None:
    here = sqlite_town
    somebody, cleo = here.of_telegram("somebody"), here.of_telegram("cleo", "Cleo")
    link = await here.invitation("cleo@cinder.example")

    await somebody.open_link(link)
    await somebody.tap_label("That's not me")
    await somebody.sees("Thank you for telling")
    await cleo.open_link(link)

    await cleo.sees(REFUSED)


async def test_a_second_messenger_is_the_same_person(here: Town) -> None:
    phone, ann = here.of_telegram("dana", "Dana Lee"), here.of_slack("ann")
    await here.joins(phone, "dana@acme.example")
    await ann.sees("Dana Lee")

    await arrives_in_slack(here, "dana", "Dana Lee", "dana@acme.example")

    assert sum("has joined" in message.text for message in ann.messages()) == 1


async def test_a_csm_makes_an_invitation_in_slack(here: Town) -> None:
    ann, cleo = here.of_slack("ann"), here.of_telegram("cleo", "Cleo Park")

    await ann.command("/hub", "invite cleo@cinder.example")

    modal = await ann.sees_modal("Invitation")
    link = next(field.value for field in modal.fields if field.value.startswith("https://t.me/"))
    await ann.close_modal()
    await cleo.open_link(link)
    await cleo.sees("Cinder Studio")
    await cleo.tap_label("Yes, that's me")
    await ann.sees("Cleo Park (cleo@cinder.example) of Cinder Studio has joined")


async def test_an_invitation_for_somebody_who_is_here_says_so_and_closes_quietly(sqlite_town: Town) -> None:
    here = sqlite_town
    ann, dana = here.of_slack("ann"), here.of_telegram("dana", "Dana Lee")
    await here.joins(dana, "dana@acme.example")
    await arrives_in_slack(here, "dana", "Dana Lee", "dana@acme.example")
    before = len(ann.messages())

    await ann.command("/hub", "invite dana@acme.example")

    modal = await ann.sees_modal("Invitation")
    told = " ".join(field.label + field.value for field in modal.fields)
    assert "Dana has already joined in Slack and Telegram" in told
    assert "https://t.me/" in told
    await ann.submit_modal({})
    await here.at_rest()
    assert not [message for message in ann.messages()[before:] if "earlier time" in message.text]


async def test_an_invitation_for_nobody_we_know_is_one_clear_sentence(sqlite_town: Town) -> None:
    ann = sqlite_town.of_slack("ann")

    await ann.command("/hub", "invite nobody@acme.example")
    await ann.sees("I know no contact with the address nobody@acme.example")

    await ann.command("/hub", "invite")
    await ann.sees("Write the contact's address behind the command")


async def test_a_client_cannot_invite(sqlite_town: Town) -> None:
    mia = await arrives_in_slack(sqlite_town, "mia", "Mia Torres", "mia@acme.example")

    await mia.command("/hub", "invite boris@borealis.example")

    await mia.sees("This is what I understand")
    assert mia.view().modal is None


async def has_messages(person: TelegramPerson, count: int) -> None:
    await person.until(lambda: len(person.messages()) >= count or None)
