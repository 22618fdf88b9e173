"""What a digest may hold: everything new to one person, from whoever has news. A feature with news adds one line."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, TypeAlias

from sqlmodel import Session

from core.actions import Action, ShowUpdate
from core.content.catalogue import Catalogue, Update
from core.content.texts.phrases import Voice, Words
from core.people.accounts import Member
from core.people.filling import values_for
from core.updates.counting import unseen_by


@dataclass(frozen=True, slots=True)
class Item:
    """One thing that is new to a person. Its texts are filled in when they are shown: most of many never are."""

    id: str
    """Short and unique among all there is to tell: `update:bulk-export`."""
    topic: str
    """Id of the content's topic it belongs to."""
    opens: Action
    """What its button does."""
    title: Words
    summary: Words
    """Empty as filled in: the title says it all."""
    values: Mapping[str, object] = field(repr=False, compare=False)
    """What its texts are filled in with."""

    def title_in(self, voice: Voice) -> str:
        """Plain."""
        return voice.plain_words(self.title, self.values)

    def summary_in(self, voice: Voice) -> str:
        """Plain."""
        return voice.plain_words(self.summary, self.values)


News: TypeAlias = Mapping[int, Sequence[Item]]
"""By contact id."""

Source: TypeAlias = Callable[[Session, Catalogue, Sequence[Member], datetime], News]
"""What is new to each of these people and not seen yet, the most worthy first; one question, however many they are."""


def updates(session: Session, catalogue: Catalogue, people: Sequence[Member], now: datetime) -> News:
    """Updates they have not opened. Those that do not wait for a digest speak for themselves."""
    found = unseen_by(session, catalogue, people, now)
    return {who.contact.id or 0: _items(who, found[who.contact.id or 0]) for who in people}


def _items(who: Member, new: Sequence[Update]) -> list[Item]:
    waiting = [one for one in new if one.importance in ("normal", "high")]
    waiting.sort(key=lambda one: one.importance != "high")
    values = values_for(who.voice, who.zone, who.account, who.contact, who.csm) if waiting else {}
    return [Item(f"update:{one.id}", one.topic, ShowUpdate(one.id), one.title, one.summary, values) for one in waiting]


SOURCES: Final[Sequence[Source]] = (updates,)

KINDS: Final = frozenset({"update"})
"""Kinds of deliveries that say what digests say, too: while its topic comes in a digest, such a one is left to it."""


def news(session: Session, catalogue: Catalogue, who: Member, now: datetime) -> list[Item]:
    """All there is to tell this person, whatever topic it belongs to."""
    return news_for(session, catalogue, (who,), now)[who.contact.id or 0]


def news_for(session: Session, catalogue: Catalogue, people: Sequence[Member], now: datetime) -> dict[int, list[Item]]:
    """The same for each of these, by contact id; one question for each source, however many they are."""
    found = [source(session, catalogue, people, now) for source in SOURCES]
    return {
        number: [item for there in found for item in there[number]]
        for number in (who.contact.id or 0 for who in people)
    }
