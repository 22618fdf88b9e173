"""The rules of a checklist: which steps are open, whose they are, what comes next, and when it is finished."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Literal

from core.cards import Progress
from core.content.catalogue import Checklist, Section, Step
from core.content.conditions.condition import ALWAYS, Value
from storage.tables import StepRecord

State = Literal["closed", "open", "ours", "done", "skipped"]
"""closed: something before it is unfinished. ours: the client waits for us. The last two are finished."""

_NEVER = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class StepStanding:
    """One step of a checklist as it stands for one account."""

    step: Step
    state: State
    answer: str | None = None
    answer_file: str | None = None
    """`kind|reference` of the file that answered."""
    reason: str | None = None
    """Why it was skipped, in the client's words."""
    taken_by: int | None = None
    """The contact who does it; None: whoever it is meant for."""
    changed_by: int | None = None
    """The contact who finished it; None: nobody yet, or we or a signal did."""
    changed_at: datetime | None = None
    promised_for: date | None = None

    @property
    def finished(self) -> bool:
        return self.state in ("done", "skipped")


@dataclass(frozen=True, slots=True)
class Standing:
    """A checklist with the state of every step it has today, in its order. Retired steps are not among them."""

    checklist: Checklist
    steps: tuple[StepStanding, ...]

    def of(self, step_id: str) -> StepStanding | None:
        """The step as it stands; None when the checklist has no such step (any more)."""
        return next((one for one in self.steps if one.step.id == step_id), None)


@dataclass(frozen=True, slots=True)
class Doer:
    """Somebody who may do steps. In a group nobody in particular: `contact` None, any role."""

    contact: int | None = None
    role: str = ""


@dataclass(frozen=True, slots=True)
class Journey:
    """When an account began a checklist, and when it finished it (None: it is still on the way)."""

    began: datetime
    finished: datetime | None = None
    facts: Mapping[str, Value] = field(default_factory=dict)
    """What is known of the account today."""


def stand(checklist: Checklist, records: Iterable[StepRecord], journey: Journey | None = None) -> Standing:
    """How the checklist stands, given what is recorded. Records of steps it no longer has are passed over.

    A finished step stays finished whatever is undone before it; an unfinished one is closed while any step it needs
    is unfinished. A need that the checklist no longer has holds nobody up. `journey` None: every step counts.
    """
    recorded = {record.step: record for record in records}
    finished = {step for step, record in recorded.items() if record.state in ("done", "skipped")}
    steps = _belonging(_meant(checklist.steps, recorded, finished, journey), finished, journey)
    known = {step.id for step in steps}
    return Standing(
        checklist,
        tuple(_stand_step(step, recorded.get(step.id), (known & set(step.needs)) - finished) for step in steps),
    )


def _meant(
    steps: tuple[Step, ...], recorded: Collection[str], finished: set[str], journey: Journey | None
) -> tuple[Step, ...]:
    """Those whose condition holds for the account as it is today; what is finished stays, whatever has changed.

    A journey that is over gets no step because of what changed since.
    """
    if journey is None or all(step.when == ALWAYS for step in steps):
        return steps
    over = journey.finished is not None

    def meant(step: Step) -> bool:
        if step.when == ALWAYS or step.id in finished:
            return True
        return step.id in recorded if over else step.when.holds(journey.facts)

    return tuple(step for step in steps if meant(step))


def _belonging(steps: tuple[Step, ...], finished: set[str], journey: Journey | None) -> tuple[Step, ...]:
    """Those that are part of this journey. When no step of a journey under way is left, all are: it begins anew."""
    if journey is None or not any(step.there for step in steps):
        return steps
    mine = tuple(step for step in steps if step.id in finished or belongs(step, journey))
    return mine if mine or journey.finished is not None else steps


def belongs(step: Step, journey: Journey) -> bool:
    """Is the unfinished step part of this journey?

    A newcomers' step is when it was there as the journey began, so one that came later is not put ahead of those on
    the way, and one that was taken out and put back is. A journey that is over gets nothing more.
    """
    if journey.finished is not None and not step.was_there(journey.finished):
        return False
    return step.applies_to == "everyone" or step.was_there(journey.began)


