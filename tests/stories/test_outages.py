"""One messenger is out of reach: the other goes on, and those who can be reached know."""

from core.desk.outages import PATIENCE
from core.events import MessengerName
from tests.stories.town import Town

TELEGRAM: MessengerName = "telegram"


async def test_a_csm_hears_that_telegram_is_down_and_that_it_is_back(here: Town) -> None:
    ann = here.of_slack("ann")
    here.hub.deaf(TELEGRAM, "network")
    await here.turn(seconds=PATIENCE.total_seconds() + 1)
    await ann.sees("Telegram is out of reach")

    here.hub.deaf(TELEGRAM, None)
    await here.hub.look_around()

    await ann.sees("Telegram is back")
    assert not ann.shows("Telegram is out of reach")
