"""What people have made of updates: who opened which, what they think of it, and to whom each was told."""

from datetime import datetime

from sqlalchemy import Index, text
from sqlmodel import Field

from storage.types import BigId, Moment, Row


class UpdateView(Row, table=True):
    """A person opened an update; no row: they did not."""

    __tablename__ = "update_view"

    contact_id: int = Field(foreign_key="contact.id", primary_key=True, sa_type=BigId)
    update: str = Field(primary_key=True)
    """Id of the update in content."""
    seen_at: datetime = Field(sa_type=Moment)
    """When they first opened it."""
    opinion: str | None = None
    """`up` or `down`: the last they said."""
    acknowledged_at: datetime | None = Field(default=None, sa_type=Moment)
    """When they said that they have read it."""

    __table_args__ = (Index("ix_update_view_lately", "contact_id", "seen_at", "update"),)


class Publication(Row, table=True):
    """An update was noticed to be new, and is told to one person after the other."""

    __tablename__ = "publication"

    update: str = Field(primary_key=True)
    noticed_at: datetime = Field(sa_type=Moment)
    told_to: int = Field(default=0, sa_type=BigId)
    """The contacts up to this id have been looked at."""
    done_at: datetime | None = Field(default=None, sa_type=Moment)
    """None: there are still contacts to look at."""

    __table_args__ = (
        Index(
            "ix_publication_open",
            "noticed_at",
            sqlite_where=text("done_at IS NULL"),
            postgresql_where=text("done_at IS NULL"),
        ),
    )


class Recount(Row, table=True):
    """How far badges have followed since updates came, went or changed whom they are for."""

    __tablename__ = "recount"

    name: str = Field(primary_key=True)
    """`badges`: there is one row."""
    counted: str
    """Equal as long as the same updates count as new."""
    walked_to: int | None = Field(default=0, sa_type=BigId)
    """Contacts up to this id have been looked at since; None: everybody has."""


class Notice(Row, table=True):
    """A person is to read a mandatory update, and has not said yet that they have."""

    __tablename__ = "notice"

    contact_id: int = Field(foreign_key="contact.id", primary_key=True, sa_type=BigId)
    update: str = Field(primary_key=True)
    sent: int = 1
    """How often they were told; 0: they came after the others were, and are told when it is due."""
    due: datetime | None = Field(default=None, sa_type=Moment, index=True)
    """When they are told again; None: never by itself."""
