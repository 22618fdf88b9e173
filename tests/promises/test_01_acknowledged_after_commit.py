"""An event is acknowledged only after its row is committed, and a repeated event changes nothing."""

import asyncio
import sqlite3
from typing import Any

import pytest
from sqlalchemy import event as sqlalchemy_event
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError
from sqlmodel import Session, col, select

from core import inbox
from core.actions import StepDone, pack
from core.content.catalogue import Catalogue
from core.events import Event, Said, Tapped
from hub.health import Health
from hub.metrics import Metrics
from hub.wiring import Hub
from playground.faults import duplicate
from storage.database import Database
from storage.tables import Chat, Delivery, HeardEvent, HelpRequest, StepRecord
from tests.promises.lives import DANA, NOW, begin, content
from tests.stories.town import town


def tap(key: str = "telegram:1") -> Tapped:
    return Tapped(key=key, sender=DANA, chat=DANA, action=pack(StepDone(1, "one")), message="m1")


def said(key: str, words: str) -> Said:
    return Said(key=key, sender=DANA, chat=DANA, text=words)


def hub_on(database: Database, known: Catalogue) -> Hub:
    return Hub(database, known, lambda: NOW, Health(), Metrics())


@pytest.fixture
async def hub(database: Database) -> Hub:
    known = content()
    await database.transact(begin, known)
    return hub_on(database, known)


def everything(session: Session) -> tuple[object, ...]:
    """All that an event may change."""
    return tuple(
        tuple(row.model_dump_json() for row in session.exec(select(table)).all())
        for table in (HeardEvent, Delivery, StepRecord, HelpRequest, Chat)
    )


async def test_an_event_told_three_times_changes_state_once_and_is_answered_once(hub: Hub) -> None:
    first = await hub.hear(tap())
    after = await hub.database.read(everything)

    again = [await hub.hear(tap()) for _ in range(2)]

    assert not first.repeated
    assert [receipt.repeated for receipt in again] == [True, True]
    assert await hub.database.read(everything) == after


async def test_two_processes_that_hear_the_same_at_once_do_it_once(hub: Hub, database_url: str) -> None:
    others = [Database(database_url) for _ in range(2)]
    try:
        hubs = [hub, *(hub_on(database, hub.catalogue) for database in others)]
        receipts = await asyncio.gather(*(one.hear(said("telegram:7", "help me")) for one in hubs for _ in range(3)))
    finally:
        for database in others:
            database.close()

    assert sorted(receipt.repeated for receipt in receipts) == [False] + [True] * 8
    requests = await hub.database.read(lambda session: session.exec(select(HelpRequest)).all())
    assert [one.words for one in requests] == ["help me"]
    answers = await hub.database.read(lambda session: session.exec(select(Delivery)).all())
    assert len([one for one in answers if one.address == str(DANA)]) == 1


async def _refused_then_taken(hub: Hub, event: Event, before: tuple[object, ...]) -> None:
    with pytest.raises(DBAPIError):
        await hub.hear(event)
    assert await hub.database.read(everything) == before


async def test_a_locked_database_acknowledges_nothing_and_takes_it_once_afterwards(sqlite_url: str) -> None:
    database = Database(sqlite_url)
    sqlalchemy_event.listen(database.engine, "connect", lambda raw, _record: raw.execute("PRAGMA busy_timeout=20"))
    known = content()
    await database.transact(begin, known)
    database.engine.dispose()
    hub, before = hub_on(database, known), await database.read(everything)
    other = sqlite3.connect(make_url(sqlite_url).database or "", isolation_level=None)
    try:
        other.execute("BEGIN IMMEDIATE")
        for _ in range(2):
            await _refused_then_taken(hub, tap(), before)
        other.execute("ROLLBACK")

        assert not (await hub.hear(tap())).repeated
        assert (await hub.hear(tap())).repeated
        assert await database.read(_done) == ["one"]
    finally:
        other.close()
        database.close()


