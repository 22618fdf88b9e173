"""The hub's own HTTP: what it says of itself, and that webhooks are handed on whole and answered as decided."""

import asyncio
import io
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

import aiohttp
import pytest

from hub.health import Health
from hub.http import LARGEST_BODY, HttpParts, build_app, serve
from hub.metrics import Metrics
from hub.settings import SettingsProblem

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
LATER = NOW + timedelta(minutes=5)


async def fetch(
    parts: HttpParts, method: str, path: str, body: bytes = b"", headers: Mapping[str, str] | None = None
) -> tuple[int, Mapping[str, str], bytes]:
    async with serve(build_app(parts), "127.0.0.1", 0) as port, aiohttp.ClientSession() as client:
        response = await client.request(
            method, f"http://127.0.0.1:{port}{path}", data=io.BytesIO(body), headers=headers
        )
        return response.status, response.headers, await response.read()


def parts() -> HttpParts:
    health = Health()
    health.expect("database", NOW)
    health.expect("telegram", NOW, needed=False, hears=True)
    health.expect("slack", NOW, needed=False, hears=True)
    return HttpParts(health, Metrics())


async def test_a_living_process_says_so_even_when_nothing_works() -> None:
    status, _, body = await fetch(parts(), "GET", "/healthz")

    assert (status, body) == (200, b'{"status":"ok"}')


async def test_the_hub_is_not_ready_before_its_parts_are() -> None:
    status, _, _ = await fetch(parts(), "GET", "/readyz")

    assert status == 503


async def test_one_messenger_down_is_told_but_the_other_goes_on() -> None:
    with_slack_down = parts()
    for name in ("database", "telegram", "slack"):
        with_slack_down.health.set(name, True, "", NOW)
    with_slack_down.health.set("slack", False, "token revoked", LATER)

    status, _, body = await fetch(with_slack_down, "GET", "/readyz")

    assert status == 200
    assert body == (
        b'{"status":"degraded","parts":{'
        b'"database":{"state":"ok","since":"2026-03-02T09:00:00+00:00","reason":""},'
        b'"telegram":{"state":"ok","since":"2026-03-02T09:00:00+00:00","reason":""},'
        b'"slack":{"state":"down","since":"2026-03-02T09:05:00+00:00","reason":"token revoked"}}}'
    )


@pytest.mark.parametrize("broken", [["database"], ["telegram", "slack"]])
async def test_the_hub_is_down_without_its_database_or_any_messenger(broken: list[str]) -> None:
    with_trouble = parts()
    for name in ("database", "telegram", "slack"):
        with_trouble.health.set(name, name not in broken, "gone", NOW)

    status, _, _ = await fetch(with_trouble, "GET", "/readyz")

    assert status == 503


def test_a_part_is_down_since_it_broke_not_since_it_was_last_looked_at() -> None:
    health = parts().health
    health.set("database", True, "", NOW)

    health.set("database", False, "locked", LATER)
    health.set("database", False, "still locked", LATER + timedelta(minutes=1))

    assert (health.parts["database"].since, health.parts["database"].reason) == (LATER, "still locked")


def test_only_changes_are_told() -> None:
    told: list[tuple[str, bool]] = []
    health = Health(tell=lambda name, part: told.append((name, part.ok)))
    health.expect("slack", NOW)

    health.set("slack", True, "", NOW)
    health.set("slack", True, "", LATER)
    health.set("slack", False, "gone", LATER)

    assert told == [("slack", False), ("slack", True), ("slack", False)]


