"""Writes down events by one statement, however many: each that was here before is passed over by the database."""

import json
from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Final

from sqlalchemy import text
from sqlmodel import Session

from core.campaigns.happenings import Happening
from storage.types import Moment

Row = tuple[str, int, Happening]
"""The integration's key, the campaign's id, and what happened."""

_COLUMNS: Final = "integration_id, heard_at, key, campaign_id, kind, at, recipient, count, reason"

# No conflict is named: the integration's own key may be there, or the same of the same recipient. A statement made of
# a thousand rows' values takes three times as long to write as to run; here all of them are one value, or seven.
_SQLITE: Final = text(
    f"INSERT INTO campaign_event ({_COLUMNS})"  # noqa: S608 - constants
    " SELECT :integration, :now, value ->> 0, value ->> 1, value ->> 2, value ->> 3, value ->> 4, value ->> 5,"
    " value ->> 6"
    " FROM json_each(:rows) WHERE true ON CONFLICT DO NOTHING RETURNING key"
)
_POSTGRESQL: Final = text(
    f"INSERT INTO campaign_event ({_COLUMNS})"  # noqa: S608 - constants
    " SELECT CAST(:integration AS integer), CAST(:now AS timestamptz), *"
    " FROM unnest(CAST(:keys AS text[]), CAST(:campaigns AS bigint[]),"
    " CAST(:kinds AS text[]), CAST(:moments AS timestamptz[]), CAST(:recipients AS text[]), CAST(:counts AS bigint[]),"
    " CAST(:reasons AS text[])) ON CONFLICT DO NOTHING RETURNING key"
)


def keep(session: Session, integration_id: int, rows: Sequence[Row], now: datetime) -> Collection[str]:
    """Write them, heard `now`; returns the keys of those that are new. No key stands twice among them."""
    connection = session.connection()
    if connection.dialect.name == "sqlite":
        written = Moment().bind_processor(connection.dialect)
        if written is None:
            raise TypeError("moments are written in a way of their own on SQLite")
        told = [
            (key, campaign, one.kind, written(one.at), one.recipient, one.count, one.reason)
            for key, campaign, one in rows
        ]
        values: dict[str, object] = {"integration": integration_id, "now": written(now), "rows": json.dumps(told)}
        return connection.execute(_SQLITE, values).scalars().all()
    values = {
        "integration": integration_id,
        "now": now,
        "keys": [key for key, _, _ in rows],
        "campaigns": [campaign for _, campaign, _ in rows],
        "kinds": [one.kind for _, _, one in rows],
        "moments": [one.at for _, _, one in rows],
        "recipients": [one.recipient for _, _, one in rows],
        "counts": [one.count for _, _, one in rows],
        "reasons": [one.reason for _, _, one in rows],
    }
    return connection.execute(_POSTGRESQL, values).scalars().all()
