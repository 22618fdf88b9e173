"""Home: what a client comes back to in a chat and in Slack's App Home, and what a CSM sees at a glance."""

from tests.stories.test_steps import comes
from tests.stories.town import Town
from tests.stories.walks import ACME, QUICKSTART, arrives_in_slack, begins, walks


async def test_the_app_home_shows_where_a_client_is_and_stays_true(here: Town) -> None:
    phone = here.of_telegram("dana", "Dana Lee")
    await here.joins(phone, "dana@acme.example")
    desk = await arrives_in_slack(here, "dana", "Dana Lee", "dana@acme.example")

    await desk.open_home()
    await desk.sees("See Relay in two minutes", conversation="home")
    await begins(phone)
    await phone.tap_label("Done")

    await desk.sees("1/8", conversation="home")


async def test_a_checklist_is_walked_in_the_app_home(here: Town) -> None:
    dana = await arrives_in_slack(here, "dana", "Dana Lee", "dana@acme.example")
    await dana.open_home()
    await dana.tap_label(f"Start: {QUICKSTART}", "home")
    await dana.tap_label("Done", "home")
    await dana.sees("1/8", conversation="home")
    await here.signal(ACME, "workspace_created")

    await dana.tap_label("Answer", "home")
    await dana.sees("Write your answer here", conversation="Client hub")
    await dana.say("mail.acme.example")

    await dana.sees("3/8")
    await dana.sees("Choose your first goal", conversation="home")


async def test_a_stranger_sees_in_the_app_home_where_the_door_is(sqlite_town: Town) -> None:
    sue = sqlite_town.of_slack("sue", "Sue", "sue@elsewhere.example")

    await sue.open_home()

    await sue.sees("you need a personal invitation", conversation="home")


async def test_somebody_slack_vouches_for_joins_from_the_app_home(sqlite_town: Town) -> None:
    mia = sqlite_town.of_slack("mia", "Mia Torres", "mia@acme.example")

    await mia.open_home()
    await mia.tap_label("Yes, that's me")

    await mia.sees(QUICKSTART)


async def test_the_csm_sees_all_clients_and_who_waits_for_an_answer(here: Town) -> None:
    ann, dana = here.of_slack("ann"), here.of_telegram("dana", "Dana Lee")
    await ann.open_home()
    await ann.sees("Acme Logistics: nobody has joined yet", conversation="home")
    await here.joins(dana, "dana@acme.example")
    await begins(dana)
    await walks(here, dana, last=2)
    await dana.say("How long does it take?")
    await ann.sees("Acme Logistics writes")

    await ann.open_home()

    home = await ann.sees("Acme Logistics: Get started with Relay, 2 of 8", conversation="home")
    assert "Cinder Studio: nobody has joined yet" in home.text
    assert "How long does it take?" in home.text
    assert ann.shows("What happened before you came") is None, "she was there"
    await ann.tap_label("Reply to 1", "home")
    await ann.sees_modal("Reply")
    await ann.submit_modal({"Your answer": "An hour"})
    await dana.sees("An hour")
    await ann.sees("Nobody waits for an answer", conversation="home")


async def test_home_tells_when_everything_is_done_and_what_is_next(sqlite_town: Town) -> None:
    here = sqlite_town
    cleo = here.of_telegram("cleo", "Cleo Park")
    await here.joins(cleo, "cleo@cinder.example")

    await cleo.say("/home")

    home = await cleo.sees("Next in")
    assert "Cinder Studio" in home.text
    assert "0/8" in home.text
    assert home.text.count("0 of 8") == 0, "the bar says it"


async def test_the_roll_out_opens_its_last_part_when_access_is_finished(sqlite_town: Town) -> None:
    here = sqlite_town
    dana = await comes(here, "telegram")
    await begins(dana)
    await walks(here, dana)
    await dana.tap_label("Start: Bring your team on board")

    await dana.sees("Part 1 of 3: Access")
    await dana.tap_label("All steps")
    await dana.sees("Tap a number")
    await dana.tap_label("6")
    await dana.sees("This part opens when Access is finished")
    await dana.tap_label("All steps")
    await dana.tap_label("Next step")
    await dana.sees("How many colleagues did you invite?")
    await dana.say("12")
    await dana.sees("Switch on single sign-on")
    await dana.tap_label("Skip")
    await dana.tap_label("We have no single sign-on")
    await dana.sees("2/8")
    await dana.tap_label("Done")
    await dana.sees("3/8")

    opened = await dana.sees("A step has opened: Pick a day for the training")
    assert "Check the billing details" in opened.text, "first things first"
