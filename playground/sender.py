"""A sender platform as clients' campaigns have one: it sends to nobody, and tells the hub of it as a real one would.

What it tells is out of order, partly twice, and in batches; `truth` says what a card has to show in the end.
"""

import random
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

import aiohttp

BATCH: Final = 1000

Event = Mapping[str, str]

_FAILURES: Final = (
    *["550 5.1.1 the mailbox does not exist"] * 6,
    *["552 5.2.2 mailbox full"] * 3,
    "554 5.7.1 blocked by policy",
)


class FeedRefused(Exception):
    """The hub did not take what was told."""


@dataclass(frozen=True, slots=True)
class Campaign:
    """One campaign of this platform: what it is called, whose it is, and everything that happens in it, in order."""

    id: str
    account: str
    title: str
    total: int
    events: Sequence[Event]

    @property
    def truth(self) -> Counter[str]:
        """How many people each type of event is about: who opens twice has opened."""
        return Counter(kind for kind, _ in {(event["type"], event.get("recipient", "")) for event in self.events})


def invent(
    name: str, account: str, title: str, *, events: int, began: datetime, took: timedelta, chance: random.Random
) -> Campaign:
    """A campaign of exactly so many events (10 or more), between these moments."""
    people = max(1, events * 4 // 10)
    told: list[tuple[str, str, str]] = []
    for number in range(people):
        who = f"reader-{number}@example.com"
        told.append(("sent", who, ""))
        if chance.random() < 0.04:
            told.append(("bounced", who, chance.choice(_FAILURES)))
            continue
        told.append(("delivered", who, ""))
        if chance.random() < 0.35:
            told.append(("opened", who, ""))
            if chance.random() < 0.25:
                told.append(("clicked", who, ""))
    while len(told) < events - 2:
        told.append(("opened", f"reader-{chance.randrange(people)}@example.com", ""))
    kept = [("started", "", ""), *told[: events - 2], ("finished", "", "")]
    step = took / (len(kept) - 1)
    rows = [_event(f"{name}-{number}", *one, began + number * step) for number, one in enumerate(kept)]
    return Campaign(name, account, title, people, rows)


def _event(key: str, kind: str, who: str, reason: str, at: datetime) -> Event:
    event = {"id": key, "type": kind, "at": at.isoformat()}
    return event | ({"recipient": who} if who else {}) | ({"reason": reason} if reason else {})


class SenderPlatform:
    """Calls the hub's feed with a token, and repeats what it is not sure of."""

    def __init__(self, url: str, token: str, chance: random.Random) -> None:
        """`url`: where the hub's HTTP is, without a slash at its end."""
        self._url, self._headers, self._chance = url, {"authorization": f"Bearer {token}"}, chance

    async def announce(self, campaign: Campaign) -> None:
        """Raises FeedRefused."""
        said = {"id": campaign.id, "account": campaign.account, "title": campaign.title, "total": campaign.total}
        async with aiohttp.ClientSession(headers=self._headers) as client:
            await self._post(client, "/api/v1/campaigns", said)

    async def tell(self, campaign: Campaign, events: Sequence[Event]) -> None:
        """Tell these events in any order; every fifth batch is told twice. Raises FeedRefused."""
        shuffled = self._chance.sample(events, len(events))
        async with aiohttp.ClientSession(headers=self._headers) as client:
            for number, start in enumerate(range(0, len(shuffled), BATCH)):
                batch = {"events": shuffled[start : start + BATCH]}
                for _ in range(2 if number % 5 == 0 else 1):
                    await self._post(client, f"/api/v1/campaigns/{campaign.id}/events", batch)

    async def _post(self, client: aiohttp.ClientSession, path: str, body: object) -> None:
        async with client.post(f"{self._url}{path}", json=body) as answer:
            if answer.status >= 300:
                raise FeedRefused(f"{answer.status} for {path}: {await answer.text()}")
