"""The feed over HTTP, on both databases: what is taken, what is refused and how that is said."""

import asyncio
import hmac
import json
from collections.abc import AsyncIterator
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event as event_api
from sqlalchemy.exc import OperationalError
from sqlmodel import Session, col, select

from core.campaigns.tokens import revoke
from storage.database import Database
from storage.tables import Account, Campaign, CampaignEvent
from tests.campaigns.desk import NOW, Platform, event, platform

ROOT = Path(__file__).parents[2]


def kept(database: Database) -> int:
    return database.transact_now(lambda session: len(session.exec(select(CampaignEvent.key)).all()))


def fields(answer: Any) -> list[str]:
    return [one["field"] for one in answer["errors"]]


async def test_events_are_counted_once_in_any_order_and_before_their_campaign(database: Database) -> None:
    async with platform(database) as postino:
        early = await postino.tell(event(1, recipient="a@x.example"), event(2, "delivered", recipient="a@x.example"))
        unknown, _ = await postino.get("/api/v1/campaigns/spring")
        made = await postino.announce()
        again = await postino.tell(event(1, recipient="a@x.example"), event(3, "opened", recipient="a@x.example"))
        twice = await postino.tell(event(4, "opened", recipient="A@x.example "))
        other = await postino.post(
            "/api/v1/webhooks/generic", {"events": [event(5, campaign="autumn"), event(5, campaign="spring")]}
        )
        replaced = await postino.announce(total=200)
        stolen = await postino.announce(account="Cinder")
        _, status = await postino.get("/api/v1/campaigns/spring")

    assert early == (202, {"accepted": 2, "repeated": 0, "ignored": 0})
    assert unknown == 404
    assert made == (201, {"id": "spring", "created": True})
    assert again == (202, {"accepted": 1, "repeated": 1, "ignored": 0})
    assert twice == (202, {"accepted": 0, "repeated": 1, "ignored": 0})
    assert other == (202, {"accepted": 1, "repeated": 1, "ignored": 0})
    assert replaced == (200, {"id": "spring", "created": False})
    assert (stolen[0], fields(stolen[1])) == (409, ["account"])
    assert (status["sent"], status["delivered"], status["opened"], status["total"]) == (1, 1, 1, 200)


async def test_two_batches_at_once_about_the_same_things_count_once(database: Database) -> None:
    async with platform(database) as postino:
        await postino.announce(total=300)
        events = [event(number, recipient=f"{number}@x.example") for number in range(300)]
        answers = await asyncio.gather(
            postino.tell(*events[:200]), postino.tell(*reversed(events[100:])), postino.tell(*events[50:250])
        )
        _, status = await postino.get("/api/v1/campaigns/spring")

    assert [code for code, _ in answers] == [202] * 3
    assert sum(told["accepted"] for _, told in answers) == 300
    assert (status["sent"], status["percent"]) == (300, 100)


@pytest.fixture
async def postino(sqlite_url: str) -> AsyncIterator[Platform]:
    """What is refused is refused before it reaches a database, so one is enough."""
    database = Database(sqlite_url)
    async with platform(database) as found:
        yield found
    database.close()


WRONG: list[tuple[str, dict[str, Any], str]] = [
    ("a number for an id", event(1) | {"id": 7}, "events.0.id"),
    ("no id", {"type": "sent", "at": "2026-11-03T09:59:00Z"}, "events.0.id"),
    ("an unknown kind", event(1, "vanished"), "events.0.type"),
    ("a day for a moment", event(1, at="2026-11-03"), "events.0.at"),
    ("a number for a moment", event(1, at=1762164000), "events.0.at"),
    ("no zone", event(1, at="2026-11-03T09:59:00"), "events.0.at"),
    ("no such moment", event(1, at="0001-01-01T00:00:00+14:00"), "events.0.at"),
    ("a moment ahead", event(1, at="2026-11-03T10:11:00Z"), "events.0.at"),
    ("a moment long ago", event(1, at="2026-10-03T09:59:00Z"), "events.0.at"),
    ("half a person", event(1, count=1.5), "events.0.count"),
    ("nobody", event(1, count=0), "events.0.count"),
    ("a true count", event(1, count=True), "events.0.count"),
    ("more than there are people", event(1, count=10**10), "events.0.count"),
    ("a word for a count", event(1, count="5"), "events.0.count"),
    ("one and many", event(1, count=5, recipient="a"), "events.0"),
    ("a slip in a name", event(1, recipent="a"), "events.0.recipent"),
    ("a NUL", event("\x00"), "events.0.id"),
    ("half a character", event("\ud800"), "events.0.id"),
    ("a list for a recipient", event(1, recipient=["a"]), "events.0.recipient"),
]


async def test_what_is_wrong_is_named_and_nothing_is_kept(postino: Platform) -> None:
    answers = {
        what: await postino.post(
            "/api/v1/campaigns/spring/events", json.dumps({"events": [body, event("good")]}).encode()
        )
        for what, body, _ in WRONG
    }

    told = {what: (status, fields(answer)) for what, (status, answer) in answers.items()}
    assert told == {what: (422, [field]) for what, _, field in WRONG}
    assert kept(postino.database) == 0


