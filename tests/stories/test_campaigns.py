"""A client's own campaign, from their sender platform to the card in their chat."""

import random
import re
from datetime import timedelta

import pytest

from core.campaigns.tokens import create
from playground.sender import SenderPlatform, invent
from tests.stories.town import Town
from tests.stories.walks import arrives_in_slack

LABELS = {
    "sent": "Sent", "delivered": "Delivered", "opened": "Opened", "clicked": "Clicked", "bounced": "Bounced",
}  # fmt: skip
FIGURE = re.compile(rf"({'|'.join(LABELS.values())}):? ([0-9,]+) · ")


@pytest.mark.parametrize("events", [1_000, pytest.param(10_000, marks=pytest.mark.soak)])
async def test_events_in_any_order_and_the_card_ends_right(sqlite_town: Town, events: int) -> None:
    here = sqlite_town
    dana, boris = here.of_telegram("dana", "Dana Lee"), here.of_telegram("boris", "Boris")
    await here.joins(dana, "dana@acme.example")
    await here.joins(boris, "boris@borealis.example")
    mia = await arrives_in_slack(here, "mia", "Mia Torres", "mia@acme.example")
    now = here.hub.now()
    granted = await here.hub.database.transact(create, "postino", ["campaigns:write"], now)
    chance = random.Random(7)
    postino = SenderPlatform(f"http://127.0.0.1:{here.settings.hub_http_port}", granted.token, chance)
    spring = invent(
        "spring",
        "Acme Logistics",
        "Spring sale",
        events=events,
        began=now - timedelta(minutes=30),
        took=timedelta(minutes=20),
        chance=chance,
    )
    shuffled = chance.sample(spring.events, len(spring.events))

    await postino.tell(spring, shuffled[: events // 3])  # before anybody has announced it
    await postino.announce(spring)
    await here.turn(seconds=5)
    await dana.say("/mailings")
    await dana.tap_label("Spring sale")
    await dana.sees("It is being sent")
    await mia.tap_label("Mailings · 1")
    await mia.tap_label("Spring sale")
    await mia.sees("It is being sent")
    await postino.tell(spring, shuffled[events // 3 :])
    await here.turn(seconds=5)
    await here.at_rest()

    truth = spring.truth
    for person in (dana, mia):
        await person.sees("It was done on")
        cards = [message.text for message in person.messages() if "as of" in message.text]
        assert len(cards) == 1  # one message, which edited itself
        shown = {label: int(count.replace(",", "")) for label, count in FIGURE.findall(cards[0])}
        assert shown == {label: truth[fate] for fate, label in LABELS.items() if truth[fate]}
        assert "No such address" in cards[0]
        await person.sees(f"is done: it went to {spring.total:,} people")
    await boris.say("/mailings")
    await boris.sees("No campaign of yours")
    assert not any("Spring" in message.text for message in boris.messages())
