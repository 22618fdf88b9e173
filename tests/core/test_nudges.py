"""Nudges come when there is a reason, thin out, end, and go with their reason; on both databases."""

import asyncio
import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlmodel import Session, col, select

from core import signals
from core.attention.expecting import expected
from core.attention.judge import Drop, judge
from core.attention.slots import Line, lines_of, with_lines, without_lines
from core.cards import Button, Card
from core.content.catalogue import Catalogue
from core.content.conditions.condition import ALWAYS, parse_condition
from core.content.conditions.known_fields import person_fields
from core.content.kinds.nudge_rules import NudgeRule, Trigger, TriggerKind
from core.nudges.planning import of_account, plan
from core.nudges.replanning import replan
from core.nudges.saying import nudge_due
from core.onboarding import checklists
from core.onboarding.relearning import learn
from core.onboarding.rules import due_day
from core.people.accounts import member
from storage.database import Database
from storage.tables import Account, Contact, Decision, Delivery, HelpRequest, Nudge, Question
from tests.core.stage import START, Stage, asked, catalogue, checklist, labels, step, words

DANA, BORIS, ANN = "telegram:1", "telegram:2", "slack:T0/ANN"
DAY = timedelta(days=1)


def rule(kind: TriggerKind = "stalled_step", name: str = "again", when: str = "", **more: Any) -> NudgeRule:
    told: dict[str, Any] = {
        "trigger": Trigger(kind, more.pop("after", 2 * DAY), more.pop("field", "")),
        "texts": (words("First."), words("Second."), words("Third.")),
        "opens": "home",
        "repeat": (DAY, 3 * DAY, 7 * DAY),
        "stop": 3,
        "when": parse_condition(when, person_fields({"seats": "number", "trial_ends": "date"})) if when else ALWAYS,
    }
    return NudgeRule(name, **(told | more))


def content(*rules: NudgeRule, version: str = "v1") -> Catalogue:
    """One checklist, one of us who owes a step, and these nudges."""
    lists = checklist(step("one"), step("two", asks=asked("text")), step("ours", owner="us", due_days=2))
    known = catalogue(lists)
    own = replace(known.rules, fields={"seats": "number", "trial_ends": "date"}, topics={"tips": "instant"})
    return replace(known, nudges={one.id: one for one in rules}, version=version, rules=own)


@pytest.fixture
def on(database: Database) -> Iterator[Stage]:
    """An empty stage on both databases."""
    with Session(database.engine, expire_on_commit=False) as session:
        yield Stage(content(rule()), session)


def begin(on: Stage, *rules: NudgeRule, **more: Any) -> Account:
    """Acme with Dana begins under these rules, looked after by Ann."""
    on.content = content(*rules)
    settle(on)
    account = on.account(csm=on.csm(), **more)
    on.person(account, "Dana", DANA)
    checklists.enrol(on.session, on.content, account, on.now)
    plan(on.session, on.content, of_account(account.id), on.now)
    on.deliver()
    return account


def settle(on: Stage) -> None:
    for _ in range(20):
        if not replan(on.session, on.content, on.now):
            return
        on.session.flush()
    raise AssertionError("planning has no end")


def tick(on: Stage, **by: float) -> None:
    """So much later the hub looks around, and everything queued is shown."""
    on.now += timedelta(**by)
    settle(on)
    for _ in range(20):
        if not nudge_due(on.session, on.content, on.now):
            break
        on.session.flush()
    on.deliver()


def said(on: Stage, who: str = DANA) -> list[str]:
    return [card.text for card in on.cards(who) if card.text.split()[0] in ("First.", "Second.", "Third.")]


def waiting(on: Stage) -> list[Delivery]:
    return list(on.session.exec(select(Delivery).where(Delivery.kind == "nudge", Delivery.lane == 1)).all())


def test_what_nobody_listens_to_is_said_three_times_and_then_our_people_hear_of_it(on: Stage) -> None:
    begin(on, rule(then="csm"))
    before = len(on.cards(ANN))

    found: list[int] = []
    for day in range(1, 40):
        tick(on, days=1)
        found += [day] * (len(said(on)) - len(found))

    assert found == [2, 3, 6]
    assert said(on) == ["First.", "Second.", "Third."]
    (told,) = on.cards(ANN)[before:]
    assert "Dana Doe of **Acme** has not moved after 3 nudges" in told.text
    assert "> Third" in told.text


