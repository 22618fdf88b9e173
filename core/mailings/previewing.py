"""What a mailing will do before it is sent: to how many, who not and why, how long it takes, and what it costs them."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import case, func, select
from sqlmodel import Session, SQLModel, col
from sqlmodel import select as select_rows

from core.attention.caps import WEEK
from core.attention.preferences import caps_of
from core.cards import Card
from core.content.catalogue import Catalogue
from core.mailings.drafting import Draft, Written
from core.mailings.filling import BadWords, fill, language_of
from core.mailings.omitting import heard, reason_of
from core.mailings.planning import Forecast, sample
from core.mailings.recipients import ACCOUNT, BEST, CONTACT, MESSENGER, PEOPLE, Asked, due_of
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
    readers: Mapping[tuple[str, ...], int]
    """How many of them read which languages, the best first."""


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
    going: Counter[str] = Counter()
    left_out: Counter[str] = Counter()
    chosen: dict[int, int] = {}
    moments: list[datetime] = []
    readers: Counter[tuple[str, ...]] = Counter()
    full = 0
    for reason, messenger, account, people, one, first, last, at_cap, *spoken in _by_company(
        session, catalogue, mailing, now
    ):
        if reason is not None:
            left_out[reason] += people
            continue
        going[messenger] += people
        chosen[account] = min(one, chosen.get(account, one))
        own, said, theirs, region = spoken
        readers[catalogue.voice(own, said, theirs, catalogue.rules.region_languages.get(region)).chain] += people
        moments += (first, last)
        full += at_cap
    seconds = max((count / PACE.get(messenger, 1.0) for messenger, count in going.items()), default=0.0)
    return Outlook(
        Forecast(dict(going), dict(sorted(left_out.items(), key=lambda one: (-one[1], one[0])))),
        len(chosen),
        _named(session, _apart(list(chosen.values()))),
        seconds,
        min(moments, default=None),
        max(moments, default=None),
        full,
        readers,
    )


def _by_company(session: Session, catalogue: Catalogue, mailing: Mailing, now: datetime) -> Sequence[Sequence[Any]]:
    """All that is told of an audience in one look at it: asked for each thing apart, it would be looked at four times.

    Reason to be left out (None: they get it), messenger, account, people, one of them, the first and the last moment,
    for how many it is the last of the week, and what tells their language: their own, their messenger's, their
    account's, its region.
    """
    asked = Asked(session, catalogue, mailing, now)
    due, room = due_of(asked, mailing.leaves_at or mailing.starts_at or now), caps_of(catalogue.rules).per_week
    people = select(
        reason_of(asked).label("reason"),
        MESSENGER.label("messenger"),
        CONTACT.c.account_id.label("account"),
        CONTACT.c.id.label("contact"),
        due.label("due"),
        heard(now - WEEK).label("heard"),
        *(column.label(name) for name, column in _SPOKEN.items()),
    )
    there = PEOPLE.outerjoin(_CHAT, _CHAT.c.address == BEST.c.address)
    of = people.select_from(there).where(asked.audience).subquery("of")
    statement = select(
        of.c.reason,
        of.c.messenger,
        of.c.account,
        func.count(),
        func.min(of.c.contact),
        func.min(of.c.due, type_=Moment()),
        func.max(of.c.due, type_=Moment()),
        func.sum(case((of.c.heard >= room - 1, 1), else_=0)),
        *(of.c[name] for name in _SPOKEN),
    ).group_by(of.c.reason, of.c.messenger, of.c.account, *(of.c[name] for name in _SPOKEN))
    return session.execute(statement).all()


_CHAT = SQLModel.metadata.tables["chat"].alias("spoken")
_SPOKEN: Final = {
    "own": CONTACT.c.language,
    "said": _CHAT.c.language,
    "theirs": ACCOUNT.c.language,
    "region": ACCOUNT.c.region,
}


def _apart(people: Sequence[int]) -> Sequence[int]:
    """A few of them, from all over the list."""
    return [people[place * len(people) // NAMED] for place in range(NAMED)] if len(people) > NAMED else people


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
