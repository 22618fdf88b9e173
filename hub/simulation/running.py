"""Turns the clock from one moment to the next at which something is due, and lets the real core and its people act."""

import heapq
import itertools
import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final, TypeAlias

from sqlalchemy import bindparam, or_, select
from sqlmodel import Session, col

from core import inbox
from core.claims import NEVER, Claimed, claim
from core.content.catalogue import Catalogue
from core.desk import desk
from core.due import next_dues
from core.events import Event, Introduced, MessengerName, Profile
from core.outbox import Unreachable, due_here, made_from
from core.receipts import Receipt
from core.settling import Settled, settle
from hub.clockwork import LOOK, next_look
from hub.simulation.books import Books
from hub.simulation.people import Cast
from hub.simulation.world import Chats, World, waits
from scheduler.jobs import JOBS, Job
from scheduler.ticker import MOST_RUNS
from storage.prepared import connected, fetch
from storage.tables import Decision
from storage.tables.ledger import ANSWER, MAILING, PROACTIVE
from storage.writing import write

log = logging.getLogger(__name__)

HOLDER: Final = "simulation"
MESSENGERS: Final[tuple[MessengerName, ...]] = ("telegram", "slack")
MANY: Final = 10_000
PROMPT: Final[Mapping[str, Sequence[str]]] = {
    "account": ("learn changed facts",),
    "delivery": ("release held",),
    "digest": ("digests",),
    "nudge": ("nudge",),
    "notice": ("remind of unread",),
}
"""By table, the jobs that its due moments are for; of any other table all jobs look."""
EVER: Final = frozenset({"nudge", "release held", "digests"})
"""These look whenever any does: a wish that changed makes theirs due in the past, which no look ahead finds."""
GRID: Final = timedelta(minutes=30)
"""They look at these moments, so that what is due at nearly the same time is one look."""

Act: TypeAlias = Callable[[], None]


