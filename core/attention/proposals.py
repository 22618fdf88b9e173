"""Saying something unasked: every feature proposes, and the reason, the facts and what came of it are kept."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cache

from sqlalchemy import Executable, bindparam, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session, SQLModel, col

from core.actions import Action, pack
from core.attention.because import why_row
from core.attention.preferences import cadence, choices
from core.attention.reach import best_chat
from core.cards import Card
from core.content.catalogue import Catalogue
from core.events import Address
from core.outbox import Posting, post, post_many
from core.people.accounts import Member
from storage.many import among, insert_many
from storage.prepared import connected, fetch
from storage.tables import Chat, Decision, Delivery
from storage.tables.ledger import PROACTIVE


@dataclass(frozen=True, slots=True)
class Why:
    """The receipt behind "why did I get this?"."""

    rule: str
    """`nudge:stalled-step`, `update:bulk-export`, `digest` …"""
    facts: Mapping[str, str | int | float | bool | None]
    """What was true, in plain values. Our people read them, clients never do."""


@dataclass(frozen=True, slots=True)
class Proposal:
    """Something worth saying to one person, who did not ask for it."""

    key: str
    """Why it exists, for this person; a second proposal under the same key changes nothing."""
    kind: str
    """`nudge`, `update`, `digest` …: caps may count each by itself."""
    topic: str
    """Which of the content's topics it belongs to; empty: none that a person can turn off."""
    card: Card
    headline: str
    """A plain line in the reader's language that stands for it in a message with others; empty: it stands alone."""
    opens: Action | None
    """What its button does there."""
    why: Why
    worth: int = 50
    """0 to 100: when several want one slot the highest goes first; each hour of waiting adds one."""
    urgent: bool = False
    """Goes before what is not, and does not wait for a digest."""
    mandatory: bool = False
    """Said to those too who turned the topic off or paused us; quiet hours and caps hold, it has the next free slot."""
    expires_at: datetime | None = None
    """Not worth saying after this; None: always."""
    subject: str | None = None
    """What it is about: `core.outbox.cancel_waiting` takes it back, `core.attention.reasons` asks whether it holds."""


def propose(session: Session, catalogue: Catalogue, who: Member, proposal: Proposal, now: datetime) -> int | None:
    """Write it to the ledger for the messenger where the person is best reached, to be judged when its turn comes.

    Returns the delivery's id; None when it was proposed before, when the person turned the topic off, or when they can
    be reached nowhere. All but the first are kept as decisions with their reason. Below the card comes a button that
    tells the person why they got it (core.attention.because).
    """
    contact_id = who.contact.id or 0
    off = not proposal.mandatory and cadence(session, catalogue.rules, contact_id, proposal.topic) == "off"
    chat = best_chat(session, contact_id)
    reason = "topic off" if off else "unreachable" if chat is None else None
    number = _decide(session, catalogue, who, proposal, reason, now)
    if number is None or chat is None or off:
        return None
    card = replace(proposal.card, rows=(*proposal.card.rows, why_row(who.voice, number)))
    delivery_id = post(
        session,
        key=proposal.key,
        to=Address.parse(chat.address),
        card=card,
        kind=proposal.kind,
        now=now,
        lane=PROACTIVE,
        subject=proposal.subject,
        contact_id=contact_id,
        expires_at=proposal.expires_at,
    )
    fetch(connected(session), _DELIVERED, {"number": number, "delivery": delivery_id})
    return delivery_id


def propose_all(
    session: Session, catalogue: Catalogue, proposals: Sequence[tuple[Member, Chat | None, Proposal]], now: datetime
) -> int:
    """`propose` for many at once, each with the chat where the person is best reached. Returns how many were written.

    A handful of statements, however many there are.
    """
    if not proposals:
        return 0
    off = _turned_off(session, catalogue, proposals)
    rows = [
        _values(
            catalogue,
            who,
            proposal,
            "topic off" if proposal.key in off else "unreachable" if chat is None else None,
            now,
        )
        for who, chat, proposal in proposals
    ]
    decided: dict[str, int] = dict(insert_many(session, Decision, rows, unless="key", told=("key", "id")))
    posted = post_many(
        session,
        [
            Posting(
                key=proposal.key,
                to=Address.parse(chat.address),
                card=replace(proposal.card, rows=(*proposal.card.rows, why_row(who.voice, decided[proposal.key]))),
                kind=proposal.kind,
                lane=PROACTIVE,
                contact_id=who.contact.id or 0,
                subject=proposal.subject,
                expires_at=proposal.expires_at,
            )
            for who, chat, proposal in proposals
            if chat is not None and proposal.key in decided and proposal.key not in off
        ],
        now,
    )
    if posted:
        fetch(connected(session), _DELIVERED_ALL, {"numbers": [decided[key] for key in posted]})
    return len(posted)


def _turned_off(
    session: Session, catalogue: Catalogue, proposals: Sequence[tuple[Member, Chat | None, Proposal]]
) -> set[str]:
    """Keys of those about a topic that the person wants to hear nothing of."""
    usual = catalogue.rules.topics
    asked = [(who.contact.id or 0, one) for who, _, one in proposals if one.topic in usual and not one.mandatory]
    chosen = choices(session, sorted({contact for contact, _ in asked})) if asked else {}
    return {one.key for contact, one in asked if chosen.get((contact, one.topic), usual[one.topic]) == "off"}


def _decide(
    session: Session, catalogue: Catalogue, who: Member, proposal: Proposal, reason: str | None, now: datetime
) -> int | None:
    """Write down what is proposed and why. Returns its number; None: it was before."""
    connection = connected(session)
    decided = fetch(connection, _insert(connection.dialect.name), _values(catalogue, who, proposal, reason, now))
    return decided[0][0] if decided else None


def _values(
    catalogue: Catalogue, who: Member, proposal: Proposal, reason: str | None, now: datetime
) -> dict[str, object]:
    return {
        "key": proposal.key,
        "contact_id": who.contact.id,
        "at": now,
        "rule": proposal.why.rule,
        "kind": proposal.kind,
        "topic": proposal.topic,
        "worth": proposal.worth,
        "urgent": proposal.urgent,
        "mandatory": proposal.mandatory,
        "headline": proposal.headline,
        "opens": pack(proposal.opens) if proposal.opens is not None else "",
        "facts": json.dumps(dict(proposal.why.facts), ensure_ascii=False),
        "content_version": catalogue.version,
        "gates": "[]",
        "reason": reason,
    }


_DECISION = SQLModel.metadata.tables["decision"]
_DELIVERED = (
    update(_DECISION)
    .where(_DECISION.c.id == bindparam("number"))
    .values(delivery_id=bindparam("delivery"))
    .returning(_DECISION.c.id)
)


_DELIVERED_ALL = (
    update(_DECISION)
    .where(among(_DECISION.c.id, "numbers"), col(Delivery.key) == _DECISION.c.key)
    .values(delivery_id=col(Delivery.id))
    .returning(_DECISION.c.id)
)
"""A decision and its delivery have one key."""


@cache
def _insert(dialect: str) -> Executable:
    insert = postgresql.insert if dialect == "postgresql" else sqlite.insert
    return insert(_DECISION).on_conflict_do_nothing(index_elements=["key"]).returning(_DECISION.c.id)


def still_off(session: Session, catalogue: Catalogue, decision: Decision) -> bool:
    """True when the person turned its topic off, and it is none of those that come anyway."""
    return not decision.mandatory and cadence(session, catalogue.rules, decision.contact_id, decision.topic) == "off"
