"""What limits and explains speaking unasked: due moments (columns, never jobs), people's wishes, and decisions."""

from datetime import datetime, time

from sqlalchemy import Index
from sqlmodel import Field

from storage.types import BigId, Moment, Row


class Preference(Row, table=True):
    """How a person wants to be spoken to; None: as the content says. No row: nothing was chosen."""

    __tablename__ = "preference"

    contact_id: int = Field(foreign_key="contact.id", primary_key=True, sa_type=BigId)
    digest_hour: int | None = None
    """0 to 23, on their own clock."""
    digest_weekday: int | None = None
    """0 is Monday: the day of a weekly digest."""
    quiet_from: time | None = None
    quiet_until: time | None = None
    """Their own quiet hours, both or none."""
    messenger: str | None = None
    """Where they want to hear from us first; None: where they last wrote."""


class TopicChoice(Row, table=True):
    """How often a person wants to hear of a topic; no row: as the content says."""

    __tablename__ = "topic_choice"

    contact_id: int = Field(foreign_key="contact.id", primary_key=True, sa_type=BigId)
    topic: str = Field(primary_key=True)
    cadence: str
    """`instant`, `daily`, `weekly` or `off`."""


class Decision(Row, table=True):
    """Why something was said to a person unasked, or was not: written when it is decided, added to when it is held."""

    __tablename__ = "decision"

    id: int | None = Field(default=None, primary_key=True, sa_type=BigId)
    key: str = Field(unique=True)
    """The delivery's, whether or not there came to be one."""
    contact_id: int = Field(foreign_key="contact.id", sa_type=BigId)
    delivery_id: int | None = Field(default=None, unique=True, sa_type=BigId)
    """None: it was suppressed before anything was written to the ledger."""
    at: datetime = Field(sa_type=Moment)
    rule: str
    """`nudge:stalled-step`, `update:bulk-export`, `digest` …"""
    kind: str
    topic: str = ""
    worth: int = 50
    """0 to 100: who goes first when several want one slot."""
    urgent: bool = False
    mandatory: bool = False
    headline: str = ""
    """What stands for it in a message with others; empty: it cannot be merged."""
    opens: str = ""
    """Packed action of its button there."""
    facts: str = "{}"
    """What was true, as a JSON object of plain values."""
    content_version: str = ""
    gates: str = "[]"
    """What kept it back and when, oldest first: a JSON list of `[moment, reason]`."""
    reason: str | None = None
    """Why it was suppressed; None: it was not."""
    merged_into: int | None = Field(default=None, sa_type=BigId)
    """The delivery that said it together with others."""

    __table_args__ = (Index("ix_decision_person", "contact_id", "at"),)