def test_our_people_hear_nothing_of_nudges_that_never_reached_anybody(on: Stage) -> None:
    begin(on, rule(then="csm"))
    before = len(on.cards(ANN))

    for _ in range(40):
        on.now += DAY
        nudge_due(on.session, on.content, on.now)
        for row in on.session.exec(select(Delivery).where(Delivery.state == "queued", Delivery.lane == 1)).all():
            row.state, row.reason = "expired", "expired"
        on.session.flush()
    on.deliver()

    assert said(on) == []
    assert len(on.cards(ANN)) == before


def test_who_is_asked_whether_we_shall_stop_may_say_yes(on: Stage) -> None:
    begin(on, rule(then="ask", stop=1, repeat=(DAY,)))
    tick(on, days=2)
    tick(on, days=1)
    assert "Shall I stop?" in on.last(DANA).text
    assert "> First" in on.last(DANA).text

    on.tap(DANA, "Yes, stop")
    assert on.last(DANA).text == "Fine, no more of these."
    tick(on, days=60)

    assert len(said(on)) == 1


def test_who_is_asked_whether_we_shall_stop_may_say_no(on: Stage) -> None:
    begin(on, rule(then="ask", stop=1, repeat=(DAY,)))
    tick(on, days=2)
    tick(on, days=1)

    on.tap(DANA, "No, keep reminding me")
    tick(on, days=4)

    assert len(said(on)) == 2


def test_a_move_begins_the_story_anew(on: Stage) -> None:
    begin(on, rule())
    tick(on, days=2)
    tick(on, days=1)
    assert said(on) == ["First.", "Second."]

    on.command(DANA, "steps")
    on.tap(DANA, "Done")
    tick(on, days=1, hours=23)
    assert len(said(on)) == 2
    tick(on, hours=2)

    assert said(on) == ["First.", "Second.", "First."]


def test_a_move_takes_back_what_still_waits(on: Stage) -> None:
    begin(on, rule())
    on.now += 2 * DAY
    nudge_due(on.session, on.content, on.now)
    on.session.flush()
    on.press(DANA, f"done.{on.enrolment().id}.one")

    assert [(row.state, row.reason) for row in waiting(on)] == [("cancelled", "moved")]


def test_snoozes_hold_and_then_it_is_said_again(on: Stage) -> None:
    begin(on, rule())
    tick(on, days=2)  # Wednesday
    on.tap(DANA, "Tomorrow")
    assert "come back to it on **Thu, Nov 12, 9:00" in on.last(DANA).text.replace("\u202f", " ")

    tick(on, hours=22)
    assert len(said(on)) == 1
    tick(on, hours=2)
    assert said(on) == ["First.", "Second."]

    on.tap(DANA, "Not now")
    tick(on, days=6, hours=23)
    assert len(said(on)) == 2
    tick(on, hours=2)
    assert said(on) == ["First.", "Second.", "Third."]


def test_below_another_message_a_nudge_is_one_line_with_its_own_button_and_a_way_to_be_left_alone(on: Stage) -> None:
    sentence = (
        "Second, the tour of the whole product that usually takes about two minutes is still waiting for you now."
    )
    other = rule(name="other", texts=(words(sentence),), button=words("Show me"), worth=10)
    begin(on, rule(worth=90), other)
    on.now += 2 * DAY
    nudge_due(on.session, on.content, on.now)
    on.session.flush()
    judge(on.session, on.content, waiting(on)[0], on.now)
    on.deliver()

    card = on.last(DANA)
    line = "Second, the tour of the whole product that usually takes about two minutes is still waiting for you…"
    assert card.text == f"First.\n\n**Also for you:**\n- {line}"
    assert [button.label for button in card.rows[-2]] == ["Show me", "Not now"]
    assert (card.rows[-2][0].action, card.rows[-2][0].tone) == ("go.0.", "")

    on.press(DANA, card.rows[-2][1].action)
    assert "come back to it" in on.last(DANA).text
    snoozed = on.session.exec(select(Nudge.rule).where(col(Nudge.snoozed_until).is_not(None))).all()
    assert list(snoozed) == ["other"]


