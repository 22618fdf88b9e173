"""What clients write back: to their CSM, on one card per mailing, answered alone or together, never twice."""

import pytest
from sqlmodel import col, select

from core.cards import Form
from core.mailings.amending import recall
from core.markup import plain
from storage.tables import Csm, HelpRequest, Mailing
from tests.mailings.letters import ANN, BEN, DANA, IVAN, OLGA, Street


def asked(street: Street) -> list[HelpRequest]:
    return list(street.session.exec(select(HelpRequest).order_by(col(HelpRequest.id))).all())


def crowd(street: Street, *said: str) -> list[str]:
    """More people of Acme, each of whom replies."""
    chats = []
    for number, words in enumerate(said, 40):
        chat = f"telegram:{number}"
        chats.append(chat)
        street.say(chat, words, about=street.letter(chat))
    return chats


@pytest.fixture
def mailing(street: Street) -> Mailing:
    for number in range(40, 45):
        street.client(number, f"P{number}", 1, f"telegram:{number}")
    return street.mail()


def test_a_reply_reaches_the_csm_on_the_mailings_card_and_counts(streets: Street) -> None:
    street = streets
    mailing = street.mail()

    street.say(DANA, "When does it start?", about=street.letter(DANA))

    [request] = asked(street)
    assert (request.mailing_id, request.words) == (mailing.id, "When does it start?")
    assert street.last(ANN).title == "Replies: New prices"
    assert "Dana Lind" in street.read(ANN)
    assert "When does it start?" in street.read(ANN)
    assert street.texts(BEN) == []
    assert "Ann" in street.last(DANA).text
    counted = street.counted(mailing)
    assert (counted["interacted"], counted["replied"]) == (1, 1)


def test_words_after_its_button_are_a_reply_too(street: Street) -> None:
    mailing = street.mail()
    street.tap(OLGA, "Comment")
    assert "New prices" in street.last(OLGA).text

    street.say(OLGA, "That is much")

    assert [(one.mailing_id, one.words) for one in asked(street)] == [(mailing.id, "That is much")]
    assert "That is much" in street.last(BEN).text
    assert street.texts(ANN) == []


@pytest.mark.usefixtures("mailing")
def test_those_who_ask_the_same_get_one_answer_each_once(street: Street) -> None:
    chats = crowd(street, "When does it start?", "when does it start", "How much is it?", "Hi, when does it start?")
    assert len(street.wire.chats[ANN]) == 1  # one card, however many write

    form = street.tap(ANN, "3 people").form
    assert isinstance(form, Form)
    named = plain(form.fields[0].value)
    assert "P41 Lind (Acme), P43 Lind (Acme)" in named
    assert "P42" not in named
    late = street.say("telegram:44", "When does it start?", about=street.letter("telegram:44"))
    assert late.toast == ""
    receipt = street.fill(ANN, form.action, to="all", reply="In January")

    assert "3 people" in receipt.toast
    got = [chat for chat in (*chats, "telegram:44") if any("In January" in text for text in street.texts(chat))]
    assert got == [chats[0], chats[1], chats[3]]  # who wrote after the box was opened was not named in it
    assert dict(street.last(ANN).facts) == {"Waiting": "2", "Settled": "3"}

    again = street.fill(ANN, form.action, to="all", reply="In January")
    assert sum("In January" in text for text in street.texts(chats[0])) == 1
    assert "already" in again.toast


@pytest.mark.usefixtures("mailing")
def test_of_two_who_answer_at_once_the_second_reaches_only_whom_the_first_left(street: Street) -> None:
    ben = street.session.get_one(Csm, 2)
    ben.role = "admin"
    street.session.get_one(Csm, 1).address = None  # Ann is not here: the admins have her clients' replies
    street.forget()
    chats = crowd(street, "When does it start?", "When does it start?")
    form = street.tap(BEN, "2 people").form
    assert form is not None
    street.session.get_one(Csm, 1).address = ANN
    street.forget()
    mine = street.press(ANN, f"mrep.{asked(street)[0].id}").form
    assert mine is not None

    street.fill(ANN, mine.action, to="one", reply="In January")
    street.session.get_one(Csm, 1).address = None
    street.forget()
    street.fill(BEN, form.action, to="all", reply="In February")

    assert [sum("In January" in text for text in street.texts(chat)) for chat in chats] == [1, 0]
    assert sum("In February" in text for chat in chats for text in street.texts(chat)) <= 1
    assert all(one.answered_at is not None for one in asked(street)[:1])


