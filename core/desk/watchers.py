"""Who of us is told about an account."""

from sqlmodel import Session, col, select

from storage.tables import Account, Csm


def watchers(session: Session, account: Account, *, urgent: bool = False) -> list[Csm]:
    """The account's CSM once recognised. Nobody when they are not here yet: they catch up when they come.

    What is urgent, and what is about an account nobody looks after, goes to all admins who are here instead.
    """
    csm = session.get(Csm, account.csm_id) if account.csm_id is not None else None
    if csm is not None and csm.address is not None:
        return [csm]
    if csm is not None and not urgent:
        return []
    return list(session.exec(select(Csm).where(Csm.role == "admin", col(Csm.address).is_not(None))).all())