def test_a_nudge_about_a_link_keeps_its_link_below_another_message(on: Stage) -> None:
    begin(on, rule(button=words("Read"), opens="link", link="https://a.example"))
    tick(on, days=2)

    [line] = lines_of(on.session, on.session.exec(select(Decision)).all())

    assert line.headline == "First."
    assert line.row[0] == Button("Read", url="https://a.example")
    assert [button.label for button in line.row] == ["Read", "Not now"]


def test_what_is_no_more_to_be_said_goes_out_of_a_message_with_its_buttons_and_leaves_all_others() -> None:
    voice = catalogue().voice("en")
    same = Button("Show me", "home")
    own = Card("First.", rows=((replace(same, tone="primary"),), (Button("Not now", "nudgeme.1.later"),)))
    one = Line("One", (same, Button("Not now", "nudgeme.2.later")))
    two, bare = Line("Two", (Button("Two", "home"),)), Line("Bare")

    told = with_lines(voice, own, [one, two, bare])

    assert told.rows == (*own.rows, one.row, two.row)
    assert without_lines(voice, told, [one, two, bare]) == own


def test_the_last_snooze_counts_and_a_button_of_what_is_gone_hurts_nobody(on: Stage) -> None:
    begin(on, rule())
    tick(on, days=2)
    number = on.session.exec(select(Nudge.id)).one()
    on.tap(DANA, "Next week")
    on.tap(DANA, "Tomorrow")
    tick(on, days=1)
    assert len(said(on)) == 2

    for action in ("nudgeme.999.tomorrow", f"nudgeme.{number}.someday", "nudgeno.999", "nudgeon.999"):
        assert on.press(DANA, action).toast == "This is settled already."
    on.person(on.account("Borealis"), "Boris", BORIS)
    assert on.press(BORIS, f"nudgeno.{number}").toast == "This is settled already."
    assert on.session.exec(select(Nudge.state)).one() == "waiting"


def test_no_more_of_these_holds_for_everything_the_rule_could_ever_say(on: Stage) -> None:
    account = begin(on, rule("signal", field="slow", after=timedelta(), stop=1))
    tell(on, "slow", "s1")
    tick(on, minutes=1)
    on.tap(DANA, "No more of these")
    tell(on, "slow", "s2")
    plan(on.session, on.content, of_account(account.id), on.now)
    tick(on, days=9)
    assert len(said(on)) == 1

    on.tap(DANA, "Remind me after all")
    tell(on, "slow", "s3")
    tick(on, minutes=1)

    assert len(said(on)) == 2


def test_a_rule_that_speaks_once_and_was_stopped_goes_on_when_it_is_asked_to(on: Stage) -> None:
    begin(on, rule(repeat=(), stop=1))
    tick(on, days=2)
    on.tap(DANA, "No more of these")

    on.tap(DANA, "Remind me after all")

    again = on.session.exec(select(Nudge)).one()
    assert again.state == "waiting"
    assert timedelta() < on.now + 2 * DAY - again.due < timedelta(minutes=1)


def tell(on: Stage, name: str, key: str) -> None:
    signals.record(on.session, on.content, key=key, account_name="Acme", name=name, now=on.now)


def test_after_an_outage_each_is_said_once_and_the_missed_ones_are_not_caught_up(on: Stage) -> None:
    begin(on, rule())

    tick(on, days=30)
    tick(on, hours=1)

    assert said(on) == ["First."]


def test_a_rule_edited_while_its_nudges_wait_is_said_in_the_words_of_now(on: Stage) -> None:
    begin(on, rule())
    on.now += 2 * DAY
    nudge_due(on.session, on.content, on.now)
    on.session.flush()

    on.content = content(rule(texts=(words("First. But better."),)), version="v2")
    settle(on)
    on.deliver()

    assert said(on) == ["First. But better."]
    assert "Why" in labels(on.last(DANA))[-1]
    decision = on.session.exec(select(Decision)).one()
    assert (decision.headline, decision.content_version) == ("First. But better.", "v2")


