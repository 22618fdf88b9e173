"""Who comes late, or is among those meant only now, is asked to read what must be read, too."""

from datetime import datetime, timedelta
from typing import Final

from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session, SQLModel, col, select

from core.content.catalogue import Catalogue
from core.people.accounts import Member
from core.updates.counting import for_them
from storage.tables import Decision, UpdateView

SETTLE_IN: Final = timedelta(days=1)
"""Nobody is met with duties: so long after they came they are asked for the first time."""


def owe(session: Session, catalogue: Catalogue, who: Member, now: datetime) -> None:
    """Write down what this person must read and was never asked for: `remind_unread` asks. Again: nothing is changed.

    Everything mandatory counts that is in force and for them, however long ago it was told to the others.
    """
    must = [update.id for update in for_them(catalogue, who, now) if update.importance == "mandatory"]
    if not must:
        return
    read = select(UpdateView.update).where(
        UpdateView.contact_id == who.contact.id,
        col(UpdateView.update).in_(must),
        col(UpdateView.acknowledged_at).is_not(None),
    )
    rules = [f"update:{name}" for name in must]
    told = select(Decision.rule).where(Decision.contact_id == who.contact.id, col(Decision.rule).in_(rules))
    done = {*session.exec(read).all(), *(rule.partition(":")[2] for rule in session.exec(told).all())}
    owed = [
        {"contact_id": who.contact.id, "update": name, "sent": 0, "due": now + SETTLE_IN}
        for name in must
        if name not in done
    ]
    if owed:
        insert = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
        session.execute(insert(SQLModel.metadata.tables["notice"]).values(owed).on_conflict_do_nothing())
