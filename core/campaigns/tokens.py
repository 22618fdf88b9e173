"""Who may tell us things over HTTP: a token for each integration, kept as a hash, for certain things only."""

import hmac
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Final, Literal, TypeAlias, get_args

from sqlalchemy import bindparam, or_, update
from sqlmodel import Session, SQLModel, col, select

from storage.tables import Account, Integration

Scope: TypeAlias = Literal["campaigns:write", "signals:write"]
SCOPES: Final[tuple[Scope, ...]] = get_args(Scope)

PREFIX: Final = "hub_"
"""Secret scanners find a token that slipped into a repository by what it begins with."""

TO_THE_MINUTE: Final = timedelta(minutes=1)
"""When a token was last used is written down so often: each time, all its requests would wait for one row."""


class NameTaken(ValueError):
    """An integration has this name."""


class NoSuchIntegration(LookupError):
    """No integration with a token has this name."""


@dataclass(frozen=True, slots=True)
class Granted:
    """A new token, which nobody will see again."""

    name: str
    token: str
    signing_key: str | None


@dataclass(frozen=True, slots=True)
class Caller:
    """Who knocks: an integration whose token is right."""

    id: int
    name: str
    scopes: frozenset[str]
    account_id: int | None
    """The one account it may tell of; None: of all."""
    signing_key: str | None


def create(
    session: Session,
    name: str,
    scopes: Sequence[Scope],
    now: datetime,
    *,
    account: Account | None = None,
    signing_key: str | None = None,
    signed: bool = False,
) -> Granted:
    """A token of 256 random bits. `signed`: its requests have to be signed, with a key made here unless one is given.

    Raises NameTaken. A revoked integration's name may be used again: then it goes on where that one was, so that its
    campaigns stay its own.
    """
    token = PREFIX + secrets.token_urlsafe(32)
    row = session.exec(select(Integration).where(Integration.name == name)).one_or_none()
    if row is not None and row.token_hash is not None and row.revoked_at is None:
        raise NameTaken(name)
    if row is None:
        row = Integration(name=name, created_at=now)
        session.add(row)
    row.token_hash, row.scopes, row.revoked_at = _hash(token), list(dict.fromkeys(scopes)), None
    row.account_id = account.id if account is not None else None
    row.signing_key = signing_key or (secrets.token_urlsafe(32) if signed else None)
    row.used_at = row.silent_since = None
    session.flush()
    return Granted(name, token, row.signing_key if signing_key is None else None)


def revoke(session: Session, name: str, now: datetime) -> None:
    """Its token opens nothing from now on. Raises NoSuchIntegration; a second time changes nothing."""
    row = session.exec(select(Integration).where(Integration.name == name)).one_or_none()
    if row is None or row.token_hash is None:
        raise NoSuchIntegration(name)
    row.revoked_at = row.revoked_at or now
    row.signing_key = None


def integrations(session: Session) -> Sequence[tuple[Integration, str | None]]:
    """All of them by name, each with the account it is bound to."""
    asked = select(Integration, Account.name).outerjoin(Account, col(Account.id) == Integration.account_id)
    return list(session.exec(asked.order_by(Integration.name)).all())


def caller(session: Session, token: str) -> Caller | None:
    """Whose token this is; None: nobody's, or it was revoked."""
    wanted = _hash(token)
    row = session.exec(select(Integration).where(Integration.token_hash == wanted)).one_or_none()
    if row is None or row.id is None or row.token_hash is None or row.revoked_at is not None:
        return None
    if not hmac.compare_digest(row.token_hash, wanted):
        return None
    return Caller(row.id, row.name, frozenset(row.scopes), row.account_id, row.signing_key)


def is_still_good(session: Session, who: Caller) -> bool:
    """Asked in the transaction that takes what they bring, for a token may be revoked meanwhile."""
    row = session.exec(select(Integration.id, Integration.revoked_at).where(Integration.id == who.id)).first()
    return row is not None and row[1] is None


def note_use(session: Session, who: Caller, now: datetime, *, heard: bool) -> None:
    """The token was used now; `heard`: it told something new.

    Last of all in a transaction: who holds this row and then waited for a campaign's would be waited for in turn.
    """
    values = {"number": who.id, "at": now, "before": now - TO_THE_MINUTE}
    session.execute(_USED, values)
    if heard:
        session.execute(_HEARD, values)


def of_files(session: Session, now: datetime, name: str = "csv") -> Integration:
    """Whose campaigns those of imported files are: an integration without a token."""
    row = session.exec(select(Integration).where(Integration.name == name)).one_or_none()
    if row is None:
        row = Integration(name=name, created_at=now)
        session.add(row)
        session.flush()
    return row


def _hash(token: str) -> str:
    return sha256(token.encode("utf-8", "surrogatepass")).hexdigest()


_TABLE = SQLModel.metadata.tables["integration"]
_USED, _HEARD = (
    update(_TABLE)
    .where(_TABLE.c.id == bindparam("number"), or_(column.is_(None), column < bindparam("before")))
    .values({column: bindparam("at")})
    for column in (_TABLE.c.used_at, _TABLE.c.heard_at)
)
