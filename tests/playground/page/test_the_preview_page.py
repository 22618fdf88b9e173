"""The preview page in a browser: it follows every save, keeps the last good cards, and serves everybody."""

import itertools
import shutil
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import aiohttp
import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, expect

from hub.content.previewing import ContentPreview
from playground.clock import Clock
from playground.preview_server import PreviewServer
from tests.playground.page.conftest import SOON

pytestmark = [pytest.mark.page, pytest.mark.xdist_group("page"), pytest.mark.asyncio(loop_scope="session")]

ROOT = Path(__file__).parents[3]
AUDITS = (Path(__file__).parent / "audits.js").read_text(encoding="utf-8")
NOW = datetime(2026, 11, 9, 10, tzinfo=UTC)
FILE = "onboarding/quickstart.yaml"
TITLE = "title: See Relay in two minutes"


@dataclass(frozen=True, slots=True)
class Desk:
    """An admin's folder, and the address of its preview."""

    folder: Path
    url: str

    def change(self, old: str, new: str, name: str = FILE) -> None:
        text = (self.folder / name).read_text("utf-8")
        assert old in text
        (self.folder / name).write_text(text.replace(old, new, 1), "utf-8")


@pytest_asyncio.fixture(loop_scope="session")
async def desk(tmp_path: Path) -> AsyncIterator[Desk]:
    folder = Path(shutil.copytree(ROOT / "content", tmp_path / "content"))
    server = PreviewServer(ContentPreview(folder, Clock(NOW).now))
    yield Desk(folder, await server.start())
    await server.stop()


@pytest_asyncio.fixture(loop_scope="session")
async def page(browser: Browser, desk: Desk) -> AsyncIterator[Page]:
    page = await browser.new_page(
        viewport={"width": 1440, "height": 900}, reduced_motion="reduce", timezone_id="UTC", color_scheme="light"
    )
    page.set_default_timeout(SOON)
    problems: list[str] = []
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.on("console", lambda said: problems.append(said.text) if said.type == "error" else None)
    await page.goto(desk.url)
    await page.locator("body.live").wait_for()
    yield page
    await page.close()
    assert problems == []


async def audit(page: Page, what: str) -> list[object]:
    found: dict[str, list[object]] = await page.evaluate(AUDITS)
    return found[what]


async def test_a_card_stands_there_as_both_messengers_show_it(page: Page) -> None:
    first = page.get_by_role("region", name="At the start")

    for messenger in ("Telegram", "Slack"):
        sight = first.locator("figure").filter(has=page.locator("figcaption", has_text=messenger))
        await expect(sight).to_contain_text("See Relay in two minutes")
        await expect(sight.get_by_role("group", name="Buttons")).to_contain_text("I'm stuck")


async def test_a_save_is_shown_without_a_hand_on_the_page(page: Page, desk: Desk) -> None:
    await page.evaluate("window.same = true")

    desk.change(TITLE, "title: See it in one minute")

    await expect(page.get_by_role("region", name="Step See it in one minute").first).to_be_visible()
    await expect(page.get_by_role("status").filter(has_text="changed")).to_have_count(1)
    assert await page.evaluate("window.same")


async def test_only_what_a_save_changed_is_told(page: Page, desk: Desk) -> None:
    desk.change("## Which name?", "## What shall it be called?", "guides/create-workspace.md")

    await expect(page.get_by_text("1 card changed.")).to_have_count(1)
    await expect(page.locator(".pv-row.changed")).to_have_attribute("id", "guide-workspace")


async def test_the_place_one_reads_stays_where_it_is(page: Page, desk: Desk) -> None:
    goal = page.locator("#open-goal")
    await goal.scroll_into_view_if_needed()
    await page.evaluate("document.getElementById('open-goal').scrollIntoView()")
    before = await goal.bounding_box()

    desk.change("    text: |\n", "    text: |\n      One more line.\n\n      And another.\n\n")
    await expect(page.locator("#open-welcome")).to_contain_text("And another.")

    after = await goal.bounding_box()
    assert before is not None
    assert after is not None
    assert abs(after["y"] - before["y"]) < 3


