"""What the readers of providers' webhooks share: taking a value of the right type out of anybody's JSON, or nothing."""

import hashlib
import math
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from core.campaigns.happenings import Happening, Kind, hashed
from core.campaigns.reasons import reason_of
from hub.feed.shapes import read_moment

_ODD: Final = re.compile(r"[\x00-\x1f\x7f\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class Heard:
    """What a request came to: events with their campaign's name, and how many of its events say nothing of one."""

    batch: Sequence[tuple[str, Happening]]
    ignored: int = 0


def part(value: Any, *path: str) -> Any:
    """What lies at the end of the path; None where there is nothing of the kind."""
    for key in path:
        value = value.get(key) if isinstance(value, dict) else None
    return value


def text(value: Any, longest: int = 200) -> str:
    """Plain characters; empty for all else. A list counts as its first, a number as its digits."""
    if isinstance(value, list):
        value = value[0] if value else None
    if isinstance(value, int) and not isinstance(value, bool):
        value = str(value) if abs(value) < 10**18 else ""
    return _ODD.sub("", value).strip()[:longest] if isinstance(value, str) else ""


def name(values: Iterable[Any]) -> str:
    """The first that can be a campaign's name; empty: none."""
    found = (text(value, 101).replace("/", "-") for value in values)
    return next((one for one in found if 0 < len(one) <= 100), "")


def unix(value: Any) -> datetime | None:
    """Of seconds since 1970; None: it is no such moment."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        return None
    return datetime.fromtimestamp(value, UTC) if 0 <= value < 2**32 else None


def moment(value: Any) -> datetime | None:
    """Of RFC 3339; None: it is no such moment."""
    try:
        return read_moment(value)
    except ValueError:
        return None


def event(key: str, kind: Kind, at: datetime, recipient: str, why: str = "") -> Happening:
    """As the hub counts it; a key longer than we keep is kept as its hash."""
    if len(key) > 200:
        key = hashlib.sha256(key.encode()).hexdigest()
    reason = reason_of(why) if kind in ("bounced", "failed") else ""
    return Happening(key, kind, at, hashed(recipient) if recipient else "", 1, reason)
