"""A person at the page does what they would do in Telegram and in Slack, and sees what they would see."""

from dataclasses import replace

import pytest
from playwright.async_api import Locator, Page, expect

from playground.offers import Invitation
from playground.views import ButtonView, ConversationView, MediaView
from tests.playground.page.echo_seats import Stage
from tests.scheduler.loopback import until

pytestmark = [pytest.mark.page, pytest.mark.xdist_group("page"), pytest.mark.asyncio(loop_scope="session")]


def pane(page: Page, name: str) -> Locator:
    return page.get_by_role("region", name=name)


async def meet(page: Page, stage: Stage) -> Locator:
    """Dana has pressed Start in Telegram."""
    telegram = pane(page, "Dana Reyes in Telegram")
    await telegram.get_by_role("button", name="Start", exact=True).click()
    await expect(telegram.get_by_role("log")).to_contain_text("Welcome! Your bot is ready.")
    return telegram


async def test_a_newcomer_is_told_to_press_start_and_is_welcomed(page: Page, stage: Stage) -> None:
    await expect(pane(page, "Dana Reyes in Telegram")).to_contain_text("Press Start below")

    await meet(page, stage)

    assert stage.dana.done == [("open_home",)]


async def test_words_are_sent_with_enter_and_answered(page: Page, stage: Stage) -> None:
    telegram = await meet(page, stage)
    box = telegram.get_by_label("Message to Client Hub as Dana Reyes")

    await box.fill("How long does it take?")
    await box.press("Enter")

    await expect(telegram.get_by_role("log")).to_contain_text("You said: How long does it take?")
    await expect(box).to_have_value("")
    await expect(box).to_be_focused()


async def test_a_tap_edits_the_message_in_place_and_keeps_the_focus(page: Page, stage: Stage) -> None:
    telegram = await meet(page, stage)
    await telegram.get_by_role("button", name="Begin").focus()

    await page.keyboard.press("Enter")

    message = telegram.get_by_role("article").first
    await expect(message).to_contain_text("Tapped begin")
    await expect(message).to_contain_text("edited")
    await expect(telegram.get_by_role("article")).to_have_count(1)
    await expect(telegram.get_by_role("status").filter(has_text="Saved: begin")).to_be_visible()
    await expect(telegram.get_by_role("button", name="Undo")).to_be_focused()


async def test_what_was_refused_is_said_and_not_lost(page: Page, stage: Stage) -> None:
    slack = pane(page, "Ann Weber in Slack")
    box = slack.get_by_label("Message to Messages as Ann Weber").or_(slack.get_by_role("textbox"))
    await box.last.fill("/refuse")

    await box.last.press("Enter")

    await expect(page.get_by_role("alert").filter(has_text="The app refuses that.")).to_be_visible()
    await expect(box.last).to_have_value("/refuse")


async def test_a_command_is_offered_after_a_slash(page: Page, stage: Stage) -> None:
    box = pane(page, "Ann Weber in Slack").get_by_role("textbox", name="Message to")
    await box.press_sequentially("/la")

    await expect(page.get_by_role("option", name="/language")).to_be_visible()
    await box.press("Enter")

    await expect(box).to_have_value("/language ")


async def test_the_bots_menu_sends_a_command(page: Page, stage: Stage) -> None:
    telegram = await meet(page, stage)

    await telegram.get_by_role("button", name="Menu").click()
    await page.keyboard.press("ArrowDown")
    await page.keyboard.press("Enter")

    await expect(telegram.get_by_role("log")).to_contain_text("You said: /help")


async def test_a_sample_photo_and_a_file_are_shared(page: Page, stage: Stage) -> None:
    telegram = await meet(page, stage)
    await telegram.get_by_role("button", name="Attach").click()
    await page.get_by_role("menuitem", name="A sample photo").click()
    await expect(telegram.get_by_role("img", name="photo.png")).to_be_visible()

    await telegram.get_by_role("textbox", name="Message to").fill("our logo")
    await telegram.locator("input[type=file]").set_input_files(
        {"name": "отчёт.pdf", "mimeType": "application/pdf", "buffer": b"%PDF-1.4"}
    )

    await expect(telegram.get_by_role("log")).to_contain_text("our logo")
    assert stage.dana.done[-1] == ("share", "отчёт.pdf", "8", "application/pdf", "our logo")
    assert stage.dana.done[-2][3] == "image/png"


async def test_a_reply_says_what_it_answers(page: Page, stage: Stage) -> None:
    telegram = await meet(page, stage)
    await telegram.get_by_role("button", name="Reply to Client Hub").focus()
    await page.keyboard.press("Enter")
    await page.keyboard.type("Thanks")
    await page.keyboard.press("Enter")

    await expect(telegram.get_by_role("log")).to_contain_text("You said: Thanks")
    assert ("say", "Thanks", "private", "m1") in stage.dana.done


