"""The register of an update: who was told, who has opened it, and who has said that they have read it."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import and_, func
from sqlmodel import Session, col, select

from storage.tables import Account, Contact, Decision, Notice, UpdateView


@dataclass(frozen=True, slots=True)
class Entry:
    """One person it concerns."""

    account: str
    name: str
    email: str
    told_at: datetime | None
    """When it was first proposed to them; None: never, they found it themselves."""
    times: int
    """How often it was proposed to them."""
    reached: bool
    """Whether any of that came to a message."""
    seen_at: datetime | None
    acknowledged_at: datetime | None
    opinion: str
    """`up`, `down` or empty."""


def register(session: Session, update: str) -> tuple[Entry, ...]:
    """Everybody who was told this update or opened it, by account and name. Those who left are in it, too."""
    told = (
        select(
            col(Decision.contact_id),
            func.min(Decision.at).label("at"),
            func.count().label("times"),
            func.count(col(Decision.delivery_id)).label("reached"),
        )
        .where(Decision.rule == f"update:{update}")
        .group_by(col(Decision.contact_id))
        .subquery()
    )
    mine = and_(col(UpdateView.contact_id) == col(Contact.id), col(UpdateView.update) == update)
    owed = and_(col(Notice.contact_id) == col(Contact.id), col(Notice.update) == update)
    found = session.execute(
        select(Account.name, Contact.name, Contact.email, told.c.at, told.c.times, told.c.reached, UpdateView)  # type: ignore[call-overload]  # SQLModel's overloads end at four
        .select_from(Contact)
        .join(Account, col(Account.id) == col(Contact.account_id))
        .outerjoin(told, told.c.contact_id == col(Contact.id))
        .outerjoin(UpdateView, mine)
        .outerjoin(Notice, owed)
        .where(told.c.at.is_not(None) | col(UpdateView.seen_at).is_not(None) | col(Notice.sent).is_not(None))
        .order_by(col(Account.name), col(Contact.name), col(Contact.id))
    ).all()
    return tuple(
        Entry(
            account,
            name,
            email,
            at,
            times or 0,
            bool(reached),
            view.seen_at if view is not None else None,
            view.acknowledged_at if view is not None else None,
            (view.opinion or "") if view is not None else "",
        )
        for account, name, email, at, times, reached, view in found
    )
