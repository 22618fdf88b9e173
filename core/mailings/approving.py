"""Saying yes to a mailing: one person or two, and a while in which it may still be called off."""

from datetime import UTC, datetime, time, timedelta
from typing import Literal, TypeAlias

from sqlmodel import Session

from core.content.catalogue import Catalogue
from core.mailings.drafting import condition, locked
from core.people.accounts import local
from storage.tables import Mailing

Approval: TypeAlias = Literal["leaving", "waiting", "same person", "too late", "expired"]
"""What a yes came to: it leaves; it waits for a second person; that has to be somebody else; it was decided before;
its time is over. Only the first two change anything."""

_EARLIEST_ZONE = timedelta(hours=14)
"""Ahead of UTC: where a day begins first (IANA: Pacific/Kiritimati)."""


def approve(session: Session, catalogue: Catalogue, mailing_id: int, by: int | None, now: datetime) -> Approval:
    """Somebody of us says yes (`by` None: an operator, who needs no second). From then on its words are frozen.

    Raises BadCondition when its audience cannot be asked any more.
    """
    mailing = locked(session, mailing_id)
    if mailing is None or mailing.state not in ("draft", "waiting"):
        return "too late"
    if mailing.expires_at is not None and mailing.expires_at <= now:
        return "expired"
    for expression in (mailing.audience, mailing.but):
        condition(catalogue, expression)
    if catalogue.rules.mailings.approval == "second" and by is not None:
        author = mailing.csm_id
        if mailing.state == "draft" and by == author:
            mailing.state = "waiting"
            session.flush()
            return "waiting"
        if by == author:
            return "same person"
    mailing.state, mailing.approved_by = "leaving", by
    mailing.leaves_at = leaves(catalogue, mailing, now)
    mailing.due = mailing.leaves_at
    session.flush()
    return "leaving"


def leaves(catalogue: Catalogue, mailing: Mailing, now: datetime) -> datetime:
    """When it leaves if it is approved now: after the time to call it off, and not before it is to start.

    With an hour on each person's clock it leaves when that day begins in the first zone: who is further west waits.
    """
    soonest = now + timedelta(minutes=catalogue.rules.mailings.cancel_minutes)
    if mailing.starts_at is None:
        return soonest
    if mailing.local_hour is None:
        return max(soonest, mailing.starts_at)
    day = local(mailing.starts_at, catalogue.rules.timezone).date()
    return max(soonest, datetime.combine(day, time(), UTC) - _EARLIEST_ZONE)