def _stand_step(step: Step, record: StepRecord | None, missing: set[str]) -> StepStanding:
    state: State
    if record is not None and record.state in ("done", "skipped"):
        state = "done" if record.state == "done" else "skipped"
    elif missing:
        state = "closed"
    else:
        state = "ours" if step.owner == "us" else "open"
    if record is None:
        return StepStanding(step, state)
    return StepStanding(
        step=step,
        state=state,
        answer=record.answer,
        answer_file=record.answer_file,
        reason=record.reason,
        taken_by=record.taken_by,
        changed_by=record.changed_by,
        changed_at=record.changed_at,
        promised_for=record.promised_for,
    )


def progress(standing: Standing) -> Progress:
    """Steps done or skipped out of those the checklist has today.

    Of a finished checklist every step may have been replaced since: then the bar is simply full.
    """
    if not standing.steps:
        return Progress(1, 1)
    return Progress(sum(one.finished for one in standing.steps), len(standing.steps))


def is_finished(standing: Standing) -> bool:
    """Every step is done or skipped."""
    return all(one.finished for one in standing.steps)


def is_for(one: StepStanding, doer: Doer, roles: frozenset[str]) -> bool:
    """Is this person the one to do the step? `roles`: those of the account's people who are here, lower case.

    Who took it does it. A step for a role that nobody here has is everybody's, or it would never be done.
    """
    if doer.contact is None:
        return True
    if one.taken_by is not None:
        return one.taken_by == doer.contact
    meant_for = one.step.role.lower()
    return not meant_for or meant_for not in roles or meant_for == doer.role.lower()


def next_step(standing: Standing, doer: Doer, roles: frozenset[str] = frozenset()) -> StepStanding | None:
    """What to show this person: their first open step, else a colleague's, else what waits for us.

    None when everything is finished. (Something is always open, ours or finished: content refuses cycles.)
    """
    open_steps = [one for one in standing.steps if one.state == "open"]
    theirs = next((one for one in open_steps if is_for(one, doer, roles)), None)
    if theirs is not None:
        return theirs
    if open_steps:
        return open_steps[0]
    return next((one for one in standing.steps if one.state == "ours"), None)


def opened_by(before: Standing, after: Standing) -> tuple[StepStanding, ...]:
    """Steps that were closed before and are closed no longer, without those finished meanwhile."""
    closed = {one.step.id for one in before.steps if one.state == "closed"}
    return tuple(one for one in after.steps if one.step.id in closed and one.state in ("open", "ours"))


def missing_for(standing: Standing, one: StepStanding) -> tuple[Step, ...]:
    """What must be finished before this step opens, in the checklist's order."""
    return tuple(other.step for other in standing.steps if other.step.id in one.step.needs and not other.finished)


def sections(standing: Standing) -> tuple[Section, ...]:
    """The checklist's sections that have a step in this standing."""
    filled = {one.step.section for one in standing.steps}
    return tuple(section for section in standing.checklist.sections if section.id in filled)


def section_of(standing: Standing, step: Step) -> tuple[int, Section] | None:
    """The step's section and its number, from 1."""
    for number, section in enumerate(sections(standing), start=1):
        if section.id == step.section:
            return number, section
    return None


def shut_section(standing: Standing, one: StepStanding) -> Section | None:
    """The section of a closed step when it is the section's gate that is closed; None: other steps hold it up."""
    found = section_of(standing, one.step)
    if found is None or one.state != "closed":
        return None
    section = found[1]
    waits = any(not other.finished for other in standing.steps if other.step.section in section.after)
    return section if waits else None


def last_by_client(standing: Standing) -> StepStanding | None:
    """The step the client's people finished last: the one that can be undone from the card.

    Of steps finished at the same moment it is the one further down.
    """
    candidates = [one for one in reversed(standing.steps) if one.finished and one.changed_by is not None]
    return max(candidates, key=lambda one: one.changed_at or _NEVER, default=None)


def may_undo(one: StepStanding) -> bool:
    """Only what the client's people did themselves: what a signal or we reported stays a fact."""
    return one.finished and one.changed_by is not None


def is_stalled(standing: Standing, moved_at: datetime, after: timedelta, now: datetime) -> bool:
    """Nothing has moved for `after` although the client could do something; waiting for us is not standing still."""
    return now - moved_at >= after and any(one.state == "open" for one in standing.steps)


def due_day(step: Step, opened_at: datetime, began: datetime) -> date | None:
    """The day a step is to be done, or, of a step of ours, the one we promise; None: there is none.

    `opened_at`: now, when it opens; `began`: when its checklist did. Both in the client's zone.
    """
    if step.due_days is None:
        return None
    return (began if step.due_from == "checklist" else opened_at).date() + timedelta(days=step.due_days)
