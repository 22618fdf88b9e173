"""Deliveries whose outcome nobody knows: listed for a person, who decides whether they are sent again."""

from datetime import datetime

from sqlmodel import Session, col, select

from core.actions import Resend
from core.people.accounts import Colleague
from core.receipts import Receipt
from storage.tables import Delivery


def waiting(session: Session) -> list[Delivery]:
    """What a person should look at, oldest first."""
    return list(session.exec(select(Delivery).where(Delivery.state == "uncertain").order_by(col(Delivery.id))).all())


def send_again(session: Session, delivery_id: int, now: datetime) -> bool:
    """Queue an uncertain or failed delivery once more. False when there is none such."""
    row = session.exec(select(Delivery).where(Delivery.id == delivery_id).with_for_update()).one_or_none()
    if row is None or row.state not in ("uncertain", "failed"):
        return False
    row.state, row.due, row.reason, row.attempts, row.settled_at = "queued", now, "sent again by hand", 0, None
    return True


def resend(session: Session, who: Colleague, action: Resend, now: datetime) -> Receipt:
    """A CSM decides to send it again. The card they pressed it on stays as it is."""
    sent = send_again(session, action.delivery, now)
    return Receipt(toast=who.voice.plain("csm.resent" if sent else "error.stale"))
