"""The quickstart's eight steps, from the first card to the celebration, in either messenger and across both."""

from sqlmodel import Session, select

from storage.tables import Enrolment
from tests.stories.town import Town
from tests.stories.walks import QUICKSTART, ROLLOUT, arrives_in_slack, begins, walks


async def test_eight_steps_are_walked_in_telegram_alone(here: Town) -> None:
    dana, ann = here.of_telegram("dana", "Dana Lee"), here.of_slack("ann")
    await here.joins(dana, "dana@acme.example")

    await begins(dana)
    await walks(here, dana)

    await ann.sees(f"Acme Logistics finished {QUICKSTART} within a day. First value within a day.")
    await dana.sees_button(f"Start: {ROLLOUT}")
    await here.at_rest()
    assert sum(f"{QUICKSTART}: done!" in message.text for message in dana.messages()) == 1


async def test_eight_steps_are_walked_in_slack_alone(here: Town) -> None:
    dana, ann = await arrives_in_slack(here, "dana", "Dana Lee", "dana@acme.example"), here.of_slack("ann")

    await begins(dana)
    await walks(here, dana)

    await ann.sees(f"Acme Logistics finished {QUICKSTART}")
    await dana.sees_button(f"Start: {ROLLOUT}")
    await here.at_rest()
    assert sum(f"{QUICKSTART}: done!" in message.text for message in dana.messages()) == 1


async def test_begun_in_telegram_and_finished_in_slack(here: Town) -> None:
    phone = here.of_telegram("dana", "Dana Lee")
    await here.joins(phone, "dana@acme.example")
    await begins(phone)
    await walks(here, phone, last=3)

    desk = await arrives_in_slack(here, "dana", "Dana Lee", "dana@acme.example")
    await desk.tap_label(f"Go on: {QUICKSTART}")
    await walks(here, desk, first=4)

    left_behind = await phone.sees("8/8")
    assert left_behind.edited
    assert "Every step of" in left_behind.text


async def test_the_time_to_value_is_recorded(here: Town) -> None:
    dana, ann = here.of_telegram("dana", "Dana Lee"), here.of_slack("ann")
    await here.joins(dana, "dana@acme.example")
    await begins(dana)
    await walks(here, dana, last=7)

    await here.turn(days=3)
    await walks(here, dana, first=8)

    await ann.sees("after 3 days. First value after 3 days.")
    assert await here.hub.database.read(_days_to_value) == 3


def _days_to_value(session: Session) -> int | None:
    enrolment = session.exec(select(Enrolment).where(Enrolment.checklist == "quickstart")).one()
    return (enrolment.first_value_at - enrolment.started_at).days if enrolment.first_value_at else None


async def test_undone_and_done_again_is_celebrated_once(sqlite_town: Town) -> None:
    here = sqlite_town
    dana, ann = here.of_telegram("dana", "Dana Lee"), here.of_slack("ann")
    await here.joins(dana, "dana@acme.example")
    await begins(dana)
    await walks(here, dana)

    await dana.tap_label("Undo: Send your first campaign")
    await dana.sees("7/8")
    await dana.tap_label("Done")
    await dana.sees("Every step of")

    await here.at_rest()
    assert sum(f"{QUICKSTART}: done!" in message.text for message in dana.messages()) == 1
    assert sum("finished" in message.text for message in ann.messages()) == 1
