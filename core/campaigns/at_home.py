"""How many campaigns an account has and how many are on their way: the line on the home card."""

from dataclasses import dataclass
from typing import Final

from sqlalchemy import bindparam, func, select
from sqlmodel import Session, col

from core.campaigns.standing import RUNNING, State
from storage.prepared import connected, fetch
from storage.tables import Campaign


@dataclass(frozen=True, slots=True)
class AtHome:
    """Campaigns of one account, by how they stand."""

    running: int
    """Those that stand still are among them."""
    scheduled: int
    stalled: int
    all: int


def at_home(session: Session, account_id: int | None) -> AtHome | None:
    """None: it has none."""
    counts: dict[State, int] = {}
    for state, count in fetch(connected(session), _COUNTED, {"account": account_id}):
        counts[state] = count
    if not counts:
        return None
    running = sum(counts.get(state, 0) for state in RUNNING)
    return AtHome(running, counts.get("scheduled", 0), counts.get("stalled", 0), sum(counts.values()))


_COUNTED: Final = (
    select(col(Campaign.state), func.count())
    .where(col(Campaign.account_id) == bindparam("account"))
    .group_by(col(Campaign.state))
)
