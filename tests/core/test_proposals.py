"""What is unasked is proposed with its reason; its turn comes, or it is merged, held or dropped, and why is kept."""

import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime, time, timedelta

import pytest
from sqlmodel import Session, col, select

from core.actions import ShowHome
from core.attention.proposals import Proposal, Why, propose
from core.cards import Button, Card
from core.claims import Claimed, claim
from core.content.catalogue import Catalogue
from core.markup import plain
from core.people.accounts import member
from core.recovery import release_held
from core.settling import Settled, settle
from storage.database import Database
from storage.tables import Account, Chat, Contact, Decision, Delivery, Preference, TopicChoice
from tests.core.stage import START, sample

TELEGRAM, SLACK = "telegram:7", "slack:T0/OLGA"


def content(**more: object) -> Catalogue:
    rules = replace(sample().rules, topics={"product": "instant", "tips": "instant"}, most_per_day=2, most_per_week=5)
    rules = replace(rules, spread=timedelta())
    return replace(sample(), rules=replace(rules, **more))  # type: ignore[arg-type]  # a test names fields of Rules


@pytest.fixture
def known(database: Database) -> Database:
    """Olga of Acme, in London, heard last in Telegram; also in Slack."""

    def fill(session: Session) -> None:
        session.add(Account(id=1, name="Acme", created_at=START))
        session.flush()
        session.add(Contact(id=1, account_id=1, name="Olga Lind", email="olga@acme.example", created_at=START))
        session.flush()
        session.add(Chat(address=TELEGRAM, contact_id=1, last_heard_at=START))
        session.add(Chat(address=SLACK, contact_id=1, last_heard_at=START - timedelta(days=1)))

    database.transact_now(fill)
    return database


def wish(key: str, **more: object) -> Proposal:
    told: dict[str, object] = {
        "key": key,
        "kind": "nudge",
        "topic": "tips",
        "card": Card(f"Text of {key}."),
        "headline": f"Line of {key}",
        "opens": ShowHome(),
        "why": Why("nudge:test", {"days": 3}),
    }
    return Proposal(**(told | more))  # type: ignore[arg-type]  # a test names fields of Proposal


def proposed(database: Database, *wishes: Proposal, now: datetime = START, known: Catalogue | None = None) -> list[int]:
    def use(session: Session) -> list[int | None]:
        who = member(session, known or content(), session.get_one(Contact, 1))
        return [propose(session, known or content(), who, one, now) for one in wishes]

    return [number for number in database.transact_now(use) if number is not None]


def sent(
    database: Database, *, now: datetime = START, known: Catalogue | None = None, messenger: str = "telegram"
) -> list[Claimed]:
    """What a courier would send now; it is accepted."""

    def use(session: Session) -> list[Claimed]:
        release_held(session, now)
        taken = claim(session, known or content(), messenger=messenger, holder="me", most=(9, 9, 9), now=now)
        settle(session, holder="me", done=[Settled(one.id, "accepted", message_id="m1") for one in taken], now=now)
        return taken

    return database.transact_now(use)


def ledger(database: Database) -> list[tuple[str, str, str | None]]:
    def use(session: Session) -> Sequence[Delivery]:
        return session.exec(select(Delivery).order_by(col(Delivery.id))).all()

    return [(row.key, row.state, row.reason) for row in database.transact_now(use)]


def decision(database: Database, key: str) -> Decision:
    return database.transact_now(lambda session: session.exec(select(Decision).where(Decision.key == key)).one())


def set_(database: Database, *rows: object) -> None:
    def use(session: Session) -> None:
        session.add_all(rows)

    database.transact_now(use)


def close(database: Database, address: str) -> None:
    """The person blocks us there."""
    change(database, lambda session: setattr(session.get_one(Chat, address), "unreachable", "blocked"))


def change(database: Database, what: Callable[[Session], object]) -> None:
    database.transact_now(what)


def test_what_is_proposed_goes_where_the_person_last_wrote_and_its_reason_is_kept(known: Database) -> None:
    proposed(known, wish("one"))

    assert [str(one.address) for one in sent(known)] == [TELEGRAM]
    kept = decision(known, "one")
    assert (kept.rule, json.loads(kept.facts), kept.reason) == ("nudge:test", {"days": 3}, None)
    assert kept.content_version == content().version


def test_a_second_proposal_under_the_same_key_changes_nothing(known: Database) -> None:
    assert len(proposed(known, wish("one"), wish("one"))) == 1
    assert len(sent(known)) == 1
    assert proposed(known, wish("one")) == []


def test_the_messenger_a_person_chose_comes_first(known: Database) -> None:
    set_(known, Preference(contact_id=1, messenger="slack"))
    proposed(known, wish("one"))

    assert [str(one.address) for one in sent(known, messenger="slack")] == [SLACK]


def test_when_a_chat_turns_out_to_be_closed_the_other_messenger_says_it_once(known: Database) -> None:
    proposed(known, wish("one"))

    def fails(session: Session) -> None:
        [one] = claim(session, content(), messenger="telegram", holder="me", most=(9, 9, 9), now=START)
        settle(session, holder="me", done=[Settled(one.id, "unreachable", "blocked")], now=START)

    change(known, fails)

    assert [str(one.address) for one in sent(known, messenger="slack")] == [SLACK]
    assert sent(known) == []
    assert ledger(known) == [("one", "accepted", None)]


def test_what_waits_for_a_chat_that_closed_meanwhile_goes_to_the_other_one(known: Database) -> None:
    proposed(known, wish("one"))
    close(known, TELEGRAM)

    assert sent(known) == []
    assert [str(one.address) for one in sent(known, messenger="slack")] == [SLACK]