async def test_a_broken_file_keeps_the_last_good_cards_dimmed_until_it_is_mended(page: Page, desk: Desk) -> None:
    desk.change(TITLE, "titel: See Relay in two minutes")

    problems = page.get_by_role("region", name="Problems")
    await expect(problems.locator("li.here").first).to_contain_text(f"{FILE}:")
    await expect(page.locator("#rows")).to_have_class("pv-stale")
    await expect(page.get_by_role("region", name="At the start")).to_contain_text("See Relay in two minutes")

    desk.change("titel: See Relay in two minutes", "title: All is well")

    await expect(problems).to_have_count(0)
    await expect(page.get_by_role("region", name="At the start")).to_contain_text("All is well")


@pytest.mark.parametrize(("width", "scrolled"), [(1440, 0), (1440, 4000), (390, 0), (390, 4000)])
async def test_a_broken_save_cannot_be_missed_wherever_one_is(
    page: Page, desk: Desk, width: int, scrolled: int
) -> None:
    await page.set_viewport_size({"width": width, "height": 800})
    await page.evaluate(f"scrollTo(0, {scrolled})")

    desk.change(TITLE, "titel: See Relay in two minutes")

    alarm = page.locator("#alarm")
    await expect(alarm).to_contain_text(FILE)
    await expect(alarm).to_be_in_viewport(ratio=1)
    if not scrolled:
        assert await page.evaluate("scrollY") == 0
    await alarm.get_by_role("link").click()
    heading = page.get_by_role("heading", name="These files cannot be used yet.")
    await expect(heading).to_be_in_viewport(ratio=1)
    bar, box = await page.locator("#wish").bounding_box(), await heading.bounding_box()
    assert bar is not None
    assert box is not None
    assert box["y"] >= bar["y"] + bar["height"]

    desk.change("titel: See Relay in two minutes", TITLE)
    await expect(alarm).to_be_hidden()


async def test_a_new_language_can_be_looked_at_as_soon_as_it_is_there(page: Page, desk: Desk) -> None:
    language = page.get_by_label("Language of reader 1")
    assert "Italiano" not in await language.inner_text()

    text = (desk.folder / "phrases" / "en.yaml").read_text("utf-8")
    italian = [line for line in text.splitlines() if not line.startswith("#")]
    (desk.folder / "phrases" / "it.yaml").write_text(
        "\n".join(italian).replace("name: English", "name: Italiano"), "utf-8"
    )

    await expect(language).to_contain_text("Italiano")


async def test_three_readers_stand_side_by_side(page: Page, desk: Desk) -> None:
    await page.get_by_label("Reader 2", exact=True).select_option("")
    await page.get_by_label("Language of reader 2").select_option("ru")
    await page.get_by_label("Reader 3", exact=True).select_option("new:admin")

    first = page.get_by_role("region", name="At the start")
    await expect(first.locator(".pv-cell")).to_have_count(3)
    await expect(first.locator(".pv-cell").nth(1)).to_contain_text("Relay за две минуты")
    boxes = [await cell.bounding_box() for cell in await first.locator(".pv-cell").all()]
    assert len({box["y"] for box in boxes if box}) == 1

    await page.reload()
    await expect(first.locator(".pv-cell")).to_have_count(3)
    await expect(page.get_by_label("Language of reader 2")).to_have_value("ru")


async def test_one_messenger_alone_can_be_looked_at(page: Page) -> None:
    await page.get_by_role("radio", name="Slack").check()
    await expect(page.locator("figure[data-messenger=telegram]").first).to_be_hidden()

    await page.reload()
    await expect(page.locator("figure[data-messenger=telegram]").first).to_be_hidden()
    await expect(page.locator("figure[data-messenger=slack]").first).to_be_visible()


