"""Several things for one person at once: the most worthy is said, and the others with it in a line each."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy import bindparam, select
from sqlmodel import Session, col

from core.attention.because import without_why
from core.cards import Button, Card
from core.codec import read_card, write_card
from core.content.texts.phrases import Voice
from core.markup import escape
from core.outbox import carried_by
from storage.loading import columns, rows
from storage.many import among
from storage.tables import Decision, Delivery
from storage.tables.ledger import ANSWER
from storage.types import Moment

LONGEST_LABEL = 40
"""Characters of a button that a phone shows."""

MOST_BUTTONS = 6
"""Buttons below a merged message: more are a menu, not a message. The rest of its lines say where to look."""

_AHEAD_IF_URGENT, _AHEAD_IF_MANDATORY = 200, 400
"""Points, as `worth` has at most 100: what waits overtakes them only after more than a week, so nothing starves."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """Something that wants to be said to one person now."""

    delivery: Delivery
    decision: Decision | None
    """None: nobody weighed it (a mailing): it counts as of middling worth and stands alone."""

    @property
    def can_be_merged(self) -> bool:
        return self.decision is not None and bool(self.decision.headline)


def rank(worth: int, *, urgent: bool, mandatory: bool, waited: timedelta) -> float:
    """Who goes first: worth from 0 to 100, a point for each hour of waiting; what is urgent or mandatory before."""
    ahead = _AHEAD_IF_MANDATORY if mandatory else _AHEAD_IF_URGENT if urgent else 0
    return worth + ahead + max(waited, timedelta()) / timedelta(hours=1)


def first_of(several: Sequence[Waiting], now: datetime) -> Waiting:
    """The one to be said. Of equals the oldest."""
    return max(several, key=lambda one: (_rank(one, now), -(one.delivery.id or 0)))


def _rank(one: Waiting, now: datetime) -> float:
    waited = now - one.delivery.created_at
    if one.decision is None:
        return rank(50, urgent=False, mandatory=False, waited=waited)
    decision = one.decision
    return rank(decision.worth, urgent=decision.urgent, mandatory=decision.mandatory, waited=waited)


def rivals(session: Session, delivery: Delivery, now: datetime) -> list[Waiting]:
    """What else waits to be said to the same person and is due, oldest first. What another process has is left out."""
    values = {"contact": delivery.contact_id, "but": delivery.id, "now": now, "states": ("queued", "held")}
    found = rows(session, _RIVALS, values, Delivery, fresh=True)
    return [Waiting(one, decision_of(session, one)) for (one,) in found]


_RIVALS = (
    select(*columns(Delivery))
    .where(col(Delivery.contact_id) == bindparam("contact"), col(Delivery.lane) != ANSWER)
    .where(col(Delivery.id) != bindparam("but"), among(col(Delivery.state), "states"))
    .where(col(Delivery.due) <= bindparam("now", type_=Moment))
    .order_by(col(Delivery.id))
    .with_for_update(skip_locked=True)
)


def decision_of(session: Session, delivery: Delivery) -> Decision | None:
    """Why it was proposed; None for what nobody proposed."""
    found = rows(session, _DECISION_OF, {"delivery": delivery.id}, Decision)
    return found[0][0] if found else None


_DECISION_OF = select(*columns(Decision)).where(col(Decision.delivery_id) == bindparam("delivery"))


def merge(session: Session, voice: Voice, chosen: Waiting, others: Sequence[Waiting], now: datetime) -> None:
    """Say the others with the chosen one: a line and a button each; they themselves are cancelled as `merged`.

    What one of them was to say with its own goes along, so that nothing is lost however often things are merged.
    """
    into, lines = chosen.delivery.id, []
    for one in others:
        carried = carried_by(session, [one.delivery.id], one.delivery.contact_id or 0)
        for decision in (one.decision, *carried):
            if decision is not None:
                lines.append((decision.headline, decision.opens))
                decision.merged_into = into
        one.delivery.state, one.delivery.reason, one.delivery.settled_at = "cancelled", "merged", now
        one.delivery.leased_by = one.delivery.leased_until = None
    chosen.delivery.card = write_card(with_lines(voice, read_card(chosen.delivery.card), lines))
    if chosen.delivery.state == "held":
        chosen.delivery.state, chosen.delivery.reason = "queued", None


def with_lines(voice: Voice, card: Card, lines: Sequence[tuple[str, str]]) -> Card:
    """The card with more to see below it: (headline, packed action or nothing) each. Again: only lines are added."""
    if not lines:
        return card
    heading = voice.say("attention.also")
    text = card.text if has_lines(voice, card) else f"{card.text}\n\n{heading}"
    text = "\n".join([text, *(f"- {escape(headline)}" for headline, _ in lines)])
    rows, why = without_why(card)
    room = max(0, MOST_BUTTONS - sum(len(row) for row in rows))
    buttons = [Button(_short(headline), action) for headline, action in lines if action][:room]
    return replace(card, text=text, rows=(*rows, *((button,) for button in buttons), *why))


def has_lines(voice: Voice, card: Card) -> bool:
    """Was anything put below it by `with_lines`?"""
    return f"\n\n{voice.say('attention.also')}\n" in card.text


def without_lines(voice: Voice, card: Card, lines: Sequence[tuple[str, str]]) -> Card:
    """The card as it was before these were put below it by `with_lines`."""
    text = card.text.partition(f"\n\n{voice.say('attention.also')}\n")[0]
    added = {(_short(headline), action) for headline, action in lines}
    rows = tuple(row for row in card.rows if len(row) > 1 or (row[0].label, row[0].action) not in added)
    return replace(card, text=text, rows=rows)


def _short(label: str) -> str:
    return label if len(label) <= LONGEST_LABEL else label[: LONGEST_LABEL - 1].rstrip() + "…"
