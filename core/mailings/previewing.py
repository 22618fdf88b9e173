"""What a mailing will do before it is sent: to how many, who not and why, how long it takes, and what it costs them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import case, func, select
from sqlmodel import Session, col
from sqlmodel import select as select_rows

from core.attention.caps import WEEK
from core.attention.preferences import caps_of
from core.cards import Card
from core.content.catalogue import Catalogue
from core.mailings.drafting import Draft, Written
from core.mailings.filling import BadWords, fill, language_of
from core.mailings.omitting import heard, reason_of
from core.mailings.planning import Forecast, forecast, sample
from core.mailings.recipients import ACCOUNT, PEOPLE, Asked, due_of
from core.people.accounts import member
from storage.tables import Account, Chat, Contact, Csm, Mailing
from storage.types import Moment

SAMPLE: Final = 3
"""Real recipients it is drawn for."""

NAMED: Final = 5
"""Recipients named beside the count."""

PACE: Final[Mapping[str, float]] = {"telegram": 28.0, "slack": 18.0}
"""Messages a second that a mailing reaches: nine tenths of what the platforms allow a bot in all (scheduler/pacing)."""


@dataclass(frozen=True, slots=True)
class Outlook:
    """A mailing if it left now."""

    forecast: Forecast
    companies: int
    """To whose people it goes."""
    named: tuple[str, ...]
    """Some of them: `Dana Reyes (Acme Ltd)`."""
    seconds: float
    """How long it takes at the platforms' pace, held by nothing else."""
    first: datetime | None
    """When the first of them is due, and the last: apart by their clocks; None: there is nobody."""
    last: datetime | None
    at_their_cap: int
    """To how many we may say nothing more this week after it."""


@dataclass(frozen=True, slots=True)
class Sight:
    """How one real recipient sees it."""

    name: str
    account: str
    language: str
    card: Card | None
    """None: the words cannot be filled in for them."""
    why: str = ""
    """Then: what is wrong."""


def unsaved(drafted: Draft, now: datetime) -> Mailing:
    """A run that stands in no database, to ask about it."""
    begins, ends = drafted.window or (None, None)
    return Mailing(
        key=drafted.key,
        name=drafted.name,
        title=drafted.title,
        category=drafted.category,
        topic=drafted.topic,
        priority=drafted.priority,
        audience=drafted.audience,
        but=drafted.but,
        starts_at=drafted.starts_at,
        local_hour=drafted.local_hour,
        window_from=begins,
        window_until=ends,
        expires_at=drafted.expires_at,
        canary=drafted.canary,
        created_at=now,
    )


def outlook(session: Session, catalogue: Catalogue, mailing: Mailing, now: datetime) -> Outlook:
    """`mailing` may be one that is not written down. Raises BadCondition."""
    expected = forecast(session, catalogue, mailing, now)
    companies, first, last, full = _spread(session, catalogue, mailing, now)
    seconds = max((count / PACE.get(messenger, 1.0) for messenger, count in expected.going.items()), default=0.0)
    named = _named(session, sample(session, catalogue, mailing, NAMED, now))
    return Outlook(expected, companies, named, seconds, first, last, full)


def _spread(
    session: Session, catalogue: Catalogue, mailing: Mailing, now: datetime
) -> tuple[int, datetime | None, datetime | None, int]:
    """Companies, first and last moment, and how many have no room for more this week afterwards."""
    asked = Asked(session, catalogue, mailing, now)
    due, room = due_of(asked, mailing.leaves_at or mailing.starts_at or now), caps_of(catalogue.rules).per_week
    statement = (
        select(
            func.count(ACCOUNT.c.id.distinct()),
            func.min(due, type_=Moment()),
            func.max(due, type_=Moment()),
            func.coalesce(func.sum(case((heard(now - WEEK) >= room - 1, 1), else_=0)), 0),
        )
        .select_from(PEOPLE)
        .where(asked.audience, reason_of(asked).is_(None))
    )
    companies, first, last, full = session.execute(statement).one()
    return int(companies), first, last, int(full)


def _named(session: Session, chosen: Sequence[int]) -> tuple[str, ...]:
    found = session.execute(
        select(col(Contact.id), col(Contact.name), col(Account.name))
        .join(Account, col(Account.id) == col(Contact.account_id))
        .where(col(Contact.id).in_(chosen))
    )
    names = {number: f"{name} ({account})" for number, name, account in found}
    return tuple(names[number] for number in chosen if number in names)


def sights(
    session: Session, catalogue: Catalogue, mailing: Mailing, said: Mapping[str, Written], now: datetime
) -> tuple[Sight, ...]:
    """How a few real recipients see it, each in their language. Raises BadCondition."""
    return tuple(
        _sight(session, catalogue, mailing, said, number) for number in sample(session, catalogue, mailing, SAMPLE, now)
    )


def _sight(session: Session, catalogue: Catalogue, mailing: Mailing, said: Mapping[str, Written], number: int) -> Sight:
    contact = session.get_one(Contact, number)
    spoken = session.exec(
        select_rows(Chat.language)
        .where(Chat.contact_id == number, Chat.kind == "private")
        .order_by(col(Chat.last_heard_at).desc())
        .limit(1)
    ).first()
    who = member(session, catalogue, contact, said=spoken)
    language = language_of(catalogue, said, who) if said else who.voice.language
    try:
        card = fill(catalogue, mailing, said, who, 0)
    except BadWords as bad:
        return Sight(contact.name, who.account.name, language, None, str(bad))
    return Sight(contact.name, who.account.name, language, card)


@dataclass(frozen=True, slots=True)
class Touched:
    """A CSM to whose accounts a mailing goes."""

    csm: Csm
    accounts: tuple[tuple[Account, int], ...]
    """With how many of their people would get it, the most first."""


def touched(session: Session, catalogue: Catalogue, mailing: Mailing, now: datetime) -> tuple[Touched, ...]:
    """Whose accounts it reaches, those of them that were kept back already included. Raises BadCondition."""
    asked = Asked(session, catalogue, mailing, now)
    people = func.count().label("people")
    statement = (
        select(ACCOUNT.c.id, people)
        .select_from(PEOPLE)
        .where(asked.audience, ACCOUNT.c.csm_id.is_not(None))
        .where(func.coalesce(reason_of(asked), "kept back") == "kept back")
        .group_by(ACCOUNT.c.id)
        .order_by(people.desc(), ACCOUNT.c.id)
    )
    by_csm: dict[int, list[tuple[Account, int]]] = {}
    for number, count in session.execute(statement).all():
        account = session.get_one(Account, number)
        by_csm.setdefault(account.csm_id or 0, []).append((account, int(count)))
    return tuple(Touched(session.get_one(Csm, number), tuple(accounts)) for number, accounts in by_csm.items())
