"""Whether an update is still to be told to one person, for "why did they not get it?"."""

from datetime import datetime

from sqlmodel import Session, select

from core.attention.expected import Expected
from core.content.catalogue import Catalogue, Update
from core.nudges.timing import begins
from core.people.accounts import Member
from core.people.facts import facts
from core.updates.counting import joined, today
from storage.tables import Decision, UpdateView


def expect(session: Session, catalogue: Catalogue, who: Member, name: str, now: datetime) -> Expected | None:
    """It is told once, when its day begins on the hub's clock, to those it is for. None: there is no such update."""
    update = catalogue.updates.get(name)
    if update is None:
        return None
    reason = _why_never(session, catalogue, who, update, now)
    due = None if reason else max(now, begins(update.published, catalogue.rules.timezone))
    return Expected(due, reason, update.topic, mandatory=update.importance == "mandatory")


def _why_never(session: Session, catalogue: Catalogue, who: Member, update: Update, now: datetime) -> str:
    """Empty: it is still to be told."""
    if not update.when.holds(facts(catalogue, who, now)):
        return "not_for_them"
    if session.get(UpdateView, (who.contact.id, update.id)) is not None:
        return "seen"
    if update.valid_until is not None and update.valid_until < today(catalogue.rules, now):
        return "expired"
    told = select(Decision.id).where(Decision.contact_id == who.contact.id, Decision.rule == f"update:{update.id}")
    if session.exec(told.limit(1)).first() is not None:
        return "said"
    return "before_them" if update.published < joined(catalogue.rules, who) else ""
