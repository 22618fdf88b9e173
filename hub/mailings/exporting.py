"""Everybody of a mailing as CSV: status, reason, and when what happened."""

import csv
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Final, TextIO

from core.mailings.seeing_who import SLICE, Recipient, recipients
from storage.database import Database

COLUMNS: Final = (
    "account", "contact", "email", "messenger", "status", "reason", "due", "settled", "attempts",
    "first_interaction", "answer", "opinion", "clicks", "replied", "opened", "words", "changed",
)  # fmt: skip


def export_to(database: Database, mailing_id: int, file: Path | None) -> int:
    """`file` None: standard output. Returns how many people there are. Raises OSError.

    Read in slices, each in a transaction of its own: an export of a running mailing keeps nobody waiting.
    """
    if file is None:
        return _write(database, mailing_id, sys.stdout)
    with file.open("w", encoding="utf-8-sig", newline="") as out:  # Excel takes UTF-8 for it by this mark alone
        return _write(database, mailing_id, out)


def _write(database: Database, mailing_id: int, out: TextIO) -> int:
    writer, written = csv.writer(out), 0
    writer.writerow(COLUMNS)
    for what in ("all", "out"):
        after = 0
        while True:
            found = database.transact_now(recipients, mailing_id, what, after=after)
            writer.writerows([_safe(cell) for cell in _row(one)] for one in found)
            written += len(found)
            if len(found) < SLICE:
                break
            after = found[-1].contact_id
    return written


def _row(one: Recipient) -> Sequence[str]:
    return (
        one.account,
        one.name,
        one.email,
        one.messenger,
        one.state,
        one.reason,
        _at(one.due),
        _at(one.settled_at),
        str(one.attempts) if one.messenger else "",
        _at(one.first_at),
        one.answer,
        one.opinion,
        str(one.clicks or ""),
        _at(one.replied_at),
        _at(one.opened_at),
        str(one.revision or ""),
        one.changed,
    )


def _safe(cell: str) -> str:
    """A name that a spreadsheet would calculate stays a name."""
    return f"'{cell}" if cell[:1] in ("=", "+", "-", "@", "\t", "\r") else cell


def _at(moment: datetime | None) -> str:
    return f"{moment.astimezone(UTC):%Y-%m-%d %H:%M:%S}" if moment is not None else ""
