"""What happens around the feed: silence is noticed, old events go, files are imported, tokens are looked after."""

import itertools
import random
from collections.abc import Iterator
from datetime import timedelta
from hashlib import sha256

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlmodel import Session, SQLModel, create_engine, select

from core.campaigns.accepting import Accepted, Announcement, Revoked, accept, announce
from core.campaigns.campaigns_file import COLUMNS, is_about_campaigns, read_campaigns
from core.campaigns.forgetting import forget_events
from core.campaigns.happenings import FATES, Fate, Happening, hashed
from core.campaigns.importing import Imported, import_campaigns
from core.campaigns.listing import listed
from core.campaigns.silence import listen
from core.campaigns.tokens import NameTaken, NoSuchIntegration, caller, create, of_files, revoke
from core.people.people_file import BadFile
from storage.database import Database
from storage.tables import Account, Campaign, CampaignEvent, Integration
from tests.campaigns.conftest import Sender
from tests.campaigns.desk import NOW

ANN = "slack:T0/ANN"
PATIENCE = timedelta(minutes=30)


def test_a_feed_that_falls_silent_is_told_once_and_again_when_it_is_back(sender: Sender) -> None:
    sender.announce()
    sender.tell(Happening("go", "started", sender.now))
    sender.look()
    hours = timedelta(hours=sender.content.rules.feed_silent_after)
    early = listen(sender.session, sender.content, sender.now + hours - timedelta(minutes=1))
    sender.now += hours
    sender.look()
    told = [listen(sender.session, sender.content, sender.now) for _ in range(2)]
    sender.deliver()
    silent = sender.last(ANN).text
    sender.now += timedelta(minutes=5)
    sender.tell(Happening("on", "sent", sender.now, "r"))
    back = [listen(sender.session, sender.content, sender.now) for _ in range(2)]
    sender.deliver()

    assert (early, told, back) == (0, [1, 0], [1, 0])
    assert "Postino has gone silent" in silent
    assert "1 campaign is running" in silent
    assert len(sender.cards(ANN)) == 1
    assert "Postino is heard again" in sender.last(ANN).text


def test_a_feed_whose_campaigns_are_over_may_be_silent(sender: Sender) -> None:
    sender.announce()
    sender.tell(Happening("go", "started", sender.now), Happening("end", "finished", sender.now))
    sender.look()

    assert listen(sender.session, sender.content, sender.now + timedelta(days=2)) == 0


def test_old_events_and_campaigns_nobody_announced_are_let_go_and_counts_stay(database: Database) -> None:
    def tell(session: Session) -> None:
        session.add(Account(name="Acme", created_at=NOW))
        session.flush()
        who = caller(session, create(session, "Postino", ["campaigns:write"], NOW).token)
        assert who is not None
        for day in (30, 20, 5, 0):
            came = NOW - timedelta(days=day)
            accept(session, who, [("spring", Happening(f"e{day}", "sent", came, f"r{day}"))], came)
        import_campaigns(session, read_campaigns("campaign,account,title\nautumn,Acme,Autumn\n", "UTC"), NOW)

    def left(session: Session) -> tuple[list[str], list[tuple[str, int]]]:
        keys = sorted(session.exec(select(CampaignEvent.key)).all())
        return keys, sorted((one.name, one.sent) for one in session.exec(select(Campaign)).all())

    database.transact_now(tell)
    gone = database.transact_now(forget_events, NOW + timedelta(days=12))
    after, campaigns = database.transact_now(left)
    database.transact_now(forget_events, NOW + timedelta(days=32))
    at_last = database.transact_now(left)

    assert (gone, after) == (2, ["e0", "e5"])
    assert campaigns == [("autumn", 0), ("spring", 4)]
    assert at_last == ([], [("autumn", 0)])


FILE = (
    "campaign;account;title;channel;total;scheduled;started;sent;delivered\n"
    "spring;acme;Spring sale;email;1000;;2026-11-03 10:00;{sent};390\n"
    "autumn;Cinder;Autumn;push;;2026-12-01T09:00:00Z;;;\n"
)


def test_a_file_of_campaigns_is_read_again_and_counts_only_grow(sender: Sender) -> None:
    done = [
        import_campaigns(sender.session, read_campaigns(FILE.format(sent=sent), "Europe/Berlin"), sender.now)
        for sent in (400, 300, 500)
    ]
    spring = sender.campaign()

    assert done == [Imported(2, 2), Imported(2, 0), Imported(2, 0)]
    assert (spring.sent, spring.delivered, spring.total) == (500, 390, 1000)
    assert spring.started_at is not None
    assert spring.started_at.isoformat() == "2026-11-03T09:00:00+00:00"
    lines = listed(sender.session, None, 10, sender.now, PATIENCE)
    assert lines[0].startswith("csv:autumn  Cinder  Autumn  scheduled  0  nothing counted")
    assert lines[1].startswith("csv:spring  Acme  Spring sale  sending  500/1000 (50 %)  sent 500, delivered 390")
    assert listed(sender.session, "Cinder", 10, sender.now, PATIENCE, running=True) == []


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("campaign,account\nspring,Acme\n", "line 1: the column title is missing"),
        ("campaign,account,titel\n", "line 1: the column 'titel' is unknown; did you mean 'title'?"),
        ("campaign,account,title\n", "line 1: there is no campaign in the file"),
        ("campaign,account,title\nspring,Acme\n", "line 2: 2 cells where the header has 3"),
        ("campaign,account,title\nspring,Acme,\n", "line 2: title is empty"),
        ("campaign,account,title,sent\nspring,Acme,Spring,-1\n", "line 2: sent '-1' is no whole number"),
        ("campaign,account,title,started\nspring,Acme,Spring,soon\n", "line 2: started 'soon' is no moment"),
        ("campaign,account,title,url\nspring,Acme,Spring,x\n", "line 2: url 'x' is no public address"),
        ("campaign,account,title\na,Acme,A\na,Acme,A\n", "line 3: a stands in the file twice"),
        ("campaign,account,title\na,Nobody,A\n", "line 2: no account is called 'Nobody'"),
    ],
)
def test_a_bad_row_is_named_and_nothing_is_written(sender: Sender, text: str, problem: str) -> None:
    with pytest.raises(BadFile) as bad:
        import_campaigns(sender.session, read_campaigns(text, "UTC"), sender.now)

    assert problem in str(bad.value)


