"""Why things were not said at once, or not at all: counted from the decisions that were written down."""

import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, col, select

from storage.tables import Decision, Delivery


@dataclass(frozen=True, slots=True)
class Kept:
    """Why things were not said at once, or not at all: how many of each."""

    waited: Mapping[str, int]
    dropped: Mapping[str, int]


def kept_back(session: Session, since: datetime) -> Kept:
    """Of everything proposed since then."""
    waited: Counter[str] = Counter()
    dropped: Counter[str] = Counter()
    found = session.exec(
        select(Decision.gates, Decision.reason, Delivery.state, Delivery.reason)
        .outerjoin(Delivery, col(Delivery.id) == col(Decision.delivery_id))
        .where(col(Decision.at) >= since)
    ).all()
    for gates, suppressed, state, reason in found:
        waited.update({str(gate[1]) for gate in json.loads(gates)})
        if suppressed or state in ("cancelled", "expired"):
            dropped[suppressed or reason or str(state)] += 1
    return Kept(dict(sorted(waited.items())), dict(sorted(dropped.items())))
