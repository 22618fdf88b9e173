"""What the vendor's product tells about an account: kept once, and passed to the steps that wait for it."""

from datetime import datetime
from difflib import get_close_matches

from sqlmodel import Session, select

from core.content.catalogue import Catalogue
from core.nudges.planning import of_account, plan
from core.onboarding import checklists
from core.outbox import made_from
from storage.tables import Account, Signal


class AccountUnknown(LookupError):
    """There is no account of that name, or several differ only in upper and lower case."""


def record(session: Session, catalogue: Catalogue, *, key: str, account_name: str, name: str, now: datetime) -> bool:
    """Keep the signal and complete the steps that wait for it. False when `key` was here before: nothing changes.

    Upper and lower case of the account's name matter only where two accounts differ in nothing else.
    Raises AccountUnknown.
    """
    account, account_id = _account(session, account_name)
    made_from(session, catalogue)
    if session.get(Signal, key) is not None:
        return False
    session.add(Signal(key=key, account_id=account_id, name=name, at=now))
    session.flush()
    checklists.signalled(session, catalogue, account, name, now)
    plan(session, catalogue, of_account(account_id), now, ("signal",))
    return True


def _account(session: Session, name: str) -> tuple[Account, int]:
    account = session.exec(select(Account).where(Account.name == name)).one_or_none()
    alike: list[str] = []
    names: list[str] = []
    if account is None:
        # Compared here and not by the database: SQLite knows upper and lower case of English letters only.
        names = list(session.exec(select(Account.name)).all())
        alike = [each for each in names if each.casefold() == name.strip().casefold()]
        if len(alike) == 1:
            account = session.exec(select(Account).where(Account.name == alike[0])).one()
    if account is None or account.id is None:
        close = alike or get_close_matches(name, names, n=3)
        raise AccountUnknown(f"no account is called {name!r}" + (f"; there is {', '.join(close)}" if close else ""))
    return account, account.id
