"""Where each account is in its checklists, and what it asked us for on the way."""

from datetime import date, datetime

from sqlalchemy import UniqueConstraint
from sqlmodel import Field

from storage.types import BigId, Moment, Row


class Enrolment(Row, table=True):
    """One account going through one checklist; shared by all its people."""

    __tablename__ = "enrolment"
    __table_args__ = (UniqueConstraint("account_id", "checklist"),)

    id: int | None = Field(default=None, primary_key=True)
    account_id: int = Field(foreign_key="account.id", index=True)
    checklist: str
    """Id of the checklist in content."""
    started_at: datetime = Field(sa_type=Moment)
    first_value_at: datetime | None = Field(default=None, sa_type=Moment)
    """When the step marked as first value was done: time to value = this - started_at. Never taken back."""
    finished_at: datetime | None = Field(default=None, sa_type=Moment)
    """When the last step was done or skipped for the first time; stays, whatever is undone or added later."""
    moved_at: datetime = Field(sa_type=Moment)
    """When anything last changed: what `stalled` is counted from."""


class StepRecord(Row, table=True):
    """What became of one step; no row: nothing yet. The last change counts, so two taps at once converge."""

    __tablename__ = "step_record"

    enrolment_id: int = Field(foreign_key="enrolment.id", primary_key=True)
    step: str = Field(primary_key=True)
    state: str = "open"
    """`open`, `done` or `skipped`."""
    answer: str | None = None
    answer_file: str | None = None
    """Reference of the file that answered."""
    reason: str | None = None
    """Why it was skipped, in the client's words."""
    taken_by: int | None = Field(default=None, foreign_key="contact.id", sa_type=BigId)
    """The contact who does it; None: whoever it is meant for."""
    changed_by: int | None = Field(default=None, foreign_key="contact.id", sa_type=BigId)
    """None: we or a signal did it."""
    changed_at: datetime = Field(sa_type=Moment)
    promised_for: date | None = None
    """For a step we owe: the day we said."""


class HelpRequest(Row, table=True):
    """A client is stuck or asked something: their words, and who of us has it."""

    __tablename__ = "help_request"

    id: int | None = Field(default=None, primary_key=True, sa_type=BigId)
    account_id: int = Field(foreign_key="account.id", index=True)
    contact_id: int = Field(foreign_key="contact.id", index=True, sa_type=BigId)
    enrolment_id: int | None = Field(default=None, foreign_key="enrolment.id")
    step: str | None = None
    update: str | None = None
    """Id of the update it is about."""
    mailing_id: int | None = Field(default=None, foreign_key="mailing.id", index=True, sa_type=BigId)
    """The mailing it is a reply to."""
    words: str = ""
    file: str | None = None
    """Reference of a voice message or file, and its kind before a bar: `voice|telegram:…`."""
    origin: str
    """Address where they asked: the answer goes back there."""
    asked_at: datetime = Field(sa_type=Moment)
    claimed_by: int | None = Field(default=None, foreign_key="csm.id")
    answered_at: datetime | None = Field(default=None, sa_type=Moment)
    solved_at: datetime | None = Field(default=None, sa_type=Moment)


class Signal(Row, table=True):
    """Something the vendor's product told about an account (`workspace_created`); completes steps that wait for it."""

    __tablename__ = "signal"

    key: str = Field(primary_key=True)
    """The sender's own id for it: a repeat is recognised."""
    account_id: int = Field(foreign_key="account.id", index=True)
    name: str
    at: datetime = Field(sa_type=Moment)
