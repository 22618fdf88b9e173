"""What the command line shows of the ledger: never a card's words, only where it went and what became of it."""

from collections.abc import Sequence

from sqlmodel import Session, col, select

from storage.tables import Delivery


def listed(session: Session, state: str, most: int) -> Sequence[Delivery]:
    """The newest `most` deliveries in this state, oldest of them first."""
    newest = select(Delivery).where(Delivery.state == state).order_by(col(Delivery.id).desc()).limit(most)
    return list(session.exec(newest).all())[::-1]
