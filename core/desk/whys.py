"""Our people ask why a client's person got something unasked, or did not: rule, facts, what stood against it."""

from datetime import datetime
from typing import Final

from sqlmodel import Session, select

from core.attention.expecting import rules_of
from core.attention.preferences import caps_of
from core.attention.trail import Gate, Told, last_told
from core.attention.trial import Trial, try_rule
from core.cards import Card
from core.content.catalogue import Catalogue
from core.content.texts.phrases import Voice
from core.events import Commanded
from core.mailings.told import LEFT_OUT, RULE, mailings_told, names, omission, outcome_of, recipient, run_named
from core.markup import Markdown
from core.outbox import post
from core.people.accounts import Colleague, Member, member
from core.receipts import Receipt
from storage.tables import Account, Contact

SHOWN: Final = 5
"""Messages told of in a chat."""

_OUTCOMES: Final = (
    "accepted",
    "queued",
    "sending",
    "quiet",
    "capped",
    "silenced",
    "digest",
    "content",
    "merged",
    "expired",
    "unreachable",
    "topic off",
    "left to the digest",
    "newer digest",
    "no reason any more",
    "seen",
    "acknowledged",
    "snoozed",
    "stopped",
    "moved",
    "rule withdrawn",
    "other account",
    "failed",
    "uncertain",
)
_GATES: Final = (
    "not_due",
    "quiet",
    "capped",
    "silenced",
    "topic off",
    "unreachable",
    "merged",
    "expired",
    "no_reason",
    "no reason any more",
    "not_for_them",
    "before_them",
    "seen",
    "acknowledged",
    "said",
    "all_said",
    "stopped",
    "digest",
    "left to the digest",
)


def why(session: Session, catalogue: Catalogue, who: Colleague, event: Commanded, now: datetime) -> Receipt:
    """`/hub why EMAIL`: told to the one who asked alone, and only of clients who are theirs; admins see all.

    Key: `answer:<event key>:why`.
    """
    voice, email = who.voice, event.words.strip()
    found = find(session, catalogue, email, who) if email else None
    if found is not None:
        card = why_card(session, voice, found, SHOWN)
    else:
        card = Card(voice.say("csm.why_unknown", email=email) if email else voice.say("csm.why_usage"))
    return _tell(session, event, card, now)


def whynot(session: Session, catalogue: Catalogue, who: Colleague, event: Commanded, now: datetime) -> Receipt:
    """`/hub whynot EMAIL RULE`, in the same way."""
    voice = who.voice
    email, _, rule = event.words.strip().partition(" ")
    found = find(session, catalogue, email, who) if email and rule.strip() else None
    if found is not None:
        card = whynot_card(session, catalogue, voice, found, rule.strip(), now)
    elif not rule.strip():
        card = Card(voice.say("csm.whynot_usage", rules=_listed(catalogue)))
    else:
        card = Card(voice.say("csm.why_unknown", email=email))
    return _tell(session, event, card, now)


def _tell(session: Session, event: Commanded, card: Card, now: datetime) -> Receipt:
    post(session, key=f"answer:{event.key}:why", to=event.sender, card=card, kind="why", now=now)
    return Receipt()


def find(session: Session, catalogue: Catalogue, email: str, asks: Colleague | None) -> Member | None:
    """The contact, if the one who asks may know of them: theirs, or anybody for an admin and (None) an operator."""
    contact = session.exec(select(Contact).where(Contact.email == email.strip().lower())).one_or_none()
    if contact is None:
        return None
    account = session.get_one(Account, contact.account_id)
    if asks is not None and asks.csm.role != "admin" and account.csm_id != asks.csm.id:
        return None
    return member(session, catalogue, contact)


def why_card(session: Session, voice: Voice, who: Member, most: int) -> Card:
    """The last `most` things, newest first, each moment on the person's own clock."""
    number = who.contact.id or 0
    told = [*last_told(session, number, most), *mailings_told(session, number, most)]
    told = sorted(told, key=lambda one: one.at, reverse=True)[:most]
    title = voice.plain("csm.why_title", name=who.contact.name, account=who.account.name)
    note = voice.say("csm.why_note", zone=who.zone)
    text = "\n\n".join(_entry(voice, who, one) for one in told) or voice.say("csm.why_nothing")
    return Card(text, title=title, note=note)


