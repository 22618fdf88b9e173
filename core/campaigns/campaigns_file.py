"""Reads a CSV of campaigns, one a row, for clients whose platform has no webhooks: every bad row is named."""

import csv
import io
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from difflib import get_close_matches
from typing import Final
from zoneinfo import ZoneInfo

from core.campaigns.accepting import Announcement
from core.campaigns.happenings import FATES, MOST
from core.people.people_file import MOST_PROBLEMS, BadFile, RowProblem

COLUMNS: Final = (
    "campaign", "account", "title", "channel", "url", "total", "scheduled", "started", "finished", *FATES,
)  # fmt: skip
REQUIRED: Final = ("campaign", "account", "title")
MOMENTS: Final = ("scheduled", "started", "finished")

LONGEST: Final = 200
"""Characters of a cell."""

_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_PAGE = re.compile(r"https://(?:[a-z0-9-]+\.)+[a-z][a-z0-9-]+(?:[/?#][!-~]*)?", re.IGNORECASE)
_CHANNEL = re.compile(r"[A-Za-z0-9][A-Za-z0-9 _-]{0,29}")


@dataclass(frozen=True, slots=True)
class CampaignRow:
    """What a line says of a campaign: counts as they stood when the file was made."""

    line: int
    said: Announcement
    started_at: datetime | None
    finished_at: datetime | None
    counts: Mapping[str, int]


def is_about_campaigns(text: str) -> bool:
    """By its first line: a file of people has no column `campaign`."""
    return "campaign" in _header(text)


def read_campaigns(text: str, zone: str) -> list[CampaignRow]:
    """Every row. `zone`: IANA name of the clock of moments that say none. Raises BadFile with every bad row by line."""
    header = _header(text)
    problems = [RowProblem(1, what) for what in _header_problems(header)]
    if problems:
        raise BadFile(tuple(problems))
    reader = csv.reader(io.StringIO(text), delimiter=_delimiter(text))
    found: dict[str, CampaignRow] = {}
    try:
        next(reader, None)
        for cells in reader:
            if any(cell.strip() for cell in cells):
                row = _Row(reader.line_num, dict(zip(header, map(str.strip, cells), strict=False)), zone)
                problems += [RowProblem(row.line, what) for what in row.problems(len(cells), len(header), found)]
                found[row.cells.get("campaign", "")] = row.read()
    except csv.Error as error:
        problems.append(RowProblem(max(1, reader.line_num), f"this is no CSV any more: {error}"))
    if not found and not problems:
        problems.append(RowProblem(1, "there is no campaign in the file; add a row for each below the header"))
    if problems:
        raise BadFile(tuple(problems[:MOST_PROBLEMS]))
    return list(found.values())


@dataclass(frozen=True, slots=True)
class _Row:
    line: int
    cells: Mapping[str, str]
    zone: str

    def problems(self, cells: int, wanted: int, before: Mapping[str, CampaignRow]) -> Iterator[str]:
        if cells != wanted:
            yield f"{cells} cells where the header has {wanted}"
            return
        for name, cell in self.cells.items():
            if len(cell) > LONGEST:
                yield f"{name} is longer than {LONGEST} characters"
            elif _CONTROL.search(cell):
                yield f"{name} has an invisible control character"
        yield from (f"{name} is empty" for name in REQUIRED if not self.cells[name])
        if self.cells["campaign"] in before:
            yield f"{self.cells['campaign']} stands in the file twice"
        yield from self._misshapen()

    def _misshapen(self) -> Iterator[str]:
        for name in ("total", *FATES):
            if self.cells.get(name) and self._number(name) is None:
                yield f"{name} {self.cells[name]!r} is no whole number from 0 to {MOST:,}"
        for name in MOMENTS:
            if self.cells.get(name) and self._moment(name) is None:
                yield f"{name} {self.cells[name]!r} is no moment; write it as 2026-11-03 10:00"
        url, channel = self.cells.get("url", ""), self.cells.get("channel", "")
        if url and not _PAGE.fullmatch(url):
            yield f"url {url!r} is no public address that begins with https://"
        if channel and not _CHANNEL.fullmatch(channel):
            yield f"channel {channel!r} has other characters than letters, digits, _ and -"

    def _number(self, name: str) -> int | None:
        cell = self.cells.get(name, "").replace(",", "").replace("\u00a0", "").replace(" ", "")
        return int(cell) if re.fullmatch("[0-9]{1,10}", cell) and int(cell) <= MOST else None

    def _moment(self, name: str) -> datetime | None:
        try:
            read = datetime.fromisoformat(self.cells.get(name, ""))
            return (read if read.tzinfo else read.replace(tzinfo=ZoneInfo(self.zone))).astimezone(UTC)
        except (ValueError, OverflowError):
            return None

    def read(self) -> CampaignRow:
        """What it says; of use only when nothing is wrong with it."""
        cells = self.cells
        said = Announcement(
            cells.get("campaign", ""),
            cells.get("account", ""),
            cells.get("title", ""),
            cells.get("channel", "") or "email",
            cells.get("url", ""),
            self._number("total") or None,
            self._moment("scheduled"),
        )
        counts: dict[str, int] = {fate: self._number(fate) or 0 for fate in FATES}
        return CampaignRow(self.line, said, self._moment("started"), self._moment("finished"), counts)


def _header(text: str) -> list[str]:
    first = next(csv.reader(io.StringIO(text.split("\n", 1)[0]), delimiter=_delimiter(text)), [])
    return [name.strip().lower() for name in first]


def _delimiter(text: str) -> str:
    header = text.split("\n", 1)[0]
    return ";" if header.count(";") > header.count(",") else ","


def _header_problems(header: list[str]) -> Iterator[str]:
    yield from (f"the column {name} is missing" for name in REQUIRED if name not in header)
    for name in header:
        if name not in COLUMNS:
            close = get_close_matches(name, COLUMNS, n=1, cutoff=0.6)
            yield f"the column {name!r} is unknown; " + (
                f"did you mean {close[0]!r}?" if close else f"known are {', '.join(COLUMNS)}"
            )
    yield from (f"the column {name} stands twice" for name in sorted({one for one in header if header.count(one) > 1}))
