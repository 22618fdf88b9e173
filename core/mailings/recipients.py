"""Whom a mailing is for, as SQL: everybody of its audience, where each is best reached, when, and why not."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, FromClause, String, case, cast, func, literal, select
from sqlmodel import Session, SQLModel

from core.content.catalogue import Catalogue
from core.mailings.drafting import condition
from core.people.accounts import known_zone, local
from core.people.audience import MEMBERS, Clause, clause
from storage.tables import Mailing
from storage.types import Moment

_CHAT = SQLModel.metadata.tables["chat"]
_PREFERENCE = SQLModel.metadata.tables["preference"]
CONTACT = SQLModel.metadata.tables["contact"]
ACCOUNT = SQLModel.metadata.tables["account"]


def _best_chats() -> FromClause:
    """One chat per person, as `core.attention.reach.best_of` would choose: what they want, else where they wrote."""
    wanted = case((_CHAT.c.address.like(_PREFERENCE.c.messenger + ":%"), 0), else_=1)
    place = func.row_number().over(
        partition_by=_CHAT.c.contact_id, order_by=(wanted, _CHAT.c.last_heard_at.desc(), _CHAT.c.address)
    )
    ranked = (
        select(_CHAT.c.contact_id, _CHAT.c.address, place.label("place"))
        .select_from(_CHAT.outerjoin(_PREFERENCE, _PREFERENCE.c.contact_id == _CHAT.c.contact_id))
        .where(_CHAT.c.kind == "private", _CHAT.c.contact_id.is_not(None), _CHAT.c.unreachable.is_(None))
        .subquery("ranked")
    )
    return select(ranked.c.contact_id, ranked.c.address).where(ranked.c.place == 1).subquery("best")


BEST = _best_chats()
"""`contact_id` and `address` of everybody who can be reached."""

PEOPLE: FromClause = MEMBERS.outerjoin(BEST, BEST.c.contact_id == CONTACT.c.id)
"""Everybody, with the chat where they are best reached, if there is one."""

MESSENGER: ColumnElement[str] = case((BEST.c.address.like("slack:%"), "slack"), else_="telegram")


@dataclass(frozen=True, slots=True)
class Asked:
    """What is asked about people for one mailing at one moment."""

    session: Session
    catalogue: Catalogue
    mailing: Mailing
    """Perhaps not written down yet: for previews."""
    now: datetime

    def clause(self, expression: str) -> Clause:
        """Raises BadCondition."""
        return clause(self.session, self.catalogue, condition(self.catalogue, expression), self.now)

    @property
    def audience(self) -> Clause:
        """Raises BadCondition."""
        return self.clause(self.mailing.audience)


def due_of(asked: Asked, leaves_at: datetime) -> ColumnElement[datetime]:
    """When it is to be said to each: at once, or when their own clock shows the hour; to the canary just before."""
    usual = _due_of(asked, leaves_at, timedelta())
    if not asked.mailing.canary:
        return usual
    return case((_drawn() % 100 < asked.mailing.canary, _due_of(asked, leaves_at, _BEFORE)), else_=usual)


_BEFORE = timedelta(microseconds=-1)
"""What is due earlier goes first."""


def _due_of(asked: Asked, leaves_at: datetime, plus: timedelta) -> ColumnElement[datetime]:
    mailing, rules = asked.mailing, asked.catalogue.rules
    if mailing.local_hour is None:
        return literal(leaves_at + plus, Moment())
    day = local(mailing.starts_at, rules.timezone).date() if mailing.starts_at is not None else None

    def when(zone: str) -> datetime:
        return next_hour(zone, mailing.local_hour or 0, day, leaves_at) + plus

    ways: list[tuple[Clause, ColumnElement[Any]]] = []
    for column in (CONTACT.c.timezone, ACCOUNT.c.timezone):
        there = asked.session.execute(select(column).select_from(MEMBERS).distinct()).scalars()
        ways += _cases(column, {zone: when(zone) for zone in there if zone and known_zone(zone, default="")})
    regions = {region: when(zone) for region, zone in rules.region_timezones.items() if known_zone(zone, default="")}
    ways += _cases(ACCOUNT.c.region, regions)
    usual = literal(when(rules.timezone), Moment())
    return case(*ways, else_=usual) if ways else usual


def _cases(column: ColumnElement[Any], moments: Mapping[str, datetime]) -> list[tuple[Clause, ColumnElement[Any]]]:
    together: dict[datetime, list[str]] = defaultdict(list)
    for value, moment in moments.items():
        together[moment].append(value)
    return [(column.in_(values), literal(moment, Moment())) for moment, values in together.items()]


def next_hour(zone: str, hour: int, day: date | None, after: datetime) -> datetime:
    """When the clock of `zone` shows this hour on that day (None: any), in UTC: the first time not before `after`."""
    here = ZoneInfo(zone)
    one = day or after.astimezone(here).date()
    while (moment := datetime.combine(one, time(hour), here).astimezone(after.tzinfo)) < after:
        one += timedelta(days=1)
    return moment


def _drawn() -> ColumnElement[int]:
    """A number of each that looks like chance and is always the same: neighbours of one company are far apart."""
    return CONTACT.c.id * 48271 % 65537


def shuffled() -> tuple[ColumnElement[Any], ...]:
    """An order in which the first few stand for all."""
    return (_drawn(), CONTACT.c.id)


def has_chat() -> Clause:
    """They have ever been met in private."""
    return (
        select(literal(1)).select_from(_CHAT).where(_CHAT.c.contact_id == CONTACT.c.id, _CHAT.c.kind == "private")
    ).exists()


def numbered(prefix: str) -> ColumnElement[str]:
    """`<prefix><contact id>`."""
    return literal(prefix, String).concat(cast(CONTACT.c.id, String))
