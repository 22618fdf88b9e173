"""Addresses behind buttons: they lead where the button said, count whom they can, and nobody makes one up."""

from collections.abc import Mapping
from dataclasses import replace

import aiohttp
import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.applications import Starlette

from core.mailings.amending import amend, recall
from core.mailings.drafting import Press, Written
from core.mailings.links import PATH, Copy, address_of, lead
from hub.http import serve
from hub.links import Landing, is_reader, land, route
from tests.mailings.letters import DANA, IVAN, Street

ROOT = "https://hub.example"
CHROME = "Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 Chrome/130.0 Mobile Safari/537.36"


@pytest.fixture
def led(street: Street) -> Street:
    """A street whose hub is reached from outside."""
    street.content = replace(street.content, public_url=ROOT)
    return street


def token(street: Street, who: str = DANA) -> str:
    _, link = street.find(who, "Read")
    assert link.action == ""  # counted by its address alone
    return link.url.removeprefix(f"{ROOT}{PATH}")


def test_it_leads_where_its_button_said_and_counts_the_first_time(led: Street) -> None:
    mailing = led.mail()
    here = token(led)

    assert land(led.session, led.content, here, False, led.now) == Landing("https://relay.example/prices")
    assert "interacted" not in led.counted(mailing)
    for _ in range(2):
        assert land(led.session, led.content, here, True, led.now).url == "https://relay.example/prices"

    assert led.counted(mailing)["interacted"] == 1
    assert token(led, IVAN) != here


def test_nobody_makes_one_up(led: Street) -> None:
    led.mail()
    here = token(led)

    for place, sign in enumerate(here):
        forged = f"{here[:place]}{'A' if sign != 'A' else 'B'}{here[place + 1 :]}"
        found = lead(led.session, forged)
        # Of the last letter of a signature some bits mean nothing: it may still be the same signature, never another.
        assert found is None or found == lead(led.session, here)
    for nonsense in ("", ".", "1.1.en.0.", f"{here}.", here.replace(".en.", ".ru."), "1" * 5000, "😀"):
        assert lead(led.session, nonsense) is None


@given(st.text(max_size=60))
def test_whatever_is_asked_is_no_error(said: str) -> None:
    class Nothing:
        def get(self, *_: object) -> None:
            return None

    assert lead(Nothing(), said) is None  # type: ignore[arg-type]  # whatever it finds, it finds nothing


@given(st.integers(1, 10**17), st.integers(1, 999), st.sampled_from(["en", "ru"]), st.integers(0, 5))
def test_an_address_names_no_person_twice(delivery: int, revision: int, language: str, place: int) -> None:
    one = address_of(ROOT, "secret", Copy(delivery, revision, language), place)

    assert len(one) < 200
    assert one != address_of(ROOT, "other", Copy(delivery, revision, language), place)
    assert one != address_of(ROOT, "secret", Copy(delivery + 1, revision, language), place)


def test_an_amended_one_leads_where_each_message_says(led: Street) -> None:
    mailing = led.mail()
    old = token(led)
    said = Written("New prices", "It costs 12.", (Press("Read", "https://relay.example/right"),))
    amend(led.session, led.content, mailing.id or 0, {"en": said}, led.now)
    led.forget()
    led.work()

    assert land(led.session, led.content, old, False, led.now).url == "https://relay.example/prices"
    assert land(led.session, led.content, token(led), False, led.now).url == "https://relay.example/right"


def test_after_a_recall_it_says_so(led: Street) -> None:
    mailing = led.mail()
    here = token(led)
    recall(led.session, mailing.id or 0, led.now)
    led.forget()

    landing = land(led.session, led.content, here, True, led.now)

    assert landing.url == ""
    assert "taken back" in landing.words
    assert "interacted" not in led.counted(mailing)


@pytest.mark.parametrize(
    ("method", "agent", "more", "counts"),
    [
        ("GET", CHROME, {}, True),
        ("GET", f"{CHROME} Telegram-Android/11.4", {}, True),
        ("GET", "Mozilla/5.0 (Linux; Android 11; CUBOT KING KONG)", {}, True),
        ("HEAD", CHROME, {}, False),
        ("GET", CHROME, {"sec-purpose": "prefetch;prerender"}, False),
        ("GET", "TelegramBot (like TwitterBot)", {}, False),
        ("GET", "Slackbot-LinkExpanding 1.0 (+https://api.slack.com/robots)", {}, False),
        ("GET", "facebookexternalhit/1.1", {}, False),
        ("GET", "", {}, False),
    ],
)
def test_who_only_looks_ahead_is_not_counted(method: str, agent: str, more: dict[str, str], counts: bool) -> None:
    assert is_reader(method, {"user-agent": agent, **more}) is counts


async def test_over_http_it_leads_on_forged_ones_nowhere_and_nobody_keeps_the_way() -> None:
    asked: list[tuple[str, bool]] = []

    async def follow(here: str, counts: bool) -> Landing:
        asked.append((here, counts))
        return {"good": Landing("https://relay.example/p?a=1&b=2"), "old": Landing(words="Taken back.")}.get(
            here, Landing()
        )

    app = Starlette(routes=[route(follow)])
    async with serve(app, "127.0.0.1", 0) as port, aiohttp.ClientSession(headers={"User-Agent": CHROME}) as client:

        async def ask(method: str, here: str) -> tuple[int, Mapping[str, str], str]:
            url = f"http://127.0.0.1:{port}/r/{here}"
            async with client.request(method, url, allow_redirects=False) as answer:
                return answer.status, answer.headers, await answer.text()

        status, headers, _ = await ask("GET", "good")
        assert (status, headers["Location"]) == (302, "https://relay.example/p?a=1&b=2")
        assert (headers["Cache-Control"], headers["Referrer-Policy"]) == ("no-store", "no-referrer")
        assert (await ask("HEAD", "good"))[0] == 302
        status, _, words = await ask("GET", "old")
        assert (status, words) == (410, "Taken back.")
        assert [(await ask("GET", here))[0] for here in ("forged", "x" * 300)] == [404, 404]
        assert (await ask("POST", "good"))[0] == 405
    assert asked == [("good", True), ("good", False), ("old", True), ("forged", True)]
