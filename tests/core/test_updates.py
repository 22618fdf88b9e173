"""Who has not seen what, counted for each person apart; who is told, once, and who is asked again."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine
from sqlmodel import Session, SQLModel, col, create_engine, select

from core.actions import ShowUpdate, ShowUpdates, UpdateRead
from core.attention.reasons import still_wanted
from core.content.catalogue import Catalogue, Update
from core.content.conditions.condition import ALWAYS, parse_condition
from core.content.conditions.known_fields import person_fields
from core.events import Address
from core.markup import plain
from core.people.accounts import Member, member
from core.screens import Place
from core.updates.counting import FRESH, unseen
from core.updates.owing import owe
from core.updates.publishing import AGAIN, LATE, publish, remind_unread
from core.updates.register import register
from core.updates.showing import acknowledge, see, show_update, show_updates
from storage.database import Database
from storage.tables import Account, Chat, Contact, Decision, Delivery, Notice, Publication, TopicChoice, UpdateView
from tests.core.stage import sample, words

NOW = datetime(2026, 11, 9, 10, 0, tzinfo=UTC)
TODAY = NOW.date()
DAY = timedelta(days=1)


def update(name: str, published: date = TODAY, **more: object) -> Update:
    told: dict[str, object] = {
        "id": name,
        "published": published,
        "title": words(f"Title of {name}"),
        "summary": words(f"Summary of {name}"),
        "text": words(f"Text of {name}"),
        "topic": "product",
    }
    return Update(**(told | more))  # type: ignore[arg-type]  # a test names fields of Update


def content(*updates: Update) -> Catalogue:
    newest_first = sorted(updates, key=lambda one: one.published, reverse=True)
    return replace(sample(), updates={one.id: one for one in newest_first})


def when(source: str):  # type: ignore[no-untyped-def]
    return parse_condition(source, person_fields({}))


@pytest.fixture
def known(database: Database) -> Database:
    """Olga, an admin, and Ivan of Acme, an enterprise; both joined ten days ago and are in Telegram."""

    def fill(session: Session) -> None:
        session.add(Account(id=1, name="Acme", segment="enterprise", products=["Reports"], created_at=NOW))
        session.flush()
        for number, name in ((1, "Olga"), (2, "Ivan")):
            session.add(
                Contact(
                    id=number,
                    account_id=1,
                    name=f"{name} Lind",
                    email=f"{name.lower()}@acme.example",
                    role="admin" if number == 1 else "finance",
                    created_at=NOW - 10 * DAY,
                    joined_at=NOW - 10 * DAY,
                )
            )
            session.flush()
            session.add(Chat(address=f"telegram:{number}", contact_id=number, last_heard_at=NOW))

    database.transact_now(fill)
    return database


def who(session: Session, known: Catalogue, number: int = 1) -> Member:
    return member(session, known, session.get_one(Contact, number))


def names(database: Database, known: Catalogue, number: int = 1, now: datetime = NOW) -> list[str]:
    return database.transact_now(
        lambda session: [one.id for one in unseen(session, known, who(session, known, number), now)]
    )


def test_only_what_is_for_them_in_force_and_told_since_they_joined_is_new(known: Database) -> None:
    there = content(
        update("plain"),
        update("admins", when=when("role == 'admin'")),
        update("finance", when=when("role == 'finance'")),
        update("smb", when=when("segment == 'smb'")),
        update("reports", when=when("product in ['Reports']")),
        update("to-come", TODAY + DAY),
        update("over", TODAY - 5 * DAY, valid_until=TODAY - DAY),
        update("last-day", TODAY - 6 * DAY, valid_until=TODAY),
        update("before-joining", TODAY - 11 * DAY),
        update("day-of-joining", TODAY - 10 * DAY),
    )

    assert set(names(known, there)) == {"plain", "admins", "reports", "last-day", "day-of-joining"}
    assert set(names(known, there, 2)) == {"plain", "finance", "reports", "last-day", "day-of-joining"}


def test_what_is_older_than_a_season_is_no_news(known: Database) -> None:
    there = content(update("plain"))

    assert names(known, there, now=NOW + FRESH) == ["plain"]
    assert names(known, there, now=NOW + FRESH + DAY) == []


def test_opening_is_seeing_for_this_person_alone(known: Database) -> None:
    there = content(update("plain"), update("other", TODAY - DAY))

    def open_it(session: Session) -> None:
        place = Place(Address.parse("telegram:1"), "e1")
        show_update(session, there, who(session, there), place, ShowUpdate("plain"), NOW)

    known.transact_now(open_it)

    assert names(known, there) == ["other"]
    assert names(known, there, 2) == ["plain", "other"]


def test_seeing_twice_is_seeing_once(known: Database) -> None:
    there = content(update("plain"))

    def look(session: Session) -> list[bool]:
        return [see(session, who(session, there), there.updates["plain"], NOW + step * DAY) for step in range(2)]

    assert known.transact_now(look) == [True, False]
    view = known.transact_now(lambda session: session.get_one(UpdateView, (1, "plain")).seen_at)
    assert view == NOW


updates = st.lists(
    st.tuples(
        st.integers(-100, 5),
        st.one_of(st.none(), st.integers(-20, 5)),
        st.sampled_from(["", "role == 'admin'", "segment == 'smb'", "not segment == 'smb'"]),
        st.booleans(),
    ),
    max_size=12,
)


@settings(max_examples=40, deadline=None)
@given(updates, st.integers(0, 120))
def test_the_count_is_what_one_would_count_by_hand(
    told: Sequence[tuple[int, int | None, str, bool]], joined_ago: int
) -> None:
    database = _memory()
    there, expected = [], []
    holds = {"": True, "role == 'admin'": True, "segment == 'smb'": False, "not segment == 'smb'": True}
    for number, (days, last, source, seen) in enumerate(told):
        published, until = TODAY + days * DAY, TODAY + last * DAY if last is not None else None
        there.append(update(f"u{number}", published, when=when(source) if source else ALWAYS, valid_until=until))
        in_time = max(-joined_ago, -FRESH.days) <= days <= 0 and (last is None or last >= 0)
        if in_time and holds[source] and not seen:
            expected.append(f"u{number}")
    with Session(database) as session:
        session.add(Account(id=1, name="Acme", segment="enterprise", created_at=NOW))
        joined = NOW - joined_ago * DAY
        session.add(
            Contact(
                id=1, account_id=1, name="Olga", email="o@a.example", role="admin", created_at=NOW, joined_at=joined
            )
        )
        for number, (days, _, _, seen) in enumerate(told):
            if seen:
                session.add(UpdateView(contact_id=1, update=f"u{number}", seen_at=NOW + min(days, 0) * DAY))
        session.flush()
        known = content(*there)

        found = [one.id for one in unseen(session, known, who(session, known), NOW)]

    assert sorted(found) == sorted(expected)
    assert [known.updates[one].published for one in found] == sorted(
        (known.updates[one].published for one in found), reverse=True
    )


def _memory() -> Engine:
    engine = create_engine("sqlite://")
    SQLModel.metadata.create_all(engine)
    return engine


# Telling


def run(database: Database, there: Catalogue, now: datetime = NOW) -> int:
    def until_done(session: Session) -> int:
        done = 0
        for _ in range(20):
            step = publish(session, there, now)
            done += step
            if not step:
                return done
        raise AssertionError("it never ends")

    return database.transact_now(until_done)


def told(database: Database) -> list[tuple[str, str, str | None]]:
    def read(session: Session) -> list[tuple[str, str, str | None]]:
        found = session.exec(select(Delivery).where(Delivery.kind == "update").order_by(col(Delivery.id))).all()
        return [(one.key, one.state, one.reason) for one in found]

    return database.transact_now(read)


def test_each_person_it_is_for_is_told_once_however_often_it_is_looked(known: Database) -> None:
    there = content(update("plain"), update("admins", when=when("role == 'admin'")))

    run(known, there)
    assert run(known, there, NOW + timedelta(hours=1)) == 0

    assert sorted(key for key, _, _ in told(known)) == ["update:admins:1", "update:plain:1", "update:plain:2"]


@pytest.mark.parametrize("language", sample().phrases.languages)
@pytest.mark.parametrize("phrase", ["new", "seen", "announce_normal", "announce_high", "announce_urgent", "remind"])
def test_what_it_is_about_stands_below_its_title(phrase: str, language: str) -> None:
    said = sample().voice(language).say(f"updates.{phrase}", title="Export", summary="More at once.", day="27 Oct")

    title, below = plain(said).split("\n")[:2]

    assert "Export" in title
    assert below == "More at once."


def test_a_first_start_with_old_updates_floods_nobody(known: Database) -> None:
    there = content(*(update(f"old{days}", TODAY - days * DAY) for days in range(4, 9)))

    run(known, there)

    assert told(known) == []
    assert len(names(known, there)) == 5


def test_one_dated_on_friday_and_saved_on_monday_is_told(known: Database) -> None:
    run(known, content(update("late", TODAY - LATE)))

    assert len(told(known)) == 2


def test_nothing_is_told_before_its_day(known: Database) -> None:
    there = content(update("soon", TODAY + DAY))

    run(known, there)
    assert told(known) == []
    run(known, there, NOW + DAY)

    assert len(told(known)) == 2


def test_who_reads_digests_is_told_there_unless_it_is_urgent(known: Database) -> None:
    def choose(session: Session) -> None:
        session.add(TopicChoice(contact_id=1, topic="product", cadence="daily"))
        session.add(TopicChoice(contact_id=2, topic="product", cadence="off"))

    known.transact_now(choose)
    run(known, content(update("plain"), update("now", importance="urgent"), update("must", importance="mandatory")))

    assert sorted(key for key, _, _ in told(known)) == ["update:must:1", "update:must:2", "update:now:1"]
    suppressed = known.transact_now(
        lambda session: {
            row.key: row.reason for row in session.exec(select(Decision).where(Decision.contact_id == 2)).all()
        }
    )
    assert suppressed["update:plain:2"] == "topic off"
    assert suppressed["update:now:2"] == "topic off"


def test_who_joins_after_it_was_noticed_is_told_nothing(known: Database) -> None:
    there = content(update("plain"))
    known.transact_now(
        lambda session: session.add(Publication(update="plain", noticed_at=NOW - timedelta(hours=1), told_to=0))
    )

    def join(session: Session) -> None:
        session.get_one(Contact, 2).joined_at = NOW

    known.transact_now(join)
    run(known, there)

    assert [key for key, _, _ in told(known)] == ["update:plain:1"]
    assert names(known, there, 2) == ["plain"]


def wanted(database: Database, there: Catalogue, key: str, now: datetime = NOW) -> bool:
    def ask(session: Session) -> bool:
        delivery = session.exec(select(Delivery).where(Delivery.key == key)).one()
        return still_wanted(session, there, who(session, there, delivery.contact_id or 0), delivery, now)

    return database.transact_now(ask)


def test_what_waits_is_not_wanted_once_it_is_withdrawn_over_for_others_or_seen(known: Database) -> None:
    there = content(update("plain"))
    run(known, there)

    assert wanted(known, there, "update:plain:1")
    assert not wanted(known, content(), "update:plain:1")
    assert not wanted(known, content(update("plain", valid_until=TODAY)), "update:plain:1", NOW + DAY)
    assert not wanted(known, content(update("plain", when=when("segment == 'smb'"))), "update:plain:1")
    known.transact_now(lambda session: see(session, who(session, there), there.updates["plain"], NOW))
    assert not wanted(known, there, "update:plain:1")
    assert wanted(known, there, "update:plain:2")
    assert {key: (state, reason) for key, state, reason in told(known)} == {
        "update:plain:1": ("cancelled", "seen"),
        "update:plain:2": ("queued", None),
    }


def test_only_who_has_not_acknowledged_is_asked_again_and_ever_more_rarely(known: Database) -> None:
    there = content(update("must", importance="mandatory"))
    run(known, there)

    def read_it(session: Session) -> None:
        acknowledge(
            session, there, who(session, there, 2), Place(Address.parse("telegram:2"), "e1"), UpdateRead("must"), NOW
        )

    known.transact_now(read_it)
    moment, asked = NOW, []
    for days in range(1, 30):
        moment = NOW + days * DAY + timedelta(minutes=days)
        known.transact_now(accept_all)
        if known.transact_now(remind_unread, there, moment):
            asked.append(days)

    assert asked == [1, 1 + 3, 1 + 3 + 7]
    assert len(AGAIN) == 3
    assert [key for key, _, _ in told(known) if key.startswith("update:must:1")] == [
        "update:must:1",
        "update:must:1:1",
        "update:must:1:2",
        "update:must:1:3",
    ]
    assert [key for key, state, _ in told(known) if key.startswith("update:must:2") and state != "cancelled"] == []


def accept_all(session: Session) -> None:
    for delivery in session.exec(select(Delivery).where(Delivery.state == "queued")).all():
        delivery.state = "accepted"


def test_a_reminder_waits_while_the_first_message_is_still_on_its_way(known: Database) -> None:
    there = content(update("must", importance="mandatory"))
    run(known, there)

    known.transact_now(lambda session: remind_unread(session, there, NOW + 2 * DAY))

    assert [key for key, _, _ in told(known)] == ["update:must:1", "update:must:2"]


def test_a_mandatory_one_withdrawn_is_asked_for_no_more(known: Database) -> None:
    run(known, content(update("must", importance="mandatory")))

    known.transact_now(lambda session: remind_unread(session, content(), NOW + 2 * DAY))

    assert known.transact_now(lambda session: session.exec(select(Notice)).all()) == []


def test_the_register_tells_who_was_told_who_opened_it_and_who_read_it(known: Database) -> None:
    there = content(update("must", importance="mandatory"))
    run(known, there)

    def use(session: Session) -> None:
        place = Place(Address.parse("telegram:1"), "e1")
        acknowledge(session, there, who(session, there), place, UpdateRead("must"), NOW + DAY)

    known.transact_now(use)
    ivan, olga = known.transact_now(lambda session: register(session, "must"))

    assert (olga.name, olga.account, olga.acknowledged_at, olga.times, olga.reached) == (
        "Olga Lind",
        "Acme",
        NOW + DAY,
        1,
        True,
    )
    assert (ivan.seen_at, ivan.acknowledged_at, ivan.told_at) == (None, None, NOW)
    assert known.transact_now(lambda session: register(session, "none")) == ()


def test_who_joins_later_is_asked_a_day_after_and_reminded_like_the_others(known: Database) -> None:
    old = content(
        update("must", TODAY - 30 * DAY, importance="mandatory"),
        update("over", TODAY - 9 * DAY, importance="mandatory", valid_until=TODAY - DAY),
        update("others", TODAY - 9 * DAY, importance="mandatory", when=when("role == 'admin'")),
        update("plain", TODAY - 9 * DAY),
    )
    ivan = 2

    def joins(session: Session) -> None:
        owe(session, old, who(session, old, ivan), NOW)
        owe(session, old, who(session, old, ivan), NOW + DAY)

    known.transact_now(joins)
    known.transact_now(remind_unread, old, NOW + DAY / 2)
    assert told(known) == []
    (entry,) = known.transact_now(lambda session: register(session, "must"))
    assert (entry.name, entry.told_at, entry.times) == ("Ivan Lind", None, 0)

    known.transact_now(remind_unread, old, NOW + DAY)
    assert [key for key, _, _ in told(known)] == ["update:must:2"]
    known.transact_now(accept_all)
    known.transact_now(remind_unread, old, NOW + 2 * DAY)
    assert [key for key, _, _ in told(known)] == ["update:must:2", "update:must:2:1"]

    def read_it(session: Session) -> None:
        place = Place(Address.parse("telegram:2"), "e1")
        acknowledge(session, old, who(session, old, ivan), place, UpdateRead("must"), NOW + 3 * DAY)
        owe(session, old, who(session, old, ivan), NOW + 3 * DAY)

    known.transact_now(read_it)
    known.transact_now(remind_unread, old, NOW + 30 * DAY)
    assert [key for key, _, _ in told(known)] == ["update:must:2", "update:must:2:1"]


def test_who_was_told_in_time_is_not_owed_it_once_more(known: Database) -> None:
    there = content(update("must", importance="mandatory"))
    run(known, there)

    known.transact_now(lambda session: owe(session, there, who(session, there), NOW))

    assert [one.sent for one in known.transact_now(lambda session: session.exec(select(Notice)).all())] == [1, 1]


def test_looking_for_news_asks_nothing_of_old_updates(known: Database) -> None:
    there = content(*(update(f"old{number}", TODAY - (10 + number) * DAY) for number in range(50)))

    assert known.transact_now(lambda session: publish(session, there, NOW)) == 0
    assert known.transact_now(lambda session: session.exec(select(Publication)).all()) == []


def test_two_processes_at_once_tell_everybody_once(known: Database) -> None:
    def crowd(session: Session) -> None:
        for number in range(3, 40):
            session.add(
                Contact(
                    id=number,
                    account_id=1,
                    name=f"P{number}",
                    email=f"p{number}@acme.example",
                    created_at=NOW - 10 * DAY,
                    joined_at=NOW - 10 * DAY,
                )
            )
            session.flush()
            session.add(Chat(address=f"telegram:{number}", contact_id=number, last_heard_at=NOW))

    known.transact_now(crowd)
    there = content(update("one"), update("two"), update("must", importance="mandatory"))

    with ThreadPoolExecutor(2) as pool:
        for done in [pool.submit(run, known, there) for _ in range(2)]:
            done.result()
    run(known, there)

    keys = [key for key, _, _ in told(known)]
    assert len(keys) == len(set(keys)) == 3 * 39
    assert len(known.transact_now(lambda session: session.exec(select(Notice)).all())) == 39


def test_asked_for_in_a_group_it_is_shown_in_private(known: Database) -> None:
    there = content(update("plain"))

    def use(session: Session) -> list[str]:
        session.add(Chat(address="telegram:-100", kind="group", account_id=1, last_heard_at=NOW))
        session.flush()
        place = Place(Address.parse("telegram:-100"), "e1")
        show_updates(session, there, who(session, there), place, ShowUpdates(0, 0), NOW)
        return [one.address for one in session.exec(select(Delivery)).all()]

    assert set(known.transact_now(use)) == {"telegram:1"}
