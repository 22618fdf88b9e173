"""Which updates are for a person, and which of them they have not opened yet: what every badge counts."""

from bisect import bisect_left, bisect_right
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Final, TypeAlias

from sqlalchemy import bindparam, func, select
from sqlmodel import Session, col

from core.content.catalogue import Catalogue, Rules, Update
from core.content.conditions.condition import Value
from core.people.accounts import Member, local
from core.people.facts import facts
from storage.many import among
from storage.prepared import connected, fetch
from storage.tables import UpdateView
from storage.types import Moment

FRESH: Final = timedelta(days=90)
"""What is older is no news, seen or not: nobody comes back from a long leave to a badge of two hundred."""

Updates: TypeAlias = tuple[Update, ...]


def unseen(session: Session, catalogue: Catalogue, who: Member, now: datetime) -> Updates:
    """What is new to this person, the newest first.

    For them, told since the day they joined and at most 90 days ago, not over yet, and not opened.
    """
    return unseen_by(session, catalogue, (who,), now)[who.contact.id or 0]


def count_unseen(session: Session, catalogue: Catalogue, who: Member, now: datetime) -> int:
    """How many there are."""
    return count_unseen_by(session, catalogue, (who,), now)[who.contact.id or 0]


def unseen_by(session: Session, catalogue: Catalogue, people: Iterable[Member], now: datetime) -> dict[int, Updates]:
    """`unseen` of each of these, by contact id; one question, however many they are."""
    found = _fresh_by(session, catalogue, people, now)
    return {contact: fresh.shelf.without(fresh.begin, fresh.end, fresh.opened) for contact, fresh in found.items()}


def count_unseen_by(session: Session, catalogue: Catalogue, people: Iterable[Member], now: datetime) -> dict[int, int]:
    """`count_unseen` of each of these."""
    found = _fresh_by(session, catalogue, people, now)
    return {contact: fresh.end - fresh.begin - len(fresh.opened) for contact, fresh in found.items()}


@dataclass(slots=True)
class _Fresh:
    """What is news to a person, opened or not."""

    shelf: "_Shelf"
    begin: int
    end: int
    opened: Collection[int] = ()
    """Which of these places hold what they have opened; they rise."""


def _fresh_by(session: Session, catalogue: Catalogue, people: Iterable[Member], now: datetime) -> dict[int, _Fresh]:
    day = today(catalogue.rules, now)
    found: dict[int, _Fresh] = {}
    for who in people:
        shelf = _shelf(catalogue, who, now)
        found[who.contact.id or 0] = _Fresh(shelf, *shelf.between(max(joined(catalogue.rules, who), day - FRESH), day))
    asked = [contact for contact, fresh in found.items() if fresh.begin < fresh.end]
    values = {"contacts": asked, "since": now - FRESH - timedelta(days=2)}
    for contact, names in fetch(connected(session), _SEEN, values) if asked else ():
        fresh = found[contact]
        fresh.opened = fresh.shelf.find(names.split(" "), fresh.begin, fresh.end)
    return found


_SEEN = (
    select(col(UpdateView.contact_id), func.aggregate_strings(col(UpdateView.update), " "))
    .where(among(col(UpdateView.contact_id), "contacts"))
    .where(col(UpdateView.seen_at) >= bindparam("since", type_=Moment))
    .group_by(col(UpdateView.contact_id))
)
"""Whatever is fresh was opened since it is. A row for each person: some have opened hundreds."""


def told_since(catalogue: Catalogue, who: Member, since: date, now: datetime) -> Updates:
    """What is for this person and was told since that day, opened or not, the newest first."""
    shelf = _shelf(catalogue, who, now)
    begin, end = shelf.between(since, today(catalogue.rules, now))
    return shelf.updates[begin:end]


def readable(catalogue: Catalogue, who: Member, name: str, now: datetime) -> Update | None:
    """The update, if this person may read it now; None: it is withdrawn, over, still to come or for others."""
    update = catalogue.updates.get(name)
    if update is None or not is_in_force(update, today(catalogue.rules, now)):
        return None
    return update if update.when.holds(facts(catalogue, who, now)) else None


