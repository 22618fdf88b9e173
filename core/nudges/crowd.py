"""People who may be nudged, with all that deciding about them needs, read for many at once."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from sqlalchemy import bindparam
from sqlalchemy import select as select_columns
from sqlmodel import Session, col

from core.content.catalogue import Catalogue
from core.onboarding.courses import Course, load_many
from core.people.accounts import Member, member_of
from core.people.readers import Circle, Reader, reader_of
from storage.loading import columns, rows
from storage.tables import Account, Chat, Contact, Csm


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody of a client, their company's people, and where it stands in its checklists."""

    who: Member
    circle: Circle
    courses: Mapping[int, Course]
    """By the enrolment's number; checklists that are still there."""

    def reader(self, catalogue: Catalogue) -> Reader:
        return reader_of(catalogue, self.circle, self.who)


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
    .where(col(Contact.id).in_(bindparam("contacts", expanding=True)))
)
_MET = (
    select_columns(*columns(Chat, Contact))
    .select_from(Chat)
    .join(Contact, col(Contact.id) == Chat.contact_id)
    .where(col(Contact.account_id).in_(bindparam("accounts", expanding=True)), col(Chat.kind) == "private")
)


def gather_people(session: Session, catalogue: Catalogue, contact_ids: Iterable[int]) -> dict[int, Person]:
    """By contact id; four questions, however many they are. Their groups are not among their chats."""
    them: list[tuple[Contact, Account, Csm | None]] = [
        (contact, account, csm)
        for contact, account, csm in rows(session, _THEM, {"contacts": sorted(set(contact_ids))}, Contact, Account, Csm)
    ]
    companies = {account.id or 0: _Company(account, csm) for _, account, csm in them}
    for chat, contact in rows(session, _MET, {"accounts": sorted(companies)}, Chat, Contact):
        company = companies[contact.account_id]
        company.people[contact.id] = contact
        company.chats[chat.address] = chat
    circles = {number: company.circle() for number, company in companies.items()}
    courses = load_many(session, catalogue, list(companies))
    by_number = {number: {course.id: course for course in courses.get(number, [])} for number in companies}
    return {
        contact.id or 0: Person(
            member_of(catalogue, contact, account, csm, _said(circles[account.id or 0], contact.id)),
            circles[account.id or 0],
            by_number[account.id or 0],
        )
        for contact, account, csm in them
    }


def _said(circle: Circle, contact_id: int | None) -> str | None:
    """The language of the messenger this person last wrote in."""
    theirs = [chat for chat in circle.chats.values() if chat.contact_id == contact_id and chat.unreachable is None]
    return max(theirs, key=lambda chat: chat.last_heard_at).language if theirs else None
