"""People who may be nudged, with all that deciding about them needs, read for many at once."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import select as select_columns
from sqlmodel import Session, col

from core.attention.reach import best_of
from core.content.catalogue import Catalogue
from core.onboarding.courses import Course, load_many
from core.people.accounts import Member, member_of
from core.people.readers import Circle, Reader, reader_of
from storage.loading import columns, rows
from storage.many import among
from storage.prepared import connected, fetch
from storage.tables import Account, Chat, Contact, Csm, HelpRequest, Preference


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody of a client, their company's people, and where it stands in its checklists."""

    who: Member
    circle: Circle
    courses: Mapping[int, Course]
    """By the enrolment's number; checklists that are still there."""
    reader: Reader
    chat: Chat | None = None
    """Where they are best reached; None: nowhere."""
    helped: Mapping[tuple[int, str], datetime | None] = field(default_factory=dict)
    """Steps of their company, by enrolment and id, that somebody asked our help for: when we gave it last. None: we owe
    it still."""


@dataclass(slots=True)
class _Company:
    account: Account
    csm: Csm | None
    people: dict[int, Contact] = field(default_factory=dict)
    chats: dict[str, Chat] = field(default_factory=dict)

    def circle(self) -> Circle:
        roles = frozenset(contact.role.lower() for contact in self.people.values() if contact.role)
        return Circle(self.account, self.csm, self.people, self.chats, roles)


_THEM = (
    select_columns(*columns(Contact, Account, Csm))
    .select_from(Contact)
    .join(Account, col(Account.id) == Contact.account_id)
    .outerjoin(Csm, col(Csm.id) == Account.csm_id)
    .where(among(col(Contact.id), "contacts"))
)
_MET = (
    select_columns(*columns(Chat, Contact, Preference))
    .select_from(Chat)
    .join(Contact, col(Contact.id) == Chat.contact_id)
    .outerjoin(Preference, col(Preference.contact_id) == Chat.contact_id)
    .where(among(col(Contact.account_id), "accounts"), col(Chat.kind) == "private")
)


_HELP = select_columns(
    col(HelpRequest.enrolment_id), col(HelpRequest.step), col(HelpRequest.answered_at), col(HelpRequest.solved_at)
).where(
    among(col(HelpRequest.account_id), "accounts"),
    col(HelpRequest.enrolment_id).is_not(None),
    col(HelpRequest.step).is_not(None),
)


def _helped(session: Session, accounts: Iterable[int]) -> dict[tuple[int, str], datetime | None]:
    """By enrolment and step, when help was last given; None: somebody waits for it."""
    found: dict[tuple[int, str], datetime | None] = {}
    for enrolment, step, answered, solved in fetch(connected(session), _HELP, {"accounts": sorted(accounts)}):
        given, known = max(filter(None, (answered, solved)), default=None), (enrolment, step) in found
        before = found.get((enrolment, step))
        if given is None or (known and before is None):
            found[enrolment, step] = None
        else:
            found[enrolment, step] = max(given, before) if before is not None else given
    return found


def gather_people(session: Session, catalogue: Catalogue, contact_ids: Iterable[int]) -> dict[int, Person]:
    """By contact id; five questions, however many they are. Their groups are not among their chats."""
    them: list[tuple[Contact, Account, Csm | None]] = [
        (contact, account, csm)
        for contact, account, csm in rows(session, _THEM, {"contacts": sorted(set(contact_ids))}, Contact, Account, Csm)
    ]
    companies = {account.id or 0: _Company(account, csm) for _, account, csm in them}
    wishes: dict[int, Preference] = {}
    for chat, contact, wish in rows(session, _MET, {"accounts": sorted(companies)}, Chat, Contact, Preference):
        company = companies[contact.account_id]
        company.people[contact.id] = contact
        company.chats[chat.address] = chat
        if wish is not None:
            wishes[contact.id] = wish
    circles = {number: company.circle() for number, company in companies.items()}
    courses = load_many(session, catalogue, list(companies))
    helped = _helped(session, companies)
    by_number = {number: {course.id: course for course in courses.get(number, [])} for number in companies}
    found: dict[int, Person] = {}
    for contact, account, csm in them:
        number, circle = contact.id or 0, circles[account.id or 0]
        theirs = [chat for chat in circle.chats.values() if chat.contact_id == number]
        theirs.sort(key=lambda chat: chat.last_heard_at, reverse=True)
        wish = wishes.get(number)
        chat = best_of(theirs, wish.messenger if wish is not None else None)
        who = member_of(catalogue, contact, account, csm, chat.language if chat is not None else None)
        found[number] = Person(who, circle, by_number[account.id or 0], reader_of(catalogue, circle, who), chat, helped)
    return found
