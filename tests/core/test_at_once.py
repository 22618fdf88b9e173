"""Many people act in the same moment, on both databases: one counts, nobody's tap is lost, all end in one state."""

import asyncio
from datetime import timedelta

from sqlmodel import Session, col, select

from core.actions import HelpClaim
from core.desk import help  # noqa: A004 - a feature's name
from core.events import Address, Said, Tapped
from core.inbox import receive
from core.onboarding import checklists
from core.people.accounts import colleague
from core.receipts import Receipt
from core.screens import Place
from storage.database import Database
from storage.tables import Account, Csm, Delivery, Enrolment, HelpRequest, StepRecord
from tests.core.stage import START, Stage, catalogue, checklist, step

PEOPLE = tuple(f"telegram:{number}" for number in range(1, 9))
GROUP = "telegram:-100"
CONTENT = catalogue(
    checklist(step("one"), step("two"), step("three")), checklist(step("x"), name="more", after="start")
)


def set_up(session: Session) -> int:
    here = Stage(CONTENT, session)
    account = here.account(csm=here.csm())
    for number, address in enumerate(PEOPLE):
        here.person(account, f"Person{number}", address)
    here.group(account, GROUP)
    checklists.enrol(session, CONTENT, account, START)
    return here.enrolment().id or 0


def tap(who: str, action: str, key: str) -> Tapped:
    sender = Address.parse(who)
    return Tapped(key=key, sender=sender, chat=sender, action=action, message=f"m{who}")


async def all_at_once(database: Database, *events: Tapped | Said) -> list[Receipt]:
    return await asyncio.gather(
        *(database.transact(receive, CONTENT, one, START + timedelta(hours=1)) for one in events)
    )


async def test_of_many_who_tap_done_at_once_one_counts_and_the_others_see_who(database: Database) -> None:
    number = await database.transact(set_up)

    receipts = await all_at_once(database, *(tap(who, f"done.{number}.one", f"{who}:1") for who in PEOPLE))

    records = await database.read(lambda session: session.exec(select(StepRecord)).all())
    assert [(record.step, record.state) for record in records] == [("one", "done")]
    assert sum("faster" in receipt.toast for receipt in receipts) == len(PEOPLE) - 1


async def test_a_checklist_finished_by_several_at_once_ends_once_and_begins_the_next_once(database: Database) -> None:
    number = await database.transact(set_up)
    steps = ("one", "two", "three")

    taps = (tap(who, f"done.{number}.{name}", f"{who}:{name}") for who in PEOPLE[:4] for name in steps)
    await all_at_once(database, *taps)

    begun = await database.read(lambda session: session.exec(select(Enrolment).order_by(col(Enrolment.id))).all())
    told = await database.read(lambda session: session.exec(select(Delivery).where(Delivery.kind == "finished")).all())
    assert [one.checklist for one in begun] == ["start", "more"]
    assert begun[0].finished_at is not None
    assert len({one.address for one in told}) == len(told)
    desk = await database.read(lambda session: session.exec(select(Delivery).where(Delivery.kind == "desk")).all())
    assert [one.key for one in desk if one.key.startswith("finished")] == [f"finished:{number}:csm:1"]


async def test_an_account_whose_people_all_come_at_once_begins_each_checklist_once(database: Database) -> None:
    def account(session: Session) -> None:
        Stage(CONTENT, session).account()

    def enrol(session: Session) -> int:
        return len(checklists.enrol(session, CONTENT, session.exec(select(Account)).one(), START))

    await database.transact(account)

    begun = await asyncio.gather(*(database.transact(enrol) for _ in range(6)))

    assert sum(begun) == 1


async def test_of_two_colleagues_who_claim_at_once_one_has_it(database: Database) -> None:
    def two(session: Session) -> None:
        set_up(session)
        Stage(CONTENT, session).csm("Bea", address="slack:T0/BEA")

    def claim(session: Session, name: str) -> str:
        csm = session.exec(select(Csm).where(Csm.email == f"{name}@relay.example")).one()
        request = session.exec(select(HelpRequest.id)).one()
        place = Place(Address.parse(csm.address or ""), f"claim:{name}")
        return help.claim(session, CONTENT, colleague(CONTENT, csm), place, HelpClaim(request or 0), START).toast

    await database.transact(two)
    asking = Address.parse(PEOPLE[0])
    await all_at_once(database, Said(key="s1", sender=asking, chat=asking, text="Hello"))

    toasts = await asyncio.gather(*(database.transact(claim, name) for name in ("ann", "bea")))

    assert sorted(bool(toast) for toast in toasts) == [False, True]