def test_a_rule_that_becomes_slower_or_quicker_moves_what_waits(on: Stage) -> None:
    begin(on, rule())
    on.content = content(rule(after=10 * DAY))
    tick(on, days=9)
    assert said(on) == []

    on.content = content(rule(after=8 * DAY))
    tick(on)
    assert said(on) == ["First."]

    on.content = content(rule(repeat=(5 * DAY,)))
    tick(on, days=4)
    assert len(said(on)) == 1
    tick(on, days=1)
    assert len(said(on)) == 2


def test_a_rule_that_is_taken_out_takes_back_what_waits_and_may_come_back(on: Stage) -> None:
    begin(on, rule())
    on.now += 2 * DAY
    nudge_due(on.session, on.content, on.now)
    on.session.flush()

    on.content = content(version="v2")
    tick(on)
    assert [(row.state, row.reason) for row in waiting(on)] == [("cancelled", "rule withdrawn")]
    tick(on, days=30)
    assert said(on) == []

    on.content = content(rule())
    tick(on)
    assert said(on) == ["Second."]


def test_a_new_rule_finds_everybody_it_is_about(on: Stage) -> None:
    begin(on)
    tick(on, days=3)
    assert said(on) == []

    on.content = content(rule())
    tick(on)

    assert said(on) == ["First."]


def test_who_did_not_come_for_days_is_told_and_whoever_came_is_not(on: Stage) -> None:
    begin(on, rule("no_visit", after=3 * DAY, stop=1, repeat=()))
    tick(on, days=2)
    on.command(DANA, "help")
    tick(on, days=2)
    assert said(on) == []

    tick(on, days=1, minutes=1)
    assert said(on) == ["First."]
    tick(on, days=60)
    assert len(said(on)) == 1

    on.command(DANA, "help")
    tick(on, days=2)
    assert len(said(on)) == 1
    tick(on, days=2)
    assert len(said(on)) == 2


def test_a_step_of_ours_past_its_day_is_told_and_gone_when_it_is_done(on: Stage) -> None:
    begin(on, rule("step_overdue", after=DAY, texts=(words("First. {{ step.title }} since {{ nudge.days }} days."),)))
    tick(on, days=3, hours=13)
    assert said(on) == []

    tick(on, hours=2)
    assert said(on) == ["First. Ours since 2 days."]
    ann = on.find(ANN, "Done")
    on.press(ANN, ann[1].action, ann[0])
    tick(on, days=10)

    assert len(said(on)) == 1


def test_a_question_that_stands_open_is_told_and_gone_with_its_answer(on: Stage) -> None:
    begin(on, rule("unanswered_question", after=DAY, texts=(words("First. {{ step.title }}?"),)))
    on.command(DANA, "steps")
    on.tap(DANA, "Done")
    on.tap(DANA, "Answer")
    assert on.session.exec(select(Question)).one()
    tick(on, hours=23)
    assert said(on) == []

    tick(on, hours=2)
    assert said(on) == ["First. Two?"]
    on.say(DANA, "Blue")
    tick(on, days=10)

    assert len(said(on)) == 1
    assert on.session.exec(select(Nudge)).all() == []


@pytest.mark.parametrize("field", ["renewal", "trial_ends"])
def test_a_date_is_told_before_it_comes_and_not_after(on: Stage, field: str) -> None:
    day = date(2026, 12, 9)
    known: dict[str, Any] = {"renewal": day} if field == "renewal" else {"custom": {"trial_ends": day.isoformat()}}
    text = words("First. {{ nudge.day | date }}, in {{ nudge.days }} days.")
    begin(on, rule("date", after=7 * DAY, field=field, texts=(text,), repeat=(6 * DAY,), stop=5), **known)
    tick(on, days=22)  # the first of December, ten in the morning
    assert said(on) == []

    tick(on, days=1)
    assert said(on) == ["First. Dec 9, 2026, in 7 days."]
    tick(on, days=6)
    assert said(on)[1:] == ["First. Dec 9, 2026, in 1 days."]
    tick(on, days=60)
    assert len(said(on)) == 2


def test_a_date_that_moves_moves_its_nudge(on: Stage) -> None:
    account = begin(on, rule("date", after=7 * DAY, field="renewal", stop=1), renewal=date(2026, 12, 9))
    account.renewal, account.changed_at = date(2026, 12, 20), on.now
    on.session.flush()
    learn(on.session, on.content, on.now)
    tick(on, days=28)
    assert said(on) == []

    tick(on, days=7)

    assert said(on) == ["First."]


