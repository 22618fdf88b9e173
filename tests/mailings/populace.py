"""Many clients at once, written by one statement each, and a mailing to them."""

from datetime import UTC, datetime

from sqlalchemy import text
from sqlmodel import Session, col, func, select

from core.content.catalogue import Catalogue
from core.mailings.approving import approve
from core.mailings.drafting import Draft, Press, Written, draft
from storage.tables import Delivery

NOW = datetime(2026, 11, 3, 10, 0, tzinfo=UTC)
"""A Tuesday morning."""

_NUMBERS = "WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < {count})"
_FILL = (
    """INSERT INTO account (id, name, segment, region, created_at) {numbers}
    SELECT n, 'Account ' || n, CASE n % 2 WHEN 0 THEN 'smb' ELSE 'enterprise' END, 'DACH', {now} FROM numbers
    WHERE n <= ({count} + 3) / 4""",
    """INSERT INTO contact (id, account_id, name, email, role, created_at, joined_at) {numbers}
    SELECT n, (n + 3) / 4, 'Dana' || n || ' Lee', 'dana' || n || '@client.example', '', {now}, {now} FROM numbers""",
    """INSERT INTO chat (address, kind, title, shared, contact_id, last_heard_at) {numbers}
    SELECT 'telegram:' || (1000 + n), 'private', '', {no}, n, {now} FROM numbers""",
)


def settle_in(session: Session, people: int, now: datetime = NOW) -> None:
    """So many people of four to a client, each in Telegram (chat 1000 + their number)."""
    sqlite = session.get_bind().dialect.name == "sqlite"
    moment = now.replace(tzinfo=None).isoformat(" ", "microseconds") if sqlite else now.isoformat()
    for statement in _FILL:
        numbers = _NUMBERS.format(count=people)
        said = statement.format(numbers=numbers, count=people, now=f"'{moment}'", no="0" if sqlite else "false")
        session.execute(text(said if sqlite else said.replace(f"'{moment}'", f"CAST('{moment}' AS timestamptz)")))


def news(key: str = "news:1", **more: object) -> Draft:
    """A mailing to everybody, in two languages."""
    texts = {
        "en": Written(
            "New prices",
            "Hello {{ contact.first_name }}, from January all is new.",
            (Press("Read", "https://relay.example/prices"),),
        ),
        "ru": Written("Новые цены", "{{ contact.first_name }}, с января всё новое."),
    }
    told: dict[str, object] = {"key": key, "name": "prices", "title": "New prices", "texts": texts}
    return Draft(**(told | more))  # type: ignore[arg-type]  # the fields of a draft


def send(session: Session, catalogue: Catalogue, what: Draft, now: datetime) -> int:
    """Draft and approve it; it leaves when the time to call it off is over."""
    mailing = draft(session, catalogue, what, None, now)
    assert approve(session, catalogue, mailing.id or 0, None, now) == "leaving"
    return mailing.id or 0


def by_hand(session: Session, mailing_id: int) -> dict[str, int]:
    """How many recipients are in each state, counted anew; `sending` is `queued`."""
    found = session.exec(
        select(Delivery.state, func.count()).where(Delivery.mailing_id == mailing_id).group_by(col(Delivery.state))
    ).all()
    counted: dict[str, int] = {}
    for state, count in found:
        name = "queued" if state == "sending" else state
        counted[name] = counted.get(name, 0) + count
    return counted