async def test_a_full_disk_acknowledges_nothing_and_keeps_nothing(sqlite_url: str) -> None:
    database = Database(sqlite_url)
    known = content()
    await database.transact(begin, known)
    full = [False]

    def limit(raw: sqlite3.Connection, _record: object) -> None:
        pages = raw.execute("PRAGMA page_count").fetchone()[0]
        raw.execute(f"PRAGMA max_page_count={pages if full[0] else 1_000_000}")

    sqlalchemy_event.listen(database.engine, "connect", limit)
    hub = hub_on(database, known)
    try:
        full[0] = True
        database.engine.dispose()
        taken, refused = 0, None
        for number in range(200):  # until the last page is full
            before = await database.read(everything)
            try:
                await hub.hear(said(f"telegram:{number}", "w" * 2500))
                taken += 1
            except DBAPIError:
                refused = number
                break
        assert refused is not None
        assert await database.read(everything) == before

        full[0] = False
        database.engine.dispose()
        assert not (await hub.hear(said(f"telegram:{refused}", "w" * 2500))).repeated
        keys = await database.read(lambda session: session.exec(select(HeardEvent.key)).all())
        assert sorted(keys) == sorted(f"telegram:{number}" for number in range(taken + 1))
    finally:
        database.close()


async def test_a_killed_connection_acknowledges_nothing_and_takes_it_once_afterwards(pg_url: str) -> None:
    database = Database(pg_url)
    known = content()
    await database.transact(begin, known)
    hub, before = hub_on(database, known), await database.read(everything)
    kill = [True]

    def die(connection: Any) -> None:
        if kill.pop() if kill else False:
            connection.exec_driver_sql("SELECT pg_terminate_backend(pg_backend_pid())")

    sqlalchemy_event.listen(database.engine, "commit", die)
    try:
        await _refused_then_taken(hub, tap(), before)

        assert not (await hub.hear(tap())).repeated
        assert (await hub.hear(tap())).repeated
        assert await database.read(_done) == ["one"]
    finally:
        database.close()


async def test_a_fault_of_ours_is_kept_with_its_words_and_does_not_come_again_for_ever(
    hub: Hub, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stumble(*_: object) -> None:
        raise ZeroDivisionError

    with monkeypatch.context() as broken:
        broken.setattr("core.onboarding.questions.heard_words", stumble)
        await hub.hear(said("telegram:9", "I am lost"))
        assert (await hub.hear(said("telegram:9", "I am lost"))).repeated
    rows = await hub.database.read(lambda session: session.exec(select(HeardEvent.state)).all())
    told = await hub.database.read(lambda session: session.exec(select(Delivery.key)).all())
    assert list(rows) == ["failed"]
    assert list(told) == ["sorry:telegram:9"]

    assert await hub.database.transact(inbox.repair, hub.catalogue, "telegram:9", NOW)

    asked = await hub.database.read(lambda session: session.exec(select(HelpRequest.words)).all())
    assert list(asked) == ["I am lost"]
    assert not await hub.database.transact(inbox.repair, hub.catalogue, "telegram:9", NOW)


async def test_both_messengers_repeats_are_answered_once_end_to_end(database_url: str) -> None:
    async with town(database_url) as here:
        dana = here.of_telegram("dana", "Dana Lee")
        await here.joins(dana, "dana@acme.example")
        here.telegram.faults.next(duplicate(), times=1, method="message")
        here.slack.faults.next(duplicate(), times=1)
        await dana.say("Where do I find my invoices?")
        ann = here.of_slack("ann")
        await ann.say("hello")
        await dana.sees("Ann has your words")
        await ann.sees("What you can do here")
        await here.at_rest()

        asked = await here.hub.database.read(lambda session: session.exec(select(HelpRequest.words)).all())
        assert list(asked) == ["Where do I find my invoices?"]
        assert len([one for one in ann.messages() if "What you can do here" in one.text]) == 1
        assert len([one for one in dana.messages() if "Ann has your words" in one.text]) == 1


def _done(session: Session) -> list[str]:
    return list(session.exec(select(StepRecord.step).where(col(StepRecord.state) == "done")).all())
