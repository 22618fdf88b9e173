"""What a person is told who asks "why did I get this?", and how they get less of it. Nothing internal is said."""

import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final

from sqlmodel import Session, col, select

from core.actions import LessLikeThis, WhyThis, pack, unpack
from core.attention.preferences import cadence, turn_down
from core.cards import Button, Card
from core.content.catalogue import Catalogue
from core.content.kinds.nudge_rules import NudgeRule
from core.content.texts.phrases import Voice
from core.markup import escape
from core.outbox import post
from core.people.accounts import Member
from core.people.filling import values_for
from core.receipts import Receipt
from core.screens import Place
from storage.tables import Decision

_BY_KIND: Final[Mapping[str, str]] = {
    "nudge": "why.nudge",
    "update": "why.update",
    "digest": "why.digest",
    "campaign": "why.campaign",
}
"""By the first part of a rule, the phrase that says in a client's words why it spoke."""


def why_row(voice: Voice, decision: int) -> tuple[Button, ...]:
    """The row below everything said unasked, under which its reason is kept."""
    return (Button(voice.plain("button.why"), pack(WhyThis(decision))),)


def without_why(card: Card) -> tuple[tuple[tuple[Button, ...], ...], tuple[tuple[Button, ...], ...]]:
    """The card's rows without that row, and that row by itself (nothing: the card has none)."""
    if card.rows and any(isinstance(unpack(button.action), WhyThis) for button in card.rows[-1]):
        return card.rows[:-1], card.rows[-1:]
    return card.rows, ()


def explain(
    session: Session, catalogue: Catalogue, who: Member, place: Place, action: WhyThis, now: datetime
) -> Receipt:
    """Say below the message why it came and what came with it. Key: `answer:<event key>:why`."""
    decision = _theirs(session, who, action.decision)
    if decision is None:
        return Receipt(toast=who.voice.plain("error.stale"))
    card = Card(
        "\n\n".join(_reasons(session, catalogue, who, decision, place)), rows=_less(session, catalogue, who, decision)
    )
    post(session, key=f"answer:{place.key}:why", to=place.chat, card=card, kind="why", now=now)
    return Receipt()


def less_like_this(
    session: Session, catalogue: Catalogue, who: Member, place: Place, action: LessLikeThis, now: datetime
) -> Receipt:
    """Turn its topic down by one: at once, once a day, once a week, never. Key: `answer:<event key>:less`."""
    decision = _theirs(session, who, action.decision)
    if decision is None or not _can_be_less(session, catalogue, decision):
        return Receipt(toast=who.voice.plain("error.stale"))
    now_comes = turn_down(session, catalogue.rules, decision.contact_id, decision.topic)
    topic = who.voice.topic(decision.topic)
    match now_comes:
        case "off":
            text = who.voice.say("why.less_off", topic=topic, command=_settings(place))
        case "weekly":
            text = who.voice.say("why.less_weekly", topic=topic, command=_settings(place))
        case _:
            text = who.voice.say("why.less_daily", topic=topic, command=_settings(place))
    post(session, key=f"answer:{place.key}:less", to=place.chat, card=Card(text), kind="why", now=now)
    return Receipt()


def _theirs(session: Session, who: Member, number: int) -> Decision | None:
    decision = session.get(Decision, number)
    return decision if decision is not None and decision.contact_id == who.contact.id else None


def _reasons(session: Session, catalogue: Catalogue, who: Member, decision: Decision, place: Place) -> list[str]:
    voice = who.voice
    reasons = [_reason(catalogue, who, decision)]
    if decision.mandatory:
        reasons.append(voice.say("why.mandatory"))
    others = session.exec(
        select(Decision.headline)
        .where(Decision.contact_id == decision.contact_id)
        .where(Decision.merged_into == decision.delivery_id, col(Decision.merged_into).is_not(None))
        .order_by(col(Decision.id))
    ).all()
    if others:
        reasons.append("\n".join([voice.say("why.together"), *(f"- {escape(line)}" for line in others)]))
    reasons.append(voice.say("why.change", command=_settings(place)))
    return reasons


def _reason(catalogue: Catalogue, who: Member, decision: Decision) -> str:
    kind, _, name = decision.rule.partition(":")
    rule = catalogue.nudges.get(name) if kind == "nudge" else None
    told = _of_nudge(catalogue, who, rule, json.loads(decision.facts)) if rule is not None else ""
    return told or who.voice.say(_BY_KIND.get(kind, "why.other"), about=decision.headline)


def _of_nudge(catalogue: Catalogue, who: Member, rule: NudgeRule, facts: Mapping[str, object]) -> str:
    """What made this rule speak, by what it looks for; empty: it cannot be told any more."""
    voice, days = who.voice, facts.get("away_days", facts.get("days"))
    span = voice.duration(timedelta(days=max(1, days if isinstance(days, int) else 1)))
    match rule.trigger.kind:
        case "no_visit":
            return voice.say("why.no_visit", span=span)
        case "date":
            return voice.say("why.date")
        case "signal":
            return voice.say("why.signal")
    checklist = catalogue.checklists.get(str(facts.get("checklist", "")))
    if checklist is None:
        return ""
    values = values_for(voice, who.zone, who.account, who.contact, who.csm)
    title = voice.plain_words(checklist.title, values)
    match rule.trigger.kind:
        case "stalled_step":
            return voice.say("why.stalled_step", checklist=title, span=span)
        case "step_overdue":
            return voice.say("why.step_overdue", checklist=title, span=span)
        case "checklist_overdue":
            return voice.say("why.checklist_overdue", checklist=title, span=span)
        case "unanswered_question":
            return voice.say("why.unanswered_question", checklist=title, span=span)


def _less(session: Session, catalogue: Catalogue, who: Member, decision: Decision) -> tuple[tuple[Button, ...], ...]:
    if not _can_be_less(session, catalogue, decision):
        return ()
    return ((Button(who.voice.plain("button.less"), pack(LessLikeThis(decision.id or 0))),),)


def _can_be_less(session: Session, catalogue: Catalogue, decision: Decision) -> bool:
    rules = catalogue.rules
    if decision.mandatory or decision.topic not in rules.topics:
        return False
    return cadence(session, rules, decision.contact_id, decision.topic) != "off"


def _settings(place: Place) -> str:
    return "/hub settings" if place.chat.messenger == "slack" else "/settings"
