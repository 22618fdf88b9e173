"""What buttons of a nudge mean."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class NudgeSnooze:
    """Say it again `tomorrow`, next `week`, or `later`."""

    nudge: int
    until: str


@dataclass(frozen=True, slots=True)
class NudgeStop:
    """No more nudges of this sort."""

    nudge: int


@dataclass(frozen=True, slots=True)
class NudgeGoOn:
    """Go on with nudges of this sort after all."""

    nudge: int
