"""Cards in a Telegram that behaves: what a person sees, and what happens when they leave."""

import asyncio
from collections.abc import AsyncIterator

import aiohttp
import pytest
from aiohttp import web
from telegram.error import TimedOut

from bots.telegram.client import TelegramMessenger
from bots.telegram.transport import AiohttpRequest, PlainBot, make_bot
from core.cards import Button, Card, Media, Progress
from core.events import Address
from core.outbox import Refused, Relocated, TryLater, Uncertain, Unreachable
from playground.faults import lost_answer, slow, too_many
from playground.telegram.flood import Limits
from playground.telegram.person import TelegramPerson
from playground.telegram.world import TelegramWorld
from playground.views import MessageView
from tests.bots.telegram.scripted import TOKEN

CARD = Card("Connect **it**", title="Step 1", progress=Progress(1, 4), rows=((Button("Done", "done.1.a"),),))


@pytest.fixture
async def dana(world: TelegramWorld) -> TelegramPerson:
    dana = world.person("dana", "Dana Reyes")
    await dana.start()
    return dana


def home(person: TelegramPerson) -> Address:
    return Address("telegram", str(person.chat_id))


def seen(person: TelegramPerson) -> list[MessageView]:
    return [message for message in person.view().conversations[0].messages if not message.mine]


async def test_a_person_sees_the_card_and_then_its_edit(hub: TelegramMessenger, dana: TelegramPerson) -> None:
    sent = await hub.send(home(dana), CARD)
    assert [message.text for message in seen(dana)] == ["Step 1\n\nConnect it\n\n▰▱▱▱ 1/4 · 25 %"]

    assert await hub.send(home(dana), Card("All done"), sent) == sent
    assert [(message.text, message.rows) for message in seen(dana)] == [("All done", ())]


async def test_the_same_edit_twice_is_fine(hub: TelegramMessenger, dana: TelegramPerson) -> None:
    sent = await hub.send(home(dana), CARD)

    assert [await hub.send(home(dana), CARD, sent) for _ in range(2)] == [sent, sent]


async def test_a_deleted_message_comes_anew(hub: TelegramMessenger, dana: TelegramPerson) -> None:
    sent = await hub.send(home(dana), CARD)
    await dana.delete(sent)

    again = await hub.send(home(dana), CARD, sent)

    assert again != sent
    assert [message.id for message in seen(dana)] == [again]


async def test_a_text_becomes_a_film_and_the_film_words_again(hub: TelegramMessenger, dana: TelegramPerson) -> None:
    sent = await hub.send(home(dana), CARD)

    film = await hub.send(home(dana), Card("Watch", media=Media("video", "content:hello.mp4")), sent)
    words = await hub.send(home(dana), Card("Enough"), film)

    assert film == sent
    assert words != film  # a film cannot become words: it stays, and the words come below
    assert [(message.text, len(message.media)) for message in seen(dana)] == [("Watch", 1), ("Enough", 0)]


async def test_what_a_person_sent_can_be_fetched_and_sent_on(
    hub: TelegramMessenger, world: TelegramWorld, dana: TelegramPerson
) -> None:
    await dana.share("notes.txt", b"my notes", "text/plain")
    update = list(world.updates())[-1]
    ref = f"telegram:{update['message']['document']['file_id']}"  # type: ignore[index, call-overload]  # raw JSON

    assert await hub.fetch(ref) == b"my notes"

    await hub.send(home(dana), Card("Yours", media=Media("file", ref)))
    assert [message.text for message in seen(dana)] == ["Yours"]


async def test_a_file_of_another_kind_is_sent_by_its_bytes(
    hub: TelegramMessenger, world: TelegramWorld, dana: TelegramPerson
) -> None:
    await dana.share("song.mp3", b"la la", "audio/mpeg")
    update = list(world.updates())[-1]
    ref = f"telegram:{update['message']['audio']['file_id']}"  # type: ignore[index, call-overload]  # raw JSON

    await hub.send(home(dana), Card("Yours", media=Media("file", ref, "song.mp3")))

    assert [(message.text, message.media[0].name) for message in seen(dana)] == [("Yours", "song.mp3")]


