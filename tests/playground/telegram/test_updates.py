"""How the bot hears: long polling with its conflicts and forgetting, webhooks with their order and patience."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from datetime import timedelta

import pytest
from aiohttp import web
from telegram import Bot, InlineKeyboardButton, InlineKeyboardMarkup
from telegram.error import BadRequest, Conflict, NetworkError

from playground import faults
from playground.telegram import TelegramPerson, TelegramWorld


async def polling(world: TelegramWorld) -> None:
    """Let the event loop turn until a poll has arrived."""
    async with asyncio.timeout(5):
        while not world.telegram.waiting.polls:  # noqa: ASYNC110 - the world tells people of changes, not of polls
            await asyncio.sleep(0)


async def test_what_is_not_confirmed_comes_again(bot: Bot, dana: TelegramPerson) -> None:
    await dana.say("one")
    await dana.say("two")

    first = await bot.get_updates(limit=1)
    again = await bot.get_updates()
    rest = await bot.get_updates(offset=again[0].update_id + 1)

    assert [update.message.text for update in first if update.message] == ["one"]
    assert [update.message.text for update in again if update.message] == ["one", "two"]
    assert [update.message.text for update in rest if update.message] == ["two"]
    assert rest[0].update_id == again[0].update_id + 1


async def test_a_negative_offset_keeps_only_the_newest(bot: Bot, dana: TelegramPerson) -> None:
    for words in ("one", "two", "three"):
        await dana.say(words)

    newest = await bot.get_updates(offset=-1)

    assert [update.message.text for update in newest if update.message] == ["three"]
    assert len(await bot.get_updates()) == 1


async def test_a_poll_waits_for_what_happens(bot: Bot, world: TelegramWorld, dana: TelegramPerson) -> None:
    poll = asyncio.create_task(bot.get_updates(timeout=10))
    await polling(world)

    await dana.say("now")

    assert [update.message.text for update in await poll if update.message] == ["now"]


async def test_the_older_of_two_polls_is_ended(bot: Bot, world: TelegramWorld, dana: TelegramPerson) -> None:
    older = asyncio.create_task(bot.get_updates(timeout=10))
    await polling(world)
    async with Bot(world.token, base_url=f"{world.url}/bot") as second:
        newer = asyncio.create_task(second.get_updates(timeout=10))

        with pytest.raises(Conflict, match="terminated by other getUpdates request"):
            await older
        await dana.say("hello")
        assert len(await newer) == 1


async def test_old_updates_are_forgotten_presses_sooner(bot: Bot, world: TelegramWorld, dana: TelegramPerson) -> None:
    markup = InlineKeyboardMarkup([[InlineKeyboardButton("b", callback_data="x")]])
    await bot.send_message(dana.chat_id, "a", reply_markup=markup)
    await dana.say("said")
    await dana.tap_label("b")

    world.clock.turn(timedelta(seconds=149))
    assert len(await bot.get_updates()) == 2
    world.clock.turn(timedelta(seconds=2))
    assert [update.message is not None for update in await bot.get_updates()] == [True]
    world.clock.turn(timedelta(hours=24))
    assert await bot.get_updates() == ()


async def test_the_kinds_asked_for_stay_asked_for(bot: Bot, dana: TelegramPerson) -> None:
    await bot.get_updates(allowed_updates=["callback_query"])

    await dana.say("not heard")

    assert await bot.get_updates() == ()
    await bot.get_updates(allowed_updates=[])
    await dana.say("heard")
    assert len(await bot.get_updates()) == 1


async def test_an_update_told_twice_has_one_id(bot: Bot, world: TelegramWorld, dana: TelegramPerson) -> None:
    world.faults.next(faults.duplicate(), method="message")
    await dana.say("once")

    (first,) = await bot.get_updates()
    (second,) = await bot.get_updates(offset=first.update_id + 1)

    assert second == first
    assert await bot.get_updates(offset=first.update_id + 1) == ()


async def test_a_poll_given_up_swallows_nothing(bot: Bot, world: TelegramWorld, dana: TelegramPerson) -> None:
    poll = asyncio.create_task(bot.get_updates(timeout=10))
    await polling(world)
    poll.cancel()
    await asyncio.wait([poll])

    await dana.say("still here")

    async with Bot(world.token, base_url=f"{world.url}/bot") as second:
        assert [update.message.text for update in await second.get_updates() if update.message] == ["still here"]


async def test_telegram_stops_under_a_poll_and_comes_back_where_it_was(
    bot: Bot, world: TelegramWorld, dana: TelegramPerson
) -> None:
    poll = asyncio.create_task(bot.get_updates(timeout=10))
    await polling(world)
    port = int(world.url.rpartition(":")[2])

    await world.stop()
    assert await poll == ()
    with pytest.raises(NetworkError):
        await bot.get_me()
    await dana.say("meanwhile")
    await world.start(port)

    assert [update.message.text for update in await bot.get_updates() if update.message] == ["meanwhile"]


class Ear:
    """The bot's own web server: keeps what is pushed to it and answers as told."""

    def __init__(self) -> None:
        self.heard: list[tuple[str, str]] = []
        """(secret header, text)."""
        self.answers: list[web.Response] = []
        self.grew = asyncio.Event()
        self.url = ""

    async def hear(self, request: web.Request) -> web.Response:
        update = json.loads(await request.read())
        words = update["message"]["text"] if "message" in update else next(k for k in update if k != "update_id")
        self.heard.append((request.headers.get("X-Telegram-Bot-Api-Secret-Token", ""), words))
        self.grew.set()
        return self.answers.pop(0) if self.answers else web.Response()

    async def hears(self, enough: Callable[[list[str]], bool]) -> list[str]:
        async with asyncio.timeout(5):
            while not enough(words := [word for _, word in self.heard]):
                self.grew.clear()
                await self.grew.wait()
        return words


