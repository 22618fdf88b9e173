"""Accounts and contacts from one CSV file: all of it or nothing, again and again with the same result."""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Table, func
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session, SQLModel, select

from core.content.catalogue import Rules
from core.people.people_file import MOST_PROBLEMS, NO_RULES, BadFile, People, RowProblem, read_people

CHUNK = 1000
"""Rows written by one statement: PostgreSQL takes 65,535 values at once, SQLite 32,766."""


@dataclass(frozen=True, slots=True)
class ImportResult:
    """How many of the file's accounts and contacts were not known before, and how many there are in it."""

    accounts: int
    contacts: int
    new_accounts: int
    new_contacts: int
    languages: tuple[str, ...] = ()
    """Those the file names, sorted."""
    segments: tuple[str, ...] = ()
    """Those the file names, sorted."""


def import_people(
    session: Session,
    text: str,
    now: datetime,
    tell: Callable[[int, int], None] = lambda _done, _total: None,
    *,
    unknown_csms: Collection[str] = (),
    rules: Rules = NO_RULES,
) -> ImportResult:
    """Write every account, contact and CSM of the file; known ones are brought up to date, none is removed.

    Columns are COLUMNS, in any order, separated by commas or semicolons; a cell left empty keeps what is known.
    `tell(done, total)` hears the progress in rows. `unknown_csms`: e-mails of which Slack says that nobody in our
    workspace has them. `rules` declare the fields of the vendor's own.
    Raises BadFile with every bad row by line: then nothing is written.
    """
    people = read_people(text, rules, unknown_csms)
    people.problems += _moved_people(session, people)
    if people.problems:
        raise BadFile(tuple(people.problems[:MOST_PROBLEMS]))
    new_accounts = _write_accounts(session, people, now)
    before = _count(session, "contact")
    _write_contacts(session, people, now, tell)
    return ImportResult(
        accounts=len(people.accounts),
        contacts=len(people.contacts),
        new_accounts=new_accounts,
        new_contacts=_count(session, "contact") - before,
        languages=_named(people, "language"),
        segments=_named(people, "segment"),
    )


def _named(people: People, fact: str) -> tuple[str, ...]:
    return tuple(sorted({str(facts[fact]) for facts in people.accounts.values() if facts.get(fact)}))


def _moved_people(session: Session, people: People) -> list[RowProblem]:
    """Contacts whom we know at another account: a wrong line would show them another client's work."""
    contacts, accounts = _table("contact"), _table("account")
    known = select(contacts.c.email, accounts.c.name).join(accounts, accounts.c.id == contacts.c.account_id)
    emails, problems = list(people.contacts), []
    for start in range(0, len(emails), CHUNK):
        rows = session.execute(known.where(contacts.c.email.in_(emails[start : start + CHUNK])))
        for email, account in rows:
            if account != people.contacts[email][0]:
                what = f"{email} belongs to {account}; a person changes company by a new e-mail address"
                problems.append(RowProblem(people.lines[email], what))
    return sorted(problems, key=lambda problem: problem.line)


def _table(name: str) -> Table:
    return SQLModel.metadata.tables[name]


def _count(session: Session, name: str) -> int:
    return int(session.execute(select(func.count()).select_from(_table(name))).scalar_one())


def _upsert(session: Session, table: str, key: str, rows: list[dict[str, Any]], keep: tuple[str, ...]) -> None:
    """Insert rows; where `key` is there already, every other column but `keep` takes the new value."""
    if not rows:
        return
    into = _table(table)
    insert: Any = (postgresql if session.get_bind().dialect.name == "postgresql" else sqlite).insert(into)
    news = {name: insert.excluded[name] for name in rows[0] if name != key and name not in keep}
    if news:
        statement = insert.on_conflict_do_update(index_elements=[key], set_=news)
    else:
        statement = insert.on_conflict_do_nothing(index_elements=[key])
    for start in range(0, len(rows), CHUNK):
        session.execute(statement, rows[start : start + CHUNK])


_NAMES = {"product": "products"}
_ASKED = ("segment", "region", "mrr", "renewal", "products", "phase", "custom", "csm_id")
"""What conditions ask of an account: when an import changes it, something follows (core/onboarding/relearning.py)."""


def _write_csms(session: Session, people: People) -> dict[str, int]:
    """Ids of all CSMs by e-mail, those the file names for the first time included."""
    csm = _table("csm")
    named = sorted({facts["csm_email"] for facts in people.accounts.values() if facts.get("csm_email")})
    if named:
        known = set(session.execute(select(csm.c.email)).scalars())
        fresh = [{"email": email, "name": "", "role": "csm"} for email in named if email not in known]
        if fresh:
            session.execute(csm.insert(), fresh)
    return {row[0]: row[1] for row in session.execute(select(csm.c.email, csm.c.id))}


def _write_accounts(session: Session, people: People, now: datetime) -> int:
    csm_ids, accounts = _write_csms(session, people), _table("account")
    asked = session.execute(select(*(accounts.c[name] for name in ("name", *_ASKED)))).mappings()
    known = {row["name"]: row for row in asked}
    by_shape: dict[tuple[str, ...], list[dict[str, Any]]] = {}
    for name, facts in people.accounts.items():
        row = {_NAMES.get(column, column): value for column, value in facts.items() if column != "csm_email"}
        if facts.get("csm_email"):
            row["csm_id"] = csm_ids[facts["csm_email"]]
        if people.own.get(name):
            row["custom"] = {**(known[name]["custom"] if name in known else {}), **people.own[name]}
        if name in known and any(column in row and row[column] != known[name][column] for column in _ASKED):
            row["changed_at"] = now
        by_shape.setdefault(tuple(sorted(row)), []).append({"name": name, **row})
    for rows in by_shape.values():
        defaults = {"segment": "", "region": "", "created_at": now}
        missing = tuple(name for name in defaults if name not in rows[0])
        _upsert(session, "account", "name", [defaults | row for row in rows], keep=missing)
    return len(people.accounts.keys() - known.keys())


def _write_contacts(session: Session, people: People, now: datetime, tell: Callable[[int, int], None]) -> None:
    accounts = _table("account")
    ids = {row[0]: row[1] for row in session.execute(select(accounts.c.name, accounts.c.id))}
    rows: list[dict[str, Any]] = []
    done, total = 0, len(people.contacts)
    for email, (account, name, role) in people.contacts.items():
        rows.append({"email": email, "account_id": ids[account], "name": name, "role": role, "created_at": now})
        if len(rows) == CHUNK or done + len(rows) == total:
            _upsert(session, "contact", "email", [row for row in rows if row["role"]], keep=("created_at",))
            _upsert(session, "contact", "email", [row for row in rows if not row["role"]], keep=("created_at", "role"))
            done += len(rows)
            tell(done, total)
            rows = []
