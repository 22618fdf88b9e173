"""Events reach the bot at least once, interactions at most once; sockets come and go; HTTP is signed."""

import json
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import timedelta
from typing import Any

import pytest
from aiohttp import ClientSession, WSMsgType, web
from slack_sdk.signature import SignatureVerifier

from playground.clock import Clock
from playground.faults import Faults, disconnect, duplicate, lost_answer
from playground.slack import SlackWorld
from tests.playground.slack.office import Json, Office, actions, button

START = Callable[..., Awaitable[Office]]


class Door:
    """A bot's HTTP door that answers as the test says and keeps what came."""

    def __init__(self) -> None:
        self.came: list[tuple[dict[str, str], bytes]] = []
        self.answers: list[web.Response] = []

    async def serve(self, request: web.Request) -> web.Response:
        body = await request.read()
        if request.content_type == "application/json" and json.loads(body)["type"] == "url_verification":
            return web.json_response({"challenge": json.loads(body)["challenge"]})
        self.came.append(({name.lower(): value for name, value in request.headers.items()}, body))
        return self.answers.pop(0) if self.answers else web.Response()


async def serve(handler: Callable[[web.Request], Awaitable[web.StreamResponse]]) -> tuple[web.AppRunner, str]:
    app = web.Application()
    app.router.add_post("/slack/events", handler)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.2)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    return runner, f"http://127.0.0.1:{runner.addresses[0][1]}/slack/events"


@pytest.fixture
async def door() -> AsyncIterator[tuple[Door, str]]:
    door = Door()
    runner, url = await serve(door.serve)
    yield door, url
    await runner.cleanup()


async def test_http_requests_are_signed_and_repeated_until_accepted(start: START, door: tuple[Door, str]) -> None:
    clock = Clock(frozen=True)
    office = await start(connect=False, clock=clock)
    bot, url = door
    bot.answers = [web.Response(status=500), web.Response(status=404)]
    await office.world.use_http(url)

    ann = office.world.person("ann", "Ann Lee")
    await ann.say("hello")
    await office.world.settled(or_waiting=True)
    assert len(bot.came) == 2
    clock.turn(timedelta(seconds=60))
    await office.world.settled()

    marks = [(headers.get("x-slack-retry-num"), headers.get("x-slack-retry-reason")) for headers, _ in bot.came]
    assert marks == [(None, None), ("1", "http_error"), ("2", "http_error")]
    assert len({json.loads(body)["event_id"] for _, body in bot.came}) == 1
    verifier = SignatureVerifier(office.world.signing_secret)
    assert all(verifier.is_valid_request(body, headers) for headers, body in bot.came)
    assert not verifier.is_valid_request(b"{}", bot.came[0][0])


async def test_no_retry_is_respected_and_silence_is_given_up(start: START, door: tuple[Door, str]) -> None:
    office = await start(connect=False, retry_delays=(0, 0, 0))
    bot, url = door
    await office.world.use_http(url)
    ann = office.world.person("ann", "Ann Lee")

    bot.answers = [web.Response(status=500, headers={"x-slack-no-retry": "1"})]
    await ann.say("once")
    await office.world.settled()
    assert (len(bot.came), office.world.given_up) == (1, [])

    bot.answers = [web.Response(status=500) for _ in range(4)]
    await ann.say("never")
    await office.world.settled()
    assert len(bot.came) == 5
    assert [envelope.payload["event"]["text"] for envelope in office.world.given_up] == ["never"]


async def test_redirects_are_followed_twice(start: START, door: tuple[Door, str]) -> None:
    office = await start(connect=False, retry_delays=())
    bot, url = door
    await office.world.use_http(url)
    ann = office.world.person("ann", "Ann Lee")
    moved = {"Location": url}
    bot.answers = [web.Response(status=302, headers=moved) for _ in range(2)]
    await ann.say("twice")
    await office.world.settled()
    assert office.world.given_up == []

    bot.answers = [web.Response(status=302, headers=moved) for _ in range(3)]
    await ann.say("thrice")
    await office.world.settled()
    assert len(office.world.given_up) == 1


async def test_an_address_that_fails_the_challenge_is_not_used(start: START) -> None:
    async def deaf(request: web.Request) -> web.Response:
        return web.Response(text="what?")

    office = await start(connect=False)
    runner, url = await serve(deaf)
    with pytest.raises(ValueError, match="url_verification"):
        await office.world.use_http(url)
    await runner.cleanup()


async def test_bolt_hears_everything_over_http(start: START) -> None:
    office = await start(connect=False)
    ann = office.world.person("ann", "Ann Lee")
    from slack_bolt.adapter.aiohttp import to_aiohttp_response, to_bolt_request

    async def bolt(request: web.Request) -> web.Response:
        answer = await office.app.async_dispatch(await to_bolt_request(request))
        return await to_aiohttp_response(answer)

    @office.app.action("go")
    async def go(ack: Any, respond: Any) -> None:
        await ack()
        await respond("Gone", replace_original=True)

    @office.app.command("/hub")
    async def hub(ack: Any, command: Json) -> None:
        await ack(text=f"Heard {command['text']}")

    runner, url = await serve(bolt)
    await office.world.use_http(url)
    await office.client.chat_postMessage(channel=ann.id, text="x", blocks=[actions(button("Go", "go"))])
    await ann.say("hello")
    await ann.tap_label("Go")
    await ann.sees("Gone")
    await ann.say("/hub a b")
    await ann.sees("Heard a b")
    assert "message" in office.kinds()
    await runner.cleanup()


