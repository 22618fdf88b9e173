"""What a digest may hold: everything new to one person, from whoever has news. A feature with news adds one line."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, TypeAlias

from sqlmodel import Session

from core.actions import Action, ShowUpdate
from core.content.catalogue import Catalogue
from core.people.accounts import Member
from core.people.filling import values_for
from core.updates.counting import unseen


@dataclass(frozen=True, slots=True)
class Item:
    """One thing that is new to a person, in their language."""

    id: str
    """Short and unique among all there is to tell: `update:bulk-export`."""
    topic: str
    """Id of the content's topic it belongs to."""
    title: str
    """Plain."""
    summary: str
    """Plain; empty: the title says it all."""
    opens: Action
    """What its button does."""


Source: TypeAlias = Callable[[Session, Catalogue, Member, datetime], Sequence[Item]]
"""What is new to this person and not seen yet, the most worthy first."""


def updates(session: Session, catalogue: Catalogue, who: Member, now: datetime) -> Sequence[Item]:
    """Updates they have not opened. Those that do not wait for a digest speak for themselves."""
    found = [one for one in unseen(session, catalogue, who, now) if one.importance in ("normal", "high")]
    found.sort(key=lambda one: one.importance != "high")
    values = values_for(who.voice, who.zone, who.account, who.contact, who.csm)
    return [
        Item(
            f"update:{one.id}",
            one.topic,
            who.voice.plain_words(one.title, values),
            who.voice.plain_words(one.summary, values),
            ShowUpdate(one.id),
        )
        for one in found
    ]


SOURCES: Final[Sequence[Source]] = (updates,)

KINDS: Final = frozenset({"update"})
"""Kinds of deliveries that say what digests say, too: while its topic comes in a digest, such a one is left to it."""


def news(session: Session, catalogue: Catalogue, who: Member, now: datetime) -> list[Item]:
    """All there is to tell this person, whatever topic it belongs to."""
    return [item for source in SOURCES for item in source(session, catalogue, who, now)]
