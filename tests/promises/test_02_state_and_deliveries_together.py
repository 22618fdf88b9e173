"""State and the deliveries that follow from it are committed together; sending never happens inside a transaction."""

import ast
from pathlib import Path

import pytest
from sqlalchemy.exc import OperationalError
from sqlmodel import Session, select

from core import inbox
from core.cards import Card
from core.content.catalogue import Catalogue
from core.events import Address
from storage.database import Database
from storage.tables import Delivery, HeardEvent, StepRecord
from tests.promises.lives import NOW, begin, content
from tests.promises.test_01_acknowledged_after_commit import tap
from tests.scheduler.loopback import Desk, Wire, posted
from tests.stories.town import ROOT


def _all(session: Session) -> tuple[int, int, int]:
    tables = (HeardEvent, StepRecord, Delivery)
    return tuple(len(session.exec(select(table)).all()) for table in tables)  # type: ignore[return-value]  # three of them


async def test_a_transaction_that_breaks_at_its_end_keeps_neither_state_nor_cards(database: Database) -> None:
    known = content()
    await database.transact(begin, known)

    def decide_and_break(session: Session) -> None:
        inbox.receive(session, known, tap(), NOW)
        session.flush()
        assert _all(session) == (1, 1, 1)
        raise OperationalError("COMMIT", None, OSError("no space left on device"))

    with pytest.raises(OperationalError):
        await database.transact(decide_and_break)

    assert await database.read(_all) == (0, 0, 0)


async def test_state_and_cards_appear_at_the_same_instant(database: Database) -> None:
    known = content()
    await database.transact(begin, known)

    await database.transact(inbox.receive, known, tap(), NOW)

    assert await database.read(_all) == (1, 1, 1)


async def test_nothing_is_locked_while_a_card_is_on_its_way(database: Database) -> None:
    """Whoever writes while the messenger shows a card does not wait for the messenger."""
    known: Catalogue = content()
    wrote: list[int] = []

    class Slow(Wire):
        async def send(self, to: Address, card: Card, replacing: str | None = None) -> str:
            wrote.extend(await database.transact(posted, "telegram:9", [f"{len(wrote)}"]))
            return await super().send(to, card, replacing)

    wire = Slow()
    await database.transact(posted, "slack:T/U", ["1"])

    await Desk(database, known, wire, name="slack").until_quiet()

    assert wire.texts("slack:T/U") == ["1"]
    assert len(wrote) == 1


def _imports(file: Path) -> set[str]:
    found: set[str] = set()
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {name.name for name in node.names}
        elif isinstance(node, ast.ImportFrom):
            found.add(node.module or "")
    return found


@pytest.mark.parametrize("file", sorted((ROOT / "core").rglob("*.py")), ids=lambda file: file.stem)
def test_no_use_case_can_wait_for_a_network(file: Path) -> None:
    """What runs in a transaction is synchronous, and knows no socket."""
    tree = ast.parse(file.read_text(encoding="utf-8"))
    waits = [node for node in ast.walk(tree) if isinstance(node, ast.Await)]

    assert waits == []
    assert not _imports(file) & {"asyncio", "socket", "ssl", "urllib.request", "http.client", "time"}
