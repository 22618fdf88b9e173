"""The laws of attention, for any people, wishes and habits: some weeks are lived through, then looked at."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, time, timedelta
from functools import cache

from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine
from sqlmodel import Session, SQLModel, col, create_engine, select

from core.actions import ShowHome
from core.attention.caps import DAY, WEEK
from core.attention.preferences import caps_of, hours_of
from core.attention.proposals import Proposal, Why, propose
from core.attention.quiet import quiet_until
from core.cards import Card
from core.claims import claim
from core.codec import read_card
from core.content.catalogue import Cadence, Catalogue, Rules
from core.digests.crowd import person_of
from core.digests.rhythm import next_digest
from core.outbox import cancel_waiting
from core.people.accounts import member
from core.recovery import release_held
from core.settling import Settled, settle
from storage.tables import Account, Chat, Contact, Decision, Delivery
from tests.core.stage import sample

START = datetime(2026, 11, 2, tzinfo=UTC)
DAYS = 150
PACES: tuple[Cadence, ...] = ("instant", "instant", "daily", "weekly")
ZONES = ("UTC", "Asia/Kathmandu", "Pacific/Kiritimati", "Etc/GMT+12", "America/New_York")


@dataclass(frozen=True, slots=True)
class Wish:
    """Somebody's wish to say something: to whom (0 or 1), when, of what sort."""

    to: int
    hour: int
    """After the start."""
    worth: int
    kind: str
    mandatory: bool
    merges: bool
    lasts: int
    """Hours; 0: for ever."""
    done: int
    """Its reason goes so many hours later; 0: never."""


@dataclass(frozen=True, slots=True)
class Life:
    rules: Rules
    zones: tuple[str, str]
    wishes: tuple[Wish, ...]
    silent: tuple[int, int]
    """The first one asks for silence at this hour, for so many hours."""
    down: tuple[int, int]
    """From this hour on the messenger asks for patience, for so many hours: what was merged has to wait."""


wishes = st.builds(
    Wish,
    to=st.integers(0, 1),
    hour=st.integers(0, 14 * 24),
    worth=st.integers(0, 100),
    kind=st.sampled_from(("nudge", "update", "digest")),
    mandatory=st.booleans(),
    merges=st.booleans(),
    lasts=st.sampled_from((0, 0, 6, 48)),
    done=st.sampled_from((0, 0, 0, 1, 30)),
)


@st.composite
def rules(draw: st.DrawFn) -> Rules:
    per_day = draw(st.integers(1, 3))
    return Rules(
        "V",
        quiet_from=time(draw(st.integers(15, 23))),
        quiet_until=time(draw(st.integers(6, 11))),
        quiet_weekdays=tuple(draw(st.sets(st.integers(0, 6), max_size=3))),
        most_per_day=per_day,
        most_per_week=draw(st.integers(per_day, 7)),
        most_per_week_of=draw(st.dictionaries(st.sampled_from(("nudge", "update")), st.integers(2, 5))),
        topics={"tips": draw(st.sampled_from(PACES))},
    )


lives = st.builds(
    Life,
    rules=rules(),
    zones=st.tuples(st.sampled_from(ZONES), st.sampled_from(ZONES)),
    wishes=st.lists(wishes, max_size=10).map(tuple),
    silent=st.tuples(st.integers(0, 7 * 24), st.integers(0, 72)),
    down=st.tuples(st.integers(0, 7 * 24), st.sampled_from((0, 0, 30, 90))),
)


def live(life: Life, look: Callable[[Session, Catalogue], None]) -> list[tuple[datetime, int, str]]:
    """Live through the days from one moment that matters to the next. Returns what was said: (when, to whom, which)."""
    content = replace(sample(), rules=life.rules)
    said: list[tuple[datetime, int, str]] = []
    with Session(_engine()) as session:
        for number, zone in enumerate(life.zones):
            _person(session, number, zone)
        now: datetime | None = START
        while now is not None and now < START + timedelta(days=DAYS):
            if now == START + timedelta(hours=life.silent[0]):
                session.get_one(Contact, 1).silent_until = now + timedelta(hours=life.silent[1])
            for number, wish in enumerate(life.wishes):
                if now == START + timedelta(hours=wish.hour):
                    _propose(session, content, number, wish, now)
                if wish.done and now == START + timedelta(hours=wish.hour + wish.done):
                    cancel_waiting(session, subject=str(number), contact_id=wish.to + 1, reason="done", now=now)
            release_held(session, now)
            while taken := claim(session, content, messenger="telegram", holder="me", most=(0, 9, 0), now=now):
                up = _up_again(life, now)
                for one in taken if up is None else ():
                    said.append((now, int(str(one.address)[-1]), session.get_one(Delivery, one.id).key))
                done = [
                    Settled(one.id, "accepted", message_id="m")
                    if up is None
                    else Settled(one.id, "queued", retry_at=up, counts=False)
                    for one in taken
                ]
                settle(session, holder="me", done=done, now=now)
                session.expire_all()
            now = _next(session, life, now)
        look(session, content)
        session.rollback()  # the next life begins with nobody
    return said


@cache
def _engine() -> Engine:
    engine = create_engine("sqlite://")
    SQLModel.metadata.create_all(engine)
    return engine


