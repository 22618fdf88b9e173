"""May these recipients be written to now? Asked of many at once, when they would be sent; every no has a reason."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import bindparam, func, select
from sqlmodel import Session, SQLModel, col

from core.attention.caps import WEEK, Sent, capped_until
from core.attention.preferences import caps_of, choices, hours_by
from core.attention.quiet import quiet_until
from core.cards import Card
from core.content.catalogue import Cadence, Catalogue
from core.mailings.drafting import Written, read_text
from core.mailings.feeding import in_window
from core.mailings.filling import BadWords, fill
from core.people.accounts import Member, member_of
from storage.loading import columns, rows
from storage.prepared import connected, fetch
from storage.tables import Account, Chat, Contact, Csm, Delivery, Mailing, MailingText, Preference
from storage.tables.ledger import ANSWER


@dataclass(frozen=True, slots=True)
class _One:
    row: Delivery
    who: Member
    wishes: Preference | None


@dataclass(slots=True)
class _Known:
    """What the judgement of one batch is made of, read by a handful of statements."""

    catalogue: Catalogue
    now: datetime
    mailings: Mapping[int, Mailing]
    texts: Mapping[tuple[int, int], Mapping[str, Written]]
    """By mailing and revision, by language."""
    off: set[tuple[int, str]]
    """Contact and topic."""
    sent: Mapping[int, list[Sent]] = field(default_factory=dict)
    """By contact: what went to them unasked lately; what is let through is added."""


def judge_all(session: Session, catalogue: Catalogue, claimed: Sequence[int], now: datetime) -> dict[int, Card]:
    """The cards of those that may go, by delivery; of the others it is written down why not, and they are let go of.

    `claimed`: ids of recipients' rows that this transaction has just claimed.
    """
    found = rows(
        session, _THEM, {"claimed": claimed}, Delivery, Contact, Account, Csm, Preference, Chat, fresh=True
    )  # the contacts are locked, so that two processes cannot each find room for one more below the same cap
    people = [
        _One(row, member_of(catalogue, contact, account, csm, chat.language if chat is not None else None), wishes)
        for row, contact, account, csm, wishes, chat in found
    ]
    known = _gather(session, catalogue, people, now)
    cards: dict[int, Card] = {}
    for one in people:
        card = _judge(known, one)
        if card is not None:
            cards[one.row.id or 0] = card
            known.sent[one.row.contact_id or 0].append(Sent(now, one.row.kind))
    gone = set(claimed) - {one.row.id for one in people}
    for number in gone:
        _stop(session.get_one(Delivery, number, populate_existing=True), "cancelled", "contact gone", now)
    if len(cards) < len(claimed):
        session.flush()
    return cards


_THEM = (
    select(*columns(Delivery, Contact, Account, Csm, Preference, Chat))
    .select_from(Delivery)
    .join(Contact, col(Contact.id) == Delivery.contact_id)
    .join(Account, col(Account.id) == Contact.account_id)
    .outerjoin(Csm, col(Csm.id) == Account.csm_id)
    .outerjoin(Preference, col(Preference.contact_id) == Contact.id)
    .outerjoin(Chat, col(Chat.address) == Delivery.address)
    .where(col(Delivery.id).in_(bindparam("claimed", expanding=True)))
    .order_by(col(Contact.id), col(Delivery.id))
    .with_for_update(of=SQLModel.metadata.tables["contact"])
)
_TEXTS = select(*columns(MailingText)).where(
    col(MailingText.mailing_id).in_(bindparam("mailings", expanding=True)),
    col(MailingText.revision).in_(bindparam("revisions", expanding=True)),
)
_MAILINGS = select(*columns(Mailing)).where(col(Mailing.id).in_(bindparam("mailings", expanding=True)))
_MOMENT = func.coalesce(col(Delivery.settled_at), col(Delivery.leased_until))
_SENT = (
    select(col(Delivery.contact_id), _MOMENT, col(Delivery.kind))
    .where(col(Delivery.contact_id).in_(bindparam("contacts", expanding=True)), col(Delivery.lane) != ANSWER)
    .where(col(Delivery.state).in_(("accepted", "uncertain", "sending")), bindparam("since") < _MOMENT)
    .where(col(Delivery.id).not_in(bindparam("claimed", expanding=True)))
)


def _gather(session: Session, catalogue: Catalogue, people: Sequence[_One], now: datetime) -> _Known:
    numbers = sorted({one.row.mailing_id for one in people if one.row.mailing_id is not None})
    revisions = sorted({one.row.revision or 1 for one in people})
    mailings = {one.id: one for (one,) in rows(session, _MAILINGS, {"mailings": numbers}, Mailing, fresh=True)}
    texts: dict[tuple[int, int], dict[str, Written]] = defaultdict(dict)
    for (text,) in rows(session, _TEXTS, {"mailings": numbers, "revisions": revisions}, MailingText):
        texts[text.mailing_id, text.revision][text.language] = read_text(text)
    contacts = sorted({one.row.contact_id or 0 for one in people})
    topics = {one.topic for one in mailings.values()} & catalogue.rules.topics.keys()
    chosen: Mapping[tuple[int, str], Cadence] = choices(session, contacts) if topics and contacts else {}
    off = {
        (contact, topic)
        for topic in topics
        for contact in contacts
        if chosen.get((contact, topic), catalogue.rules.topics[topic]) == "off"
    }
    sent: dict[int, list[Sent]] = defaultdict(list)
    claimed = [one.row.id for one in people]
    values = {"contacts": contacts, "since": now - WEEK, "claimed": claimed}
    for contact, at, kind in fetch(connected(session), _SENT, values) if contacts else ():
        sent[contact].append(Sent(min(at, now), kind))
    return _Known(catalogue, now, mailings, texts, off, sent)


def _judge(known: _Known, one: _One) -> Card | None:
    """The card, if it may go; else what stands against it is written into the row."""
    row, now, rules = one.row, known.now, known.catalogue.rules
    mailing = known.mailings.get(row.mailing_id or 0)
    if mailing is None or mailing.state in ("cancelling", "cancelled", "finished") or mailing.recalled_at is not None:
        _stop(row, "cancelled", mailing.reason or "recalled" if mailing is not None else "mailing gone", now)
    elif row.expires_at is not None and row.expires_at <= now:
        _stop(row, "expired", "expired", now)
    elif mailing.state != "running" or not in_window(rules, mailing, now):
        _put_back(row, "planned", None, row.due)
    elif mailing.category != "mandatory" and _wants_not(known, one, mailing):
        _stop(row, "cancelled", "opted out", now)
    elif (quiet := quiet_until(hours_by(rules, one.who, one.wishes), now, one.who.zone)) is not None:
        _put_back(row, "held", "quiet", quiet)
    elif (full := capped_until(caps_of(rules), known.sent[row.contact_id or 0], row.kind, now)) is not None:
        _put_back(row, "held", "capped", full)
    else:
        return _filled(known, one, mailing)
    return None


def _wants_not(known: _Known, one: _One, mailing: Mailing) -> bool:
    silent = one.who.contact.silent_until
    return (silent is not None and silent > known.now) or (one.row.contact_id or 0, mailing.topic) in known.off


def _filled(known: _Known, one: _One, mailing: Mailing) -> Card | None:
    revision = one.row.revision or mailing.revision
    said = known.texts.get((mailing.id or 0, revision), {})
    try:
        return fill(
            known.catalogue, mailing, said, one.who, one.row.id or 0, revision=revision, root=known.catalogue.public_url
        )
    except BadWords as error:
        _stop(one.row, "failed", f"words: {error}", known.now)
        return None


def _stop(row: Delivery, state: str, reason: str, now: datetime) -> None:
    row.state, row.reason, row.settled_at = state, reason, now
    row.leased_by = row.leased_until = None


def _put_back(row: Delivery, state: str, reason: str | None, due: datetime) -> None:
    row.state, row.reason, row.due, row.attempts = state, reason, due, row.attempts - 1
    row.leased_by = row.leased_until = None
