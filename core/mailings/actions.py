"""What the buttons mean by which our people write, send and watch mailings."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ListRuns:
    """What may be sent, and what was; `page` from 0."""

    page: int


@dataclass(frozen=True, slots=True)
class WriteMailing:
    """Open the box with its words, whom it is for and when. 0: a new one."""

    mailing: int


@dataclass(frozen=True, slots=True)
class CountAudience:
    """Within that box: who would get it, as it is filled in so far?"""

    mailing: int


@dataclass(frozen=True, slots=True)
class SaveMailing:
    """The filled box. 0: a new one."""

    mailing: int


@dataclass(frozen=True, slots=True)
class DraftFile:
    """Prepare a run of a file of content, by its id."""

    name: str


@dataclass(frozen=True, slots=True)
class ShowRun:
    """What it is and how far it has come: before it leaves who would get it, afterwards what became of them."""

    mailing: int


@dataclass(frozen=True, slots=True)
class ShowSample:
    """As one of its recipients will see it; `page` from 0 goes over people and messengers."""

    mailing: int
    page: int


@dataclass(frozen=True, slots=True)
class TrySample:
    """A button of such a sample: it does nothing."""


@dataclass(frozen=True, slots=True)
class ApproveMailing:
    """Yes, send it."""

    mailing: int


@dataclass(frozen=True, slots=True)
class SteerMailing:
    """`pause`, `resume`, `cancel`, `off` (before it left: a draft again), `retry` (what failed) or `again` (of what
    nobody knows whether it arrived)."""

    mailing: int
    what: str


@dataclass(frozen=True, slots=True)
class SeeWho:
    """Its people one by one. `what`: `all`, a state of theirs, or `out`: who was left out."""

    mailing: int
    what: str
    page: int


@dataclass(frozen=True, slots=True)
class HoldAccount:
    """CSM: keep this account of mine out of it, or let it in again. 0: all of mine."""

    mailing: int
    account: int
