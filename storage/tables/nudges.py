"""What may be worth a word to somebody, and when to look at it: due moments are columns, never jobs."""

from datetime import datetime

from sqlalchemy import Index, UniqueConstraint, text
from sqlmodel import Field

from storage.types import BigId, Moment, Row


class Nudge(Row, table=True):
    """One reason to nudge one person by one rule. Its moment is when to look again, which may come to nothing."""

    __tablename__ = "nudge"

    id: int | None = Field(default=None, primary_key=True, sa_type=BigId)
    contact_id: int = Field(foreign_key="contact.id", sa_type=BigId)
    rule: str
    """Id of the rule in content."""
    about: str
    """`checklist:<enrolment>`, `step:<enrolment>:<step>`, `question`, `visit`, `date:<day>`, `signal:<key>`. Empty: all
    that the rule could ever say, of somebody who wants to hear none of it."""
    state: str = "waiting"
    """`waiting`; `over` (all was said); `stopped` (the person wants no more); `retired` (the rule is gone)."""
    due: datetime = Field(sa_type=Moment)
    """When to look at it, if it waits."""
    since: datetime = Field(sa_type=Moment)
    """From when it counts: another moment than it was is another story, told from the beginning."""
    sent: int = 0
    """How often it was said in this story."""
    sent_at: datetime | None = Field(default=None, sa_type=Moment)
    snoozed_until: datetime | None = Field(default=None, sa_type=Moment)
    """They asked to hear of it then, and not before."""

    __table_args__ = (
        UniqueConstraint("contact_id", "rule", "about"),
        Index(
            "ix_nudge_due",
            "due",
            sqlite_where=text("state = 'waiting'"),
            postgresql_where=text("state = 'waiting'"),
        ),
        Index("ix_nudge_about", "about", "rule"),
    )


class NudgeRule(Row, table=True):
    """How far a rule of the content has been planned."""

    __tablename__ = "nudge_rule"

    rule: str = Field(primary_key=True)
    timing: str
    """Equal for versions that are due at the same moments; empty: there is no such rule any more."""
    words: str
    """Hash of what it says: what waits to be sent is said in the words of now."""
    planned_to: int | None = Field(default=0, sa_type=BigId)
    """Contacts up to this id have been looked at since it changed; None: everybody has."""
    swept_to: datetime | None = Field(default=None, sa_type=Moment)
    """What happened until then has been planned; None: nothing yet. Of rules that look for what happened."""
