"""Nothing heard is lost: Telegram is told that we have an update only when it is committed."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import pytest
from aiohttp import web

from bots.telegram.client import TelegramMessenger
from bots.telegram.listen import TelegramListener, Trouble, Webhook
from bots.telegram.transport import make_bot
from core.cards import Button, Card
from core.events import Address, Arrived, Event, Grouped, Left, Moved, Said, Shared, Tapped
from core.receipts import Receipt
from playground.faults import disconnect, duplicate, lost_answer, server_error, too_many
from playground.telegram.world import TelegramWorld
from tests.bots.telegram.scripted import TOKEN, No, ScriptedApi

SOON = 10.0
"""Seconds of patience with a slow machine; nothing here waits that long."""
CARD = Card("Hello", rows=((Button("Done", "done.1.a"),),))


class Book:
    """An inbox: commits to memory, refuses while told to, and can be waited for."""

    def __init__(self) -> None:
        self.events: list[Event] = []
        self.attempts: list[str] = []
        self.broken: Callable[[Event], bool] = lambda event: False
        self.toast = ""
        self._turned = asyncio.Condition()

    async def receive(self, event: Event) -> Receipt:
        await asyncio.sleep(0)
        async with self._turned:
            self.attempts.append(event.key)
            self._turned.notify_all()
            if self.broken(event):
                raise OSError("the disk is full")
            self.events.append(event)
        return Receipt(toast=self.toast)

    async def until(self, done: Callable[[], bool]) -> None:
        async with asyncio.timeout(SOON), self._turned:
            await self._turned.wait_for(done)

    async def has(self, count: int) -> list[Event]:
        await self.until(lambda: len(self.events) >= count)
        return self.events

    @property
    def said(self) -> list[str]:
        return [event.text for event in self.events if isinstance(event, Said)]


@pytest.fixture
def book() -> Book:
    return Book()


@pytest.fixture
def troubles() -> list[Trouble]:
    return []


async def nap(_seconds: float) -> None:
    await asyncio.sleep(0.001)


@asynccontextmanager
async def hearing(
    messenger: TelegramMessenger, receive: Callable[[Event], Awaitable[Receipt]], troubles: list[Trouble] | None = None
) -> AsyncIterator[TelegramListener]:
    def tell(_messenger: str, reason: Trouble) -> None:
        if troubles is not None:
            troubles.append(reason)

    listener = TelegramListener(messenger, receive, on_trouble=tell, poll=5, sleep=nap)
    running = asyncio.create_task(listener.run())
    yield listener
    listener.stop()
    async with asyncio.timeout(SOON):
        await running


async def until(done: Callable[[], bool]) -> None:
    async with asyncio.timeout(SOON):
        while not done():  # noqa: ASYNC110 - the other side of the wire has no event to wait for
            await asyncio.sleep(0.002)


async def test_what_people_do_is_heard_in_order(world: TelegramWorld, hub: TelegramMessenger, book: Book) -> None:
    dana = world.person("dana", "Dana Reyes", language_code="pt-br")
    async with hearing(hub, book.receive):
        await dana.open_link(world.start_link("invite-1"))
        await dana.say("hello")
        await dana.share("a.pdf", b"pdf", "application/pdf", words="our plan")
        arrived, said, shared = await book.has(3)

    assert isinstance(arrived, Arrived)
    assert (arrived.token, arrived.sender, arrived.in_private) == (
        "invite-1",
        Address("telegram", str(dana.chat_id)),
        True,
    )
    assert arrived.profile is not None
    assert (arrived.profile.name, arrived.profile.language) == ("Dana Reyes", "pt-br")
    assert isinstance(said, Said)
    assert isinstance(shared, Shared)
    assert (shared.text, shared.file.name) == ("our plan", "a.pdf")
    assert world.updates_waiting == 0


async def test_a_tap_is_answered_after_its_commit(world: TelegramWorld, hub: TelegramMessenger, book: Book) -> None:
    dana = world.person("dana")
    await dana.start()
    book.toast = "Saved"
    async with hearing(hub, book.receive):
        sent = await hub.send(Address("telegram", str(dana.chat_id)), CARD)
        await dana.tap_label("Done")
        *_, tapped = await book.has(2)

    assert isinstance(tapped, Tapped)
    assert (tapped.action, tapped.message) == ("done.1.a", sent)
    assert [call.params["text"] for call in world.calls_of("answerCallbackQuery")] == ["Saved"]


async def test_an_update_that_was_not_committed_comes_again(
    world: TelegramWorld, hub: TelegramMessenger, book: Book, troubles: list[Trouble]
) -> None:
    dana = world.person("dana")
    book.broken = lambda event: len(book.attempts) <= 3
    async with hearing(hub, book.receive, troubles):
        await dana.start()
        await dana.say("one")
        await dana.say("two")
        await book.has(3)
        await until(lambda: world.updates_waiting == 0)

    assert book.said == ["one", "two"]
    assert troubles == ["commit", ""]


async def test_one_chat_that_fails_does_not_hold_up_the_others(
    world: TelegramWorld, hub: TelegramMessenger, book: Book
) -> None:
    dana, bo = world.person("dana"), world.person("bo")
    mended = False
    book.broken = lambda event: event.sender.chat == str(dana.chat_id) and not mended
    async with hearing(hub, book.receive):
        await dana.start()
        for word in ("one", "two"):
            await dana.say(word)
        await book.until(lambda: len(book.attempts) > 1)
        await bo.start()
        await bo.say("me too")
        await book.has(2)
        assert (book.said, world.updates_waiting) == (["me too"], 5)
        mended = True
        await book.has(5)
        await until(lambda: world.updates_waiting == 0)

    assert book.said == ["me too", "one", "two"]
    assert len(book.events) == 5  # what was committed behind a failure is not brought again


async def test_a_database_that_is_gone_loses_nothing_however_long(
    world: TelegramWorld, hub: TelegramMessenger, book: Book
) -> None:
    dana, bo = world.person("dana"), world.person("bo")
    await dana.start()
    await bo.start()
    await dana.say("one")
    book.broken = lambda event: 1 < len(book.attempts) < 60
    async with hearing(hub, book.receive):
        await book.has(3)
        await until(lambda: world.updates_waiting == 0)

    assert book.said == ["one"]


async def test_stopping_finishes_what_is_in_hand_and_confirms_it(
    world: TelegramWorld, hub: TelegramMessenger, book: Book
) -> None:
    dana = world.person("dana")
    entered, go = asyncio.Event(), asyncio.Event()

    async def slowly(event: Event) -> Receipt:
        entered.set()
        await go.wait()
        return await book.receive(event)

    async with hearing(hub, slowly) as listener:
        await dana.start()
        await entered.wait()
        listener.stop()
        await dana.say("too late")
        go.set()

    assert len(book.events) == 1
    assert world.updates_waiting == 1  # for the next process


async def test_a_kill_confirms_nothing(world: TelegramWorld, hub: TelegramMessenger, book: Book) -> None:
    dana = world.person("dana")
    entered = asyncio.Event()

    async def never(_event: Event) -> Receipt:
        entered.set()
        await asyncio.Event().wait()
        raise AssertionError

    killed = asyncio.create_task(TelegramListener(hub, never, poll=5).run())
    await dana.start()
    await entered.wait()
    killed.cancel()
    with pytest.raises(asyncio.CancelledError):
        await killed
    async with hearing(hub, book.receive):
        await book.has(1)

    assert isinstance(book.events[0], Arrived)


async def test_killed_again_and_again_it_loses_nothing_and_keeps_each_chat_in_order(
    world: TelegramWorld, hub: TelegramMessenger, book: Book
) -> None:
    people = [world.person(name) for name in ("dana", "bo", "cy")]
    for life in range(12):
        running = asyncio.create_task(TelegramListener(hub, book.receive, poll=5, sleep=nap).run())
        for person in people:
            await person.say(f"{life}")
        for _ in range(life * 20):  # each life dies some steps later than the one before
            await asyncio.sleep(0)
        if life % 3 == 2:
            await book.until(lambda: len(book.attempts) > 0)
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
    async with hearing(hub, book.receive):
        await until(lambda: world.updates_waiting == 0)

    for person in people:
        heard = [
            event.text for event in book.events if isinstance(event, Said) and event.sender.chat == str(person.chat_id)
        ]
        assert list(dict.fromkeys(heard)) == [str(life) for life in range(12)]


async def test_a_repeated_update_has_the_same_key(world: TelegramWorld, hub: TelegramMessenger, book: Book) -> None:
    world.faults.next(duplicate(), method="message")
    dana = world.person("dana")
    async with hearing(hub, book.receive):
        await dana.start()
        first, second = await book.has(2)

    assert first == second
    assert first.key.startswith(f"telegram:{world.bot.id}:")


@pytest.mark.parametrize("fault", [server_error(502), lost_answer(), disconnect(), too_many(1)])
async def test_a_bad_line_is_tried_again(
    world: TelegramWorld, hub: TelegramMessenger, book: Book, troubles: list[Trouble], fault: object
) -> None:
    world.faults.next(fault, 3, method="getUpdates")  # type: ignore[arg-type]  # one of four Faults
    async with hearing(hub, book.receive, troubles):
        await world.person("dana").start()
        await book.has(1)

    assert troubles == ["network", ""]


async def test_another_poller_is_told_and_outlasted(
    world: TelegramWorld, hub: TelegramMessenger, book: Book, troubles: list[Trouble]
) -> None:
    async with hearing(hub, book.receive, troubles):
        await until(lambda: world.telegram.waiting.polls > 0)
        other = make_bot(world.token, world.url)
        await other.ask("getUpdates", {"timeout": 0})
        await other.request.shutdown()
        await world.person("dana").start()
        await book.has(1)

    assert troubles == ["conflict", ""]


async def test_a_refused_token_is_told_and_tried_slowly(api: ScriptedApi, book: Book, troubles: list[Trouble]) -> None:
    api.answer("getMe", No(401, "Unauthorized"), No(401, "Unauthorized"))
    api.answer("getUpdates", [{"update_id": 1, "message": _said("hi")}])
    messenger = TelegramMessenger(make_bot(TOKEN, api.url))
    async with hearing(messenger, book.receive, troubles):
        await book.has(1)
    await messenger.stop()

    assert troubles[:2] == ["revoked", ""]


def _said(text: str, chat: int = 7) -> dict[str, object]:
    person = {"id": chat, "is_bot": False, "first_name": "Dana"}
    return {"message_id": 1, "date": 1, "from": person, "chat": {"id": chat, "type": "private"}, "text": text}


async def test_malformed_updates_are_confirmed_and_counted(api: ScriptedApi, book: Book) -> None:
    odd: list[object] = [
        {"update_id": 1, "message": {"text": "no chat"}},
        {"update_id": 2, "callback_query": {"data": "x"}},
        {"update_id": 3, "poll": {}},
        {"no": "number"},
        "not even an object",
        {"update_id": 4, "message": _said("fine")},
    ]
    api.answer("getUpdates", odd)
    messenger = TelegramMessenger(make_bot(TOKEN, api.url))
    async with hearing(messenger, book.receive) as listener:
        await book.has(1)
        await until(lambda: any(asked.params.get("offset") == 5 for asked in api.asked))
    await messenger.stop()

    assert (listener.counts["malformed"], listener.counts["ignored"], listener.counts["heard"]) == (2, 2, 1)


async def test_groups_come_go_and_move(world: TelegramWorld, hub: TelegramMessenger, book: Book) -> None:
    dana = world.person("dana", "Dana Reyes")
    async with hearing(hub, book.receive):
        await dana.start()
        group = await dana.create_group("Acme & us")
        moved_to = await dana.upgrade_group(group)
        await dana.remove_bot(moved_to)
        await dana.block()
        await book.until(lambda: sum(isinstance(event, Left) for event in book.events) >= 2)

    grouped = next(event for event in book.events if isinstance(event, Grouped))
    moves = {(event.chat.chat, event.to.chat) for event in book.events if isinstance(event, Moved)}
    assert (grouped.chat.chat, grouped.title) == (group, "Acme & us")
    assert moves == {(group, moved_to)}
    assert {event.why for event in book.events if isinstance(event, Left)} == {"removed", "blocked"}


# Webhook


@asynccontextmanager
async def web_server(hear: Callable[[bytes, str | None], Awaitable[int]]) -> AsyncIterator[str]:
    async def called(request: web.Request) -> web.Response:
        secret = request.headers.get("X-Telegram-Bot-Api-Secret-Token")
        return web.Response(status=await hear(await request.read(), secret))

    app = web.Application()
    app.router.add_post("/telegram", called)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    yield f"http://127.0.0.1:{runner.addresses[0][1]}/telegram"
    await runner.cleanup()


async def test_a_webhook_is_answered_only_after_the_commit(hub: TelegramMessenger, book: Book) -> None:
    world = TelegramWorld(limits=False, webhook_pause=0.01)
    await world.start()
    messenger = TelegramMessenger(make_bot(world.token, world.url))
    book.broken = lambda event: len(book.attempts) <= 2
    listeners: list[TelegramListener] = []

    async def hear(body: bytes, secret: str | None) -> int:
        return await listeners[0].hear(body, secret)

    async with web_server(hear) as url:
        listener = TelegramListener(messenger, book.receive, webhook=Webhook(url, "s3cret"))
        listeners.append(listener)
        running = asyncio.create_task(listener.run())
        dana = world.person("dana")
        await until(lambda: bool(world.calls_of("setWebhook")))
        await dana.start()
        await dana.say("hello")
        await book.has(2)
        await until(lambda: world.updates_waiting == 0)
        listener.stop()
        await running
    await messenger.stop()
    await world.stop()

    assert book.said == ["hello"]
    assert len(book.attempts) == 4


async def test_a_webhook_lets_only_telegram_in(hub: TelegramMessenger, book: Book) -> None:
    listener = TelegramListener(hub, book.receive, webhook=Webhook("https://hub.example.com/t", "s3cret"))
    update = json.dumps({"update_id": 1, "message": _said("hi")}).encode()

    assert await listener.hear(update, None) == 403
    assert await listener.hear(update, "") == 403
    assert await listener.hear(update, "s3creT") == 403
    assert await listener.hear(update, "s3cret") == 503  # it does not know itself yet
    assert book.attempts == []


async def test_without_a_webhook_nothing_comes_in_by_that_door(hub: TelegramMessenger, book: Book) -> None:
    assert await TelegramListener(hub, book.receive).hear(b"{}", "") == 403


async def test_a_webhook_takes_what_will_never_be_better(api: ScriptedApi, book: Book) -> None:
    messenger = TelegramMessenger(make_bot(TOKEN, api.url))
    listener = TelegramListener(messenger, book.receive, webhook=Webhook("https://hub.example.com/t", "s3cret"))
    running = asyncio.create_task(listener.run())
    await until(lambda: "setWebhook" in api.methods)

    assert [await listener.hear(body, "s3cret") for body in (b"\xff", b"[]", b'{"update_id":1,"poll":{}}')] == [200] * 3

    listener.stop()
    await running
    assert await listener.hear(b"{}", "s3cret") == 503
    await messenger.stop()