def is_in_force(update: Update, day: date) -> bool:
    """Its day has come, and its last one is not over."""
    return update.published <= day and (update.valid_until is None or day <= update.valid_until)


def today(rules: Rules, now: datetime) -> date:
    """The day by which updates appear and end: the same for everybody, on the hub's own clock."""
    return local(now, rules.timezone).date()


def joined(rules: Rules, who: Member) -> date:
    """The day they joined; for those who did not yet, the last day there is."""
    return local(who.contact.joined_at, rules.timezone).date() if who.contact.joined_at is not None else date.max


def _age(update: Update) -> int:
    return -update.published.toordinal()


def for_them(catalogue: Catalogue, who: Member, now: datetime) -> Updates:
    """All that is in force and for this person, whenever it was told, the newest first."""
    return _shelf(catalogue, who, now).updates


def _shelf(catalogue: Catalogue, who: Member, now: datetime) -> "_Shelf":
    if not catalogue.updates:
        return _EMPTY
    content = _Content(id(catalogue.updates), catalogue.updates)
    known = facts(catalogue, who, now)
    asked = tuple((name, known[name]) for name in _asked(content) if name in known)
    return _in_audience(content, asked, today(catalogue.rules, now))


@dataclass(frozen=True, slots=True)
class _Shelf:
    """What people who are alike may read, made once for all of them."""

    updates: Updates
    """The newest first."""
    _places: dict[str, int] = field(default_factory=dict, repr=False, compare=False)
    """Where each stands; written down when somebody asks who has opened any."""

    def between(self, since: date, until: date) -> tuple[int, int]:
        """Where those told in these days begin and end."""
        begin = bisect_left(self.updates, -until.toordinal(), key=_age)
        return begin, max(begin, bisect_right(self.updates, -since.toordinal(), key=_age))

    def find(self, names: Iterable[str], begin: int, end: int) -> list[int]:
        """Where those of these names stand that stand there, in order."""
        if not self._places:
            self._places.update((update.id, place) for place, update in enumerate(self.updates))
        there = [self._places.get(name, -1) for name in names]
        return sorted([place for place in there if begin <= place < end])

    def without(self, begin: int, end: int, places: Collection[int]) -> Updates:
        """What stands there, but not at these places, which are in order.

        Takes as long as there are places: of ten thousand new ones most people have opened few.
        """
        left: list[Update] = []
        for place in places:
            left += self.updates[begin:place]
            begin = place + 1
        return (*left, *self.updates[begin:end])


_EMPTY = _Shelf(())


@dataclass(frozen=True, slots=True)
class _Content:
    """All updates of one version, as a key: the number is theirs as long as the key holds them."""

    number: int
    updates: Mapping[str, Update] = field(compare=False)


@lru_cache(maxsize=8)
def _asked(content: _Content) -> tuple[str, ...]:
    """The fields that any update asks about: people who are alike in them get the same."""
    return tuple(sorted({name for update in content.updates.values() for name in update.when.fields}))


@lru_cache(maxsize=512)
def _in_audience(content: _Content, known: tuple[tuple[str, Value], ...], day: date) -> _Shelf:
    there, held = dict(known), dict[str, bool]()
    for update in content.updates.values():
        if update.when.source not in held:
            held[update.when.source] = update.when.holds(there)
    return _Shelf(
        tuple(update for update in content.updates.values() if held[update.when.source] and is_in_force(update, day))
    )


def is_new_to(session: Session, catalogue: Catalogue, who: Member, update: Update, now: datetime) -> bool:
    """In force, for this person, and not opened by them."""
    if not is_in_force(update, today(catalogue.rules, now)) or not update.when.holds(facts(catalogue, who, now)):
        return False
    return session.get(UpdateView, (who.contact.id, update.id)) is None