async def test_a_file_that_is_gone_is_refused(hub: TelegramMessenger) -> None:
    with pytest.raises(Refused):
        await hub.fetch("telegram:nonsense")


async def test_who_left_is_unreachable_until_they_come_back(hub: TelegramMessenger, dana: TelegramPerson) -> None:
    await dana.block()
    with pytest.raises(Unreachable) as caught:
        await hub.send(home(dana), CARD)
    assert caught.value.why == "blocked"

    await dana.unblock()
    await hub.send(home(dana), CARD)


async def test_a_stranger_cannot_be_written_to(hub: TelegramMessenger, world: TelegramWorld) -> None:
    with pytest.raises(Unreachable) as caught:
        await hub.send(home(world.person("bo")), CARD)
    assert caught.value.why == "refused"


async def test_a_group_that_moved_tells_where(hub: TelegramMessenger, dana: TelegramPerson) -> None:
    group = await dana.create_group("Acme & us")
    moved = await dana.upgrade_group(group)

    with pytest.raises(Relocated) as caught:
        await hub.send(Address("telegram", group), CARD)
    assert caught.value.to == Address("telegram", moved)
    await hub.send(caught.value.to, CARD)


async def test_too_fast_is_told_to_wait(hub: TelegramMessenger, world: TelegramWorld, dana: TelegramPerson) -> None:
    world.telegram.flood.limits = Limits(chat_burst=1)
    await hub.send(home(dana), CARD)

    with pytest.raises(TryLater) as caught:
        await hub.send(home(dana), CARD)
    assert caught.value.after.total_seconds() >= 1
    assert not caught.value.everywhere


async def test_an_answer_lost_after_sending_is_uncertain_and_was_indeed_shown(
    hub: TelegramMessenger, world: TelegramWorld, dana: TelegramPerson
) -> None:
    world.faults.next(lost_answer(), method="sendMessage")

    with pytest.raises(Uncertain):
        await hub.send(home(dana), CARD)
    assert len(seen(dana)) == 1


async def test_a_long_guide_is_read_in_full_with_its_button_last(hub: TelegramMessenger, dana: TelegramPerson) -> None:
    guide = Card("\n\n".join(f"## Part {n}\n" + "word " * 200 for n in range(12)), rows=((Button("Back", "home"),),))

    sent = await hub.send(home(dana), guide)

    messages = seen(dana)
    assert sent == "+".join(message.id for message in messages)
    assert [bool(message.rows) for message in messages] == [False] * (len(messages) - 1) + [True]
    assert sum(message.text.count("Part") for message in messages) == 12


async def test_the_menu_is_offered_in_the_person_s_language(
    hub: TelegramMessenger, world: TelegramWorld, dana: TelegramPerson
) -> None:
    ivan = world.person("ivan", language_code="ru")
    await hub.set_menu({"en": [("home", "Home")], "ru": [("home", "Домой")]}, default="en")

    assert dana.view().commands == (("home", "Home"),)
    assert ivan.view().commands == (("home", "Домой"),)


async def test_typing_is_seen(hub: TelegramMessenger, dana: TelegramPerson) -> None:
    await hub.typing(home(dana))

    assert dana.view().conversations[0].typing


async def test_patience_with_a_slow_answer_ends_in_uncertainty(world: TelegramWorld, dana: TelegramPerson) -> None:
    wire = AiohttpRequest(answer=0.05)
    bot = PlainBot(world.token, f"{world.url}/bot", f"{world.url}/file/bot", request=wire, get_updates_request=wire)
    messenger = TelegramMessenger(bot)
    world.faults.next(slow(1.0), method="sendMessage")

    with pytest.raises(Uncertain):
        await messenger.send(home(dana), CARD)
    await messenger.stop()

    assert len(seen(dana)) == 1


