"""Several processes speak for one bot: whoever comes, goes or dies, together they keep to its limit."""

import asyncio
import random
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from core import leases
from core.events import Address
from scheduler.pacing import Limit, Limits, Pace
from scheduler.sharing import GOOD, RENEW, Share
from storage.database import Database
from tests.core.stage import sample
from tests.scheduler.loopback import Desk, Wire, posted, rows, until

LIMIT, WINDOW = 7, 1.0
NOW = datetime(2026, 11, 3, 10, tzinfo=UTC)


@dataclass
class Process:
    """Sends whenever it may. `table`: when each was last heard of."""

    name: str
    table: dict[str, float]
    looks_at: float
    share: Share = field(default_factory=Share)
    pace: Pace = field(default_factory=lambda: Pace(Limits(bot=Limit(LIMIT, WINDOW), private=None, group=None)))
    answers: list[float] = field(default_factory=list)
    blind_until: float = 0.0
    """The database does not answer it until then."""

    def begin(self) -> None:
        self.pace.share(None, 1, 0.0)

    def look(self, at: float) -> None:
        before = self.share.place, self.share.of
        if at < self.blind_until:
            self.share.in_vain(at)
        else:
            self.table[self.name] = at + 8
            present = sorted(name for name, until in self.table.items() if until > at)
            self.share.looked(present.index(self.name), len(present), at)
        if (self.share.place, self.share.of) != before:
            self.pace.share(self.share.place, self.share.of, at)
        self.looks_at = at + RENEW

    def live(self, at: float, chance: random.Random) -> list[float]:
        """What it sends in this moment: when each arrives."""
        for answer in [one for one in self.answers if one <= at]:
            self.answers.remove(answer)
            self.pace.answered(TO, answer)
        if at >= self.looks_at:
            self.look(at)
        arrivals = []
        while self.pace.wait(TO, at) <= 0:
            self.pace.take(TO)
            seconds = chance.random() * 0.2
            arrivals.append(at + seconds / 2)
            self.answers.append(at + seconds)
        return arrivals


TO = Address("telegram", "1")


@settings(max_examples=8)
@given(st.integers(0, 10**6))
def test_together_they_never_say_more_than_the_limit_and_after_a_while_all_of_it(seed: int) -> None:
    chance, table = random.Random(seed), dict[str, float]()
    living: list[Process] = []
    arrivals: list[float] = []
    for tick in range(600):
        at = tick / 10
        if at < 40 and chance.random() < 0.03 and len(living) < 4:
            living.append(Process(f"p{tick}", table, at))
            living[-1].begin()
        if at < 40 and living and chance.random() < 0.01:
            gone = living.pop(chance.randrange(len(living)))
            if chance.random() < 0.5:
                table.pop(gone.name, None)  # it said goodbye
        if living and chance.random() < 0.01:
            chance.choice(living).blind_until = at + chance.random() * 12
        for one in living:
            one.blind_until = min(one.blind_until, 40.0)
            arrivals += one.live(at, chance)

    arrivals.sort()
    for place, moment in enumerate(arrivals[LIMIT:], LIMIT):
        assert moment - arrivals[place - LIMIT] >= WINDOW - 0.2, f"more than {LIMIT} within {WINDOW} s"
    if living:
        busy = sum(54 <= moment < 59 for moment in arrivals) / 5
        assert busy >= LIMIT - 2.5, f"{busy} a second where {LIMIT} may go"


def test_the_parts_add_up_and_who_is_new_waits_until_all_have_seen_them() -> None:
    one, two = Share(), Share()
    one.looked(0, 1, 0.0)
    assert one.place == 0

    two.looked(1, 2, 1.0)
    assert two.place is None
    one.looked(0, 2, 2.0)
    two.looked(1, 2, 1.0 + GOOD - 2)
    two.looked(1, 2, 1.0 + GOOD)
    assert [one.place, two.place] == [0, 1]

    two.in_vain(1.0 + 2 * GOOD + 0.1)
    assert two.place is None


def test_those_present_are_counted_until_they_are_missed(database: Database) -> None:
    def look(holder: str, seconds: float) -> tuple[int, int]:
        return database.transact_now(leases.presence, "pace:telegram", holder, NOW + timedelta(seconds=seconds))

    assert look("a:1:1", 0) == (0, 1)
    assert look("b:1:1", 1) == (1, 2)
    assert look("a:1:1", 2) == (0, 2)
    assert look("b:1:1", 10.5) == (0, 1)
    database.transact_now(leases.drop, "pace:telegram:b:1:1", "b:1:1")
    assert look("a:1:1", 11) == (0, 1)


async def test_what_another_process_said_in_a_group_counts_against_its_limit(database: Database) -> None:
    limits = Limits(bot=Limit(30, 1.0), private=None, group=Limit(2, 60.0))
    wires = Wire(), Wire()
    desks = [Desk(database, sample(), wire, holder=f"{n}:1:1", limits=limits) for n, wire in enumerate(wires)]
    await database.transact(posted, "telegram:-5", ["a", "b"])
    await desks[0].until_quiet()  # alone, it says all that a minute allows

    await database.transact(posted, "telegram:-5", ["c"])
    await database.transact(posted, "telegram:1", ["elsewhere"])
    desks[1].courier.share(0, 2)
    running = asyncio.create_task(desks[1].courier.run())
    await until(lambda: wires[1].texts("telegram:1") == ["elsewhere"])
    await desks[1].courier.stop()
    await running

    assert wires[0].texts("telegram:-5") == ["a", "b"]
    assert wires[1].texts("telegram:-5") == []
    assert (await database.read(rows))[2].state == "queued"
