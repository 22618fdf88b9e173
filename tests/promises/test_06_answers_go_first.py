"""An answer to a tap never waits behind a mailing: by order, not by time."""

from sqlmodel import Session

from core.claims import claim
from storage.database import Database
from storage.tables import Account, Contact
from tests.promises.lives import NOW, content
from tests.scheduler.loopback import Desk, Wire, posted

MANY = 200


def mailing(session: Session) -> None:
    """Lane 2 for everybody, written long before anybody taps."""
    session.add(Account(id=1, name="Acme", created_at=NOW))
    session.flush()
    for number in range(1, MANY + 1):
        session.add(Contact(id=number, account_id=1, name="C", email=f"{number}@a.example", created_at=NOW))
    session.flush()
    for number in range(1, MANY + 1):
        posted(session, f"telegram:{number}", ["news"], 2, contact_id=number)


async def test_an_answer_is_claimed_before_the_mailing_to_the_same_person(database: Database) -> None:
    await database.transact(mailing)
    await database.transact(posted, "telegram:7", ["answer"])

    taken = await database.transact(claim, content(), messenger="telegram", holder="me", most=(5, 5, 20), now=NOW)

    assert [one.card.text for one in taken if str(one.address) == "telegram:7"] == ["answer"]
    assert sum(one.lane == 2 for one in taken) == 20


async def test_a_mailing_never_takes_the_room_of_answers(database: Database) -> None:
    await database.transact(mailing)
    known = content()
    await database.transact(claim, known, messenger="telegram", holder="me", most=(100, 20, 20), now=NOW)
    await database.transact(posted, "telegram:9999", ["answer"])

    taken = await database.transact(claim, known, messenger="telegram", holder="me", most=(100, 20, 0), now=NOW)

    assert [one.card.text for one in taken] == ["answer"]


async def test_whoever_taps_during_a_mailing_is_answered_before_their_newsletter(database: Database) -> None:
    wire = Wire()
    await database.transact(mailing)
    for number in range(100, 110):
        await database.transact(posted, f"telegram:{number}", ["answer"])

    await Desk(database, content(), wire).until_quiet()

    for number in range(100, 110):
        assert wire.texts(f"telegram:{number}") == ["answer", "news"]
    first_answers = [place for place, (_, text, _) in enumerate(wire.shown) if text == "answer"]
    assert max(first_answers) < 40
    assert len(wire.shown) == MANY + 10
