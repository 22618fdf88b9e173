"""The way through the quickstart as its people go it, step by step, in either messenger."""

from collections.abc import Awaitable, Callable
from typing import TypeAlias

from playground.slack.person import Person as SlackPerson
from playground.telegram.person import TelegramPerson
from tests.stories.town import Town

Client: TypeAlias = TelegramPerson | SlackPerson
"""Somebody of a client, in whichever messenger they are."""

ACME = "Acme Logistics"
QUICKSTART = "Get started with Relay"
ROLLOUT = "Bring your team on board"
CONTACTS = b"email,first_name\nida@acme.example,Ida\n"


async def watch_the_tour(_here: Town, client: Client) -> None:
    await client.sees("See Relay in two minutes")
    await client.sees_button("Watch the tour")
    await client.tap_label("Done")


async def create_the_workspace(here: Town, client: Client) -> None:
    await client.sees("ticks itself off")
    await here.signal(ACME, "workspace_created")


async def tell_the_domain(_here: Town, client: Client) -> None:
    await client.sees("Which subdomain shall we prepare")
    await client.tap_label("Answer")
    await client.sees("Write your answer here")
    await client.say("mail.acme.example")


async def choose_the_goal(_here: Town, client: Client) -> None:
    await client.sees("What should the first campaign do?")
    await client.tap_label("Win new customers")


async def send_the_contacts(_here: Town, client: Client) -> None:
    await client.sees("Send the file right here")
    await client.tap_label("Answer")
    await client.sees_button("Never mind")
    await client.share("contacts.csv", CONTACTS, "text/csv")


async def pick_the_day(_here: Town, client: Client) -> None:
    await client.sees("On which day should the first campaign go out?")
    await client.tap_label("Answer")
    await client.sees("Write the day here")
    await client.say("10 November")


async def wait_for_us(here: Town, client: Client) -> None:
    await client.sees("Ann is on it")
    ann = here.of_slack("ann")
    await ann.sees("Our turn")
    await ann.tap_label("Done for the client")


async def send_the_campaign(_here: Town, client: Client) -> None:
    await client.sees("Send your first campaign")
    await client.tap_label("Done")


STEPS: tuple[Callable[[Town, Client], Awaitable[None]], ...] = (
    watch_the_tour,
    create_the_workspace,
    tell_the_domain,
    choose_the_goal,
    send_the_contacts,
    pick_the_day,
    wait_for_us,
    send_the_campaign,
)
"""All eight, in the order in which a person who is alone meets them."""


async def begins(client: Client) -> None:
    """Open the quickstart from the home card."""
    await client.tap_label(f"Start: {QUICKSTART}")


async def walks(here: Town, client: Client, first: int = 1, last: int = 8) -> None:
    """Do steps `first` to `last` (1 to 8); returns when the last of them is counted."""
    for number in range(first, last + 1):
        await STEPS[number - 1](here, client)
        await client.sees(f"{number}/8" if number < 8 else f"{QUICKSTART}: done!")


async def arrives_in_slack(here: Town, key: str, name: str, email: str) -> SlackPerson:
    """Slack vouches for the e-mail of somebody who says hello; they confirm."""
    person = here.of_slack(key, name, email)
    await person.say("hello")
    await person.tap_label("Yes, that's me")
    await person.sees(QUICKSTART)
    return person
