"""A digest holds what one person has not seen, comes once at their hour, and not at all when there is nothing."""

import asyncio
import json
from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import TypeVar

import pytest
from sqlmodel import Session, col, select

from core.actions import LessOften, PauseAll, ShowHome, ShowUpdate, ShowUpdates, WhyThis, pack, unpack
from core.attention.preferences import choose, look_again, wishes_of
from core.attention.proposals import Proposal, Why, propose
from core.cards import Card
from core.claims import Claimed, claim
from core.content.catalogue import Cadence, Catalogue, Update
from core.content.conditions.condition import ALWAYS
from core.digests.digests import AT_ONCE, begin, digest_due
from core.events import Address, Tapped
from core.inbox import receive
from core.markup import plain
from core.people.accounts import member
from core.recovery import release_held
from core.settling import Settled, settle
from core.updates.showing import see
from storage.database import Database
from storage.tables import Account, Chat, Contact, Decision, Delivery, Digest
from tests.core.stage import START, sample, words

T = TypeVar("T")

CHAT = "telegram:1"
MONDAY = START
"""Ten in London."""
JOINED = MONDAY.date()
TUESDAY = START.replace(hour=9, minute=15) + timedelta(days=1)
"""A quarter of an hour past nine, when whatever is spread has come."""


def update(name: str, topic: str = "product", day: date = JOINED, **more: object) -> Update:
    told: dict[str, object] = {
        "id": name,
        "published": day,
        "title": words(name.capitalize()),
        "summary": words(f"All about {name}."),
        "text": words("Text."),
        "topic": topic,
        "when": ALWAYS,
    }
    return Update(**(told | more))  # type: ignore[arg-type]  # a test names fields of Update


def content(*updates: Update, **topics: Cadence) -> Catalogue:
    usual: dict[str, Cadence] = {"product": "daily", "tips": "weekly", "reminders": "instant"}
    rules = replace(sample().rules, topics=usual | topics)
    return replace(sample(), rules=rules, updates={one.id: one for one in updates})


class Life:
    """Dana of Acme in London, and what she is told."""

    def __init__(self, database: Database, *updates: Update) -> None:
        self.database = database
        self.content = content(*updates)

        def fill(session: Session) -> None:
            session.add(Account(id=1, name="Acme", created_at=START))
            session.flush()
            session.add(
                Contact(
                    id=1, account_id=1, name="Dana Lee", email="dana@acme.example", created_at=START, joined_at=START
                )
            )
            session.flush()
            session.add(Chat(address=CHAT, contact_id=1, last_heard_at=START))
            begin(session, 1, START)

        self.do(fill)
        self.tick(START)

    def do(self, use: Callable[[Session], T]) -> T:
        return self.database.transact_now(use)

    def tick(self, now: datetime) -> int:
        return self.do(lambda session: digest_due(session, self.content, now))

    def sent(self, now: datetime) -> list[Card]:
        """The ticker and the courier look around; what is sent is accepted."""
        self.tick(now)

        def use(session: Session) -> list[Claimed]:
            release_held(session, now)
            taken = claim(session, self.content, messenger="telegram", holder="me", most=(9, 9, 9), now=now)
            settle(session, holder="me", done=[Settled(one.id, "accepted", message_id="m") for one in taken], now=now)
            return taken

        return [one.card for one in self.do(use)]

    def sees(self, name: str, now: datetime) -> None:
        def use(session: Session) -> None:
            see(session, member(session, self.content, session.get_one(Contact, 1)), self.content.updates[name], now)

        self.do(use)

    def proposes(self, key: str, now: datetime, **more: object) -> None:
        told: dict[str, object] = {
            "key": key,
            "kind": "nudge",
            "topic": "reminders",
            "card": Card(f"Text of {key}."),
            "headline": f"Line of {key}",
            "opens": ShowHome(),
            "why": Why("nudge:test", {}),
        }
        proposal = Proposal(**(told | more))  # type: ignore[arg-type]  # a test names fields of Proposal

        def use(session: Session) -> None:
            propose(session, self.content, member(session, self.content, session.get_one(Contact, 1)), proposal, now)

        self.do(use)

    def taps(self, action: PauseAll, now: datetime) -> None:
        address = Address.parse(CHAT)
        event = Tapped(key=f"{action}", sender=address, chat=address, action=pack(action), message="m")
        self.do(lambda session: receive(session, self.content, event, now))

    def wants(self, topic: str, often: Cadence) -> None:
        self.do(lambda session: choose(session, 1, topic, often))

    def ledger(self) -> list[tuple[str, str, str | None]]:
        def use(session: Session) -> list[tuple[str, str, str | None]]:
            rows = session.exec(select(Delivery).order_by(col(Delivery.id))).all()
            return [(row.key, row.state, row.reason) for row in rows]

        return self.do(use)


