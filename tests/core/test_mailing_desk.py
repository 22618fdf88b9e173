"""Our people prepare, preview, send, watch and steer mailings, each within what they may."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from sqlalchemy import update
from sqlmodel import col, select

from core.actions import CountAudience, HoldAccount, ShowRun, SteerMailing, WriteMailing, pack
from core.cards import Form
from core.content.kinds.mailing_rules import MailingRules
from core.mailings import seeing_who, watching
from core.mailings.counting import counts
from core.mailings.drafting import texts
from core.mailings.run_words import held_words
from core.mailings.tending import tend
from storage.tables import Delivery, Mailing, MailingVeto
from tests.core.stage import Stage, labels, stage

ANN, BEA, IDA = "slack:T0/ANN", "slack:T0/BEA", "slack:T0/IDA"
DANA, REMY, OMAR = "telegram:1", "slack:T9/U2", "telegram:3"

WORDS = {"title": "Hello", "text": "Good day, {{ contact.first_name }}.", "category": "news"}


@pytest.fixture
def desk() -> Stage:
    """Ann looks after Acme (Dana, who speaks Russian) and Bea after Borealis (Remy, Omar); Ida is an admin."""
    set_up = stage()
    set_up.csm("Ida", address=IDA, role="admin")
    acme = set_up.account("Acme", set_up.csm("Ann"), segment="smb")
    borealis = set_up.account("Borealis", set_up.csm("Bea", address=BEA), segment="enterprise")
    set_up.person(acme, "Dana", DANA, language="ru")
    set_up.person(borealis, "Remy", REMY, role="admin")
    set_up.person(borealis, "Omar", OMAR)
    return set_up


def mailing(desk: Stage) -> Mailing:
    [one] = desk.session.exec(select(Mailing).execution_options(populate_existing=True)).all()
    return one


def write(desk: Stage, who: str, **answers: str) -> None:
    desk.command(who, "mailings")
    receipt = desk.tap(who, "Write a mailing")
    assert isinstance(receipt.form, Form)
    sent = desk.fill(who, receipt.form.action, **{**WORDS, **answers})
    assert sent.errors == ()


def settle(desk: Stage, state: str, most: int = 100, reason: str | None = None) -> None:
    """What the couriers would do with what is queued."""
    rows = select(Delivery.id).where(Delivery.state == "queued", col(Delivery.mailing_id).is_not(None)).limit(most)
    desk.session.execute(
        update(Delivery)
        .where(col(Delivery.id).in_(rows))
        .values(state=state, reason=reason, settled_at=desk.now)
        .execution_options(synchronize_session=False)
    )


def turn(desk: Stage, seconds: float = 0) -> None:
    """The engine's second, then the card's."""
    desk.now += timedelta(seconds=seconds)
    tend(desk.session, desk.content, desk.now)
    watching.follow(desk.session, desk.content, desk.now)
    desk.deliver()


def fact(desk: Stage, chat: str, label: str) -> str:
    facts = dict(next(card for card in reversed(desk.cards(chat)) if card.facts).facts)
    return facts.get(label, "")


def test_what_is_written_is_counted_shown_sent_and_followed_to_its_end(desk: Stage) -> None:
    write(desk, IDA, buttons="Read = https://relay.example/x\nFine = fine")

    preview = desk.last(IDA)
    assert dict(preview.facts)["Goes to"] == "3 people in 2 companies"
    assert "Dana Doe (Acme)" in dict(preview.facts)["Among them"]
    assert dict(preview.facts)["Takes"] == "1 second; those in quiet hours get it after them"
    assert mailing(desk).state == "draft"

    desk.tap(IDA, "Send it")
    assert "can be called off" in desk.last(IDA).text or "can be called off" in desk.cards(IDA)[-1].text
    assert mailing(desk).state == "leaving"
    turn(desk, 121)
    turn(desk, 4)
    assert (fact(desk, IDA, "Queued"), fact(desk, IDA, "Accepted")) == ("3", "0")
    settle(desk, "accepted", 2)
    settle(desk, "failed", 1, "blocked")
    turn(desk, 4)
    turn(desk, 4)

    card = desk.cards(IDA)[-2]
    assert "Finished" in card.text
    assert (dict(card.facts)["Accepted"], dict(card.facts)["Failed"]) == ("2", "1 (1 blocked)")
    assert card.progress is not None
    assert card.progress.percent == 100
    assert "2 of 3 accepted" in desk.last(IDA).text
    assert "Retry failed: 1" in labels(card)


def test_the_card_never_says_what_the_ledger_does_not(desk: Stage) -> None:
    """A card that is edited shows the counts of that very moment, and one that would say the same is left alone."""
    write(desk, IDA)
    desk.tap(IDA, "Send it")
    turn(desk, 121)
    for _ in range(3):
        turn(desk, 4)
        settle(desk, "accepted", 1)
        turn(desk, 4)
        counted = counts(desk.session, mailing(desk).id or 0)
        assert fact(desk, IDA, "Accepted") == str(counted["accepted"])
    turn(desk, 10)
    sent = desk.sent

    for _ in range(5):
        turn(desk, 70)

    assert desk.sent == sent


def test_many_who_watch_get_no_more_edits_than_slack_takes(desk: Stage) -> None:
    """chat.update takes about 50 a minute for a workspace; the card tells pace and time left meanwhile."""
    account = desk.account("Crowd")
    for number in range(60):
        desk.person(account, f"P{number}", f"telegram:{100 + number}")
    write(desk, IDA)
    desk.tap(IDA, "Send it")
    turn(desk, 121)
    for who in (ANN, BEA):
        desk.command(who, "mailings", "1")
    sent, notes = desk.sent, set()

    for _ in range(30):
        settle(desk, "accepted", 2)
        turn(desk, 1)
        notes.add(next(card for card in reversed(desk.cards(IDA)) if card.facts).note)

    assert desk.sent - sent <= 30 / 1.5
    assert any("a second · about" in note for note in notes), notes


def test_remarks_stand_at_their_fields_and_nothing_is_drafted(desk: Stage) -> None:
    desk.command(IDA, "mailings")
    form = desk.tap(IDA, "Write a mailing").form
    assert form is not None

    receipt = desk.fill(
        IDA,
        form.action,
        title="x" * 151,
        text="Hi {{ contact.frist_name }}",
        category="news",
        audience="segmnt == 'smb'",
        unless="role ==",
        buttons="A = javascript:alert(1)",
        media="../secret.png",
        at="tomorrow",
        expires="2020-01-01",
        window="10-18",
        priority="101",
        canary="99",
        **{"text:ru": "Привет", "buttons:ru": "Раз\nДва"},
    )

    assert {field for field, _ in receipt.errors} == {
        "title", "text", "audience", "unless", "buttons", "media", "at", "expires", "window", "priority", "canary",
        "title:ru", "buttons:ru",
    }  # fmt: skip
    assert "did you mean 'segment'" in dict(receipt.errors)["audience"]
    assert desk.session.exec(select(Mailing)).all() == []


def test_counting_within_the_box_keeps_what_was_typed(desk: Stage) -> None:
    answers = {**WORDS, "audience": "segment == 'enterprise'"}
    counted = desk.fill(IDA, pack(CountAudience(0)), **answers).form
    broken = desk.fill(IDA, pack(CountAudience(0)), **{**answers, "audience": "true) or (mrr"}).form

    assert counted is not None
    assert broken is not None
    fields = {field.id: field for field in counted.fields}
    assert "2" in fields["counted"].value
    assert "Remy Doe" in fields["counted"].value
    assert (fields["audience"].value, fields["text"].value) == (answers["audience"], WORDS["text"])
    assert next(field for field in broken.fields if field.id == "counted").value.startswith("⚠️")


def test_a_csm_writes_to_their_own_accounts_alone(desk: Stage) -> None:
    write(desk, ANN, audience="mrr > 0 or segment == 'enterprise' or segment == 'smb'")

    assert dict(desk.last(ANN).facts)["Goes to"] == "1 person in 1 company"
    form = desk.tap(ANN, "Change").form
    assert form is not None
    given = {field.id: field.value for field in form.fields}
    assert given["audience"] == "mrr > 0 or segment == 'enterprise' or segment == 'smb'"


def test_a_file_prepared_by_a_csm_is_for_their_accounts_and_by_an_admin_for_all(desk: Stage) -> None:
    desk.command(BEA, "mailings")
    desk.tap(BEA, "Prepare reports-webinar")
    assert dict(desk.last(BEA).facts)["Goes to"] == "2 people in 1 company"

    desk.command(IDA, "mailings")
    with pytest.raises(AssertionError, match="no button"):
        desk.find(IDA, "Prepare reports-webinar")  # Bea's run is open
    desk.tap(IDA, "Prepare new-prices")
    assert dict(desk.last(IDA).facts)["Audience"] == "role in ['admin', 'finance']"
    assert dict(desk.last(IDA).facts)["Goes to"] == "1 person in 1 company"


def test_a_draft_is_nobody_elses_and_only_its_own_steer_it(desk: Stage) -> None:
    write(desk, IDA)
    number = mailing(desk).id or 0

    assert desk.press(ANN, pack(ShowRun(number))).toast
    assert desk.press(ANN, pack(WriteMailing(number))).form is None
    desk.tap(IDA, "Send it")
    turn(desk, 121)
    assert desk.press(ANN, pack(SteerMailing(number, "cancel"))).toast
    assert desk.press(DANA, pack(SteerMailing(number, "cancel"))).toast
    assert mailing(desk).state == "running"
    desk.tap(IDA, "Pause")
    assert (mailing(desk).state, "Paused" in desk.cards(IDA)[-1].text) == ("paused", True)
    desk.tap(IDA, "Resume")
    assert mailing(desk).state == "running"


def test_a_second_person_says_yes_when_hub_yaml_wants_one(desk: Stage) -> None:
    desk.content = replace(desk.content, rules=replace(desk.content.rules, mailings=MailingRules("second")))
    write(desk, ANN)
    desk.tap(ANN, "Send it")

    assert mailing(desk).state == "waiting"
    assert "Yes, send it" not in labels(desk.last(ANN))
    desk.tap(IDA, "Yes, send it")
    assert (mailing(desk).state, mailing(desk).approved_by) == ("leaving", 1)
    assert "Leaves" in desk.last(ANN).text


def test_two_admins_who_press_at_once_send_it_once(desk: Stage) -> None:
    jon = "slack:T0/JON"
    desk.csm("Jon", address=jon, role="admin")
    desk.command(IDA, "mailings", "reports-webinar")
    desk.command(jon, "mailings", "reports-webinar")
    pressed = desk.find(jon, "Send it")[1].action

    desk.tap(IDA, "Send it")
    assert "Leaves" in desk.last(jon).text
    assert desk.press(jon, pressed).toast == "That was decided already."

    turn(desk, 121)
    turn(desk, 1)
    assert mailing(desk).state == "running"
    assert len(desk.session.exec(select(Delivery).where(col(Delivery.mailing_id).is_not(None))).all()) == 3


def test_called_off_within_two_minutes_nobody_gets_it_and_it_is_a_draft_with_all_its_words_again(desk: Stage) -> None:
    write(desk, IDA)
    desk.tap(IDA, "Send it")
    assert "Let Borealis in" not in labels(desk.last(BEA))
    desk.tap(IDA, "Call it off")
    assert mailing(desk).state == "draft"
    assert labels(desk.last(BEA)) == ["Look at it"]

    turn(desk, 300)
    assert mailing(desk).state == "draft"
    assert desk.session.exec(select(Delivery).where(col(Delivery.mailing_id).is_not(None))).all() == []

    changed = desk.tap(IDA, "Change").form
    assert changed is not None
    desk.fill(IDA, changed.action, **{**WORDS, "text": "Good night."})
    desk.tap(IDA, "Send it")
    assert "Hold Borealis" in labels(desk.last(BEA))  # told anew
    turn(desk, 121)
    turn(desk, 1)
    assert mailing(desk).state == "running"
    assert texts(desk.session, mailing(desk).id or 0)["en"].body == "Good night."
    assert len(desk.session.exec(select(Delivery).where(col(Delivery.mailing_id).is_not(None))).all()) == 3


def test_the_preview_warns_of_those_who_read_a_language_that_it_has_no_words_in(desk: Stage) -> None:
    write(desk, IDA)
    assert "1 (ru: 1)" in fact(desk, IDA, "Not in their language")
    changed = desk.tap(IDA, "Change").form
    assert changed is not None
    desk.fill(IDA, changed.action, **{**WORDS, "title:ru": "Привет", "text:ru": "Добрый день."})
    assert "Not in their language" not in dict(desk.last(IDA).facts)


def test_two_who_call_it_off_at_once_throw_nothing_away(desk: Stage) -> None:
    jon = "slack:T0/JON"
    desk.csm("Jon", address=jon, role="admin")
    desk.command(IDA, "mailings", "reports-webinar")
    desk.tap(IDA, "Send it")
    desk.command(jon, "mailings", "reports-webinar")
    pressed = desk.find(jon, "Call it off")[1].action
    discarded = pack(SteerMailing(mailing(desk).id or 0, "cancel"))

    desk.tap(IDA, "Call it off")
    assert "Send it" in labels(desk.last(jon))
    assert desk.press(jon, pressed).toast == "That was decided already."
    assert mailing(desk).state == "draft"
    desk.tap(IDA, "Send it")
    desk.press(jon, discarded)  # Discard, pressed on a card from before the yes
    assert mailing(desk).state == "draft"
    desk.tap(IDA, "Send it")
    turn(desk, 121)
    desk.press(jon, pressed)  # too late to be called off: what is left is cancelled
    assert mailing(desk).state == "cancelling"


def test_csms_hear_whose_clients_it_reaches_and_hold_an_account(desk: Stage) -> None:
    write(desk, IDA)
    desk.tap(IDA, "Send it")

    veto = desk.last(BEA)
    assert "Ida" in veto.text
    assert "Borealis: 2 people" in veto.text
    desk.tap(BEA, "Hold Borealis")
    assert "held" in desk.last(BEA).text
    acme = next(row.id for row in desk.session.exec(select(Mailing)).all())
    assert desk.press(BEA, pack(HoldAccount(acme or 0, 1))).toast  # Acme is Ann's
    desk.tap(BEA, "Let Borealis in")
    desk.tap(BEA, "Hold Borealis")

    turn(desk, 121)

    assert [veto.account_id for veto in desk.session.exec(select(MailingVeto))] == [2]
    got = desk.session.exec(select(Delivery.address).where(col(Delivery.mailing_id).is_not(None))).all()
    assert got == [DANA]
    out = seeing_who.recipients(desk.session, mailing(desk).id or 0, "out")
    turn(desk, 4)
    assert fact(desk, IDA, "Left out") == "2 held by their CSM"
    settle(desk, "accepted")
    turn(desk, 4)
    turn(desk, 4)
    assert labels(desk.last(BEA)) == ["Look at it"]
    assert "finished" in desk.last(BEA).text
    assert {(one.name, one.reason) for one in out} == {("Remy Doe", "kept back"), ("Omar Doe", "kept back")}


def test_samples_go_over_people_and_messengers_and_their_buttons_do_nothing(desk: Stage) -> None:
    write(
        desk, IDA, buttons="Fine = fine", **{"title:ru": "Привет", "text:ru": "Добрый день, {{ contact.first_name }}."}
    )
    desk.tap(IDA, "As they will see it")
    seen = [desk.last(IDA)]
    for _ in range(2):
        desk.tap(IDA, "Next person")
        seen.append(desk.last(IDA))

    assert {card.text.split("\n")[0] for card in seen} == {"Good day, Remy.", "Good day, Omar.", "Добрый день, Dana."}
    assert desk.tap(IDA, "Fine").toast.startswith("This is only how it will look")
    desk.tap(IDA, "As in Telegram")
    assert "`Fine`" in desk.last(IDA).text
    assert "Telegram" in desk.last(IDA).note


def test_it_pauses_by_itself_and_says_why(desk: Stage) -> None:
    desk.content = replace(desk.content, rules=replace(desk.content.rules, mailings=MailingRules(failures_in_a_row=2)))
    write(desk, IDA)
    desk.tap(IDA, "Send it")
    turn(desk, 121)
    settle(desk, "failed", 2, "bad request")

    turn(desk, 4)
    turn(desk, 4)

    assert mailing(desk).state == "paused"
    assert "too many failed in a row" in desk.cards(IDA)[-2].text
    assert "paused by itself" in desk.last(IDA).text


def test_who_got_it_is_told_page_by_page_and_to_csms_of_their_own(desk: Stage) -> None:
    write(desk, IDA)
    desk.tap(IDA, "Send it")
    turn(desk, 121)
    settle(desk, "accepted")
    turn(desk, 4)

    desk.tap(IDA, "See who")
    assert all(name in desk.last(IDA).text for name in ("Dana Doe", "Remy Doe", "Omar Doe"))
    desk.press(ANN, pack(ShowRun(mailing(desk).id or 0)))
    desk.tap(ANN, "See who")
    assert "Dana Doe" in desk.last(ANN).text
    assert "Remy Doe" not in desk.last(ANN).text


def test_nobody_is_left_with_a_card_that_stands_still(desk: Stage) -> None:
    write(desk, IDA)
    desk.tap(IDA, "Send it")
    desk.command(IDA, "mailings")
    desk.tap(IDA, "Open 1")

    assert "goes on in the newer message" in desk.cards(IDA)[1].text
    assert "Leaves" in desk.last(IDA).text


def test_who_is_held_is_counted_with_the_reason(desk: Stage) -> None:
    voice = desk.content.voice("en")

    assert held_words(voice, {"quiet": 2}, 2) == "2 in quiet hours"
    assert held_words(voice, {"quiet": 2, "silenced": 1}, 3) == "3 (2 in quiet hours, 1 asked for silence)"
    assert held_words(voice, {"quiet": 2}, 3) == "3 (2 in quiet hours)"
    assert held_words(voice, {}, 3) == "3"


def test_the_number_in_the_list_is_the_one_that_opens_it(desk: Stage) -> None:
    write(desk, IDA, title="The first")
    write(desk, IDA, title="The second")
    desk.command(IDA, "mailings")
    assert desk.last(IDA).text.startswith("**2.** The second: not sent yet\n**1.** The first: not sent yet")

    desk.command(IDA, "mailings", "1")
    assert desk.last(IDA).title == "The first"
    desk.command(IDA, "mailings")
    desk.tap(IDA, "Open 2")
    assert desk.last(IDA).title == "The second"


def test_when_it_leaves_is_told_by_the_readers_clock(desk: Stage) -> None:
    write(desk, IDA, at="2026-11-10 09:00", local_hour="9", window="08:00-18:00", expires="2026-11-12", canary="5")

    one = mailing(desk)
    assert one.starts_at == datetime.fromisoformat("2026-11-10T09:00+00:00")
    said = dict(desk.last(IDA).facts)["When"]
    assert all(words in said for words in ("09:00 on each one's clock", "only 8:00", "not after", "first 5 %"))
