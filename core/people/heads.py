"""How many people and clients a change of checklists concerns."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from sqlalchemy import func, select
from sqlmodel import Session, col

from storage.tables import Contact, Enrolment, StepRecord


@dataclass(frozen=True, slots=True)
class Heads:
    """People of clients who are here, by where they are in one or several checklists."""

    going: int = 0
    finished: int = 0
    done: Mapping[str, int] = field(default_factory=dict)
    """By step: how many clients did it or skipped it; only told of one checklist."""


def heads(session: Session, checklists: Sequence[str]) -> Heads:
    """How many people are going through these checklists, and how many have finished one of them."""
    if not checklists:
        return Heads()
    over = col(Enrolment.finished_at).is_not(None)
    counted = session.execute(
        select(over, func.count(func.distinct(col(Contact.id))))
        .join(Contact, col(Contact.account_id) == col(Enrolment.account_id))
        .where(col(Enrolment.checklist).in_(checklists), col(Contact.joined_at).is_not(None))
        .group_by(over)
    ).all()
    by_state = {bool(finished): number for finished, number in counted}
    return Heads(going=by_state.get(False, 0), finished=by_state.get(True, 0))


def heads_of(session: Session, checklist: str) -> Heads:
    """The same of one checklist, with how many clients did each of its steps."""
    found = heads(session, [checklist])
    done = session.execute(
        select(col(StepRecord.step), func.count())
        .join(Enrolment, col(Enrolment.id) == col(StepRecord.enrolment_id))
        .where(col(Enrolment.checklist) == checklist, col(StepRecord.state).in_(("done", "skipped")))
        .group_by(col(StepRecord.step))
    ).all()
    return Heads(found.going, found.finished, {str(step): int(number) for step, number in done})
