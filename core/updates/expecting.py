"""Whether an update is still to be told to one person, for "why did they not get it?"."""

from datetime import datetime

from sqlmodel import Session, select

from core.attention.expected import Expected
from core.content.catalogue import Catalogue, Update
from core.nudges.timing import begins
from core.people.accounts import Member
from core.people.facts import facts
from core.updates.counting import joined, today
from storage.tables import Decision, Notice, UpdateView


def expect(session: Session, catalogue: Catalogue, who: Member, name: str, now: datetime) -> Expected | None:
    """It is told once, when its day begins on the hub's clock, to those it is for. None: there is no such update."""
    update = catalogue.updates.get(name)
    if update is None:
        return None
    reason = _why_never(session, catalogue, who, update, now)
    owed = session.get(Notice, (who.contact.id, name)) if update.importance == "mandatory" else None
    if owed is not None and owed.due is not None and reason in ("", "seen", "said", "before_them"):
        return Expected(max(now, owed.due), "", update.topic, mandatory=True)  # until they say that they have read it
    due = None if reason else max(now, begins(update.published, catalogue.rules.timezone))
    return Expected(due, reason, update.topic, mandatory=update.importance == "mandatory")


def _why_never(session: Session, catalogue: Catalogue, who: Member, update: Update, now: datetime) -> str:
    """Empty: it is still to be told."""
    if not update.when.holds(facts(catalogue, who, now)):
        return "not_for_them"
    view = session.get(UpdateView, (who.contact.id, update.id))
    if view is not None:
        return "acknowledged" if view.acknowledged_at is not None else "seen"
    if update.valid_until is not None and update.valid_until < today(catalogue.rules, now):
        return "expired"
    told = select(Decision.id).where(Decision.contact_id == who.contact.id, Decision.rule == f"update:{update.id}")
    if session.exec(told.limit(1)).first() is not None:
        return "said"
    return "before_them" if update.published < joined(catalogue.rules, who) else ""
