"""The hub as it runs for clients, on a fresh database with so many contacts who have all joined, one account each."""

import asyncio
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path

from pydantic import SecretStr
from sqlmodel import Session

from bench.wires.telegram import FIRST_CHAT
from core import checklists
from core.catalogue import Catalogue
from hub.running import running
from hub.settings import Settings
from scheduler.pacing import UNLIMITED
from storage.database import Database
from storage.tables import Account, Chat, Contact
from storage.upgrade import upgrade

CONTENT = Path(__file__).parent.parent / "content"
SLACK_TEAM = "T0BENCH"


def people(session: Session, catalogue: Catalogue, chats: int, now: datetime) -> None:
    """One account, one contact, one enrolment each, so that all their numbers are the same."""
    for number in range(chats):
        account = Account(name=f"Client {number}", created_at=now)
        session.add(account)
        session.flush()
        contact = Contact(
            account_id=account.id or 0, name=f"Dana {number}", email=f"dana{number}@example.com", created_at=now,
            joined_at=now,
        )  # fmt: skip
        session.add(contact)
        session.flush()
        for address in (f"telegram:{FIRST_CHAT + number}", f"slack:{SLACK_TEAM}/U{FIRST_CHAT + number}"):
            session.add(Chat(address=address, contact_id=contact.id, last_heard_at=now))
        checklists.enrol(session, catalogue, account, now)


async def main() -> None:
    from core.checking import read_catalogue

    url, chats = sys.argv[1], int(sys.argv[2])
    with tempfile.TemporaryDirectory() as folder:
        file = f"sqlite:///{folder}/hub.db"
        database = Database(file)
        upgrade(database.engine)
        database.transact_now(people, read_catalogue(CONTENT), chats, datetime.now(UTC))
        database.close()
        settings = Settings(
            _env_file=None,
            telegram_bot_token=SecretStr("42:BENCHBENCHBENCHBENCHBENCH"),
            telegram_api_url=url,
            database_url=SecretStr(file),
            hub_content=CONTENT,
            hub_http_port=int(sys.argv[3]),
        )
        async with running(settings, paces={"telegram": UNLIMITED, "slack": UNLIMITED}):
            await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main())
