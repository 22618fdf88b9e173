"""The page shows what the playground's own Telegram and Slack put on a screen, not only what made-up seats do."""

from collections.abc import AsyncIterator
from dataclasses import dataclass

import aiohttp
import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, expect

from playground.clock import Clock
from playground.slack.world import SlackWorld
from playground.telegram.world import TelegramWorld
from playground.web import Playground

pytestmark = [pytest.mark.page, pytest.mark.xdist_group("page"), pytest.mark.asyncio(loop_scope="session")]


@dataclass
class Worlds:
    telegram: TelegramWorld
    slack: SlackWorld
    http: aiohttp.ClientSession
    page: Page

    async def telegram_bot(self, method: str, **arguments: object) -> None:
        """The bot calls Telegram."""
        url = f"{self.telegram.url}/bot{self.telegram.token}/{method}"
        async with self.http.post(url, json=arguments) as answer:
            assert answer.status == 200, await answer.text()

    async def slack_bot(self, method: str, **arguments: object) -> None:
        """The bot calls Slack."""
        headers = {"Authorization": f"Bearer {self.slack.bot_token}"}
        async with self.http.post(f"{self.slack.url}{method}", json=arguments, headers=headers) as answer:
            assert (await answer.json())["ok"], await answer.text()


@pytest_asyncio.fixture(loop_scope="session")
async def worlds(browser: Browser) -> AsyncIterator[Worlds]:
    clock = Clock()
    telegram, slack = TelegramWorld(clock), SlackWorld(clock)
    await telegram.start()
    await slack.start()
    dana = telegram.person("dana", "Dana Reyes")
    ann = slack.person("ann", "Ann Weber", "ann@hub.example")
    playground = Playground(clock, (dana, ann))
    page = await browser.new_page(viewport={"width": 1200, "height": 800}, reduced_motion="reduce")
    await page.goto(await playground.start())
    async with aiohttp.ClientSession() as http:
        yield Worlds(telegram, slack, http, page)
    await page.close()
    await playground.stop()
    await slack.stop()
    await telegram.stop()


async def test_telegram_from_start_to_a_photo_and_a_group(worlds: Worlds) -> None:
    dana = worlds.telegram.people["dana"]
    pane = worlds.page.get_by_role("region", name="Dana Reyes in Telegram")
    await pane.get_by_role("button", name="Start", exact=True).click()
    await expect(pane.get_by_role("log")).to_contain_text("/start")
    await worlds.telegram_bot(
        "sendMessage",
        chat_id=dana.chat_id,
        text="<b>Welcome</b>\n<blockquote>one &lt;step&gt;</blockquote>",
        parse_mode="HTML",
        reply_markup={"inline_keyboard": [[{"text": "Done", "callback_data": "done"}]]},
    )
    await expect(pane.get_by_role("log").locator("b")).to_have_text("Welcome")
    await expect(pane.get_by_role("log").locator("blockquote")).to_have_text("one <step>")

    await pane.get_by_role("button", name="Done").click()
    await worlds.telegram_bot("editMessageText", chat_id=dana.chat_id, message_id=2, text="Step done")
    await pane.get_by_role("button", name="Attach").click()
    await worlds.page.get_by_role("menuitem", name="A sample photo").click()
    group = await dana.create_group("Acme rollout")

    photo = pane.locator("img.photo")
    await expect(photo).to_be_visible()
    assert await photo.evaluate("image => image.decode().then(() => image.naturalWidth)") == 640
    await expect(pane.get_by_role("article").nth(1)).to_contain_text("edited")
    await pane.get_by_role("button", name="Acme rollout").click()
    await worlds.telegram_bot("sendMessage", chat_id=int(group), text="Shared card")
    await expect(pane.get_by_role("log")).to_contain_text("Dana Reyes created the group")
    await expect(pane.get_by_role("log")).to_contain_text("Shared card")


async def test_what_is_pinned_in_telegram_stands_above_the_chat_until_it_is_taken_down(worlds: Worlds) -> None:
    dana = worlds.telegram.people["dana"]
    pane = worlds.page.get_by_role("region", name="Dana Reyes in Telegram")
    above = pane.get_by_role("button", name="Pinned message")
    await pane.get_by_role("button", name="Start", exact=True).click()
    await expect(pane.get_by_role("log")).to_contain_text("/start")
    await worlds.telegram_bot("sendMessage", chat_id=dana.chat_id, text="3 new updates")
    await expect(pane.get_by_role("log")).to_contain_text("3 new updates")
    await expect(above).to_be_hidden()

    await worlds.telegram_bot("pinChatMessage", chat_id=dana.chat_id, message_id=2)
    await expect(above).to_contain_text("3 new updates")
    await worlds.telegram_bot("editMessageText", chat_id=dana.chat_id, message_id=2, text="1 new update")
    await expect(above).to_contain_text("1 new update")
    await worlds.telegram_bot("unpinChatMessage", chat_id=dana.chat_id, message_id=2)

    await expect(above).to_be_hidden()


async def test_slack_home_messages_and_what_only_one_sees(worlds: Worlds) -> None:
    ann = worlds.slack.people["ann"]
    pane = worlds.page.get_by_role("region", name="Ann Weber in Slack")
    button = {"type": "button", "action_id": "done", "text": {"type": "plain_text", "text": "Done"}, "style": "primary"}
    blocks = [
        {"type": "header", "text": {"type": "plain_text", "text": "Acme <quickstart>"}},
        {"type": "section", "text": {"type": "mrkdwn", "text": "*Next:* invite your team"}},
        {"type": "actions", "block_id": "b", "elements": [button]},
    ]
    await worlds.slack_bot("views.publish", user_id=ann.id, view={"type": "home", "blocks": blocks})
    await pane.get_by_role("navigation").get_by_role("button", name="Home").click()
    home = pane.get_by_role("article", name="App Home")
    await expect(home.locator(".heading")).to_have_text("Acme <quickstart>")
    await expect(home.get_by_role("button", name="Done")).to_be_visible()

    await pane.get_by_role("navigation").get_by_role("button", name="Messages").click()
    await pane.get_by_role("textbox", name="Message to").fill("hello & goodbye")
    await worlds.page.keyboard.press("Enter")
    await expect(pane.get_by_role("log")).to_contain_text("hello & goodbye")
    channel = next(each.id for each in ann.view().conversations if each.kind == "private")
    await worlds.slack_bot("chat.postEphemeral", channel=channel, user=ann.id, text="between us")

    await expect(pane.get_by_role("article").last).to_contain_text("Only visible to you")
    await pane.get_by_role("textbox", name="Message to").fill("/nobody-knows")
    await worlds.page.keyboard.press("Enter")
    await expect(pane.get_by_role("status").filter(has_text="not a valid command")).to_be_visible()
