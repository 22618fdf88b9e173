"""Rules change while nudges wait: everybody is planned anew, bit by bit, and what waits is said in the words of now."""

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from hashlib import blake2b

from sqlalchemy import String, cast, func, literal, update
from sqlalchemy import select as select_columns
from sqlmodel import Session, SQLModel, col, select

from core.attention.because import why_row
from core.attention.slots import lines_of, with_lines
from core.codec import write_card
from core.content.catalogue import Catalogue
from core.content.kinds.nudge_rules import NudgeRule as Rule
from core.content.texts.phrases import Words
from core.nudges.cards import headline, nudge_card
from core.nudges.crowd import gather_people
from core.nudges.planning import of_contacts, plan_rule, subject, sweep_questions
from core.nudges.reasons import Reason, look
from core.outbox import cancel_waiting, carried_by
from storage.loading import columns, rows
from storage.tables import Contact, Decision, Delivery, Nudge, NudgeRule

AT_ONCE = 2000
"""Contacts planned in one transaction."""

WORDS_AT_ONCE = 200
"""Deliveries worded anew in one transaction."""

_NUDGE = SQLModel.metadata.tables["nudge"]
_SUBJECT = literal("nudge:").concat(cast(_NUDGE.c.id, String))
_WAITS = ("queued", "held")


def replan(session: Session, catalogue: Catalogue, now: datetime) -> int:
    """Do a bounded part of what follows from changed rules. Returns how much was done; 0: nothing is left."""
    known: dict[str, NudgeRule] = {row.rule: row for (row,) in rows(session, _RULES, {}, NudgeRule)}
    changed = _notice(session, catalogue, known)
    if not changed and all(row.planned_to is None for row in known.values()):
        return _sweep(session, catalogue, known, now)
    unplanned = session.exec(
        select(NudgeRule)
        .where(col(NudgeRule.planned_to).is_not(None))
        .order_by(NudgeRule.rule)
        .limit(1)
        .with_for_update(skip_locked=True)
    ).first()
    if unplanned is None:
        return changed + _sweep(session, catalogue, known, now)
    rule = catalogue.nudges.get(unplanned.rule)
    if rule is None:
        return _retire(session, unplanned, now)
    return _plan_some(session, catalogue, rule, unplanned, now)


_RULES = select_columns(*columns(NudgeRule)).order_by(col(NudgeRule.rule))


def _notice(session: Session, catalogue: Catalogue, known: dict[str, NudgeRule]) -> int:
    """Which rules are new, other ones or gone."""
    changed = 0
    for rule in catalogue.nudges.values():
        row, words = known.get(rule.id), hashed(rule)
        if row is None:
            session.add(NudgeRule(rule=rule.id, timing=rule.timing, words=words))
            changed += 1
        elif row.timing != rule.timing or row.words != words:
            row.timing, row.words, row.planned_to = rule.timing, words, 0
            changed += 1
    for name, row in known.items():
        if name not in catalogue.nudges and row.timing:
            row.timing, row.words, row.planned_to = "", "", 0
            changed += 1
    session.flush()
    return changed


def hashed(rule: Rule) -> str:
    """Eight characters that stay the same as long as the rule says the same to the same people."""

    def plain(words: Words | None) -> object:
        return None if words is None else dict(words.by_language)

    said = [[plain(one) for one in rule.texts], plain(rule.button), rule.opens, rule.link, rule.when.source, rule.topic]
    return blake2b(json.dumps(said, sort_keys=True).encode(), digest_size=4).hexdigest()


def _plan_some(session: Session, catalogue: Catalogue, rule: Rule, row: NudgeRule, now: datetime) -> int:
    """The next contacts, by id; what waits to be sent to them is worded anew."""
    begin = row.planned_to or 0
    few = select(Contact.id).where(col(Contact.id) > begin).order_by(col(Contact.id)).limit(AT_ONCE).subquery()
    last = session.exec(select(func.max(few.c.id))).one()
    if last is None:
        row.planned_to = None
        return 1
    _reword(session, catalogue, rule, begin, last, now)
    _reschedule(session, rule, begin, last)
    plan_rule(session, rule, of_contacts(begin, last), now)
    session.get_one(NudgeRule, rule.id).planned_to = last
    return AT_ONCE


