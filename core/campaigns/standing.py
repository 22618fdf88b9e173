"""Where a campaign stands, out of what is known of it: pure, whatever order its events came in."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Literal, TypeAlias, get_args

from core.campaigns.happenings import Tally
from storage.tables import Campaign

State: TypeAlias = Literal["scheduled", "sending", "paused", "stalled", "done", "failed", "cancelled"]
STATES: Final[tuple[State, ...]] = get_args(State)

RUNNING: Final[tuple[State, ...]] = ("sending", "stalled")

LATE: Final = timedelta(minutes=30)
"""A campaign that has not begun so long after its moment stands still, too."""

STRAGGLERS: Final = timedelta(minutes=2)
"""What was on its way when a campaign was paused is still sent; that does not mean that it goes on."""

COUNTED_TO: Final = 10**15
"""Whatever an integration claims, a count stays a number that a database and a person can read."""


@dataclass(frozen=True, slots=True)
class Figures:
    """What is shown in numbers: no part above the whole, and nothing that the events do not say."""

    reach: int | None
    """To how many it goes; None: nobody said."""
    at_least: bool
    """More were reached than announced: it goes to so many at least."""
    handled: int
    """Sent to, or given up on; never above `reach`."""

    @property
    def percent(self) -> int | None:
        """0 to 100, rounded down, so that 100 is said only of all; None: nobody said of how many."""
        return self.handled * 100 // self.reach if self.reach else None

    @property
    def complete(self) -> bool:
        return bool(self.reach) and self.handled == self.reach and not self.at_least


def figures(campaign: Campaign) -> Figures:
    """What each count proves is so many different people; together they may count one twice, so they prove no whole."""
    one = campaign
    proven = max(one.sent, one.delivered, one.opened, one.clicked, one.bounced, one.failed)
    together = max(one.sent + one.failed, proven)
    if not one.total:
        return Figures(None, False, together)
    reach = max(one.total, proven)
    return Figures(reach, proven > one.total, min(together, reach))


def state_of(campaign: Campaign, now: datetime, patience: timedelta) -> State:
    """`patience`: after so long without anything new one that is being sent stands still.

    Of what contradicts each other the later moment is right, whenever it came.
    """
    one, numbers = campaign, figures(campaign)
    ended = _latest(one.finished_at, one.cancelled_at, one.aborted_at)
    again = _is_later(one.active_at, ended)
    if ended is not None and not again and one.finished_at != ended:
        return "failed" if one.aborted_at == ended else "cancelled"
    if (one.finished_at is not None and not again) or numbers.complete:
        reached = max(one.sent, one.delivered, one.opened, one.clicked)
        return "failed" if one.failed and not reached else "done"
    if one.paused_at is not None and not _has_gone_on(one, one.paused_at):
        return "paused"
    if one.started_at is not None or numbers.handled:
        return "stalled" if now - one.heard_at >= patience else "sending"
    overdue = one.scheduled_at is not None and now - max(one.scheduled_at, one.heard_at) >= LATE
    return "stalled" if overdue else "scheduled"


def _has_gone_on(campaign: Campaign, paused_at: datetime) -> bool:
    return _is_later(campaign.active_at, paused_at) or _is_later(campaign.sent_at, paused_at + STRAGGLERS)


def next_look(campaign: Campaign, state: State, patience: timedelta) -> datetime | None:
    """When time alone may change the state; None: it does not."""
    if state == "sending":
        return campaign.heard_at + patience
    if state == "scheduled" and campaign.scheduled_at is not None:
        return max(campaign.scheduled_at, campaign.heard_at) + LATE
    return None


def time_left(campaign: Campaign) -> timedelta | None:
    """By its own pace so far; None: it cannot be told yet, or there is nothing left."""
    numbers = figures(campaign)
    if numbers.reach is None or campaign.first_at is None or campaign.last_at is None:
        return None
    spent, left = campaign.last_at - campaign.first_at, numbers.reach - numbers.handled
    if spent <= timedelta(0) or left <= 0 or numbers.handled < 2:
        return None
    return min(spent * (left / numbers.handled), timedelta(days=365))


def fold(campaign: Campaign, news: Tally) -> None:
    """Let the campaign know of events that it did not know. The order in which they come makes no difference."""
    match news.kind:
        case "scheduled":
            campaign.scheduled_at = campaign.scheduled_at or news.first
        case "started":
            campaign.started_at = _earliest(campaign.started_at, news.first)
            campaign.active_at = _latest(campaign.active_at, news.last)
        case "resumed":
            campaign.active_at = _latest(campaign.active_at, news.last)
        case "paused":
            campaign.paused_at = _latest(campaign.paused_at, news.last)
        case "finished":
            campaign.finished_at = _latest(campaign.finished_at, news.last)
        case "cancelled":
            campaign.cancelled_at = _latest(campaign.cancelled_at, news.last)
        case "aborted":
            campaign.aborted_at = _latest(campaign.aborted_at, news.last)
        case fate:
            setattr(campaign, fate, min(getattr(campaign, fate) + news.count, COUNTED_TO))
            if fate == "sent":
                campaign.sent_at = _latest(campaign.sent_at, news.last)
            if fate in ("sent", "delivered", "failed", "bounced"):
                campaign.first_at = _earliest(campaign.first_at, news.first)
                campaign.last_at = _latest(campaign.last_at, news.last)
    if news.kind in ("bounced", "failed", "aborted") and news.reason:
        known = campaign.reasons.get(news.reason, 0)
        campaign.reasons = {**campaign.reasons, news.reason: min(known + news.count, COUNTED_TO)}


def _earliest(*moments: datetime | None) -> datetime | None:
    return min((moment for moment in moments if moment is not None), default=None)


def _latest(*moments: datetime | None) -> datetime | None:
    return max((moment for moment in moments if moment is not None), default=None)


def _is_later(one: datetime | None, other: datetime | None) -> bool:
    return one is not None and (other is None or one > other)
