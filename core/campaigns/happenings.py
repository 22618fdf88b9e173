"""What may happen in a campaign, as a value: whatever told of it, every integration's events become these."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import blake2b
from typing import Final, Literal, TypeAlias, get_args

Turn: TypeAlias = Literal["scheduled", "started", "paused", "resumed", "finished", "cancelled", "aborted"]
"""Of the campaign as a whole."""

Fate: TypeAlias = Literal["sent", "delivered", "opened", "clicked", "bounced", "failed", "complained", "unsubscribed"]
"""Of one recipient, or of so many. `failed`: it never left. `bounced`: it left and was refused."""

Kind: TypeAlias = Literal[Turn, Fate]

TURNS: Final[tuple[Turn, ...]] = get_args(Turn)
FATES: Final[tuple[Fate, ...]] = get_args(Fate)

REMEMBERED: Final = timedelta(days=30)
"""Events are kept so long to know a repeat; an older one is refused, for nobody could tell whether it is one."""

AHEAD: Final = timedelta(minutes=10)
"""So much another system's clock may be fast; what lies further ahead has not happened."""

MOST: Final = 10**9
"""Of recipients at once, and in a campaign."""


@dataclass(frozen=True, slots=True)
class Happening:
    """One event. `key` is the integration's own name for it, at most 200 characters."""

    key: str
    kind: Kind
    at: datetime
    recipient: str = ""
    """By `hashed`; empty: the event speaks of `count` people, or of nobody."""
    count: int = 1
    """1 to MOST; 1 with a recipient."""
    reason: str = ""
    """A code of core.campaigns.reasons, of what bounced or failed."""


def hashed(recipient: str) -> str:
    """What we keep of a recipient: enough to know them again, and nobody's address."""
    return blake2b(recipient.strip().lower().encode(), digest_size=12).hexdigest()


@dataclass(frozen=True, slots=True)
class Tally:
    """Events of one kind and reason that are new, taken together: how many people, and between which moments."""

    kind: Kind
    reason: str
    count: int
    first: datetime
    last: datetime
