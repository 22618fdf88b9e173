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


PRESENT = timedelta(seconds=8)
"""For how long somebody counts as present who was not heard of: they say so every two seconds, and know that they must
be silent after five in which they could not (scheduler.sharing).
"""


def presence(session: Session, name: str, holder: str, now: datetime) -> tuple[int, int]:
    """Say that we are there for `name`. Returns our place, from 0, among how many: each is at another one.

    Whoever comes to ask waits for those who are just asking, so that no two overlook each other.
    """
    gate = session.get(Lease, name, with_for_update=True)
    if gate is None:
        session.add(Lease(name=name, holder="", until=now))
        session.flush()
    ours = session.get(Lease, f"{name}:{holder}")
    if ours is None:
        session.add(Lease(name=f"{name}:{holder}", holder=holder, until=now + PRESENT))
    else:
        ours.until = now + PRESENT
    session.flush()
    theirs = select(Lease).where(col(Lease.name).startswith(f"{name}:", autoescape=True))
    present = []
    for one in session.exec(theirs.order_by(col(Lease.name))).all():
        if one.until > now:
            present.append(one.holder)
        else:
            session.delete(one)
    return present.index(holder), len(present)


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
