"""Which part of a bot's limits is this process's, when several share one bot: the parts never add up to more."""

from dataclasses import dataclass
from typing import Final

RENEW: Final = 2.0
"""Seconds between looks at how many we are."""

GOOD: Final = 5.0
"""Seconds for which such a look is good: who could not look again by then says nothing more. So who joins waits that
long, until all others have seen them."""


@dataclass(slots=True)
class Share:
    """All times are seconds of a monotonic clock. It begins with nothing."""

    place: int | None = None
    """Ours among `of`, from 0; None: nothing is ours to say now."""
    of: int = 1
    _looked_at: float | None = None
    _begins_at: float = 0.0

    def looked(self, place: int, of: int, at: float) -> None:
        """At `at` we asked, and were told that we are the one at `place` of so many who live."""
        if self._looked_at is None or at - self._looked_at > GOOD:  # we are new, or were away: others took our part
            self._begins_at = at + GOOD if of > 1 else at
        elif of == 1:
            self._begins_at = at
        self._looked_at, self.of = at, of
        self.place = place if at >= self._begins_at else None

    def in_vain(self, at: float) -> None:
        """At `at` we asked and got no answer."""
        if self._looked_at is None or at - self._looked_at > GOOD:
            self.place = None
