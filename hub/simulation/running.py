"""Turns the clock from one moment to the next at which something is due, and lets the real core and its people act."""

import heapq
import itertools
import logging
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from random import Random
from typing import Final, TypeAlias

from sqlmodel import Session, select

from core import inbox
from core.actions import Choose, SkipBecause, StepAnswer, StepSkip, StepStuck, unpack
from core.claims import NEVER, Claimed, claim
from core.content.catalogue import Asked, Catalogue
from core.desk import desk
from core.events import Address, Arrived, Commanded, Event, File, Left, MessengerName, Profile, Said, Shared, Tapped
from core.outbox import Unreachable, due_here, made_from
from core.people.accounts import local
from core.people.invitations import invite
from core.settling import Settled, settle
from core.signals import record
from hub.simulation.books import Books
from hub.simulation.people import Cast, Person
from hub.simulation.personas import SAYINGS, chosen
from hub.simulation.world import Chats, World
from scheduler.jobs import JOBS, Job
from scheduler.ticker import MOST_RUNS
from storage.tables import Decision
from storage.tables.ledger import ANSWER
from storage.writing import write

log = logging.getLogger(__name__)

HOLDER: Final = "simulation"
MESSENGERS: Final[tuple[MessengerName, ...]] = ("telegram", "slack")
AWAKE: Final = (time(7, 30), time(22))
"""Between these, on their own clock, people look at what they got."""
COME_WITHIN: Final = timedelta(days=10)
"""Made-up people follow their invitations within this time."""
MANY: Final = 10_000
LOOK: Final = timedelta(hours=3)
"""The jobs look so often though nothing is due: some watch days and files, not columns."""
GRID: Final = timedelta(minutes=5)
"""They look at these moments, so that what is due at nearly the same time is one look."""

Act: TypeAlias = Callable[[], None]


