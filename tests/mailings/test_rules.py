"""What people rely on in a run: who is left out, who goes first, when it stops by itself, and how it goes on."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlmodel import Session, select

from core.content.kinds.mailing_rules import MailingRules
from core.mailings import omitting, running
from core.mailings.approving import approve
from core.mailings.counting import Counts, note
from core.mailings.drafting import draft
from core.mailings.planning import forecast, sample
from core.mailings.recipients import next_hour
from core.mailings.tending import canary_fails
from core.outbox import Refused, Unreachable
from storage.tables import Account, Chat, Contact, Csm, Delivery, Mailing, MailingOmission, Preference, TopicChoice
from tests.mailings.office import NOW, Office
from tests.mailings.populace import news, settle_in


async def test_everybody_left_out_is_told_with_the_first_reason_and_the_forecast_says_the_same(offices: Office) -> None:
    await offices.database.transact(settle_in, 16)
    what = news(topic="product", audience="region == 'DACH'", but="phase == 'live'")

    def lives(session: Session) -> int:
        session.add(Csm(id=1, email="ann@relay.example"))
        session.flush()
        session.get_one(Account, 2).phase = "live"  # 5 to 8
        session.get_one(Account, 4).region = "UK"  # 13 to 16
        session.get_one(Contact, 1).silent_until = NOW + timedelta(days=2)
        session.add(TopicChoice(contact_id=2, topic="product", cadence="off"))
        session.delete(session.get_one(Chat, "telegram:1003"))
        session.get_one(Chat, "telegram:1004").unreachable = "blocked"
        for number in range(5):
            session.add(_told(9, NOW - timedelta(days=1), number))
        return draft(session, offices.catalogue, what, None, NOW).id or 0

    offices.number = await offices.do(lives)
    offices.now += timedelta(minutes=2)
    expected = {"does it already": 4, "not here yet": 1, "opted out": 2, "over budget": 1, "unreachable": 1}

    def keeps_back(session: Session) -> None:
        mailing = session.get_one(Mailing, offices.number)
        told = forecast(session, offices.catalogue, mailing, NOW)
        assert (told.going, dict(sorted(told.left_out.items()))) == ({"telegram": 3}, expected)
        assert set(sample(session, offices.catalogue, mailing, 5, NOW)) == {10, 11, 12}
        assert omitting.keep_back(session, offices.number, 3, 1, NOW) == 0
        approve(session, offices.catalogue, offices.number, None, NOW)

    await offices.do(keeps_back)
    await offices.works()

    omitted = await offices.do(lambda session: session.exec(select(MailingOmission)).all())
    reasons = {one.contact_id: one.reason for one in omitted}
    assert reasons == {
        1: "opted out", 2: "opted out", 3: "not here yet", 4: "unreachable",
        5: "does it already", 6: "does it already", 7: "does it already", 8: "does it already",
        9: "kept back", 10: "kept back", 11: "kept back", 12: "kept back",
    }  # fmt: skip
    assert (await offices.counted()).total == 0
    assert await offices.state() == "finished"


def _told(contact: int, at: datetime, number: int) -> Delivery:
    return Delivery(
        key=f"old:{contact}:{number}", messenger="telegram", address=f"telegram:{1000 + contact}", lane=1, kind="nudge",
        card="{}", contact_id=contact, state="accepted", due=at, created_at=at, settled_at=at,
    )  # fmt: skip


async def test_what_is_mandatory_comes_to_those_too_who_turned_us_down_but_never_at_night(office: Office) -> None:
    await office.database.transact(settle_in, 4)

    def silent(session: Session) -> None:
        session.get_one(Contact, 1).silent_until = NOW + timedelta(days=300)
        session.get_one(Contact, 2).timezone = "Asia/Tokyo"  # seven in the evening
        session.get_one(Contact, 3).timezone = "Pacific/Auckland"  # eleven at night

    await office.do(silent)
    office.number = await office.do(lambda session: _send(session, office, news(category="mandatory")))
    office.now += timedelta(minutes=2)

    await office.works()
    counted = await office.counted()
    assert (counted["accepted"], counted["held"], counted.by_reason["held"]) == (3, 1, {"quiet": 1})
    assert await office.state() == "running"

    await office.later(hours=11)
    assert (await office.counted()).by_state == {"accepted": 4}
    assert await office.state() == "finished"


def _send(session: Session, office: Office, what: Any) -> int:
    mailing = draft(session, office.catalogue, what, None, NOW)
    approve(session, office.catalogue, mailing.id or 0, None, NOW)
    return mailing.id or 0


async def test_a_wish_that_comes_after_the_planning_counts(office: Office) -> None:
    await office.begins(4, news(topic="product"))
    await office.tends()

    def wish(session: Session) -> None:
        session.add(TopicChoice(contact_id=2, topic="product", cadence="off"))
        session.get_one(Contact, 3).silent_until = NOW + timedelta(days=1)

    await office.do(wish)
    await office.works()

    counted = await office.counted()
    assert (counted["accepted"], counted.by_reason["cancelled"]) == (2, {"opted out": 2})


async def test_two_mailings_on_one_day_and_a_third_waits_for_room(office: Office) -> None:
    await office.begins(3)
    await office.works()
    for key in ("news:2", "news:3"):
        office.number = await office.database.transact(_send, office, news(key, category="service"))
        office.now += timedelta(minutes=5)
        await office.works()

    counted = await office.counted()
    assert (counted["held"], counted.by_reason["held"]) == (3, {"capped": 3})

    await office.later(days=1)
    assert (await office.counted()).by_state == {"accepted": 3}


async def test_paused_it_stands_and_resumed_it_goes_on_exactly_where_it_stopped(offices: Office) -> None:
    await offices.begins(250)
    await offices.tends()
    await offices.until_quiet()
    assert (await offices.counted())["accepted"] == 100
    await offices.tends()
    assert (await offices.counted())["queued"] == 100

    assert await offices.do(lambda session: running.pause(session, offices.number))
    assert await offices.do(lambda session: running.pause(session, offices.number)) is False
    await offices.later(hours=1)
    counted = await offices.counted()
    assert (counted["accepted"], counted["planned"]) == (100, 150)
    assert (await offices.mailing()).reason == "by hand"

    assert await offices.do(lambda session: running.resume(session, offices.number))
    await offices.works()
    assert len(set(offices.shown)) == len(offices.shown) == 250
    assert await offices.state() == "finished"


async def test_cancelled_half_way_the_rest_is_not_sent(office: Office) -> None:
    await office.begins(250)
    await office.tends()
    await office.until_quiet()

    assert await office.do(lambda session: running.cancel(session, office.number, office.now))
    await office.works()

    assert (await office.counted()).by_state == {"accepted": 100, "cancelled": 150}
    assert (await office.mailing()).state == "cancelled"
    assert await office.do(lambda session: running.retry(session, office.number, "failed", office.now)) == 0


async def test_called_off_in_time_nobody_hears_of_it(office: Office) -> None:
    await office.begins(5)
    assert await office.do(lambda session: running.cancel(session, office.number, office.now))
    await office.later(days=1)

    assert (office.shown, await office.state()) == ([], "draft")


async def test_closed_chats_and_scattered_failures_do_not_stop_it(office: Office) -> None:
    for person in range(1, 61):
        office.meets(person, Refused("no") if person % 10 == 0 else Unreachable("blocked"))
    await office.begins(90)

    await office.works()

    assert await office.state() == "finished"
    assert (await office.counted()).by_reason["failed"] == {"unreachable": 54, "no": 6}


async def test_a_mailing_that_only_fails_stops_by_itself_and_goes_on_when_somebody_says_so(office: Office) -> None:
    await office.begins(300)
    for person in range(1, 301):
        office.meets(person, Refused("no"))

    await office.works()
    mailing = await office.mailing()
    assert (mailing.state, mailing.reason) == ("paused", "failures")
    counted = await office.counted()
    assert (counted["failed"], counted["planned"]) == (100, 200)

    for person in range(1, 301):
        office.meets(person)
    assert await office.do(lambda session: running.resume(session, office.number))
    await office.works()
    assert (await office.counted())["accepted"] == 200


async def test_a_canary_goes_first_and_the_rest_waits_for_what_becomes_of_it(offices: Office) -> None:
    await offices.begins(200, news(canary=5))

    await offices.works()
    assert (await offices.counted()).by_state == {"accepted": 10, "planned": 190}
    assert len({(int(address.rpartition(":")[2]) - 997) // 4 for address in offices.shown}) > 5  # of many companies

    await offices.later(minutes=29)
    assert (await offices.counted())["planned"] == 190
    await offices.later(minutes=1)
    assert (await offices.counted()).by_state == {"accepted": 200}


@pytest.mark.parametrize(("what", "reason"), [("fails", "canary failures"), ("down", "opinions")])
async def test_a_canary_that_does_not_sing_stops_the_rest(office: Office, what: str, reason: str) -> None:
    await office.begins(200, news(canary=5))
    if what == "fails":
        for person in range(1, 201, 2):
            office.meets(person, Refused("no"))
    await office.works()
    if what == "down":
        await office.do(lambda session: note(session, office.number, "down"))

    await office.later(minutes=31)

    mailing = await office.mailing()
    assert (mailing.state, mailing.reason) == ("paused", reason)
    assert (await office.counted())["planned"] == 190
    assert await office.do(lambda session: running.resume(session, office.number))
    await office.works()
    assert (await office.counted())["planned"] == 0


def test_a_canary_is_judged_by_per_cent() -> None:
    assert canary_fails(Counts({"accepted": 90, "failed": 10}), 10, 5) is None
    assert canary_fails(Counts({"accepted": 89, "failed": 11}), 10, 5) == "canary failures"
    assert canary_fails(Counts({"accepted": 100, "down": 6}), 10, 5) == "opinions"
    assert canary_fails(Counts({}), 0, 0) is None


async def test_of_two_that_run_at_once_the_more_important_goes_first(office: Office) -> None:
    await office.begins(150, news("low", priority=10))
    office.now -= timedelta(minutes=2)
    high = await office.do(lambda session: _send(session, office, news("high", priority=90)))
    office.now += timedelta(minutes=2)

    await office.tends()

    rows = [row for row in await office.rows() if row.state == "queued"]
    assert {row.mailing_id for row in rows} == {high}
    await office.works()
    assert len(office.shown) == 300


async def test_with_a_second_person_asked_for_the_author_alone_sends_nothing(office: Office) -> None:
    rules = replace(office.catalogue.rules, mailings=MailingRules(approval="second"))
    content = replace(office.catalogue, rules=rules)

    def decide(session: Session) -> list[str]:
        for number, name in ((1, "ann"), (2, "ida")):
            session.add(Csm(id=number, email=f"{name}@relay.example"))
        session.flush()
        mailing = draft(session, content, news(), 1, NOW)
        office.number = mailing.id or 0
        said = [approve(session, content, office.number, by, NOW) for by in (1, 1, 2, 2)]
        assert (mailing.approved_by, mailing.leaves_at) == (2, NOW + timedelta(minutes=2))
        return [str(one) for one in said]

    assert await office.do(decide) == ["waiting", "same person", "leaving", "too late"]


async def test_what_expires_while_it_waits_is_not_sent_any_more(office: Office) -> None:
    await office.begins(150, news(expires_at=NOW + timedelta(hours=1)))
    await office.tends()
    await office.until_quiet()

    await office.later(hours=1)

    assert (await office.counted()).by_state == {"accepted": 100, "expired": 50}
    assert await office.state() == "finished"


async def test_each_gets_it_at_the_hour_on_their_own_clock(offices: Office) -> None:
    day = datetime(2026, 11, 4, tzinfo=UTC)
    await offices.database.transact(settle_in, 4)
    zones = {1: "Asia/Tokyo", 2: "Europe/Berlin", 3: "America/New_York", 4: None}  # Berlin, for the region is DACH

    def live(session: Session) -> None:
        for number, zone in zones.items():
            session.get_one(Contact, number).timezone = zone
        session.add(Preference(contact_id=4, messenger="slack"))

    await offices.do(live)
    offices.number = await offices.do(lambda session: _send(session, offices, news(local_hour=10, starts_at=day)))

    assert (await offices.mailing()).leaves_at == datetime(2026, 11, 3, 10, 2, tzinfo=UTC)
    await offices.later(minutes=2)
    assert {row.contact_id: row.due for row in await offices.rows()} == {
        1: datetime(2026, 11, 4, 1, tzinfo=UTC),
        2: datetime(2026, 11, 4, 9, tzinfo=UTC),
        3: datetime(2026, 11, 4, 15, tzinfo=UTC),
        4: datetime(2026, 11, 4, 9, tzinfo=UTC),
    }
    assert offices.shown == []
    await offices.later(hours=15)
    assert offices.shown == ["telegram:1001"]
    await offices.later(hours=14)
    assert await offices.state() == "finished"


_FROM, _TO = (datetime(year, 1, 1, tzinfo=UTC).replace(tzinfo=None) for year in (2026, 2028))


@given(
    st.sampled_from(["Asia/Tokyo", "America/New_York", "Europe/London", "Australia/Lord_Howe", "UTC"]),
    st.integers(0, 23),
    st.datetimes(_FROM, _TO, timezones=st.just(UTC)),
)
def test_the_next_hour_is_within_two_days_and_not_before(zone: str, hour: int, after: datetime) -> None:
    found = next_hour(zone, hour, None, after)

    assert after <= found <= after + timedelta(hours=50)
    assert next_hour(zone, hour, None, found) == found
