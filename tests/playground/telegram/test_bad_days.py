"""Faults on demand: what goes wrong on the wire, and what was done all the same."""

import pytest
from telegram import Bot
from telegram.error import NetworkError, RetryAfter

from playground import faults
from playground.telegram import TelegramPerson, TelegramWorld


def heard(dana: TelegramPerson) -> list[str]:
    return [message.text for message in dana.messages() if not message.mine]


async def test_a_lost_answer_was_carried_out(bot: Bot, world: TelegramWorld, dana: TelegramPerson) -> None:
    world.faults.next(faults.lost_answer(), method="sendMessage")

    with pytest.raises(NetworkError):
        await bot.send_message(dana.chat_id, "Hi")

    assert heard(dana) == ["Hi"]
    assert [call.status for call in world.calls_of("sendmessage", dana)] == [200]


@pytest.mark.parametrize("fault", [faults.disconnect(), faults.server_error(502)], ids=lambda fault: fault.kind)
async def test_what_failed_was_not_carried_out(
    fault: faults.Fault, bot: Bot, world: TelegramWorld, dana: TelegramPerson
) -> None:
    world.faults.next(fault, method="sendMessage", chat=str(dana.chat_id))

    with pytest.raises(NetworkError):
        await bot.send_message(dana.chat_id, "Hi")
    assert heard(dana) == []

    await bot.send_message(dana.chat_id, "Hi again")
    assert heard(dana) == ["Hi again"]


async def test_too_many_names_its_seconds(
    bot: Bot, world: TelegramWorld, dana: TelegramPerson, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PTB_TIMEDELTA", "true")
    world.faults.next(faults.too_many(7))

    with pytest.raises(RetryAfter, match="7"):
        await bot.send_message(dana.chat_id, "Hi")

    assert [fault.kind for fault, _, _ in world.faults.struck] == ["too_many"]


async def test_a_slow_answer_comes(bot: Bot, world: TelegramWorld, dana: TelegramPerson) -> None:
    world.faults.next(faults.slow(0.01))

    await bot.send_message(dana.chat_id, "Hi")

    assert heard(dana) == ["Hi"]


def test_the_same_seed_has_the_same_bad_days() -> None:
    stories = []
    for _ in range(2):
        plan = faults.Faults(seed=7)
        plan.often(faults.server_error(), 0.5)
        stories.append([plan.draw("sendMessage") is not None for _ in range(50)])

    assert stories[0] == stories[1]
    assert set(stories[0]) == {True, False}


def test_a_duplicate_is_not_spent_on_a_call() -> None:
    plan = faults.Faults()
    plan.next(faults.duplicate())

    assert plan.draw("sendMessage", kinds=("too_many",)) is None
    assert plan.draw("message", kinds=("duplicate",)) == faults.duplicate()
    assert plan.draw("message", kinds=("duplicate",)) is None