@pytest.fixture
async def ear() -> AsyncIterator[Ear]:
    ear = Ear()
    app = web.Application()
    app.router.add_post("/hook", ear.hear)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    ear.url = f"http://127.0.0.1:{runner.addresses[0][1]}/hook"
    yield ear
    await runner.cleanup()


async def test_a_webhook_hears_with_the_secret(bot: Bot, ear: Ear, dana: TelegramPerson) -> None:
    await bot.set_webhook(ear.url, secret_token="s3cret_-")

    await dana.say("hello")

    await ear.hears(lambda words: len(words) == 1)
    assert ear.heard == [("s3cret_-", "hello")]
    with pytest.raises(Conflict, match="can't use getUpdates method while webhook is active"):
        await bot.get_updates()


async def test_a_refused_update_is_pushed_again_before_the_next_of_its_chat(
    bot: Bot, world: TelegramWorld, ear: Ear, dana: TelegramPerson
) -> None:
    ear.answers = [web.Response(status=500), web.Response(status=503)]
    await bot.set_webhook(ear.url)

    await dana.say("one")
    await dana.say("two")

    assert await ear.hears(lambda words: "two" in words) == ["one", "one", "one", "two"]
    info = await bot.get_webhook_info()
    assert info.last_error_message == "Wrong response from the webhook: 503 Service Unavailable"


async def test_one_chat_does_not_wait_for_another(
    bot: Bot, world: TelegramWorld, ear: Ear, dana: TelegramPerson
) -> None:
    world.faults.often(faults.disconnect(), 1.0, method="message", chat=str(dana.chat_id))
    await bot.set_webhook(ear.url)

    await dana.say("held back")
    await world.person("bob").say("through")

    assert await ear.hears(bool) == ["through"]
    world.faults.clear()
    world.clock.turn(timedelta(minutes=2))
    assert await ear.hears(lambda words: len(words) == 2) == ["through", "held back"]


async def test_a_lost_answer_and_a_duplicate_push_twice(
    bot: Bot, world: TelegramWorld, ear: Ear, dana: TelegramPerson
) -> None:
    world.faults.next(faults.lost_answer(), method="message")
    await bot.set_webhook(ear.url)

    await dana.say("lost")
    world.faults.next(faults.duplicate(), method="message")
    await dana.say("doubled")
    await dana.say("end")

    assert await ear.hears(lambda words: "end" in words) == ["lost", "lost", "doubled", "doubled", "end"]


async def test_what_waited_is_pushed_and_what_was_not_taken_is_polled(bot: Bot, ear: Ear, dana: TelegramPerson) -> None:
    await dana.say("before")
    await bot.set_webhook(ear.url)
    await ear.hears(lambda words: words == ["before"])

    await bot.delete_webhook()
    await dana.say("after")

    assert [update.message.text for update in await bot.get_updates() if update.message][-1] == "after"
    assert [words for _, words in ear.heard] == ["before"]


async def test_the_answer_of_a_webhook_may_call_one_method(bot: Bot, ear: Ear, dana: TelegramPerson) -> None:
    ear.answers = [web.json_response({"method": "sendMessage", "chat_id": dana.chat_id, "text": "by reply"})]
    await bot.set_webhook(ear.url)

    await dana.say("hello")

    await dana.sees("by reply")


async def test_a_webhook_survives_a_stop(bot: Bot, world: TelegramWorld, ear: Ear, dana: TelegramPerson) -> None:
    await bot.set_webhook(ear.url)
    port = int(world.url.rpartition(":")[2])
    await world.stop()
    await dana.say("meanwhile")

    await world.start(port)

    assert await ear.hears(bool) == ["meanwhile"]


async def test_a_bad_webhook_is_refused(bot: Bot) -> None:
    for url, secret, words in (
        ("ftp://a.example", None, "Invalid webhook url specified"),
        ("https://a.example", "ü", "Secret token contains unallowed characters"),
        ("https://a.example", "x" * 257, "Secret token is too long"),
    ):
        with pytest.raises(BadRequest, match=f"(?i){words}"):
            await bot.set_webhook(url, secret_token=secret)