def titles(cards: list[Card]) -> list[list[str]]:
    """What each digest tells, in order."""
    return [
        [line.split("**")[1].lower() for line in card.text.splitlines() if line.startswith("- **")] for card in cards
    ]


def test_at_nine_comes_what_was_not_seen_and_comes_daily(database: Database) -> None:
    dana = Life(database, update("export"), update("import"), update("hint", "tips"), update("alarm", "reminders"))
    dana.sees("import", MONDAY)

    assert dana.sent(TUESDAY.replace(hour=8)) == []
    (card,) = dana.sent(TUESDAY)

    assert card.title == "What is new for you"
    assert "Product news\n\n• Export: All about export." in plain(card.text)
    assert titles([card]) == [["export"]]
    actions = [unpack(button.action) for row in card.rows for button in row]
    assert actions[:3] == [ShowUpdate("export"), ShowUpdates(0, 0), LessOften()]
    assert isinstance(actions[-1], WhyThis)


def test_when_there_is_nothing_new_no_digest_comes(database: Database) -> None:
    dana = Life(database, update("export"))
    dana.sees("export", MONDAY)

    assert [dana.sent(TUESDAY + timedelta(days=days)) for days in range(3)] == [[], [], []]
    assert dana.ledger() == []


def test_what_an_earlier_one_told_is_no_reason_but_is_told_again_with_something_new(database: Database) -> None:
    dana = Life(database, update("export"))
    assert titles(dana.sent(TUESDAY)) == [["export"]]
    assert dana.sent(TUESDAY + timedelta(days=1)) == []
    dana.content = content(update("import", day=TUESDAY.date()), update("export"))

    (card,) = dana.sent(TUESDAY + timedelta(days=2))

    assert titles([card]) == [["import", "export"]]


def test_the_weekly_one_comes_on_its_day_together_with_the_daily_one(database: Database) -> None:
    dana = Life(database, update("hint", "tips"))
    dana.do(lambda session: setattr(wishes_of(session, 1), "digest_weekday", 3))
    dana.do(lambda session: look_again(session, 1))

    assert dana.sent(TUESDAY) == []
    assert dana.sent(TUESDAY + timedelta(days=1)) == []
    thursday = TUESDAY + timedelta(days=2)
    dana.content = content(update("export", day=thursday.date()), update("hint", "tips"))

    (card,) = dana.sent(thursday)

    assert titles([card]) == [["export", "hint"]]


def test_what_is_seen_before_it_is_sent_drops_out_and_the_last_takes_the_digest_with_it(database: Database) -> None:
    dana = Life(database, update("export"), update("import"))
    dana.tick(TUESDAY)
    dana.sees("export", TUESDAY)
    assert titles(dana.sent(TUESDAY)) == [["import"]]
    later = Life.__new__(Life)
    later.database, later.content = database, content(update("third", day=TUESDAY.date()))
    later.tick(TUESDAY + timedelta(days=1))
    later.sees("third", TUESDAY + timedelta(days=1))

    assert later.sent(TUESDAY + timedelta(days=1)) == []
    assert later.ledger()[-1][1:] == ("cancelled", "no reason any more")


def test_a_digest_written_anew_keeps_what_was_merged_into_it_and_its_why(database: Database) -> None:
    dana = Life(database, update("export"), update("import"))
    dana.tick(TUESDAY)
    dana.proposes("call", TUESDAY, worth=1)
    number = dana.do(lambda session: session.exec(select(Delivery.id).where(Delivery.kind == "digest")).one())

    def merge_and_see(session: Session) -> None:
        claim(session, dana.content, messenger="telegram", holder="other", most=(0, 0, 0), now=TUESDAY)
        nudge = session.exec(select(Delivery).where(Delivery.key == "call")).one()
        nudge.state, nudge.reason = "cancelled", "merged"
        session.exec(select(Decision).where(Decision.key == "call")).one().merged_into = number

    dana.do(merge_and_see)
    dana.sees("export", TUESDAY)

    (card,) = dana.sent(TUESDAY)

    assert titles([card]) == [["import"]]
    assert "Line of call" in card.text
    assert isinstance(unpack(card.rows[-1][0].action), WhyThis)
    kept = dana.do(lambda session: session.exec(select(Decision).where(Decision.kind == "digest")).one())
    assert json.loads(kept.facts)["items"] == "update:import"