BODIES: list[tuple[str, bytes, int]] = [
    ("no JSON", b"{", 400),
    ("NaN", b'{"events": [{"id": "1", "type": "sent", "at": "2026-11-03T09:59:00Z", "count": NaN}]}', 422),
    ("infinity", b'{"events": [{"id": "1", "type": "sent", "at": "2026-11-03T09:59:00Z", "count": -Infinity}]}', 422),
    ("digits without end", b'{"events": ' + b"9" * 100_000 + b"}", 400),
    ("brackets without end", b"[" * 500_000, 400),
    ("other bytes", b"\xff\xfe\x00", 400),
    ("nothing", b"", 422),
    ("null", b"null", 422),
    ("no events", b'{"events": []}', 422),
    ("too many", json.dumps({"events": [event(number) for number in range(1001)]}).encode(), 422),
]


async def test_a_body_that_is_none_is_refused_kindly(postino: Platform) -> None:
    answers = {what: await postino.post("/api/v1/campaigns/spring/events", body) for what, body, _ in BODIES}

    told = {what: (status, answer["status"]) for what, (status, answer) in answers.items()}
    assert told == {what: (status, status) for what, _, status in BODIES}
    assert kept(postino.database) == 0


UNSHOWABLE: list[tuple[dict[str, Any], str]] = [
    ({"account": "Nobody"}, "account"),
    ({"url": "http://x.example/"}, "url"),
    ({"url": "https://localhost/"}, "url"),
    ({"url": "https://a b.example/"}, "url"),
    ({"total": -1}, "total"),
    ({"title": " \t"}, "title"),
    ({"title": "x" * 201}, "title"),
    ({"channel": "e/mail"}, "channel"),
    ({"id": "a/b"}, "id"),
    ({"scheduled_at": "tomorrow"}, "scheduled_at"),
]


async def test_a_campaign_that_cannot_be_shown_is_not_taken(postino: Platform) -> None:
    answers = [await postino.announce(**more) for more, _ in UNSHOWABLE]

    assert [(status, fields(told)) for status, told in answers] == [(422, [field]) for _, field in UNSHOWABLE]


async def test_a_token_opens_what_it_is_for_and_nothing_else(postino: Platform) -> None:
    good, postino.token = postino.token, "hub_forged"
    forged, told = await postino.announce()
    postino.token = good
    in_address, _ = await postino.ask("POST", f"/api/v1/campaigns?token={good}", json={})
    webhook, _ = await postino.ask("POST", f"/api/v1/webhooks/sendgrid?token={good}", json=[])
    postino.database.transact_now(revoke, "Postino", NOW)
    revoked, _ = await postino.announce()

    assert (forged, told["title"]) == (401, "Unauthorized")
    assert (in_address, webhook, revoked) == (401, 202, 401)


async def test_a_token_of_one_account_tells_of_no_other(database: Database) -> None:
    async with platform(database, bound=True) as cinders:
        refused, told = await cinders.announce(account="Acme")
        taken, _ = await cinders.announce(account="Cinder")

    assert (refused, fields(told), taken) == (422, ["account"], 201)


async def test_a_token_without_the_scope_is_told_so(sqlite_url: str) -> None:
    database = Database(sqlite_url)
    async with platform(database, scopes=["signals:write"]) as other:
        answer, told = await other.announce()
    database.close()

    assert answer == 403
    assert "campaigns:write" in told["detail"]


async def test_fifty_megabytes_are_cut_off_early(postino: Platform) -> None:
    host = postino.url.removeprefix("http://")
    head = f"POST /api/v1/campaigns HTTP/1.1\r\nHost: {host}\r\nAuthorization: Bearer {postino.token}\r\n"
    head += "Content-Type: application/json\r\n"

    async def ask(length: str, pieces: int) -> tuple[bytes, int]:
        """What is answered, and how many megabytes were sent until then."""
        reader, writer = await asyncio.open_connection("127.0.0.1", int(host.rpartition(":")[2]))
        writer.write(f"{head}{length}\r\n\r\n".encode())
        answer, sent = asyncio.create_task(reader.readline()), 0
        try:
            while sent < pieces and not answer.done():
                writer.write(b"100000\r\n" + b" " * 2**20 + b"\r\n")
                await writer.drain()
                sent += 1
        except ConnectionError:  # they hung up on us
            pass
        status = await answer
        writer.close()
        return status, sent

    told, _ = await ask(f"Content-Length: {50 * 2**20}", 0)
    untold, sent = await ask("Transfer-Encoding: chunked", 50)

    assert told.startswith(b"HTTP/1.1 413")
    assert untold.startswith(b"HTTP/1.1 413")
    assert sent < 50
    assert (await postino.announce())[0] == 201


