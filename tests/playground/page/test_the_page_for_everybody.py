"""The page serves a phone, a keyboard, a screen reader and tired eyes as well as a desk."""

import itertools
from dataclasses import replace
from pathlib import Path

import pytest
from playwright.async_api import Page, expect

from playground.views import ButtonView, ConversationView, FieldView, MediaView, ModalView
from tests.playground.page.echo_seats import Stage

pytestmark = [pytest.mark.page, pytest.mark.xdist_group("page"), pytest.mark.asyncio(loop_scope="session")]

AUDITS = (Path(__file__).parent / "audits.js").read_text(encoding="utf-8")


async def audit(page: Page, what: str) -> list[object]:
    found: dict[str, list[object]] = await page.evaluate(AUDITS)
    return found[what]


def furnish(stage: Stage) -> None:
    """Something of everything on the screen."""
    keys = (
        (ButtonView("a", "Done", style="primary"), ButtonView("b", "Skip"), ButtonView("c", "Stuck", style="danger")),
    )
    html = 'Read <a href="https://example.com/">the <b>guide</b></a>, <code>code</code><blockquote>quoted</blockquote>'
    for seat in (stage.dana, stage.dana_in_slack, stage.ann):
        seat.write("Hello", author=seat.view().name)
        seat.write("Read the guide", html=html, rows=keys, media=(MediaView("video", "Film", "https://example.com/f"),))
        seat.edit(seat.write("Before"), "After " + "long" * 60)
        seat.add(ConversationView("group", "Acme rollout", "group", ()))
        seat.write("Unread", conversation="group")
        seat.write("Only you", ephemeral=True)
    stage.ann.add(ConversationView("home", "Home", "home", ()))


def form(stage: Stage) -> None:
    fields = (
        FieldView("note", "Read this first.", "note"),
        FieldView("why", "What happens", "text", hint="A hint", error="Say more."),
        FieldView("when", "When", "date", required=False),
        FieldView("area", "Which part", "select", options=(("dns", "DNS"),)),
    )
    stage.ann.show(replace(stage.ann.view(), modal=ModalView("m", "Where are you stuck?", "Send", fields)))


async def test_everything_that_can_be_reached_has_a_name(page: Page, stage: Stage) -> None:
    assert await audit(page, "nameless") == []
    furnish(stage)
    form(stage)
    await page.get_by_role("dialog").wait_for()
    await page.get_by_role("button", name="Outside world", exact=True).click()

    assert await audit(page, "nameless") == []


async def test_headings_never_skip_a_level(page: Page, stage: Stage) -> None:
    furnish(stage)
    stage.ann.write("Heading", html="<h1>Mine</h1><h6>Deep</h6>")

    levels = [int(str(level)) for level in await audit(page, "headings")]

    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after - before <= 1 for before, after in itertools.pairwise(levels))


async def test_the_page_has_its_landmarks_and_each_person_a_region(page: Page, stage: Stage) -> None:
    await expect(page.get_by_role("banner")).to_have_count(1)
    await expect(page.get_by_role("main")).to_have_count(1)
    await expect(page.get_by_role("complementary")).to_have_count(1)
    for name in ("Dana Reyes in Telegram", "Dana Reyes in Slack", "Ann Weber in Slack"):
        await expect(page.get_by_role("region", name=name)).to_have_count(1)
    logs = page.get_by_role("log")
    assert len({await log.get_attribute("aria-label") for log in await logs.all()}) == 3


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_text_stands_out_from_what_is_behind_it(page: Page, stage: Stage, scheme: str) -> None:
    await page.emulate_media(color_scheme="dark" if scheme == "dark" else "light", reduced_motion="reduce")
    assert await audit(page, "pale") == []

    furnish(stage)
    await page.get_by_text("Only you").first.wait_for()
    assert await audit(page, "pale") == []

    form(stage)
    await page.get_by_role("button", name="Outside world", exact=True).click()
    await page.get_by_text("Say more.").wait_for()
    assert await audit(page, "pale") == []


async def test_a_phone_shows_one_person_at_a_time_and_nothing_sticks_out(page: Page, stage: Stage) -> None:
    await page.set_viewport_size({"width": 390, "height": 844})
    furnish(stage)
    await page.get_by_role("button", name="Close how to try this").click()
    tabs = page.get_by_role("navigation", name="People").get_by_role("button")
    await expect(tabs).to_have_count(3)

    await tabs.nth(2).click()

    ann = page.get_by_role("region", name="Ann Weber in Slack")
    await expect(tabs.nth(2)).to_have_attribute("aria-current", "true")
    await expect(ann.get_by_role("textbox", name="Message to")).to_be_in_viewport(ratio=0.9)
    await expect(page.get_by_role("region", name="Dana Reyes in Slack").get_by_role("log")).not_to_be_in_viewport()
    assert await audit(page, "wide") == []


@pytest.mark.parametrize("width", [320, 390, 768, 1024])
async def test_no_screen_scrolls_sideways(page: Page, stage: Stage, width: int) -> None:
    await page.set_viewport_size({"width": width, "height": 700})
    furnish(stage)

    assert await audit(page, "wide") == []


async def test_every_control_is_reached_with_tab_and_shows_it(page: Page, stage: Stage) -> None:
    furnish(stage)
    await page.get_by_text("Only you").first.wait_for()
    reached: set[str] = set()
    for _ in range(90):
        await page.keyboard.press("Tab")
        told = await page.evaluate(
            "() => { const node = document.activeElement; const style = getComputedStyle(node);"
            " const ring = style.outlineStyle !== 'none' || node.closest('.composer') || node === document.body;"
            " return [node.getAttribute('aria-label') || node.textContent.trim() || node.id, Boolean(ring)]; }"
        )
        assert told[1], f"the focus on {told[0]} does not show"
        reached.add(told[0])

    wanted = {"Skip to the chats", "Turn the clock forward 1 week", "Outside world", "Send", "Attach", "Done", "More"}
    assert wanted <= reached


async def test_a_person_who_wants_no_motion_gets_none(page: Page, stage: Stage) -> None:
    stage.ann.edit(stage.ann.write("Before"), "After")
    await page.get_by_text("After").wait_for()

    assert await page.evaluate("document.getAnimations().length") == 0


async def test_new_words_are_announced_and_history_is_not(page: Page, stage: Stage) -> None:
    log = page.get_by_role("region", name="Ann Weber in Slack").get_by_role("log")
    await expect(log).to_have_attribute("aria-busy", "false")

    stage.ann.write("News")

    await expect(log).to_contain_text("News")
    await expect(log).to_have_attribute("aria-busy", "false")
