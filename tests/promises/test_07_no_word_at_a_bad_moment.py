"""No proactive message in quiet hours, above caps, after silence was asked for, or when its reason has gone.

All is checked again at the moment of sending, whatever was true when it was written.
"""

import asyncio
import threading
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlmodel import Session, col, select

from core import inbox
from core.actions import SnoozeReminders, StepDone, pack
from core.claims import claim
from core.content.catalogue import Catalogue
from core.events import Tapped
from core.nudges.saying import nudge_due
from core.recovery import release_held
from storage.database import Database
from storage.tables import Account, Contact, Delivery, Nudge
from tests.core.stage import catalogue, checklist, step
from tests.promises.lives import DANA, NOW, begin, content
from tests.scheduler.loopback import Desk, Wire, posted

NIGHT = NOW.replace(hour=23)
FRIDAY_NIGHT = datetime(2026, 11, 6, 22, 0, tzinfo=UTC)


@pytest.fixture
async def known(database: Database) -> Catalogue:
    """Acme and Dana, in London by the hub's own zone; all began on a Tuesday at ten, mornings begin on the dot."""
    found = content()
    await database.transact(begin, found)
    return replace(found, rules=replace(found.rules, spread=timedelta()))


def unasked(session: Session) -> list[tuple[str, str | None, datetime]]:
    rows = session.exec(select(Delivery).where(Delivery.lane == 1).order_by(col(Delivery.id))).all()
    return [(row.state, row.reason, row.due) for row in rows]


async def remind(database: Database, known: Catalogue, now: datetime) -> None:
    await database.transact(nudge_due, known, now)


async def release(database: Database, desk: Desk, now: datetime) -> None:
    desk.now = now
    await database.transact(release_held, now)
    await desk.until_quiet()


async def tapped(database: Database, known: Catalogue, action: str, now: datetime) -> None:
    event = Tapped(key=f"tap:{action}:{now}", sender=DANA, chat=DANA, action=action, message="m0")
    await database.transact(inbox.receive, known, event, now)


async def test_a_reminder_of_the_night_waits_until_the_morning_of_the_next_working_day(
    database: Database, known: Catalogue
) -> None:
    wire = Wire()
    desk = Desk(database, known, wire, now=FRIDAY_NIGHT)
    await remind(database, known, FRIDAY_NIGHT)

    await desk.until_quiet()
    assert wire.shown == []
    monday = datetime(2026, 11, 9, 9, 0, tzinfo=UTC)
    assert await database.read(unasked) == [("held", "quiet", monday)]

    await release(database, desk, monday - timedelta(minutes=1))
    assert wire.shown == []

    await release(database, desk, monday)
    assert len(wire.texts(str(DANA))) == 1


async def test_a_reminder_whose_step_was_done_meanwhile_is_never_sent(database: Database, known: Catalogue) -> None:
    wire, night = Wire(), NIGHT + timedelta(days=2)
    desk = Desk(database, known, wire, now=night)
    await remind(database, known, night)
    await desk.until_quiet()

    await tapped(database, known, pack(StepDone(1, "one")), night)
    await release(database, desk, night + timedelta(hours=11))

    assert await database.read(lambda session: [row[0] for row in unasked(session)]) == ["cancelled"]
    assert [text for text in wire.texts(str(DANA)) if "left" in text] == []


async def test_a_reason_that_goes_while_the_reminder_is_being_written_is_noticed_when_it_is_sent(
    database: Database, known: Catalogue
) -> None:
    """The tap was decided before the reminder was committed, so it could not cancel it: sending asks again."""
    wire, late = Wire(), NOW + timedelta(days=3)
    await tapped(database, known, pack(StepDone(1, "one")), late)

    def write_late(session: Session) -> None:
        posted(session, str(DANA), ["Remember?"], 1, contact_id=1, subject="nudge:1")
        for row in session.exec(select(Delivery).where(Delivery.lane == 1)).all():
            row.created_at = late - timedelta(seconds=1)

    await database.transact(write_late)
    await Desk(database, known, wire, now=late).until_quiet()

    assert "Remember?" not in wire.texts(str(DANA))
    assert [row[:2] for row in await database.read(unasked)] == [("cancelled", "no reason any more")]


async def test_who_asked_for_silence_meanwhile_is_not_spoken_to_until_it_is_over(
    database: Database, known: Catalogue
) -> None:
    wire, late = Wire(), NOW + timedelta(days=2)
    await remind(database, known, late)
    await tapped(database, known, pack(SnoozeReminders(1)), late)
    desk = Desk(database, known, wire, now=late)

    await desk.until_quiet()
    assert [row[:2] for row in await database.read(unasked)] == [("held", "silenced")]

    await release(database, desk, late + timedelta(days=1, minutes=1))
    assert len(wire.texts(str(DANA))) == 2  # the answer to the tap, and now the reminder


