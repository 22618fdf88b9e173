"""Real payloads from the playground's Slack, through both of its transports, to a receiver that may fail."""

import asyncio
import hashlib
import hmac
import json
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

import pytest
from aiohttp import web

from bots.slack.calls import Calls
from bots.slack.client import SlackMessenger
from bots.slack.listen import SlackListener
from core.cards import Button, Card, Field, Form
from core.events import (
    Address,
    Commanded,
    Event,
    Filled,
    Grouped,
    Introduced,
    Left,
    Moved,
    Opened,
    Said,
    Shared,
    Tapped,
)
from core.outbox import Revoked
from core.receipts import Receipt
from playground.clock import Clock
from playground.faults import duplicate
from playground.slack import Person, SlackWorld

FORM = Form("Reply", "Send", "Cancel", "send.7", (Field("words", "Your answer", "multiline"),))
CARD = Card("Hello", rows=((Button("Go on", action="done.7.team"), Button("Read", url="https://example.com")),))


class Ears:
    """A world with Ann of the vendor and Dana of Acme, a listener, and what it brought."""

    def __init__(self, world: SlackWorld) -> None:
        self.world = world
        self.messenger = SlackMessenger(Calls(world.bot_token, world.url), _nothing)
        self.heard: list[Event] = []
        self.failures = 0
        self.troubles: list[str] = []
        self.answer: Callable[[Event], Awaitable[Receipt]] = _plainly
        self.listener = SlackListener(
            self.messenger,
            self._receive,
            lambda _, reason: self.troubles.append(reason),
            signing_secret=world.signing_secret,
            notice_after=timedelta(0),
        )
        self.ann = world.person("ann", "Ann Lee", "ann@vendor.com")
        self._more = asyncio.Event()
        self._site: web.AppRunner | None = None

    async def _receive(self, event: Event) -> Receipt:
        if self.failures:
            self.failures -= 1
            raise OSError("the disk is full")
        receipt = await self.answer(event)
        self.heard.append(event)
        self._more.set()
        return receipt

    async def brought(self, count: int = 1, kind: type[Event] = Event) -> list[Any]:  # type: ignore[assignment]  # a union
        """Wait until so many events of this kind have come."""

        def of_kind() -> list[Event]:
            return [event for event in self.heard if isinstance(event, kind)]

        async with asyncio.timeout(5):
            while len(of_kind()) < count:
                self._more.clear()
                await self._more.wait()
        return of_kind()

    def address(self, person: Person) -> Address:
        return Address("slack", f"{person.member.team}/{person.member.id}")

    async def serve(self) -> str:
        """The listener behind a web server, as hub puts it."""

        async def hear(request: web.Request) -> web.Response:
            status, headers, body = await self.listener.http(await request.read(), request.headers)
            return web.Response(status=status, headers=headers, body=body)

        app = web.Application()
        app.router.add_post("/slack", hear)
        self._site = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await self._site.setup()
        await web.TCPSite(self._site, "127.0.0.1", 0).start()
        return f"http://127.0.0.1:{self._site.addresses[0][1]}/slack"

    async def close(self) -> None:
        await self.listener.stop()
        await self.messenger.close()
        if self._site:
            await self._site.cleanup()
        await self.world.stop()


async def _nothing(ref: str) -> bytes:
    raise LookupError(ref)


async def _plainly(event: Event) -> Receipt:
    return Receipt()


@pytest.fixture(params=["socket", "http"])
async def ears(request: pytest.FixtureRequest) -> AsyncIterator[Ears]:
    world = SlackWorld(Clock(), limits=False, ack_seconds=0.5, retry_delays=(0.0, 0.0, 0.0))
    await world.start()
    made = Ears(world)
    if request.param == "socket":
        await made.listener.start_socket(world.app_token)
        await world.connected(2)
    else:
        await world.use_http(await made.serve())
    yield made
    await made.close()


only_sockets = pytest.mark.parametrize("ears", ["socket"], indirect=True)
only_http = pytest.mark.parametrize("ears", ["http"], indirect=True)


