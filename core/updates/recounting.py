"""When updates come, go or change whom they are for, every badge that tells of them follows, silently, bit by bit."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import lru_cache
from hashlib import blake2b
from typing import Final

from sqlmodel import Session, col, select

from core.content.catalogue import Catalogue, Update
from core.people.accounts import member
from core.updates.counting import FRESH, is_in_force, today
from core.updates.showing import redraw_badges
from storage.tables import Chat, Contact, Recount
from storage.tables.ledger import PROACTIVE

AT_ONCE: Final = 50
"""People in one transaction: each may have a home card to be drawn in two messengers."""

_BADGES: Final = "badges"


def recount(session: Session, catalogue: Catalogue, now: datetime) -> int:
    """Look whether what counts as new is another than before, and edit the next people's badges.

    Returns how many people were looked at. Costs one row while nothing changes. Only who has another number than their
    badges tell is sent an edit; edits go behind answers, and notify nobody.
    """
    counted = fingerprint(catalogue, today(catalogue.rules, now))
    row = session.exec(select(Recount).where(Recount.name == _BADGES).with_for_update(skip_locked=True)).one_or_none()
    if row is None:
        if session.get(Recount, _BADGES) is None:
            session.add(Recount(name=_BADGES, counted=counted, walked_to=0))
            session.flush()
        return 1
    if row.counted != counted:
        row.counted, row.walked_to = counted, 0
    if row.walked_to is None:
        return 0
    people = session.exec(
        select(Contact)
        .where(col(Contact.id) > row.walked_to, col(Contact.joined_at).is_not(None))
        .order_by(col(Contact.id))
        .limit(AT_ONCE)
    ).all()
    for contact in people:
        recount_one(session, catalogue, contact, counted, now)
    row.walked_to = people[-1].id if len(people) == AT_ONCE else None
    session.flush()
    return max(1, len(people))


def recount_one(session: Session, catalogue: Catalogue, contact: Contact, because: str, now: datetime) -> None:
    """The same for one person. `because`: names what has changed."""
    said = session.exec(select(Chat.language).where(Chat.contact_id == contact.id, Chat.kind == "private")).first()
    who = member(session, catalogue, contact, said=said)
    redraw_badges(session, catalogue, who, now, lane=PROACTIVE, because=because)


def fingerprint(catalogue: Catalogue, day: date) -> str:
    """Equal as long as the same updates are new to the same people, whatever they have opened."""
    return _fingerprint(_Content(id(catalogue.updates), catalogue.updates), day)


@dataclass(frozen=True, slots=True)
class _Content:
    """All updates of one version, as a key: the number is theirs as long as the key holds them."""

    number: int
    updates: Mapping[str, Update] = field(compare=False)


@lru_cache(maxsize=8)
def _fingerprint(content: _Content, day: date) -> str:
    told = blake2b(digest_size=8)
    for update in content.updates.values():
        if is_in_force(update, day) and update.published >= day - FRESH:
            told.update(f"{update.id}\n{update.published}\n{update.when.source}\n".encode())
    return told.hexdigest()
