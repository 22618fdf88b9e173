"""What buttons about speaking unasked mean: silence, wishes, reasons."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class SnoozeReminders:
    """Days without reminders; 0: remind again."""

    days: int


@dataclass(frozen=True, slots=True)
class WhyThis:
    """Why did I get this message, which I did not ask for?"""

    decision: int


@dataclass(frozen=True, slots=True)
class LessLikeThis:
    """Write less often about the topic of that message."""

    decision: int


@dataclass(frozen=True, slots=True)
class ShowSettings:
    """A page of the person's settings; empty: the first."""

    page: str


@dataclass(frozen=True, slots=True)
class ShowTopic:
    """How often they want to hear of a topic."""

    topic: str


@dataclass(frozen=True, slots=True)
class SetCadence:
    topic: str
    cadence: str


@dataclass(frozen=True, slots=True)
class Prefer:
    """A wish about when and where, as `hour` 9, `weekday` 0, `zone` Europe/Berlin; `usual` takes it back."""

    what: str
    value: str


@dataclass(frozen=True, slots=True)
class AskCity:
    """Ask for the city they live in, to know their clock."""


@dataclass(frozen=True, slots=True)
class PauseAll:
    """Days without anything but what is mandatory; 0: go on."""

    days: int
