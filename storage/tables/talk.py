"""Where a conversation stands: what a person was asked, and which message shows what. So it survives any restart."""

from datetime import datetime

from sqlmodel import Field

from storage.types import BigId, Moment, Row


class Question(Row, table=True):
    """What a contact's next words will answer. One at a time per person, whichever messenger they answer in."""

    __tablename__ = "question"

    contact_id: int = Field(foreign_key="contact.id", primary_key=True, sa_type=BigId)
    about: str
    """Packed action that asked: StepAnswer, StepSkip or StepStuck. Behind `declined:` what they would not answer."""
    chat: str
    """Address where it was asked: in a group only words said there answer it."""
    asked_at: datetime = Field(sa_type=Moment, index=True)


class Screen(Row, table=True):
    """The live message of a chat for one subject: it is edited when the subject changes, wherever that happened."""

    __tablename__ = "screen"

    address: str = Field(primary_key=True)
    subject: str = Field(primary_key=True, index=True)
    """`home`, `checklist:<enrolment id>`, `help:<request id>` …"""
    delivery_id: int | None = Field(default=None, foreign_key="delivery.id", sa_type=BigId)
    """The delivery that first sent the message; its message id is what is edited."""
    message_id: str | None = None
    """Set instead when a tap told us the message."""
    step: str | None = None
    """The step shown, when the person looks at a certain one; None: whichever is next."""
    revision: int = 0
    """Counts what was shown here: part of the delivery's key, so each change is said once."""
    shown_at: datetime = Field(sa_type=Moment)
