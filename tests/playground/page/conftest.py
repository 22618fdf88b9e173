"""A page with a small cast, open in a real browser."""

import shutil
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, async_playwright, expect

from playground.clock import Clock
from playground.offers import Extra, Invitation, Step
from playground.web import Playground
from tests.playground.page.echo_seats import START, EchoSeat, LinkedEchoSeat, Stage

ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


SOON = 30_000
"""Milliseconds that a page may take: a busy machine is not a broken page."""
expect.set_options(timeout=SOON)


def chromium() -> str | None:
    return shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")


@pytest_asyncio.fixture(loop_scope="session")
async def stage() -> AsyncIterator[Stage]:
    clock = Clock(START, frozen=True)
    dana = LinkedEchoSeat("telegram:dana", "Dana Reyes", clock)
    omar = LinkedEchoSeat("telegram:omar", "Omar Haddad", clock)
    dana_in_slack = EchoSeat("slack:dana", "Dana Reyes", clock)
    ann = EchoSeat("slack:ann", "Ann Weber", clock)
    ran: list[str] = []

    async def signal(choice: str) -> str:
        ran.append(choice)
        return f"Acme's product said: {choice}"

    async def fault(choice: str) -> None:
        ran.append(choice)

    playground = Playground(
        clock,
        (dana, omar, dana_in_slack, ann),
        extras=(
            Extra("signal", "Send a signal", signal, choices=(("created", "Created"), ("invited", "Invited"))),
            Extra("fault", "Telegram is down", fault, is_on=lambda: ran[-1:] == ["on"], group="Bad days"),
        ),
        invitations=(Invitation("Ann's invitation", "https://t.me/hub_bot?start=omar", "telegram:omar"),),
        story=(
            Step("Say hello", "Write to the bot.", "telegram:dana"),
            Step("Turn the clock", "Press +1 day.", outside=True),
        ),
        panes=("telegram:dana", "slack:dana", "slack:ann"),
    )
    url = await playground.start()
    yield Stage(playground, url, clock, dana, omar, dana_in_slack, ann, ran)
    await playground.stop()


@pytest_asyncio.fixture(loop_scope="session", scope="session")
async def browser() -> AsyncIterator[Browser]:
    path = chromium()
    if path is None:
        pytest.skip("no Chromium on this machine (Debian: apt install chromium)")
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
        yield browser
        await browser.close()


@pytest_asyncio.fixture(loop_scope="session")
async def page(browser: Browser, stage: Stage) -> AsyncIterator[Page]:
    """The page at the size of a desk, as somebody sees it who came for the first time."""
    page = await browser.new_page(
        viewport={"width": 1440, "height": 900}, reduced_motion="reduce", timezone_id="UTC", color_scheme="light"
    )
    page.set_default_timeout(SOON)
    problems: list[str] = []
    page.on("pageerror", lambda error: problems.append(str(error)))
    await page.goto(stage.url)
    await page.locator(".pane").nth(2).wait_for()
    yield page
    await page.close()
    assert problems == []