def _up_again(life: Life, now: datetime) -> datetime | None:
    """When the messenger takes messages again; None: it does."""
    begins, ends = (START + timedelta(hours=hour) for hour in (life.down[0], sum(life.down)))
    return ends if begins <= now < ends else None


def _next(session: Session, life: Life, now: datetime) -> datetime | None:
    """When something happens next; None: nothing will."""
    moments = [
        START + timedelta(hours=hour)
        for hour in (life.silent[0], *(wish.hour + more for wish in life.wishes for more in (0, wish.done)))
    ]
    due = session.exec(select(Delivery.due).where(col(Delivery.state).in_(("queued", "held")))).all()
    return min((moment for moment in [*moments, *due] if moment > now), default=None)


def _person(session: Session, number: int, zone: str) -> None:
    session.add(Account(id=number + 1, name=f"Account {number}", timezone=zone, created_at=START))
    session.add(Contact(id=number + 1, account_id=number + 1, name="P", email=f"{number}@a.example", created_at=START))
    session.add(Chat(address=f"telegram:{number}", contact_id=number + 1, last_heard_at=START))
    session.flush()


def _propose(session: Session, content: Catalogue, number: int, wish: Wish, now: datetime) -> None:
    proposal = Proposal(
        key=str(number),
        kind=wish.kind,
        topic="tips",
        card=Card(f"Text {number}"),
        headline=f"Line {number}" if wish.merges else "",
        opens=ShowHome(),
        why=Why("test", {}),
        worth=wish.worth,
        mandatory=wish.mandatory,
        expires_at=now + timedelta(hours=wish.lasts) if wish.lasts else None,
        subject=str(number),
    )
    propose(session, content, member(session, content, session.get_one(Contact, wish.to + 1)), proposal, now)


def nothing(_session: Session, _content: Catalogue) -> None:
    """Nothing is to be looked at."""


@settings(max_examples=12)
@given(lives)
def test_nobody_is_ever_spoken_to_in_quiet_hours_or_while_they_asked_for_silence(life: Life) -> None:
    calm: list[bool] = []

    def look(session: Session, content: Catalogue) -> None:
        for moment, person, key in said:
            who = member(session, content, session.get_one(Contact, person + 1))
            calm.append(quiet_until(hours_of(session, content.rules, who), moment, who.zone) is None)
            begins = START + timedelta(hours=life.silent[0])
            asked = person == 0 and begins <= moment < begins + timedelta(hours=life.silent[1])
            calm.append(not asked or life.wishes[int(key)].mandatory)

    said = live(life, nothing)
    live(life, look)

    assert all(calm)


@settings(max_examples=12)
@given(lives)
def test_nobody_ever_hears_more_than_the_caps_allow(life: Life) -> None:
    caps = caps_of(life.rules)

    said = live(life, nothing)

    for moment, person, key in said:
        kind = life.wishes[int(key)].kind
        theirs = [(at, life.wishes[int(other)].kind) for at, to, other in said if to == person]
        assert sum(moment - DAY < at <= moment for at, _ in theirs) <= caps.per_day
        assert sum(moment - WEEK < at <= moment for at, _ in theirs) <= caps.per_week
        most = caps.per_week_of.get(kind, caps.per_week)
        assert sum(moment - WEEK < at <= moment and sort == kind for at, sort in theirs) <= most


@settings(max_examples=12)
@given(lives)
def test_what_does_not_expire_is_said_by_itself_or_with_another_and_the_rest_has_its_reason(life: Life) -> None:
    left: list[tuple[str, str | None]] = []
    lost: list[str] = []

    def look(session: Session, _content: Catalogue) -> None:
        for row in session.exec(select(Delivery).where(col(Delivery.state) != "accepted")).all():
            carried = session.exec(select(Decision).where(Decision.key == row.key)).one().merged_into
            carrier = session.get_one(Delivery, carried) if carried is not None else None
            said = carrier is not None and carrier.state == "accepted"
            whole = said and carrier is not None and f"Line {row.key}" in read_card(carrier.card).text
            if row.reason == "left to the digest":
                assert life.wishes[int(row.key)].kind == "update"
                assert life.rules.topics["tips"] != "instant"
                continue
            left.append((row.state, row.reason))
            wish = life.wishes[int(row.key)]
            if not whole and not wish.lasts and row.reason != "done":
                lost.append(row.key)

    live(life, look)

    assert lost == []
    assert all(one in {("cancelled", "merged"), ("cancelled", "done"), ("expired", "expired")} for one in left)


@settings(max_examples=12)
@given(lives)
def test_what_people_want_in_a_digest_is_not_said_before_its_hour(life: Life) -> None:
    early: list[str] = []

    def look(session: Session, content: Catalogue) -> None:
        for moment, _, key in said:
            wish = life.wishes[int(key)]
            who = member(session, content, session.get_one(Contact, wish.to + 1))
            pace = life.rules.topics["tips"]
            if pace in ("daily", "weekly") and not wish.mandatory and wish.kind != "digest":
                proposed = START + timedelta(hours=wish.hour)
                waits = next_digest(person_of(session, content, who).rhythm, pace, proposed)
                if moment < waits:
                    early.append(key)

    said = live(life, nothing)
    live(life, look)

    assert early == []


@settings(max_examples=4)
@given(lives)
def test_the_same_life_is_told_the_same_things_at_the_same_moments(life: Life) -> None:
    assert live(life, nothing) == live(life, nothing)
