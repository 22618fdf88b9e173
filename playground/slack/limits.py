"""Slack's rate limits: a budget per method and minute, and about one message per second and channel."""

import math
import time
from collections.abc import Callable

# docs.slack.dev/apis/web-api/rate-limits: calls per minute, workspace and app. Tier 1 means "1+": what is listed
# there as tier 1 and used here is only apps.connections.open, which another page of the same docs calls tier 3.
_TIER_2, _TIER_3, _TIER_4 = 20, 50, 100
_SPECIAL = 600
PER_MINUTE: dict[str, int] = {
    "apps.connections.open": _TIER_3,
    "auth.test": _SPECIAL,
    "bots.info": _TIER_3,
    "chat.delete": _TIER_3,
    "chat.getPermalink": _SPECIAL,
    "chat.postEphemeral": _TIER_4,
    "chat.postMessage": _SPECIAL,
    "chat.update": _TIER_3,
    "conversations.history": _TIER_3,
    "conversations.info": _TIER_3,
    "conversations.join": _TIER_3,
    "conversations.leave": _TIER_3,
    "conversations.list": _TIER_2,
    "conversations.members": _TIER_4,
    "conversations.open": _TIER_3,
    "files.completeUploadExternal": _TIER_4,
    "files.getUploadURLExternal": _TIER_4,
    "files.info": _TIER_4,
    "reactions.add": _TIER_3,
    "team.info": _TIER_3,
    "users.info": _TIER_4,
    "users.list": _TIER_2,
    "users.lookupByEmail": _TIER_3,
    "views.open": _TIER_4,
    "views.publish": _TIER_4,
    "views.push": _TIER_4,
    "views.update": _TIER_4,
}
CHANNEL_BURST = 3
"""Messages one channel takes at once before the second-by-second pace holds; Slack allows "short bursts" unnumbered."""


class Limits:
    """Token buckets on a monotonic clock (real seconds, whatever the playground's calendar says)."""

    def __init__(self, *, on: bool, monotonic: Callable[[], float] = time.monotonic) -> None:
        self.on = on
        self._monotonic = monotonic
        self._buckets: dict[tuple[str, str], tuple[float, float]] = {}

    def spend(self, method: str, channel: str) -> int:
        """0 when the call may pass, else whole seconds to wait (`Retry-After`, at least 1). A refusal costs nothing."""
        if not self.on:
            return 0
        per_minute = PER_MINUTE.get(method, _TIER_3)
        buckets = [((method, ""), float(per_minute), per_minute / 60)]
        if method == "chat.postMessage":
            buckets.append((("channel", channel), float(CHANNEL_BURST), 1.0))
        now = self._monotonic()
        levels: list[tuple[tuple[str, str], float]] = []
        for key, size, rate in buckets:
            level, since = self._buckets.get(key, (size, now))
            level = min(size, level + (now - since) * rate)
            if level < 1:
                return max(1, math.ceil((1 - level) / rate))
            levels.append((key, level - 1))
        for key, level in levels:
            self._buckets[key] = (level, now)
        return 0
