"""When each person's next digest is to be looked at, and what earlier ones have told them."""

from datetime import datetime

from sqlmodel import Field

from storage.types import BigId, Json, Moment, Row


class Digest(Row, table=True):
    """One row per person who joined. Who takes it when it is due writes the digest, if there is something to say."""

    __tablename__ = "digest"

    contact_id: int = Field(foreign_key="contact.id", primary_key=True, sa_type=BigId)
    due: datetime = Field(sa_type=Moment, index=True)
    daily_at: datetime = Field(sa_type=Moment)
    """When topics they hear of once a day were last looked at."""
    weekly_at: datetime = Field(sa_type=Moment)
    """The same of those they hear of once a week."""
    told: list[str] = Field(default_factory=list, sa_type=Json, sa_column_kwargs={"server_default": "[]"})
    """What earlier digests listed and the person has not opened since: it alone is no reason for another one."""
