"""Bad days of a mailing: whatever happens, each recipient gets it once or is told of, and the counts are true."""

import asyncio
from collections import Counter
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import event
from sqlalchemy.exc import OperationalError
from sqlmodel import Session, col, delete, select

from core.events import Address
from core.mailings import running
from core.mailings.approving import approve
from core.mailings.drafting import Written, draft, draft_from_file
from core.mailings.tending import tend
from core.outbox import Refused, Relocated, Revoked, TryLater, Uncertain, Unreachable
from core.settling import MOST_ATTEMPTS
from storage.database import Database
from storage.tables import Account, Chat, Contact, Delivery, Mailing
from tests.core.stage import sample
from tests.mailings.office import NOW, Office
from tests.mailings.populace import news, send, settle_in

SHORT = timedelta(seconds=30)


async def test_a_storm_of_429_delays_and_costs_nobody(office: Office) -> None:
    for person in range(1, 13):
        office.meets(person, *[TryLater(SHORT, everywhere=person % 3 == 0)] * 2)
    await office.begins(40)

    for _ in range(12):
        await office.later(seconds=31)

    assert Counter(office.shown) == {f"telegram:{1000 + person}": 1 for person in range(1, 41)}
    assert (await office.counted()).by_state == {"accepted": 40}
    assert await office.state() == "finished"


async def test_a_chat_that_always_fails_fails_alone_and_can_be_tried_again(office: Office) -> None:
    office.meets(2, Refused("chat not acceptable"))
    office.meets(3, *[TryLater(SHORT)] * MOST_ATTEMPTS)
    await office.begins(10)

    for _ in range(MOST_ATTEMPTS):
        await office.later(minutes=6)

    counted = await office.counted()
    assert (counted["accepted"], counted["failed"]) == (8, 2)
    assert counted.by_reason["failed"] == {"asked to wait": 1, "chat not acceptable": 1}
    assert await office.state() == "finished"

    assert await office.do(lambda session: running.retry(session, office.number, "failed", office.now)) == 2
    await office.later(seconds=31)  # which the last 429 asked for
    assert (await office.counted()).by_state == {"accepted": 10}
    assert await office.state() == "finished"


async def test_a_token_revoked_half_way_stops_the_run_until_it_is_mended(office: Office) -> None:
    office.meets(5, *[Revoked()] * 3)
    await office.begins(10)

    await office.works()
    assert await office.state() == "running"
    for _ in range(4):
        await office.later(seconds=61)

    assert (await office.counted()).by_state == {"accepted": 10}
    assert max(Counter(office.shown).values()) == 1


async def test_a_network_cut_for_ten_minutes_loses_nothing(office: Office) -> None:
    office.meets(1, *[TryLater(SHORT, everywhere=True)] * 20)
    await office.begins(5)

    for _ in range(21):
        await office.later(seconds=30)

    assert (await office.counted()).by_state == {"accepted": 5}
    assert max(Counter(office.shown).values()) == 1


async def test_an_answer_lost_after_accepting_is_listed_and_never_repeated_by_itself(office: Office) -> None:
    office.meets(3, Uncertain())
    await office.begins(6)

    await office.works()
    await office.later(days=1)

    counted = await office.counted()
    assert (counted["accepted"], counted["uncertain"]) == (5, 1)
    assert await office.state() == "finished"
    assert (await office.row(3)).reason == "answer lost"

    assert await office.do(lambda session: running.retry(session, office.number, "uncertain", office.now)) == 1
    await office.later(days=1)
    assert (await office.counted()).by_state == {"accepted": 6}


async def test_a_tenth_that_blocked_the_bot_fails_without_stopping_the_others(offices: Office) -> None:
    await offices.database.transact(settle_in, 60)
    other = "slack:T0/U7"
    await offices.do(lambda session: session.add(Chat(address=other, contact_id=12, last_heard_at=NOW - SHORT)))
    offices.number = await offices.database.transact(send, offices.catalogue, news(), NOW)
    offices.now += timedelta(minutes=2)
    for person in range(1, 7):
        offices.meets(person * 6, Unreachable("blocked"))

    await offices.works()

    counted = await offices.counted()
    assert (counted["accepted"], counted["failed"], counted["queued"]) == (54, 5, 1)
    assert counted.by_reason["failed"] == {"unreachable": 5}
    elsewhere = await offices.row(12)
    assert (elsewhere.address, elsewhere.state) == (other, "queued")
    assert (await offices.row(6)).reason == "unreachable: blocked"


async def test_a_chat_that_moves_during_the_run_gets_it_where_it_is_now(office: Office) -> None:
    office.meets(4, Relocated(Address("telegram", "-100444")))
    await office.begins(6)

    await office.works()

    assert sorted(office.shown) == ["telegram:-100444", *(f"telegram:{1000 + n}" for n in (1, 2, 3, 5, 6))]
    assert (await office.counted()).by_state == {"accepted": 6}


async def test_a_text_that_fails_for_one_reader_fails_for_them_alone(office: Office) -> None:
    texts = {"en": Written("Renewal", "It ends on {{ client.renewal | date }}.")}
    await office.database.transact(settle_in, 12)

    def renew(session: Session) -> None:
        for account in session.exec(select(Account)).all():
            account.renewal = None if account.id == 2 else NOW.date()

    await office.do(renew)
    office.number = await office.database.transact(send, office.catalogue, news(texts=texts), NOW)
    office.now += timedelta(minutes=2)

    await office.works()

    counted = await office.counted()
    assert (counted["accepted"], counted["failed"]) == (8, 4)
    assert counted.by_reason["failed"] == {"words": 4}
    assert await office.state() == "finished"