async def test_markup_in_the_files_shows_as_text(page: Page, desk: Desk) -> None:
    desk.change(TITLE, "title: '<img src=x onerror=alert(1)> \"><script>alert(2)</script>'")

    await expect(page.get_by_role("region", name="At the start")).to_contain_text("<img src=x onerror=alert(1)>")
    assert await page.locator("main img[src=x], main script").count() == 0


async def test_a_name_in_the_address_shows_as_text(page: Page, desk: Desk) -> None:
    await page.goto(f"{desk.url}?file=%3Cscript%3Ealert(1)%3C/script%3E&who1=%3Cb%3E%22@x.example&language1=%3Ci%3E")

    await expect(page.locator("main")).to_contain_text('Nobody is known as <b>"@x.example.')
    await expect(page.get_by_label("File")).to_have_value("<script>alert(1)</script>")
    assert await page.locator("main b, main i").count() == 0


async def test_without_a_script_the_button_does_the_same(browser: Browser, desk: Desk) -> None:
    context = await browser.new_context(java_script_enabled=False)
    page = await context.new_page()
    await page.goto(desk.url)

    await page.locator("select[name=language1]").select_option("ru")
    await page.get_by_role("button", name="Show").click()

    await expect(page.get_by_role("region", name="At the start")).to_contain_text("Relay за две минуты")
    await context.close()


async def test_everything_that_can_be_reached_has_a_name(page: Page, desk: Desk) -> None:
    desk.change(TITLE, "titel: x")
    await page.get_by_role("region", name="Problems").wait_for()

    assert await audit(page, "nameless") == []


async def test_headings_never_skip_a_level(page: Page) -> None:
    levels = [int(str(level)) for level in await audit(page, "headings")]

    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after - before <= 1 for before, after in itertools.pairwise(levels))


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_text_stands_out_from_what_is_behind_it(page: Page, scheme: str) -> None:
    await page.emulate_media(color_scheme="dark" if scheme == "dark" else "light", reduced_motion="reduce")
    await page.get_by_label("Reader 2", exact=True).select_option("")
    await page.locator(".pv-cell").nth(1).wait_for()

    assert await audit(page, "pale") == []


@pytest.mark.parametrize("width", [320, 390, 768, 1024])
async def test_no_screen_scrolls_sideways(page: Page, width: int) -> None:
    await page.set_viewport_size({"width": width, "height": 700})
    await page.get_by_label("Reader 2", exact=True).select_option("")
    await page.locator(".pv-cell").nth(1).wait_for()

    assert await audit(page, "wide") == []


async def test_every_choice_is_reached_with_tab_and_shows_it(page: Page) -> None:
    reached = []
    for _ in range(8):
        await page.keyboard.press("Tab")
        told = await page.evaluate(
            "() => { const node = document.activeElement;"
            " return [node.labels?.[0]?.innerText.split('\\n')[0] ?? node.textContent.trim(),"
            " getComputedStyle(node).outlineStyle !== 'none']; }"
        )
        assert told[1], f"the focus on {told[0]} does not show"
        reached.append(told[0])

    assert reached[0] == "Skip to the cards"
    assert {"File", "Reader 1", "Language of reader 1", "Reader 2", "Both", "At the start"} <= set(reached)


async def test_the_preview_answers_its_own_page_alone(desk: Desk) -> None:
    async with aiohttp.ClientSession() as http:
        rebound = await http.get(desk.url, headers={"Host": "evil.example"})
        assert rebound.status == 403
        for path in (
            "/preview.html",
            "/web.py",
            "/..%2fweb.py",
            "/preview/media/hub.yaml",
            "/preview/media/..%2fhub.yaml",
        ):
            assert (await http.get(f"{desk.url.removesuffix('/preview')}{path}")).status in (400, 404), path
        policy = (await http.get(desk.url)).headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy
