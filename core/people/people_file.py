"""Reads a CSV of clients and their people: every bad row is named, and what it says is told as values."""

import csv
import io
import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from difflib import get_close_matches
from typing import Any

from core.content.catalogue import Rules
from core.people.accounts import known_zone
from core.people.cells import day, listed, number, own_values, several
from storage.tables.people import Own

COLUMNS = (
    "account", "segment", "region", "language", "timezone", "csm_email", "mrr", "renewal", "product", "phase",
    "contact", "email", "role",
)  # fmt: skip
"""Beside them stand the fields of the vendor's own, by their names in hub.yaml."""
REQUIRED = ("account", "contact", "email")

MOST_PROBLEMS = 100
"""Problems told at once; with more, the file as a whole is of another kind."""

MOST_MONEY = Decimal(10) ** 12
"""A monthly amount from here on is a slip of the pen."""

LONGEST = 200
"""Characters of a cell."""

NO_RULES = Rules("")
"""Without fields of the vendor's own."""

_EMAIL = re.compile(r"[^@\s,;<>]+@[^@\s,;<>]+\.[^@\s,;<>]+")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_LANGUAGE = re.compile(r"[a-z]{2}(-[a-z]{2,4})?", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class RowProblem:
    """What is wrong in one line of the file (1 is the header)."""

    line: int
    what: str

    def __str__(self) -> str:
        return f"line {self.line}: {self.what}"


class BadFile(Exception):
    """The file was not imported: nothing of it was written."""

    def __init__(self, problems: tuple[RowProblem, ...]) -> None:
        super().__init__("\n".join(map(str, problems)))
        self.problems = problems


@dataclass(slots=True)
class People:
    """What has been read so far; facts of an account may stand in any of its rows."""

    accounts: dict[str, dict[str, Any]] = field(default_factory=dict)
    own: dict[str, dict[str, Own]] = field(default_factory=dict)
    """By account, its fields of the vendor's own."""
    contacts: dict[str, tuple[str, str, str]] = field(default_factory=dict)
    """email → account, name, role."""
    unknown_csms: Collection[str] = ()
    lines: dict[str, int] = field(default_factory=dict)
    """email → line."""
    problems: list[RowProblem] = field(default_factory=list)


def decode(content: bytes) -> str:
    """The file's text. Raises BadFile when it is not UTF-8 (with or without a byte order mark)."""
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise BadFile((RowProblem(1, "the file is UTF-16; save it as CSV UTF-8"),))
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise BadFile((RowProblem(line, "the file is not UTF-8; save it as CSV UTF-8"),)) from error


def csm_emails(text: str, rules: Rules = NO_RULES) -> list[str]:
    """The CSMs the file names, lower case, each once; what is wrong with the file is told by `import_people`."""
    found = {facts["csm_email"] for facts in read_people(text, rules).accounts.values() if facts.get("csm_email")}
    return sorted(found)


def read_people(text: str, rules: Rules = NO_RULES, unknown_csms: Collection[str] = ()) -> People:
    """Everything the file says, or its problems. Fields of the vendor's own are columns as `rules` declare them."""
    people = People(unknown_csms=unknown_csms)
    rows = csv.reader(io.StringIO(text), delimiter=_delimiter(text))
    try:
        header = [name.strip().lower() for name in next(rows, [])]
        people.problems += _header_problems(header, (*COLUMNS, *rules.fields))
        if people.problems:
            return people
        for line, cells in _numbered(rows):
            if any(cell.strip() for cell in cells):
                _read_row(people, rules, line, header, cells)
    except csv.Error as error:
        people.problems.append(RowProblem(max(1, rows.line_num), f"this is no CSV any more: {error}"))
    if not people.contacts and not people.problems:
        people.problems.append(RowProblem(1, "there is nobody in the file; add a row per contact below the header"))
    return people


def _delimiter(text: str) -> str:
    header = text.split("\n", 1)[0]
    return ";" if header.count(";") > header.count(",") else ","


def _numbered(rows: Any) -> Iterator[tuple[int, list[str]]]:
    for cells in rows:
        yield rows.line_num, cells


def _header_problems(header: list[str], columns: tuple[str, ...]) -> list[RowProblem]:
    if not any(header):
        return [RowProblem(1, f"the file is empty; its first line names the columns: {','.join(columns)}")]
    if len(header) == 1 and "\t" in header[0]:
        return [RowProblem(1, "the columns are separated by tabs; save the file with commas or semicolons (CSV)")]
    problems = [RowProblem(1, f"the column {name} is missing") for name in REQUIRED if name not in header]
    problems += [
        RowProblem(1, f"the column {name!r} is unknown; {_meant(name, columns)}")
        for name in header
        if name not in columns
    ]
    doubled = sorted({name for name in header if header.count(name) > 1})
    return problems + [RowProblem(1, f"the column {name} stands twice") for name in doubled]


def _meant(name: str, columns: tuple[str, ...]) -> str:
    bare = re.sub(r"[^a-z0-9_]", "", name)
    close = get_close_matches(bare, columns, n=1, cutoff=0.6) or [each for each in columns if bare and each in bare][:1]
    return f"did you mean {close[0]!r}?" if close else f"known are {', '.join(columns)}, and `fields:` of hub.yaml"


def _read_row(people: People, rules: Rules, line: int, header: list[str], cells: list[str]) -> None:
    if len(cells) != len(header):
        people.problems.append(RowProblem(line, f"{len(cells)} cells where the header has {len(header)}"))
        return
    row = {name: cell.strip() for name, cell in zip(header, cells, strict=True)}
    found = [f"{name} is empty" for name in REQUIRED if not row[name]]
    found += [f"{name} is longer than {LONGEST} characters" for name, cell in row.items() if len(cell) > LONGEST]
    found += [f"{name} has an invisible control character" for name, cell in row.items() if _CONTROL.search(cell)]
    facts = _account_facts(row, rules, found)
    own = own_values(row, rules, found)
    role = listed("role", row.get("role", ""), rules, found).lower()
    if facts["csm_email"] in people.unknown_csms:
        found.append(f"{facts['csm_email']} is nobody in our Slack workspace; csm_email names one of us")
    email = row["email"].lower()
    if email and not _EMAIL.fullmatch(email):
        found.append(f"{row['email']!r} is no e-mail address")
    elif email in people.contacts:
        found.append(f"{email} stands in the file twice")
    account = people.accounts.setdefault(row["account"], {})
    for known, new in ((account, facts), (people.own.setdefault(row["account"], {}), own)):
        for name, value in new.items():
            if value is not None and known.setdefault(name, value) != value:
                before, after = _shown(known[name]), _shown(value)
                found.append(f"{name} of {row['account']} was {before} in an earlier line and is {after} here")
    if found:
        people.problems += [RowProblem(line, what) for what in found]
    else:
        people.contacts[email] = (row["account"], row["contact"], role)
        people.lines[email] = line


def _shown(value: object) -> str:
    return "; ".join(map(str, value)) if isinstance(value, list) else str(value)


def _account_facts(row: dict[str, str], rules: Rules, found: list[str]) -> dict[str, Any]:
    facts: dict[str, Any] = {name: row.get(name) or None for name in ("language", "timezone")}
    for name in ("segment", "region", "phase"):
        facts[name] = listed(name, row.get(name, ""), rules, found) or None
    facts["product"] = several("product", row.get("product", ""), rules, found)
    if facts["timezone"] and known_zone(facts["timezone"], default="") == "":
        found.append(f"{facts['timezone']!r} is no time zone; write one like Europe/Berlin")
        facts["timezone"] = None
    if facts["language"] and not _LANGUAGE.fullmatch(facts["language"]):
        found.append(f"{facts['language']!r} is no language; write two letters, like de")
        facts["language"] = None
    elif facts["language"]:
        facts["language"] = facts["language"][:2].lower()
    facts["csm_email"] = (row.get("csm_email") or "").lower() or None
    if facts["csm_email"] and not _EMAIL.fullmatch(facts["csm_email"]):
        found.append(f"{facts['csm_email']!r} is no e-mail address of a CSM")
        facts["csm_email"] = None
    facts["mrr"] = _money(row.get("mrr", ""), found)
    facts["renewal"] = day("renewal", row.get("renewal", ""), found)
    return facts


def _money(cell: str, found: list[str]) -> Decimal | None:
    if not cell:
        return None
    amount = number(cell)
    if amount is None or not 0 <= amount < MOST_MONEY:
        found.append(f"mrr {cell!r} is no amount; write it like 1250.00")
        return None
    return amount
