"""The clock's buttons let time pass: what comes on the way comes at its own moment, and what was slept through late."""

from datetime import UTC, datetime, timedelta

from hub.turning import Turning
from playground.telegram.person import TelegramPerson
from playground.views import PATIENCE
from tests.stories.town import town

EVENING = timedelta(hours=10)
"""After the town's beginning, it is nine in the evening in Berlin."""


def said_since(person: TelegramPerson, moment: datetime) -> list[datetime]:
    return [message.at for message in person.messages() if message.at > moment]


async def test_what_comes_on_the_way_bears_the_time_of_its_own_moment(sqlite_url: str) -> None:
    async with town(sqlite_url) as here:
        here.clock.turn(EVENING)
        dana, turning = here.of_telegram("dana"), Turning(here.hub, here.clock, 10 * PATIENCE)
        await here.joins(dana, "dana@acme.example")
        await here.at_rest()

        begun = here.clock.now()
        await turning.pass_time(timedelta(days=7))

        assert here.clock.now() == begun + timedelta(days=7)
        mornings = said_since(dana, begun)
        assert len(mornings) > 1
        assert {moment.hour for moment in mornings} == {8}  # nine in Berlin
        assert len({moment.minute for moment in mornings}) == 1  # her own, within the minutes that mornings are spread
        assert mornings[0].minute < 10
        assert len({moment.date() for moment in mornings}) == len(mornings)

        asleep = here.clock.now()
        await turning.sleep_through(timedelta(days=2, hours=14))
        await here.at_rest()

        assert said_since(dana, asleep) == [datetime(2026, 11, 13, 10, tzinfo=UTC)]  # Thursday's nine was slept through
