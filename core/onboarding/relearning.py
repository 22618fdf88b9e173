"""An import changed what is known of an account: its checklists follow, bit by bit, and nothing done is lost."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import bindparam
from sqlalchemy import select as select_columns
from sqlmodel import Session, col, select

from core.content.catalogue import Catalogue
from core.nudges.planning import look_at_people, of_account, plan
from core.onboarding.enrolments import begin
from core.onboarding.revisions import show_anew
from core.people.accounts import member
from core.people.readers import gather
from core.updates.owing import owe
from core.updates.recounting import recount_one
from storage.loading import columns, rows
from storage.tables import Account, Contact, Enrolment
from storage.types import Moment

AT_ONCE = 10
"""Accounts in one transaction: an import may change thousands, and people's taps go between."""


def _joined(session: Session, account_id: int | None) -> Sequence[Contact]:
    return session.exec(
        select(Contact).where(Contact.account_id == account_id, col(Contact.joined_at).is_not(None))
    ).all()


def learn(session: Session, catalogue: Catalogue, now: datetime) -> int:
    """Let some changed accounts' checklists follow. Returns how many accounts were looked at.

    Steps whose conditions hold now are there, those whose conditions hold no more are not, what is finished stays
    finished; checklists that fit now begin, where somebody of the account is here. What has begun goes on.
    """
    changed: list[Account] = [account for (account,) in rows(session, _CHANGED, {"now": now}, Account)]
    must = any(update.importance == "mandatory" for update in catalogue.updates.values())
    for account in changed:
        account.changed_at = None
        if gather(session, account).chats:
            begin(session, catalogue, account, now)
        begun = select(Enrolment).where(Enrolment.account_id == account.id).order_by(col(Enrolment.id))
        for enrolment in session.exec(begun).all():
            show_anew(session, catalogue, enrolment, now)
        look_at_people(session, account.id, now)
        for contact in _joined(session, account.id) if catalogue.updates else ():
            if must:
                owe(session, catalogue, member(session, catalogue, contact), now)
            recount_one(session, catalogue, contact, f"learned:{now.isoformat()}", now)
        plan(session, catalogue, of_account(account.id), now, ("date",))
    return len(changed)


_CHANGED = (
    select_columns(*columns(Account))
    .where(col(Account.changed_at) <= bindparam("now", type_=Moment))
    .order_by(col(Account.changed_at), col(Account.id))
    .limit(AT_ONCE)
    .with_for_update(skip_locked=True)
)
