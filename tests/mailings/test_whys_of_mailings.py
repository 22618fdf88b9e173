"""Our people ask why somebody got a mailing or did not; and their desk names what waits, not each reply."""

from datetime import timedelta

from sqlmodel import select

from core.attention.trail import Told
from core.mailings.amending import amend, recall
from core.mailings.drafting import Written
from core.mailings.omitting import REASONS
from core.mailings.told import LEFT_OUT, mailings_told
from core.markup import plain
from storage.tables import Mailing
from tests.mailings.letters import ANN, BEN, DANA, OLGA, Street


def told(street: Street, number: int) -> list[Told]:
    return mailings_told(street.session, number, 5)


def test_it_tells_what_they_got_and_what_they_were_left_out_of(street: Street) -> None:
    street.mail(name="prices")
    street.member(1).contact.silent_until = street.now + timedelta(days=30)
    street.session.flush()
    mailing = street.mail(name="webinar", audience="not segment == 'smb'")
    amend(street.session, street.content, mailing.id or 0, {"en": Written("Webinar", "Tomorrow")}, street.now)
    street.forget()
    street.work()

    assert [(one.rule, one.outcome) for one in told(street, 1)] == [
        ("mailing:webinar", "left out: opted out"),
        ("mailing:prices", "accepted"),
    ]
    newest = told(street, 3)[0]
    assert (newest.facts["audience"], newest.facts["revision"]) == ("not segment == 'smb'", 2)

    street.command(ANN, "why", "dana1@client.example")
    assert "mailing:webinar" in street.read(ANN)
    assert "mailing:prices" in street.read(ANN)
    street.command(ANN, "why", "olga3@client.example")
    assert "mailing" not in street.read(ANN)  # she is Ben's


def test_whynot_tells_the_reason(street: Street) -> None:
    street.member(1).contact.silent_until = street.now + timedelta(days=30)
    street.session.flush()
    street.mail(name="webinar", audience="role == 'admin' or not role == 'admin'")
    street.mail(name="smb", audience="segment == 'smb'")

    def asked(rule: str, who: str = "dana1@client.example", by: str = ANN) -> str:
        street.command(by, "whynot", f"{who} {rule}")
        return street.read(by)

    assert "asked for silence" in asked("mailing:webinar")
    assert "segment == 'smb'" in asked("mailing:smb")
    assert "They got it" in asked("mailing:webinar", "olga3@client.example", BEN)
    assert asked("mailing:2").split("\n")[1:] == asked("mailing:smb").split("\n")[1:]
    recall(
        street.session, street.session.exec(select(Mailing.id).where(Mailing.name == "webinar")).one() or 0, street.now
    )
    assert "taken back" in asked("mailing:webinar", "olga3@client.example", BEN)
    nothing = asked("mailing:nothing")
    assert "no rule `mailing:nothing`" in nothing or "no rule mailing:nothing" in nothing
    assert "mailing:smb, mailing:webinar" in nothing


def test_each_reason_that_is_written_down_has_words(street: Street) -> None:
    assert {reason for reason, _ in REASONS} <= set(LEFT_OUT)
    voice = street.content.voice("en")
    assert all(plain(voice.say(f"csm.left_out.{reason.replace(' ', '_')}", reason=reason)) for reason in LEFT_OUT)


def test_the_desk_has_a_line_for_all_replies_to_one_mailing(street: Street) -> None:
    street.mail()
    for number in range(40, 43):
        street.client(number, f"P{number}", 1, f"telegram:{number}")
    street.mail()
    for chat in (DANA, "telegram:40", "telegram:41"):
        street.say(chat, "When?", about=street.letter(chat))
    street.say(OLGA, "Our own question")

    street.command(ANN, "home")

    assert "3 replies to New prices wait" in street.read(ANN)
    assert "When?" not in street.read(ANN)
    street.tap(ANN, "Replies: New prices")
    assert "When?" in street.read(ANN)
    street.command(BEN, "home")
    assert "Our own question" in street.read(BEN)