def test_somebody_who_can_be_reached_nowhere_gets_nothing_and_why_is_kept(known: Database) -> None:
    for address in (TELEGRAM, SLACK):
        close(known, address)

    assert proposed(known, wish("one")) == []
    assert decision(known, "one").reason == "unreachable"


def test_several_at_once_become_one_message_with_the_most_worthy_first(known: Database) -> None:
    proposed(known, wish("small", worth=10), wish("great", worth=90), wish("middling"))

    [one] = sent(known)

    assert one.card.text == "Text of great.\n\n**Also for you:**\n- Line of small\n- Line of middling"
    assert one.card.rows == (
        (Button("Line of small", one.card.rows[0][0].action),),
        (Button("Line of middling", one.card.rows[1][0].action),),
        (Button("Why did I get this?", f"whyme.{decision(known, 'great').id}"),),
    )
    assert ledger(known) == [
        ("small", "cancelled", "merged"),
        ("great", "accepted", None),
        ("middling", "cancelled", "merged"),
    ]
    assert decision(known, "small").merged_into == decision(known, "great").delivery_id
    assert sent(known, now=START + timedelta(days=3)) == []


def test_a_merged_line_shows_hostile_words_as_they_are(known: Database) -> None:
    proposed(known, wish("one", worth=90), wish("two", headline="*Acme* <b> [x](http://y)"))

    [one] = sent(known)

    assert plain(one.card.text).endswith("*Acme* <b> [x](http://y)")


def test_what_stands_alone_is_not_merged_and_leaves_the_last_slot_to_what_is_worth_more(known: Database) -> None:
    strict = content(most_per_day=1)
    proposed(known, wish("alone", headline="", worth=10), wish("great", headline="", worth=90), known=strict)

    assert [one.card.text for one in sent(known, known=strict)] == ["Text of great."]
    assert ledger(known)[0] == ("alone", "held", "capped")
    later = START + timedelta(days=1, seconds=1)
    assert [one.card.text for one in sent(known, now=later, known=strict)] == ["Text of alone."]


def test_an_old_wish_overtakes_a_stream_of_better_ones(known: Database) -> None:
    strict = content(most_per_day=1, most_per_week=100, quiet_weekdays=(), quiet_from=time(), quiet_until=time())
    proposed(known, wish("humble", headline="", worth=0), known=strict)
    said: list[str] = []
    for day in range(8):
        now = START + timedelta(days=day, minutes=day)
        proposed(known, wish(f"better {day}", headline="", worth=100), now=now, known=strict)
        said += [one.card.text for one in sent(known, now=now, known=strict)]

    assert "Text of humble." in said


def test_a_topic_turned_off_is_not_proposed_and_what_waits_of_it_is_dropped(known: Database) -> None:
    proposed(known, wish("before"))
    set_(known, TopicChoice(contact_id=1, topic="tips", cadence="off"))

    assert proposed(known, wish("after")) == []
    assert sent(known) == []
    assert ledger(known) == [("before", "cancelled", "topic off")]
    assert decision(known, "after").reason == "topic off"


def test_what_is_mandatory_comes_to_those_who_turned_it_off_or_paused_us_but_not_at_night(known: Database) -> None:
    set_(known, TopicChoice(contact_id=1, topic="tips", cadence="off"))
    night = START.replace(hour=23)
    change(known, lambda session: setattr(session.get_one(Contact, 1), "silent_until", START + timedelta(days=300)))

    proposed(known, wish("law", mandatory=True), now=night)

    assert sent(known, now=night) == []
    assert [one.card.text for one in sent(known, now=night + timedelta(hours=10))] == ["Text of law."]


def test_what_is_mandatory_takes_the_next_free_slot(known: Database) -> None:
    strict = content(most_per_day=1)
    proposed(known, wish("first"), known=strict)
    assert len(sent(known, known=strict)) == 1
    proposed(known, wish("urgent", urgent=True, worth=100, headline=""), known=strict)
    proposed(known, wish("law", mandatory=True, worth=0, headline=""), known=strict)
    assert sent(known, known=strict) == []

    later = START + timedelta(days=1, seconds=1)
    assert [one.card.text for one in sent(known, now=later, known=strict)] == ["Text of law."]


def test_every_gate_that_kept_it_back_is_remembered_in_its_order(known: Database) -> None:
    night = START.replace(hour=23)
    proposed(known, wish("one"), now=night)
    sent(known, now=night)
    sent(known, now=night)
    change(known, lambda session: setattr(session.get_one(Contact, 1), "silent_until", START + timedelta(days=2)))
    sent(known, now=night + timedelta(hours=10))

    assert [reason for _, reason in json.loads(decision(known, "one").gates)] == ["quiet", "silenced"]


def test_a_cap_of_one_kind_leaves_the_others_alone(known: Database) -> None:
    strict = content(most_per_day=9, most_per_week=9, most_per_week_of={"nudge": 1})
    proposed(known, wish("one"), known=strict)
    assert len(sent(known, known=strict)) == 1

    proposed(known, wish("two"), wish("news", kind="update", topic="product"), known=strict)

    assert [one.card.text for one in sent(known, known=strict)] == ["Text of news."]
    assert ledger(known)[1] == ("two", "held", "capped")


def test_after_days_of_silence_one_message_says_it_all_and_what_expired_is_dropped_with_its_reason(
    known: Database,
) -> None:
    for day in range(3):
        now = START + timedelta(days=day)
        proposed(known, wish(f"day {day}", expires_at=now + timedelta(days=1)), now=now)

    back = sent(known, now=START + timedelta(days=2))

    assert len(back) == 1
    assert ledger(known)[:2] == [("day 0", "expired", "expired"), ("day 1", "expired", "expired")]
