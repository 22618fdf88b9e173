"""A client asks for help, and the answer of one of us comes back to them."""

from datetime import timedelta

import pytest
from sqlmodel import select

from core.cards import Form
from core.onboarding import checklists
from storage.tables import Chat, HelpRequest
from tests.core.stage import Stage, checklist, labels, stage, step

DANA, DANA_SLACK, GROUP = "telegram:1", "slack:T9/U1", "telegram:-100"
ANN, BEA, IDA = "slack:T0/ANN", "slack:T0/BEA", "slack:T0/IDA"


@pytest.fixture
def acme() -> Stage:
    set_up = stage(checklist(step("one"), step("two")))
    account = set_up.account(csm=set_up.csm())
    set_up.csm("Bea", address=BEA)
    set_up.person(account, "Dana", DANA, DANA_SLACK)
    set_up.group(account, GROUP)
    checklists.enrol(set_up.session, set_up.content, account, set_up.now)
    set_up.command(DANA, "steps")
    return set_up


def request(acme: Stage) -> HelpRequest:
    return acme.session.exec(select(HelpRequest)).one()


def reply(acme: Stage, who: str, text: str) -> None:
    receipt = acme.tap(who, "Reply")
    assert isinstance(receipt.form, Form)
    acme.fill(who, receipt.form.action, reply=text)


def test_stuck_brings_step_and_words_to_the_csm(acme: Stage) -> None:
    acme.tap(DANA, "I'm stuck")
    acme.say(DANA, "The *button* is grey & <dead>\nin all browsers")

    card = acme.last(ANN)
    assert "Acme" in card.title
    assert ("Step", "One") in card.facts
    assert ("From", "Dana Doe") in card.facts
    assert "I have it" in labels(card)
    assert request(acme).words == "The *button* is grey & <dead>\nin all browsers"
    assert "Ann" in acme.last(DANA).text


def test_a_voice_message_reaches_the_csm(acme: Stage) -> None:
    acme.tap(DANA, "I'm stuck")
    acme.share(DANA, "voice")

    media = acme.last(ANN).media
    assert media is not None
    assert (media.kind, media.source) == ("voice", "telegram:voice-1")


def test_the_client_sees_who_has_it_where_they_were_told(acme: Stage) -> None:
    acme.say(DANA, "How do I change our logo?")
    acme.tap(ANN, "I have it")

    assert "Ann" in acme.last(DANA).text
    assert "has it" in acme.last(DANA).text
    assert len(acme.cards(DANA)) == 2
    assert "I have it" not in labels(acme.last(ANN))


def test_the_client_is_told_anew_when_the_notice_became_something_else(acme: Stage) -> None:
    acme.tap(DANA, "I'm stuck")
    acme.say(DANA, "It is grey")
    acme.tap(DANA, "Back to the step")
    acme.tap(ANN, "I have it")

    assert "has it" in acme.last(DANA).text
    assert acme.cards(DANA)[-2].title == "One"


def test_of_two_colleagues_who_claim_at_once_one_has_it_and_the_other_sees_who(acme: Stage) -> None:
    acme.say(DANA, "Help")
    message, claim = acme.find(ANN, "I have it")
    acme.tap(ANN, "I have it")
    told = len(acme.cards(DANA))
    receipt = acme.press(BEA, claim.action, message)

    assert "Ann" in receipt.toast
    assert "Ann" in acme.last(BEA).note
    assert len(acme.cards(DANA)) == told


def test_the_reply_box_shows_the_words_and_the_answer_goes_back_to_the_clients_messenger(acme: Stage) -> None:
    acme.say(DANA, "How do I change our logo?")
    receipt = acme.tap(ANN, "Reply")
    assert receipt.form is not None
    assert "logo" in receipt.form.fields[0].value

    acme.fill(ANN, receipt.form.action, reply="Under **Settings**.")

    answer = acme.last(DANA).text
    assert "Ann" in answer
    assert "logo" in answer
    assert "Settings" in answer
    assert "answered" in acme.last(ANN).note
    assert not acme.cards(DANA_SLACK)


def test_an_answer_to_a_group_goes_to_the_group(acme: Stage) -> None:
    acme.command(DANA, "steps", chat=GROUP)
    acme.tap(DANA, "I'm stuck", chat=GROUP)
    acme.say(DANA, "We are lost", chat=GROUP)
    reply(acme, ANN, "Turn left.")

    assert "Turn left" in acme.last(GROUP).text


def test_a_client_who_left_that_messenger_is_answered_in_the_other(acme: Stage) -> None:
    acme.say(DANA, "Help")
    acme.session.get_one(Chat, DANA).unreachable = "blocked"
    reply(acme, ANN, "Here I am.")

    assert "Here I am" in acme.last(DANA_SLACK).text


def test_the_csm_is_told_at_once_when_nobody_can_be_reached_and_keeps_their_words(acme: Stage) -> None:
    acme.say(DANA, "Help")
    for address in (DANA, DANA_SLACK):
        acme.session.get_one(Chat, address).unreachable = "blocked"
    reply(acme, ANN, "Here I am.")

    assert "Here I am" in acme.last(ANN).text
    assert request(acme).answered_at is None


def test_a_plain_message_is_acknowledged_once_and_the_next_lines_are_added(acme: Stage) -> None:
    before = len(acme.cards(DANA))
    acme.say(DANA, "Hello")
    acme.say(DANA, "one more thing")
    acme.say(DANA, "and another")

    assert len(acme.cards(DANA)) == before + 1
    assert len(acme.cards(ANN)) == 1
    assert request(acme).words == "Hello\none more thing\nand another"


