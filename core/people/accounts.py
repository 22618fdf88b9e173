"""Who a sender is, and how to speak to them: language, zone, and the people around an account."""

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo, available_timezones

from sqlalchemy import bindparam, func
from sqlalchemy import select as select_columns
from sqlmodel import Session, col, select

from core.content.catalogue import Catalogue
from core.content.texts.phrases import Voice
from core.events import Address
from storage.loading import columns, find, find_one, rows
from storage.tables import Account, Chat, Contact, Csm
from storage.writing import write


@dataclass(frozen=True, slots=True)
class Member:
    """A recognised contact of a client, ready to be spoken to."""

    contact: Contact
    account: Account
    csm: Csm | None
    """Who of us looks after the account."""
    voice: Voice
    zone: str
    """IANA name, always a known one."""

    @property
    def first_name(self) -> str:
        return first_name(self.contact.name)


@dataclass(frozen=True, slots=True)
class Colleague:
    """One of us, recognised in Slack."""

    csm: Csm
    voice: Voice
    zone: str

    @property
    def first_name(self) -> str:
        return first_name(self.csm.name or self.csm.email)


def first_name(name: str) -> str:
    """The first word of a name; the name itself when it has one."""
    return name.split(maxsplit=1)[0] if name.strip() else name


def known_zone(*candidates: str | None, default: str = "UTC") -> str:
    """The first candidate that is an IANA zone, else `default`."""
    known = _zones()
    return next((name for name in candidates if name and name in known), default)


_ZONES: set[str] = set()


def _zones() -> set[str]:
    if not _ZONES:
        _ZONES.update(available_timezones())
    return _ZONES


def local(at: datetime, zone: str) -> datetime:
    """The same moment on the clock of `zone`, a known one."""
    return at.astimezone(ZoneInfo(zone))


def recognise(session: Session, catalogue: Catalogue, sender: Address) -> Member | Colleague | None:
    """Whose private chat `sender` is; None for a stranger."""
    found = rows(session, _WHO, {"sender": str(sender)}, Chat, Contact, Account, Csm)
    if not found:
        return None
    chat, contact, account, csm = found[0]
    if chat.csm_id is not None:
        return colleague(catalogue, csm)
    if contact is not None:
        return member_of(catalogue, contact, account, csm, chat.language)
    return None


_WHO = (
    select_columns(*columns(Chat, Contact, Account, Csm))
    .select_from(Chat)
    .outerjoin(Contact, col(Contact.id) == Chat.contact_id)
    .outerjoin(Account, col(Account.id) == Contact.account_id)
    .outerjoin(Csm, col(Csm.id) == func.coalesce(Chat.csm_id, Account.csm_id))
    .where(col(Chat.address) == bindparam("sender"))
)
"""One question for everything an event needs to know about its sender."""


def member(session: Session, catalogue: Catalogue, contact: Contact, *, said: str | None = None) -> Member:
    """The contact with all that speaking to them needs. `said`: the language their messenger names."""
    account = find_one(session, Account, contact.account_id)
    csm = find(session, Csm, account.csm_id) if account.csm_id else None
    return member_of(catalogue, contact, account, csm, said)


def member_of(catalogue: Catalogue, contact: Contact, account: Account, csm: Csm | None, said: str | None) -> Member:
    """The same from rows at hand."""
    rules = catalogue.rules
    return Member(
        contact=contact,
        account=account,
        csm=csm,
        voice=catalogue.voice(contact.language, said, account.language, rules.region_languages.get(account.region)),
        zone=known_zone(
            contact.timezone, account.timezone, rules.region_timezones.get(account.region), default=rules.timezone
        ),
    )


def colleague(catalogue: Catalogue, csm: Csm) -> Colleague:
    """The CSM with all that speaking to them needs."""
    zone = known_zone(csm.timezone, default=catalogue.rules.timezone)
    return Colleague(csm=csm, voice=catalogue.voice(csm.language), zone=zone)


def private_chats(session: Session, contact_id: int) -> list[Chat]:
    """The contact's own chats, in every messenger, the one last heard from first."""
    write(session)  # it may have become theirs just now
    found: list[Chat] = [chat for (chat,) in rows(session, _OWN_CHATS, {"contact": contact_id}, Chat)]
    return sorted(found, key=lambda chat: chat.last_heard_at, reverse=True)


_OWN_CHATS = select_columns(*columns(Chat)).where(
    col(Chat.contact_id) == bindparam("contact"), col(Chat.kind) == "private"
)


def group_chats(session: Session, account_id: int) -> list[Chat]:
    """The groups and channels that share this account's work."""
    return list(session.exec(select(Chat).where(Chat.account_id == account_id, Chat.kind == "group")).all())


def csm_address(csm: Csm | None) -> Address | None:
    """Where the CSM is told things; None until they were recognised in Slack."""
    return Address.parse(csm.address) if csm is not None and csm.address else None