def test_a_date_long_gone_or_badly_kept_is_nobodys_nudge(on: Stage) -> None:
    kept = {"trial_ends": "2026-02-31"}
    soon = rule("date", "soon", after=7 * DAY, field="renewal")
    begin(on, soon, rule("date", field="trial_ends"), renewal=date(2026, 11, 1), custom=kept)
    tick(on, days=60)

    assert said(on) == []


def test_a_signal_is_told_to_everybody_of_the_client_and_no_other(on: Stage) -> None:
    account = begin(on, rule("signal", field="usage_dropped", after=timedelta(hours=1), stop=1))
    on.person(account, "Boris", BORIS)
    on.person(on.account("Borealis"), "Olga", "telegram:3")
    tell(on, "usage_dropped", "s1")
    tell(on, "usage_rose", "s2")
    tick(on, minutes=59)
    assert said(on) == []

    tick(on, minutes=2)

    assert (said(on), said(on, BORIS), said(on, "telegram:3")) == (["First."], ["First."], [])


def test_a_rule_for_some_is_said_to_them_and_to_others_when_they_become_such(on: Stage) -> None:
    account = begin(on, rule(when="segment == 'enterprise' and mrr > 1000"), segment="smb", mrr=Decimal(5000))
    tick(on, days=3)
    assert said(on) == []

    account.segment, account.changed_at = "enterprise", on.now
    on.session.flush()
    learn(on.session, on.content, on.now)
    tick(on)

    assert said(on) == ["First."]
    facts = json.loads(on.session.exec(select(Decision.facts)).one())
    assert facts == {"segment": "enterprise", "mrr": "5000", "checklist": "start", "step": "one", "days": 3, "done": 0,
                     "said": 0}  # fmt: skip


def test_what_has_lost_its_reason_is_dropped_at_the_moment_of_sending(on: Stage) -> None:
    begin(on, rule(when="segment == 'smb'"), segment="smb")
    on.now += 2 * DAY
    nudge_due(on.session, on.content, on.now)
    on.session.flush()
    (delivery,) = waiting(on)
    account = on.session.exec(select(Account)).one()

    account.segment = "enterprise"
    assert judge(on.session, on.content, delivery, on.now) == Drop("no reason any more")
    account.segment = "smb"
    nudge = on.session.exec(select(Nudge)).one()
    nudge.snoozed_until = on.now + DAY
    assert judge(on.session, on.content, delivery, on.now) == Drop("no reason any more")


def test_a_colleague_who_takes_the_step_takes_the_nudge_with_it(on: Stage) -> None:
    account = begin(on, rule())
    on.person(account, "Boris", BORIS)
    plan(on.session, on.content, of_account(account.id), on.now)
    on.now += 2 * DAY
    nudge_due(on.session, on.content, on.now)
    on.session.flush()
    mine, boris = waiting(on)
    assert {mine.address, boris.address} == {DANA, BORIS}

    on.press(BORIS, f"take.{on.enrolment().id}.one")
    mine = next(one for one in waiting(on) if one.address == DANA)
    mine.state = "queued"

    assert judge(on.session, on.content, mine, on.now) == Drop("no reason any more")


def test_what_is_held_back_is_not_said_anew_and_the_pause_begins_when_it_was_said(on: Stage) -> None:
    begin(on, rule())
    on.now += 2 * DAY
    nudge_due(on.session, on.content, on.now)
    on.session.flush()
    [first] = waiting(on)
    first.state, first.due = "held", on.now + 3 * DAY  # a long weekend

    for _ in range(3):
        on.now += DAY
        nudge_due(on.session, on.content, on.now)
    assert waiting(on) == [first]

    first.state = "queued"
    on.deliver()
    tick(on, hours=23)
    assert said(on) == ["First."]
    tick(on, hours=2)
    assert said(on) == ["First.", "Second."]