def _entry(voice: Voice, who: Member, one: Told) -> str:
    outcome = _outcome(voice, who, one.outcome, one.outcome_at, one.carried_by)
    lines = [voice.say("csm.why_entry", at=voice.moment(one.at, who.zone), rule=one.rule, outcome=outcome)]
    facts = ", ".join(f"{name} = {value}" for name, value in one.facts.items()) or "–"
    lines.append(voice.say("csm.why_facts", facts=facts, version=one.content_version))
    lines += [
        voice.say("csm.why_gate", at=voice.moment(gate.at, who.zone), gate=_gate(voice, who, gate))
        for gate in one.gates
    ]
    if one.carries:
        lines.append(voice.say("csm.why_carries", count=one.carries))
    return "\n".join(lines)


def _outcome(voice: Voice, who: Member, outcome: str, at: datetime | None, rule: str) -> Markdown:
    if outcome not in _OUTCOMES:
        return Markdown(voice.say("csm.outcome.other", reason=outcome))
    moment = voice.moment(at, who.zone) if at is not None else ""
    return Markdown(voice.say(f"csm.outcome.{outcome.replace(' ', '_')}", at=moment, rule=rule))


def _gate(voice: Voice, who: Member, gate: Gate) -> Markdown:
    if gate.reason not in _GATES:
        return Markdown(voice.say("csm.gate.other", reason=gate.reason))
    until = voice.moment(gate.until, who.zone) if gate.until is not None else ""
    return Markdown(voice.say(f"csm.gate.{gate.reason.replace(' ', '_')}", until=until))


def whynot_card(session: Session, catalogue: Catalogue, voice: Voice, who: Member, rule: str, now: datetime) -> Card:
    """Whether the rule would speak to them now, and what stands against it, in the order in which it is met.

    Of `mailing:<name>`: whether the newest run was for them, and why it was not.
    """
    if rule.startswith(RULE):
        return _mailing_card(session, catalogue, voice, who, rule)
    trial = try_rule(session, catalogue, who, rule, now)
    title = voice.plain("csm.whynot_title", name=who.contact.name, rule=rule)
    if not trial.known:
        return Card(voice.say("csm.whynot_unknown", rule=rule, rules=_listed(catalogue)), title=title)
    lines = [f"- {_gate(voice, who, gate)}" for gate in trial.gates]
    used = voice.say("csm.whynot_used", count=trial.sent_today, total=caps_of(catalogue.rules).per_day)
    parts = ["\n".join(lines)] if lines else []
    parts += [_verdict(voice, who, trial, now), used]
    if trial.last is not None and not trial.waits:
        parts.append(voice.say("csm.whynot_last", at=voice.moment(trial.last.at, who.zone)))
    return Card("\n\n".join(parts), title=title, note=voice.say("csm.why_note", zone=who.zone))


def _mailing_card(session: Session, catalogue: Catalogue, voice: Voice, who: Member, rule: str) -> Card:
    title = voice.plain("csm.whynot_title", name=who.contact.name, rule=rule)
    mailing, number = run_named(session, rule), who.contact.id or 0
    if mailing is None:
        return Card(voice.say("csm.whynot_unknown", rule=rule, rules=_mailings(session, catalogue)), title=title)
    row, reason = recipient(session, mailing, number), omission(session, mailing, number)
    if row is not None:
        outcome, at = outcome_of(row)
        said = voice.say("csm.whynot_got", outcome=_outcome(voice, who, outcome, at, ""))
    elif reason is not None:
        named = reason.replace(" ", "_") if reason in LEFT_OUT else "other"
        said = voice.say(f"csm.left_out.{named}", reason=reason)
    elif mailing.planned_at is None and mailing.state == "cancelled":
        said = voice.say("runs.says_called_off")
    elif mailing.planned_at is None:
        said = voice.say("csm.whynot_not_left")
    else:
        said = voice.say("csm.whynot_not_audience", rule=mailing.audience or "–")
    if mailing.recalled_at is not None:
        said = f"{said}\n\n{voice.say('csm.whynot_recalled', at=voice.moment(mailing.recalled_at, who.zone))}"
    return Card(said, title=title, note=voice.say("csm.why_note", zone=who.zone))


def _verdict(voice: Voice, who: Member, trial: Trial, now: datetime) -> str:
    if trial.speaks_at is None:
        return voice.say("csm.whynot_never")
    if trial.speaks_at <= now:
        return voice.say("csm.whynot_now")
    return voice.say("csm.whynot_then", at=voice.moment(trial.speaks_at, who.zone))


def _mailings(session: Session, catalogue: Catalogue) -> str:
    return ", ".join(f"{RULE}{name}" for name in names(session, catalogue)) or "–"


def _listed(catalogue: Catalogue) -> str:
    return ", ".join(rules_of(catalogue)) or "–"
