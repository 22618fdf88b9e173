"""A client's campaign in the demo: a sender platform of Acme's tells the hub of it while somebody watches the card."""

import asyncio
import logging
import random
from datetime import timedelta
from typing import Final

from core.campaigns.tokens import create
from hub.wiring import Hub
from playground.offers import Extra
from playground.sender import FeedRefused, SenderPlatform, invent

log = logging.getLogger(__name__)

EVENTS: Final = 6_000
WAVES: Final = 15
REST: Final = 2.0
"""Real seconds between two waves: a card moves every three."""


class DemoSender:
    """Acme's sender platform; each campaign runs by itself for half a minute."""

    def __init__(self, hub: Hub, url: str) -> None:
        """`url`: where the hub's HTTP is."""
        self._hub, self._url = hub, url
        self._token = ""
        self._number = 0
        self._running: set[asyncio.Task[None]] = set()

    def offer(self) -> Extra:
        """The button on the page."""
        hint = "Dana watches it by /mailings: the card moves by itself."
        return Extra("campaign", "Run a campaign of Acme's", self._start, hint=hint)

    async def _start(self, _choice: str) -> str:
        if not self._token:
            granted = await self._hub.database.transact(create, "postino", ["campaigns:write"], self._hub.now())
            self._token = granted.token
        self._number += 1
        task = asyncio.create_task(self._run(self._number))
        self._running.add(task)
        task.add_done_callback(self._running.discard)
        return "Acme's sender platform sends “Autumn sale”: Dana sees it by /mailings, and is told when it is done."

    async def _run(self, number: int) -> None:
        chance = random.Random(number)  # noqa: S311 - invented readers, no secret
        platform = SenderPlatform(self._url, self._token, chance)
        began = self._hub.now() - timedelta(seconds=WAVES * REST)
        campaign = invent(
            f"autumn-{number}",
            "Acme Logistics",
            f"Autumn sale {number}",
            events=EVENTS,
            began=began,
            took=timedelta(seconds=WAVES * REST),
            chance=chance,
        )
        try:
            await platform.announce(campaign)
            size = -(-len(campaign.events) // WAVES)
            for start in range(0, len(campaign.events), size):
                await platform.tell(campaign, campaign.events[start : start + size])
                await asyncio.sleep(REST)
        except (FeedRefused, OSError) as error:
            log.warning("the demo's campaign ended early", extra={"error": str(error)})
