"""The people of a mailing one by one: what became of each, for our eyes; in chat a page at a time, as CSV all."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, String, and_, cast, select, true
from sqlmodel import Session, SQLModel, col

from core.actions import SeeWho
from core.content.catalogue import Catalogue
from core.mailings.counting import counts
from core.mailings.places import beside, shows
from core.mailings.run_cards import who_card
from core.mailings.run_words import out_word
from core.people.accounts import Colleague
from core.receipts import Receipt
from core.screens import Place, show
from storage.tables import Account, Contact, Delivery, Mailing, MailingChange, MailingOmission, MailingReaction

PAGE: Final = 15
"""People of a page in chat."""

SLICE: Final = 2_000
"""Of an export, read at a time."""

STATES: Final = ("accepted", "failed", "uncertain", "held", "planned", "queued", "expired", "cancelled")


@dataclass(frozen=True, slots=True)
class Recipient:
    """One of them. Moments are None until they were."""

    contact_id: int
    name: str
    email: str
    account: str
    messenger: str
    """Empty: left out."""
    state: str
    """Of the delivery, or `left out`."""
    reason: str = ""
    due: datetime | None = None
    settled_at: datetime | None = None
    """When it was accepted, or became what it is."""
    attempts: int = 0
    first_at: datetime | None = None
    """When they first did something with it."""
    answer: str = ""
    opinion: str = ""
    clicks: int = 0
    replied_at: datetime | None = None
    opened_at: datetime | None = None
    revision: int | None = None
    """Of the words they were sent."""
    changed: str = ""
    """What was done about these since, and what became of that: `edited to 2: accepted`; empty: nothing."""


_WHO = (col(Contact.id), col(Contact.name), col(Contact.email), col(Account.name))
_BY = SQLModel.metadata.tables["delivery"].alias("by")
_CHANGED = (
    select(
        col(MailingChange.how)
        .concat(" to ")
        .concat(cast(col(MailingChange.revision), String))
        .concat(": ")
        .concat(_BY.c.state)
    )
    .join(_BY, _BY.c.id == col(MailingChange.by_id))
    .where(col(MailingChange.delivery_id) == col(Delivery.id))
    .order_by(col(MailingChange.revision).desc())
    .limit(1)
    .correlate(Delivery)
    .scalar_subquery()
)
_SENT = (
    select(
        *_WHO,
        col(Delivery.messenger),
        col(Delivery.state),
        col(Delivery.reason),
        col(Delivery.due),
        col(Delivery.settled_at),
        col(Delivery.attempts),
        col(MailingReaction.first_at),
        col(MailingReaction.answer),
        col(MailingReaction.opinion),
        col(MailingReaction.clicks),
        col(MailingReaction.replied_at),
        col(MailingReaction.opened_at),
        col(Delivery.revision),
        _CHANGED,
    )
    .select_from(Delivery)
    .join(Contact, col(Contact.id) == col(Delivery.contact_id))
    .join(Account, col(Account.id) == col(Contact.account_id))
    .outerjoin(MailingReaction, col(MailingReaction.delivery_id) == col(Delivery.id))
    .order_by(col(Contact.id))
)
_OUT = (
    select(*_WHO, col(MailingOmission.reason))
    .select_from(MailingOmission)
    .join(Contact, col(Contact.id) == col(MailingOmission.contact_id))
    .join(Account, col(Account.id) == col(Contact.account_id))
    .order_by(col(Contact.id))
)


def recipients(
    session: Session, mailing_id: int, what: str, *, after: int = 0, most: int = SLICE, csm_id: int | None = None
) -> list[Recipient]:
    """Those after this contact id, in order. `what`: `all` (who got it or was to), a state, or `out`.

    `csm_id`: of one CSM's accounts alone.
    """
    if what == "out":
        later = and_(col(MailingOmission.mailing_id) == mailing_id, col(MailingOmission.contact_id) > after)
    else:
        later = and_(_in_state(mailing_id, what), col(Delivery.contact_id) > after)
    return _read(session, what, and_(later, _theirs(csm_id)), 0, most)


def _in_state(mailing_id: int, what: str) -> ColumnElement[bool]:
    of = col(Delivery.mailing_id) == mailing_id
    if what == "queued":
        return and_(of, col(Delivery.state).in_(("queued", "sending")))
    return of if what == "all" else and_(of, col(Delivery.state) == what)


def _read(session: Session, what: str, those: ColumnElement[bool], start: int, most: int) -> list[Recipient]:
    if what == "out":
        return [_left_out(row) for row in session.execute(_OUT.where(those).offset(start).limit(most))]
    return [_sent(row) for row in session.execute(_SENT.where(those).offset(start).limit(most))]


def _theirs(csm_id: int | None) -> ColumnElement[bool]:
    return true() if csm_id is None else col(Account.csm_id) == csm_id


def _sent(row: Sequence[Any]) -> Recipient:
    made: list[Any] = ["" if value is None and place in _EMPTY else value for place, value in enumerate(row)]
    return Recipient(*made)


_EMPTY: Final = frozenset({6, 11, 12, 17})
"""Places of texts that may be missing."""


def _left_out(row: Sequence[Any]) -> Recipient:
    number, name, email, account, reason = row
    return Recipient(number, name, email, account, "", "left out", reason)


def show_who(
    session: Session,
    catalogue: Catalogue,
    who: Colleague,
    place: Place,
    mailing: Mailing,
    action: SeeWho,
    now: datetime,
    *,
    everybody: bool,
) -> Receipt:
    """A page of them, told to who asked alone. `everybody` False: those of this person's own accounts."""
    del catalogue
    number, what = mailing.id or 0, action.what if action.what in ("all", "out", *STATES) else "all"
    counted = counts(session, number)
    offered = ["all", *(state for state in STATES if counted[state]), "out"]
    owner = None if everybody else who.csm.id
    page = min(action.page, 10_000)
    of = col(MailingOmission.mailing_id) == number if what == "out" else _in_state(number, what)
    found = _read(session, what, and_(of, _theirs(owner)), page * PAGE, PAGE + 1)
    lines = [_line(who, one) for one in found[:PAGE]]
    card = who_card(who, mailing, what, lines, page, offered, more=len(found) > PAGE)
    subject = f"who:{mailing.id}"
    where = place if shows(session, place, subject) else beside(place)
    show(session, where, subject=subject, card=card, kind="desk", now=now)
    return Receipt()


def _line(who: Colleague, one: Recipient) -> str:
    voice = who.voice
    if one.state == "left out":
        state = out_word(voice, one.reason)
    else:
        state = voice.plain(f"runs.fact_{'queued' if one.state == 'sending' else one.state}").lower()
        if one.reason and one.state not in ("accepted", "planned", "queued"):
            state = f"{state}: {one.reason}"
    at = voice.moment(one.settled_at, who.zone) if one.settled_at is not None and one.state == "accepted" else ""
    did = ", ".join(filter(None, (one.answer, {"up": "👍", "down": "👎"}.get(one.opinion, ""))))
    return voice.say("runs.who_line", name=one.name, account=one.account, state=state, at=at, words=did)
