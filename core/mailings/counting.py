"""How many of a mailing are in which state: read in an instant, however many they are, and right at every moment."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from operator import itemgetter
from typing import Final

from sqlalchemy import Executable, bindparam, delete, func, insert, select
from sqlmodel import Session, SQLModel

from storage.prepared import connected, fetch
from storage.tables import Mailing

MOST_LINES: Final = 20_000
"""Folded in one transaction."""

_SMOOTH: Final = 0.5
"""How much the newest look counts for a pace that falls; one that rises is believed at once."""


@dataclass(frozen=True, slots=True)
class Counts:
    """What became of a mailing's recipients. `accepted` means that the platform took it: nobody tells of more."""

    by_state: Mapping[str, int]
    """`planned`, `held`, `queued` (what is being sent too), `accepted`, `failed`, `uncertain`, `cancelled`, `expired`;
    `interacted`, `answered:<id>`, `up`, `down`. What is missing is 0."""
    by_reason: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    """Of those states that have reasons (`held`, `failed`, `cancelled`, `expired`, `uncertain`), the most first."""

    def __getitem__(self, state: str) -> int:
        return self.by_state.get(state, 0)

    @property
    def total(self) -> int:
        """All recipients."""
        return sum(self[state] for state in STATES)

    @property
    def left(self) -> int:
        """Those with whom something is still to happen."""
        return self["planned"] + self["held"] + self["queued"]

    @property
    def done(self) -> int:
        return self.total - self.left

    @property
    def percent(self) -> int:
        """Rounded down; 100 only when nothing is left."""
        return self.done * 100 // self.total if self.total else 100

    @property
    def answers(self) -> Mapping[str, int]:
        """By the answer's id."""
        return {
            state.removeprefix("answered:"): count
            for state, count in self.by_state.items()
            if state.startswith("answered:") and count
        }


STATES: Final = ("planned", "held", "queued", "accepted", "failed", "uncertain", "cancelled", "expired")
"""Of recipients: each is in one."""

_TALLY = SQLModel.metadata.tables["mailing_tally"]
_SUMS = (
    select(_TALLY.c.state, _TALLY.c.reason, func.sum(_TALLY.c.change))
    .where(_TALLY.c.mailing_id == bindparam("mailing"))
    .group_by(_TALLY.c.state, _TALLY.c.reason)
)


def counts(session: Session, mailing_id: int) -> Counts:
    """What became of them so far."""
    by_state: dict[str, int] = defaultdict(int)
    by_reason: dict[str, dict[str, int]] = defaultdict(dict)
    for state, reason, count in fetch(connected(session), _SUMS, {"mailing": mailing_id}):
        by_state[state] += int(count)
        if reason and count:
            by_reason[state][reason] = int(count)
    ordered = {
        state: dict(sorted(found.items(), key=lambda one: (-one[1], one[0]))) for state, found in by_reason.items()
    }
    return Counts({state: count for state, count in by_state.items() if count}, ordered)


def note(session: Session, mailing_id: int, state: str, reason: str = "", change: int = 1) -> None:
    """One more (or fewer) of this state; for recipients' own states the database does it by itself."""
    values = {"mailing_id": mailing_id, "state": state, "reason": reason, "change": change, "folded": False}
    session.execute(insert(_TALLY).values(values))


_NEW: Executable = (
    delete(_TALLY)
    .where(
        _TALLY.c.id.in_(
            select(_TALLY.c.id)
            .where(_TALLY.c.mailing_id == bindparam("mailing"))
            .order_by(_TALLY.c.id)
            .limit(bindparam("most"))
        )
    )
    .returning(_TALLY.c.id, _TALLY.c.state, _TALLY.c.reason, _TALLY.c.change, _TALLY.c.folded)
)
_COUNT_NEW = (
    select(func.count())
    .select_from(_TALLY)
    .where(_TALLY.c.mailing_id == bindparam("mailing"), _TALLY.c.folded.is_(False))
)


def fold(session: Session, mailing: Mailing, now: datetime) -> None:
    """Make one line of many, and learn from them in which order they came: the failures in a row, and the pace.

    The mailing's row must be locked.
    """
    values = {"mailing": mailing.id}
    if not fetch(connected(session), _COUNT_NEW, values)[0][0]:
        _learn_pace(mailing, mailing.paced, now)
        return
    lines = sorted(fetch(connected(session), _NEW, values | {"most": MOST_LINES}), key=itemgetter(0))
    sums: dict[tuple[str, str], int] = defaultdict(int)
    for _, state, reason, change, folded in lines:
        sums[state, reason] += change
        if not folded and change > 0:
            mailing.failures_in_a_row = _streak(mailing.failures_in_a_row, state, reason, change)
    told = [
        {"mailing_id": mailing.id, "state": state, "reason": reason, "change": change, "folded": True}
        for (state, reason), change in sums.items()
        if change
    ]
    if told:
        session.execute(insert(_TALLY), told)
    if len(lines) < MOST_LINES:
        _learn_pace(mailing, sum(count for (state, _), count in sums.items() if state == "accepted"), now)


def _streak(so_far: int, state: str, reason: str, change: int) -> int:
    """A chat that is closed says something about a person, not about the mailing."""
    if state == "accepted":
        return 0
    return so_far + change if state == "failed" and reason != "unreachable" else so_far


def _learn_pace(mailing: Mailing, accepted: int, now: datetime) -> None:
    since, seconds = mailing.paced_at, 0.0
    if since is not None:
        seconds = (now - since).total_seconds()
        if seconds < 1:
            return
        lately = max(0, accepted - mailing.paced) / seconds
        falls = lately < mailing.pace
        mailing.pace = round(mailing.pace + (lately - mailing.pace) * (_SMOOTH if falls else 1), 2)
    mailing.paced, mailing.paced_at = accepted, now


def time_left(counted: Counts, mailing: Mailing) -> float | None:
    """Seconds until all that is planned was said at the pace of lately; None: nobody knows (it stands, or begins)."""
    waiting = counted["planned"] + counted["queued"]
    if not waiting:
        return 0.0
    return waiting / mailing.pace if mailing.state == "running" and mailing.pace > 0 else None