@pytest.mark.usefixtures("mailing")
def test_one_alone_can_be_answered_and_the_conversation_goes_on(street: Street) -> None:
    first, second = crowd(street, "When does it start?", "When does it start?")
    form = street.tap(ANN, "2 people").form
    assert form is not None
    street.fill(ANN, form.action, to="one", reply="In January")
    assert any("In January" in text for text in street.texts(first))
    assert not any("In January" in text for text in street.texts(second))

    street.say(first, "And for how long?")

    assert len(asked(street)) == 2
    assert "And for how long?" in street.read(ANN)
    assert "When does it start?" in street.read(ANN)  # the second still waits
    assert dict(street.last(ANN).facts)["Waiting"] == "2"


@pytest.mark.usefixtures("mailing")
def test_lines_that_follow_each_other_are_one_reply(street: Street) -> None:
    street.say(DANA, "Hello", about=street.letter(DANA))
    street.say(DANA, "when does it start?")

    [request] = asked(street)
    assert request.words == "Hello\nwhen does it start?"
    assert len(street.wire.chats[ANN]) == 1


@pytest.mark.usefixtures("mailing")
def test_what_needs_no_answer_is_settled(street: Street) -> None:
    crowd(street, "Thanks", "Thanks!")

    street.tap(ANN, "needs none")

    assert all(one.solved_at is not None for one in asked(street))
    assert "No reply waits" in street.last(ANN).text


def test_a_reply_to_an_old_and_withdrawn_mailing_still_arrives(street: Street) -> None:
    mailing = street.mail()
    letter = street.letter(DANA)
    street.now = street.now.replace(year=street.now.year + 1)
    recall(street.session, mailing.id or 0, street.now)
    street.work()

    street.say(DANA, "What was that?", about=letter)

    assert [one.mailing_id for one in asked(street)] == [mailing.id]


def test_a_csm_sees_and_answers_nobody_elses_clients(street: Street, mailing: Mailing) -> None:
    street.say(OLGA, "Our secret", about=street.letter(OLGA))
    [request] = asked(street)

    street.press(ANN, f"mreps.{mailing.id}.0")
    assert "secret" not in str(street.wire.chats[ANN])
    assert street.press(ANN, f"mrep.{request.id}").form is None
    street.fill(ANN, f"mrepto.{request.id}.{request.id}", to="all", reply="Hi")
    street.press(ANN, f"mrepok.{request.id}.{request.id}")

    assert (asked(street)[0].answered_at, asked(street)[0].solved_at) == (None, None)
    assert not any("Hi" in text for text in street.texts(OLGA))


def test_many_replies_stand_on_pages(street: Street) -> None:
    for number in range(40, 52):
        street.client(number, f"P{number}", 1, f"telegram:{number}")
    street.mail()
    for number in range(40, 52):
        chat = f"telegram:{number}"
        street.say(chat, f"subject {number} {chr(number + 57) * 3}", about=street.letter(chat))

    assert street.last(ANN).text.count("Lind") == 5
    street.tap(ANN, "Older")
    assert street.last(ANN).text.count("Lind") == 5
    street.tap(ANN, "Older")
    assert street.last(ANN).text.count("Lind") == 2


def test_a_client_cannot_answer_replies(street: Street, mailing: Mailing) -> None:
    street.say(DANA, "When?", about=street.letter(DANA))
    [request] = asked(street)

    ours = (f"mreps.{mailing.id}.0", f"mrep.{request.id}", f"mrepok.{request.id}.9", f"mrecall.{mailing.id}")
    for action in (*ours, f"mamend.{mailing.id}"):
        receipt = street.press(IVAN, action)
        assert receipt.form is None
        assert receipt.toast
    street.fill(IVAN, f"mrecalled.{mailing.id}")
    street.fill(IVAN, f"mrepto.{request.id}.{request.id}", to="all", reply="I am Ann")

    assert mailing.recalled_at is None
    assert asked(street)[0].answered_at is None