async def test_a_word_a_command_and_a_file_arrive(ears: Ears) -> None:
    await ears.ann.say("Hello <there> & you")
    await ears.ann.say("/hub invite dana@acme.com")
    await ears.ann.share("a.png", b"png", "image/png", words="look")

    [said] = await ears.brought(1, Said)
    [commanded] = await ears.brought(1, Commanded)
    [shared] = await ears.brought(1, Shared)
    assert said.text == "Hello <there> & you"
    assert said.sender == said.chat == ears.address(ears.ann)
    assert (commanded.command, commanded.words) == ("invite", "dana@acme.com")
    assert (shared.file.kind, shared.file.name, shared.text) == ("photo", "a.png", "look")
    assert await ears.messenger.fetch(shared.file.ref) == b"png"


async def test_a_command_that_mentions_payload_arrives_whole(ears: Ears) -> None:
    await ears.ann.say("/hub help payload")

    [commanded] = await ears.brought(1, Commanded)
    assert (commanded.command, commanded.words) == ("help", "payload")


async def test_a_tap_names_the_message_that_send_returned(ears: Ears) -> None:
    sent = await ears.messenger.send(ears.address(ears.ann), CARD)

    await ears.ann.tap_label("Go on")

    [tapped] = await ears.brought(1, Tapped)
    assert (tapped.action, tapped.message) == ("done.7.team", sent)
    assert tapped.in_private


async def test_the_app_home_is_opened_shown_and_tapped(ears: Ears) -> None:
    await ears.ann.open_home()
    await ears.brought(1, Opened)

    assert await ears.messenger.send(ears.address(ears.ann).home, CARD) == "home"
    await ears.ann.tap_label("Go on", conversation="home")

    [tapped] = await ears.brought(1, Tapped)
    assert tapped.message == "home"
    assert tapped.sender == tapped.chat == ears.address(ears.ann)


async def test_an_event_that_could_not_be_committed_comes_again(ears: Ears) -> None:
    ears.failures = 2

    await ears.ann.say("do not lose me")

    [said] = await ears.brought(1, Said)
    await ears.world.settled()
    assert said.text == "do not lose me"
    assert len([event for event in ears.heard if isinstance(event, Said)]) == 1
    assert ears.world.given_up == []


async def test_an_event_told_twice_has_one_key(ears: Ears) -> None:
    ears.world.faults.next(duplicate(), method="message")

    await ears.ann.say("once")

    first, second = await ears.brought(2, Said)
    assert first.key == second.key


async def test_one_chat_is_heard_in_order_and_another_does_not_wait(ears: Ears) -> None:
    dana = ears.world.person("dana", "Dana Reed", "dana@acme.com")
    gate = asyncio.Event()

    async def hold_ann(event: Event) -> Receipt:
        if event.chat == ears.address(ears.ann):
            await gate.wait()
        return Receipt()

    ears.answer = hold_ann
    for number in range(5):
        await ears.ann.say(str(number))
    await dana.say("and me?")
    [from_dana] = await ears.brought(1, Said)
    gate.set()

    said = await ears.brought(6, Said)
    assert from_dana.text == "and me?"
    assert [one.text for one in said if one.sender == ears.address(ears.ann)] == ["0", "1", "2", "3", "4"]


async def test_a_form_opens_at_once_and_comes_back_filled(ears: Ears) -> None:
    async def with_form(event: Event) -> Receipt:
        return Receipt(form=FORM) if isinstance(event, Tapped) else Receipt()

    ears.answer = with_form
    await ears.messenger.send(ears.address(ears.ann), CARD)
    await ears.ann.tap_label("Go on")
    await ears.ann.sees_modal("Reply")

    await ears.ann.submit_modal({"words": "It is *done* <!channel>"})

    [filled] = await ears.brought(1, Filled)
    assert filled.action == "send.7"
    assert filled.answers == (("words", "It is *done* <!channel>"),)
    assert filled.chat == ears.address(ears.ann)


