"""A run from its draft to its end, as the engine sees it: planned, fed, claimed, judged, counted, finished."""

from datetime import datetime, timedelta

from sqlmodel import Session, select

from core.claims import claim
from core.mailings.counting import counts
from core.mailings.tending import tend
from core.settling import Settled, settle
from storage.database import Database
from storage.tables import Mailing
from tests.core.stage import sample
from tests.mailings.populace import NOW, by_hand, news, send, settle_in

LATER = NOW + timedelta(minutes=2)


def _deliver(session: Session, now: datetime = LATER, most: int = 100) -> list[str]:
    claimed = claim(session, sample(), messenger="telegram", holder="me", most=(0, 0, most), now=now)
    done = [Settled(one.id, "accepted", message_id=f"m{one.id}") for one in claimed]
    settle(session, holder="me", done=done, now=now)
    return [f"{one.address} {one.card.title}: {one.card.text}" for one in claimed]


def test_a_run_from_its_draft_to_its_end(database: Database) -> None:
    with Session(database.engine) as session:
        settle_in(session, 250)
        number = send(session, sample(), news(), NOW)
        assert tend(session, sample(), NOW) == 0
        assert tend(session, sample(), LATER) > 0
        seen: list[str] = []
        for _ in range(10):
            assert dict(counts(session, number).by_state) == by_hand(session, number)
            seen += _deliver(session)
            tend(session, sample(), LATER)
        assert len(seen) == len(set(seen)) == 250
        assert "telegram:1007 New prices: Hello Dana7, from January all is new." in seen
        mailing = session.exec(select(Mailing)).one()
        assert mailing.state == "finished"
        assert dict(counts(session, number).by_state) == {"accepted": 250}