async def test_home_is_opened_from_the_sidebar(page: Page, stage: Stage) -> None:
    slack = pane(page, "Dana Reyes in Slack")

    await slack.get_by_role("navigation").get_by_role("button", name="Home").click()

    await expect(slack.get_by_role("article", name="App Home")).to_contain_text("This is Home.")
    assert stage.dana_in_slack.done == [("open_home",)]


async def test_a_menu_in_slack_taps_with_the_chosen_value(page: Page, stage: Stage) -> None:
    button = ButtonView("assign", "Assign to", options=(("ann", "Ann"), ("boris", "Boris")))
    stage.ann.write("Dana is stuck", rows=((button,),))
    slack = pane(page, "Ann Weber in Slack")

    await slack.get_by_role("button", name="Assign to").click()
    await page.keyboard.press("b")
    await page.keyboard.press("Enter")

    await expect(slack.get_by_role("log")).to_contain_text("Tapped assign boris")


async def test_an_ephemeral_message_says_who_sees_it(page: Page, stage: Stage) -> None:
    stage.ann.write("Here is the link", ephemeral=True)

    await expect(pane(page, "Ann Weber in Slack").get_by_role("article")).to_contain_text("Only visible to you")


async def test_typing_is_shown_and_ends(page: Page, stage: Stage) -> None:
    telegram = await meet(page, stage)

    stage.dana.change("private", lambda it: replace(it, typing=True))
    await expect(telegram.locator("header")).to_contain_text(["", "typing"])

    stage.dana.change("private", lambda it: replace(it, typing=False))
    await expect(telegram.locator("header").last).to_contain_text("bot")


async def test_a_word_in_another_chat_is_counted_until_it_is_read(page: Page, stage: Stage) -> None:
    telegram = await meet(page, stage)
    stage.dana.add(ConversationView("group", "Acme rollout", "group", ()))
    stage.dana.write("Shall we?", author="Omar Haddad", conversation="group")
    chat = telegram.get_by_role("button", name="Acme rollout")
    await expect(chat).to_contain_text("1")

    await chat.click()

    await expect(telegram.get_by_role("log")).to_contain_text("Shall we?")
    await expect(chat).not_to_contain_text("1")


async def test_a_blocked_bot_is_unblocked_with_one_press(page: Page, stage: Stage) -> None:
    telegram = await meet(page, stage)
    await telegram.get_by_role("button", name="More").click()
    await page.get_by_role("menuitem", name="Block the bot").click()

    await telegram.get_by_role("button", name="Unblock").click()

    await expect(telegram.get_by_role("textbox", name="Message to")).to_be_visible()
    assert stage.dana.done[-2:] == [("block",), ("unblock",)]


async def test_a_telegram_link_is_opened_as_somebody_in_telegram(page: Page, stage: Stage) -> None:
    link = "https://t.me/hub_bot?start=abc"
    stage.ann.write("Here is the link", html=f'For Dana: <a href="{link}">{link}</a>')

    await page.get_by_role("link", name=link).click()
    await page.get_by_role("menuitem", name="Dana Reyes").click()

    await expect(pane(page, "Dana Reyes in Telegram").get_by_role("log")).to_contain_text("Ann from Acme invited you")
    assert stage.dana.done == [("open_link", link)]
    assert page.url == stage.url


async def test_another_person_takes_a_place_and_finds_the_invitation(page: Page, stage: Stage) -> None:
    await page.get_by_label("Who sits in place 1").select_option("telegram:omar")
    omar = pane(page, "Omar Haddad in Telegram")

    await omar.get_by_role("button", name="Open the invitation").click()

    await expect(omar.get_by_role("log")).to_contain_text("Ann from Acme invited you")
    assert stage.omar.done == [("open_link", "https://t.me/hub_bot?start=omar")]


async def test_an_invitation_made_later_appears(page: Page, stage: Stage) -> None:
    stage.playground.offer(Invitation("A second invitation", "https://t.me/hub_bot?start=2", "telegram:dana"))

    await expect(page.get_by_role("button", name="Open the invitation")).to_be_visible()


async def test_the_clock_turns_and_says_so(page: Page, stage: Stage) -> None:
    await page.get_by_role("button", name="Turn the clock forward 1 day").click()

    await expect(page.locator(".clock")).to_contain_text("Tue 3 Mar 2026")
    await expect(page.get_by_role("status").filter(has_text="The clock now shows Tue 3 Mar")).to_be_visible()
    assert stage.clock.now().day == 3


