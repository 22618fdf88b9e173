"""Lets time pass for a running hub: what is due on the way happens in order, each thing at its own moment."""

import asyncio
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import bindparam, select
from sqlmodel import Session, col

from core.due import next_due
from hub.clockwork import next_look
from hub.wiring import Hub
from playground.clock import Clock
from storage.prepared import connected, fetch
from storage.tables import Delivery
from storage.types import Moment

MINUTE: Final = timedelta(minutes=1)

PATIENCE: Final = 5.0
"""Real seconds that one turn of the clock waits in all for cards to be shown: a messenger may be down."""


class Turning:
    """Turns a running hub's clock as time would pass: what is due on the way happens in order, each at its moment."""

    def __init__(self, hub: Hub, clock: Clock, patience: float = PATIENCE) -> None:
        self._hub, self._clock, self._patience = hub, clock, patience
        self._one = asyncio.Lock()

    async def pass_time(self, by: timedelta) -> None:
        """Let so much time pass. Another turn asked for meanwhile comes after it."""
        async with self._one:
            until, patient = self._clock.now() + by, asyncio.get_running_loop().time() + self._patience
            looked_at = self._clock.now()
            while True:
                due = await self._hub.database.read(next_due, looked_at)
                stop = min(next_look(due, looked_at, self._clock.now(), MINUTE), until)
                self._clock.turn(max(stop - self._clock.now(), timedelta()))
                looked_at = stop
                await self._hub.look_around()
                await self._shown(patient)
                if stop == until:
                    return

    async def sleep_through(self, by: timedelta) -> None:
        """Nobody looks for so long, as if the hub had been off; then everything that was due meanwhile is late."""
        async with self._one:
            self._clock.turn(by)
            await self._hub.look_around()

    async def _shown(self, patient: float) -> None:
        """Wait until what may be said now was said: else a card would bear the time of the next stop."""
        loop = asyncio.get_running_loop()
        while loop.time() < patient and await self._hub.database.read(  # noqa: ASYNC110 - the ledger tells nobody
            _under_way, self._clock.now()
        ):
            await asyncio.sleep(0.01)


_ON_ITS_WAY = (
    select(col(Delivery.id)).where(col(Delivery.state) == "sending").limit(1),
    select(col(Delivery.id))
    .where(col(Delivery.state) == "queued", col(Delivery.due) <= bindparam("now", type_=Moment))
    .limit(1),
)


def _under_way(session: Session, now: datetime) -> bool:
    sending, queued = _ON_ITS_WAY
    return bool(fetch(connected(session), sending, {}) or fetch(connected(session), queued, {"now": now}))