async def test_a_signature_is_asked_for_where_one_was_agreed(sqlite_url: str) -> None:
    database, body = Database(sqlite_url), json.dumps({"events": [event(1)]}).encode()

    def signed(at: float, by: str = "the key") -> dict[str, str]:
        moment = str(int(at))
        signature = hmac.new(by.encode(), moment.encode() + b"." + body, sha256).hexdigest()
        return {"x-hub-timestamp": moment, "x-hub-signature-256": f"sha256={signature}"}

    async with platform(database, signing_key="the key") as postino:
        path, now = "/api/v1/campaigns/spring/events", NOW.timestamp()
        answers = [
            await postino.post(path, body),
            await postino.post(path, body, headers=signed(now, "another")),
            await postino.post(path, body, headers=signed(now - 301)),
            await postino.post(path, body + b" ", headers=signed(now)),
            await postino.post("/api/v1/webhooks/sendgrid", body),
            await postino.post(path, body, headers=signed(now)),
            await postino.post(path, body, headers=signed(now)),
        ]
    database.close()

    assert [status for status, _ in answers] == [401, 401, 401, 401, 401, 202, 202]
    assert fields(answers[0][1]) == ["header X-Hub-Timestamp"]
    assert fields(answers[1][1]) == ["header X-Hub-Signature-256"]
    assert answers[-1][1] == {"accepted": 0, "repeated": 1, "ignored": 0}


async def test_when_too_much_is_in_hand_some_are_asked_to_wait(postino: Platform) -> None:
    waiting = asyncio.Event()

    async def slowly() -> AsyncIterator[bytes]:
        yield b"["
        await waiting.wait()

    headers = {"authorization": f"Bearer {postino.token}"}
    path = "/api/v1/webhooks/sendgrid"
    slow = [asyncio.create_task(postino.ask("POST", path, data=slowly(), headers=headers)) for _ in range(8)]
    async with asyncio.timeout(10):
        while True:
            status, told = await postino.ask("POST", path, json=[], headers=headers)
            if status == 429:
                break
    waiting.set()
    await asyncio.gather(*slow)

    assert told["retry-after"] == "1"
    assert (await postino.announce())[0] == 201


async def test_an_erased_accounts_campaigns_go_with_it_and_new_ones_are_refused(database: Database) -> None:
    def erase(session: Session) -> None:
        session.delete(session.exec(select(Account).where(Account.name == "Acme")).one())

    def left(session: Session) -> list[int | None]:
        return list(session.exec(select(Campaign.account_id).order_by(col(Campaign.id))).all())

    async with platform(database) as postino:
        await postino.announce()
        await postino.tell(event(1))
        database.transact_now(erase)
        events_after, _ = await postino.tell(event(2))
        announced_after, told = await postino.announce()

    assert events_after == 202
    assert (announced_after, fields(told)) == (422, ["account"])
    assert database.transact_now(left) == [None]
    assert kept(database) == 1


async def test_an_address_that_is_none_and_a_wrong_method_are_told_in_the_same_form(postino: Platform) -> None:
    nowhere, told = await postino.post("/api/v1/nowhere", {})
    headers = {"authorization": f"Bearer {postino.token}"}
    wrong, kind = await postino.ask("PUT", "/api/v1/campaigns", json={}, headers=headers)
    typed, _ = await postino.post("/api/v1/campaigns", b"a=b", headers={"content-type": "text/plain"})

    assert (nowhere, told["status"]) == (404, 404)
    assert (wrong, kind["content-type"]) == (405, "application/problem+json")
    assert typed == 415


async def test_while_the_database_takes_nothing_the_sender_is_asked_to_wait(postino: Platform) -> None:
    def lock(connection: Any, _cursor: Any, statement: str, *_more: Any) -> None:
        if "INSERT INTO campaign" in statement:
            raise OperationalError(statement, None, Exception("database is locked"))

    event_api.listen(postino.database.engine, "before_cursor_execute", lock)
    status, told = await postino.announce()
    event_api.remove(postino.database.engine, "before_cursor_execute", lock)

    assert (status, told["detail"]) == (503, "Nothing was kept. Send it again in a moment.")
    assert (await postino.announce())[0] == 201


def test_the_hub_starts_without_the_feeds_library() -> None:
    importers = {
        file.relative_to(ROOT).as_posix() for file in ROOT.glob("hub/**/*.py") if "fastapi" in file.read_text()
    }

    assert importers == {"hub/feed/app.py", "hub/feed/webhooks/__init__.py"}
    assert "hub.feed.app" not in (ROOT / "hub/feed/mounting.py").read_text().partition("def _load")[0]


async def test_the_page_needs_no_token_no_script_and_no_other_server(postino: Platform) -> None:
    async with postino.client.get(f"{postino.url}/docs") as answer:
        page = await answer.text()

    assert answer.status == 200
    assert "/api/v1/campaigns/{campaign_id}/events" in page
    assert "<script" not in page
    assert "http" not in page.replace("HTTP", "").replace("https://hub", "").replace("https", "")
