"""An import changed what is known of an account: its checklists follow, bit by bit, and nothing done is lost."""

from datetime import datetime

from sqlalchemy import bindparam
from sqlalchemy import select as select_columns
from sqlmodel import Session, col, select

from core.content.catalogue import Catalogue
from core.nudges.planning import look_at_people, of_account, plan
from core.onboarding.enrolments import begin
from core.onboarding.revisions import show_anew
from core.people.readers import gather
from storage.loading import columns, rows
from storage.tables import Account, Enrolment
from storage.types import Moment

AT_ONCE = 10
"""Accounts in one transaction: an import may change thousands, and people's taps go between."""


def learn(session: Session, catalogue: Catalogue, now: datetime) -> int:
    """Let some changed accounts' checklists follow. Returns how many accounts were looked at.

    Steps whose conditions hold now are there, those whose conditions hold no more are not, what is finished stays
    finished; checklists that fit now begin, where somebody of the account is here. What has begun goes on.
    """
    changed: list[Account] = [account for (account,) in rows(session, _CHANGED, {"now": now}, Account)]
    for account in changed:
        account.changed_at = None
        if gather(session, account).chats:
            begin(session, catalogue, account, now)
        begun = select(Enrolment).where(Enrolment.account_id == account.id).order_by(col(Enrolment.id))
        for enrolment in session.exec(begun).all():
            show_anew(session, catalogue, enrolment, now)
        look_at_people(session, account.id, now)
        plan(session, catalogue, of_account(account.id), now, ("date",))
    return len(changed)


_CHANGED = (
    select_columns(*columns(Account))
    .where(col(Account.changed_at) <= bindparam("now", type_=Moment))
    .order_by(col(Account.changed_at), col(Account.id))
    .limit(AT_ONCE)
    .with_for_update(skip_locked=True)
)
