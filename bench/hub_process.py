"""The hub as it runs for clients, on a fresh database with so many contacts who have all joined, one account each."""

import argparse
import asyncio
import tempfile
from datetime import UTC, datetime
from pathlib import Path

from pydantic import SecretStr
from sqlmodel import Session

from bench.wires.crowd import FIRST
from bench.wires.slack import TEAM
from core.content.catalogue import Catalogue
from core.content.checking import read_catalogue
from core.onboarding import checklists
from hub import logs
from hub.running import running
from hub.settings import Settings
from scheduler.pacing import UNLIMITED
from storage.database import Database
from storage.tables import Account, Chat, Contact
from storage.upgrade import upgrade

CONTENT = Path(__file__).parent.parent / "content"
TELEGRAM_TOKEN, SLACK_TOKEN, APP_TOKEN = "42:BENCHBENCHBENCHBENCHBENCHBENCH", "xoxb-bench", "xapp-bench"


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
        for address in (f"telegram:{FIRST + number}", f"slack:{TEAM}/U{FIRST + number}"):
            session.add(Chat(address=address, contact_id=contact.id, last_heard_at=now))
        checklists.enrol(session, catalogue, account, now)


def settle_in(url: str, chats: int) -> None:
    """Make the database at `url` and let these people in."""
    database = Database(url)
    upgrade(database.engine)
    database.transact_now(people, read_catalogue(CONTENT), chats, datetime.now(UTC))
    database.close()


async def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--chats", type=int, default=100)
    parser.add_argument("--telegram", help="address of its wire")
    parser.add_argument("--slack", help="address of its wire")
    parser.add_argument("--port", type=int, default=18080)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{folder}/hub.db"
        settle_in(url, asked.chats)
        settings = Settings(_env_file=None, database_url=SecretStr(url), hub_content=CONTENT, hub_http_port=asked.port)
        told: dict[str, object] = {}
        if asked.telegram:
            told |= {"telegram_bot_token": SecretStr(TELEGRAM_TOKEN), "telegram_api_url": asked.telegram}
        if asked.slack:
            told |= {"slack_bot_token": SecretStr(SLACK_TOKEN), "slack_app_token": SecretStr(APP_TOKEN)}
            told |= {"slack_api_url": f"{asked.slack}/api"}
        logs.configure("info", "json", secrets=[])
        async with running(settings.model_copy(update=told), paces={"telegram": UNLIMITED, "slack": UNLIMITED}):
            await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main())
