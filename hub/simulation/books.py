"""What a simulation writes down: everything said unasked, what our people heard, and whether any law was broken."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from sqlmodel import Session

from core.attention.caps import DAY, WEEK
from core.attention.preferences import caps_of
from core.cards import Card
from core.claims import Claimed
from core.content.catalogue import Catalogue, Rules
from core.events import Address
from core.markup import plain
from core.people.accounts import known_zone, local
from hub.simulation.people import Cast, Person
from storage.loading import find
from storage.tables import Contact, Preference

LINE: Final = 100
"""Characters of a message that stand for it in a list."""


@dataclass(frozen=True, slots=True)
class Unasked:
    """One message that somebody got without asking."""

    at: datetime
    email: str
    account: str
    zone: str
    messenger: str
    kind: str
    rule: str
    merged: tuple[str, ...]
    """Rules that were said with it."""
    text: str
    """All of it, without markup and buttons."""

    @property
    def line(self) -> str:
        """Its first line that says something."""
        first = next((line.strip() for line in self.text.splitlines() if line.strip()), "")
        return first if len(first) <= LINE else first[: LINE - 1].rstrip() + "…"


@dataclass(frozen=True, slots=True)
class Told:
    """One message to one of us."""

    at: datetime
    email: str
    kind: str
    line: str


@dataclass(frozen=True, slots=True)
class Turn:
    """One turn of a chat that is watched: what we showed, or (`ours` false) what the person did."""

    at: datetime
    ours: bool
    where: str
    text: str
    buttons: tuple[str, ...] = ()
    edits: bool = False


@dataclass(slots=True)
class Books:
    """Everything that is told of a run. `watched`: e-mail of the person whose whole chat is kept; empty: nobody's."""

    watched: str = ""
    said: list[Unasked] = field(default_factory=list)
    told: list[Told] = field(default_factory=list)
    chat: list[Turn] = field(default_factory=list)
    cards: int = 0
    """Everything shown to clients, answers and edits too."""
    acts: int = 0
    """Everything clients did."""
    faults: int = 0
    """Events and jobs that failed by a fault of ours."""
    loud: list[Unasked] = field(default_factory=list)
    """Said in quiet hours: never, if all is well."""
    above_caps: int = 0
    """Said above a cap: never, if all is well."""
    _last: dict[str, list[datetime]] = field(default_factory=dict)
    _numbers: dict[int, Unasked] = field(default_factory=dict)

    def unasked(
        self,
        session: Session,
        catalogue: Catalogue,
        person: Person,
        one: Claimed,
        rule: str,
        merged: tuple[str, ...],
        now: datetime,
    ) -> None:
        """Something unasked is about to be shown: hold it against the laws by a reckoning of our own."""
        text = plain("\n".join(filter(None, (one.card.title, one.card.text))))
        contact = find(session, Contact, person.contact_id)
        zone = known_zone(contact.timezone if contact is not None else None, default=person.zone)  # they may have moved
        said = Unasked(now, person.email, person.account, zone, one.address.messenger, one.kind, rule, merged, text)
        self._numbers[one.id] = said
        self.said.append(said)
        if _is_quiet(catalogue.rules, find(session, Preference, person.contact_id), zone, now):
            self.loud.append(said)
        caps, before = caps_of(catalogue.rules), self._last.setdefault(person.email, [])
        before.append(now)
        today = sum(at > now - DAY for at in before)
        week = sum(at > now - WEEK for at in before)
        self.above_caps += today > caps.per_day or week > caps.per_week

    def refused(self, delivery: int) -> None:
        """The chat turned out to be closed: it was not said after all."""
        said = self._numbers.pop(delivery, None)
        if said is not None:
            self.said.remove(said)
            self._last[said.email].remove(said.at)

    def shown(self, cast: Cast, one: Claimed, now: datetime) -> None:
        """A card was shown in some chat."""
        person, ours = cast.by_address.get(str(one.address)), cast.ours.get(str(one.address))
        if ours is not None and not one.edits and not one.address.is_home:
            self.told.append(Told(now, ours, one.kind, _first_line(one.card)))
        if person is None:
            return
        self.cards += 1
        if person.email == self.watched:
            self.chat.append(Turn(now, True, _name(one.address), _text(one.card), _labels(one.card), one.edits))

    def did(self, person: Person, what: str, now: datetime) -> None:
        """A client did something."""
        self.acts += 1
        if person.email == self.watched:
            self.chat.append(Turn(now, False, _name(person.address), what))

    def most_within(self, span: timedelta) -> int:
        """The most that one person got unasked in so long a time."""
        return max((_most(moments, span) for moments in self._last.values()), default=0)


def _most(moments: Sequence[datetime], span: timedelta) -> int:
    return max((sum(at - span < other <= at for other in moments) for at in moments), default=0)


def _is_quiet(rules: Rules, own: Preference | None, zone: str, now: datetime) -> bool:
    """Quiet hours and days off reckoned anew, public holidays aside: the judge's own way would not find its faults."""
    here = local(now, zone)
    begins, ends = rules.quiet_from, rules.quiet_until
    if own is not None and own.quiet_from is not None and own.quiet_until is not None:
        begins, ends = own.quiet_from, own.quiet_until
    clock = here.time().replace(tzinfo=None)
    night = begins <= clock < ends if begins <= ends else clock >= begins or clock < ends
    return night or here.weekday() in rules.quiet_weekdays


def counts(said: Sequence[Unasked]) -> Counter[str]:
    """By kind."""
    return Counter(one.kind for one in said)


def _first_line(card: Card) -> str:
    return next((line.strip() for line in _text(card).splitlines() if line.strip()), "")[:LINE]


def _text(card: Card) -> str:
    return plain("\n".join(filter(None, (card.title, card.text, card.note))))


def _labels(card: Card) -> tuple[str, ...]:
    return tuple(button.label for row in card.rows for button in row)


def _name(address: Address) -> str:
    return f"{address.messenger}, home" if address.is_home else address.messenger
