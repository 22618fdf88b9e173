"""CSMs whose clients somebody else's mailing reaches hear of it before it leaves, and may keep their accounts out."""

from datetime import datetime

from sqlmodel import Session, col, select

from core.content.catalogue import Catalogue
from core.content.conditions.condition import BadCondition
from core.mailings.omitting import keep_back
from core.mailings.previewing import Touched, touched
from core.mailings.veto_cards import closed_card, veto_card
from core.people.accounts import Colleague, colleague, csm_address
from core.receipts import Receipt
from core.screens import Place, refresh, screens_of, show
from storage.tables import Account, Csm, Mailing, MailingVeto

OPEN = ("waiting", "leaving", "running", "paused")
"""States in which it can still be kept from somebody."""


def place_of(csm: Csm, key: str) -> Place | None:
    """Their chat, for a new message; None: we have not met them in Slack."""
    to = csm_address(csm)
    return Place(to, key) if to is not None else None


def subject_of(mailing: Mailing) -> str:
    return f"veto:{mailing.id}"


def tell(session: Session, catalogue: Catalogue, mailing: Mailing, now: datetime) -> int:
    """One card to each of them but those who said yes themselves. Returns to how many.

    Key: `answer:veto:<mailing>:<csm>:<moment of the yes>:veto:<mailing>`, for it may be called off and approved anew.
    Raises BadCondition.
    """
    told = 0
    for one in touched(session, catalogue, mailing, now):
        place = place_of(one.csm, f"veto:{mailing.id}:{one.csm.id}:{now:%Y%m%d%H%M%S%f}")
        if place is None or one.csm.id in (mailing.csm_id, mailing.approved_by) or _has_card(session, mailing, place):
            continue
        who = colleague(catalogue, one.csm)
        card = veto_card(who, mailing, one, _held(session, mailing), _author(session, catalogue, mailing))
        show(session, place, subject=subject_of(mailing), card=card, kind="desk", now=now)
        told += 1
    return told


def _has_card(session: Session, mailing: Mailing, place: Place) -> bool:
    return any(screen.address == str(place.chat) for screen in screens_of(session, subject_of(mailing)))


def _author(session: Session, catalogue: Catalogue, mailing: Mailing) -> str:
    csm = session.get(Csm, mailing.csm_id) if mailing.csm_id is not None else None
    return (csm.name or csm.email) if csm is not None else catalogue.rules.vendor


def _held(session: Session, mailing: Mailing) -> frozenset[int]:
    return frozenset(session.exec(select(MailingVeto.account_id).where(MailingVeto.mailing_id == mailing.id)).all())


def hold(
    session: Session,
    catalogue: Catalogue,
    who: Colleague,
    place: Place,
    mailing: Mailing,
    account_id: int,
    now: datetime,
) -> Receipt:
    """Keep one of their accounts out of it, or all of them (0); pressed again before it left, let that one in again.

    An admin may do the same for accounts that nobody looks after.
    """
    reached = _theirs(session, catalogue, mailing, who, now)
    ours = {account.id or 0 for account, _ in reached.accounts} if reached is not None else set[int]()
    if mailing.state not in OPEN:
        return Receipt(toast=who.voice.plain("runs.decided"))
    if reached is None or (account_id and account_id not in ours):
        return Receipt(toast=who.voice.plain("error.stale"))
    held = _held(session, mailing)
    if account_id in held:
        if mailing.planned_at is not None:
            return Receipt(toast=who.voice.plain("runs.decided"))
        session.delete(session.get_one(MailingVeto, (mailing.id, account_id)))
        session.flush()
    else:
        for number in [account_id] if account_id else sorted(ours - held):
            keep_back(session, mailing.id or 0, number, who.csm.id or 0, now)
    author = _author(session, catalogue, mailing)
    card = veto_card(who, mailing, reached, _held(session, mailing), author)
    show(session, place, subject=subject_of(mailing), card=card, kind="desk", now=now)
    return Receipt()


def _theirs(session: Session, catalogue: Catalogue, mailing: Mailing, who: Colleague, now: datetime) -> Touched | None:
    """Of the accounts it reaches, or was to reach, this person's; None: it reaches none."""
    try:
        reached = touched(session, catalogue, mailing, now)
    except BadCondition:
        return None
    mine = next((one for one in reached if one.csm.id == who.csm.id), None)
    held = session.exec(
        select(Account)
        .join(MailingVeto, col(MailingVeto.account_id) == col(Account.id))
        .where(MailingVeto.mailing_id == mailing.id, Account.csm_id == who.csm.id)
    ).all()
    known = {account.id for account, _ in mine.accounts} if mine is not None else set()
    rest = tuple((account, 0) for account in held if account.id not in known)
    if mine is None and not rest:
        return None
    return Touched(who.csm, (*(mine.accounts if mine is not None else ()), *rest))


def close(session: Session, catalogue: Catalogue, mailing: Mailing, now: datetime) -> None:
    """Called off, or over: nothing is left to keep back. The cards say so, lose their buttons and are let go."""
    for screen in screens_of(session, subject_of(mailing)):
        csm = session.exec(select(Csm).where(Csm.address == screen.address)).one_or_none()
        if csm is not None:
            names = _held_names(session, mailing, csm)
            card = closed_card(colleague(catalogue, csm), mailing, _author(session, catalogue, mailing), names)
            refresh(session, screen, card=card, kind="desk", now=now)
        session.delete(screen)


def _held_names(session: Session, mailing: Mailing, csm: Csm) -> list[str]:
    held = (
        select(Account.name)
        .join(MailingVeto, col(MailingVeto.account_id) == col(Account.id))
        .where(MailingVeto.mailing_id == mailing.id, Account.csm_id == csm.id)
        .order_by(col(Account.name))
    )
    return list(session.exec(held).all())
