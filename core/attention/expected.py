"""What a rule has in mind for one person: features say it, "why did they not get it?" asks for it."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Expected:
    """What a rule has in mind for one person."""

    due: datetime | None
    """When it is proposed; None: as things are, never, and `reason` says why."""
    reason: str = ""
    """A gate of the phrases `csm.gate.…`: `no_reason`, `not_for_them`, `seen` …"""
    topic: str = ""
    mandatory: bool = False
    subject: str | None = None
    """As the proposal's: `core.attention.reasons` is asked whether it still holds."""