async def test_things_outside_are_set_off_from_the_page(page: Page, stage: Stage) -> None:
    await page.get_by_role("button", name="Outside world", exact=True).click()
    await page.get_by_label("Send a signal: which").select_option("invited")
    await page.get_by_role("button", name="Send a signal").click()
    await expect(page.get_by_role("status").filter(has_text="Acme's product said: invited")).to_be_visible()

    switch = page.get_by_role("switch", name="Telegram is down")
    await switch.click()

    await expect(switch).to_be_checked()
    await until(lambda: stage.ran == ["invited", "on"])


async def test_a_new_invitation_takes_the_place_of_the_one_before(page: Page, stage: Stage) -> None:
    for number in (1, 2):
        stage.playground.offer(Invitation("Dana's invitation", f"https://t.me/hub_bot?start={number}", "telegram:dana"))
    await page.get_by_role("button", name="Outside world", exact=True).click()

    await expect(page.get_by_text("https://t.me/hub_bot?start=2")).to_be_visible()
    await expect(page.get_by_text("https://t.me/hub_bot?start=1")).to_have_count(0)


async def test_a_step_about_the_outside_leads_there(page: Page, stage: Stage) -> None:
    await page.get_by_role("button", name="Open Outside world").click()

    await expect(page.get_by_role("button", name="Send a signal")).to_be_visible()


async def test_replies_are_one_stop_of_the_tab_key_and_arrows_lead_on(page: Page, stage: Stage) -> None:
    telegram = await meet(page, stage)
    for number in range(3):
        stage.dana.write(f"Message {number}")
    replies = telegram.locator(".reply")
    await expect(telegram.get_by_text("Message 2", exact=True)).to_be_visible()
    stops = await replies.evaluate_all("nodes => nodes.map(node => node.tabIndex)")
    assert stops[-1] == 0
    assert set(stops[:-1]) == {-1}

    await replies.last.focus()
    await page.keyboard.press("ArrowUp")

    assert await replies.evaluate_all("nodes => nodes.indexOf(document.activeElement) - nodes.length") == -2


async def test_the_story_is_ticked_off_and_remembered(page: Page, stage: Stage) -> None:
    await page.get_by_label("Say hello").check()
    await expect(page.get_by_text("1 of 2 tried")).to_be_visible()

    await page.reload()

    await expect(page.get_by_label("Say hello")).to_be_checked()


async def test_a_long_chat_stays_where_it_is_read(page: Page, stage: Stage) -> None:
    telegram = await meet(page, stage)
    for number in range(40):
        stage.dana.write(f"Message {number}")
    log = telegram.get_by_role("log")
    await expect(log.get_by_text("Message 39", exact=True)).to_be_in_viewport()
    await log.evaluate("node => { node.scrollTop = 0; }")

    stage.dana.write("One more")

    jump = telegram.get_by_role("button", name="Go to the newest message")
    await expect(jump).to_be_visible()
    assert await log.evaluate("node => node.scrollTop") == 0
    await jump.click()
    await expect(log.get_by_text("One more")).to_be_in_viewport()


async def test_only_this_machines_pictures_are_loaded(page: Page, stage: Stage) -> None:
    stage.ann.write("Film", media=(MediaView("video", "A short film", "https://media.example.com/film.mp4"),))

    link = page.get_by_role("link", name="A short film")

    await expect(link).to_contain_text("Video at media.example.com")
    assert await link.get_attribute("rel") == "noopener noreferrer"


HOSTILE = '<img src=x onerror="document.title=1"><script>document.title=2</script>{{7*7}} <!channel> \u202eevil'


@pytest.mark.parametrize("html", [None, HOSTILE])
async def test_hostile_words_stay_words(page: Page, stage: Stage, html: str | None) -> None:
    stage.ann.add(ConversationView("c", HOSTILE, "group", ()))
    stage.ann.write(HOSTILE, html=html, rows=((ButtonView("x", HOSTILE), ButtonView("y", "Link", url="javascript:1")),))
    log = pane(page, "Ann Weber in Slack").get_by_role("log")

    await expect(log).to_contain_text("{{7*7}}")

    assert await log.locator("script, [onerror]").count() == 0
    assert await log.get_by_role("button", name="onerror").count() == 1
    assert await page.locator('[href^="javascript:"]').count() == 0
    assert await page.title() == "Client hub playground"


async def test_the_page_comes_back_after_the_playground_does(page: Page, stage: Stage) -> None:
    telegram = await meet(page, stage)
    port = int(stage.url.rstrip("/").rsplit(":", 1)[1])
    box = telegram.get_by_role("textbox", name="Message to")
    await box.fill("half a thou")

    await stage.playground.stop()
    await expect(page.get_by_text("The playground is not answering")).to_be_visible()
    stage.dana.write("Written while you were away")
    await stage.playground.start(port)

    await expect(telegram.get_by_role("log")).to_contain_text("Written while you were away")
    await expect(page.get_by_text("The playground is not answering")).to_be_hidden()
    await expect(box).to_have_value("half a thou")