def test_our_people_are_told_when_the_next_one_is_due_or_why_there_is_none(on: Stage) -> None:
    begin(on, rule(), rule(name="others", when="segment == 'enterprise'"), rule("no_visit", "away", after=3 * DAY))
    dana = on.session.exec(select(Contact).where(Contact.name == "Dana Doe")).one()
    who = member(on.session, on.content, dana)

    def told(name: str) -> tuple[object, str] | None:
        found = expected(on.session, on.content, who, f"nudge:{name}", on.now)
        return None if found is None else (found.due, found.reason)

    assert told("again") == (START + 2 * DAY, "")
    assert told("others") == (None, "not_for_them")
    assert told("away") == (START + 3 * DAY, "")
    assert told("none-such") is None
    tick(on, days=2)
    on.tap(DANA, "No more of these")
    assert told("again") == (None, "stopped")


def test_a_topic_that_was_turned_off_is_not_said_and_our_reason_is_kept(on: Stage) -> None:
    begin(on, rule(topic="tips"))
    off = replace(on.content.rules, topics={"tips": "off"})
    on.content = replace(on.content, rules=off)
    tick(on, days=2)

    assert said(on) == []
    assert on.session.exec(select(Decision.reason)).one() == "topic off"


def test_who_stopped_us_is_left_alone_by_nudges_too(on: Stage) -> None:
    begin(on, rule())
    on.command(DANA, "stop")
    on.now += 2 * DAY
    nudge_due(on.session, on.content, on.now)
    on.session.flush()
    (delivery,) = waiting(on)

    assert getattr(judge(on.session, on.content, delivery, on.now), "reason", "") == "silenced"


def test_whoever_joins_later_is_nudged_of_what_stood_still_before(on: Stage) -> None:
    account = begin(on, rule())
    tick(on, days=5)
    boris = on.person(account, "Boris", BORIS)
    plan(on.session, on.content, of_account(account.id), on.now)
    assert boris.joined_at

    tick(on)

    assert said(on, BORIS) == ["First."]
    assert len(said(on)) == 1


async def test_two_that_tick_and_plan_at_once_nudge_everybody_once(database: Database, database_url: str) -> None:
    known, other, people = content(rule()), Database(database_url), 40

    def crowd(session: Session) -> None:
        stage = Stage(known, session)
        for number in range(people):
            account = stage.account(f"A{number}")
            stage.person(account, f"P{number}", f"telegram:{number}")
            checklists.enrol(session, catalogue(*known.checklists.values()), account, START)
        session.flush()
        for nudge in session.exec(select(Nudge)).all():
            session.delete(nudge)

    await database.transact(crowd)
    late = START + 3 * DAY
    try:
        for _ in range(4):
            await asyncio.gather(
                *(one.transact(replan, known, late) for one in (database, other) for _ in range(3)),
                *(one.transact(nudge_due, known, late) for one in (database, other) for _ in range(3)),
            )
    finally:
        other.close()

    def outcome(session: Session) -> tuple[int, int, set[int]]:
        rows = session.exec(select(Delivery).where(Delivery.kind == "nudge")).all()
        return len(rows), len({row.contact_id for row in rows}), set(session.exec(select(Nudge.sent)).all())

    assert await database.read(outcome) == (people, people, {1})


async def test_one_that_dies_between_looking_and_committing_has_said_nothing(database: Database) -> None:
    known = content(rule())

    def set_up(session: Session) -> None:
        stage = Stage(known, session)
        account = stage.account()
        stage.person(account, "Dana", DANA)
        checklists.enrol(session, known, account, START)

    class Died(Exception):
        pass

    def die(session: Session) -> None:
        assert nudge_due(session, known, START + 2 * DAY) == 1
        raise Died

    def count(session: Session) -> int:
        return len(session.exec(select(Delivery.id).where(col(Delivery.kind) == "nudge")).all())

    await database.transact(set_up)
    with pytest.raises(Died):
        await database.transact(die)
    assert await database.read(count) == 0

    await database.transact(nudge_due, known, START + 2 * DAY)

    assert await database.read(count) == 1


@pytest.mark.parametrize("asks", [DANA, BORIS])
def test_whoever_waits_for_our_help_with_a_step_is_not_nudged_to_do_it_nor_is_a_colleague(on: Stage, asks: str) -> None:
    account = begin(on, rule())
    on.person(account, "Boris", BORIS)
    on.now += DAY
    on.press(asks, f"stuck.{on.enrolment().id}.one")
    on.say(asks, "Where do I find it?")
    tick(on, days=5)
    assert said(on) == said(on, BORIS) == []

    request = on.session.exec(select(HelpRequest)).one()
    request.answered_at = on.now
    tick(on, days=1, hours=13)
    assert said(on) == []
    tick(on, days=1)

    assert said(on) == ["First."]


