"""Every kind of step and everything that can be done with one, as a client does it."""

import pytest

from playground.slack.person import Person as SlackPerson
from playground.telegram.person import TelegramPerson
from tests.stories.town import Town
from tests.stories.walks import ACME, CONTACTS, QUICKSTART, Client, arrives_in_slack, begins, walks


async def comes(here: Town, where: str, key: str = "dana", name: str = "Dana Lee") -> Client:
    """This person of Acme is in, in that messenger."""
    person: TelegramPerson | SlackPerson
    if where == "slack":
        return await arrives_in_slack(here, key, name, f"{key}@acme.example")
    person = here.of_telegram(key, name)
    await here.joins(person, f"{key}@acme.example")
    return person


@pytest.mark.parametrize("where", ["telegram", "slack"])
async def test_a_guide_opens_in_place_and_leads_back(sqlite_town: Town, where: str) -> None:
    dana = await comes(sqlite_town, where)
    await begins(dana)
    await walks(sqlite_town, dana, last=1)

    await dana.tap_label("Show me how")
    guide = await dana.sees("Which region?")
    assert "Look for our mail" in guide.text
    await dana.tap_label("Back")

    await dana.sees("Open Relay and create the workspace for Acme Logistics. One is enough for the whole company")


async def test_a_video_is_a_button_with_its_link_in_the_readers_language(sqlite_town: Town) -> None:
    here = sqlite_town
    boris = here.of_telegram("boris", "Борис Иванов", language="ru")
    await boris.open_link(await here.invitation("boris@borealis.example"))
    await boris.tap_label("Да, это я")
    await boris.tap_label("Начать: Первые шаги в Relay")

    message = await boris.sees_button("Смотреть обзор")

    addresses = [button.url for row in message.rows for button in row if button.url]
    assert addresses == ["https://media.relay.example/tour-ru.mp4"]


@pytest.mark.parametrize("where", ["telegram", "slack"])
async def test_a_wrong_text_is_asked_for_again_with_a_hint(sqlite_town: Town, where: str) -> None:
    dana = await comes(sqlite_town, where)
    await begins(dana)
    await walks(sqlite_town, dana, last=2)
    await dana.tap_label("Answer")
    await dana.sees("Write your answer here")

    await dana.say("https://acme.example and more")
    await dana.sees("That does not look like a domain")
    await dana.share("logo.png", b"\x89PNG", "image/png")
    await dana.sees("I need words here")
    await dana.say("mail.acme.example")

    await dana.sees("3/8")
    await sqlite_town.at_rest()
    assert labels(dana, "Never mind") == 0, "no question is left open above"


@pytest.mark.parametrize("where", ["telegram", "slack"])
async def test_a_file_is_wanted_and_words_are_not_enough(sqlite_town: Town, where: str) -> None:
    dana, ann = await comes(sqlite_town, where), sqlite_town.of_slack("ann")
    await begins(dana)
    await walks(sqlite_town, dana, last=4)
    await dana.tap_label("Answer")
    await dana.sees_button("Never mind")

    await dana.say("it is in the mail")
    asked_again = await dana.sees("I need a file, CSV or Excel")
    assert asked_again.text.count("I need a file") == 1, "said once"
    await dana.share("contacts.csv", CONTACTS, "text/csv")

    await dana.sees("5/8")
    await sqlite_town.at_rest()
    assert labels(dana, "Never mind") == 0, "no question is left open above"
    assert ann.shows("it is in the mail") is None


async def test_a_day_that_has_gone_by_or_cannot_be_read_is_asked_for_again(sqlite_town: Town) -> None:
    dana = await comes(sqlite_town, "telegram")
    await begins(dana)
    await walks(sqlite_town, dana, last=5)
    await dana.tap_label("Answer")
    await dana.sees("Write the day here")

    await dana.say("next Tuesday, perhaps")
    await dana.sees("Please give a day from today on")
    await dana.say("02.11.2026")
    await dana.sees("That day has gone by")
    await dana.say("04/03/2027")
    await dana.sees("Which is the day and which the month?")
    await dana.say("4 March 2027")

    await dana.sees("6/8")