async def test_a_form_stays_open_with_remarks_is_drawn_anew_and_closes(ears: Ears) -> None:
    counted = Form("Reply", "Send", "Cancel", "send.7", (Field("n", "", "note", "37 people"), *FORM.fields))
    asking = Form("Reply", "Send", "Cancel", "send.7", (*FORM.fields, Field("count", "Count", "press", "count.7")))
    second = Form("Sure?", "Send", "Cancel", "sure.7", (Field("words", "Your answer"),))

    async def with_form(event: Event) -> Receipt:
        match event:
            case Tapped():
                return Receipt(form=asking)
            case Filled(action="count.7", answers=(("words", "draft"),)):
                return Receipt(form=counted)
            case Filled(action="send.7", answers=(("words", "bad"),)):
                return Receipt(errors=(("words", "No. " * 100),))
            case Filled(action="send.7"):
                return Receipt(form=second)
        return Receipt()

    ears.answer = with_form
    await ears.messenger.send(ears.address(ears.ann), CARD)
    await ears.ann.tap_label("Go on")
    await ears.ann.sees_modal("Reply")

    await ears.ann.submit_modal({"words": "draft"}, "Count")
    assert await ears.ann.until(lambda: "37 people" in ears.ann.screen() or None, 5)
    await ears.ann.submit_modal({"words": "bad"})
    remarked = await ears.ann.sees_modal("Reply")
    await ears.ann.submit_modal({"words": "good"})
    await ears.ann.sees_modal("Sure?")
    await ears.ann.submit_modal({"words": "yes"})
    await ears.ann.sees_no_modal()

    assert [len(field.error) for field in remarked.fields if field.id == "words"] == [300]
    assert [one.action for one in await ears.brought(4, Filled)] == ["count.7", "send.7", "send.7", "sure.7"]


async def test_a_form_begun_in_a_channel_comes_back_to_it(ears: Ears) -> None:
    async def with_form(event: Event) -> Receipt:
        return Receipt(form=FORM) if isinstance(event, Tapped) else Receipt()

    ears.answer = with_form
    channel = await ears.ann.create_channel("acme", with_bot=True)
    place = Address("slack", f"{ears.world.workspace.team}/{channel}")
    await ears.messenger.send(place, CARD)
    await ears.ann.tap_label("Go on", conversation="acme")
    await ears.ann.sees_modal()

    await ears.ann.submit_modal({"words": "yes"})

    [filled] = await ears.brought(1, Filled)
    assert (filled.chat, filled.sender) == (place, ears.address(ears.ann))


async def test_a_notice_for_a_tap_in_a_channel_is_whispered(ears: Ears) -> None:
    async def too_late(event: Event) -> Receipt:
        return Receipt(toast="Dana was <faster>") if isinstance(event, Tapped) else Receipt()

    ears.answer = too_late
    dana = ears.world.person("dana", "Dana Reed", "dana@acme.com")
    channel = await ears.ann.create_channel("acme", [dana], with_bot=True)
    await ears.messenger.send(Address("slack", f"{ears.world.workspace.team}/{channel}"), CARD)

    await ears.ann.tap_label("Go on", conversation="acme")

    await ears.ann.sees("Dana was <faster>")
    assert "faster" not in dana.screen()


async def test_a_notice_in_private_is_whispered_only_when_no_card_answers(ears: Ears) -> None:
    to = ears.address(ears.ann)

    async def done_then_stale(event: Event) -> Receipt:
        if isinstance(event, Tapped) and event.action == "done.7.team":
            await ears.messenger.send(to, Card("Next", rows=((Button("Old", action="old"),),)), replacing=event.message)
            return Receipt(toast="Step done")
        return Receipt(toast="This button is out of date")

    ears.answer = done_then_stale
    await ears.messenger.send(to, CARD)
    await ears.ann.tap_label("Go on")
    await ears.ann.sees_button("Old")
    await ears.ann.tap_label("Old")

    await ears.ann.sees("out of date")
    assert "Step done" not in ears.ann.screen()


async def test_an_unknown_person_is_introduced_after_the_event(ears: Ears) -> None:
    async def who(event: Event) -> Receipt:
        return Receipt(introduce=isinstance(event, Said))

    ears.answer = who
    await ears.ann.say("hi")

    [introduced] = await ears.brought(1, Introduced)
    [said] = await ears.brought(1, Said)
    assert introduced.key == f"who:{said.key}"
    assert introduced.sender == said.sender
    assert introduced.profile is not None
    assert introduced.profile.email == "ann@vendor.com"
    assert introduced.profile.home_team


async def test_people_whose_events_waited_are_introduced_after_a_start(ears: Ears) -> None:
    await ears.listener.reintroduce([ears.address(ears.ann)])

    [introduced] = await ears.brought(1, Introduced)
    assert introduced.sender == introduced.chat == ears.address(ears.ann)


