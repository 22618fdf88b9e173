"""Badges follow what is new: when it comes, goes, ends or is for others; in place, silently, and behind all answers."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlmodel import Session, col, select

from core.claims import claim
from core.content.catalogue import Update
from core.onboarding.relearning import learn
from core.recovery import release_held
from core.settling import Settled, settle
from core.updates.recounting import recount
from storage.database import Database
from storage.tables import Account, Delivery, Screen
from tests.core.stage import START, Stage, catalogue, checklist, labels, sample, step
from tests.core.test_updates import update, when

DANA, DANA_SLACK = "telegram:1", "slack:T9/U1"
DAY = timedelta(days=1)
NIGHT = START.replace(hour=23)


@pytest.fixture
def on(database: Database) -> Iterator[Stage]:
    """Dana of Acme in London, in both messengers, with nothing new to her."""
    with Session(database.engine, expire_on_commit=False) as session:
        set_up = Stage(catalogue(checklist(step("one"))), session)
        acme = set_up.account(csm=set_up.csm(), segment="enterprise")
        set_up.person(acme, "Dana", DANA, DANA_SLACK).joined_at = START - 10 * DAY
        new(set_up)
        look(set_up)
        yield set_up


def new(on: Stage, *updates: Update) -> None:
    """From now on there are these updates, and one that is for others."""
    there = (*updates, update("others", START.date(), when=when("segment == 'none'")))
    on.content = replace(on.content, updates={one.id: one for one in there}, rules=sample().rules)


def look(on: Stage) -> None:
    """The hub looks around and the couriers bring what may be brought."""
    for _ in range(20):
        if not recount(on.session, on.content, on.now):
            break
    else:
        raise AssertionError("recounting has no end")
    release_held(on.session, on.now)
    for messenger in ("telegram", "slack"):
        while taken := claim(on.session, on.content, messenger=messenger, holder="me", most=(9, 9, 9), now=on.now):
            for one in taken:
                standing = on.shown.setdefault(str(one.address), {})
                standing[one.replacing or ("home" if one.address.is_home else f"m{one.id}")] = one.card
            done = [
                Settled(
                    one.id, "accepted", message_id=one.replacing or ("home" if one.address.is_home else f"m{one.id}")
                )
                for one in taken
            ]
            settle(on.session, holder="me", done=done, now=on.now)
            on.session.expire_all()


def line(on: Stage) -> str:
    """The pinned one; empty: there is none."""
    found = [card for card in on.cards(DANA) if card.pin]
    assert len(found) <= 1
    return found[0].text if found and found[0].pin == "on" else ""


def badge(on: Stage, chat: str) -> str:
    return next(label for label in labels(on.last(chat)) if label.startswith("Updates"))


def test_every_badge_follows_what_is_published_withdrawn_and_over_and_a_line_is_put_up(on: Stage) -> None:
    on.command(DANA, "home")
    on.open_home(DANA_SLACK)
    assert (badge_of_home(on), badge(on, f"{DANA_SLACK}/home"), line(on)) == ("Updates", "Updates", "")
    today = on.now.date()

    brief, more = update("brief", today, valid_until=today), update("more", today)
    new(on, brief, more)
    look(on)
    assert badge(on, f"{DANA_SLACK}/home") == "Updates · 2"
    assert "2 new updates" in line(on)
    assert badge_of_home(on) == "Updates · 2"

    on.now += DAY  # what was for one day is over
    look(on)
    assert badge(on, f"{DANA_SLACK}/home") == "Updates · 1"
    assert "1 new update" in line(on)
    assert badge_of_home(on) == "Updates · 1"

    new(on)
    look(on)
    assert badge(on, f"{DANA_SLACK}/home") == "Updates"
    assert line(on) == ""
    assert badge_of_home(on) == "Updates"


def badge_of_home(on: Stage) -> str:
    """Of the home card in Telegram, below which the pinned line may stand."""
    cards = [card for card in on.cards(DANA) if any(label.startswith("Updates") for label in labels(card))]
    return next(label for label in labels(cards[-1]) if label.startswith("Updates"))


def test_what_is_open_elsewhere_goes_down_when_it_is_liked_or_commented_too(on: Stage) -> None:
    new(on, update("a", on.now.date()), update("b", on.now.date()), update("c", on.now.date()))
    on.open_home(DANA_SLACK)
    assert badge(on, f"{DANA_SLACK}/home") == "Updates · 3"

    on.press(DANA, "opinion.a.up")
    on.press(DANA, "comment.b")

    assert badge(on, f"{DANA_SLACK}/home") == "Updates · 1"


def test_a_first_line_waits_for_the_morning_and_tells_what_is_new_by_then(on: Stage) -> None:
    on.now = NIGHT
    new(on, update("a", START.date()), update("b", START.date()))
    look(on)
    assert on.cards(DANA) == []

    new(on, update("a", START.date()))
    on.now = START + DAY
    look(on)

    assert "1 new update:" in line(on)


def test_a_first_line_is_not_put_up_once_everything_was_seen_or_while_silence_was_asked_for(on: Stage) -> None:
    on.now = NIGHT
    new(on, update("a", START.date()))
    look(on)
    on.press(DANA_SLACK, "update.a")
    on.now = START + DAY
    look(on)
    assert [card.pin for card in on.cards(DANA) if card.pin == "on"] == []

    on.press(DANA, "snooze.30")
    new(on, update("b", START.date()))
    look(on)
    assert line(on) == ""


def test_a_line_that_was_taken_down_comes_back_in_the_morning_and_after_a_silence(on: Stage) -> None:
    def read_all() -> None:
        for one in ("a", "b", "c"):
            if one in on.content.updates:
                on.press(DANA_SLACK, f"update.{one}")
        look(on)

    new(on, update("a", START.date()))
    look(on)
    assert "1 new update:" in line(on)
    read_all()
    assert line(on) == ""

    on.now = NIGHT
    new(on, update("a", START.date()), update("b", START.date()))
    look(on)
    assert line(on) == "", "putting it up is a message"
    on.now = START + DAY
    look(on)
    assert "1 new update:" in line(on)

    read_all()
    on.press(DANA, "pause.30")
    new(on, update("b", START.date()), update("c", on.now.date()))
    look(on)
    assert line(on) == ""
    on.press(DANA, "pause.0")
    on.now += DAY
    look(on)
    assert "1 new update:" in line(on)


def test_who_has_the_same_number_gets_no_edit_and_nothing_changed_costs_nothing(on: Stage) -> None:
    on.open_home(DANA_SLACK)
    new(on, update("a", on.now.date(), when=when("segment == 'smb'")))
    before = len(on.session.exec(select(Delivery)).all())

    look(on)

    assert len(on.session.exec(select(Delivery)).all()) == before
    assert recount(on.session, on.content, on.now) == 0


def test_an_import_that_makes_somebody_one_of_those_it_is_for_shows_in_their_badge(on: Stage) -> None:
    on.open_home(DANA_SLACK)
    new(on, update("a", on.now.date(), when=when("segment == 'smb'")))
    look(on)
    acme = on.session.exec(select(Account)).one()
    acme.segment, acme.changed_at = "smb", on.now
    on.session.flush()

    learn(on.session, on.content, on.now)
    look(on)

    assert badge(on, f"{DANA_SLACK}/home") == "Updates · 1"


def test_an_edit_that_waited_behind_an_answer_never_puts_back_what_stood_before(on: Stage) -> None:
    on.open_home(DANA_SLACK)
    new(on, update("a", on.now.date()), update("b", on.now.date()))
    recount(on.session, on.content, on.now)
    edits = on.session.exec(select(Delivery).where(Delivery.lane == 1, Delivery.kind == "home")).all()
    assert len(edits) == 1
    edits[0].state, edits[0].due = "held", on.now + timedelta(minutes=5)
    on.session.flush()
    on.press(DANA, "update.a")
    look(on)
    assert badge(on, f"{DANA_SLACK}/home") == "Updates · 1"

    on.now += timedelta(minutes=6)
    look(on)

    assert badge(on, f"{DANA_SLACK}/home") == "Updates · 1"
    assert (edits[0].state, edits[0].reason) == ("cancelled", "overtaken")


def test_ten_thousand_badges_are_edited_bit_by_bit_behind_all_answers(on: Stage) -> None:
    acme = on.session.exec(select(Account)).one()
    for number in range(120):
        on.person(acme, f"P{number}", f"telegram:{1000 + number}").joined_at = START - DAY
    new(on, update("a", on.now.date()))

    looked = []
    while found := recount(on.session, on.content, on.now):
        looked.append(found)

    assert looked == [50, 50, 21]
    lines = on.session.exec(select(Delivery).where(Delivery.kind == "pin")).all()
    assert len(lines) == 121
    assert {(one.lane, one.contact_id, one.repeatable) for one in lines} == {(1, None, True)}
    assert len(on.session.exec(select(Screen).where(col(Screen.subject) == "pin")).all()) == 121
