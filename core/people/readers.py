"""Who reads a card: one person in private, or everybody of a client in a group; and which chats are looking."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from sqlalchemy import bindparam, union_all
from sqlalchemy import select as select_columns
from sqlmodel import Session, col, select

from core.cards import Progress
from core.content.catalogue import Catalogue
from core.content.texts.phrases import Voice, Words
from core.events import Address
from core.onboarding.rules import Doer
from core.people.accounts import Member, first_name, known_zone, member
from core.people.filling import values_for, values_of_progress
from storage.loading import columns, find, rows
from storage.tables import Account, Chat, Contact, Csm


@dataclass(frozen=True, slots=True)
class Circle:
    """An account with its people who are here and the chats they are met in."""

    account: Account
    csm: Csm | None
    people: Mapping[int, Contact]
    """Those with a private chat, by contact id."""
    chats: Mapping[str, Chat]
    """By address: the people's private chats and the account's groups."""
    roles: frozenset[str]
    """What the people who are here do, lower case."""

    def name_of(self, contact_id: int | None) -> str | None:
        """First name of somebody who is here; None for everybody else."""
        contact = self.people.get(contact_id) if contact_id is not None else None
        return first_name(contact.name) if contact is not None else None


@dataclass(frozen=True, slots=True)
class Reader:
    """Whom a card speaks to. `contact` None: a group, whose card is shared."""

    voice: Voice
    zone: str
    circle: Circle
    contact: Contact | None
    csm_name: str
    """First name of who of us looks after them; our company's name when nobody does."""
    _values: dict[str, object] = field(default_factory=dict, repr=False, compare=False)
    """Gathered when the first text asks, for a card has a dozen."""

    @property
    def private(self) -> bool:
        return self.contact is not None

    @property
    def member(self) -> Member | None:
        """The person; None: a group."""
        if self.contact is None:
            return None
        return Member(self.contact, self.circle.account, self.circle.csm, self.voice, self.zone)

    @property
    def doer(self) -> Doer:
        return Doer(self.contact.id, self.contact.role) if self.contact is not None else Doer()

    @property
    def values(self) -> Mapping[str, object]:
        """What every content text may use."""
        if not self._values:
            circle = self.circle
            self._values.update(values_for(self.voice, self.zone, circle.account, self.contact, circle.csm))
        return self._values

    def text(self, words: Words, counted: Progress) -> str:
        """A longer text of a checklist as Markdown. `counted`: how far the reader has come in it."""
        return self.voice.words(words, {**self.values, **values_of_progress(counted)})

    def words(self, words: Words) -> str:
        """A question or a hint as Markdown."""
        return self.voice.words(words, self.values)

    def label(self, words: Words) -> str:
        """A content text for a place without markup."""
        return self.voice.plain_words(words, self.values)


def gather(session: Session, account: Account) -> Circle:
    """Read who of this account is here, and where."""
    met = rows(session, _MET, {"account": account.id}, Chat, Contact)
    people = {contact.id: contact for _, contact in met if contact is not None}
    chats = {chat.address: chat for chat, _ in met}
    csm = find(session, Csm, account.csm_id) if account.csm_id is not None else None
    roles = frozenset(contact.role.lower() for contact in people.values() if contact.role)
    return Circle(account, csm, people, chats, roles)


_PEOPLES = select(Chat.address).join(Contact, col(Contact.id) == Chat.contact_id)
_GROUPS = select(Chat.address).where(Chat.kind == "group")
_MET = (
    select_columns(*columns(Chat, Contact))
    .select_from(Chat)
    .outerjoin(Contact, col(Contact.id) == Chat.contact_id)
    .where(
        col(Chat.address).in_(
            union_all(
                _PEOPLES.where(Contact.account_id == bindparam("account")),
                _GROUPS.where(Chat.account_id == bindparam("account")),
            )
        )
    )
)
"""Two looks into an index each: asked with `or`, the database would go through all chats there are."""


def chat_of(address: Address) -> str:
    """The chat that stands behind this address: a member's App Home is theirs as their private chat is."""
    return str(address).removesuffix("/home")


def reader_at(session: Session, catalogue: Catalogue, circle: Circle, address: Address) -> Reader | None:
    """Who reads what is shown there; None when that chat is not this account's."""
    chat = circle.chats.get(chat_of(address))
    if chat is None:
        return None
    contact = circle.people.get(chat.contact_id) if chat.contact_id is not None else None
    if contact is not None:
        return reader_of(catalogue, circle, member(session, catalogue, contact, said=chat.language))
    account, rules = circle.account, catalogue.rules
    zone = known_zone(account.timezone, rules.region_timezones.get(account.region), default=rules.timezone)
    voice = catalogue.voice(account.language, rules.region_languages.get(account.region))
    return Reader(voice, zone, circle, None, csm_name(catalogue, circle.csm))


def reader_of(catalogue: Catalogue, circle: Circle, who: Member) -> Reader:
    """This person, wherever they read it in private."""
    return Reader(who.voice, who.zone, circle, who.contact, csm_name(catalogue, circle.csm))


def reader_alone(catalogue: Catalogue, who: Member) -> Reader:
    """The same where nobody else of their company matters: nothing is read for it."""
    return reader_of(catalogue, Circle(who.account, who.csm, {}, {}, frozenset()), who)


def csm_name(catalogue: Catalogue, csm: Csm | None) -> str:
    """How a client calls who of us looks after them."""
    return first_name(csm.name or csm.email) if csm is not None else catalogue.rules.vendor


def reachable(circle: Circle) -> list[str]:
    """Addresses where something of this account may be shown now, members' App Homes included."""
    found: list[str] = []
    for address, chat in circle.chats.items():
        if chat.unreachable is None:
            found.append(address)
            if chat.kind == "private" and address.startswith("slack:"):
                found.append(f"{address}/home")
    return found
