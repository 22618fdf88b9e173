"""People who may be told something unasked, with what every such message needs, read for many at once."""

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import select
from sqlmodel import Session, col

from core.attention.reach import best_of
from core.content.catalogue import Catalogue
from core.people.accounts import Member, member_of
from storage.loading import columns, rows
from storage.many import among
from storage.tables import Account, Chat, Contact, Csm, Preference


@dataclass(frozen=True, slots=True)
class Listener:
    """One person."""

    who: Member
    own: Preference | None
    """How they want to be spoken to; None: they chose nothing."""
    chat: Chat | None
    """Where they are best reached; None: nowhere."""


def listeners(session: Session, catalogue: Catalogue, contact_ids: Collection[int]) -> dict[int, Listener]:
    """By contact id, in the order of ids; two questions, however many they are."""
    ids = {"contacts": sorted(set(contact_ids))}
    chats: dict[int, list[Chat]] = {}
    for (chat,) in rows(session, _CHATS, ids, Chat):
        chats.setdefault(chat.contact_id or 0, []).append(chat)
    found: dict[int, Listener] = {}
    for contact, account, csm, own in rows(session, _THEM, ids, Contact, Account, Csm, Preference):
        theirs = sorted(chats.get(contact.id or 0, ()), key=lambda chat: chat.last_heard_at, reverse=True)
        chat = best_of(theirs, own.messenger if own is not None else None)
        who = member_of(catalogue, contact, account, csm, chat.language if chat is not None else None)
        found[contact.id or 0] = Listener(who, own, chat)
    return found


_THEM = (
    select(*columns(Contact, Account, Csm, Preference))
    .select_from(Contact)
    .join(Account, col(Account.id) == Contact.account_id)
    .outerjoin(Csm, col(Csm.id) == Account.csm_id)
    .outerjoin(Preference, col(Preference.contact_id) == Contact.id)
    .where(among(col(Contact.id), "contacts"))
    .order_by(col(Contact.id))
)
_CHATS = select(*columns(Chat)).where(among(col(Chat.contact_id), "contacts"), col(Chat.kind) == "private")
