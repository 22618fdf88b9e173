"""Why was it said, and why was it not? People are told in plain words, our people with rule, facts and gates."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from sqlmodel import Session, col, select

from core.actions import LessLikeThis, ShowHome, WhyThis, pack
from core.attention.expected import Expected
from core.attention.proposals import Proposal, Why, propose
from core.attention.trail import Gate
from core.attention.trial import try_wish
from core.cards import Card
from core.claims import Claimed, claim
from core.codec import read_card
from core.content.catalogue import Catalogue
from core.desk.whys import why_card, whynot_card
from core.events import Address, Commanded, Event, Tapped
from core.inbox import receive
from core.markup import plain
from core.outbox import cancel_waiting
from core.people.accounts import member
from core.receipts import Receipt
from core.recovery import release_held
from core.settling import Settled, settle
from storage.database import Database
from storage.tables import Account, Chat, Contact, Csm, Decision, Delivery, TopicChoice
from tests.core.stage import START, sample

OLGA, ANN, BEN = "telegram:7", "slack:T0/ANN", "slack:T0/BEN"
NIGHT = START.replace(hour=23)


def content() -> Catalogue:
    rules = replace(sample().rules, topics={"tips": "instant"}, most_per_day=2, spread=timedelta())
    return replace(sample(), rules=rules)


@pytest.fixture
def known(database: Database) -> Database:
    """Olga of Acme, in London; Ann looks after Acme, Ben does not."""

    def fill(session: Session) -> None:
        session.add(Csm(id=1, email="ann@relay.example", name="Ann Ames", address=ANN))
        session.add(Csm(id=2, email="ben@relay.example", name="Ben Bolt", address=BEN))
        session.flush()
        session.add(Account(id=1, name="Acme", csm_id=1, created_at=START))
        session.flush()
        session.add(Contact(id=1, account_id=1, name="Olga Lind", email="olga@acme.example", created_at=START))
        session.add(Contact(id=2, account_id=1, name="Paul Orr", email="paul@acme.example", created_at=START))
        session.flush()
        session.add(Chat(address=OLGA, contact_id=1, last_heard_at=START))
        session.add(Chat(address="telegram:8", contact_id=2, last_heard_at=START))
        session.add(Chat(address=ANN, csm_id=1, last_heard_at=START))
        session.add(Chat(address=BEN, csm_id=2, last_heard_at=START))

    database.transact_now(fill)
    return database


def proposed(database: Database, key: str, now: datetime = START, **more: object) -> None:
    told: dict[str, object] = {
        "key": key,
        "kind": "nudge",
        "topic": "tips",
        "card": Card(f"Text of {key}."),
        "headline": f"Line of {key}",
        "opens": ShowHome(),
        "why": Why("nudge:stalled-step", {"mrr": 900, "days": 3}),  # of no checklist
    }

    def use(session: Session) -> None:
        who = member(session, content(), session.get_one(Contact, 1))
        propose(session, content(), who, Proposal(**(told | more)), now)  # type: ignore[arg-type]  # fields of Proposal

    database.transact_now(use)


def sent(database: Database, now: datetime = START) -> list[Claimed]:
    def use(session: Session) -> list[Claimed]:
        release_held(session, now)
        taken = claim(session, content(), messenger="telegram", holder="me", most=(9, 9, 9), now=now)
        settle(session, holder="me", done=[Settled(one.id, "accepted", message_id="m1") for one in taken], now=now)
        return taken

    return database.transact_now(use)


def happens(database: Database, event: Event) -> Receipt:
    return database.transact_now(receive, content(), event, START)


def tap(database: Database, action: WhyThis | LessLikeThis, who: str = OLGA, key: str = "tap") -> Receipt:
    address = Address.parse(who)
    return happens(database, Tapped(key=key, sender=address, chat=address, action=pack(action), message="m1"))


def command(database: Database, name: str, words: str, who: str = ANN) -> str:
    address = Address.parse(who)
    happens(database, Commanded(key=f"{name} {words} {who}", sender=address, chat=address, command=name, words=words))
    return newest(database)[0]


def newest(database: Database) -> tuple[str, str]:
    """Text and address of the newest delivery."""

    def use(session: Session) -> Delivery:
        return session.exec(select(Delivery).order_by(col(Delivery.id).desc()).limit(1)).one()

    row = database.transact_now(use)
    return plain(read_card(row.card).text), row.address


def card_of_newest(database: Database) -> Card:
    def use(session: Session) -> Card:
        return read_card(session.exec(select(Delivery).order_by(col(Delivery.id).desc()).limit(1)).one().card)

    return database.transact_now(use)


def buttons(database: Database) -> list[str]:
    return [button.label for row in card_of_newest(database).rows for button in row]


def ledger(database: Database) -> list[tuple[str, str, str | None]]:
    def use(session: Session) -> list[tuple[str, str, str | None]]:
        return [
            (row.key, row.state, row.reason) for row in session.exec(select(Delivery).order_by(col(Delivery.id))).all()
        ]

    return database.transact_now(use)


def asked(database: Database, make: Callable[[Session], Card]) -> str:
    return plain(database.transact_now(make).text).replace("\u202f", " ")


def why(database: Database) -> str:
    def use(session: Session) -> Card:
        return why_card(session, content().voice("en"), member(session, content(), session.get_one(Contact, 1)), 5)

    return asked(database, use)


def whynot(database: Database, rule: str = "nudge:stalled-step", now: datetime = START) -> str:
    def use(session: Session) -> Card:
        who = member(session, content(), session.get_one(Contact, 1))
        return whynot_card(session, content(), content().voice("en"), who, rule, now)

    return asked(database, use)


# What the client is told


def test_everything_said_unasked_says_on_request_why_it_came_and_nothing_internal(known: Database) -> None:
    proposed(known, "one")
    assert [button.label for row in sent(known)[0].card.rows for button in row] == ["Why did I get this?"]

    tap(known, WhyThis(1))

    text, address = newest(known)
    assert address == OLGA
    assert "Line of one" in text
    assert "/settings" in text
    assert "`" not in card_of_newest(known).text, "Telegram lets nobody tap a command in code"
    for internal in ("mrr", "900", "stalled-step", "nudge:"):
        assert internal not in text
    assert buttons(known) == ["Less like this"]


def test_a_merged_message_tells_what_was_put_into_it(known: Database) -> None:
    proposed(known, "small", worth=10)
    proposed(known, "great", worth=90)
    sent(known)

    tap(known, WhyThis(2))

    text, _ = newest(known)
    assert "one message instead of several" in text
    assert text.index("Line of great") < text.index("Line of small")


def test_less_like_this_turns_its_topic_down_one_by_one_until_it_is_off(known: Database) -> None:
    proposed(known, "one")
    chosen = []
    for number in range(4):
        tap(known, LessLikeThis(1), key=f"tap {number}")
        chosen.append(known.transact_now(lambda session: session.get_one(TopicChoice, (1, "tips")).cadence))

    assert chosen == ["daily", "weekly", "off", "off"]
    assert "nothing more" in newest(known)[0]
    for _ in range(6):  # the answers go first, one at a time
        sent(known)
    assert ledger(known)[0] == ("one", "cancelled", "topic off")


def test_what_is_mandatory_cannot_be_turned_down(known: Database) -> None:
    proposed(known, "law", mandatory=True)

    tap(known, WhyThis(1))

    assert buttons(known) == []
    assert tap(known, LessLikeThis(1), key="again").toast != ""


def test_nobody_is_told_why_somebody_else_got_something(known: Database) -> None:
    proposed(known, "one")

    assert tap(known, WhyThis(1), who="telegram:8").toast != ""
    assert tap(known, LessLikeThis(1), who="telegram:8", key="less").toast != ""
    assert tap(known, WhyThis(999), key="gone").toast != ""
    assert [row[0] for row in ledger(known)] == ["one"]


# What our people are told


def test_why_tells_rule_facts_version_gates_and_what_became_of_it_on_the_persons_clock(known: Database) -> None:
    proposed(known, "one", now=NIGHT)
    sent(known, now=NIGHT)

    text = why(known)

    assert "nudge:stalled-step: waits, quiet hours until Tue, Nov 10, 9:00 AM" in text
    assert "mrr = 900, days = 3" in text
    assert content().version in text
    assert "Mon, Nov 9, 11:00 PM" in text

    sent(known, now=NIGHT + timedelta(hours=10))
    assert "sent Tue, Nov 10, 9:00 AM" in why(known)


def test_why_names_what_was_merged_dropped_and_never_proposed(known: Database) -> None:
    proposed(known, "small", worth=10)
    proposed(known, "great", worth=90, why=Why("update:export", {}))
    sent(known)
    proposed(known, "late", expires_at=START)
    sent(known)
    known.transact_now(lambda session: session.add(TopicChoice(contact_id=1, topic="tips", cadence="off")))
    proposed(known, "off")

    text = why(known)

    assert "said together with update:export" in text
    assert "1 other was said in the same message" in text
    assert "too late to be said" in text
    assert "they turned the topic off" in text


def test_a_csm_asks_about_their_own_clients_alone_and_is_answered_in_private(known: Database) -> None:
    proposed(known, "one")

    assert "nudge:stalled-step" in command(known, "why", "Olga@acme.example")
    assert newest(known)[1] == ANN
    assert "no contact" in command(known, "why", "olga@acme.example", who=BEN)
    assert "no contact" in command(known, "whynot", "olga@acme.example nudge:stalled-step", who=BEN)
    assert "behind the command" in command(known, "why", "")
    assert "behind the command" in command(known, "whynot", "olga@acme.example")


def test_an_admin_asks_about_everybody(known: Database) -> None:
    proposed(known, "one")

    def promote(session: Session) -> None:
        session.get_one(Csm, 2).role = "admin"

    known.transact_now(promote)

    assert "nudge:stalled-step" in command(known, "why", "olga@acme.example", who=BEN)


def test_whynot_names_every_gate_in_its_order_and_when_it_would_be_said(known: Database) -> None:
    for key in ("one", "two"):
        proposed(known, key, headline="")
        sent(known)
    proposed(known, "three", headline="")

    text = whynot(known, now=START + timedelta(hours=12))

    lines = text.splitlines()
    assert "quiet hours until Tue, Nov 10, 9:00 AM" in lines[0]
    assert "enough was written, room again Tue, Nov 10, 10:00 AM" in lines[1]
    assert "It comes on Tue, Nov 10, 10:00 AM" in text
    assert "2 of 2 messages within 24 hours are used." in text


def test_asking_whynot_changes_nothing(known: Database) -> None:
    proposed(known, "one", worth=10)
    proposed(known, "two", worth=90, why=Why("update:export", {}))
    before = ledger(known)

    assert "another message says it" in whynot(known)
    assert "goes out now" in whynot(known, "update:export")

    assert ledger(known) == before
    assert [decision.gates for decision in known.transact_now(decisions)] == ["[]", "[]"]
    assert len(sent(known)) == 1


def decisions(session: Session) -> list[Decision]:
    return list(session.exec(select(Decision)).all())


def test_what_has_not_been_proposed_is_tried_without_a_trace(known: Database) -> None:
    due = START + timedelta(hours=10)

    def use(session: Session) -> tuple[tuple[Gate, ...], datetime | None]:
        who = member(session, content(), session.get_one(Contact, 1))
        return try_wish(session, content(), who, "nudge:test", Expected(due, topic="tips"), START)

    gates, speaks_at = known.transact_now(use)

    morning = START + timedelta(hours=23)
    assert gates == (Gate(START, "not_due", due), Gate(due, "quiet", morning))
    assert speaks_at == morning
    assert known.transact_now(decisions) == []
    assert ledger(known) == []


def test_whynot_tells_of_a_nudge_whether_there_is_anything_to_say_and_of_others_too(known: Database) -> None:
    assert "it has nothing to say to them" in whynot(known)
    assert "it has nothing to say to them" in whynot(known, "digest")
    for update in content().updates:
        assert "As things are, it will not be said." in whynot(known, f"update:{update}")


def test_a_nudge_is_explained_by_what_made_it_speak(known: Database) -> None:
    facts: dict[str, str | int | float | bool | None] = {
        "checklist": "quickstart",
        "step": "tour",
        "days": 3,
        "mrr": 900,
    }
    proposed(known, "one", why=Why("nudge:stalled-step", facts))

    tap(known, WhyThis(1))

    assert "nothing has moved in Get started with Relay for 3 days" in newest(known)[0]


def test_a_rule_that_does_not_exist_is_answered_with_those_that_do(known: Database) -> None:
    assert "There is no rule nudge:moonshine" in whynot(known, "nudge:moonshine")


@pytest.mark.parametrize(
    ("reason", "words"),
    [
        ("seen", "not needed any more, they opened it"),
        ("acknowledged", "that they have read it"),
        ("snoozed", "they asked to hear of it later"),
        ("stopped", "they want no more of these"),
        ("moved", "they went on by themselves"),
        ("rule withdrawn", "its rule is there no more"),
    ],
)
def test_our_people_read_in_plain_words_why_something_was_called_off(known: Database, reason: str, words: str) -> None:
    proposed(known, "one", subject="nudge:1")
    known.transact_now(
        lambda session: cancel_waiting(session, subject="nudge:1", contact_id=1, reason=reason, now=START)
    )

    assert words in why(known)
