"""Words that were wrong: mended in place, corrected for who acted on them, taken back; and nobody hears it twice."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlmodel import col, select

from core.actions import AmendMailing, ShowRun, pack
from core.mailings.amending import amend, changes, lost_copies, recall
from core.mailings.changing import change_due
from core.mailings.drafting import Written
from core.mailings.seeing_who import recipients
from core.mailings.tending import tend
from core.mailings.watching import follow
from core.mailings.ways import DELETABLE, way
from core.recovery import release_held
from storage.tables import Contact, Delivery, Mailing, MailingReaction
from tests.mailings.letters import ANN, DANA, IVAN, OLGA, PRICES, Street
from tests.mailings.populace import NOW

DEARER = replace(PRICES, body="Hello {{ contact.first_name }}, it costs 12.")
SECOND = timedelta(seconds=1)


def mend(street: Street, mailing: Mailing, said: Written = DEARER, *, work: bool = True) -> str:
    outcome = amend(street.session, street.content, mailing.id or 0, {"en": said}, street.now)
    street.forget()
    if work:
        street.work()
    return outcome


def take_back(street: Street, mailing: Mailing) -> bool:
    done = recall(street.session, mailing.id or 0, street.now)
    street.forget()
    street.work()
    return done


def test_who_did_nothing_sees_the_new_words_in_place_and_who_did_is_told(streets: Street) -> None:
    street = streets
    mailing = street.mail()
    letter = street.letter(DANA)
    street.tap(IVAN, "Fine")
    opened = street.letter(IVAN)

    assert mend(street, mailing) == "amended"

    assert street.wire.chats[DANA].keys() == {letter}
    assert street.texts(DANA) == ["Hello Dana, it costs 12."]
    first, correction = street.wire.chats[IVAN].values()
    assert first.text == "Hello Ivan, it costs 10."
    assert correction.text.endswith("Hello Ivan, it costs 12.")
    assert "correction" in correction.text
    assert correction.reply_to == opened
    counted = changes(street.session, mailing)
    assert (dict(counted.done), counted.total) == ({"edited": 2, "corrected": 1}, 3)
    assert [(one.revision, one.changed) for one in recipients(street.session, mailing.id or 0, "all")] == [
        (1, "edited to 2: accepted"),
        (1, "corrected to 2: accepted"),
        (1, "edited to 2: accepted"),
    ]


def test_amending_twice_alike_changes_nothing(street: Street) -> None:
    mailing = street.mail()

    assert [mend(street, mailing), mend(street, mailing)] == ["amended", "same words"]
    assert mailing.revision == 2


def test_of_two_amendments_the_newest_stands_everywhere(street: Street) -> None:
    mailing = street.mail()
    street.tap(IVAN, "Fine")
    mend(street, mailing)
    street.now += timedelta(days=1)  # people's caps hold for corrections, too
    mend(street, mailing, replace(PRICES, body="It costs 11."))

    assert street.texts(DANA) == ["It costs 11."]
    assert [text.split("\n")[-1] for text in street.texts(IVAN)] == [
        "Hello Ivan, it costs 10.",
        "Hello Ivan, it costs 12.",
        "It costs 11.",
    ]


def test_who_reads_a_language_that_was_not_changed_is_told_of_no_correction(street: Street) -> None:
    russian = Written("Новые цены", "Теперь 10.", PRICES.buttons)
    street.session.get_one(Contact, 2).language = "ru"  # Ivan
    mailing = street.mail(texts={"en": PRICES, "ru": russian})
    street.tap(IVAN, "Fine")

    mend(street, mailing)
    assert street.texts(DANA) == ["Hello Dana, it costs 12."]
    assert street.texts(IVAN) == ["Теперь 10."]
    assert changes(street.session, mailing).total == changes(street.session, mailing).done["edited"] == 2

    amend(street.session, street.content, mailing.id or 0, {"ru": replace(russian, body="Теперь 12.")}, street.now)
    street.work()
    mend(street, mailing, PRICES)
    assert [text.split("\n")[-1] for text in street.texts(IVAN)] == ["Теперь 10.", "Теперь 12."]
    assert street.texts(DANA) == ["Hello Dana, it costs 10."]
    assert changes(street.session, mailing).to_do == 0


def test_the_box_has_each_language_and_takes_no_words_that_cannot_be_filled_in(street: Street) -> None:
    russian = Written("Новые цены", "Теперь 10.", PRICES.buttons)
    street.session.get_one(Contact, 2).language = "ru"  # Ivan
    mailing = street.mail(texts={"en": PRICES, "ru": russian})

    form = street.press(ANN, pack(AmendMailing(mailing.id or 0))).form
    assert form is not None
    before = {field.id: field.value for field in form.fields if field.kind != "note"}
    assert list(before) == ["title:en", "text:en", "title:ru", "text:ru"]

    wrong = street.fill(ANN, form.action, **{**before, "text:ru": "Теперь {{ price }}."})
    assert [key for key, _ in wrong.errors] == ["text:ru"]
    assert mailing.revision == 1

    street.fill(ANN, form.action, **{**before, "text:ru": "Теперь 12."})
    street.work()
    assert street.texts(IVAN) == ["Теперь 12."]
    assert street.texts(DANA) == ["Hello Dana, it costs 10."]


def test_who_acts_before_the_edit_reaches_them_is_told_instead(streets: Street) -> None:
    street = streets
    mailing = street.mail()
    mend(street, mailing, work=False)
    change_due(street.session, street.content, street.now)  # the edit waits in the ledger
    street.forget()
    street.tap(DANA, "Fine", deliver=False)
    street.work()

    first, correction = street.texts(DANA)
    assert first == "Hello Dana, it costs 10."
    assert correction.endswith("it costs 12.")
    assert street.labels(DANA).count("✓ Fine") >= 1
    assert changes(street.session, mailing).done == {"edited": 2, "corrected": 1}


def test_an_answer_in_the_correction_is_shown_there_too(street: Street) -> None:
    mailing = street.mail()
    street.tap(DANA, "👍")
    mend(street, mailing)

    street.tap(DANA, "Let's talk")  # the lowest: in the correction

    assert street.labels(DANA).count("✓ Let's talk") == 2
    assert street.counted(mailing)["answered:talk"] == 1
    assert street.texts(DANA)[0] == "Hello Dana, it costs 10."


def test_a_run_that_goes_on_sends_the_new_words_and_mends_the_old(street: Street) -> None:
    for number in range(10, 30):
        street.client(number, f"P{number}", 1, f"telegram:{number}")
    mailing = street.mail(local_hour=None, starts_at=street.now + timedelta(hours=1))
    street.now += timedelta(hours=1)
    tend(street.session, street.content, street.now)
    tend(street.session, street.content, street.now)
    street.forget()
    street.deliver(most=5)
    mend(street, mailing)

    texts = [text for number in range(10, 30) for text in street.texts(f"telegram:{number}")]
    assert sorted(texts) == sorted(f"Hello P{number}, it costs 12." for number in range(10, 30))
    assert street.counted(mailing) == {"accepted": 23}
    assert mailing.state == "finished"


def test_a_recall_takes_away_what_it_can_and_what_was_not_sent_stays_unsent(streets: Street) -> None:
    street = streets
    mailing = street.mail()
    street.tap(IVAN, "Fine")
    mend(street, mailing)

    assert take_back(street, mailing)
    assert not take_back(street, mailing)

    assert [street.texts(who) for who in (DANA, IVAN, OLGA)] == [[], [], []]
    assert changes(street.session, mailing).done == {"deleted": 4}  # Ivan's correction, too
    assert mend(street, mailing, PRICES) == "recalled"


@pytest.mark.parametrize(("age", "left"), [(DELETABLE - SECOND, 0), (DELETABLE, 1), (DELETABLE + SECOND, 1)])
def test_telegram_lets_go_of_what_is_younger_than_48_hours(street: Street, age: timedelta, left: int) -> None:
    mailing = street.mail()
    sent = street.row(DANA).settled_at
    assert sent is not None
    street.now = sent + age

    take_back(street, mailing)

    assert len(street.texts(DANA)) == left
    assert all("taken back" in text for text in street.texts(DANA))
    assert street.texts(IVAN) == []
    assert street.wire.chats[DANA] == {} or street.last(DANA).rows == ()


def test_what_grows_too_old_on_its_way_says_that_it_was_taken_back(street: Street) -> None:
    """Decided a moment before the 48 hours were over, and at Telegram a moment after."""
    mailing = street.mail()
    sent = street.row(DANA).settled_at
    assert sent is not None
    street.now = sent + DELETABLE - SECOND
    recall(street.session, mailing.id or 0, street.now)
    street.forget()
    change_due(street.session, street.content, street.now)
    street.forget()
    street.now += 2 * SECOND
    street.work()

    assert "taken back" in street.texts(DANA)[0]
    counted = changes(street.session, mailing)
    assert counted.done == {"deleted": 1, "withdrawn": 2}  # Slack deletes, Telegram no more


def test_copies_out_of_reach_are_listed_with_the_reason(streets: Street) -> None:
    street = streets
    mailing = street.mail()
    street.wire.closed.add(DANA)  # the chat is gone
    del street.wire.chats[OLGA][street.letter(OLGA)]  # deleted by herself

    mend(street, mailing)

    assert {(one.name, one.reason) for one in lost_copies(street.session, mailing)} == {
        ("Dana Lind", "unreachable"),
        ("Olga Lind", "message to edit not found"),
    }
    counted = changes(street.session, mailing)
    assert (dict(counted.done), counted.lost) == ({"edited": 1}, 2)
    assert street.texts(OLGA) == []


def test_of_what_nobody_knows_it_is_told_that_it_may_stand_there(street: Street) -> None:
    mailing = street.mail()
    row = street.row(DANA)
    row.state, row.reason = "uncertain", "answer lost"
    street.forget()

    take_back(street, mailing)

    assert [(one.name, one.reason) for one in lost_copies(street.session, mailing)] == [("Dana Lind", "answer lost")]


def test_a_correction_waits_for_a_good_hour_an_edit_does_not(street: Street) -> None:
    mailing = street.mail()
    street.tap(IVAN, "Fine")
    street.now = NOW.replace(hour=23)

    mend(street, mailing)

    assert street.texts(DANA) == ["Hello Dana, it costs 12."]
    assert street.texts(IVAN) == ["Hello Ivan, it costs 10."]
    assert changes(street.session, mailing).waiting == 1
    street.now = NOW.replace(hour=10) + timedelta(days=1)
    release_held(street.session, street.now)
    street.work()
    assert len(street.texts(IVAN)) == 2


def test_an_older_correction_that_waits_is_not_said_beside_the_newer(street: Street) -> None:
    mailing = street.mail()
    street.tap(IVAN, "Fine")
    street.now = NOW.replace(hour=23)
    mend(street, mailing)
    mend(street, mailing, replace(PRICES, body="It costs 11."))

    waiting = street.session.exec(
        select(Delivery).where(Delivery.kind == "correction", col(Delivery.state).in_(("queued", "held")))
    ).all()
    assert len(waiting) == 1


def test_new_words_that_one_reader_cannot_get_fail_for_them_alone(street: Street) -> None:
    mailing = street.mail()

    mend(street, mailing, replace(PRICES, body="Until {{ client.renewal }}."))

    counted = changes(street.session, mailing)
    assert (dict(counted.done), counted.lost) == ({}, 3)
    assert street.texts(DANA) == ["Hello Dana, it costs 10."]


def test_what_is_done_about_a_message() -> None:
    def done(*, recalled: bool, interacted: bool, messenger: str = "telegram", age: timedelta = SECOND) -> str:
        return way(recalled=recalled, interacted=interacted, messenger=messenger, sent_at=NOW, now=NOW + age)

    assert done(recalled=False, interacted=False) == "edited"
    assert done(recalled=False, interacted=True) == "corrected"
    assert done(recalled=True, interacted=True) == "deleted"
    assert done(recalled=True, interacted=False, messenger="slack", age=9 * DELETABLE) == "deleted"


def test_from_slack_it_is_mended_and_taken_back_by_whose_it_is(street: Street) -> None:
    mailing = street.mail(csm=1)
    form = street.press(ANN, f"mamend.{mailing.id}").form
    assert form is not None
    assert next(one.value for one in form.fields if one.id == "text:en") == PRICES.body
    street.fill(ANN, form.action, **{"title:en": "New prices", "text:en": "It costs 12."})
    street.work()
    assert street.texts(DANA) == ["It costs 12."]
    late = street.fill(ANN, form.action, **{"title:en": "New prices", "text:en": "It costs 13."})
    assert "meanwhile" in late.toast
    assert street.press("slack:T0/BEN", f"mrecall.{mailing.id}").form is None

    form = street.press(ANN, f"mrecall.{mailing.id}").form
    assert form is not None
    street.fill(ANN, form.action)
    street.work()
    assert street.texts(DANA) == []
    assert street.session.exec(select(MailingReaction)).all() == []


def test_its_live_card_offers_and_follows_the_change(street: Street) -> None:
    mailing = street.mail(csm=1)
    street.say(IVAN, "When?", about=street.letter(IVAN))
    street.press(ANN, f"{pack(ShowRun(mailing.id or 0))}")
    _, change = street.find(ANN, "Change")
    _, replies = street.find(ANN, "Replies · 1")
    assert (change.action, replies.action) == (f"mamend.{mailing.id}", f"mreps.{mailing.id}.0")

    mend(street, mailing)
    street.now += timedelta(minutes=2)
    follow(street.session, street.content, street.now)
    street.work()

    assert any("words were changed" in text and "3 done" in text for text in street.texts(ANN))
    take_back(street, mailing)
    street.now += timedelta(minutes=2)
    follow(street.session, street.content, street.now)
    street.work()
    assert any("Taken back" in text for text in street.texts(ANN))
    assert "Change" not in street.labels(ANN)