async def test_a_choice_may_be_written_instead_of_tapped(sqlite_town: Town) -> None:
    dana = await comes(sqlite_town, "telegram")
    await begins(dana)
    await walks(sqlite_town, dana, last=3)

    await dana.say("announce news")

    await dana.sees("4/8")


@pytest.mark.parametrize("where", ["telegram", "slack"])
async def test_what_a_card_asks_may_be_answered_without_pressing_answer(sqlite_town: Town, where: str) -> None:
    dana, ann = await comes(sqlite_town, where), sqlite_town.of_slack("ann")
    await begins(dana)
    await walks(sqlite_town, dana, last=2)

    await dana.sees("Which subdomain shall we prepare")
    await dana.say("mail.acme.example")
    await dana.sees("3/8")
    await dana.say("Win new customers")
    await dana.sees("4/8")
    await dana.share("contacts.csv", CONTACTS, "text/csv")
    await dana.sees("5/8")
    await dana.say("10.11.2026")
    await dana.sees("6/8")

    await sqlite_town.at_rest()
    assert ann.shows("writes") is None
    assert labels(dana, "Skip") == 0, "the cards above keep no buttons"


async def test_a_mistyped_answer_is_not_taken_for_a_question(sqlite_town: Town) -> None:
    dana, ann = await comes(sqlite_town, "telegram"), sqlite_town.of_slack("ann")
    await begins(dana)
    await walks(sqlite_town, dana, last=2)

    await dana.say("https://acme.example")
    await dana.sees("That does not look like a domain")
    await dana.say("mail.acme.example")

    await dana.sees("3/8")
    assert ann.shows("https://acme.example") is None


async def test_words_that_do_not_answer_the_card_go_to_the_csm(sqlite_town: Town) -> None:
    dana, ann = await comes(sqlite_town, "telegram"), sqlite_town.of_slack("ann")
    await begins(dana)
    await walks(sqlite_town, dana, last=2)

    await dana.say("What is a subdomain?")

    await ann.sees("What is a subdomain?")
    await dana.sees("Ann has your words")


async def test_a_signal_completes_its_step_and_the_card_shows_it_by_itself(here: Town) -> None:
    dana = await comes(here, "telegram")
    await begins(dana)
    await walks(here, dana, last=1)
    await dana.sees("ticks itself off")

    await here.signal(ACME, "workspace_created")

    card = await dana.sees("Tell us your sender domain")
    assert card.edited


async def test_the_csm_does_our_step_and_the_client_sees_who_and_when(here: Town) -> None:
    dana, ann = await comes(here, "telegram"), here.of_slack("ann")
    await begins(dana)
    await walks(here, dana, last=3)

    await ann.sees("promised for Nov 5")
    await dana.tap_label("Home")
    home = await dana.sees("Our turn")
    assert "Domain check by our team, by Nov 5 (Ann)" in home.text
    await ann.tap_label("Done for the client")

    await ann.sees("Acme Logistics no longer waits for us")
    await dana.until(lambda: None if dana.shows("Our turn") else True)
    assert dana.shows("Our turn") is None


async def test_a_step_is_skipped_for_an_offered_reason_and_the_csm_hears_it(here: Town) -> None:
    dana, ann = await comes(here, "telegram"), here.of_slack("ann")
    await begins(dana)

    await dana.tap_label("Skip")
    await dana.tap_label("I know Relay already")

    await dana.sees("1/8")
    alert = await ann.sees("Dana Lee skipped See Relay in two minutes")
    assert "I know Relay already" in alert.text