async def test_every_envelope_goes_to_one_of_several_sockets(start: START) -> None:
    office = await start()
    for _ in range(2):
        await office.connect()
    ann = office.world.person("ann", "Ann Lee")
    for number in range(30):
        await ann.say(str(number))
    await office.world.settled()

    texts = [event["text"] for event in office.heard]
    assert sorted(texts, key=int) == [str(number) for number in range(30)]


async def open_socket(office: Office, session: ClientSession) -> Any:
    answer = await AsyncWebClientFor(office).apps_connections_open(app_token=office.world.app_token)
    return await session.ws_connect(answer["url"])


def AsyncWebClientFor(office: Office) -> Any:  # noqa: N802 - reads as the class it makes
    return type(office.client)(base_url=office.world.url)


async def test_hello_comes_first_and_an_address_works_once(start: START) -> None:
    office = await start(connect=False)
    answer = await AsyncWebClientFor(office).apps_connections_open(app_token=office.world.app_token)
    async with ClientSession() as session:
        socket = await session.ws_connect(answer["url"])
        hello = await socket.receive_json()
        assert (hello["type"], hello["num_connections"]) == ("hello", 1)
        async with session.get(answer["url"].replace("ws://", "http://")) as again:
            assert again.status == 404
        await socket.close()


async def test_an_eleventh_socket_is_one_too_many(start: START) -> None:
    office = await start(connect=False)
    async with ClientSession() as session:
        sockets = [await open_socket(office, session) for _ in range(11)]
        for socket in sockets[:10]:
            assert (await socket.receive_json())["type"] == "hello"
        assert (await sockets[10].receive_json())["reason"] == "too_many_websockets"
        for socket in sockets:
            await socket.close()


async def test_an_event_without_acknowledgement_comes_again_and_a_tap_does_not(start: START) -> None:
    office = await start(connect=False, ack_seconds=0.05, retry_delays=(0, 0, 0))
    ann = office.world.person("ann", "Ann Lee")
    await office.client.chat_postMessage(channel=ann.id, text="x", blocks=[actions(button("Go", "go"))])
    await office.world.settled()
    async with ClientSession() as session:
        socket = await open_socket(office, session)
        await socket.receive_json()
        await ann.say("hello")
        frames = [await socket.receive_json() for _ in range(4)]
        assert [(f["retry_attempt"], f["retry_reason"]) for f in frames] == [
            (0, ""),
            (1, "timeout"),
            (2, "timeout"),
            (3, "timeout"),
        ]
        assert len({f["payload"]["event_id"] for f in frames}) == 1
        assert len({f["envelope_id"] for f in frames}) == 4

        await ann.tap_label("Go")
        tap = await socket.receive_json()
        assert (tap["type"], "retry_attempt" in tap) == ("interactive", False)
        await ann.sees_notice("We had some trouble connecting")
        assert socket._reader._buffer.__len__() == 0
        await socket.close()


async def test_what_a_lost_socket_left_unacknowledged_comes_on_the_next(start: START) -> None:
    office = await start(connect=False, retry_delays=(0, 0, 0))
    ann = office.world.person("ann", "Ann Lee")
    async with ClientSession() as session:
        socket = await open_socket(office, session)
        await socket.receive_json()
        await ann.say("hello")
        assert (await socket.receive_json())["type"] == "events_api"
        office.world.drop_sockets()
        assert (await socket.receive()).type in {WSMsgType.CLOSE, WSMsgType.CLOSED, WSMsgType.ERROR}
        await office.connect()
        await office.world.settled()

    assert [event["text"] for event in office.heard] == ["hello"]
    assert office.headers[0]["x-slack-retry-num"] == "1"


async def test_a_client_asked_to_reconnect_misses_nothing(start: START) -> None:
    office = await start()
    ann = office.world.person("ann", "Ann Lee")
    await office.world.refresh_sockets()
    await ann.say("in the gap")
    await office.world.connected()
    await ann.say("after it")
    await office.world.settled()

    assert sorted({event["text"] for event in office.heard}) == ["after it", "in the gap"]


async def test_duplicates_and_lost_acknowledgements_carry_the_same_event_id(start: START) -> None:
    faults = Faults()
    office = await start(faults=faults, retry_delays=(0, 0, 0))
    ann = office.world.person("ann", "Ann Lee")
    faults.next(duplicate(), method="message")
    await ann.say("twice")
    await office.world.settled()
    faults.next(lost_answer(), method="message")
    await ann.say("again")
    await office.world.settled()

    ids = [(body["event"]["text"], body["event_id"]) for body in office.bodies]
    assert [text for text, _ in ids] == ["twice", "twice", "again", "again"]
    assert len(set(ids)) == 2


async def test_a_cut_line_delays_but_loses_nothing(start: START) -> None:
    faults = Faults()
    office = await start(connect=False, faults=faults, retry_delays=(0, 0, 0))
    await office.connect(ping=0.3)
    ann = office.world.person("ann", "Ann Lee")
    faults.next(disconnect(), method="message")
    await ann.say("hello")
    await office.world.settled()

    assert [event["text"] for event in office.heard] == ["hello"]


async def test_only_subscribed_events_are_sent(start: START) -> None:
    office = await start(events=["message.im", "app_mention"])
    ann = office.world.person("ann", "Ann Lee")
    await ann.create_channel("general", with_bot=True)
    await ann.say("hello @Hub", "general")
    await ann.say("hello")
    await ann.open_home()
    await office.world.settled()

    assert sorted(office.kinds()) == ["app_mention", "message"]


async def test_a_world_stops_while_things_are_on_their_way() -> None:
    world = SlackWorld(ack_seconds=60)
    await world.start()
    ann = world.person("ann", "Ann Lee")
    await ann.say("nobody listens")
    await world.stop()
    assert world.sockets == 0