async def test_recipients_removed_or_erased_while_queued_leave_the_run(offices: Office) -> None:
    await offices.begins(20)
    await offices.tends()

    def erase(session: Session) -> None:
        session.execute(delete(Chat).where(col(Chat.contact_id) == 2))
        session.execute(delete(Contact).where(col(Contact.id) == 2))
        session.execute(delete(Delivery).where(col(Delivery.contact_id) == 3))

    await offices.do(erase)
    await offices.works()

    counted = await offices.counted()
    assert (counted["accepted"], counted["cancelled"], counted.total) == (18, 1, 19)
    assert await offices.state() == "finished"


async def test_a_file_edited_or_deleted_while_it_runs_changes_nothing(office: Office) -> None:
    await office.database.transact(settle_in, 8)
    content = office.catalogue

    def start(session: Session) -> int:
        mailing = draft_from_file(session, content, "new-prices", None, NOW)
        mailing.audience = mailing.but = ""
        assert approve(session, content, mailing.id or 0, None, NOW) == "leaving"
        return mailing.id or 0

    office.number = await office.do(start)
    office.catalogue = replace(content, mailings={}, version="later")
    office.now += timedelta(days=30)

    await office.works()
    await office.later(minutes=31)  # the canary's

    assert (await office.counted()).by_state == {"accepted": 8}


async def test_when_the_clock_passes_the_windows_end_the_rest_waits_for_the_next_day(office: Office) -> None:
    """The hub's clock is London's: it is ten."""
    begins, ends = (NOW + timedelta(hours=by) for by in (-1, 2))
    await office.begins(300, news(window=(begins.time(), ends.time())))
    await office.tends()  # a stock is queued
    office.now = ends

    await office.works()
    assert office.shown == []
    assert (await office.counted()).by_state == {"planned": 300}

    await office.later(hours=21)
    assert (await office.counted()).by_state == {"accepted": 300}


async def test_a_full_disk_loses_nothing_and_plans_nobody_twice(office: Office) -> None:
    await office.begins(400)
    full = office.database.engine
    with full.connect() as connection:
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar_one()

    def fill(connection: object, _record: object, _proxy: object) -> None:
        connection.execute(f"PRAGMA max_page_count={limit}")  # type: ignore[attr-defined]  # of the driver

    limit = pages + 1
    event.listen(full, "checkout", fill)
    with pytest.raises(OperationalError, match="full"):
        await office.tends()
    assert await office.state() == "leaving"
    limit = 1_000_000
    await office.works()
    event.remove(full, "checkout", fill)

    assert (await office.counted()).by_state == {"accepted": 400}


async def test_two_admins_who_press_send_at_once_send_it_once(offices: Office) -> None:
    await offices.database.transact(settle_in, 5)
    number = await offices.do(lambda session: draft(session, offices.catalogue, news(), None, NOW).id or 0)

    said = await asyncio.gather(
        *(offices.database.transact(approve, offices.catalogue, number, None, NOW) for _ in range(4))
    )

    assert sorted(said) == ["leaving", "too late", "too late", "too late"]


async def test_the_same_mailing_started_twice_by_two_processes_runs_once(offices: Office) -> None:
    await offices.database.transact(settle_in, 30)
    content = sample()
    asked = [offices.database.transact(draft_from_file, content, "new-prices", None, NOW) for _ in range(3)]
    numbers = {mailing.id for mailing in await asyncio.gather(*asked)}
    assert len(numbers) == 1

    def everybody(session: Session) -> None:
        session.exec(select(Mailing)).one().audience = ""

    await offices.do(everybody)
    (number,) = numbers
    await offices.database.transact(approve, content, number or 0, None, NOW)
    later = NOW + timedelta(days=30)
    await asyncio.gather(*(offices.database.transact(tend, content, later) for _ in range(4)))

    assert len(await offices.rows()) == 30


async def test_two_processes_share_a_run_and_nobody_gets_it_twice(make_database: object) -> None:
    url = make_database()  # type: ignore[operator]  # a fixture
    one, two = (Office(Database(url), holder=holder) for holder in ("one:1:1", "two:2:2"))
    try:
        await one.begins(240)
        two.number, two.now = one.number, one.now

        await asyncio.gather(one.works(), two.works())
        await one.works()

        assert Counter(one.shown) + Counter(two.shown) == {f"telegram:{1000 + n}": 1 for n in range(1, 241)}
        assert (await one.counted()).by_state == {"accepted": 240}
    finally:
        one.database.close()
        two.database.close()


@pytest.mark.parametrize("people", [0, 1])
async def test_a_mailing_to_nobody_and_to_one_comes_to_its_end(office: Office, people: int, tmp_path: Path) -> None:
    await office.begins(4, news(audience="segment == 'smb'" if not people else "role == 'boss'"))

    def only(session: Session) -> None:
        session.get_one(Contact, 1).role = "boss"
        for account in session.exec(select(Account)).all():
            account.segment = "enterprise"

    await office.do(only)
    await office.works()

    assert await office.state() == "finished"
    assert (await office.counted()).total == people
