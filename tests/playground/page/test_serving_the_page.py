"""The page's server listens to its own page alone, and says plainly what it refuses."""

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta

import aiohttp
import pytest
import pytest_asyncio

from playground.clock import Clock
from playground.views import SeatView
from playground.web import PAGE, Playground
from tests.playground.page.echo_seats import START, EchoSeat, Stage

pytestmark = [pytest.mark.xdist_group("page"), pytest.mark.asyncio(loop_scope="session")]


@pytest_asyncio.fixture(loop_scope="session")
async def http(stage: Stage) -> AsyncIterator[aiohttp.ClientSession]:
    origin = stage.url.rstrip("/")
    async with aiohttp.ClientSession(origin, headers={"Origin": origin}) as session:
        yield session


async def test_the_page_needs_nothing_from_outside(http: aiohttp.ClientSession) -> None:
    answer = await http.get("/")

    policy = answer.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert "https:" not in policy
    for file in PAGE.iterdir():
        served = await http.get(f"/{file.name}")
        assert served.status == 200
        assert served.headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize("path", ["/%2e%2e/web.py", "/..%2fweb.py", "/nothing.js", "/%2fetc%2fpasswd", "/%00"])
async def test_nothing_but_the_page_is_served(http: aiohttp.ClientSession, path: str) -> None:
    answer = await http.get(path)

    assert answer.status in (400, 404)


@pytest.mark.parametrize("origin", ["https://evil.example", "null", "", "http://127.0.0.1:1"])
async def test_another_sites_page_may_do_nothing(http: aiohttp.ClientSession, stage: Stage, origin: str) -> None:
    answer = await http.post("/seats/slack:ann/say", json={"text": "hi"}, headers={"Origin": origin})
    assert answer.status == 403

    with pytest.raises(aiohttp.WSServerHandshakeError):
        await http.ws_connect("/live", headers={"Origin": origin})
    assert stage.ann.done == []


async def test_a_name_rebound_to_this_machine_is_refused(http: aiohttp.ClientSession, stage: Stage) -> None:
    headers = {"Host": "evil.example", "Origin": "http://evil.example"}

    assert (await http.get("/", headers=headers)).status == 403
    assert (await http.post("/clock", json={"by": "day"}, headers=headers)).status == 403
    assert stage.clock.now() == START


async def test_a_form_of_another_site_cannot_pass_as_json(http: aiohttp.ClientSession, stage: Stage) -> None:
    answer = await http.post("/seats/slack:ann/say", data='{"text": "hi"}', headers={"Content-Type": "text/plain"})

    assert answer.status == 415
    assert stage.ann.done == []


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        ("/clock", {"by": "year"}, 400),
        ("/clock", {"by": 5}, 400),
        ("/clock", [], 400),
        ("/extras/none", {"choice": ""}, 404),
        ("/extras/signal", {"choice": "forged"}, 400),
        ("/seats/nobody/say", {"text": "hi"}, 404),
        ("/seats/slack:ann/dance", {}, 404),
        ("/seats/slack:ann/open_link", {"url": "https://t.me/x"}, 404),
        ("/seats/slack:ann/submit_modal", {"values": {}}, 409),
        ("/seats/slack:ann/submit_modal", {"values": "x"}, 400),
    ],
)
async def test_what_cannot_be_done_is_refused_in_a_sentence(
    http: aiohttp.ClientSession, path: str, body: object, status: int
) -> None:
    answer = await http.post(path, json=body)

    assert answer.status == status
    assert (await answer.text()).endswith((".", "text", "object"))


async def test_changes_of_one_moment_travel_together(http: aiohttp.ClientSession, stage: Stage) -> None:
    async with http.ws_connect("/live") as live:
        first = json.loads((await live.receive()).data)
        assert [seat["key"] for seat in first["seats"]] == ["telegram:dana", "telegram:omar", "slack:dana", "slack:ann"]

        for number in range(20):
            stage.ann.write(f"Message {number}")
        news = json.loads((await live.receive()).data)

    assert [seat["key"] for seat in news["seats"]] == ["slack:ann"]
    assert len(news["seats"][0]["conversations"][0]["messages"]) == 20


async def test_a_page_that_left_is_forgotten(http: aiohttp.ClientSession, stage: Stage) -> None:
    live = await http.ws_connect("/live")
    await live.receive()
    await live.close()

    stage.ann.write("Nobody looks")

    async with http.ws_connect("/live") as again:
        assert "Nobody looks" in (await again.receive()).data


async def test_two_seats_with_one_key_are_refused() -> None:
    clock = Clock(START, frozen=True)

    with pytest.raises(ValueError, match="same key"):
        Playground(clock, (EchoSeat("slack:ann", "Ann", clock), EchoSeat("slack:ann", "Ann", clock)))
    with pytest.raises(ValueError, match="do not exist"):
        Playground(clock, (EchoSeat("slack:ann", "Ann", clock),), panes=("slack:bob",))


class Typist(EchoSeat):
    """Somebody types to this person until noon, and nobody says when it is over: the clock does."""

    def view(self) -> SeatView:
        view = super().view()
        typing = self.clock.now() < START.replace(hour=12)
        return replace(view, conversations=tuple(replace(each, typing=typing) for each in view.conversations))


async def test_typing_ends_on_the_page_when_its_time_is_over() -> None:
    clock = Clock(START, frozen=True)
    playground = Playground(clock, (Typist("telegram:dana", "Dana", clock),), heartbeat=0.01)
    origin = (await playground.start()).rstrip("/")
    async with (
        aiohttp.ClientSession(origin, headers={"Origin": origin}) as http,
        http.ws_connect("/live") as live,
        asyncio.timeout(60),
    ):
        assert '"typing": true' in (await live.receive()).data
        clock.turn(timedelta(hours=4))
        while '"typing": false' not in (await live.receive()).data:
            pass
    await playground.stop()


@pytest.mark.parametrize(
    ("problem", "status", "words"),
    [
        (RuntimeError("Dana has blocked the bot."), 409, "Dana has blocked the bot."),
        (LookupError("no button 5:\nthe whole screen"), 409, "no button 5"),
        (KeyError("x"), 500, "the console of the playground says why"),
    ],
)
async def test_a_seat_says_why_not_and_a_mistake_of_ours_goes_to_the_console(
    http: aiohttp.ClientSession,
    stage: Stage,
    caplog: pytest.LogCaptureFixture,
    problem: Exception,
    status: int,
    words: str,
) -> None:
    stage.ann.trouble = problem

    answer = await http.post("/seats/slack:ann/block", json={})

    assert (answer.status, words in await answer.text()) == (status, True)
    assert ("an action on the page failed" in caplog.text) == (status == 500)
