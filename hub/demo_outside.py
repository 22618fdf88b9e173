"""What happens outside the demo's chats: links people are sent, the product's own signals, groups, bad days."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import NamedTuple

from core import signals
from core.people.invitations import invite
from hub.turning import Turning
from hub.wiring import Hub
from playground.clock import Clock
from playground.faults import Fault, Faults, lost_answer, slow, too_many
from playground.offers import Extra, Invitation
from playground.slack.world import SlackWorld
from playground.telegram.world import TelegramWorld
from playground.views import Seat


@dataclass(frozen=True, slots=True)
class Worlds:
    """Both messengers on loopback, and who sits at them."""

    clock: Clock
    telegram: TelegramWorld
    slack: SlackWorld

    @property
    def seats(self) -> Sequence[Seat]:
        return (*self.telegram.people.values(), *self.slack.people.values())


class Guest(NamedTuple):
    """Somebody of a client who is sent a link."""

    email: str
    name: str
    company: str
    seat: str


GUESTS = (
    Guest("dana@acme.example", "Dana", "Acme", "telegram:dana"),
    Guest("omar@acme.example", "Omar", "Acme", "telegram:omar"),
    Guest("boris@borealis.example", "Boris", "Borealis, in Russian", "telegram:boris"),
)


async def invitation(hub: Hub, worlds: Worlds, guest: Guest) -> Invitation:
    """A fresh link for this guest; earlier ones of theirs stop working."""
    invited = await hub.database.transact(invite, guest.email, None, hub.now(), hub.catalogue.rules)
    url = f"https://t.me/{worlds.telegram.bot.username}?start={invited.token}"
    return Invitation(f"{guest.name}'s invitation ({guest.company})", url, guest.seat)


def outside(hub: Hub, worlds: Worlds, offer: Callable[[Invitation], None], turning: Turning) -> list[Extra]:
    """Signals of the product, new links, groups, bad days. `offer` shows a link on the page, `turning` the clock."""

    async def signal(choice: str) -> str:
        account, _, name = choice.partition("|")
        key = f"demo:{choice}:{hub.now().isoformat()}"
        await hub.database.transact(
            signals.record, hub.catalogue, key=key, account_name=account, name=name, now=hub.now()
        )
        hub.wake()
        return f"{account}: {name}. Whoever waited for it goes on."

    async def telegram_group(_choice: str) -> str:
        people = worlds.telegram.people
        await people["dana"].create_group("Acme × Relay", [people["omar"]])
        return "Dana made the group Acme × Relay with Omar and the bot; it is in their list of chats."

    async def slack_channel(_choice: str) -> str:
        people = worlds.slack.people
        await people["dana"].create_channel("acme-onboarding", [people["ann"]], with_bot=True)
        return "Dana made the channel #acme-onboarding with Ann and the bot."

    async def new_link(email: str) -> str:
        guest = next(guest for guest in GUESTS if guest.email == email)
        offer(await invitation(hub, worlds, guest))
        return f"{guest.name} was sent a new link; it is under “Links people were sent”. The one before is worthless."

    guests = tuple((guest.email, f"{guest.name} ({guest.company})") for guest in GUESTS)
    names = sorted({step.signal for one in hub.catalogue.checklists.values() for step in one.steps if step.signal})
    accounts = ("Acme Logistics", "Borealis Energy", "Cinder Studio")
    choices = tuple((f"{account}|{name}", f"{account}: {name}") for account in accounts for name in names)
    return [
        Extra("signal", "Our product says", signal, choices, hint="Completes the steps that wait for it."),
        Extra("link", "Send a new invitation", new_link, guests, hint="When one was declined, used or has expired."),
        Extra("group", "Dana makes a Telegram group", telegram_group, hint="With Omar and the bot: one shared card."),
        Extra("channel", "Dana makes a Slack channel", slack_channel, hint="With Ann and the bot: the same card."),
        *_bad_days(worlds),
        _asleep(turning),
    ]


def _bad_days(worlds: Worlds) -> list[Extra]:
    """Switches; one messenger has one trouble at a time."""
    telegram, slack = worlds.telegram.faults, worlds.slack.faults
    on: dict[int, str] = {}
    return [
        _switch(
            (
                "telegram-lost",
                "Telegram loses every third answer",
                "What answers a tap is sent again.",
            ),
            telegram,
            (lost_answer(), 0.33),
            on,
        ),
        _switch(
            ("telegram-429", "Telegram says: too many requests", "Cards come late, in order, and each of them once."),
            telegram,
            (too_many(2), 0.3),
            on,
        ),
        _switch(
            ("slack-slow", "Slack answers slowly", "Telegram goes on at its own pace."), slack, (slow(1.5), 0.5), on
        ),
    ]


def _asleep(turning: Turning) -> Extra:
    async def sleep(_choice: str) -> str:
        await turning.sleep_through(timedelta(days=3))
        return "The hub was down for three days and is back. Whoever missed several things gets one message at most."

    hint = "Unlike the clock's buttons: nothing happens on the way, all of it is late."
    return Extra("asleep", "The hub is down for three days", sleep, group="Bad days", hint=hint)


def _switch(names: tuple[str, str, str], faults: Faults, trouble: tuple[Fault, float], on: dict[int, str]) -> Extra:
    """`names`: key, label, what to look for."""
    key, label, hint = names

    async def turn(choice: str) -> None:
        faults.clear()
        on.pop(id(faults), None)
        if choice == "on":
            faults.often(*trouble)
            on[id(faults)] = key

    return Extra(key, label, turn, is_on=lambda: on.get(id(faults)) == key, group="Bad days", hint=hint)
