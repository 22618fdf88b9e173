"""What every running mailing needs each second: to leave, be fed, be watched, stop by itself, and be finished."""

from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import update
from sqlmodel import Session, col, select

from core.claims import NEVER
from core.content.catalogue import Catalogue
from core.content.conditions.condition import BadCondition
from core.mailings.counting import Counts, counts, fold
from core.mailings.feeding import feed, in_window
from core.mailings.planning import plan
from core.mailings.running import hold, take_back
from storage.tables import Delivery, Mailing

AT_ONCE: Final = 5_000
"""Rows called off, or found too late, in one transaction."""

_TENDED: Final = ("leaving", "running", "paused", "cancelling")


def tend(session: Session, catalogue: Catalogue, now: datetime) -> int:
    """Look after every mailing that another process is not just looking after. Returns how many rows were moved."""
    mailings = session.exec(
        select(Mailing)
        .where(col(Mailing.state).in_(_TENDED))
        .order_by(col(Mailing.id))
        .with_for_update(skip_locked=True)
        .execution_options(populate_existing=True)
    ).all()
    moved = 0
    fed: list[tuple[Mailing, int | None]] = []
    for mailing in mailings:
        match mailing.state:
            case "leaving":
                moved += _leave(session, catalogue, mailing, now)
            case "cancelling":
                moved += _call_off(session, mailing, now)
            case _:
                moved += _watch(session, catalogue, mailing, now)
        if mailing.state == "running" and mailing.planned_at is not None:
            allowed = _allowed(session, catalogue, mailing, now)
            if allowed is None or allowed > 0:
                fed.append((mailing, allowed))
    session.flush()
    return moved + (feed(session, fed, now) if fed else 0)


def _leave(session: Session, catalogue: Catalogue, mailing: Mailing, now: datetime) -> int:
    """The time to call it off is over: its recipients are written down."""
    if mailing.due is not None and mailing.due > now:
        return 0
    try:
        recipients = plan(session, catalogue, mailing, now)
    except BadCondition:  # the fields of hub.yaml changed after the yes
        mailing.state, mailing.reason, mailing.finished_at = "cancelled", "audience", now
        return 1
    mailing.state, mailing.due, mailing.started_at = "running", None, now
    if mailing.canary and recipients:
        mailing.canary_until = NEVER
    return max(1, recipients)


def _call_off(session: Session, mailing: Mailing, now: datetime) -> int:
    moved = _end_waiting(session, mailing, "cancelled", mailing.reason or "by hand", now)
    fold(session, mailing, now)
    if not moved and not counts(session, mailing.id or 0).left:
        mailing.state, mailing.finished_at = "cancelled", now
    return moved


def _end_waiting(session: Session, mailing: Mailing, state: str, reason: str, now: datetime) -> int:
    slice_ = (
        select(Delivery.id)
        .where(col(Delivery.mailing_id) == mailing.id, col(Delivery.state).in_(("planned", "queued", "held")))
        .limit(AT_ONCE)
        .with_for_update(skip_locked=True)
    )
    ended = session.execute(
        update(Delivery)
        .where(col(Delivery.id).in_(slice_))
        .values(state=state, reason=reason, settled_at=now)
        .execution_options(synchronize_session=False)
    )
    return int(getattr(ended, "rowcount", 0))


def _watch(session: Session, catalogue: Catalogue, mailing: Mailing, now: datetime) -> int:
    """Count; stop it when it goes wrong; finish it when nothing is left. Returns how many rows were found too late."""
    fold(session, mailing, now)
    counted = counts(session, mailing.id or 0)
    late = 0
    if mailing.expires_at is not None and mailing.expires_at <= now and counted.left:
        late = _end_waiting(session, mailing, "expired", "expired", now)
    if mailing.state == "running":
        _judge_run(session, catalogue, mailing, counted, now)
    if mailing.state == "running" and not in_window(catalogue.rules, mailing, now):
        take_back(session, mailing)
    if not counted.left and not late:
        mailing.state, mailing.reason, mailing.finished_at = "finished", None, now
        mailing.pace, mailing.canary_until = 0, None
    return late


def _judge_run(session: Session, catalogue: Catalogue, mailing: Mailing, counted: Counts, now: datetime) -> None:
    rules = catalogue.rules.mailings
    if mailing.failures_in_a_row >= rules.failures_in_a_row:
        hold(session, mailing, "failures")
    elif mailing.canary_until is not None and mailing.canary_until <= now:
        verdict = canary_fails(counted, rules.canary_failures, rules.canary_dislikes)
        if verdict is None:
            mailing.canary_until = None
        else:
            hold(session, mailing, verdict)


def canary_fails(counted: Counts, most_failures: int, most_dislikes: int) -> str | None:
    """Why the rest should not get it: too many per cent failed, or put a thumb down. None: nothing speaks against."""
    tried = counted["accepted"] + counted["failed"] + counted["uncertain"]
    if counted["failed"] * 100 > most_failures * tried:
        return "canary failures"
    return "opinions" if counted["down"] * 100 > most_dislikes * tried else None


def _allowed(session: Session, catalogue: Catalogue, mailing: Mailing, now: datetime) -> int | None:
    """How many may be queued now; None: any number."""
    if not in_window(catalogue.rules, mailing, now):
        return 0
    if mailing.canary_until is None:
        return None
    counted = counts(session, mailing.id or 0)
    share = -(-counted.total * mailing.canary // 100)
    left = share - (counted.total - counted["planned"])
    if left <= 0 and mailing.canary_until == NEVER and not (counted["queued"]):
        mailing.canary_until = None if not counted["planned"] else _until(catalogue, now)
    return max(0, left)


def _until(catalogue: Catalogue, now: datetime) -> datetime:
    return now + timedelta(minutes=catalogue.rules.mailings.canary_minutes)