async def test_bot_s_own_typed_methods_use_the_same_wire(hub: TelegramMessenger, dana: TelegramPerson) -> None:
    message = await hub.bot.send_document(dana.chat_id, b"bytes", filename="é.txt", caption="hi")

    assert message.document is not None
    assert (message.document.file_name, message.caption) == ("é.txt", "hi")


async def test_a_429_of_the_playground_names_its_seconds(
    hub: TelegramMessenger, world: TelegramWorld, dana: TelegramPerson
) -> None:
    world.faults.next(too_many(7), method="sendMessage")

    with pytest.raises(TryLater) as caught:
        await hub.send(home(dana), CARD)
    assert caught.value.after.total_seconds() == 7


# The wire by itself


@pytest.fixture
async def gibberish() -> AsyncIterator[str]:
    async def answer(_request: web.Request) -> web.Response:
        return web.Response(text="<html>a captive portal</html>")

    app = web.Application()
    app.router.add_post("/{rest:.*}", answer)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    await runner.cleanup()


async def test_an_answer_that_is_no_json_is_an_answer_lost(gibberish: str) -> None:
    wire = AiohttpRequest()
    messenger = TelegramMessenger(PlainBot(TOKEN, f"{gibberish}/bot", request=wire, get_updates_request=wire))

    with pytest.raises(Uncertain):
        await messenger.send(Address("telegram", "7"), CARD)
    await messenger.stop()


async def test_a_server_that_accepts_and_says_nothing_is_waited_for_only_so_long() -> None:
    left = asyncio.Event()

    async def silence(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()
        writer.close()
        await writer.wait_closed()
        left.set()

    server = await asyncio.start_server(silence, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    wire = AiohttpRequest(answer=0.05)

    with pytest.raises(TimedOut):
        await wire.do_request(f"http://127.0.0.1:{port}/", "POST")
    await wire.shutdown()
    await wire.shutdown()
    await left.wait()
    server.close()
    await server.wait_closed()


async def test_a_proxy_is_used_when_there_is_one(world: TelegramWorld) -> None:
    asked: list[str] = []

    async def pass_on(request: web.BaseRequest) -> web.Response:
        asked.append(str(request.url))
        async with aiohttp.ClientSession() as session, session.post(request.url, data=await request.read()) as answer:
            return web.Response(body=await answer.read(), content_type="application/json")

    runner = web.ServerRunner(web.Server(pass_on), access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    bot = make_bot(world.token, world.url, proxy=f"http://127.0.0.1:{runner.addresses[0][1]}")

    await bot.initialize()
    await bot.shutdown()
    await runner.cleanup()

    assert asked == [f"{world.url}/bot{world.token}/getMe"]


@pytest.mark.parametrize("sold", [1000, 0])
async def test_a_mailing_is_paid_for_where_speed_is_sold_and_goes_all_the_same_where_it_is_not(sold: int) -> None:
    world = TelegramWorld(limits=Limits(paid_most=sold))
    refusals: list[str] = []
    bot = make_bot(world.token, await world.start())
    messenger = TelegramMessenger(bot, paid=True, on_unpaid=lambda: refusals.append("unpaid"))
    dana = world.person("dana", "Dana Reyes")
    await dana.start()
    try:
        sent = await messenger.send(home(dana), Card("News", bulk=True))
        await messenger.send(home(dana), Card("An answer"))
        await messenger.send(home(dana), Card("News, mended", bulk=True), sent)
    finally:
        await messenger.stop()
        await world.stop()

    paid = [call.params["text"] for call in world.calls if call.params.get("allow_paid_broadcast")]
    assert paid == ["News"]
    assert [message.text for message in seen(dana)] == ["News, mended", "An answer"]
    assert refusals == ([] if sold else ["unpaid"])
