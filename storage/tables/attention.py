"""When the hub will next speak unasked: due moments are columns, never jobs."""

from datetime import datetime

from sqlmodel import Field, SQLModel

from storage.types import Moment


class Reminder(SQLModel, table=True):
    """The next reminder of one enrolment. A row whose `due` has come is taken by one conditional update."""

    __tablename__ = "reminder"

    enrolment_id: int = Field(foreign_key="enrolment.id", primary_key=True)
    due: datetime = Field(sa_type=Moment, index=True)
    sent: int = 0
    """How many went out since the checklist last moved: they thin out and then stop."""