def test_what_is_said_before_it_is_settled_belongs_to_the_request_and_brings_it_up_again(acme: Stage) -> None:
    acme.say(DANA, "Hello")
    acme.tap(ANN, "I have it")
    reply(acme, ANN, "Hi!")
    signs = texts(acme, DANA, "has your words")
    acme.say(DANA, "Thanks, but it still fails")
    acme.say(DANA, "On both computers")

    assert "still fails" in request(acme).words
    assert request(acme).answered_at is None
    cards = [card for card in acme.cards(ANN) if "From" in dict(card.facts)]
    assert len(cards) == 1
    assert "still fails" in cards[0].text
    assert "On both computers" in cards[0].text
    assert texts(acme, ANN, "adds:") == 1
    assert texts(acme, DANA, "has your words") == signs + 1

    reply(acme, ANN, "Then try another.")
    assert "still fails" in acme.last(DANA).text
    assert "Hello" not in acme.last(DANA).text


def test_words_long_after_the_last_sign_are_acknowledged_and_told_again(acme: Stage) -> None:
    acme.say(DANA, "Hello")
    acme.now += timedelta(hours=2)
    acme.say(DANA, "Anybody there?")

    assert "Anybody there?" in request(acme).words
    assert texts(acme, DANA, "has your words") == 2
    assert texts(acme, ANN, "adds:") == 1


def test_words_in_the_other_messenger_belong_to_the_request_and_are_answered_there(acme: Stage) -> None:
    acme.say(DANA, "Hello")
    acme.say(DANA_SLACK, "I am here now")
    reply(acme, ANN, "Hi!")

    assert request(acme).words == "Hello\nI am here now"
    assert "Hi" in acme.last(DANA_SLACK).text


def test_what_is_said_after_it_was_settled_is_a_new_request(acme: Stage) -> None:
    acme.say(DANA, "Hello")
    reply(acme, ANN, "Hi!")
    acme.tap(ANN, "Settled")
    acme.say(DANA, "Something else")

    assert len(acme.session.exec(select(HelpRequest)).all()) == 2


def test_the_sign_above_an_answer_looks_answered(acme: Stage) -> None:
    acme.say(DANA, "Hello")
    acme.tap(ANN, "I have it")
    reply(acme, ANN, "Hi!")

    assert texts(acme, DANA, "comes back to you") == 0
    assert texts(acme, DANA, "Ann has answered") == 1


def texts(acme: Stage, chat: str, words: str) -> int:
    """How many cards there say this."""
    return sum(words in card.text for card in acme.cards(chat))


def test_a_request_that_is_settled_says_so_on_both_sides(acme: Stage) -> None:
    acme.say(DANA, "Hello")
    acme.tap(ANN, "Settled")

    assert "Ann" in acme.last(ANN).note
    assert "settled" in acme.last(DANA).text


def test_without_a_csm_here_the_admins_are_told_and_the_client_hears_the_truth() -> None:
    set_up = stage(checklist(step("one")))
    account = set_up.account(csm=set_up.csm("Ann", address=None))
    set_up.csm("Ida", address=IDA, role="admin")
    set_up.person(account, "Dana", DANA)
    set_up.say(DANA, "Hello")

    assert "Hello" in set_up.last(IDA).text
    assert "Ann" not in set_up.last(DANA).text
    assert "our team" in set_up.last(DANA).text


def test_a_csm_who_comes_later_finds_what_was_asked_before() -> None:
    set_up = stage(checklist(step("one", owner="us", due_days=2), step("two")))
    ann = set_up.csm("Ann", address=None)
    account = set_up.account(csm=ann)
    set_up.person(account, "Dana", DANA)
    checklists.enrol(set_up.session, set_up.content, account, set_up.now)
    set_up.say(DANA, "Hello")

    ann.address = ANN
    set_up.session.add(Chat(address=ANN, csm_id=ann.id, last_heard_at=set_up.now))
    set_up.session.flush()
    set_up.command(ANN, "home")
    set_up.command(ANN, "home")

    texts = [card.text for card in set_up.cards(ANN)]
    assert sum("Hello" in text and "> " in text for text in texts) == 1
    assert sum("waits for us" in text for text in texts) == 1
    assert sum("Dana Doe" in text and "joined" in text for text in texts) == 1
    assert "Acme" in set_up.last(ANN).text


def test_the_words_of_one_client_never_reach_another(acme: Stage) -> None:
    other = acme.account("Borealis")
    acme.person(other, "Eve", "telegram:66")
    acme.say("telegram:66", "our secret")
    acme.say(DANA, "Hello")
    acme.tap(ANN, "I have it")
    reply(acme, ANN, "Hi")

    assert "secret" not in str(acme.shown[DANA])
    assert "Hello" not in str(acme.shown["telegram:66"])


def test_a_client_cannot_press_a_csms_buttons(acme: Stage) -> None:
    acme.say(DANA, "Hello")
    number = request(acme).id

    for action in (f"claim.{number}", f"reply.{number}", f"solved.{number}", f"ours.{acme.enrolment().id}.one"):
        receipt = acme.press(DANA, action)
        assert receipt.form is None
        assert receipt.toast
    acme.fill(DANA, f"send.{number}", reply="I am Ann")

    assert request(acme).claimed_by is None
    assert request(acme).answered_at is None


def test_a_message_too_long_to_pass_on_is_answered_with_one_sentence(acme: Stage) -> None:
    acme.say(DANA, "x" * 100_000)

    assert "3,000" in acme.last(DANA).text
    assert not acme.cards(ANN)
