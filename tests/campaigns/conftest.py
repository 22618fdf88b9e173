"""Acme and Cinder, with Dana and Clara who watch their campaigns, and a sender platform that tells of them."""

from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest
from sqlmodel import select

from core.campaigns.accepting import Accepted, Announcement, accept, announce
from core.campaigns.happenings import Happening
from core.campaigns.looking import look_at_due
from core.campaigns.tokens import Caller, caller, create
from storage.tables import Account, Campaign, Contact
from tests.core.stage import Stage, stage

DANA, CLARA = "telegram:1", "telegram:2"


@dataclass
class Sender(Stage):
    """A stage with a platform beside it, which tells of campaigns."""

    who: Caller = field(init=False)
    dana: Contact = field(init=False)
    acme: Account = field(init=False)

    def announce(self, name: str = "spring", *, account: str = "Acme", total: int | None = 100) -> Campaign:
        said = Announcement(name, account, name.capitalize(), "email", total=total)
        announce(self.session, self.who, said, self.now)
        return self.campaign(name)

    def tell(self, *happened: Happening, name: str = "spring") -> Accepted:
        return accept(self.session, self.who, [(name, one) for one in happened], self.now)

    def campaign(self, name: str = "spring") -> Campaign:
        return self.session.exec(select(Campaign).where(Campaign.name == name)).one()

    def look(self) -> None:
        """The ticker looks, and what it posted is delivered."""
        while look_at_due(self.session, self.content, self.now):
            pass
        self.deliver()


@pytest.fixture
def sender() -> Iterator[Sender]:
    bare = stage()
    one = Sender(bare.content, bare.session)
    ann = one.csm("Ann")
    one.acme = one.account("Acme", ann)
    one.dana = one.person(one.acme, "Dana", DANA)
    one.person(one.account("Cinder", ann), "Clara", CLARA)
    granted = create(one.session, "Postino", ["campaigns:write"], one.now)
    found = caller(one.session, granted.token)
    assert found is not None
    one.who = found
    yield one
    one.session.close()
