"""What a recipient does with a mailing: answers, thumbs, links, why, less; each counted once, nobody else's touched."""

import pytest
from sqlmodel import select

from core.actions import MailingClick, MailingOpinion, MailingPick, MailingWhy, ShowMailing, pack, unpack
from core.mailings.amending import recall
from core.mailings.forgetting import forget_person
from storage.tables import MailingReaction, TopicChoice
from tests.mailings.letters import DANA, IVAN, OLGA, PRICES, Street


def test_an_answer_is_shown_may_be_changed_and_is_counted_once(streets: Street) -> None:
    street = streets
    mailing = street.mail()
    assert street.texts(DANA) == ["Hello Dana, it costs 10."]
    letter = street.letter(DANA)

    assert street.tap(DANA, "Fine").toast == "Thank you!"
    street.tap(DANA, "Fine")

    assert street.labels(DANA)[1:3] == ["✓ Fine", "Let's talk"]
    assert street.counted(mailing) == {"accepted": 3, "interacted": 1, "answered:fine": 1}

    street.tap(DANA, "Let's talk")

    assert street.labels(DANA)[1:3] == ["Fine", "✓ Let's talk"]
    assert list(street.wire.chats[DANA]) == [letter]
    assert street.counted(mailing) == {"accepted": 3, "interacted": 1, "answered:talk": 1}


def test_a_thumb_is_given_changed_and_taken_back(street: Street) -> None:
    mailing = street.mail()

    street.tap(IVAN, "👍")
    assert street.counted(mailing) == {"accepted": 3, "interacted": 1, "up": 1}
    street.tap(IVAN, "👎")
    assert street.counted(mailing) == {"accepted": 3, "interacted": 1, "down": 1}
    street.tap(IVAN, "👎")
    assert street.counted(mailing) == {"accepted": 3, "interacted": 1}


def test_nobody_reacts_for_another_or_sees_what_another_got(street: Street) -> None:
    mailing = street.mail()
    number = street.row(DANA).id or 0

    for action in (
        MailingPick(number, "fine"),
        MailingOpinion(number, "up"),
        MailingWhy(number),
        MailingClick(number),
        ShowMailing(number),
    ):
        street.press(OLGA, pack(action))

    assert street.counted(mailing) == {"accepted": 3}
    assert "Dana" not in str(street.wire.chats[OLGA])


@pytest.mark.parametrize("answer", ["", "nonsense", "fine "])
def test_an_answer_that_was_not_offered_is_answered_kindly(street: Street, answer: str) -> None:
    mailing = street.mail()

    receipt = street.press(DANA, f"mpick.{street.row(DANA).id}.{answer}", street.letter(DANA))

    assert receipt.toast
    assert street.counted(mailing) == {"accepted": 3}


def test_a_link_leads_there_and_slack_tells_that_it_was_followed(street: Street) -> None:
    mailing = street.mail()
    _, link = street.find(IVAN, "Read")
    assert link.url == "https://relay.example/prices"
    assert isinstance(unpack(link.action), MailingClick)

    street.press(IVAN, link.action, street.letter(IVAN))
    street.press(IVAN, link.action, street.letter(IVAN))

    assert street.counted(mailing) == {"accepted": 3, "interacted": 1}
    reaction = street.session.exec(select(MailingReaction)).one()
    assert (reaction.clicks, reaction.contact_id) == (2, 2)


def test_it_says_why_it_came_without_a_word_about_rules(street: Street) -> None:
    street.mail(audience="segment == 'smb' or not segment == 'smb'", category="news", topic="product")

    street.tap(DANA, "Why")

    assert "settings" in street.last(DANA).text
    assert "segment" not in street.last(DANA).text
    street.tap(DANA, "Less like this")
    choice = street.session.exec(select(TopicChoice)).one()
    assert (choice.contact_id, choice.topic) == (1, "product")


def test_one_without_a_topic_offers_the_settings_below_its_why(street: Street) -> None:
    street.mail(topic="")

    assert not any("Less" in label for label in street.labels(DANA))
    street.tap(DANA, "Why")
    street.tap(DANA, "Settings")

    assert any("Pause" in label or "silence" in label.lower() for label in street.labels(DANA)), street.labels(DANA)


def test_a_mandatory_one_cannot_be_turned_down(street: Street) -> None:
    street.mail(category="mandatory", topic="service")

    assert not any("Less" in label for label in street.labels(DANA))
    assert street.press(DANA, f"mless.{street.row(DANA).id}").toast
    street.tap(DANA, "Why")
    assert "whatever they chose" in street.last(DANA).text


def test_a_tap_after_the_recall_changes_nothing(street: Street) -> None:
    mailing = street.mail()
    _, answer = street.find(DANA, "Fine")
    letter = street.letter(DANA)
    recall(street.session, mailing.id or 0, street.now)
    street.work()

    receipt = street.press(DANA, answer.action, letter)

    assert "taken back" in receipt.toast
    assert "interacted" not in street.counted(mailing)
    assert street.texts(DANA) == []


def test_a_message_the_client_deleted_is_not_sent_anew_by_a_thumb(street: Street) -> None:
    street.mail()
    _, thumb = street.find(DANA, "👍")
    letter = street.letter(DANA)
    del street.wire.chats[DANA][letter]

    street.press(DANA, thumb.action, letter)

    assert street.texts(DANA) == []


def test_the_list_names_what_was_not_opened_first_and_opens_it_in_the_readers_language(streets: Street) -> None:
    street = streets
    russian = {"en": PRICES, "ru": type(PRICES)("Цены", "{{ contact.first_name }}, теперь 10.")}
    first, second = street.mail(texts=russian), street.mail(PRICES)
    street.member(1).contact.language = "ru"
    street.session.flush()
    street.tap(DANA, "👍")  # the second

    street.press(DANA, "post.0")

    listed = street.last(DANA)
    assert [row[0].label for row in listed.rows[:2]] == ["Цены", "New prices"]
    assert listed.text.startswith("🔵 **Цены**")
    street.tap(DANA, "Цены")
    assert street.last(DANA).text == "Dana, теперь 10."
    assert street.counted(first)["interacted"] == 1
    street.tap(DANA, "Всё от нас")
    assert "🔵" not in street.last(DANA).text
    assert second.id != first.id


def test_what_we_sent_stands_in_mailings_and_at_home(street: Street) -> None:
    street.mail()

    street.command(DANA, "mailings")
    assert "1 not opened yet" in street.last(DANA).text
    assert "From us · 1" in [button.label for row in street.last(DANA).rows for button in row]

    street.command(DANA, "home")
    assert "From us · 1" in [button.label for row in street.last(DANA).rows for button in row]


def test_an_answer_given_in_the_list_is_seen_in_the_message_too(street: Street) -> None:
    mailing = street.mail()
    letter = street.letter(DANA)
    street.press(DANA, "post.0")
    street.tap(DANA, "New prices")

    street.tap(DANA, "Fine")

    shown = [row[0].label for card in street.wire.chats[DANA].values() for row in card.rows]
    assert shown.count("✓ Fine") == 2
    assert letter in street.wire.chats[DANA]
    assert street.counted(mailing) == {"accepted": 3, "interacted": 1, "answered:fine": 1}


def test_who_is_taken_out_of_the_books_takes_their_reactions_along(street: Street) -> None:
    mailing = street.mail()
    street.tap(DANA, "Fine")
    street.tap(IVAN, "Fine")

    assert forget_person(street.session, 1) == 1

    assert [one.contact_id for one in street.session.exec(select(MailingReaction)).all()] == [2]
    assert street.counted(mailing)["answered:fine"] == 2