@dataclass(slots=True)
class Play:
    """One run: the world, who plays in it, what is said by which content, and what was written down."""

    world: World
    chats: Chats
    cast: Cast
    catalogue: Catalogue
    books: Books
    jobs: tuple[Job, ...] = JOBS
    _acts: list[tuple[datetime, int, Act]] = field(default_factory=list)
    _numbers: "itertools.count[int]" = field(default_factory=itertools.count)
    _ticked_at: datetime = NEVER
    _tick_at: datetime = NEVER

    @property
    def now(self) -> datetime:
        return self.world.now

    def at(self, moment: datetime, act: Act) -> None:
        heapq.heappush(self._acts, (max(moment, self.now), next(self._numbers), act))

    def run(self, until: datetime, tell: Callable[[datetime], None] = lambda _now: None) -> None:
        """Play until then. `tell` hears the time whenever it has gone on."""
        self._tick()
        while (moment := self._next()) <= until:
            self.world.now = moment
            tell(moment)
            acted = False
            while self._acts and self._acts[0][0] <= self.now:
                heapq.heappop(self._acts)[2]()
                acted = True
            if self._tick_at <= self.now:
                self._tick()
            elif acted:
                self._plan_tick()
        self.world.now = until

    def _next(self) -> datetime:
        return min(self._acts[0][0], self._tick_at) if self._acts else self._tick_at

    def _tick(self) -> None:
        """Every job looks around, and what became due goes out."""
        try:
            self.world.transact(self._work_all)
        except Exception:  # noqa: BLE001 - told and counted below, where each job is by itself
            for job in self.jobs:
                self._work_alone(job)
        self.deliver()
        self._ticked_at = self.now
        self._plan_tick()

    def _work_all(self, session: Session) -> None:
        """All jobs in one transaction: most find nothing, and a commit for each would take most of the time."""
        for job in self.jobs:
            _work(session, job, self.catalogue, self.now)
            session.flush()
            session.expunge_all()

    def _work_alone(self, job: Job) -> None:
        try:
            self.world.transact(_work, job, self.catalogue, self.now)
        except Exception:
            # As in the ticker: one job's fault must not stop the others. It is counted and told.
            log.exception("job failed", extra={"job": job.name})
            self.books.faults += 1

    def _plan_tick(self) -> None:
        """The jobs look again when something is due, and now and then though nothing is."""
        due, look = self.world.next_due(self._ticked_at), self._ticked_at + LOOK
        self._tick_at = look if due is None else min(look, max(_on_grid(self.now + GRID), _on_grid(due)))

    # What people hear and do

    def hear(self, event: Event) -> None:
        """Somebody did something; the answers are there at once."""
        try:
            self.world.transact(self._receive, event)
        except Exception:
            # As at the hub's own door: what cannot be decided is kept, and the play goes on.
            log.exception("event failed", extra={"key": event.key, "event": type(event).__name__})
            self.books.faults += 1
            self.world.transact(inbox.keep_failed, self.catalogue, event, self.now)
            self.deliver()

    def _receive(self, session: Session, event: Event) -> None:
        inbox.receive(session, self.catalogue, event, self.now)
        due = dict.fromkeys(messenger for messenger, _ in due_here(session))
        self._bring(session, [messenger for messenger in MESSENGERS if messenger in due])

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

    def _claim(self, session: Session, messenger: MessengerName) -> list[Claimed]:
        most = (MANY, MANY, MANY)
        taken = claim(session, self.catalogue, messenger=messenger, holder=HOLDER, most=most, now=self.now)
        for one in taken:
            if one.lane != ANSWER:
                self._note_unasked(session, one)
        return taken

    def _note_unasked(self, session: Session, one: Claimed) -> None:
        person = self.cast.by_address.get(str(one.address))
        if person is None:
            return
        decision = session.exec(select(Decision).where(Decision.delivery_id == one.id)).one_or_none()
        merged = session.exec(select(Decision.rule).where(Decision.merged_into == one.id)).all() if decision else ()
        rule = decision.rule if decision is not None else one.kind
        self.books.unasked(session, self.catalogue, person, one, rule, tuple(merged), self.now)

    def _send(self, one: Claimed) -> Settled:
        try:
            message = self.chats.send(one)
        except Unreachable as gone:
            self.books.refused(one.id)
            return Settled(one.id, "unreachable", gone.why)
        self.books.shown(self.cast, one, self.now)
        person = self.cast.by_address.get(str(one.address))
        if person is not None and one.lane != ANSWER:
            self._heard_unasked(person, one.address, message)
        elif str(one.address) in self.cast.ours and not one.edits:
            self._ours_heard(one.address, message)
        return Settled(one.id, "accepted", message_id=message)

    def _heard_unasked(self, person: Person, where: Address, message: str) -> None:
        person.heard += 1
        persona, rng = person.persona, person.rng
        if persona.blocks_after and person.heard == persona.blocks_after:
            self.at(self._awake(person, self.now + timedelta(hours=rng.uniform(0.1, 5))), lambda: self._block(person))
        elif rng.random() < persona.answers:
            when = self._awake(person, self.now + timedelta(hours=rng.uniform(*persona.delay)))
            self.at(when, lambda: self._press(person, where, message, persona.patience))

    def _awake(self, person: Person, moment: datetime) -> datetime:
        """Then, or when the person gets up."""
        here = local(moment, person.zone)
        if here.time() < AWAKE[0] or here.time() >= AWAKE[1]:
            day = here + timedelta(days=1) if here.time() >= AWAKE[1] else here
            at = time(AWAKE[0].hour, person.rng.randrange(60))
            here = day.replace(hour=at.hour, minute=at.minute, second=0, microsecond=0, fold=0)
        return here.astimezone(moment.tzinfo)

    def _press(self, person: Person, where: Address, message: str, patience: int) -> None:
        """Press a button under the message, and go on from what it shows."""
        chat = self.chats.of(where)
        card = chat.shown.get(message)
        button = chosen(person.persona, card, person.rng) if card is not None and not chat.blocked else None
        if button is None:
            return
        self.books.did(person, f"[{button.label}]", self.now)
        self.hear(Tapped(key=self._key(), sender=where, chat=where, action=button.action, message=message))
        rest = timedelta(seconds=person.rng.uniform(15, 120))
        action = unpack(button.action)
        if isinstance(action, StepAnswer | StepSkip | StepStuck) and not self._is_offered(where):
            asked = self._asked(action) if isinstance(action, StepAnswer) else None
            self.at(self.now + rest, lambda: self._say(person, where, asked, patience - 1))
        elif patience > 1:
            self.at(self.now + rest, lambda: self._press(person, where, chat.newest, patience - 1))

    def _is_offered(self, where: Address) -> bool:
        """Is there something to choose from, or are words asked for?"""
        chat = self.chats.of(where)
        card = chat.shown.get(chat.newest)
        offered = [unpack(button.action) for row in (card.rows if card else ()) for button in row]
        return any(isinstance(action, Choose | SkipBecause) for action in offered)

    def _asked(self, action: StepAnswer) -> Asked | None:
        steps = (step for checklist in self.catalogue.checklists.values() for step in checklist.steps)
        return next((step.asks for step in steps if step.id == action.step), None)

    def _say(self, person: Person, where: Address, asked: Asked | None, patience: int) -> None:
        words = _words(asked, person.rng, self.now)
        self.books.did(person, words, self.now)
        if asked is not None and asked.kind == "file":
            file = File("file", f"{where.messenger}:file-{person.contact_id}", "list.csv", "text/csv", 1000)
            self.hear(Shared(key=self._key(), sender=where, chat=where, file=file, text=words))
        else:
            self.hear(Said(key=self._key(), sender=where, chat=where, text=words))
        if patience > 0:
            later = self.now + timedelta(seconds=person.rng.uniform(15, 120))
            self.at(later, lambda: self._press(person, where, self.chats.of(where).newest, patience))

    def _visit(self, person: Person) -> None:
        """They come of their own accord, look around, and will come again."""
        person.turn += 1
        where = person.address
        if not self.chats.of(where).blocked:
            command = person.rng.choice(("home", "home", "steps", "updates"))
            self.books.did(person, f"/{command}", self.now)
            self.hear(Commanded(key=self._key(), sender=where, chat=where, command=command))
            later = self.now + timedelta(seconds=person.rng.uniform(15, 120))
            newest = self.chats.of(where).newest
            self.at(later, lambda: self._press(person, where, newest, person.persona.patience))
        self.comes_again(person)

    def comes_again(self, person: Person) -> None:
        """Plan the next visit."""
        if person.persona.visits > 0:
            days = person.rng.expovariate(1 / person.persona.visits)
            self.at(self._awake(person, self.now + timedelta(days=days)), lambda: self._visit(person))

    def _block(self, person: Person) -> None:
        for address in person.addresses:
            self.chats.of(address).blocked = True
            self.books.did(person, "(blocks us)", self.now)
            self.hear(Left(key=self._key(), sender=address, chat=address, why="blocked"))
        if person.rng.random() < 0.5:
            self.at(
                self._awake(person, self.now + timedelta(days=person.rng.uniform(5, 30))), lambda: self._return(person)
            )

    def _return(self, person: Person) -> None:
        for address in person.addresses:
            self.chats.of(address).blocked = False
        self.books.did(person, "(comes back)", self.now)
        self.hear(Arrived(key=self._key(), sender=person.address, chat=person.address))

    # How it begins

    def begin(self) -> None:
        """Everybody's first moment: who is here comes again some day, who is not follows an invitation."""
        for person in self.cast.people:
            if person.joined:
                self.comes_again(person)
                continue
            for number, address in enumerate(person.addresses):
                span = COME_WITHIN * person.rng.random() + timedelta(days=number)
                self.at(self._awake(person, self.now + span), self._joining(person, address))
        self._product()

    def _joining(self, person: Person, address: Address) -> Act:
        return lambda: self._join(person, address)

    def _join(self, person: Person, address: Address) -> None:
        invited = self.world.transact(invite, person.email, None, self.now, self.catalogue.rules)
        profile = Profile(person.name, person.email if address.messenger == "slack" else None)
        self.books.did(person, "(follows the invitation)", self.now)
        self.hear(Arrived(key=self._key(), sender=address, chat=address, token=invited.token, profile=profile))
        later = self.now + timedelta(seconds=person.rng.uniform(5, 60))
        self.at(later, lambda: self._press(person, address, self.chats.of(address).newest, person.persona.patience))
        if address == person.addresses[0]:
            self.comes_again(person)

    def _product(self) -> None:
        """What the vendor's product tells of made-up clients: each signal a checklist waits for, from most of them."""
        awaited = sorted(
            {step.signal for one in self.catalogue.checklists.values() for step in one.steps if step.signal}
        )
        accounts = dict.fromkeys(person.account for person in self.cast.people if not person.joined)
        for account, name in itertools.product(accounts, awaited):
            rng = Random(f"{account}:{name}")  # noqa: S311 - a play, and it has to be the same again
            if rng.random() < 0.8:
                self.at(self.now + timedelta(days=rng.uniform(1, 30)), self._signals(account, name))

    def _signals(self, account: str, name: str) -> Act:
        def act() -> None:
            key = f"sim:{account}:{name}"
            self.world.transact(record, self.catalogue, key=key, account_name=account, name=name, now=self.now)
            self.deliver()

        return act

    # Our own people

    def _ours_heard(self, where: Address, message: str) -> None:
        """A CSM takes what they are told in hand within some hours."""
        rng = Random(f"{where}:{message}")  # noqa: S311 - a play, and it has to be the same again
        self.at(self.now + timedelta(hours=rng.uniform(0.2, 20)), lambda: self._ours_press(where, message, rng))

    def _ours_press(self, where: Address, message: str, rng: Random) -> None:
        card = self.chats.of(where).shown.get(message)
        buttons = [button for row in (card.rows if card else ()) for button in row if button.action]
        wanted = [
            one for one in buttons if type(unpack(one.action)).__name__ in ("HelpClaim", "HelpSolved", "OursDone")
        ]
        if wanted:
            action = rng.choice(wanted).action
            self.hear(Tapped(key=self._key(), sender=where, chat=where, action=action, message=message))

    def _key(self) -> str:
        return f"sim:{next(self._numbers)}"


def _work(session: Session, job: Job, catalogue: Catalogue, now: datetime) -> None:
    for _ in range(MOST_RUNS):
        made_from(session, catalogue)
        if not job.work(session, catalogue, HOLDER, now):
            return


def _words(asked: Asked | None, rng: Random, now: datetime) -> str:
    """Words that fit, if any of a few do."""
    if asked is not None and asked.kind == "date":
        return (now + timedelta(days=rng.randrange(5, 60))).strftime("%d.%m.%Y")
    pattern = asked.pattern if asked is not None else ""
    fitting = [words for words in SAYINGS if not pattern or re.fullmatch(pattern, words)]
    return rng.choice(fitting or SAYINGS)


def _on_grid(moment: datetime) -> datetime:
    """The first moment of the grid that is not before this one."""
    over = (moment - datetime.min.replace(tzinfo=moment.tzinfo)) % GRID
    return moment if not over else moment - over + GRID
