"""How much of what we sent one person they keep, and have not opened: the button on the home card."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import bindparam, func, select
from sqlmodel import Session, col

from storage.prepared import connected, fetch
from storage.tables import Delivery, Mailing, MailingReaction

KEPT: Final = timedelta(days=365)
"""Older ones are not listed any more; they still stand in the chat."""

THEIRS: Final = (
    col(Delivery.contact_id) == bindparam("contact"),
    col(Delivery.mailing_id).is_not(None),
    col(Delivery.state) == "accepted",
    col(Delivery.settled_at) > bindparam("since"),
    col(Mailing.recalled_at).is_(None),
)
"""What one person got, and what was not taken back."""


@dataclass(frozen=True, slots=True)
class Box:
    """How much of ours one person got and keeps."""

    unopened: int
    all: int


_COUNTED: Final = (
    select(func.count(), func.count(col(MailingReaction.delivery_id)))
    .select_from(Delivery)
    .join(Mailing, col(Mailing.id) == Delivery.mailing_id)
    .outerjoin(MailingReaction, col(MailingReaction.delivery_id) == Delivery.id)
    .where(*THEIRS)
)


def box(session: Session, contact_id: int, now: datetime) -> Box:
    """One look by an index into what this person was sent."""
    every, opened = fetch(connected(session), _COUNTED, {"contact": contact_id, "since": now - KEPT})[0]
    return Box(every - opened, every)
