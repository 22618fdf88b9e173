"""Everything sent has a key that says why it exists, and two processes doing the same job agree by it."""

import asyncio
from datetime import timedelta

from sqlmodel import Session, col, select, update

from core.cards import Card
from core.claims import claim
from core.events import Address
from core.nudges.saying import nudge_due
from core.outbox import post
from storage.database import Database
from storage.tables import Delivery, Nudge
from storage.tables.ledger import PROACTIVE
from tests.promises.lives import DANA, NOW, begin, content


def say(session: Session, words: str, message_id: str | None = None) -> int | None:
    return post(
        session,
        key="why",
        to=Address("telegram", "1"),
        card=Card(words),
        kind="test",
        now=NOW,
        subject="thing",
        message_id=message_id,
    )


def cards(session: Session) -> list[tuple[str, str]]:
    rows = session.exec(select(Delivery).order_by(col(Delivery.id))).all()
    return [(row.card, row.state) for row in rows]


async def test_the_database_refuses_the_second_card_under_a_key(database: Database) -> None:
    first = await database.transact(say, "one")
    second = await database.transact(say, "two")

    assert first is not None
    assert second is None
    assert await database.read(cards) == [('{"text":"one"}', "queued")]


async def test_a_refused_edit_does_not_cancel_the_one_that_waits(database: Database) -> None:
    """A repeat changes nothing: not even the card whose repeat it is."""
    await database.transact(say, "one", "m1")
    await database.transact(say, "two", "m1")
    known = content()

    taken = await database.transact(claim, known, messenger="telegram", holder="me", most=(9, 9, 9), now=NOW)

    assert [one.card.text for one in taken] == ["one"]


async def test_many_who_post_the_same_at_once_post_it_once(database: Database, database_url: str) -> None:
    other = Database(database_url)
    try:
        told = await asyncio.gather(*(one.transact(say, "same") for one in (database, other) for _ in range(10)))
    finally:
        other.close()

    assert len([number for number in told if number is not None]) == 1
    assert len(await database.read(cards)) == 1


async def test_two_processes_that_tick_at_once_remind_once(database: Database, database_url: str) -> None:
    known = content()
    await database.transact(begin, known)
    late = NOW + timedelta(days=3)
    other = Database(database_url)
    try:
        await asyncio.gather(*(one.transact(nudge_due, known, late) for one in (database, other) for _ in range(5)))
    finally:
        other.close()

    def waiting(session: Session) -> list[str]:
        rows = session.exec(select(Delivery).where(Delivery.lane == PROACTIVE)).all()
        return [row.address for row in rows]

    assert await database.read(waiting) == [str(DANA)]


async def test_a_reminder_taken_up_again_after_a_crash_is_the_same_reminder(database: Database) -> None:
    """The row of the reminder was put back by hand, as a restored backup would: the key still knows."""
    known = content()
    await database.transact(begin, known)
    late = NOW + timedelta(days=3)
    await database.transact(nudge_due, known, late)

    def back(session: Session) -> None:
        session.execute(update(Nudge).values(due=late, sent=0, sent_at=None))
        session.execute(update(Delivery).values(created_at=NOW - timedelta(days=9)))

    await database.transact(back)
    await database.transact(nudge_due, known, late)

    assert len(await database.read(cards)) == 1
