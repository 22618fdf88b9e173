"""When a person's next digest comes, for "why did they not get it?"."""

from datetime import datetime

from sqlmodel import Session

from core.attention.expected import Expected
from core.content.catalogue import Catalogue
from core.digests.gathering import news
from core.people.accounts import Member
from storage.tables import Digest


def expect(session: Session, catalogue: Catalogue, who: Member, _name: str, now: datetime) -> Expected:
    """At their hour, if there is anything by then that they have not seen."""
    row = session.get(Digest, who.contact.id)
    if row is None or not news(session, catalogue, who, now):
        return Expected(None, "no_reason")
    return Expected(row.due)
