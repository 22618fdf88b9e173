"""An office that sends one mailing over a wire of our own: tended and sent until nothing is to be done now."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import TypeVar

from sqlmodel import Session, col, select

from core.content.catalogue import Catalogue
from core.events import Address
from core.mailings.counting import STATES, Counts, counts
from core.mailings.drafting import Draft
from core.mailings.tending import tend
from core.people import groups
from core.recovery import release_held
from storage.database import Database
from storage.tables import Delivery, Mailing
from tests.core.stage import sample
from tests.mailings.populace import NOW, by_hand, news, send, settle_in
from tests.scheduler.loopback import Desk, Wire

T = TypeVar("T")


class Office(Desk):
    """One process with its ticker and courier. `number`: of the mailing it sends."""

    def __init__(self, database: Database, content: Catalogue | None = None, holder: str = "me:1:1") -> None:
        super().__init__(database, content or sample(), Wire(), holder=holder)
        self.number = 0

    @property
    def shown(self) -> list[str]:
        """Addresses, in the order in which something appeared in them."""
        assert isinstance(self.wire, Wire)
        return [address for address, _, _ in self.wire.shown]

    def meets(self, person: int, *what: BaseException) -> None:
        """What happens to the next messages to this person of the populace."""
        assert isinstance(self.wire, Wire)
        self.wire.meets[f"telegram:{1000 + person}"] = list(what)

    async def begins(self, people: int, what: Draft | None = None) -> None:
        """So many people, and a mailing to them that has just left."""
        await self.database.transact(settle_in, people)
        self.number = await self.database.transact(send, self.catalogue, what or news(), self.now)
        self.now += timedelta(minutes=2)

    async def tends(self) -> int:
        return await self.database.transact(tend, self.catalogue, self.now)

    async def works(self, rounds: int = 60) -> None:
        """Until nothing moves any more at this moment."""
        await self.database.transact(release_held, self.now)
        for _ in range(rounds):
            moved = await self.tends()
            await self.until_quiet()
            if not moved and not await self.tends():
                return
        raise AssertionError("no end of it")

    async def later(self, **by: float) -> None:
        self.now += timedelta(**by)
        await self.works()

    async def counted(self) -> Counts:
        """What became of them; counted anew, it has to be the same."""
        told, true = await self.database.read(_both, self.number)
        assert {state: told[state] for state in STATES if told[state]} == true
        return told

    async def state(self) -> str:
        return (await self.mailing()).state

    async def mailing(self) -> Mailing:
        return await self.database.read(lambda session: session.get_one(Mailing, self.number))

    async def row(self, person: int) -> Delivery:
        return await self.database.read(
            lambda session: session.exec(select(Delivery).where(Delivery.contact_id == person)).one()
        )

    async def rows(self) -> list[Delivery]:
        return await self.database.read(
            lambda session: list(session.exec(select(Delivery).order_by(col(Delivery.contact_id))).all())
        )

    async def do(self, what: Callable[[Session], T]) -> T:
        return await self.database.transact(what)

    def _moved(self, session: Session, old: str, new: str, now: datetime) -> None:
        groups.moved(session, Address.parse(old), Address.parse(new), now)


def _both(session: Session, number: int) -> tuple[Counts, dict[str, int]]:
    return counts(session, number), by_hand(session, number)


__all__ = ["NOW", "Office"]
