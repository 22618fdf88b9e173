"""What our people are told who ask why somebody got a mailing, or did not: as it was written down when it left."""

from datetime import datetime
from typing import Final

from sqlalchemy import func
from sqlmodel import Session, col, select

from core.attention.trail import Told
from core.content.catalogue import Catalogue
from core.mailings.amending import newest
from core.mailings.messages import told_revision
from core.mailings.rights import BEFORE
from storage.tables import Delivery, Mailing, MailingOmission

RULE: Final = "mailing:"
"""Before its name: as `hub why` names it, and `hub whynot` asks for it."""

NAMED: Final = 20
"""Runs told of to who asked for one that there is not."""

LEFT_OUT: Final = (
    "opted out",
    "unreachable",
    "not here yet",
    "over budget",
    "does it already",
    "kept back",
)
"""Reasons that have words of their own."""


def mailings_told(session: Session, contact_id: int, most: int) -> list[Told]:
    """The newest mailings that were for this person, those that they were left out of too, newest first."""
    sent = session.exec(
        select(Delivery, Mailing)
        .join(Mailing, col(Mailing.id) == Delivery.mailing_id)
        .where(Delivery.contact_id == contact_id, col(Delivery.mailing_id).is_not(None))
        .order_by(col(Delivery.id).desc())
        .limit(most)
    ).all()
    out = session.exec(
        select(MailingOmission, Mailing)
        .join(Mailing, col(Mailing.id) == MailingOmission.mailing_id)
        .where(MailingOmission.contact_id == contact_id)
        .order_by(col(MailingOmission.mailing_id).desc())
        .limit(most)
    ).all()
    told = [_sent(session, row, mailing) for row, mailing in sent]
    told += [_left_out(omission, mailing) for omission, mailing in out]
    return sorted(told, key=lambda one: one.at, reverse=True)[:most]


def _sent(session: Session, row: Delivery, mailing: Mailing) -> Told:
    outcome, at = outcome_of(row)
    facts = _facts(mailing)
    if row.state == "accepted" and mailing.revision > 1:
        facts["revision"] = told_revision(session, row)
    return Told(row.created_at, f"{RULE}{mailing.name}", facts, mailing.content_version, (), outcome, at)


def outcome_of(row: Delivery) -> tuple[str, datetime | None]:
    """What became of a recipient's row, in the words of `core.attention.trail`."""
    match row.state:
        case "planned" | "queued":
            return "queued", row.due
        case "held":
            return row.reason or "held", None if row.reason == "unreachable" else row.due
        case "cancelled":
            return row.reason or "cancelled", row.settled_at
        case state:
            return state, row.settled_at


def _left_out(omission: MailingOmission, mailing: Mailing) -> Told:
    at = mailing.planned_at or mailing.created_at
    rule, version = f"{RULE}{mailing.name}", mailing.content_version
    return Told(at, rule, _facts(mailing), version, (), f"left out: {omission.reason}", at)


def _facts(mailing: Mailing) -> dict[str, object]:
    facts: dict[str, object] = {"title": mailing.title, "category": mailing.category}
    if mailing.topic:
        facts["topic"] = mailing.topic
    if mailing.audience:
        facts["audience"] = mailing.audience
    return facts


def omission(session: Session, mailing: Mailing, contact_id: int) -> str | None:
    """Why this person was left out of it; None: they were not."""
    found = session.get(MailingOmission, (mailing.id, contact_id))
    return found.reason if found is not None else None


def run_named(session: Session, rule: str) -> Mailing | None:
    """The newest run that `mailing:<name>` (or its number) names."""
    name = rule.removeprefix(RULE).strip()
    if name.isascii() and name.isdigit() and len(name) < 19:
        return session.get(Mailing, int(name))
    return newest(session, name)


def names(session: Session, catalogue: Catalogue) -> list[str]:
    """Of the newest runs that somebody said yes to, and then of the files, each once."""
    newest_of_each = (
        select(Mailing.name)
        .where(col(Mailing.state).not_in(BEFORE))
        .group_by(Mailing.name)
        .order_by(func.max(col(Mailing.id)).desc())
        .limit(NAMED)
    )
    return list(dict.fromkeys((*session.exec(newest_of_each).all(), *sorted(catalogue.mailings))))


def recipient(session: Session, mailing: Mailing, contact_id: int) -> Delivery | None:
    """The row of this person in it."""
    return session.exec(
        select(Delivery).where(Delivery.mailing_id == mailing.id, Delivery.contact_id == contact_id)
    ).first()
