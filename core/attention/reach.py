"""Where a person is best spoken to unasked: one place, never two, and the other one when the first is closed."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import bindparam, select
from sqlmodel import Session, col

from core.events import Address
from storage.loading import columns, rows
from storage.tables import Chat, Delivery, Preference
from storage.tables.ledger import ANSWER


def best_chat(session: Session, contact_id: int) -> Chat | None:
    """The messenger they chose, else where they last wrote; None: they can be reached nowhere."""
    found = rows(session, _CHATS, {"contact": contact_id}, Chat, Preference)
    chats = sorted((chat for chat, _ in found), key=lambda chat: chat.last_heard_at, reverse=True)
    chosen = next((wishes.messenger for _, wishes in found if wishes is not None), None)
    return best_of(chats, chosen)


def best_of(chats: Sequence[Chat], chosen: str | None) -> Chat | None:
    """The same of a person's private chats, the one last heard from first. `chosen`: the messenger they want."""
    reachable = [chat for chat in chats if chat.unreachable is None]
    if chosen is not None:
        reachable.sort(key=lambda chat: Address.parse(chat.address).messenger != chosen)
    return reachable[0] if reachable else None


_CHATS = (
    select(*columns(Chat, Preference))
    .select_from(Chat)
    .outerjoin(Preference, col(Preference.contact_id) == Chat.contact_id)
    .where(col(Chat.contact_id) == bindparam("contact"), col(Chat.kind) == "private")
)


def reroute(session: Session, delivery: Delivery, now: datetime) -> bool:
    """Let what cannot be said in its chat be said in the person's other one. False: there is none, or it is an answer.

    An edit stays where it is: its message belongs to that chat.
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
