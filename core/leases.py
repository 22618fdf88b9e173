"""Jobs that one process may do at a time, agreed on in the database: works on both engines and outlives nobody."""

from datetime import datetime, timedelta

from sqlmodel import Session, col, delete, select

from storage.tables import Lease

LASTS = timedelta(seconds=20)
"""How long a lease is good for; its holder renews it several times within."""


def take(session: Session, name: str, holder: str, now: datetime) -> bool:
    """Take or renew the lease. False while another process, alive within LASTS, has it."""
    lease = session.get(Lease, name, with_for_update=True)
    if lease is None:
        session.add(Lease(name=name, holder=holder, until=now + LASTS))
        return True
    if lease.holder != holder and lease.until > now:
        return False
    lease.holder, lease.until = holder, now + LASTS
    return True


def drop(session: Session, name: str, holder: str) -> None:
    """Give the lease back at once, so that another process need not wait."""
    lease = session.get(Lease, name, with_for_update=True)
    if lease is not None and lease.holder == holder:
        session.delete(lease)


def holders(session: Session) -> list[str]:
    """The processes that hold a lease, dead or alive."""
    return list(session.exec(select(Lease.holder).distinct()).all())


def give_up(session: Session, holder: str) -> None:
    """This process is known to be gone: its leases need not run out first."""
    session.execute(delete(Lease).where(col(Lease.holder) == holder))
