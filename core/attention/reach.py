"""Where a person is best spoken to unasked: one place, never two, and the other one when the first is closed."""

from datetime import datetime

from sqlmodel import Session

from core.events import Address
from core.people.accounts import private_chats
from storage.tables import Chat, Delivery, Preference
from storage.tables.ledger import ANSWER


def best_chat(session: Session, contact_id: int) -> Chat | None:
    """The messenger they chose, else where they last wrote; None: they can be reached nowhere."""
    chosen = session.get(Preference, contact_id)
    chats = [chat for chat in private_chats(session, contact_id) if chat.unreachable is None]
    if chosen is not None and chosen.messenger is not None:
        chats.sort(key=lambda chat: Address.parse(chat.address).messenger != chosen.messenger)
    return chats[0] if chats else None


def reroute(session: Session, delivery: Delivery, now: datetime) -> bool:
    """Let what cannot be said in its chat be said in the person's other one. False: there is none, or it is an answer.

    A mailing and an edit stay where they are: each of their rows belongs to one chat.
    """
    edits = delivery.replaces is not None or delivery.message_id is not None
    if delivery.lane == ANSWER or delivery.contact_id is None or edits:
        return False
    chat = best_chat(session, delivery.contact_id)
    if chat is None or chat.address == delivery.address:
        return False
    delivery.address, delivery.messenger = chat.address, Address.parse(chat.address).messenger
    delivery.state, delivery.due, delivery.reason = "queued", now, None
    return True
