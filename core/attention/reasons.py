"""Is there still a reason? Asked of what waits, by what it is about, at the moment it would be sent."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import TypeAlias

from sqlmodel import Session

from core.campaigns import turning as campaigns
from core.content.catalogue import Catalogue
from core.digests import digests
from core.nudges import answers as nudges
from core.people.accounts import Member
from core.updates import publishing
from storage.tables import Delivery

Check: TypeAlias = Callable[[Session, Catalogue, Member, Delivery, datetime], bool]

STILL_WANTED: Mapping[str, Check] = {
    "campaign": campaigns.still_wanted,
    "digest": digests.still_wanted,
    "nudge": nudges.still_wanted,
    "update": publishing.still_wanted,
}
"""By the first part of a delivery's subject. What is about nothing listed here is always wanted."""


def still_wanted(session: Session, catalogue: Catalogue, who: Member, delivery: Delivery, now: datetime) -> bool:
    """False: what it was to say is done, answered, withdrawn or somebody else's by now."""
    check = STILL_WANTED.get((delivery.subject or "").partition(":")[0])
    return check is None or check(session, catalogue, who, delivery, now)
