"""Who is left out of a mailing, and why: one table, asked when it is planned and shown before it is sent."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final, TypeAlias

from sqlalchemy import ColumnElement, String, and_, case, exists, func, literal, not_, null, or_, select, true, update
from sqlmodel import Session, SQLModel, col

from core.attention.preferences import caps_of
from core.mailings.recipients import ACCOUNT, BEST, CONTACT, Asked, has_chat
from core.people.audience import Clause
from storage.tables import Contact, Delivery, MailingVeto
from storage.tables.ledger import ANSWER

_DELIVERY = SQLModel.metadata.tables["delivery"]
_CHOICE = SQLModel.metadata.tables["topic_choice"]
_VETO = SQLModel.metadata.tables["mailing_veto"]

_WEEK: Final = timedelta(days=7)

KIND: Final = "mailing"
"""Of deliveries, for caps that count each kind by itself."""

Ask: TypeAlias = Callable[[Asked], Clause | None]
"""For whom the reason holds; None: for nobody of this mailing."""


def _does_it_already(asked: Asked) -> Clause | None:
    return asked.clause(asked.mailing.but) if asked.mailing.but.strip() else None


def _kept_back(asked: Asked) -> Clause | None:
    if asked.mailing.id is None:
        return None
    return exists().where(_VETO.c.mailing_id == asked.mailing.id, _VETO.c.account_id == ACCOUNT.c.id)


def _opted_out(asked: Asked) -> Clause | None:
    """They asked for silence, or want nothing of its topic."""
    if asked.mailing.category == "mandatory":
        return None
    silent = func.coalesce(CONTACT.c.silent_until > asked.now, not_(true()))
    usual = asked.catalogue.rules.topics.get(asked.mailing.topic)
    if usual is None:
        return silent
    theirs = and_(_CHOICE.c.contact_id == CONTACT.c.id, _CHOICE.c.topic == asked.mailing.topic)
    off = exists().where(theirs, _CHOICE.c.cadence == "off")
    return or_(silent, off) if usual != "off" else or_(silent, off, not_(exists().where(theirs)))


def _not_here(_asked: Asked) -> Clause | None:
    return and_(BEST.c.address.is_(None), not_(has_chat()))


def _unreachable(_asked: Asked) -> Clause | None:
    return BEST.c.address.is_(None)


def _over_budget(asked: Asked) -> Clause | None:
    """News are not saved up for people who heard enough of us this week; what matters waits for its turn."""
    if asked.mailing.category != "news":
        return None
    caps = caps_of(asked.catalogue.rules)
    since = asked.now - _WEEK
    full = heard(since) >= caps.per_week
    if KIND in caps.per_week_of:
        full = or_(full, heard(since, KIND) >= caps.per_week_of[KIND])
    return full


def heard(since: datetime, kind: str | None = None) -> ColumnElement[int]:
    """How much each was told unasked since then, as `core.attention.caps.sent_unasked` counts."""
    moment = func.coalesce(_DELIVERY.c.settled_at, _DELIVERY.c.leased_until)
    told = (
        select(func.count())
        .select_from(_DELIVERY)
        .where(_DELIVERY.c.contact_id == CONTACT.c.id, _DELIVERY.c.lane != ANSWER)
        .where(_DELIVERY.c.state.in_(("accepted", "uncertain", "sending")), moment > since)
    )
    return (told.where(_DELIVERY.c.kind == kind) if kind else told).scalar_subquery()


REASONS: Final[tuple[tuple[str, Ask], ...]] = (
    ("kept back", _kept_back),
    ("does it already", _does_it_already),
    ("opted out", _opted_out),
    ("not here yet", _not_here),
    ("unreachable", _unreachable),
    ("over budget", _over_budget),
)
"""The first that holds is the one that is told. A new reason is a line here."""


def reason_of(asked: Asked) -> ColumnElement[str]:
    """Why each is left out; NULL: they are not. Raises BadCondition."""
    ways = [(holds, literal(reason, String)) for reason, ask in REASONS if (holds := ask(asked)) is not None]
    return case(*ways, else_=null())


def keep_back(session: Session, mailing_id: int, account_id: int, csm_id: int, now: datetime) -> int:
    """A CSM keeps an account out of it. Returns to how many of its people it was going already, and will not now."""
    if session.get(MailingVeto, (mailing_id, account_id)) is None:
        session.add(MailingVeto(mailing_id=mailing_id, account_id=account_id, csm_id=csm_id, at=now))
        session.flush()
    theirs = select(col(Contact.id)).where(col(Contact.account_id) == account_id)
    stopped = session.execute(
        update(Delivery)
        .where(col(Delivery.mailing_id) == mailing_id, col(Delivery.contact_id).in_(theirs))
        .where(col(Delivery.state).in_(("planned", "queued", "held")))
        .values(state="cancelled", reason="kept back", settled_at=now)
        .execution_options(synchronize_session=False)
    )
    return int(getattr(stopped, "rowcount", 0))


def is_kept_back(session: Session, mailing_id: int, account_id: int) -> bool:
    return session.get(MailingVeto, (mailing_id, account_id)) is not None
