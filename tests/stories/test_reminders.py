"""Who stands still is reminded, at hours when people like to be spoken to, and never twice for one reason."""

from playground.telegram.person import TelegramPerson
from tests.stories.town import Town
from tests.stories.walks import begins

REMINDED = "hall we go on?"


async def dana_stops_after_one_step(here: Town) -> TelegramPerson:
    """On a Tuesday at eleven, in Berlin."""
    dana = here.of_telegram("dana", "Dana Lee")
    await here.joins(dana, "dana@acme.example")
    await begins(dana)
    await dana.tap_label("Skip")
    await dana.tap_label("No time now")
    await dana.sees("1/8")
    await here.signal("Acme Logistics", "workspace_created")
    await dana.sees("2/8")
    return dana


def reminders(dana: TelegramPerson) -> int:
    return sum(REMINDED in message.text for message in dana.messages())


async def test_who_stands_still_for_two_days_is_reminded_once(here: Town) -> None:
    dana = await dana_stops_after_one_step(here)

    await here.turn(days=1, hours=23)
    assert reminders(dana) == 0
    await here.turn(hours=2)

    reminder = await dana.sees(REMINDED)
    assert "6 steps to go" in reminder.text
    assert "Tell us your sender domain" in reminder.text
    await here.turn(hours=3)
    await dana.tap_label("Next step")
    await dana.sees_button("Answer")
    assert reminders(dana) <= 1


async def test_nobody_is_reminded_at_night(here: Town) -> None:
    dana = await dana_stops_after_one_step(here)

    await here.turn(days=2, hours=10)  # Thursday, nine in the evening
    assert reminders(dana) == 0
    await here.turn(hours=12, minutes=15)  # Friday, a quarter past nine in the morning

    await dana.sees(REMINDED)


async def test_nobody_is_reminded_at_the_weekend(sqlite_town: Town) -> None:
    here = sqlite_town
    dana = await dana_stops_after_one_step(here)

    await here.turn(days=4)  # Saturday
    assert reminders(dana) == 0
    await here.turn(days=2)  # Monday

    await dana.sees(REMINDED)


async def test_who_went_on_meanwhile_is_not_reminded(here: Town) -> None:
    dana = await dana_stops_after_one_step(here)
    await here.turn(days=2, hours=10)
    await dana.say("mail.acme.example")  # late on Thursday
    await dana.sees("3/8")

    await here.turn(hours=13)

    assert reminders(dana) == 0


async def test_who_says_next_week_hears_of_it_on_monday_morning_and_not_before(sqlite_town: Town) -> None:
    here = sqlite_town
    dana = await dana_stops_after_one_step(here)
    await here.turn(days=2)  # Thursday
    await dana.sees(REMINDED)

    await dana.tap_label("Next week")
    await dana.sees("I'll come back to it on Mon, Nov 9, 9:00")
    await here.turn(days=3, hours=20)  # Monday, seven in the morning
    assert reminders(dana) == 1
    await here.turn(hours=2, minutes=15)

    await dana.until(lambda: reminders(dana) == 2 or None)


async def test_who_says_stop_is_reminded_no_more_until_they_say_so(sqlite_town: Town) -> None:
    here = sqlite_town
    dana = await dana_stops_after_one_step(here)
    await here.turn(days=2)
    await dana.sees(REMINDED)

    await dana.say("/stop")
    await dana.sees("write /remind and I'll remind you again")
    await here.turn(days=28)
    assert reminders(dana) == 1

    await dana.say("/remind")
    await dana.sees("I'll remind you again")


async def test_who_wants_to_be_reminded_again_says_so(sqlite_town: Town) -> None:
    here = sqlite_town
    dana = await dana_stops_after_one_step(here)
    await here.turn(days=2)
    await dana.sees(REMINDED)
    await dana.tap_label("No more of these")
    await dana.sees("no more of these")
    await here.turn(days=14)
    assert reminders(dana) == 1

    await dana.tap_label("Remind me after all")
    await dana.sees("I'll bring it up again")
    await here.turn(days=14)

    assert reminders(dana) == 2


async def test_a_long_outage_ends_with_one_reminder_not_a_flood(sqlite_town: Town) -> None:
    here = sqlite_town
    dana = await dana_stops_after_one_step(here)

    await here.turn(days=56)  # a Tuesday again
    await here.hub.look_around()

    await dana.sees(REMINDED)
    assert reminders(dana) == 1
