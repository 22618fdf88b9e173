"""A clock that a person can turn: the playground, the demo and the tests read the time from one of these."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta


class Clock:
    """Real time plus an offset that only grows; or, when `frozen`, a moment that moves only when turned.

    `now()` is aware and in UTC. Listeners registered with `on_turn` are called after each turn, so that
    whatever waits for a moment can look again.
    """

    def __init__(self, start: datetime | None = None, *, frozen: bool = False) -> None:
        self._frozen_at = (start or datetime.now(UTC)) if frozen else None
        self._offset = timedelta(0) if start is None or frozen else start - datetime.now(UTC)
        self._listeners: list[Callable[[], None]] = []

    def now(self) -> datetime:
        return self._frozen_at or datetime.now(UTC) + self._offset

    def turn(self, by: timedelta) -> datetime:
        """Move forward by `by` (never back: Telegram and Slack do not either) and return the new moment."""
        if by < timedelta(0):
            raise ValueError("a clock is only turned forward")
        if self._frozen_at is not None:
            self._frozen_at += by
        else:
            self._offset += by
        for listener in self._listeners:
            listener()
        return self.now()

    def on_turn(self, listener: Callable[[], None]) -> None:
        self._listeners.append(listener)
