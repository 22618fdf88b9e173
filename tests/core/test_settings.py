"""A person chooses what they hear of by itself, how often, when and where, on one card that is the same everywhere."""

from datetime import timedelta

import pytest

from core.actions import LONGEST, AskCity, LessOften, PauseAll, Prefer, SetCadence, ShowSettings, ShowTopic, pack
from core.attention.preferences import cadences
from core.cards import Card
from storage.tables import Account, Contact, Preference
from tests.core.stage import START, Stage, labels, stage

TELEGRAM, SLACK = "telegram:1", "slack:T0/DANA"


@pytest.fixture
def here() -> Stage:
    """Dana of Acme is in both messengers; nobody knows her clock, so it is London's."""
    here = stage()
    here.person(here.account(), "Dana", TELEGRAM, SLACK)
    return here


def dana(here: Stage) -> Contact:
    return here.session.get_one(Contact, 1)


def facts(card: Card) -> dict[str, str]:
    return dict(card.facts)


def test_the_settings_are_opened_by_a_word_and_from_home(here: Stage) -> None:
    here.command(TELEGRAM, "settings")
    assert here.last(TELEGRAM).title == "Settings"

    here.command(SLACK, "home")
    here.tap(SLACK, "Settings")

    assert here.last(SLACK).title == "Settings"
    assert len(here.cards(SLACK)) == 1


def test_how_often_is_chosen_by_topic_on_one_card(here: Stage) -> None:
    here.command(TELEGRAM, "settings")
    assert facts(here.last(TELEGRAM))["Product news"] == "at once"

    here.tap(TELEGRAM, "Product news")
    assert "✓ at once" in labels(here.last(TELEGRAM))
    receipt = here.tap(TELEGRAM, "once a day")

    assert receipt.toast == "Saved."
    assert facts(here.last(TELEGRAM))["Product news"] == "once a day"
    assert facts(here.last(TELEGRAM))["Digest"].startswith("every day")
    assert cadences(here.session, here.content.rules, 1)["product"] == "daily"
    assert len(here.cards(TELEGRAM)) == 1


def test_what_is_changed_in_one_messenger_is_seen_in_the_other(here: Stage) -> None:
    here.command(SLACK, "settings")
    here.open_home(SLACK)
    here.tap(f"{SLACK}/home", "Settings")
    here.command(TELEGRAM, "settings")
    here.tap(TELEGRAM, "Product news")

    here.tap(TELEGRAM, "never")

    for chat in (TELEGRAM, SLACK, f"{SLACK}/home"):
        assert facts(here.last(chat))["Product news"] == "never"
        assert len(here.cards(chat)) == 1


def test_a_page_that_stands_open_elsewhere_stays_the_page_it_is(here: Stage) -> None:
    here.command(SLACK, "settings")
    here.tap(SLACK, "Product news")
    here.command(TELEGRAM, "settings")
    here.tap(TELEGRAM, "Product news")

    here.tap(TELEGRAM, "once a week")

    assert "✓ once a week" in labels(here.last(SLACK))


def test_the_hour_and_the_day_of_the_digest_are_hers(here: Stage) -> None:
    here.command(TELEGRAM, "settings")
    here.tap(TELEGRAM, "Digest")
    assert not any("8:00\u202fPM" in label for label in labels(here.last(TELEGRAM)))  # quiet by then

    here.tap(TELEGRAM, "3:00")
    here.tap(TELEGRAM, "Thursday")

    assert {"✓ 3:00\u202fPM", "✓ Thursday"} <= set(labels(here.last(TELEGRAM)))
    own = here.session.get_one(Preference, 1)
    assert (own.digest_hour, own.digest_weekday) == (15, 3)


def test_her_own_quiet_hours_go_before_the_usual_ones_until_she_takes_them_back(here: Stage) -> None:
    here.command(TELEGRAM, "settings")
    here.tap(TELEGRAM, "Quiet hours")
    here.tap(TELEGRAM, "from 6:00")
    here.tap(TELEGRAM, "until 10:00")
    here.tap(TELEGRAM, "Back")
    assert facts(here.last(TELEGRAM))["Quiet hours"] == "6:00\u202fPM – 10:00\u202fAM"

    here.tap(TELEGRAM, "Quiet hours")
    here.tap(TELEGRAM, "As usual")
    here.tap(TELEGRAM, "Back")

    assert facts(here.last(TELEGRAM))["Quiet hours"] == "8:00\u202fPM – 9:00\u202fAM"


def test_an_hour_that_becomes_quiet_is_no_hour_of_a_digest_any_more(here: Stage) -> None:
    here.press(TELEGRAM, pack(Prefer("hour", "18")))

    here.press(TELEGRAM, pack(Prefer("quiet-from", "17")))

    assert here.session.get_one(Preference, 1).digest_hour is None


@pytest.mark.parametrize(
    ("words", "zone", "place"),
    [
        ("Berlin", "Europe/Berlin", "Berlin, 11:0"),
        ("new york", "America/New_York", "New York, 5:0"),
        ("UTC+3", "Etc/GMT-3", "UTC+3, 1:0"),
    ],
)
def test_her_clock_follows_the_city_she_types(here: Stage, words: str, zone: str, place: str) -> None:
    here.command(TELEGRAM, "settings")
    here.tap(TELEGRAM, "Time zone")
    here.tap(TELEGRAM, "Another city")

    here.say(TELEGRAM, words)

    assert dana(here).timezone == zone
    assert facts(here.last(TELEGRAM))["Your clock"].startswith(place)