async def test_an_outsider_keeps_their_own_workspace(ears: Ears) -> None:
    dana = ears.world.person("dana", "Dana Reed", "dana@acme.com", team="T0ACME")
    channel = await ears.ann.create_channel("acme", [dana], shared_with_outsiders=True, with_bot=True)
    place = Address("slack", f"{ears.world.workspace.team}/{channel}")
    await ears.messenger.send(place, CARD)

    await dana.say("@Hub we are done", conversation=channel)
    await dana.tap_label("Go on", conversation="acme")

    [tapped] = await ears.brought(1, Tapped)
    said = await ears.brought(1, Said)
    assert tapped.sender == said[0].sender == Address("slack", f"T0ACME/{dana.member.id}")
    assert tapped.chat == said[0].chat == place
    profile = await ears.messenger.profile(tapped.sender)
    assert not profile.home_team
    assert profile.language is None


async def test_the_bot_is_told_where_it_was_added_removed_and_moved_to(ears: Ears) -> None:
    team = ears.world.workspace.team
    old = await ears.ann.create_channel("acme-onboarding", private=True, with_bot=True)
    [grouped] = await ears.brought(1, Grouped)
    assert grouped.title == "acme-onboarding"
    assert grouped.sender == ears.address(ears.ann)
    assert not grouped.shared

    new = await ears.ann.share_channel(old)
    [moved] = await ears.brought(1, Moved)
    assert (moved.chat, moved.to) == (Address("slack", f"{team}/{old}"), Address("slack", f"{team}/{new}"))

    await ears.ann.remove_bot(new)
    [left, *_] = await ears.brought(1, Left)
    assert (left.chat, left.why) == (Address("slack", f"{team}/{new}"), "removed")


async def test_a_deactivated_member_has_left(ears: Ears) -> None:
    await ears.ann.deactivate()

    [left] = await ears.brought(1, Left)
    assert (left.chat, left.why) == (ears.address(ears.ann), "deactivated")


async def test_chatter_that_is_not_for_the_bot_is_acknowledged_and_not_kept(ears: Ears) -> None:
    channel = await ears.ann.create_channel("acme", with_bot=True)
    await ears.ann.say("only between us", conversation=channel)
    await ears.ann.say("and you")

    await ears.brought(1, Said)
    await ears.world.settled()
    assert [event.text for event in ears.heard if isinstance(event, Said)] == ["and you"]
    assert ears.world.given_up == []


async def test_an_uninstalled_app_is_trouble(ears: Ears) -> None:
    await ears.messenger.whoami()

    ears.world.uninstall()

    await ears.brought(1, Left)
    await ears.world.settled()
    assert "the app was removed from the workspace" in ears.troubles


# Socket Mode alone


@only_sockets
async def test_nothing_is_lost_while_slack_renews_its_connections(ears: Ears) -> None:
    for number in range(20):
        await ears.ann.say(str(number))
        if number % 5 == 4:
            await ears.world.refresh_sockets("warning")

    said = await ears.brought(20, Said)
    assert sorted(int(one.text) for one in said) == list(range(20))


@only_sockets
async def test_cut_lines_come_back_by_themselves(ears: Ears) -> None:
    ears.world.drop_sockets()
    await ears.world.connected(2)

    await ears.ann.say("still there?")

    await ears.brought(1, Said)
    assert ears.troubles in ([""], ["", "connection lost", ""])


@only_sockets
async def test_a_lost_acknowledgement_only_repeats_the_event(ears: Ears) -> None:
    async def cut_the_line(event: Event) -> Receipt:
        if not ears.heard:
            ears.world.drop_sockets()
        return Receipt()

    ears.answer = cut_the_line
    await ears.ann.say("twice, then")

    first, second = await ears.brought(2, Said)
    assert first.key == second.key


@only_sockets
async def test_stopping_finishes_what_is_in_hand(ears: Ears) -> None:
    gate = asyncio.Event()

    async def slowly(event: Event) -> Receipt:
        gate.set()
        await asyncio.sleep(0)
        return Receipt()

    ears.answer = slowly
    await ears.ann.say("last words")
    await gate.wait()

    await ears.listener.stop()

    assert len(ears.heard) == 1
    await ears.world.settled()
    assert ears.world.given_up == []
    assert ears.listener.connections == 0


