"""Takes what an integration tells of campaigns: once each, in any order, and counted in the same transaction."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any, Final

from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session, SQLModel, col, select

from core.campaigns.happenings import FATES, Happening, Kind, Tally
from core.campaigns.keeping import keep
from core.campaigns.standing import fold
from core.campaigns.tokens import Caller, is_still_good, note_use
from storage.tables import Account, Campaign

EDITED_EVERY: Final = timedelta(seconds=3)
"""A card is edited no more often: both messengers take about one message a second in a chat, and people read."""

EDITED_LATER: Final = (
    (timedelta(days=1), timedelta(minutes=15)),
    (timedelta(hours=1), timedelta(minutes=1)),
)
"""So long after its end a card is edited only so often: people go on opening letters for weeks."""


class Revoked(PermissionError):
    """The token was revoked while its request was being read."""


class AccountUnknown(LookupError):
    """There is no such account, or this token may not tell of it."""


class AccountDiffers(ValueError):
    """The campaign belongs to another account; a campaign does not change its client."""


@dataclass(frozen=True, slots=True)
class Announcement:
    """What an integration says of a campaign as a whole; it stands in place of all that it said before."""

    name: str
    """The integration's own id of it."""
    account: str
    """The account's name as in the people's CSV."""
    title: str
    channel: str
    url: str = ""
    total: int | None = None
    scheduled_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Accepted:
    """How many events were new, and how many were here before (or said again of the same recipient)."""

    accepted: int
    repeated: int


def announce(session: Session, who: Caller, said: Announcement, now: datetime) -> bool:
    """Make or replace what is known of a campaign; what was counted stays. True: it is new.

    Raises Revoked, AccountUnknown, AccountDiffers.
    """
    if not is_still_good(session, who):
        raise Revoked(who.name)
    _, fresh = announce_for(session, who, said, now)
    note_use(session, who, now, heard=False)
    return fresh


def announce_for(session: Session, who: Caller, said: Announcement, now: datetime) -> tuple[Campaign, bool]:
    """The same for one who needs no token. Returns the campaign, and whether it is new."""
    account_id = _account_id(session, who, said.account)
    campaign = _campaigns(session, who.id, [said.name], now)[said.name]
    if campaign.account_id not in (None, account_id):
        raise AccountDiffers(said.account)
    fresh = campaign.account_id is None
    campaign.account_id = account_id
    campaign.title, campaign.channel, campaign.url = said.title, said.channel, said.url
    campaign.total, campaign.scheduled_at = said.total, said.scheduled_at
    if session.is_modified(campaign):  # some platforms say the same every minute
        look_soon(campaign, now)
    session.flush()
    return campaign, fresh


def _account_id(session: Session, who: Caller, name: str) -> int:
    """Names are compared as they are written, but for upper and lower case where that says which is meant."""
    found = session.exec(select(Account.id).where(Account.name == name)).one_or_none()
    if found is None:
        # Compared here and not by the database: SQLite knows upper and lower case of English letters only.
        names = session.exec(select(Account.id, Account.name)).all()
        alike = [number for number, each in names if each.casefold() == name.strip().casefold()]
        found = alike[0] if len(alike) == 1 else None
    if found is None or who.account_id not in (None, found):
        raise AccountUnknown(name)
    return found


def accept(session: Session, who: Caller, batch: Sequence[tuple[str, Happening]], now: datetime) -> Accepted:
    """Count each event (campaign's name, what happened) that was not here before. Raises Revoked.

    A campaign that nobody has announced is kept with its counts, and shown to nobody until it is. Batches about one
    campaign wait for each other.
    """
    if not is_still_good(session, who):
        raise Revoked(who.name)
    campaigns = _campaigns(session, who.id, {name for name, _ in batch}, now)
    new = _keep(session, who.id, campaigns, batch, now)
    by_id = {campaign.id: campaign for campaign in campaigns.values()}
    for (campaign_id, kind, reason), tally in new.items():
        fold(by_id[campaign_id], Tally(kind, reason, tally.count, tally.first, tally.last))
    touched = {campaign_id for campaign_id, _, _ in new}
    for campaign_id in touched:
        by_id[campaign_id].heard_at = now
        look_soon(by_id[campaign_id], now)
    session.flush()
    note_use(session, who, now, heard=bool(touched))
    kept = sum(tally.events for tally in new.values())
    return Accepted(kept, len(batch) - kept)


def _campaigns(session: Session, integration_id: int, names: Iterable[str], now: datetime) -> dict[str, Campaign]:
    """The integration's campaigns of these names, locked in the order of their names; those not there are made."""
    wanted = sorted(set(names))
    found = _locked(session, integration_id, wanted)
    missing = [name for name in wanted if name not in found]
    if missing:
        rows: list[dict[str, object]] = [{**_EMPTY, "name": name} for name in missing]
        for row in rows:
            row |= {"integration_id": integration_id, "heard_at": now, "created_at": now}
        session.execute(_insert(session.get_bind().dialect.name, "campaign"), rows)
        found |= _locked(session, integration_id, missing)
    return found


def _locked(session: Session, integration_id: int, names: Sequence[str]) -> dict[str, Campaign]:
    asked = (
        select(Campaign)
        .where(Campaign.integration_id == integration_id, col(Campaign.name).in_(names))
        .order_by(col(Campaign.name))
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    return {campaign.name: campaign for campaign in session.exec(asked)}


@dataclass(slots=True)
class _News:
    """What is new of one campaign, kind and reason, as it is counted."""

    first: datetime
    last: datetime
    count: int = 0
    events: int = 0

    def add(self, happening: Happening) -> None:
        self.first, self.last = min(self.first, happening.at), max(self.last, happening.at)
        self.count += happening.count
        self.events += 1


def _keep(
    session: Session,
    integration_id: int,
    campaigns: Mapping[str, Campaign],
    batch: Sequence[tuple[str, Happening]],
    now: datetime,
) -> dict[tuple[int, Kind, str], _News]:
    """Write down what was not here before, by one statement, and count it."""
    once: dict[str, tuple[int, Happening]] = {}
    for name, happening in batch:
        once.setdefault(happening.key, (campaigns[name].id or 0, happening))
    news: dict[tuple[int, Kind, str], _News] = {}
    if not once:
        return news
    for key in keep(session, integration_id, [(key, *row) for key, row in once.items()], now):
        campaign_id, happening = once[key]
        about = (campaign_id, happening.kind, happening.reason)
        known = news.get(about)
        if known is None:
            known = news[about] = _News(happening.at, happening.at)
        known.add(happening)
    return news


def look_soon(campaign: Campaign, now: datetime) -> None:
    """Its cards are drawn anew soon: at once when they have stood a while."""
    soon = now if campaign.drawn_at is None else max(now, campaign.drawn_at + _pause(campaign, now))
    campaign.look_at = soon if campaign.look_at is None else min(soon, campaign.look_at)


def _pause(campaign: Campaign, now: datetime) -> timedelta:
    """Between two edits of its card."""
    since = now - campaign.finished_at if campaign.finished_at is not None else timedelta(0)
    return next((pause for age, pause in EDITED_LATER if since > age), EDITED_EVERY)


_EMPTY: Final[Mapping[str, object]] = {
    "title": "",
    "channel": "",
    "url": "",
    "state": "scheduled",
    "told": "",
    "reasons": {},
    **dict.fromkeys(FATES, 0),
}


@cache
def _insert(dialect: str, table: str) -> Any:
    insert = postgresql.insert if dialect == "postgresql" else sqlite.insert
    return insert(SQLModel.metadata.tables[table]).on_conflict_do_nothing()
