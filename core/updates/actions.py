"""What buttons of updates mean."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ShowUpdates:
    """List what is new: `page` from 0; of so many `days`, 0: since they joined."""

    page: int
    days: int


@dataclass(frozen=True, slots=True)
class ShowUpdate:
    """Open one update: from then on they have seen it."""

    update: str


@dataclass(frozen=True, slots=True)
class UpdateOpinion:
    """What they think of it: `up` or `down`."""

    update: str
    opinion: str


@dataclass(frozen=True, slots=True)
class UpdateComment:
    """Ask for words about it, for the CSM."""

    update: str


@dataclass(frozen=True, slots=True)
class UpdateRead:
    """I have read it: of a mandatory one."""

    update: str