@given(st.text(st.sampled_from('campign,;\n" 0x\x00\ufeff'), max_size=60), st.booleans())
@settings(max_examples=30)
def test_any_text_is_a_file_or_has_a_problem(text: str, headed: bool) -> None:
    text = f"{','.join(COLUMNS)}\n{text}" if headed else text
    is_about_campaigns(text)
    try:
        rows = read_campaigns(text, "UTC")
    except BadFile as bad:
        rows = []
        found = list(bad.problems)
    else:
        found = []

    assert bool(rows) != bool(found)


@pytest.fixture
def session(database: Database) -> Iterator[Session]:
    with Session(database.engine) as one:
        yield one


def test_a_token_is_kept_as_a_hash_and_taken_back(session: Session) -> None:
    granted = create(session, "Postino", ["campaigns:write"], NOW, signed=True)
    row = session.exec(select(Integration)).one()
    known = caller(session, granted.token)
    with pytest.raises(NameTaken):
        create(session, "Postino", ["campaigns:write"], NOW)
    revoke(session, "Postino", NOW)
    forgotten = caller(session, granted.token)
    again = create(session, "Postino", ["signals:write"], NOW)
    with pytest.raises(NoSuchIntegration):
        revoke(session, "Nobody", NOW)
    of_files(session, NOW)
    with pytest.raises(NoSuchIntegration):
        revoke(session, "csv", NOW)

    assert known is not None
    assert (known.name, known.scopes) == ("Postino", frozenset({"campaigns:write"}))
    assert row.token_hash == sha256(again.token.encode()).hexdigest()
    assert granted.signing_key != granted.token
    assert len(granted.token) >= 4 + 43
    assert forgotten is None
    assert session.exec(select(Integration.id).where(Integration.name == "Postino")).one() == known.id


def test_what_was_being_read_when_its_token_was_revoked_is_not_kept(sender: Sender) -> None:
    revoke(sender.session, "Postino", sender.now)

    with pytest.raises(Revoked):
        sender.tell(Happening("go", "started", sender.now))


def test_however_events_come_each_person_counts_once() -> None:
    engine = create_engine("sqlite://")
    SQLModel.metadata.create_all(engine)
    session = Session(engine)
    session.add(Account(name="Acme", created_at=NOW))
    who = caller(session, create(session, "Postino", ["campaigns:write"], NOW).token)
    assert who is not None
    campaigns = (f"c{number}" for number in itertools.count())
    told = st.tuples(st.sampled_from(FATES), st.integers(0, 5), st.integers(0, 2))

    @given(st.lists(told, max_size=30), st.lists(st.integers(0, 30), max_size=4), st.randoms(use_true_random=False))
    @settings(max_examples=20)
    def counts(events: list[tuple[Fate, int, int]], cuts: list[int], chance: random.Random) -> None:
        name = next(campaigns)
        happened = [Happening(f"{name}-{one}", one[0], NOW, hashed(str(one[1]))) for one in events]
        batches = [happened[first:last] for first, last in itertools.pairwise([0, *sorted(cuts), None])]
        batches += [chance.sample(happened, len(happened))]
        kept = 0
        for number, batch in enumerate(chance.sample(batches, len(batches))):
            if number == len(cuts) // 2:
                announce(session, who, Announcement(name, "Acme", name, "push", total=3), NOW)
            kept += accept(session, who, [(name, one) for one in batch], NOW).accepted
        campaign = session.exec(select(Campaign).where(Campaign.name == name)).one()

        people = {(kind, person) for kind, person, _ in events}
        assert kept == len(people)
        assert {fate: getattr(campaign, fate) for fate in FATES} == {
            fate: sum(kind == fate for kind, _ in people) for fate in FATES
        }

    counts()
    session.close()
    engine.dispose()


def test_a_key_twice_in_one_batch_counts_once(sender: Sender) -> None:
    sender.announce()
    twice = [Happening("a", "opened", sender.now, hashed("x")), Happening("a", "clicked", sender.now, hashed("x"))]
    first, second = sender.tell(*twice), sender.tell(*twice)

    assert (first, second) == (Accepted(1, 1), Accepted(0, 2))
    assert (sender.campaign().opened, sender.campaign().clicked) == (1, 0)
