"""Rate limits hold per method and per channel, and say how long to wait where Slack says it."""

from collections.abc import Awaitable, Callable

import aiohttp
import pytest
from slack_sdk.errors import SlackApiError

from playground.faults import Faults, disconnect, lost_answer, server_error, too_many
from playground.slack.limits import CHANNEL_BURST, PER_MINUTE, Limits
from tests.playground.slack.office import Office

START = Callable[..., Awaitable[Office]]


async def test_one_channel_takes_a_burst_and_then_one_a_second(start: START) -> None:
    seconds = [0.0]
    office = await start(connect=False, limits=True, monotonic=lambda: seconds[0])
    ann, bob = office.world.person("ann", "Ann Lee"), office.world.person("bob", "Bob Roe")
    for to in [ann.id, ann.dm, ann.id][:CHANNEL_BURST]:
        await office.client.chat_postMessage(channel=to, text="x")

    with pytest.raises(SlackApiError) as caught:
        await office.client.chat_postMessage(channel=ann.id, text="too much")
    answer = caught.value.response
    assert (answer.status_code, answer.headers["Retry-After"]) == (429, "1")
    assert answer.data == {"ok": False, "error": "ratelimited"}

    await office.client.chat_postMessage(channel=bob.id, text="another channel is not held up")
    seconds[0] = 1.0
    await office.client.chat_postMessage(channel=ann.id, text="x")
    assert len(ann.messages()) == CHANNEL_BURST + 1


def test_a_method_has_a_budget_a_minute_and_others_are_not_held_up() -> None:
    seconds = [0.0]
    limits = Limits(on=True, monotonic=lambda: seconds[0])
    passed = sum(limits.spend("users.list", "") == 0 for _ in range(100))
    assert passed == PER_MINUTE["users.list"] == 20
    assert limits.spend("users.list", "") == 3
    assert limits.spend("users.info", "") == 0
    seconds[0] = 3.0
    assert limits.spend("users.list", "") == 0


def test_a_refused_call_costs_nothing() -> None:
    seconds = [0.0]
    limits = Limits(on=True, monotonic=lambda: seconds[0])
    for _ in range(1000):
        limits.spend("chat.postMessage", "C1")
    seconds[0] = 1.0
    assert limits.spend("chat.postMessage", "C1") == 0


async def test_bad_days_can_be_ordered(start: START) -> None:
    faults = Faults()
    office = await start(connect=False, faults=faults)
    ann = office.world.person("ann", "Ann Lee")
    faults.next(too_many(7), method="chat.postMessage")
    faults.next(server_error(503), method="chat.postMessage")

    for status, header in ((429, "7"), (503, None)):
        with pytest.raises(SlackApiError) as caught:
            await office.client.chat_postMessage(channel=ann.id, text="x")
        assert (caught.value.response.status_code, caught.value.response.headers.get("Retry-After")) == (status, header)
    assert ann.messages() == ()

    faults.next(disconnect(), method="chat.postMessage")
    with pytest.raises(aiohttp.ClientConnectionError):
        await office.client.chat_postMessage(channel=ann.id, text="never arrived")
    assert ann.messages() == ()

    faults.next(lost_answer(), method="chat.postMessage")
    with pytest.raises(aiohttp.ClientConnectionError):
        await office.client.chat_postMessage(channel=ann.id, text="arrived all the same")
    assert [message.text for message in ann.messages()] == ["arrived all the same"]
