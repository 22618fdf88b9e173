"""A run from its draft to its end, as the engine sees it: planned, fed, claimed, judged, counted, finished."""

from dataclasses import replace
from datetime import datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import create_engine, delete, text
from sqlmodel import Session, SQLModel, col, select

from core.claims import claim
from core.mailings import running
from core.mailings.counting import STATES, counts
from core.mailings.omitting import keep_back
from core.mailings.tending import tend
from core.settling import Settled, settle
from storage.database import Database
from storage.tables import Csm, Delivery, Mailing
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


_DEEDS = (
    "tend",
    "claim",
    "accept",
    "fail",
    "block",
    "lose",
    "pause",
    "resume",
    "retry",
    "hold",
    "erase",
    "later",
    "cancel",
)


@settings(max_examples=12)
@given(st.lists(st.tuples(st.sampled_from(_DEEDS), st.integers(1, 12)), max_size=30), st.integers(0, 40))
def test_the_counts_are_what_counting_anew_would_find_whatever_happened(
    deeds: list[tuple[str, int]], canary: int
) -> None:
    engine = create_engine("sqlite://")
    SQLModel.metadata.create_all(engine)
    with Session(engine) as session:
        settle_in(session, 40)
        session.add(Csm(id=1, email="ann@relay.example"))
        number = send(session, sample(), news(canary=canary), NOW)
        now, in_hand = LATER, list[int]()
        tend(session, sample(), now)
        for deed, many in deeds:
            now += timedelta(minutes=many) if deed == "later" else timedelta(seconds=1)
            in_hand = _do(session, number, deed, many, in_hand, now)
            told, true = counts(session, number), by_hand(session, number)
            assert {state: told[state] for state in STATES if told[state]} == true
            assert all(count > 0 for found in told.by_reason.values() for count in found.values())


def _do(session: Session, number: int, deed: str, many: int, in_hand: list[int], now: datetime) -> list[int]:
    """One of the things that happen to a mailing. Returns what the courier has in its hands then."""
    outcomes = {
        "accept": Settled(0, "accepted", message_id="m"),
        "fail": Settled(0, "failed", "no: because"),
        "block": Settled(0, "unreachable", "blocked"),
        "lose": Settled(0, "uncertain"),
    }
    if deed in outcomes:
        settle(session, holder="me", done=[replace(outcomes[deed], id=one) for one in in_hand[:many]], now=now)
        return in_hand[many:]
    match deed:
        case "claim":
            claimed = claim(session, sample(), messenger="telegram", holder="me", most=(0, 0, many), now=now)
            return in_hand + [one.id for one in claimed]
        case "pause":
            running.pause(session, number)
        case "resume":
            running.resume(session, number)
        case "retry":
            running.retry(session, number, "failed" if many % 2 else "uncertain", now)
        case "hold":
            keep_back(session, number, many, 1, now)
        case "erase":
            session.execute(delete(Delivery).where(col(Delivery.contact_id) == many, col(Delivery.state) != "sending"))
        case "cancel" if many > 8:
            running.cancel(session, number, now)
        case _:
            tend(session, sample(), now)
    return in_hand


def test_the_triggers_of_the_migrations_are_those_of_the_tables(sqlite_url: str) -> None:
    def triggers(url: str, *, make: bool = False) -> list[str]:
        engine = create_engine(url)
        with Session(engine) as session:
            if make:
                SQLModel.metadata.create_all(session.connection())
            found = session.execute(text("SELECT sql FROM sqlite_master WHERE type = 'trigger' ORDER BY name"))
            return [" ".join(sql.split()) for (sql,) in found]

    assert triggers(sqlite_url) == triggers("sqlite://", make=True) != []
