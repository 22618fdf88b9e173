"""Clients' people and our own act their parts: they look, press, write, block us, and come back."""

import itertools
import re
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from random import Random
from typing import Final

from core.actions import Choose, SkipBecause, StepAnswer, StepSkip, StepStuck, unpack
from core.claims import Claimed
from core.content.catalogue import Asked
from core.events import Address, Arrived, Commanded, File, Left, Profile, Said, Shared, Tapped
from core.people.accounts import local
from core.people.invitations import invite
from core.signals import record
from hub.simulation.people import Person
from hub.simulation.personas import SAYINGS, chosen
from hub.simulation.running import Act, Stage

AWAKE: Final = (time(7, 30), time(22))
"""Between these, on their own clock, people look at what they got."""
COME_WITHIN: Final = timedelta(days=10)
"""Made-up people follow their invitations within this time."""


@dataclass(frozen=True, slots=True)
class Actors:
    """Everybody on this stage."""

    stage: Stage

    def _seen(self, one: Claimed, message: str) -> None:
        """Something was shown: who did not ask for it answers it some time, or not."""
        person = self.stage.cast.by_address.get(str(one.address))
        if person is not None and one.is_unasked:
            self._heard_unasked(person, one.address, message)
        elif str(one.address) in self.stage.cast.ours and not one.edits:
            self._ours_heard(one.address, message)

    def _heard_unasked(self, person: Person, where: Address, message: str) -> None:
        person.heard += 1
        persona, rng = person.persona, person.rng
        if persona.blocks_after and person.heard == persona.blocks_after:
            self.stage.at(
                self._awake(person, self.stage.now + timedelta(hours=rng.uniform(0.1, 5))), lambda: self._block(person)
            )
        elif rng.random() < persona.answers:
            when = self._awake(person, self.stage.now + timedelta(hours=rng.uniform(*persona.delay)))
            row = rng.randint(1, persona.patience)
            self.stage.at(when, lambda: self._press(person, where, message, row))

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
        chat = self.stage.chats.of(where)
        card = chat.shown.get(message)
        button = chosen(person.persona, card, person.rng) if card is not None and not chat.blocked else None
        if button is None:
            return
        self.stage.books.did(person, f"[{button.label}]", self.stage.now)
        self.stage.hear(Tapped(key=self.stage.key(), sender=where, chat=where, action=button.action, message=message))
        rest = timedelta(seconds=person.rng.uniform(15, 120))
        action = unpack(button.action)
        if isinstance(action, StepAnswer | StepSkip | StepStuck) and not self._is_offered(where):
            asked = self._asked(action) if isinstance(action, StepAnswer) else None
            self.stage.at(self.stage.now + rest, lambda: self._say(person, where, asked, patience - 1))
        elif patience > 1:
            self.stage.at(self.stage.now + rest, lambda: self._press(person, where, chat.newest, patience - 1))

    def _is_offered(self, where: Address) -> bool:
        """Is there something to choose from, or are words asked for?"""
        chat = self.stage.chats.of(where)
        card = chat.shown.get(chat.newest)
        offered = [unpack(button.action) for row in (card.rows if card else ()) for button in row]
        return any(isinstance(action, Choose | SkipBecause) for action in offered)

    def _asked(self, action: StepAnswer) -> Asked | None:
        steps = (step for checklist in self.stage.catalogue.checklists.values() for step in checklist.steps)
        return next((step.asks for step in steps if step.id == action.step), None)

    def _say(self, person: Person, where: Address, asked: Asked | None, patience: int) -> None:
        words = _words(asked, person.rng, self.stage.now)
        self.stage.books.did(person, words, self.stage.now)
        if asked is not None and asked.kind == "file":
            file = File("file", f"{where.messenger}:file-{person.contact_id}", "list.csv", "text/csv", 1000)
            self.stage.hear(Shared(key=self.stage.key(), sender=where, chat=where, file=file, text=words))
        else:
            self.stage.hear(Said(key=self.stage.key(), sender=where, chat=where, text=words))
        if patience > 0:
            later = self.stage.now + timedelta(seconds=person.rng.uniform(15, 120))
            self.stage.at(later, lambda: self._press(person, where, self.stage.chats.of(where).newest, patience))

    def _visit(self, person: Person) -> None:
        """They come of their own accord, look around, and will come again."""
        person.turn += 1
        where = person.address
        if not self.stage.chats.of(where).blocked:
            command = person.rng.choice(("home", "home", "steps", "updates"))
            self.stage.books.did(person, f"/{command}", self.stage.now)
            self.stage.hear(Commanded(key=self.stage.key(), sender=where, chat=where, command=command))
            later = self.stage.now + timedelta(seconds=person.rng.uniform(15, 120))
            newest, row = self.stage.chats.of(where).newest, person.rng.randint(1, person.persona.patience)
            self.stage.at(later, lambda: self._press(person, where, newest, row))
        self.comes_again(person)

    def comes_again(self, person: Person) -> None:
        """Plan the next visit."""
        if person.persona.visits > 0:
            days = person.rng.expovariate(1 / person.persona.visits)
            self.stage.at(self._awake(person, self.stage.now + timedelta(days=days)), lambda: self._visit(person))

    def _block(self, person: Person) -> None:
        for address in person.addresses:
            self.stage.chats.of(address).blocked = True
            self.stage.books.did(person, "(blocks us)", self.stage.now)
            self.stage.hear(Left(key=self.stage.key(), sender=address, chat=address, why="blocked"))
        if person.rng.random() < 0.5:
            self.stage.at(
                self._awake(person, self.stage.now + timedelta(days=person.rng.uniform(5, 30))),
                lambda: self._return(person),
            )

    def _return(self, person: Person) -> None:
        for address in person.addresses:
            self.stage.chats.of(address).blocked = False
        self.stage.books.did(person, "(comes back)", self.stage.now)
        self.stage.hear(Arrived(key=self.stage.key(), sender=person.address, chat=person.address))

    # How it begins

    def begin(self) -> None:
        """Everybody's first moment: who is here comes again some day, who is not follows an invitation."""
        self.stage.seen = self._seen
        for person in self.stage.cast.people:
            if person.joined:
                self.comes_again(person)
                continue
            for number, address in enumerate(person.addresses):
                span = COME_WITHIN * person.rng.random() + timedelta(days=number)
                self.stage.at(self._awake(person, self.stage.now + span), self._joining(person, address))
        self._product()

    def _joining(self, person: Person, address: Address) -> Act:
        return lambda: self._join(person, address)

    def _join(self, person: Person, address: Address) -> None:
        invited = self.stage.world.transact(invite, person.email, None, self.stage.now, self.stage.catalogue.rules)
        profile = Profile(person.name, person.email if address.messenger == "slack" else None)
        self.stage.books.did(person, "(follows the invitation)", self.stage.now)
        self.stage.hear(
            Arrived(key=self.stage.key(), sender=address, chat=address, token=invited.token, profile=profile)
        )
        later = self.stage.now + timedelta(seconds=person.rng.uniform(5, 60))
        self.stage.at(
            later, lambda: self._press(person, address, self.stage.chats.of(address).newest, person.persona.patience)
        )
        if address == person.addresses[0]:
            self.comes_again(person)

    def _product(self) -> None:
        """What the vendor's product tells of made-up clients: each signal a checklist waits for, from most of them."""
        awaited = sorted(
            {step.signal for one in self.stage.catalogue.checklists.values() for step in one.steps if step.signal}
        )
        accounts = dict.fromkeys(person.account for person in self.stage.cast.people if not person.joined)
        for account, name in itertools.product(accounts, awaited):
            rng = Random(f"{account}:{name}")  # noqa: S311 - a play, and it has to be the same again
            if rng.random() < 0.8:
                self.stage.at(self.stage.now + timedelta(days=rng.uniform(1, 30)), self._signals(account, name))

    def _signals(self, account: str, name: str) -> Act:
        def act() -> None:
            key = f"sim:{account}:{name}"
            self.stage.world.transact(
                record, self.stage.catalogue, key=key, account_name=account, name=name, now=self.stage.now
            )
            self.stage.deliver()

        return act

    # Our own people

    def _ours_heard(self, where: Address, message: str) -> None:
        """A CSM takes what they are told in hand within some hours."""
        rng = Random(f"{where}:{message}")  # noqa: S311 - a play, and it has to be the same again
        self.stage.at(
            self.stage.now + timedelta(hours=rng.uniform(0.2, 20)), lambda: self._ours_press(where, message, rng)
        )

    def _ours_press(self, where: Address, message: str, rng: Random) -> None:
        card = self.stage.chats.of(where).shown.get(message)
        buttons = [button for row in (card.rows if card else ()) for button in row if button.action]
        wanted = [
            one for one in buttons if type(unpack(one.action)).__name__ in ("HelpClaim", "HelpSolved", "OursDone")
        ]
        if wanted:
            action = rng.choice(wanted).action
            self.stage.hear(Tapped(key=self.stage.key(), sender=where, chat=where, action=action, message=message))


def _words(asked: Asked | None, rng: Random, now: datetime) -> str:
    """Words that fit, if any of a few do."""
    if asked is not None and asked.kind == "date":
        return (now + timedelta(days=rng.randrange(5, 60))).strftime("%d.%m.%Y")
    pattern = asked.pattern if asked is not None else ""
    fitting = [words for words in SAYINGS if not pattern or re.fullmatch(pattern, words)]
    return rng.choice(fitting or SAYINGS)