async def test_metrics_are_what_prometheus_reads() -> None:
    measured = parts()
    measured.metrics.heard("telegram", 3)
    measured.metrics.settled("slack", 0, "accepted")
    measured.metrics.sent("slack", timedelta(milliseconds=40))
    measured.metrics.queue({"queued": 2}, timedelta(seconds=7))
    measured.metrics.ticked("reminders")
    measured.metrics.content("old")
    measured.metrics.content("abc123")

    status, headers, body = await fetch(measured, "GET", "/metrics")

    lines = body.decode().splitlines()
    assert status == 200
    assert headers["content-type"].startswith("text/plain")
    assert set(lines) >= {
        'hub_events_total{messenger="telegram"} 3.0',
        'hub_deliveries_total{lane="answer",messenger="slack",state="accepted"} 1.0',
        'hub_send_seconds_bucket{le="0.05",messenger="slack"} 1.0',
        'hub_queue_deliveries{state="queued"} 2.0',
        "hub_queue_oldest_seconds 7.0",
        'hub_ticks_total{job="reminders"} 1.0',
        'hub_content{version="abc123"} 1.0',
        'hub_part_up{part="database"} 0.0',
    }
    assert not [line for line in lines if "old" in line and line.startswith("hub_content")]


async def test_the_queue_is_looked_at_when_metrics_are_read() -> None:
    metrics = Metrics()

    async def look() -> None:
        metrics.queue({"queued": 5}, timedelta())

    _, _, body = await fetch(HttpParts(Health(), metrics, before_metrics=look), "GET", "/metrics")

    assert b'hub_queue_deliveries{state="queued"} 5.0' in body


async def test_an_update_is_handed_on_whole_and_answered_as_decided() -> None:
    heard: list[tuple[bytes, str | None]] = []

    async def hear(body: bytes, secret: str | None) -> int:
        heard.append((body, secret))
        return 403

    status, _, _ = await fetch(
        HttpParts(Health(), Metrics(), telegram=hear),
        "POST",
        "/telegram",
        b'{"update_id": 1}',
        {"X-Telegram-Bot-Api-Secret-Token": "s3cret"},
    )

    assert (status, heard) == (403, [(b'{"update_id": 1}', "s3cret")])


async def test_slack_gets_the_answer_it_was_decided_to_get() -> None:
    heard: list[tuple[bytes, str]] = []

    async def hear(body: bytes, headers: Mapping[str, str]) -> tuple[int, Mapping[str, str], bytes]:
        heard.append((body, headers["x-slack-signature"]))
        return 200, {"Content-Type": "text/plain"}, b"challenge"

    status, headers, body = await fetch(
        HttpParts(Health(), Metrics(), slack=hear), "POST", "/slack/events", b"{}", {"X-Slack-Signature": "v0=ab"}
    )

    assert (status, headers["content-type"], body) == (200, "text/plain", b"challenge")
    assert heard == [(b"{}", "v0=ab")]


async def test_a_body_no_messenger_would_send_is_refused_unread() -> None:
    async def never(_body: bytes, _secret: str | None) -> int:
        raise AssertionError("must not be asked")

    status, _, _ = await fetch(
        HttpParts(Health(), Metrics(), telegram=never), "POST", "/telegram", b"x" * (LARGEST_BODY + 1)
    )

    assert status == 413


@pytest.mark.parametrize("path", ["/telegram", "/slack/events", "/docs", "/openapi.json"])
async def test_there_is_no_route_for_what_is_not_used(path: str) -> None:
    status, _, _ = await fetch(parts(), "POST", path)

    assert status == 404


async def test_a_request_in_hand_is_answered_before_the_hub_stops() -> None:
    asked, go_on = asyncio.Event(), asyncio.Event()

    async def slowly(_body: bytes, _secret: str | None) -> int:
        asked.set()
        await go_on.wait()
        return 200

    async with aiohttp.ClientSession() as client:
        async with serve(build_app(HttpParts(Health(), Metrics(), telegram=slowly)), "127.0.0.1", 0) as port:
            answer = asyncio.create_task(client.post(f"http://127.0.0.1:{port}/telegram"))
            await asked.wait()
            asyncio.get_running_loop().call_later(0.05, go_on.set)
        assert (await answer).status == 200


async def test_a_port_in_use_names_the_setting() -> None:
    async with serve(build_app(parts()), "127.0.0.1", 0) as port:
        with pytest.raises(SettingsProblem, match=f"HUB_HTTP_PORT {port} "):
            async with serve(build_app(parts()), "127.0.0.1", port):
                pass
