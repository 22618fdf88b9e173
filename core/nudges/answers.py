"""What somebody answers to a nudge: tomorrow, next week, not now, never; and whether its reason still holds."""

import json
from datetime import datetime

from sqlmodel import Session, col, select

from core.actions import NudgeGoOn, NudgeSnooze, NudgeStop
from core.attention.preferences import hours_of
from core.attention.slots import decision_of
from core.cards import Card
from core.content.catalogue import Catalogue
from core.content.conditions.condition import ALWAYS
from core.nudges.crowd import gather_people
from core.nudges.planning import of_contact, plan_rule, subject
from core.nudges.reasons import EPISODES, Reason, look
from core.nudges.timing import SNOOZES, snoozed_until
from core.onboarding.cards import button
from core.outbox import cancel_waiting, post
from core.people.accounts import Member
from core.people.facts import facts
from core.receipts import Receipt
from core.screens import Place
from storage.loading import find
from storage.tables import Delivery, Nudge


def snooze(
    session: Session, catalogue: Catalogue, who: Member, place: Place, action: NudgeSnooze, now: datetime
) -> Receipt:
    """Say it again when they want to hear it. Of several taps the last counts."""
    nudge = _of(session, who, action.nudge)
    choice = next((one for one in SNOOZES if one == action.until), None)
    if nudge is None or choice is None:
        return Receipt(toast=who.voice.plain("nudge.nothing_more"))
    opens = hours_of(session, catalogue.rules, who).quiet_until
    until = snoozed_until(choice, catalogue.nudges.get(nudge.rule), now, who.zone, opens)
    nudge.state, nudge.snoozed_until, nudge.due = "waiting", until, until
    cancel_waiting(session, subject=subject(action.nudge), contact_id=nudge.contact_id, reason="snoozed", now=now)
    return _said(session, place, Card(who.voice.say("nudge.snoozed", until=who.voice.moment(until, who.zone))), now)


def stop(session: Session, who: Member, place: Place, action: NudgeStop, now: datetime) -> Receipt:
    """Say nothing more by this rule to this person, whatever it would be about."""
    nudge = _of(session, who, action.nudge)
    if nudge is None:
        return Receipt(toast=who.voice.plain("nudge.nothing_more"))
    for one in _by_rule(session, nudge):
        one.state = "stopped"
        cancel_waiting(session, subject=subject(one.id or 0), contact_id=one.contact_id, reason="stopped", now=now)
    if _refusal(session, nudge) is None:
        refusal = Nudge(contact_id=nudge.contact_id, rule=nudge.rule, about="", state="stopped", due=now, since=now)
        session.add(refusal)
    session.flush()
    card = Card(who.voice.say("nudge.stopped"), rows=((button(who.voice, "nudge_resume", NudgeGoOn(action.nudge)),),))
    return _said(session, place, card, now)


def go_on(
    session: Session, catalogue: Catalogue, who: Member, place: Place, action: NudgeGoOn, now: datetime
) -> Receipt:
    """Go on after all, from the beginning: after a stop, or asked whether to stop."""
    nudge = _of(session, who, action.nudge)
    rule = catalogue.nudges.get(nudge.rule) if nudge is not None else None
    if nudge is None or rule is None:
        return Receipt(toast=who.voice.plain("nudge.nothing_more"))
    refusal = _refusal(session, nudge)
    if refusal is not None:
        session.delete(refusal)
    for one in _by_rule(session, nudge):
        if one.state in ("stopped", "over"):
            one.state, one.due = "waiting", now + max((rule.trigger.after, *rule.repeat), key=abs)
            one.snoozed_until = one.due
    session.flush()
    plan_rule(session, rule, of_contact(who.contact.id), now)
    return _said(session, place, Card(who.voice.say("nudge.goes_on")), now)


def _of(session: Session, who: Member, number: int) -> Nudge | None:
    """This person's nudge; None when it is gone, or not theirs."""
    nudge = find(session, Nudge, number)
    return nudge if nudge is not None and nudge.contact_id == who.contact.id else None


def _by_rule(session: Session, nudge: Nudge) -> list[Nudge]:
    found = session.exec(
        select(Nudge).where(Nudge.contact_id == nudge.contact_id, Nudge.rule == nudge.rule, col(Nudge.about) != "")
    )
    return list(found.all())


def _refusal(session: Session, nudge: Nudge) -> Nudge | None:
    found = session.exec(
        select(Nudge).where(Nudge.contact_id == nudge.contact_id, Nudge.rule == nudge.rule, Nudge.about == "")
    )
    return found.one_or_none()


def _said(session: Session, place: Place, card: Card, now: datetime) -> Receipt:
    """Key: `answer:<event key>:nudge`."""
    post(session, key=f"answer:{place.key}:nudge", to=place.chat, card=card, kind="nudge", now=now)
    return Receipt()


def still_wanted(session: Session, catalogue: Catalogue, who: Member, delivery: Delivery, now: datetime) -> bool:
    """Asked when it is about to be sent: is its reason there as it was, and is it still for this person?"""
    number = (delivery.subject or "").partition(":")[2]
    nudge = find(session, Nudge, int(number)) if number.isascii() and number.isdigit() else None
    rule = catalogue.nudges.get(nudge.rule) if nudge is not None else None
    if nudge is None or rule is None or nudge.contact_id != who.contact.id:
        return False
    if nudge.state in ("stopped", "retired") or (nudge.snoozed_until is not None and nudge.snoozed_until > now):
        return False
    person = gather_people(session, catalogue, [nudge.contact_id])[nudge.contact_id]
    reason = look(session, catalogue, person, rule, nudge, now)
    if not isinstance(reason, Reason) or (rule.trigger.kind in EPISODES and reason.since > nudge.since):
        return False
    if not _says_what_holds(session, delivery, nudge, reason):
        return False
    return rule.when == ALWAYS or rule.when.holds(facts(catalogue, person.who, now))


def _says_what_holds(session: Session, delivery: Delivery, nudge: Nudge, reason: Reason) -> bool:
    """It speaks of the step that is theirs, which a colleague may have taken meanwhile, and was not said anew since."""
    decision = decision_of(session, delivery)
    if decision is None:
        return True
    told = json.loads(decision.facts)
    return bool(told.get("step") == reason.facts.get("step") and told.get("said") == nudge.sent - 1)
