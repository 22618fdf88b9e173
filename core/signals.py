"""What the vendor's product tells about an account: kept once, and passed to the steps that wait for it."""

from datetime import datetime

from sqlmodel import Session, select

from core.content.catalogue import Catalogue
from core.onboarding import checklists
from storage.tables import Account, Signal


class AccountUnknown(LookupError):
    """There is no account of that name; names are compared letter by letter."""


def record(session: Session, catalogue: Catalogue, *, key: str, account_name: str, name: str, now: datetime) -> bool:
    """Keep the signal and complete the steps that wait for it. False when `key` was here before: nothing changes.

    Raises AccountUnknown.
    """
    account = session.exec(select(Account).where(Account.name == account_name)).one_or_none()
    if account is None or account.id is None:
        raise AccountUnknown(f"no account is called {account_name!r}")
    if session.get(Signal, key) is not None:
        return False
    session.add(Signal(key=key, account_id=account.id, name=name, at=now))
    session.flush()
    checklists.signalled(session, catalogue, account, name, now)
    return True