def _reschedule(session: Session, rule: Rule, begin: int, last: int) -> None:
    """What was said already is due again by the repeats of now; what the rule says no more rests."""
    within = (_NUDGE.c.rule == rule.id, _NUDGE.c.contact_id > begin, _NUDGE.c.contact_id <= last)
    session.flush()
    session.execute(
        update(_NUDGE)
        .where(*within, _NUDGE.c.state.in_(("waiting", "retired", "over")), _NUDGE.c.sent > 0)
        .where(_NUDGE.c.snoozed_until.is_(None))
        .values(state="waiting", due=_NUDGE.c.sent_at)
        .execution_options(synchronize_session=False)
    )
    session.execute(
        update(_NUDGE)
        .where(*within, _NUDGE.c.state == "retired")
        .values(state="waiting")
        .execution_options(synchronize_session=False)
    )


def _reword(session: Session, catalogue: Catalogue, rule: Rule, begin: int, last: int, now: datetime) -> None:
    """What waits to be sent says what the rule says now; one whose reason has gone is left for sending to find out."""
    waiting: Sequence[tuple[Nudge, Delivery]] = session.exec(
        select(Nudge, Delivery)
        .join(Delivery, col(Delivery.contact_id) == Nudge.contact_id)
        .where(Nudge.rule == rule.id, col(Nudge.contact_id) > begin, col(Nudge.contact_id) <= last, Nudge.sent > 0)
        .where(Delivery.kind == "nudge", col(Delivery.state).in_(_WAITS))
        .where(Delivery.subject == _SUBJECT)
    ).all()
    if not waiting:
        return
    people = gather_people(session, catalogue, [nudge.contact_id for nudge, _ in waiting])
    for nudge, delivery in waiting:
        person = people.get(nudge.contact_id)
        reason = look(session, catalogue, person, rule, nudge, now) if person is not None else None
        if person is None or not isinstance(reason, Reason):
            continue
        decision = session.exec(select(Decision).where(Decision.delivery_id == delivery.id)).one_or_none()
        if decision is None or not decision.headline:
            continue
        said = min(nudge.sent, rule.stop) - 1
        card = nudge_card(person, rule, reason, said, nudge.id or 0)
        card = replace(card, rows=(*card.rows, why_row(person.who.voice, decision.id or 0)))
        carried = carried_by(session, [delivery.id], nudge.contact_id)
        card = with_lines(person.who.voice, card, lines_of(session, carried))
        delivery.card, delivery.content_version = write_card(card), catalogue.version
        decision.headline, decision.topic, decision.worth = headline(card.text), rule.topic, rule.worth
        decision.content_version = catalogue.version


def _sweep(session: Session, catalogue: Catalogue, known: dict[str, NudgeRule], now: datetime) -> int:
    """Questions are asked in many places and noted by none of them for us: those open for long are looked up."""
    found = 0
    for rule in catalogue.nudges.values():
        row = known.get(rule.id) if rule.trigger.kind == "unanswered_question" else None
        if row is not None and sweep_questions(session, rule, row.swept_to, now):
            row.swept_to = now - rule.trigger.after
            found += 1
    return found


def _retire(session: Session, row: NudgeRule, now: datetime) -> int:
    """The rule is gone: its nudges rest, what waits to be sent is taken back."""
    session.execute(
        update(_NUDGE)
        .where(_NUDGE.c.rule == row.rule, _NUDGE.c.state.in_(("waiting", "over")))
        .values(state="retired")
        .execution_options(synchronize_session=False)
    )
    waiting = session.exec(
        select(Nudge.id, Nudge.contact_id)
        .join(Delivery, col(Delivery.contact_id) == Nudge.contact_id)
        .where(Nudge.rule == row.rule, col(Delivery.state).in_(_WAITS), Delivery.kind == "nudge")
        .where(Delivery.subject == _SUBJECT)
        .limit(WORDS_AT_ONCE)
    ).all()
    for number, contact in waiting:
        cancel_waiting(session, subject=subject(number or 0), contact_id=contact, reason="rule withdrawn", now=now)
    if len(waiting) < WORDS_AT_ONCE:
        row.planned_to = None
    return 1 + len(waiting)
