"""Holding a mailing, letting it go on, calling it off, and trying again what failed: what people decide about a run."""

from datetime import datetime
from typing import Final, Literal, TypeAlias

from sqlalchemy import text, update
from sqlmodel import Session, col, select

from core.mailings.drafting import locked
from core.mailings.feeding import MESSENGERS
from core.mailings.rights import BEFORE
from storage.tables import Delivery, Mailing
from storage.tables.ledger import MAILING

Scope: TypeAlias = Literal["failed", "uncertain"]

GOING: Final = ("running", "paused")

BY_HAND: Final = "by hand"


def pause(session: Session, mailing_id: int, *, reason: str = BY_HAND) -> bool:
    """Nothing more of it is taken up; what is being sent this moment still goes out. False: it is not running."""
    mailing = locked(session, mailing_id)
    if mailing is None or mailing.state != "running":
        return False
    hold(session, mailing, reason)
    return True


def hold(session: Session, mailing: Mailing, reason: str) -> None:
    """The same for one that is locked and running. `reason`: `by hand`, `failures`, `canary failures`, `opinions`."""
    mailing.state, mailing.reason, mailing.pace, mailing.paced_at = "paused", reason, 0, None
    session.flush()
    take_back(session, mailing)


def take_back(session: Session, mailing: Mailing) -> int:
    """What was queued and nobody has begun to send is only planned again. Returns how many."""
    stock = select(Delivery.id).where(
        col(Delivery.messenger).in_(MESSENGERS), col(Delivery.lane) == MAILING, text("delivery.state = 'queued'")
    )
    taken = session.execute(
        update(Delivery)
        .where(col(Delivery.id).in_(stock.where(col(Delivery.mailing_id) == mailing.id)))
        .values(state="planned", reason=None)
        .execution_options(synchronize_session=False)
    )
    return int(getattr(taken, "rowcount", 0))


def resume(session: Session, mailing_id: int) -> bool:
    """Go on exactly where it stopped; a canary that stopped it counts as seen. False: it is not paused."""
    mailing = locked(session, mailing_id)
    if mailing is None or mailing.state != "paused":
        return False
    if mailing.reason in ("canary failures", "opinions"):
        mailing.canary_until = None
    mailing.state, mailing.reason, mailing.failures_in_a_row = "running", None, 0
    mailing.pace, mailing.paced_at = 0, None
    session.flush()
    return True


def call_off(session: Session, mailing_id: int, now: datetime) -> bool:
    """As `cancel`, of one that somebody said yes to. False of a draft, too: somebody else called it off just before."""
    mailing = locked(session, mailing_id)
    return mailing is not None and mailing.state not in BEFORE and cancel(session, mailing_id, now)


def cancel(session: Session, mailing_id: int, now: datetime, *, reason: str = BY_HAND) -> bool:
    """What nobody has begun to send is not sent any more. False: it is over, or cancelled already.

    By hand before it left, it is a draft again with all its words, and wants a new yes; a draft is thrown away.
    """
    mailing = locked(session, mailing_id)
    if mailing is None or mailing.state in ("cancelling", "cancelled", "finished"):
        return False
    if mailing.state == "leaving" and reason == BY_HAND:
        # whoever said yes still sees it (core.mailings.rights): `approved_by` stands until the next yes
        mailing.state, mailing.leaves_at, mailing.due = "draft", None, None
        session.flush()
        return True
    begun = mailing.state in GOING
    mailing.state, mailing.reason = "cancelling" if begun else "cancelled", reason
    mailing.due, mailing.pace = None, 0
    if begun:
        take_back(session, mailing)
    else:
        mailing.finished_at = now
    session.flush()
    return True


def retry(session: Session, mailing_id: int, scope: Scope, now: datetime) -> int:
    """Plan those that failed once more, or those of which nobody knows: that is for a person to decide.

    Each goes to where it was to go. Returns how many; a finished mailing runs again. 0 of one that was cancelled.
    """
    mailing = locked(session, mailing_id)
    if mailing is None or mailing.state not in (*GOING, "finished"):
        return 0
    again = session.execute(
        update(Delivery)
        .where(col(Delivery.mailing_id) == mailing_id, col(Delivery.state) == scope)
        .values(state="planned", due=now, reason=None, attempts=0, settled_at=None)
        .execution_options(synchronize_session=False)
    )
    count = int(getattr(again, "rowcount", 0))
    if count:
        mailing.failures_in_a_row = 0
        if mailing.state == "finished":
            mailing.state, mailing.finished_at = "running", None
    session.flush()
    return count