async def test_a_person_gets_at_most_so_many_a_day_even_from_two_processes_at_once(
    database: Database, known: Catalogue, database_url: str
) -> None:
    """The caps are two a day and five a week, counted over all of a person's chats."""
    other, wires = Database(database_url), (Wire(), Wire())

    def many(session: Session) -> None:
        for number in range(1, 9):
            posted(session, f"telegram:{number}", [f"{number}"], 1, contact_id=1)

    await database.transact(many)
    desks = [
        Desk(one, known, wire, holder=f"{n}")
        for n, (one, wire) in enumerate(zip((database, other), wires, strict=True))
    ]
    try:
        await asyncio.gather(*(desk.until_quiet() for desk in desks))
        assert sum(len(wire.shown) for wire in wires) == 2

        for day in range(1, 8):
            now = NOW + timedelta(days=day, minutes=day)
            await database.transact(release_held, now)
            for desk in desks:
                desk.now = now
            await asyncio.gather(*(desk.until_quiet() for desk in desks))
            rows = await database.read(lambda session: session.exec(select(Delivery).where(Delivery.lane == 1)).all())
            sent = [row.settled_at for row in rows if row.state == "accepted" and row.settled_at]
            assert all(sum(one - timedelta(days=1) < two <= one for two in sent) <= 2 for one in sent)
            assert all(sum(one - timedelta(days=7) < two <= one for two in sent) <= 5 for one in sent)
    finally:
        other.close()
    assert sum(len(wire.shown) for wire in wires) >= 4


async def test_two_processes_cannot_both_find_room_for_the_last_one(pg_url: str) -> None:
    """One was said today, two wait in two chats, two a day are allowed: whoever asks second must see the first."""
    database, known = Database(pg_url), content()
    first_has, second_has = threading.Event(), threading.Event()

    def set_up(session: Session) -> None:
        begin(session, known)
        said, *_ = (posted(session, f"telegram:{number}", ["news"], 1, contact_id=1)[0] for number in range(1, 4))
        row = session.get_one(Delivery, said)
        row.state, row.settled_at = "accepted", NOW - timedelta(hours=1)

    def take(session: Session, me: str) -> int:
        return len(claim(session, known, messenger="telegram", holder=me, most=(0, 1, 0), now=NOW))

    def take_first(session: Session) -> int:
        taken = take(session, "a")
        first_has.set()
        second_has.wait(0.5)  # in vain when the second one waits for us, as it should
        return taken

    def take_second(session: Session) -> int:
        first_has.wait(5)
        taken = take(session, "b")
        second_has.set()
        return taken

    try:
        await database.transact(set_up)
        taken = await asyncio.gather(database.transact(take_first), database.transact(take_second))
    finally:
        database.close()
    assert sum(taken) == 1


async def test_what_is_no_longer_worth_saying_expires(database: Database, known: Catalogue) -> None:
    wire, night = Wire(), NIGHT + timedelta(days=2)
    desk = Desk(database, known, wire, now=night)
    await remind(database, known, night)
    await desk.until_quiet()

    await release(database, desk, night + timedelta(days=10))

    assert [row[0] for row in await database.read(unasked)] == ["expired"]
    assert wire.shown == []


async def test_after_an_outage_of_days_a_person_with_several_checklists_is_reminded_once(database: Database) -> None:
    two = catalogue(checklist(step("one"), name="start"), checklist(step("one"), name="more"))
    await database.transact(begin, two)
    wire, late = Wire(), NOW + timedelta(days=6, hours=1)
    for _ in range(3):
        await remind(database, two, late)
    desk = Desk(database, two, wire, now=late)
    await desk.until_quiet()

    assert len(wire.texts(str(DANA))) == 1


async def test_two_processes_ticking_at_once_after_an_outage_remind_everybody_once(
    database: Database, database_url: str
) -> None:
    known, people = content(), 30

    def crowd(session: Session) -> None:
        begin(session, known)
        acme = session.exec(select(Account)).one()
        from storage.tables import Chat, Enrolment

        for number in range(2, people + 1):
            account = Account(name=f"A{number}", created_at=NOW)
            session.add(account)
            session.flush()
            email = f"{number}@a.example"
            contact = Contact(account_id=account.id or 0, name="C", email=email, created_at=NOW, joined_at=NOW)
            session.add(contact)
            session.flush()
            session.add(Chat(address=f"telegram:{number}", contact_id=contact.id, last_heard_at=NOW))
            enrolment = Enrolment(account_id=account.id or 0, checklist="start", started_at=NOW, moved_at=NOW)
            session.add(enrolment)
            session.flush()
            about = f"checklist:{enrolment.id}"
            nudge = Nudge(contact_id=contact.id or 0, rule="stalled-step", about=about, due=NOW, since=NOW)
            session.add(nudge)
        assert acme.id

    await database.transact(crowd)
    late, other, wire = NOW + timedelta(days=3), Database(database_url), Wire()
    desks = [Desk(one, known, wire, holder=f"{n}", now=late) for n, one in enumerate((database, other))]
    try:
        await asyncio.gather(*(remind(one, known, late) for one in (database, other) for _ in range(3)))
        await asyncio.gather(*(desk.until_quiet() for desk in desks))
    finally:
        other.close()

    assert sorted(where for where, _, _ in wire.shown) == sorted(f"telegram:{n}" for n in range(1, people + 1))
