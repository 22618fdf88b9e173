"""Somebody is taken out of our books: what they did with what we sent them goes with them; how many did it stays."""

from sqlalchemy import delete, select, update
from sqlmodel import Session, col

from storage.tables import Delivery, HelpRequest, MailingOmission, MailingReaction


def forget_person(session: Session, contact_id: int) -> int:
    """To be called before a contact's row is deleted: their reactions and why they were left out are let go.

    What they wrote back is left to who deletes their requests; it no longer names a mailing. Counts name nobody and
    stay. Returns how many reactions there were.
    """
    theirs = select(col(Delivery.id)).where(
        col(Delivery.contact_id) == contact_id, col(Delivery.mailing_id).is_not(None)
    )
    gone = session.execute(delete(MailingReaction).where(col(MailingReaction.delivery_id).in_(theirs)))
    session.execute(delete(MailingOmission).where(col(MailingOmission.contact_id) == contact_id))
    session.execute(update(HelpRequest).where(col(HelpRequest.contact_id) == contact_id).values(mailing_id=None))
    return int(getattr(gone, "rowcount", 0))