@dataclass(slots=True)
class Stage:
    """One run: the world, who plays in it, what is said by which content, and what was written down."""

    world: World
    chats: Chats
    cast: Cast
    catalogue: Catalogue
    books: Books
    jobs: tuple[Job, ...] = JOBS
    seen: Callable[[Claimed, str], None] = lambda _one, _message: None
    """Hears of every card that was shown, and under which message: how people come to answer."""
    _acts: list[tuple[datetime, int, Act]] = field(default_factory=list)
    _numbers: "itertools.count[int]" = field(default_factory=itertools.count)
    _dues: Mapping[str, datetime] = field(default_factory=dict)
    """By table, what is due first since the jobs looked last."""
    _ticked_at: datetime = NEVER
    _looked_at: datetime = NEVER
    """When all of the jobs looked last, and not those alone that something was due for."""
    _tick_at: datetime = NEVER

    @property
    def now(self) -> datetime:
        return self.world.now

    def key(self) -> str:
        """Of the next event, as a messenger would give it."""
        return f"sim:{next(self._numbers)}"

    def at(self, moment: datetime, act: Act) -> None:
        heapq.heappush(self._acts, (max(moment, self.now), next(self._numbers), act))

    def run(self, until: datetime, tell: Callable[[datetime], None] = lambda _now: None) -> None:
        """Play until then. `tell` hears the time whenever it has gone on."""
        self._tick(self.jobs)
        while (moment := self._next()) <= until:
            self.world.now = moment
            tell(moment)
            acted = False
            while self._acts and self._acts[0][0] <= self.now:
                heapq.heappop(self._acts)[2]()
                acted = True
            if self._tick_at <= self.now:
                self._tick(self._wanted())
            elif acted:
                self._plan_tick()
        self.world.now = until

    def _next(self) -> datetime:
        return min(self._acts[0][0], self._tick_at) if self._acts else self._tick_at

    def _wanted(self) -> Sequence[Job]:
        """The jobs to look now: all of them now and then, and when something is due of which we do not know whose."""
        due = {table for table, moment in self._dues.items() if moment <= self.now}
        if self._looked_at + LOOK <= self.now or not due <= PROMPT.keys():
            return self.jobs
        names = {name for table in due for name in PROMPT[table]} | EVER
        return [job for job in self.jobs if job.name in names]

    def _tick(self, jobs: Sequence[Job]) -> None:
        """These jobs look around, and what became due goes out."""
        self._ticked_at = self.now
        if jobs is self.jobs:
            self._looked_at = self.now
        try:
            self.world.transact(self._work_all, jobs)
        except Exception:  # noqa: BLE001 - told and counted below, where each job is by itself
            for job in jobs:
                self._work_alone(job)
            self.deliver()
        self._plan_tick()

    def _work_all(self, session: Session, jobs: Sequence[Job]) -> None:
        """All in one transaction: most find nothing, and a commit for each would take most of the time."""
        for job in jobs:
            _work(session, job, self.catalogue, self.now)
            write(session)
            session.expunge_all()
        self._bring(session, MESSENGERS)

    def _work_alone(self, job: Job) -> None:
        try:
            self.world.transact(_work, job, self.catalogue, self.now)
        except Exception:
            # As in the ticker: one job's fault must not stop the others. It is counted and told.
            log.exception("job failed", extra={"job": job.name})
            self.books.faults += 1

    def _plan_tick(self) -> None:
        """The jobs look again when something is due, and now and then though nothing is."""
        due = min(self._dues.values(), default=None)
        self._tick_at = next_look(due, self._looked_at, self.now, GRID)

    # What people hear and do

    def hear(self, event: Event) -> None:
        """Somebody did something; the answers are there at once."""
        try:
            receipt = self.world.transact(self._receive, event)
        except Exception:
            # As at the hub's own door: what cannot be decided is kept, and the play goes on.
            log.exception("event failed", extra={"key": event.key, "event": type(event).__name__})
            self.books.faults += 1
            self.world.transact(inbox.keep_failed, self.catalogue, event, self.now)
            self.deliver()
            return
        person = self.cast.by_address.get(str(event.sender))
        if receipt.introduce and person is not None:  # as the listener does: Slack is asked who this is
            profile = Profile(person.name, person.email)
            self.hear(Introduced(key=f"who:{event.key}", sender=event.sender, chat=event.chat, profile=profile))

    def _receive(self, session: Session, event: Event) -> Receipt:
        receipt = inbox.receive(session, self.catalogue, event, self.now)
        due = dict.fromkeys(messenger for messenger, _ in due_here(session))
        self._bring(session, [messenger for messenger in MESSENGERS if messenger in due])
        return receipt

    def deliver(self) -> None:
        """Bring everything that may be said now to its chat."""
        self.world.transact(self._bring, MESSENGERS)

    def _bring(self, session: Session, messengers: Sequence[MessengerName]) -> None:
        """Claim, show and settle, until nothing more is due: as couriers do, with a wire that takes no time."""
        for messenger in messengers:
            write(session)
            session.expunge_all()
            while taken := self._claim(session, messenger):
                done = [self._send(one) for one in taken]
                for chat in settle(session, holder=HOLDER, done=done, now=self.now):
                    made_from(session, self.catalogue)
                    desk.tell_unreachable(session, self.catalogue, chat, self.now)
                write(session)
                session.expunge_all()
        self._dues = next_dues(session, self._ticked_at)

    def _claim(self, session: Session, messenger: MessengerName) -> list[Claimed]:
        lanes = waits(session, messenger, self.now)
        if not lanes:
            return []
        most = [MANY if lane in lanes else 0 for lane in (ANSWER, PROACTIVE, MAILING)]
        taken = claim(session, self.catalogue, messenger=messenger, holder=HOLDER, most=most, now=self.now)
        for one in taken:
            if one.is_unasked:
                self._note_unasked(session, one)
        return taken

    def _note_unasked(self, session: Session, one: Claimed) -> None:
        person = self.cast.by_address.get(str(one.address))
        if person is None:
            return
        told = fetch(connected(session), _RULES, {"contact": person.contact_id, "delivery": one.id})
        own = next((rule for rule, delivery in told if delivery == one.id), one.kind)
        merged = tuple(rule for rule, delivery in told if delivery != one.id)
        self.books.unasked(session, self.catalogue, person, one, own, merged, self.now)

    def _send(self, one: Claimed) -> Settled:
        try:
            message = self.chats.send(one)
        except Unreachable as gone:
            self.books.refused(one.id)
            return Settled(one.id, "unreachable", gone.why)
        self.books.shown(self.cast, one, self.now)
        self.seen(one, message)
        return Settled(one.id, "accepted", message_id=message)


_RULES: Final = (
    select(col(Decision.rule), col(Decision.delivery_id))
    .where(col(Decision.contact_id) == bindparam("contact"))
    .where(or_(col(Decision.delivery_id) == bindparam("delivery"), col(Decision.merged_into) == bindparam("delivery")))
    .order_by(col(Decision.id))
)


def _work(session: Session, job: Job, catalogue: Catalogue, now: datetime) -> None:
    for _ in range(MOST_RUNS):
        made_from(session, catalogue)
        if not job.work(session, catalogue, HOLDER, now):
            return
