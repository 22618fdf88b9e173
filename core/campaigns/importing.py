"""Campaigns from one CSV file: all of it or nothing, and again as often as one likes, for counts only ever grow."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session

from core.campaigns.accepting import AccountDiffers, AccountUnknown, announce_for, look_soon
from core.campaigns.campaigns_file import CampaignRow
from core.campaigns.tokens import Caller, of_files
from core.people.people_file import MOST_PROBLEMS, BadFile, RowProblem
from storage.tables import Campaign


@dataclass(frozen=True, slots=True)
class Imported:
    campaigns: int
    new: int


def import_campaigns(session: Session, rows: Sequence[CampaignRow], now: datetime) -> Imported:
    """Write every campaign of the file. A count that is lower than what we know keeps what we know.

    They belong to an integration of their own, named `csv`. Raises BadFile with every bad row: nothing is written then.
    """
    source = of_files(session, now)
    who = Caller(source.id or 0, source.name, frozenset(), None, None)
    new, problems = 0, []
    for row in rows:
        try:
            campaign, fresh = announce_for(session, who, row.said, now)
        except AccountUnknown:
            problems.append(RowProblem(row.line, f"no account is called {row.said.account!r}"))
            continue
        except AccountDiffers:
            problems.append(RowProblem(row.line, f"{row.said.name} belongs to another account"))
            continue
        new += fresh
        _take(campaign, row, now)
    if problems:
        raise BadFile(tuple(problems[:MOST_PROBLEMS]))
    session.flush()
    return Imported(len(rows), new)


def _take(campaign: Campaign, row: CampaignRow, now: datetime) -> None:
    changed = False
    for fate, count in row.counts.items():
        if count > getattr(campaign, fate):
            setattr(campaign, fate, count)
            changed = True
    if row.started_at is not None and campaign.started_at is None:
        campaign.started_at = campaign.active_at = campaign.first_at = row.started_at
        changed = True
    if row.finished_at is not None and campaign.finished_at != row.finished_at:
        campaign.finished_at = campaign.last_at = row.finished_at
        changed = True
    if changed:
        campaign.heard_at = now
        look_soon(campaign, now)