def test_a_call_for_help_takes_back_what_waits_to_be_sent(on: Stage) -> None:
    account = begin(on, rule())
    on.now += 2 * DAY
    nudge_due(on.session, on.content, on.now)
    on.session.flush()
    (delivery,) = waiting(on)
    on.session.add(
        HelpRequest(
            account_id=account.id or 0,
            contact_id=1,
            enrolment_id=on.enrolment().id,
            step="one",
            origin=DANA,
            asked_at=on.now,
        )
    )
    on.session.flush()

    assert isinstance(judge(on.session, on.content, delivery, on.now), Drop)


def dated(on: Stage, *rules: NudgeRule, **of_checklist: Any) -> Account:
    """Acme with Dana begins a checklist: a step with a day, one that asks for a date, one of ours with a day."""
    own = step("one", due_days=3)
    lists = checklist(own, step("kickoff", asks=asked("date")), step("ours", owner="us", due_days=2), **of_checklist)
    on.content = replace(content(*rules), checklists={lists.id: lists})
    settle(on)
    account = on.account(csm=on.csm(), timezone="Europe/Berlin")
    on.person(account, "Dana", DANA)
    checklists.enrol(on.session, on.content, account, on.now)
    on.deliver()
    return account


@pytest.mark.parametrize(("owner", "found"), [("", {"One", "Ours"}), ("client", {"One"}), ("us", {"Ours"})])
def test_a_clients_own_step_has_a_day_too_and_is_overdue_after_it(on: Stage, owner: str, found: set[str]) -> None:
    texts = (words("First. {{ step.title }} was due {{ nudge.day }}."),)
    dated(on, rule("step_overdue", field=owner, after=timedelta(hours=9), texts=texts, stop=1))
    on.command(DANA, "steps")
    assert ("To be done by", "Nov 12") in on.last(DANA).facts

    tick(on, days=2, hours=12)
    tick(on, days=1, hours=12)

    assert {text.split()[1] for text in said(on)} == found


def test_a_step_done_in_time_is_not_overdue_and_a_day_can_count_from_the_beginning(on: Stage) -> None:
    dated(on, rule("step_overdue", field="client", after=timedelta(hours=9), stop=1))
    on.press(DANA, f"done.{on.enrolment().id}.one")
    tick(on, days=9)
    assert said(on) == []

    late = step("late", needs=("one",), due_days=5, due_from="checklist")
    began = START - 3 * DAY
    assert due_day(late, START, began) == (began + 5 * DAY).date()


def test_a_checklist_is_overdue_after_its_own_day_for_those_with_something_to_do(on: Stage) -> None:
    dated(on, rule("checklist_overdue", after=timedelta(hours=9), stop=1), due_days=20)

    tick(on, days=20, hours=12)
    assert said(on) == []
    tick(on, hours=12)
    tick(on, hours=12)

    assert said(on) == ["First."]


def test_the_answer_to_a_step_is_a_date_to_speak_before(on: Stage) -> None:
    dated(on, rule("date", field="start/kickoff", after=DAY, stop=1, texts=(words("First. {{ nudge.day }}"),)))
    on.press(DANA, f"done.{on.enrolment().id}.one")
    on.press(DANA, f"answer.{on.enrolment().id}.kickoff")
    on.say(DANA, "2026-11-20")
    tick(on, days=9)
    assert said(on) == []

    tick(on, days=1, hours=2)  # Thursday the 19th

    (text,) = said(on)
    assert text == "First. Nov 20, 2026"


def test_a_date_given_anew_moves_what_is_said_before_it(on: Stage) -> None:
    dated(on, rule("date", field="start/kickoff", after=DAY, stop=1))
    number = on.enrolment().id
    on.press(DANA, f"done.{number}.one")
    for day in ("2026-11-20", "2026-11-26"):
        on.press(DANA, f"answer.{number}.kickoff")
        on.say(DANA, day)
        if day.endswith("20"):
            on.press(DANA, f"undo.{number}.kickoff")

    tick(on, days=10, hours=4)
    assert said(on) == []
    tick(on, days=6)

    assert said(on) == ["First."]
