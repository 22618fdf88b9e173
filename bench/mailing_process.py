"""The hub with very many people besides those who talk, and a mailing to them on its way: on a Tuesday morning."""

import argparse
import asyncio
import tempfile
from datetime import UTC, datetime, timedelta

from pydantic import SecretStr
from sqlalchemy import text
from sqlmodel import Session

from bench.hub_process import CONTENT, TELEGRAM_TOKEN, people
from bench.wires.crowd import MAILED
from core.content.catalogue import Catalogue
from core.content.checking import read_catalogue
from core.mailings.approving import approve
from core.mailings.drafting import Draft, Press, Written, draft
from core.mailings.tending import tend
from hub import logs
from hub.running import running
from hub.settings import Settings
from playground.clock import Clock
from scheduler.pacing import PAID_TELEGRAM, TELEGRAM, UNLIMITED, Limit, Limits
from storage.database import Database
from storage.upgrade import upgrade

TUESDAY = datetime(2026, 11, 3, 10, 0, tzinfo=UTC)
PACES = {
    "usual": TELEGRAM,
    "paid": Limits(None, None, None, bulk=PAID_TELEGRAM.bulk),
    "none": UNLIMITED,
    "mailing": Limits(None, None, None, bulk=Limit(30, 1.0)),
}
"""`mailing`: only the mailing keeps to 30 a second, so that nothing but the work itself delays an answer."""

NUMBERS = """(WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < :count)
    SELECT n FROM numbers)"""
NEWS = Draft(
    key="bench",
    name="bench",
    title="News",
    audience="role == 'crowd'",
    texts={
        "en": Written(
            "New prices",
            "Hello {{ contact.first_name }}, from **January** all of {{ client.name }} pays less. Ask {{ csm.name }}.",
            (Press("Read more", "https://relay.example/prices"), Press("I am in", answer="yes")),
        )
    },
)


def crowd(session: Session, count: int) -> None:
    """So many people of ten to a client, who only get mailings."""
    at = TUESDAY.replace(tzinfo=None).isoformat(" ", "microseconds")
    for statement in (
        f"""INSERT INTO account (id, name, segment, region, created_at)
        SELECT 100000 + n, 'Crowd ' || n, 'smb', 'UK', :at FROM {NUMBERS} WHERE n <= (:count + 9) / 10""",
        f"""INSERT INTO contact (id, account_id, name, email, role, created_at, joined_at)
        SELECT 100000 + n, 100000 + (n + 9) / 10, 'Omar' || n || ' Lee', 'omar' || n || '@crowd.example', 'crowd',
            :at, :at FROM {NUMBERS}""",
        f"""INSERT INTO chat (address, kind, title, shared, contact_id, last_heard_at)
        SELECT 'telegram:' || ({MAILED} + n), 'private', '', 0, 100000 + n, :at FROM {NUMBERS}""",
    ):
        session.execute(text(statement), {"count": count, "at": at})


def begin(session: Session, catalogue: Catalogue) -> None:
    """The mailing has left: its recipients are written down."""
    number = draft(session, catalogue, NEWS, None, TUESDAY).id or 0
    approve(session, catalogue, number, None, TUESDAY)
    tend(session, catalogue, TUESDAY + timedelta(minutes=2))


async def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--chats", type=int, default=1)
    parser.add_argument("--crowd", type=int, default=100)
    parser.add_argument("--still", action="store_true", help="the mailing does not begin")
    parser.add_argument("--pace", choices=list(PACES), default="none")
    parser.add_argument("--telegram", required=True, help="address of its wire")
    parser.add_argument("--port", type=int, default=18080)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{folder}/hub.db"
        database, catalogue = Database(url), read_catalogue(CONTENT)
        upgrade(database.engine)
        database.transact_now(people, catalogue, asked.chats, TUESDAY)
        database.transact_now(crowd, asked.crowd)
        if not asked.still:
            database.transact_now(begin, catalogue)
        database.close()
        settings = Settings(
            _env_file=None,
            database_url=SecretStr(url),
            hub_content=CONTENT,
            hub_http_port=asked.port,
            telegram_bot_token=SecretStr(TELEGRAM_TOKEN),
            telegram_api_url=asked.telegram,
        )
        logs.configure("info", "json", secrets=[])
        clock = Clock(TUESDAY + timedelta(minutes=2))
        async with running(settings, now=clock.now, paces={"telegram": PACES[asked.pace], "slack": UNLIMITED}):
            await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main())
