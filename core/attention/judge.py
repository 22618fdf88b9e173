"""When may we speak to whom unasked: quiet hours, caps, their own wish for silence. Every refusal has a reason."""

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import TypeAlias

from sqlalchemy import func
from sqlmodel import Session, col, select

from core.content.catalogue import Catalogue, Rules
from core.onboarding.reminders import still_wanted
from core.people.accounts import Member, local, member
from storage.tables import Contact, Delivery
from storage.tables.ledger import ANSWER


@dataclass(frozen=True, slots=True)
class Speak:
    """Nothing stands against saying it now."""


@dataclass(frozen=True, slots=True)
class Hold:
    """Not before `until`; `reason` is one of `quiet`, `capped`, `silenced`."""

    until: datetime
    reason: str


@dataclass(frozen=True, slots=True)
class Drop:
    """It is never to be said: its reason has gone, or its time has passed."""

    reason: str


Verdict: TypeAlias = Speak | Hold | Drop


def quiet_until(rules: Rules, now: datetime, zone: str) -> datetime | None:
    """The end of the quiet hours that `now` falls into, in UTC; None when it is a time to speak.

    Quiet are the hours from `quiet_from` until `quiet_until` on the reader's clock, and whole `quiet_weekdays`.
    A moment that the clock skips (DST) counts as the one right after the gap.
    """
    if len(rules.quiet_weekdays) >= 7:
        raise ValueError("at least one weekday must not be quiet")
    here = local(now, zone)
    opens = _opening(rules, here)
    while opens.weekday() in rules.quiet_weekdays:
        opens = _at(opens + timedelta(days=1), rules.quiet_until)
    return None if opens <= here else opens.astimezone(now.tzinfo)


def _at(day: datetime, hour: time) -> datetime:
    return day.replace(hour=hour.hour, minute=hour.minute, second=0, microsecond=0, fold=0)


def _opening(rules: Rules, here: datetime) -> datetime:
    """The first moment from `here` on that is not within quiet hours, weekdays aside."""
    clock, begins, ends = here.time().replace(tzinfo=None), rules.quiet_from, rules.quiet_until
    overnight = begins > ends
    quiet = (clock >= begins or clock < ends) if overnight else begins <= clock < ends
    if not quiet:
        return here
    tomorrow = overnight and clock >= begins
    return _at(here + timedelta(days=1) if tomorrow else here, ends)


def capped_until(rules: Rules, sent: list[datetime], now: datetime) -> datetime | None:
    """When the caps next leave room, given the moments of what was sent in the last 7 days; None: there is room now."""
    latest: datetime | None = None
    for most, span in ((rules.most_per_day, timedelta(days=1)), (rules.most_per_week, timedelta(days=7))):
        within = sorted(moment for moment in sent if now - span < moment <= now)
        if len(within) >= most:
            frees = within[len(within) - most] + span
            latest = frees if latest is None else max(latest, frees)
    return latest


def judge(session: Session, catalogue: Catalogue, delivery: Delivery, now: datetime) -> Verdict:
    """May this delivery be sent now? Asked when it is claimed, so that nothing that changed since is missed."""
    if delivery.expires_at is not None and delivery.expires_at <= now:
        return Drop("expired")
    if delivery.lane == ANSWER:
        return Speak()
    if delivery.contact_id is None:
        return Drop("nobody's")
    # Locked, so that two processes cannot each find room for one more below the same cap.
    contact = session.get(Contact, delivery.contact_id, with_for_update=True)
    if contact is None:
        return Drop("contact gone")
    who = member(session, catalogue, contact)
    if not still_wanted(session, catalogue, who, delivery, now):
        return Drop("no reason any more")
    return _judge_person(session, catalogue.rules, who, delivery, now)


def _judge_person(session: Session, rules: Rules, who: Member, delivery: Delivery, now: datetime) -> Verdict:
    silent = who.contact.silent_until
    if silent is not None and silent > now:
        return Hold(silent, "silenced")
    quiet = quiet_until(rules, now, who.zone)
    if quiet is not None:
        return Hold(quiet, "quiet")
    capped = capped_until(rules, sent_unasked(session, who.contact, now, but=delivery.id), now)
    return Speak() if capped is None else Hold(capped, "capped")


def sent_unasked(session: Session, contact: Contact, now: datetime, *, but: int | None = None) -> list[datetime]:
    """When proactive cards went to this person in the last 7 days, `but` one; those in flight count as sent now."""
    rows = session.exec(
        select(func.coalesce(Delivery.settled_at, Delivery.leased_until))
        .where(Delivery.contact_id == contact.id, Delivery.lane != ANSWER, Delivery.id != but)
        .where(col(Delivery.state).in_(("accepted", "uncertain", "sending")))
        .where(func.coalesce(Delivery.settled_at, Delivery.leased_until) > now - timedelta(days=7))
    ).all()
    return [min(moment, now) for moment in rows if moment is not None]