@pytest.mark.parametrize("where", ["telegram", "slack"])
async def test_a_step_is_skipped_for_a_reason_of_ones_own(sqlite_town: Town, where: str) -> None:
    dana, ann = await comes(sqlite_town, where), sqlite_town.of_slack("ann")
    await begins(dana)

    await dana.tap_label("Skip")
    await dana.sees("Why shall we skip this step?")
    await dana.say("Our trainer <shows> *it* tomorrow")

    await dana.sees("1/8")
    await ann.sees("Our trainer <shows> *it* tomorrow")


@pytest.mark.parametrize("where", ["telegram", "slack"])
async def test_never_mind_goes_back_and_changes_nothing(sqlite_town: Town, where: str) -> None:
    dana = await comes(sqlite_town, where)
    await begins(dana)

    await dana.tap_label("Skip")
    await dana.tap_label("Never mind")

    await dana.sees_button("Done")
    await sqlite_town.at_rest()
    assert labels(dana, "Never mind") == 0


@pytest.mark.parametrize("where", ["telegram", "slack"])
async def test_the_last_step_is_undone(sqlite_town: Town, where: str) -> None:
    dana = await comes(sqlite_town, where)
    await begins(dana)
    await walks(sqlite_town, dana, last=4)

    await dana.tap_label("Undo: Choose your first goal")

    await dana.sees("3/8")
    await dana.tap_label("Announce news")
    await dana.sees("4/8")


async def test_all_steps_are_listed_with_their_states_and_can_be_looked_at(sqlite_town: Town) -> None:
    dana = await comes(sqlite_town, "telegram")
    await begins(dana)
    await walks(sqlite_town, dana, last=1)

    await dana.tap_label("All steps")
    listed = await dana.sees("Tap a number")
    assert "✅ 1 · See Relay in two minutes" in listed.text
    assert "👉 2 · Create your workspace" in listed.text
    assert "🔒 3 · Tell us your sender domain" in listed.text
    await dana.tap_label("3")

    await dana.sees("This step opens later. First comes: Create your workspace")


async def test_a_step_meant_for_a_role_is_offered_to_who_has_it_first(here: Town) -> None:
    dana = await comes(here, "telegram")
    mia = await comes(here, "slack", "mia", "Mia Torres")
    await begins(dana)
    await walks(here, dana, last=3)

    await dana.sees("Send us your contact list")
    await mia.tap_label(f"Go on: {QUICKSTART}")
    await mia.sees("What should the first campaign do?")


async def test_a_colleague_takes_a_step_over(here: Town) -> None:
    dana = await comes(here, "telegram")
    mia = await comes(here, "slack", "mia", "Mia Torres")
    await here.signal(ACME, "workspace_created")
    await begins(mia)

    await mia.tap_label("All steps")
    await mia.sees("Tap a number")
    await mia.tap_label("3")
    await mia.sees("This step is meant for somebody in administration. You can take it over.")
    await mia.tap_label("I'll do it")

    await mia.sees_button("Answer")
    await dana.tap_label(f"Go on: {QUICKSTART}")
    await dana.tap_label("All steps")
    await dana.sees("Tap a number")
    await dana.tap_label("3")
    await dana.sees("Mia is on this step. You can take it over.")


async def test_a_step_is_given_to_a_colleague_who_sees_it(here: Town) -> None:
    dana = await comes(here, "telegram")
    mia = await comes(here, "slack", "mia", "Mia Torres")
    await begins(dana)

    await dana.tap_label("Give to a colleague")
    await dana.tap_label("Mia Torres")

    await dana.sees("Mia takes it from here")
    await mia.sees("See Relay in two minutes")
    await begins(mia)
    card = await mia.sees_button("Done")
    assert "yours" in card.text


def labels(person: Client, label: str) -> int:
    """How many buttons with this label the person has on their screen."""
    rows = [
        row for conversation in person.view().conversations for message in conversation.messages for row in message.rows
    ]
    return sum(button.label == label for row in rows for button in row)
