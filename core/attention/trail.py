"""What was said to one person unasked, or was not, and why: read from what was written down when it was decided."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, col, select

from storage.tables import Decision, Delivery


@dataclass(frozen=True, slots=True)
class Gate:
    """Something that stood, or stands, against saying it."""

    at: datetime
    """When it was met."""
    reason: str
    """`quiet`, `capped`, `silenced` …"""
    until: datetime | None = None
    """When it opens; None: it is over, or it never does."""


@dataclass(frozen=True, slots=True)
class Told:
    """One thing that wanted to be said to a person, and what became of it."""

    at: datetime
    """When it was proposed."""
    rule: str
    facts: Mapping[str, object]
    """What was true then, in plain values."""
    content_version: str
    gates: tuple[Gate, ...]
    """What kept it back, oldest first."""
    outcome: str
    """A delivery's state, or why there is none: `topic off`, `unreachable`; or `merged`; or why it was dropped."""
    outcome_at: datetime | None
    """When that happened, or when its turn comes next if it waits. None: nobody wrote it down."""
    carried_by: str = ""
    """The rule of the message that said it together with others; empty: it was not merged."""
    carries: int = 0
    """How many others it said with itself."""


def last_told(session: Session, contact_id: int, most: int) -> list[Told]:
    """The newest `most` things that wanted to be said to this person unasked, newest first."""
    found = session.exec(
        select(Decision, Delivery)
        .outerjoin(Delivery, col(Delivery.id) == col(Decision.delivery_id))
        .where(Decision.contact_id == contact_id)
        .order_by(col(Decision.at).desc(), col(Decision.id).desc())
        .limit(most)
    ).all()
    numbers = [decision.merged_into for decision, _ in found] + [decision.delivery_id for decision, _ in found]
    carriers, carried = _carriers(session, numbers), _carried(session, numbers)
    return [_told(decision, delivery, carriers, carried) for decision, delivery in found]


def _carriers(session: Session, deliveries: Sequence[int | None]) -> Mapping[int, str]:
    """By delivery, the rule of what it says."""
    wanted = {number for number in deliveries if number is not None}
    found = session.exec(select(Decision.delivery_id, Decision.rule).where(col(Decision.delivery_id).in_(wanted)))
    return {number: rule for number, rule in found.all() if number is not None}


def _carried(session: Session, deliveries: Sequence[int | None]) -> Mapping[int, int]:
    """By delivery, how many things it says with its own."""
    wanted = {number for number in deliveries if number is not None}
    counts: dict[int, int] = {}
    for number in session.exec(select(Decision.merged_into).where(col(Decision.merged_into).in_(wanted))).all():
        if number is not None:
            counts[number] = counts.get(number, 0) + 1
    return counts


def _told(
    decision: Decision, delivery: Delivery | None, carriers: Mapping[int, str], carried: Mapping[int, int]
) -> Told:
    outcome, at = _outcome(decision, delivery)
    gates = tuple(Gate(datetime.fromisoformat(moment), reason) for moment, reason in json.loads(decision.gates))
    return Told(
        at=decision.at,
        rule=decision.rule,
        facts=json.loads(decision.facts),
        content_version=decision.content_version,
        gates=gates,
        outcome=outcome,
        outcome_at=at,
        carried_by=carriers.get(decision.merged_into or 0, ""),
        carries=carried.get(decision.delivery_id or 0, 0),
    )


def _outcome(decision: Decision, delivery: Delivery | None) -> tuple[str, datetime | None]:
    """Held by attention is told by its reason, cancelled by why; all else by the delivery's state."""
    if delivery is None:
        return decision.reason or "forgotten", decision.at if decision.reason else None
    match delivery.state:
        case "held":
            return delivery.reason or "held", None if delivery.reason == "unreachable" else delivery.due
        case "cancelled":
            return delivery.reason or "cancelled", delivery.settled_at
        case "queued":
            return "queued", delivery.due
        case state:
            return state, delivery.settled_at
