"""A form opens over its person's pane: the keyboard goes in, stays in, and comes back out."""

import pytest
from playwright.async_api import Locator, Page, expect

from playground.views import ButtonView
from tests.playground.page.echo_seats import FORM, EchoSeat, Stage
from tests.scheduler.loopback import until

pytestmark = [pytest.mark.page, pytest.mark.xdist_group("page"), pytest.mark.asyncio(loop_scope="session")]


async def open_form(page: Page, ann: EchoSeat) -> Locator:
    ann.write("Dana is stuck", rows=((ButtonView("form", "Answer"),),))
    await page.get_by_role("button", name="Answer").focus()
    await page.keyboard.press("Enter")
    dialog = page.get_by_role("dialog", name=FORM.title)
    await expect(dialog).to_be_visible()
    return dialog


async def test_a_form_is_filled_and_sent_by_keyboard_alone(page: Page, stage: Stage) -> None:
    dialog = await open_form(page, stage.ann)
    await expect(dialog.get_by_label("What happens")).to_be_focused()

    await page.keyboard.type("no")
    await page.keyboard.press("Tab")
    await page.keyboard.press("S")
    await dialog.get_by_role("button", name="Send").press("Enter")
    await expect(dialog).to_contain_text("Say a little more.")
    await expect(dialog.get_by_label("What happens")).to_be_focused()
    await expect(dialog.get_by_label("Which part")).to_have_value("sso")
    await page.keyboard.type("thing arrives")
    await dialog.get_by_role("button", name="Send").press("Enter")

    await expect(dialog).to_have_count(0)
    await expect(page.get_by_role("region", name="Ann Weber in Slack").get_by_role("log")).to_contain_text(
        "Thank you: nothing arrives"
    )
    assert stage.ann.done[-1] == ("submit", "area=sso", "until=", "why=nothing arrives")


async def test_a_form_keeps_the_focus_and_escape_gives_it_back(page: Page, stage: Stage) -> None:
    dialog = await open_form(page, stage.ann)
    for _ in range(12):
        await page.keyboard.press("Tab")
        assert await dialog.evaluate("node => node.contains(document.activeElement)")
    await page.keyboard.press("Shift+Tab")
    assert await dialog.evaluate("node => node.contains(document.activeElement)")

    await page.keyboard.press("Escape")

    await expect(dialog).to_have_count(0)
    await expect(page.get_by_role("button", name="Answer")).to_be_focused()
    await until(lambda: stage.ann.done[-1] == ("close",))


async def test_a_required_field_is_asked_for_before_sending(page: Page, stage: Stage) -> None:
    dialog = await open_form(page, stage.ann)

    await dialog.get_by_role("button", name="Send").press("Enter")

    await expect(dialog).to_contain_text("Please complete this required field.")
    assert not [each for each in stage.ann.done if each[0] == "submit"]