async def test_many_who_tick_at_once_write_one_digest(database: Database) -> None:
    dana = Life(database, update("export"))

    await asyncio.gather(*(database.transact(digest_due, dana.content, TUESDAY) for _ in range(8)))

    assert [key for key, *_ in dana.ledger()] == ["digest:1:2026-11-10"]


def test_while_one_still_waits_the_next_takes_its_place_with_all_of_it(database: Database) -> None:
    dana = Life(database, update("export"), update("hint", "tips"))
    dana.wants("tips", "daily")
    dana.tick(TUESDAY)
    dana.wants("tips", "weekly")
    dana.content = content(update("import", day=TUESDAY.date()), update("export"), update("hint", "tips"))

    (card,) = dana.sent(TUESDAY + timedelta(days=1))

    assert sorted(titles([card])[0]) == ["export", "hint", "import"]
    assert [(state, reason) for _, state, reason in dana.ledger()] == [
        ("cancelled", "newer digest"),
        ("accepted", None),
    ]


def test_three_days_of_silence_on_our_side_end_with_one(database: Database) -> None:
    dana = Life(database, update("export"))

    assert len(dana.sent(TUESDAY + timedelta(days=3, hours=5))) == 1
    assert dana.sent(TUESDAY + timedelta(days=3, hours=6)) == []


def test_who_moves_west_in_mid_day_gets_no_second_one_for_the_same_date(database: Database) -> None:
    dana = Life(database, update("export"))
    assert len(dana.sent(TUESDAY)) == 1
    dana.content = content(update("import", day=MONDAY.date()), update("export"))
    dana.do(lambda session: setattr(session.get_one(Contact, 1), "timezone", "Pacific/Honolulu"))
    dana.do(lambda session: look_again(session, 1))

    assert dana.sent(TUESDAY + timedelta(hours=11)) == []  # nine in Honolulu, still Tuesday there
    assert len(dana.sent(TUESDAY + timedelta(days=1, hours=11))) == 1


def test_who_chooses_another_hour_hears_on_the_day_of_the_week_all_the_same(database: Database) -> None:
    dana = Life(database, update("subjects", "tips"))
    thursday = TUESDAY + timedelta(days=2)
    assert dana.sent(thursday) == []

    def choose_hour(session: Session) -> None:
        wishes_of(session, 1).digest_hour = 11  # later than she joined on Monday: nothing was missed by that
        look_again(session, 1)

    dana.do(choose_hour)

    assert dana.sent(thursday) == [] == dana.sent(thursday + timedelta(hours=5)), "its day is Monday"
    assert titles(dana.sent(MONDAY + timedelta(days=7, hours=1, minutes=15))) == [["subjects"]]


def test_nothing_comes_in_a_pause_and_all_of_it_after(database: Database) -> None:
    dana = Life(database, update("export"))
    dana.do(lambda session: setattr(session.get_one(Contact, 1), "silent_until", TUESDAY + timedelta(days=2)))

    assert [dana.sent(TUESDAY + timedelta(days=days)) for days in range(2)] == [[], []]
    assert dana.ledger() == []

    assert titles(dana.sent(TUESDAY + timedelta(days=2, minutes=1))) == [["export"]]


def test_what_a_pause_held_back_comes_when_it_is_ended_early(database: Database) -> None:
    dana = Life(database)
    dana.taps(PauseAll(30), MONDAY)
    assert len(dana.sent(MONDAY)) == 1  # the settings
    dana.proposes("call", MONDAY)
    assert dana.sent(MONDAY) == []
    assert dana.ledger()[-1] == ("call", "held", "silenced")

    dana.taps(PauseAll(0), TUESDAY)

    assert "Text of call." in [card.text for _ in range(3) for card in dana.sent(TUESDAY)]


def test_what_waits_for_a_digest_comes_when_its_topic_is_said_at_once_again(database: Database) -> None:
    dana = Life(database)
    dana.wants("reminders", "weekly")
    dana.proposes("call", MONDAY)
    assert dana.sent(MONDAY) == []

    dana.wants("reminders", "instant")

    assert [card.text for card in dana.sent(MONDAY)] == ["Text of call."]


def test_what_is_turned_off_while_it_waits_is_not_told(database: Database) -> None:
    dana = Life(database, update("export"))
    dana.tick(TUESDAY)

    dana.wants("product", "off")

    assert dana.sent(TUESDAY) == []


def test_other_things_of_a_daily_topic_wait_for_the_digest_and_come_with_it(database: Database) -> None:
    dana = Life(database, update("export"))
    dana.wants("reminders", "daily")
    dana.proposes("call", MONDAY)
    assert dana.sent(MONDAY) == []
    assert dana.ledger() == [("call", "held", "digest")]

    (card,) = dana.sent(TUESDAY)

    assert titles([card]) == [["export"]]
    assert "Line of call" in card.text


def test_without_anything_new_what_waited_comes_by_itself_at_that_hour(database: Database) -> None:
    dana = Life(database)
    dana.wants("reminders", "daily")
    dana.proposes("call", MONDAY)

    assert dana.sent(TUESDAY.replace(hour=8)) == []
    assert [card.text for card in dana.sent(TUESDAY)] == ["Text of call."]


@pytest.mark.parametrize("more", [{"urgent": True}, {"mandatory": True}])
def test_what_is_urgent_or_mandatory_does_not_wait_for_a_digest(database: Database, more: dict[str, object]) -> None:
    dana = Life(database)
    dana.wants("reminders", "weekly")
    dana.proposes("alarm", MONDAY, **more)

    assert [card.text for card in dana.sent(MONDAY)] == ["Text of alarm."]


def test_an_update_that_waits_is_left_to_the_digest_when_its_topic_comes_daily_now(database: Database) -> None:
    dana = Life(database, update("export"))
    dana.wants("product", "instant")
    dana.proposes("update:export:1", MONDAY, kind="update", topic="product", subject="update:export:1")
    dana.wants("product", "daily")

    assert dana.sent(MONDAY) == []
    assert dana.ledger() == [("update:export:1", "cancelled", "left to the digest")]
    assert titles(dana.sent(TUESDAY)) == [["export"]]


def test_what_cannot_wait_is_in_no_digest(database: Database) -> None:
    dana = Life(database, update("alarm", importance="urgent"), update("terms", importance="mandatory"))

    assert dana.sent(TUESDAY) == []


def test_a_long_list_is_cut_and_says_how_much_more_there_is(database: Database) -> None:
    dana = Life(database, *(update(f"news{number}") for number in range(14)))

    (card,) = dana.sent(TUESDAY)

    assert len(titles([card])[0]) == 10
    assert "14 things" in card.text
    assert "4 more" in card.text


def test_who_has_no_topic_in_a_digest_is_looked_at_once_a_week(database: Database) -> None:
    dana = Life(database)
    dana.content = content(product="instant", tips="off")
    dana.do(lambda session: look_again(session, 1))
    dana.tick(MONDAY)

    due = dana.do(lambda session: session.get_one(Digest, 1).due)

    assert due == MONDAY + timedelta(days=7)


def test_many_due_at_once_are_taken_in_bounded_runs(database: Database) -> None:
    dana = Life(database, update("export"))

    def fill(session: Session) -> None:
        for number in range(2, AT_ONCE + 52):
            session.add(
                Contact(
                    id=number, account_id=1, name="P", email=f"{number}@a.example", created_at=START, joined_at=START
                )
            )
        session.flush()
        for number in range(2, AT_ONCE + 52):
            begin(session, number, START)

    dana.do(fill)

    assert [dana.tick(START), dana.tick(START), dana.tick(START)] == [AT_ONCE, 50, 0]


def test_what_was_told_at_once_is_in_no_digest_after_switching_to_daily(database: Database) -> None:
    dana = Life(database, update("export"), update("search", day=JOINED + timedelta(days=2)))
    dana.content = replace(dana.content, rules=replace(dana.content.rules, topics={"product": "instant"}))
    dana.proposes("update:export:1", MONDAY, kind="update", topic="product", why=Why("update:export", {}))
    assert len(dana.sent(MONDAY)) == 1

    dana.wants("product", "daily")
    assert dana.sent(TUESDAY) == [], "it was told already"

    assert titles(dana.sent(TUESDAY + timedelta(days=1))) == [["search"]]
