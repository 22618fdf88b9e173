"""Would a rule say something to a person now, and what stands against it? Asked of the real judge, nothing is kept."""

from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, col, select

from core.attention.caps import DAY, sent_unasked
from core.attention.expected import Expected
from core.attention.expecting import expected
from core.attention.judge import Again, Drop, Hold, Speak, judge
from core.attention.preferences import cadence
from core.attention.reach import best_chat
from core.attention.trail import Gate
from core.cards import Card
from core.codec import write_card
from core.content.catalogue import Catalogue
from core.events import Address
from core.people.accounts import Member
from storage.tables import Decision, Delivery
from storage.tables.ledger import PROACTIVE

MOST_GATES = 20
"""Gates in a row that are looked through: quiet hours, a cap and a pause may take turns."""


@dataclass(frozen=True, slots=True)
class Trial:
    """What came of trying."""

    rule: str
    known: bool
    """False: there is no such rule, and nothing of it ever was."""
    gates: tuple[Gate, ...] = ()
    """What stands against it, in the order in which it is met."""
    speaks_at: datetime | None = None
    """When it would be said if nothing else changes; None: not at all."""
    waits: bool = False
    """It has been proposed already and waits."""
    sent_today: int = 0
    """Messages unasked within 24 hours."""
    last: Decision | None = None
    """The last time this rule spoke to them, or wanted to."""


def try_rule(session: Session, catalogue: Catalogue, who: Member, rule: str, now: datetime) -> Trial:
    """What would become of this rule now. Writes to try it out and takes everything back before it returns."""
    contact_id = who.contact.id or 0
    last = session.exec(
        select(Decision)
        .where(Decision.contact_id == contact_id, Decision.rule == rule)
        .order_by(col(Decision.at).desc(), col(Decision.id).desc())
        .limit(1)
    ).one_or_none()
    sent_today = sum(one.at > now - DAY for one in sent_unasked(session, contact_id, now))
    waiting = _waiting(session, last)
    if waiting is not None:
        gates, speaks_at = _tried(session, catalogue, waiting, now)
        return Trial(rule, True, gates, speaks_at, waits=True, sent_today=sent_today, last=last)
    wish = expected(session, catalogue, who, rule, now)
    if wish is None:
        return Trial(rule, last is not None, sent_today=sent_today, last=last)
    gates, speaks_at = try_wish(session, catalogue, who, rule, wish, now)
    return Trial(rule, True, gates, speaks_at, sent_today=sent_today, last=last)


def try_wish(
    session: Session, catalogue: Catalogue, who: Member, rule: str, wish: Expected, now: datetime
) -> tuple[tuple[Gate, ...], datetime | None]:
    """The gates before it is proposed, then those it would meet; and when it is said, None: never."""
    if wish.due is None:
        return (Gate(now, wish.reason),), None
    gates: list[Gate] = []
    moment = max(now, wish.due)
    if moment > now:
        gates.append(Gate(now, "not_due", moment))
    contact_id = who.contact.id or 0
    if not wish.mandatory and cadence(session, catalogue.rules, contact_id, wish.topic) == "off":
        return (*gates, Gate(moment, "topic off")), None
    chat = best_chat(session, contact_id)
    if chat is None:
        return (*gates, Gate(moment, "unreachable")), None
    with session.begin_nested() as trial:
        probe = _probe(session, rule, wish, contact_id, Address.parse(chat.address), now)
        more, speaks_at = _through(session, catalogue, probe, moment)
        trial.rollback()
    return (*gates, *more), speaks_at


def _waiting(session: Session, last: Decision | None) -> Delivery | None:
    delivery = session.get(Delivery, last.delivery_id) if last is not None and last.delivery_id is not None else None
    return delivery if delivery is not None and delivery.state in ("queued", "held") else None


def _tried(
    session: Session, catalogue: Catalogue, delivery: Delivery, now: datetime
) -> tuple[tuple[Gate, ...], datetime | None]:
    if delivery.reason == "unreachable":
        return (Gate(now, "unreachable"),), None
    with session.begin_nested() as trial:
        found = _through(session, catalogue, delivery, now)
        trial.rollback()
    return found


def _through(
    session: Session, catalogue: Catalogue, delivery: Delivery, moment: datetime
) -> tuple[tuple[Gate, ...], datetime | None]:
    """Go from gate to gate as the courier would, each time when the last one opens."""
    gates: list[Gate] = []
    for _ in range(MOST_GATES):
        match judge(session, catalogue, delivery, moment):
            case Speak():
                return tuple(gates), moment
            case Hold(until, reason):
                gates.append(Gate(moment, reason, until))
                moment = until
            case Drop(reason):
                return (*gates, Gate(moment, reason)), None
            case Again():
                continue
    return tuple(gates), None


def _probe(session: Session, rule: str, wish: Expected, contact_id: int, to: Address, now: datetime) -> Delivery:
    """What it would be, as far as the judge looks."""
    key, kind = f"trial:{rule}:{contact_id}", rule.partition(":")[0]
    delivery = Delivery(
        key=key,
        messenger=to.messenger,
        address=str(to),
        lane=PROACTIVE,
        kind=kind,
        card=write_card(Card(rule)),
        subject=wish.subject,
        contact_id=contact_id,
        due=now,
        created_at=now,
    )
    session.add(delivery)
    session.flush()
    session.add(
        Decision(
            key=key,
            contact_id=contact_id,
            delivery_id=delivery.id,
            at=now,
            rule=rule,
            kind=kind,
            topic=wish.topic,
            mandatory=wish.mandatory,
        )
    )
    session.flush()
    return delivery
