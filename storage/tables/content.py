"""What the content was and when: versions in force or refused, when each step was there, what is still to be shown."""

from datetime import datetime

from sqlmodel import Field

from storage.types import BigId, Moment, Row


class ContentVersion(Row, table=True):
    """One state of the content folder as it was saved: taken into force, or refused as broken."""

    __tablename__ = "content_version"

    number: int = Field(primary_key=True, sa_type=BigId, sa_column_kwargs={"autoincrement": False})
    """From 1, without gaps: who adds one states which it is the next of, so that two processes cannot both."""
    version: str = Field(index=True)
    """Short hash: of the files when it is good, of its problems when it is broken. An earlier one may come again."""
    broken: bool = False
    at: datetime = Field(sa_type=Moment)
    """Since when it has been in force, or when it was refused. In force until the next good one."""
    summary: str = ""
    """What it changed, or how much is wrong, in words of the default language; empty for the first."""
    problems: str = ""
    """Of a broken one: what is wrong, as JSON."""
    told: str = ""
    """E-mails of those of us who were told, with blanks between them."""
    commit: str | None = None
    """Of the git repository the folder lies in, when the folder was as committed there; None: not, or no repository."""
    outline: str | None = None
    """What the next one is compared with, as JSON; kept of the newest good one alone, for it is long."""


class ContentStep(Row, table=True):
    """A time during which a step was part of its checklist: several when it was taken out and put back."""

    __tablename__ = "content_step"

    id: int | None = Field(default=None, primary_key=True, sa_type=BigId)
    checklist: str = Field(index=True)
    step: str
    since: datetime | None = Field(default=None, sa_type=Moment)
    """None: for ever, as far as anybody remembers."""
    until: datetime | None = Field(default=None, sa_type=Moment)
    """None: it still is."""


class ContentChange(Row, table=True):
    """A checklist was changed, and the accounts going through it are still to be shown: worked off bit by bit."""

    __tablename__ = "content_change"

    checklist: str = Field(primary_key=True)
    version: str
    """Of the content that changed it: only a process that has it in force shows it."""
    shown_to: int = 0
    """The enrolments up to this id have been shown."""