@pytest.mark.parametrize(("wrong", "named"), [("app", "SLACK_APP_TOKEN"), ("bot", "SLACK_BOT_TOKEN")])
async def test_a_wrong_token_is_named_at_the_start(wrong: str, named: str) -> None:
    world = SlackWorld(Clock(), limits=False)
    await world.start()
    messenger = SlackMessenger(Calls("xoxb-wrong" if wrong == "bot" else world.bot_token, world.url), _nothing)
    listener = SlackListener(messenger, _plainly, lambda _, reason: None)

    with pytest.raises(Revoked, match=named):
        await listener.start_socket("xapp-wrong" if wrong == "app" else world.app_token)

    await listener.stop()
    await messenger.close()
    await world.stop()


async def test_a_slack_out_of_reach_is_trouble_but_no_end() -> None:
    troubles: list[str] = []
    messenger = SlackMessenger(Calls("xoxb-1", "http://127.0.0.1:1/api/"), _nothing)
    listener = SlackListener(messenger, _plainly, lambda _, reason: troubles.append(reason))

    await listener.start_socket("xapp-1")

    assert troubles
    assert all(troubles)
    await listener.stop()
    await messenger.close()


# HTTP alone


def signed(world: SlackWorld, body: bytes, *, ahead: int = 0, secret: str | None = None) -> dict[str, str]:
    stamp = str(int(time.time()) + ahead)
    key = (world.signing_secret if secret is None else secret).encode()
    mark = hmac.new(key, b"v0:" + stamp.encode() + b":" + body, hashlib.sha256).hexdigest()
    return {
        "X-Slack-Request-Timestamp": stamp,
        "X-Slack-Signature": f"v0={mark}",
        "Content-Type": "application/json",
    }


HELLO: dict[str, Any] = {
    "type": "event_callback",
    "event_id": "Ev1",
    "event": {"type": "message", "channel_type": "im", "channel": "D1", "user": "U1", "ts": "1.1", "text": "hi"},
}


@only_http
@pytest.mark.parametrize(
    ("ahead", "secret", "status"),
    [(0, None, 200), (0, "guess", 401), (0, "", 401), (-301, None, 401), (302, None, 401)],
)
async def test_only_fresh_and_rightly_signed_requests_are_heard(
    ears: Ears, ahead: int, secret: str | None, status: int
) -> None:
    body = json.dumps(HELLO).encode()

    answered, _, _ = await ears.listener.http(body, signed(ears.world, body, ahead=ahead, secret=secret))

    assert answered == status
    assert len(ears.heard) == (status == 200)


async def test_without_a_signing_secret_nobody_is_heard() -> None:
    listener = SlackListener(SlackMessenger(Calls("xoxb-1"), _nothing), _plainly, lambda _, reason: None)
    body = json.dumps(HELLO).encode()
    stamp = str(int(time.time()))
    mark = hmac.new(b"", b"v0:" + stamp.encode() + b":" + body, hashlib.sha256).hexdigest()

    status, _, _ = await listener.http(body, {"X-Slack-Request-Timestamp": stamp, "X-Slack-Signature": f"v0={mark}"})

    assert status == 401


@only_http
@pytest.mark.parametrize("body", [b"{", b"\xff\xfe", b"payload=%7B", b"[1]", b"7", b"payload=[1]", b'{"team": 5}'])
async def test_what_is_no_payload_is_refused(ears: Ears, body: bytes) -> None:
    status, _, _ = await ears.listener.http(body, signed(ears.world, body))

    assert status in (200, 400)
    assert ears.heard == []


@only_http
async def test_what_is_not_committed_in_time_is_not_acknowledged_but_kept(
    ears: Ears, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bots.slack.listen.BUDGET", 0.01)
    gate = asyncio.Event()

    async def slowly(event: Event) -> Receipt:
        await gate.wait()
        return Receipt()

    ears.answer = slowly
    body = json.dumps(HELLO).encode()

    status, _, _ = await ears.listener.http(body, signed(ears.world, body))

    assert status == 503
    gate.set()
    await ears.brought(1, Said)


@only_http
async def test_a_failed_commit_answers_500(ears: Ears) -> None:
    ears.failures = 1
    body = urlencode(
        {
            "payload": json.dumps(
                {
                    "type": "block_actions",
                    "user": {"id": "U1"},
                    "trigger_id": "1",
                    "actions": [{"type": "button", "value": "home"}],
                }
            )
        }
    ).encode()
    headers = {**signed(ears.world, body), "Content-Type": "application/x-www-form-urlencoded"}

    status, _, _ = await ears.listener.http(body, headers)

    assert status == 500
