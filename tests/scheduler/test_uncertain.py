"""What nobody knows the fate of: listed for a person, sent again once by hand, and never by itself."""

from datetime import timedelta

import pytest
from sqlmodel import Session, select

from core.actions import Resend, pack
from core.outbox import Uncertain
from core.recovery import recover
from core.uncertain import send_again, waiting
from storage.database import Database
from storage.tables import Delivery
from tests.core.stage import Stage, checklist, stage, step
from tests.promises.lives import begin, content
from tests.scheduler.loopback import NOW, Desk, Wire, posted

DANA, ANN = "telegram:1", "slack:T0/ANN"


@pytest.mark.parametrize("lane", [1, 2])
async def test_what_nobody_asked_for_is_listed_and_sent_again_once_by_hand(database: Database, lane: int) -> None:
    known, wire = content(), Wire()
    await database.transact(begin, known)
    wire.meets[DANA] = [Uncertain()]
    await database.transact(posted, DANA, ["news"], lane, contact_id=1)
    desk = Desk(database, known, wire)
    await desk.until_quiet()
    await desk.turn(hours=1)
    assert wire.shown == []

    listed = await database.read(waiting)
    assert [row.kind for row in listed] == ["test"]
    assert await database.transact(send_again, listed[0].id or 0, desk.now)
    await desk.turn(hours=26)

    assert wire.texts(DANA) == ["news"]
    assert not await database.transact(send_again, listed[0].id or 0, desk.now)
    assert await database.read(waiting) == []


async def test_what_a_dead_process_had_in_hand_is_sent_again_or_listed(database: Database) -> None:
    """Answers again, in their order; what must not be said twice waits for a person."""

    def in_hand(session: Session) -> None:
        posted(session, DANA, ["answer"])
        posted(session, "telegram:2", ["reply"], repeatable=False)
        for row in session.exec(select(Delivery)).all():
            row.state, row.leased_by, row.leased_until, row.attempts = "sending", "dead", NOW, 1

    await database.transact(in_hand)
    later = NOW + timedelta(minutes=5)
    assert await database.transact(recover, holder="dead", now=later) == 0  # one's own are not lost
    assert await database.transact(recover, holder="me", now=NOW - timedelta(seconds=1)) == 0  # nor are living ones'
    assert await database.transact(recover, holder="me", now=later) == 2
    wire = Wire()

    await Desk(database, content(), wire, now=later).until_quiet()

    assert wire.shown == [(DANA, "answer", None)]
    assert [row.address for row in await database.read(waiting)] == ["telegram:2"]


def acme() -> Stage:
    place = stage(checklist(step("one")))
    place.person(place.account(csm=place.csm()), "Dana", DANA)
    posted(place.session, DANA, ["reply"], repeatable=False)
    row = place.session.exec(select(Delivery)).one()
    row.state, row.reason = "uncertain", "answer lost"
    place.session.flush()
    return place


def test_a_csm_sends_it_again_by_a_button_and_a_client_cannot() -> None:
    place = acme()

    place.press(DANA, pack(Resend(1)))
    assert len(waiting(place.session)) == 1

    place.press(ANN, pack(Resend(1)))
    assert waiting(place.session) == []
    assert "reply" in [card.text for card in place.cards(DANA)]

    receipt = place.press(ANN, pack(Resend(1)))
    assert "earlier time" in receipt.toast
