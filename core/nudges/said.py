"""What became of what was said of a nudge: the pause until the next time, and who was told, are counted from that."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlmodel import Session, col

from core.nudges.planning import subject
from storage.many import among
from storage.prepared import connected, fetch
from storage.tables import Delivery, Nudge


@dataclass(frozen=True, slots=True)
class Said:
    """Of one nudge, whatever was said of it in any story."""

    waits_until: datetime | None = None
    """Until when the last one still waits (quiet hours, caps); None: it does not."""
    told_at: datetime | None = None
    """When the last one reached them, be it alone or with others; None: it did not."""
    reached: bool = False
    """One of them did, by itself."""


NOTHING = Said()


def said_of(session: Session, nudges: Iterable[Nudge]) -> Mapping[int, Said]:
    """By the nudge's number, of those of which anything was said; one question, however many they are."""
    asked = {subject(one.id or 0): one for one in nudges if one.sent > 0}
    if not asked:
        return {}
    values = {"contacts": sorted({one.contact_id for one in asked.values()}), "subjects": list(asked)}
    found: dict[int, Said] = {}
    for about, state, reason, due, settled_at in fetch(connected(session), _SAID, values):
        number = asked[about].id or 0
        told = state == "accepted" or reason == "merged"
        found[number] = Said(
            waits_until=due if state in ("held", "queued", "sending") else None,
            told_at=settled_at if told else None,
            reached=state == "accepted" or found.get(number, NOTHING).reached,
        )
    return found


_SAID = (
    select(
        col(Delivery.subject), col(Delivery.state), col(Delivery.reason), col(Delivery.due), col(Delivery.settled_at)
    )
    .where(among(col(Delivery.contact_id), "contacts"), among(col(Delivery.subject), "subjects"))
    .order_by(col(Delivery.id))
)
