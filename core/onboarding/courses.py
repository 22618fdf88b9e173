"""An account's way through a checklist, read from the tables as one value and changed step by step."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from sqlalchemy import bindparam, select
from sqlmodel import Session, col

from core.content.catalogue import Catalogue, Checklist
from core.content.conditions.condition import Value
from core.onboarding.rules import Journey, Standing, stand
from core.people.facts import account_facts
from storage.loading import columns, find, rows
from storage.many import among
from storage.tables import Account, Csm, Enrolment, StepRecord


@dataclass(slots=True)
class Course:
    """One enrolment with its checklist and what is recorded; changed by the functions below alone."""

    enrolment: Enrolment
    id: int
    checklist: Checklist
    records: dict[str, StepRecord]
    facts: Mapping[str, Value] = field(default_factory=dict)
    """What is known of the account: its steps' conditions ask for it."""
    _standing: Standing | None = None

    @property
    def standing(self) -> Standing:
        """How it stands at this moment; keep it to compare with after a change."""
        if self._standing is None:
            journey = Journey(self.enrolment.started_at, self.enrolment.finished_at, self.facts)
            self._standing = stand(self.checklist, self.records.values(), journey)
        return self._standing

    def changed(self) -> None:
        """A record was changed: how it stood before is no longer how it stands."""
        self._standing = None

    @property
    def subject(self) -> str:
        return f"checklist:{self.id}"


def load(session: Session, catalogue: Catalogue, account_id: int | None, enrolment_id: int) -> Course | None:
    """The course for a change: its row stays locked until the transaction ends, so two taps at once take turns.

    None when there is none with this number, when it is another account's, or when its checklist has been retired.
    """
    found = rows(session, _LOCKED, {"number": enrolment_id}, Enrolment, fresh=True)
    if not found or found[0][0].account_id != account_id:
        return None
    enrolment: Enrolment = found[0][0]
    checklist = catalogue.checklists.get(enrolment.checklist)
    if checklist is None:
        return None
    records = rows(session, _RECORDS, {"numbers": [enrolment_id]}, StepRecord)
    known = _facts(session, catalogue, [checklist], [account_id]).get(account_id or 0, {})
    return Course(enrolment, enrolment_id, checklist, {record.step: record for (record,) in records}, known)


def _facts(
    session: Session, catalogue: Catalogue, checklists: Iterable[Checklist], account_ids: Sequence[int | None]
) -> dict[int, Mapping[str, Value]]:
    """By account id, what is known of each; nothing when no step of these checklists asks for it."""
    if not any(checklist.asks_facts for checklist in checklists):
        return {}
    if len(account_ids) == 1:
        account = find(session, Account, account_ids[0])  # who asks for one has it as a rule
        csm = find(session, Csm, account.csm_id) if account is not None and account.csm_id is not None else None
        return {account.id or 0: account_facts(catalogue.rules, account, csm)} if account is not None else {}
    found = rows(session, _WHOSE, {"accounts": account_ids}, Account, Csm)
    return {account.id: account_facts(catalogue.rules, account, csm) for account, csm in found}


_LOCKED = select(*columns(Enrolment)).where(col(Enrolment.id) == bindparam("number")).with_for_update()
_BEGUN = select(*columns(Enrolment)).where(among(col(Enrolment.account_id), "accounts"))
_WHOSE = (
    select(*columns(Account, Csm))
    .select_from(Account)
    .outerjoin(Csm, col(Csm.id) == Account.csm_id)
    .where(among(col(Account.id), "accounts"))
)
_RECORDS = select(*columns(StepRecord)).where(among(col(StepRecord.enrolment_id), "numbers"))


def load_all(session: Session, catalogue: Catalogue, account_id: int | None) -> list[Course]:
    """All courses of the account whose checklists are still there, in the order of the content."""
    return load_many(session, catalogue, [account_id]).get(account_id or 0, [])


def load_many(session: Session, catalogue: Catalogue, account_ids: list[int | None]) -> dict[int, list[Course]]:
    """The same for many accounts, by account id, with two queries; a third where steps have conditions."""
    enrolments = [one for (one,) in rows(session, _BEGUN, {"accounts": account_ids}, Enrolment)]
    records = rows(session, _RECORDS, {"numbers": [one.id for one in enrolments]}, StepRecord)
    by_enrolment: dict[int, dict[str, StepRecord]] = {}
    for (record,) in records:
        by_enrolment.setdefault(record.enrolment_id, {})[record.step] = record
    facts = _facts(session, catalogue, catalogue.checklists.values(), account_ids)
    order = {name: number for number, name in enumerate(catalogue.checklists)}
    found: dict[int, list[Course]] = {}
    for one in sorted(enrolments, key=lambda enrolment: (order.get(enrolment.checklist, -1), enrolment.id or 0)):
        if one.id is not None and one.checklist in order:
            known = facts.get(one.account_id, {})
            course = Course(one, one.id, catalogue.checklists[one.checklist], by_enrolment.get(one.id, {}), known)
            found.setdefault(one.account_id, []).append(course)
    return found


def current(courses: Sequence[Course]) -> Course | None:
    """The one in work: the first unfinished, else the last finished."""
    unfinished = next((course for course in courses if course.enrolment.finished_at is None), None)
    return unfinished or (courses[-1] if courses else None)


def _record(session: Session, course: Course, step: str, now: datetime) -> StepRecord:
    """The step's row, made when there is none yet."""
    record = course.records.get(step)
    if record is None:
        record = StepRecord(enrolment_id=course.id, step=step, changed_at=now)
        session.add(record)
        course.records[step] = record
    return record


def finish_step(
    session: Session,
    course: Course,
    step: str,
    now: datetime,
    *,
    by: int | None,
    answer: str | None = None,
    answer_file: str | None = None,
) -> None:
    """Mark the step done. `by`: the contact; None: we or a signal."""
    record = _record(session, course, step, now)
    record.state, record.reason = "done", None
    record.answer, record.answer_file = answer, answer_file
    record.changed_by, record.changed_at = by, now
    course.changed()


def skip_step(session: Session, course: Course, step: str, now: datetime, *, by: int, reason: str) -> None:
    """Mark the step skipped, with the client's reason."""
    record = _record(session, course, step, now)
    record.state, record.reason = "skipped", reason
    record.answer = record.answer_file = None
    record.changed_by, record.changed_at = by, now
    course.changed()


def reopen_step(session: Session, course: Course, step: str, now: datetime, *, by: int) -> None:
    """Make the step open again, as if it had never been finished; who had taken it still has it."""
    record = _record(session, course, step, now)
    record.state, record.reason = "open", None
    record.answer = record.answer_file = None
    record.changed_by, record.changed_at = by, now
    course.changed()


def promise(session: Session, course: Course, step: str, day: date | None, now: datetime) -> None:
    """Remember the day we promised a step of ours for."""
    _record(session, course, step, now).promised_for = day
    course.changed()


def give_step(session: Session, course: Course, step: str, contact: int, now: datetime) -> None:
    """From now on this contact does the step."""
    _record(session, course, step, now).taken_by = contact
    course.changed()
