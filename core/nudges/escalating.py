"""Nobody listens: who of us looks after the client hears that nudges came to nothing."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session

from core.cards import Card
from core.content.catalogue import Catalogue
from core.desk.watchers import watchers
from core.nudges.crowd import Person
from core.outbox import Posting, post_many
from core.people.accounts import csm_address
from storage.tables import Csm


@dataclass(frozen=True, slots=True)
class Unheard:
    """A nudge of which all was said to somebody, to no avail."""

    person: Person
    headline: str
    """What was said the last time."""
    count: int
    """How often it was said."""
    key: str
    """The nudge's."""


def tell_ours(session: Session, catalogue: Catalogue, unheard: Sequence[Unheard], now: datetime) -> None:
    """One card about each to each who looks after the client. Key: `<the nudge's>:csm:<csm id>`."""
    ours: dict[int | None, list[Csm]] = {}
    cards = []
    for one in unheard:
        account = one.person.who.account
        if account.csm_id not in ours:
            ours[account.csm_id] = watchers(session, account)
        for csm in ours[account.csm_id]:
            to = csm_address(csm)
            if to is None:
                continue
            text = catalogue.voice(csm.language).say(
                "nudge.escalated",
                name=one.person.who.contact.name,
                account=account.name,
                count=one.count,
                headline=one.headline,
            )
            cards.append(Posting(f"{one.key}:csm:{csm.id}", to, Card(text), "desk", repeatable=False))
    post_many(session, cards, now)