def test_a_city_nobody_knows_is_asked_for_again_and_back_ends_the_question(here: Stage) -> None:
    here.command(TELEGRAM, "settings")
    here.tap(TELEGRAM, "Time zone")
    here.tap(TELEGRAM, "Another city")
    here.say(TELEGRAM, "Hogsmeade")
    assert "I know no place by that name" in here.last(TELEGRAM).text

    here.tap(TELEGRAM, "Back")
    here.say(TELEGRAM, "Berlin")

    assert dana(here).timezone is None


def test_a_country_with_several_clocks_asks_which(here: Stage) -> None:
    here.command(SLACK, "settings")
    here.tap(SLACK, "Time zone")
    here.tap(SLACK, "Another city")
    here.say(SLACK, "Spain")
    assert "Which of these" in here.last(SLACK).text

    here.tap(SLACK, "Madrid")

    assert dana(here).timezone == "Europe/Madrid"


def test_the_city_is_asked_in_the_chat_when_it_was_tapped_at_home(here: Stage) -> None:
    here.open_home(SLACK)
    here.tap(f"{SLACK}/home", "Settings")
    here.tap(f"{SLACK}/home", "Time zone")
    here.tap(f"{SLACK}/home", "Another city")
    assert "Messages" in here.last(f"{SLACK}/home").text

    here.say(SLACK, "Madrid")

    assert facts(here.last(f"{SLACK}/home"))["Your clock"].startswith("Madrid")


def test_who_is_in_one_messenger_is_not_asked_which(here: Stage) -> None:
    here.command(TELEGRAM, "settings")
    here.tap(TELEGRAM, "Messenger")
    here.tap(TELEGRAM, "Slack")
    assert facts(here.last(TELEGRAM))["First in"] == "Slack"
    olga = "telegram:2"
    here.person(here.account("Borealis"), "Olga", olga)

    here.command(olga, "settings")

    assert "Messenger" not in labels(here.last(olga))


def test_a_pause_is_shown_and_ended_on_the_card(here: Stage) -> None:
    here.command(TELEGRAM, "settings")
    here.tap(TELEGRAM, "Pause")
    assert "must tell you, come all the same" in here.last(TELEGRAM).text
    here.tap(TELEGRAM, "7 days")
    assert "until **Mon, Nov 16" in here.last(TELEGRAM).text
    assert dana(here).silent_until == START + timedelta(days=7, seconds=2)

    here.tap(TELEGRAM, "Write to me again")

    assert dana(here).silent_until is None
    assert "Pause" in labels(here.last(TELEGRAM))


def test_stopping_everything_says_that_what_is_mandatory_still_comes(here: Stage) -> None:
    here.command(TELEGRAM, "settings")
    here.tap(TELEGRAM, "Pause")

    here.tap(TELEGRAM, "Stop everything")

    assert "Only what we must tell you comes" in here.last(TELEGRAM).text


def test_the_words_stop_and_remind_say_the_same_as_the_card(here: Stage) -> None:
    here.command(SLACK, "settings")

    here.command(TELEGRAM, "stop")
    assert "You hear nothing from us" in here.last(SLACK).text
    here.command(TELEGRAM, "remind")

    assert "You hear nothing from us" not in here.last(SLACK).text


def test_another_language_is_seen_on_a_card_that_stands_open(here: Stage) -> None:
    here.command(SLACK, "settings")

    here.command(TELEGRAM, "language", "ru")

    assert here.last(SLACK).title == "Настройки"


def test_less_often_makes_weekly_of_daily_and_the_card_below_says_so(here: Stage) -> None:
    here.press(TELEGRAM, pack(SetCadence("product", "daily")), "m1")

    here.press(TELEGRAM, pack(LessOften()), "digest")

    assert cadences(here.session, here.content.rules, 1)["product"] == "weekly"
    assert "once a week, on **Monday**" in here.last(TELEGRAM).text
    assert "digest" not in here.shown[TELEGRAM]


@pytest.mark.parametrize(
    "forged",
    [
        SetCadence("product", "hourly"),
        SetCadence("nothing", "off"),
        Prefer("hour", "24"),
        Prefer("hour", "٣"),
        Prefer("weekday", "7"),
        Prefer("weekday", ""),
        Prefer("zone", "Mars/Base"),
        Prefer("messenger", "fax"),
        Prefer("quiet-from", "9"),
        Prefer("name", "x"),
    ],
)
def test_a_wish_that_cannot_be_changes_nothing(here: Stage, forged: SetCadence | Prefer) -> None:
    before = cadences(here.session, here.content.rules, 1)

    receipt = here.press(TELEGRAM, pack(forged))

    assert "earlier time" in receipt.toast
    assert cadences(here.session, here.content.rules, 1) == before
    assert here.cards(TELEGRAM) == []


@pytest.mark.parametrize("action", [ShowSettings(""), ShowTopic("tips"), PauseAll(3), AskCity(), LessOften()])
def test_nobody_elses_eyes_see_a_persons_settings(here: Stage, action: ShowSettings) -> None:
    group = "telegram:-5"
    here.group(here.session.get_one(Account, 1), group)

    here.press(TELEGRAM, pack(action), chat=group)

    assert all(card.title != "Settings" for card in here.cards(group))


def test_in_a_group_the_word_is_answered_in_private(here: Stage) -> None:
    group = "telegram:-5"
    here.group(here.session.get_one(Account, 1), group)

    here.command(TELEGRAM, "settings", chat=group)

    assert here.cards(group) == []
    assert here.last(TELEGRAM).title == "Settings"


def test_the_longest_wishes_fit_into_a_button() -> None:
    assert len(pack(SetCadence("x" * 32, "instant")).encode()) <= LONGEST
    assert len(pack(Prefer("zone", "America/Argentina/ComodRivadavia")).encode()) <= LONGEST
