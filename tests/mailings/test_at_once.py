"""Two at the same moment, on a database that lets both in: a tap and an amendment, two who answer the same people."""

from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlmodel import Session, select

from core.events import Address, Filled
from core.inbox import receive
from core.mailings.amending import amend
from core.mailings.changing import LATER, change_due
from core.mailings.reacting import react
from storage.database import Database
from storage.tables import Csm, Delivery, HelpRequest, MailingChange
from tests.mailings.letters import ANN, BEN, DANA, Street
from tests.mailings.test_changes import DEARER


@pytest.fixture
def shared(pg_url: str) -> Iterator[tuple[Database, Street]]:
    """A street that others look at meanwhile: what is done in it is committed."""
    database = Database(pg_url)
    with Session(database.engine) as session:
        yield database, Street(session)
    database.close()


def test_a_tap_and_an_amendment_see_each_other(shared: tuple[Database, Street]) -> None:
    database, street = shared
    mailing = street.mail()
    amend(street.session, street.content, mailing.id or 0, {"en": DEARER}, street.now)
    row = street.row(DANA)
    street.session.commit()

    with Session(database.engine) as tapping:
        react(tapping, street.content, tapping.get_one(Delivery, row.id), street.now)  # and is not committed yet
        change_due(street.session, street.content, street.now)
        street.session.commit()
        done = {one.delivery_id for one in street.session.exec(select(MailingChange)).all()}
        assert row.id not in done
        assert len(done) == 2
        tapping.commit()
    street.now += LATER
    street.forget()
    street.work()
    street.session.commit()

    hows = Counter(one.how for one in street.session.exec(select(MailingChange)).all())
    assert hows == {"edited": 2, "corrected": 1}
    assert street.texts(DANA)[0] == "Hello Dana, it costs 10."


def test_an_amendment_that_is_first_is_turned_into_a_correction_by_the_tap(shared: tuple[Database, Street]) -> None:
    database, street = shared
    mailing = street.mail()
    amend(street.session, street.content, mailing.id or 0, {"en": DEARER}, street.now)
    number = street.row(DANA).id
    street.session.commit()
    change_due(street.session, street.content, street.now)  # and is not committed yet

    def tap(session: Session) -> None:
        react(session, street.content, session.get_one(Delivery, number), street.now)

    with ThreadPoolExecutor(1) as pool:
        tapped = pool.submit(database.transact_now, tap)  # waits for the row, whenever it comes
        street.session.commit()
        tapped.result()
    street.forget()
    street.work()
    street.session.commit()

    assert len(street.texts(DANA)) == 2
    assert street.texts(DANA)[0] == "Hello Dana, it costs 10."
    assert street.texts(DANA)[1].endswith("it costs 12.")


def test_two_who_answer_the_same_people_at_once_reach_each_once(shared: tuple[Database, Street]) -> None:
    database, street = shared
    for number in range(40, 44):
        street.client(number, f"P{number}", 1, f"telegram:{number}")
    street.mail()
    for number in range(40, 44):
        street.say(f"telegram:{number}", "When does it start?", about=street.letter(f"telegram:{number}"))
    street.session.get_one(Csm, 2).role = "admin"
    street.session.get_one(Csm, 1).role = "admin"
    found = street.session.exec(select(HelpRequest)).all()
    first, upto = min(one.id or 0 for one in found), max(one.id or 0 for one in found)
    # Both look after the account for as long as it takes: nobody there is its CSM.
    for one in found:
        street.session.get_one(type(street.member(40).account), one.account_id).csm_id = None
    street.session.commit()

    def fill(who: str, words: str) -> None:
        sender = Address.parse(who)
        event = Filled(
            key=f"form:{who}",
            sender=sender,
            chat=sender,
            action=f"mrepto.{first}.{upto}",
            answers=(("to", "all"), ("reply", words)),
        )
        database.transact_now(lambda session: receive(session, street.content, event, street.now))

    with ThreadPoolExecutor(2) as pool:
        for done in [pool.submit(fill, ANN, "In January"), pool.submit(fill, BEN, "In February")]:
            done.result()

    replies = street.session.exec(select(Delivery.address).where(Delivery.kind == "reply")).all()
    assert Counter(replies) == {f"telegram:{number}": 1 for number in range(40, 44)}
