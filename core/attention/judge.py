"""May it be said now? Asked when it would be sent, so that no change since is missed; every no has a reason."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeAlias

from sqlalchemy import bindparam, select
from sqlmodel import Session, col

from core.attention.caps import Sent, capped_until, sent_unasked
from core.attention.preferences import caps_of, hours_of
from core.attention.proposals import still_off
from core.attention.quiet import quiet_until, shift_of
from core.attention.reasons import still_wanted
from core.attention.slots import (
    Line,
    Waiting,
    decision_of,
    first_of,
    has_lines,
    lines_of,
    merge,
    rivals,
    with_lines,
    without_lines,
)
from core.codec import read_card, write_card
from core.content.catalogue import Catalogue
from core.content.versions.history import is_current
from core.digests.digests import waits_until
from core.digests.gathering import KINDS as DIGESTED
from core.outbox import CHANGES, bring_back, carried_by
from core.people.accounts import Member, member
from core.screens import is_newest
from core.updates import pins
from storage.loading import columns, rows
from storage.tables import Contact, Decision, Delivery
from storage.tables.ledger import ANSWER

BEHIND = timedelta(seconds=10)
"""How long this process, which has not read the newest content yet, leaves what is unasked to those who have."""

_SILENCE_LASTS = timedelta(days=1)
"""After that it is asked again whether somebody still wants silence: they may end it before its time."""


@dataclass(frozen=True, slots=True)
class Speak:
    """Nothing stands against saying it now."""


@dataclass(frozen=True, slots=True)
class Again:
    """Ask once more at once: what is to be said has just become another."""


@dataclass(frozen=True, slots=True)
class Hold:
    """Not before `until`; `reason` is one of `quiet`, `capped`, `silenced`, `digest`, `content`."""

    until: datetime
    reason: str


@dataclass(frozen=True, slots=True)
class Drop:
    """It is never to be said by itself: its reason has gone, its time has passed, or another message says it."""

    reason: str


Verdict: TypeAlias = Speak | Again | Hold | Drop


def judge(session: Session, catalogue: Catalogue, delivery: Delivery, now: datetime) -> Verdict:
    """May this delivery be sent now? When several wait for one person, they become one message here."""
    if delivery.expires_at is not None and delivery.expires_at <= now:
        return Drop("expired")
    if delivery.lane == ANSWER:
        return Speak()
    if delivery.contact_id is None and delivery.kind in CHANGES:
        return Speak()  # a message that only changes or goes makes no sound: no hour is bad, and nobody's budget pays
    if not is_current(session, catalogue):
        return Hold(now + BEHIND, "content")
    if delivery.contact_id is None:
        return _judge_aside(session, catalogue, delivery, now)
    # Locked, so that two processes cannot each find room for one more below the same cap.
    found = rows(session, _LOCKED, {"contact": delivery.contact_id}, Contact, fresh=True)
    if not found:
        return Drop("contact gone")
    contact: Contact = found[0][0]
    one = Waiting(delivery, decision_of(session, delivery))
    verdict = _judge_one(session, catalogue, member(session, catalogue, contact), one, now)
    if one.decision is not None and isinstance(verdict, Hold):
        _note(one.decision, verdict, now)
    return verdict


_LOCKED = select(*columns(Contact)).where(col(Contact.id) == bindparam("contact")).with_for_update()


def _judge_aside(session: Session, catalogue: Catalogue, delivery: Delivery, now: datetime) -> Verdict:
    """What makes no sound and counts for no cap: an edit of what stands already, and the pinned line.

    To put the line up is a message all the same, which the messenger itself adds to the chat: the first time and
    whenever it had been taken down it waits for the end of quiet hours, and of a silence the person asked for.
    """
    edits = delivery.message_id is not None or delivery.replaces is not None
    if edits and not is_newest(session, delivery):
        return Drop("overtaken")
    if edits and not pins.puts_up(session, delivery):
        return Speak()
    contact_id = pins.owner(session, delivery) if delivery.kind == pins.SUBJECT else None
    contact = session.get(Contact, contact_id) if contact_id is not None else None
    if contact is None:
        return Drop("nobody's")
    who = member(session, catalogue, contact)
    if contact.silent_until is not None and contact.silent_until > now:
        return Hold(min(contact.silent_until, now + _SILENCE_LASTS), "silenced")
    quiet = _quiet_until(session, catalogue, who, now)
    if quiet is not None:
        return Hold(quiet, "quiet")
    if edits:
        return Speak()
    match pins.still_stands(session, catalogue, who, delivery, now):
        case "yes":
            return Speak()
        case "changed":
            return Again()
        case "no":
            return Drop("seen")


def _judge_one(session: Session, catalogue: Catalogue, who: Member, one: Waiting, now: datetime) -> Verdict:
    card = one.delivery.card
    gone = _gone(session, catalogue, who, one, now)
    if gone is not None:
        return Drop(gone)
    if one.delivery.card != card or _drop_stale_lines(session, catalogue, who, one, now):
        return Again()
    silent = who.contact.silent_until
    if silent is not None and silent > now and not (one.decision is not None and one.decision.mandatory):
        return Hold(silent, "silenced")
    later = waits_until(session, catalogue, who, one.decision)
    if later is not None and later > now:
        return Hold(later, "digest")
    quiet = _quiet_until(session, catalogue, who, now)
    if quiet is not None:
        return Hold(quiet, "quiet")
    sent = sent_unasked(session, who.contact.id or 0, now, but=one.delivery.id)
    capped = capped_until(caps_of(catalogue.rules), sent, one.delivery.kind, now)
    if capped is not None:
        return Hold(capped, "capped")
    return _take_turn(session, catalogue, who, one, sent, now)


def _quiet_until(session: Session, catalogue: Catalogue, who: Member, now: datetime) -> datetime | None:
    """The end of this person's night; each one's morning begins a little later than the hour."""
    rules = catalogue.rules
    return quiet_until(hours_of(session, rules, who), now, who.zone, shift_of(who.contact.id or 0, rules.spread))


def _gone(session: Session, catalogue: Catalogue, who: Member, one: Waiting, now: datetime) -> str | None:
    """Why it is not to be said any more; None: it still is."""
    if one.delivery.expires_at is not None and one.delivery.expires_at <= now:
        return "expired"
    if one.decision is not None and still_off(session, catalogue, one.decision):
        return "topic off"
    if one.delivery.kind in DIGESTED and waits_until(session, catalogue, who, one.decision) is not None:
        return "left to the digest"
    return None if still_wanted(session, catalogue, who, one.delivery, now) else "no reason any more"


def _drop_stale_lines(session: Session, catalogue: Catalogue, who: Member, one: Waiting, now: datetime) -> bool:
    """What was merged into it while it had to wait, and is not to be said any more, goes out of it. False: nothing."""
    card, contact_id = read_card(one.delivery.card), one.delivery.contact_id or 0
    if not has_lines(who.voice, card):
        return False
    carried = carried_by(session, [one.delivery.id], contact_id)
    before = lines_of(session, carried)
    left: list[Line] = []
    for decision, line in zip(carried, before, strict=True):
        row = session.get(Delivery, decision.delivery_id)
        gone = _gone(session, catalogue, who, Waiting(row, decision), now) if row is not None else None
        if row is None or gone is None:
            left.append(line)
            continue
        decision.merged_into = None
        drop(session, row, gone, now)
    if len(left) < len(before):
        one.delivery.card = write_card(with_lines(who.voice, without_lines(who.voice, card, before), left))
    return len(left) < len(before)


def _take_turn(
    session: Session, catalogue: Catalogue, who: Member, one: Waiting, sent: Sequence[Sent], now: datetime
) -> Verdict:
    """There is a free slot: is it this one's, or does something more worthy wait for it?"""
    caps, several = caps_of(catalogue.rules), [one]
    for rival in rivals(session, one.delivery, now):
        gone = _gone(session, catalogue, who, rival, now)
        if gone is not None:
            drop(session, rival.delivery, gone, now)
        elif (
            _is_heard(session, catalogue, who, rival, now)
            and capped_until(caps, sent, rival.delivery.kind, now) is None
        ):
            several.append(rival)
    chosen = first_of(several, now)
    others = [other for other in several if other is not chosen and other.can_be_merged]
    if chosen.can_be_merged and others:
        merge(session, who.voice, chosen, others, now)
        if one is chosen:
            return Again()
        if any(other is one for other in others):
            return Drop("merged")
    if chosen is one:
        return Speak()
    taken = capped_until(caps, [*sent, Sent(now, chosen.delivery.kind)], one.delivery.kind, now)
    return Speak() if taken is None else Hold(taken, "capped")


def _is_heard(session: Session, catalogue: Catalogue, who: Member, rival: Waiting, now: datetime) -> bool:
    """Not held back by the person's wish for silence, or to hear of it in a digest."""
    later = waits_until(session, catalogue, who, rival.decision)
    if later is not None and later > now:
        return False
    silent = who.contact.silent_until
    return silent is None or silent <= now or (rival.decision is not None and rival.decision.mandatory)


def drop(session: Session, delivery: Delivery, reason: str, now: datetime) -> None:
    """It is never to be said: write down why. What was to be said with it waits by itself again."""
    delivery.state = "expired" if reason == "expired" else "cancelled"
    delivery.reason, delivery.settled_at = reason, now
    delivery.leased_by = delivery.leased_until = None
    if delivery.contact_id is not None and reason != "merged":
        bring_back(session, [delivery.id], delivery.contact_id, now)


def _note(decision: Decision, verdict: Hold, now: datetime) -> None:
    """Remember what kept it back, unless the same did just before."""
    gates = json.loads(decision.gates)
    if not gates or gates[-1][1] != verdict.reason:
        decision.gates = json.dumps([*gates, [now.isoformat(), verdict.reason]])
