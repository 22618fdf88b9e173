"""When a nudge is due, and when again: arithmetic of spans and of mornings on a person's own clock."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Literal, TypeAlias
from zoneinfo import ZoneInfo

from core.content.kinds.nudge_rules import NudgeRule
from core.people.accounts import local

Snooze: TypeAlias = Literal["tomorrow", "week", "later"]

SNOOZES: tuple[Snooze, ...] = ("tomorrow", "week", "later")
"""What stands below every nudge: tomorrow morning; next Monday morning; not now, which leaves it to us."""

NOT_NOW = timedelta(days=3)
"""How long `later` is at least."""


def next_due(rule: NudgeRule, since: datetime, sent: int, sent_at: datetime | None) -> datetime | None:
    """When it is to be said for the next time, after it was said `sent` times; None: never again.

    After the last time comes the moment for what follows (`then`), one more repeat later.
    """
    if sent == 0:
        return since + rule.trigger.after if rule.trigger.kind != "date" else since
    follows = sent < rule.stop or (sent == rule.stop and rule.then != "nothing")
    if not follows or not rule.repeat:
        return None
    return (sent_at or since) + rule.repeat[min(sent, len(rule.repeat)) - 1]


def snoozed_until(choice: Snooze, rule: NudgeRule | None, now: datetime, zone: str, opens: time) -> datetime:
    """The moment they chose, in UTC. `opens`: when their day begins on their own clock.

    `later` is the rule's longest repeat, for they were asked often enough.
    """
    today = local(now, zone).date()
    match choice:
        case "tomorrow":
            return at_hour(today + timedelta(days=1), opens, zone)
        case "week":
            return at_hour(today + timedelta(days=7 - today.weekday()), opens, zone)
        case "later":
            longest = max(rule.repeat, default=NOT_NOW) if rule is not None else NOT_NOW
            return now + max(longest, NOT_NOW)


def at_hour(day: date, hour: time, zone: str) -> datetime:
    """That hour of that day on the clock of `zone`, in UTC. An hour that the clock skips is the one right after."""
    return datetime.combine(day, hour.replace(tzinfo=None), ZoneInfo(zone)).astimezone(UTC)


def begins(day: date, zone: str) -> datetime:
    """When that day begins on the clock of `zone`, in UTC."""
    return at_hour(day, time(0), zone)
