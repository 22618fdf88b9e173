"""Which updates are for a person, and which of them they have not opened yet: what every badge counts."""

from bisect import bisect_left, bisect_right
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Final, TypeAlias

from sqlalchemy import bindparam, select
from sqlmodel import Session, col

from core.content.catalogue import Catalogue, Rules, Update
from core.content.conditions.condition import Value
from core.people.accounts import Member, local
from core.people.facts import facts
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
    day = today(catalogue.rules, now)
    fresh = _between(for_them(catalogue, who, now), max(joined(catalogue.rules, who), day - FRESH), day)
    if not fresh:
        return ()
    since = {"contact": who.contact.id, "since": now - FRESH - timedelta(days=2)}
    seen = {row[0] for row in fetch(connected(session), _SEEN, since)}
    return tuple(update for update in fresh if update.id not in seen) if seen else fresh


_SEEN = select(col(UpdateView.update)).where(
    col(UpdateView.contact_id) == bindparam("contact"), col(UpdateView.seen_at) >= bindparam("since", type_=Moment)
)
"""Whatever is fresh was opened since it is."""


def told_since(catalogue: Catalogue, who: Member, since: date, now: datetime) -> Updates:
    """What is for this person and was told since that day, opened or not, the newest first."""
    return _between(for_them(catalogue, who, now), since, today(catalogue.rules, now))


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


def _between(newest_first: Updates, since: date, until: date) -> Updates:
    start = bisect_left(newest_first, -until.toordinal(), key=_age)
    return newest_first[start : bisect_right(newest_first, -since.toordinal(), key=_age)]


def _age(update: Update) -> int:
    return -update.published.toordinal()


def for_them(catalogue: Catalogue, who: Member, now: datetime) -> Updates:
    """All that is in force and for this person, whenever it was told, the newest first."""
    if not catalogue.updates:
        return ()
    content = _Content(id(catalogue.updates), catalogue.updates)
    known = facts(catalogue, who, now)
    asked = tuple((name, known[name]) for name in _asked(content) if name in known)
    return _in_audience(content, asked, today(catalogue.rules, now))


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
def _in_audience(content: _Content, known: tuple[tuple[str, Value], ...], day: date) -> Updates:
    there, held = dict(known), dict[str, bool]()
    for update in content.updates.values():
        if update.when.source not in held:
            held[update.when.source] = update.when.holds(there)
    return tuple(update for update in content.updates.values() if held[update.when.source] and is_in_force(update, day))


def is_new_to(session: Session, catalogue: Catalogue, who: Member, update: Update, now: datetime) -> bool:
    """In force, for this person, and not opened by them."""
    if not is_in_force(update, today(catalogue.rules, now)) or not update.when.holds(facts(catalogue, who, now)):
        return False
    return session.get(UpdateView, (who.contact.id, update.id)) is None
