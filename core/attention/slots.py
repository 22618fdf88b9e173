"""Several things for one person at once: the most worthy is said, and the others with it in a line each."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy import bindparam, select
from sqlmodel import Session, col

from core.actions import NudgeSnooze, unpack
from core.attention.because import without_why
from core.cards import Button, Card
from core.codec import read_card, write_card
from core.content.texts.phrases import Voice
from core.markup import escape, shortened
from core.outbox import carried_by
from storage.loading import columns, rows
from storage.many import among
from storage.tables import Decision, Delivery
from storage.tables.ledger import ANSWER
from storage.types import Moment

LONGEST_LABEL = 40
"""Characters of a button that a phone shows."""

MOST_BUTTONS = 6
"""Buttons below a merged message, a nudge's "not now" beside its own not counted: more are a menu, not a message."""

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


@dataclass(frozen=True, slots=True)
class Line:
    """What stands for one thing in a message with others."""

    headline: str
    """Plain."""
    row: tuple[Button, ...] = ()
    """To the matter, and for a nudge "not now"; empty: it has no button."""


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
        said = (one.decision, *carried) if one.decision is not None else carried
        lines += lines_of(session, said)
        for decision in said:
            decision.merged_into = into
        one.delivery.state, one.delivery.reason, one.delivery.settled_at = "cancelled", "merged", now
        one.delivery.leased_by = one.delivery.leased_until = None
    chosen.delivery.card = write_card(with_lines(voice, read_card(chosen.delivery.card), lines))
    if chosen.delivery.state == "held":
        chosen.delivery.state, chosen.delivery.reason = "queued", None


def lines_of(session: Session, decisions: Sequence[Decision]) -> list[Line]:
    """What stands for each of them in a message with others."""
    return [Line(one.headline, _row(session, one)) for one in decisions]


def _row(session: Session, decision: Decision) -> tuple[Button, ...]:
    """A nudge's line is a sentence: its button is called as on its own card, and one to put it off stands beside."""
    named = Button(decision.headline, decision.opens) if decision.opens else None
    own = session.get(Delivery, decision.delivery_id) if decision.kind == "nudge" and decision.delivery_id else None
    buttons = [button for row in read_card(own.card).rows for button in row] if own is not None else []
    to_it = next((one for one in buttons if _leads_to(one, decision.opens)), named)
    later = next((one for one in buttons if _puts_off(one)), None)
    shown = replace(to_it, label=shortened(to_it.label, LONGEST_LABEL), tone="") if to_it is not None else None
    return tuple(one for one in (shown, later) if one is not None)


def _leads_to(button: Button, opens: str) -> bool:
    """Nothing to open: its matter is behind a link."""
    return button.action == opens if opens else bool(button.url)


def _puts_off(button: Button) -> bool:
    action = unpack(button.action)
    return isinstance(action, NudgeSnooze) and action.until == "later"


def with_lines(voice: Voice, card: Card, lines: Sequence[Line]) -> Card:
    """The card with more to see below it. Again: only lines are added."""
    if not lines:
        return card
    heading = voice.say("attention.also")
    text = card.text if has_lines(voice, card) else f"{card.text}\n\n{heading}"
    text = "\n".join([text, *(f"- {escape(line.headline)}" for line in lines)])
    rows, why = without_why(card)
    room = max(0, MOST_BUTTONS - sum(len(row) for row in rows))
    added = [line.row for line in lines if line.row][:room]
    return replace(card, text=text, rows=(*rows, *added, *why))


def has_lines(voice: Voice, card: Card) -> bool:
    """Was anything put below it by `with_lines`?"""
    return f"\n\n{voice.say('attention.also')}\n" in card.text


def without_lines(voice: Voice, card: Card, lines: Sequence[Line]) -> Card:
    """The card as it was before these were put below it by `with_lines`."""
    text = card.text.partition(f"\n\n{voice.say('attention.also')}\n")[0]
    added = {line.row for line in lines}
    return replace(card, text=text, rows=tuple(row for row in card.rows if row not in added))
