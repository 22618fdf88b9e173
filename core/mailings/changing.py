"""Words that were sent and are wrong: mended where they stand, corrected for who acted on them, or taken back.

Each recipient's message shows a revision of the mailing's words. Amending or recalling makes a new one; a job then
looks for messages that show an older one, a few at a time, and writes down what is done about each.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import func, select
from sqlmodel import Session, SQLModel, col

from core.cards import Card
from core.content.catalogue import Catalogue
from core.events import Address
from core.mailings.drafting import Written, every_text
from core.mailings.filling import BadWords, fill, language_of
from core.mailings.messages import subject_of, told_revision
from core.mailings.ways import How, correction, way, withdrawn_card
from core.outbox import CHANGES, post
from core.people.accounts import Member, member_of
from storage.tables import Account, Chat, Contact, Csm, Delivery, Mailing, MailingChange, MailingReaction
from storage.tables.ledger import MAILING, PROACTIVE

STOCK: Final = 200
"""Changes of all mailings that wait in the ledger at once for one messenger: more would stand before what is new."""

AT_ONCE: Final = 100
"""Messages looked at in one transaction: a tap waits no longer than that takes."""

SOON: Final = timedelta(seconds=1)
LATER: Final = timedelta(seconds=15)
"""Until a run that still goes is looked at again: what was in flight when its words changed comes to rest."""

OVER: Final = ("finished", "cancelled")


def change_due(session: Session, catalogue: Catalogue, now: datetime) -> int:
    """Look after mailings whose words changed. Returns about how many messages something is done."""
    found = session.execute(
        select(Mailing)
        .where(col(Mailing.changes_due) <= now)
        .order_by(col(Mailing.id))
        .limit(5)
        .with_for_update(skip_locked=True)
        .execution_options(populate_existing=True)
    ).scalars()
    return sum(_round(session, catalogue, mailing, now) for mailing in list(found))


def _round(session: Session, catalogue: Catalogue, mailing: Mailing, now: datetime) -> int:
    room = min(AT_ONCE, STOCK - _stock(session))
    if room <= 0:
        mailing.changes_due = now + SOON
        return 0
    rows = _outdated(session, mailing, room)
    at_hand = _gather(session, catalogue, mailing, rows, now)
    for row in rows:
        _change(at_hand, row)
    if len(rows) == room:
        mailing.changed_upto = rows[-1].contact_id or 0
        mailing.changes_due = now
    elif mailing.changed_upto:
        mailing.changed_upto, mailing.changes_due = 0, now  # once more from the beginning: some may have come to rest
    else:
        over = mailing.state in OVER and not rows and not _on_their_way(session, mailing)
        mailing.changes_due = None if over else now + LATER
    session.flush()
    return len(rows)


def _on_their_way(session: Session, mailing: Mailing) -> bool:
    """Is any of the newest changes still to reach a messenger? Until then the mailing's card follows them."""
    waiting = (
        select(col(MailingChange.delivery_id))
        .join(Delivery, col(Delivery.id) == col(MailingChange.by_id))
        .where(col(MailingChange.mailing_id) == mailing.id, col(MailingChange.revision) == mailing.revision)
        .where(col(Delivery.state).in_(("queued", "sending")))
        .limit(1)
    )
    return session.execute(waiting).first() is not None


_DELIVERY = SQLModel.metadata.tables["delivery"]


def _stock(session: Session) -> int:
    """How many changes wait, as far as it matters."""
    waiting = (
        select(_DELIVERY.c.id)
        .where(_DELIVERY.c.state == "queued", _DELIVERY.c.kind.in_(KINDS), _DELIVERY.c.lane.in_((PROACTIVE, MAILING)))
        .limit(STOCK)
        .subquery()
    )
    return int(session.execute(select(func.count()).select_from(waiting)).scalar_one())


KINDS: Final = (*CHANGES, "correction")
"""Of the deliveries by which messages are changed."""


def _outdated(session: Session, mailing: Mailing, most: int) -> list[Delivery]:
    """Messages that show older words and about which nothing is done yet.

    One that somebody is just tapping is passed over, and found when it is looked from the beginning once more.
    """
    done = (
        select(col(MailingChange.delivery_id))
        .where(col(MailingChange.delivery_id) == col(Delivery.id), col(MailingChange.revision) == mailing.revision)
        .exists()
    )
    outdated = func.coalesce(col(Delivery.revision), 1) < mailing.revision
    return list(
        session.execute(
            select(Delivery)
            .where(col(Delivery.mailing_id) == mailing.id, col(Delivery.contact_id) > mailing.changed_upto)
            .where(col(Delivery.state) == "accepted", outdated, ~done)
            .order_by(col(Delivery.contact_id))
            .limit(most)
            .with_for_update(skip_locked=True)
        ).scalars()
    )


@dataclass(frozen=True, slots=True)
class _AtHand:
    """What changing some messages of one mailing needs, read by a statement each."""

    session: Session
    catalogue: Catalogue
    mailing: Mailing
    said: Mapping[str, Written]
    """Its newest words; none when it was taken back."""
    ever: Mapping[int, Mapping[str, Written]]
    """By revision, all that it ever said."""
    readers: Mapping[int, Member]
    """By contact."""
    reactions: Mapping[int, MailingReaction]
    """By recipient's delivery."""
    corrections: Mapping[int, Sequence[Delivery]]
    """By recipient's delivery, oldest first."""
    now: datetime


def _gather(
    session: Session, catalogue: Catalogue, mailing: Mailing, rows: Sequence[Delivery], now: datetime
) -> _AtHand:
    """The rows must be locked: so nobody's first tap falls between the question who interacted and the answer."""
    numbers = [row.id for row in rows]
    met = session.execute(
        select(Contact, Account, Csm, col(Chat.language))
        .join(Account, col(Account.id) == Contact.account_id)
        .outerjoin(Csm, col(Csm.id) == Account.csm_id)
        .join(Delivery, col(Delivery.contact_id) == Contact.id)
        .outerjoin(Chat, col(Chat.address) == Delivery.address)
        .where(col(Delivery.id).in_(numbers))
    ).all()
    reacted = session.execute(
        select(MailingReaction)
        .where(col(MailingReaction.delivery_id).in_(numbers))
        .execution_options(populate_existing=True)
    ).scalars()
    corrected = session.execute(
        select(col(MailingChange.delivery_id), Delivery)
        .join(Delivery, col(Delivery.id) == MailingChange.by_id)
        .where(col(MailingChange.delivery_id).in_(numbers), col(MailingChange.how) == "corrected")
        .order_by(col(Delivery.id))
        .with_for_update(of=_DELIVERY)
        .execution_options(populate_existing=True)
    ).all()
    corrections: dict[int, list[Delivery]] = defaultdict(list)
    for number, row in corrected:
        corrections[number].append(row)
    ever = every_text(session, mailing.id or 0)
    return _AtHand(
        session=session,
        catalogue=catalogue,
        mailing=mailing,
        said={} if mailing.recalled_at is not None else ever.get(mailing.revision, {}),
        ever=ever,
        readers={contact.id: member_of(catalogue, contact, account, csm, said) for contact, account, csm, said in met},
        reactions={one.delivery_id: one for one in reacted},
        corrections=corrections,
        now=now,
    )


def _change(at_hand: _AtHand, row: Delivery) -> None:
    mailing, number = at_hand.mailing, row.id or 0
    corrections = at_hand.corrections.get(number, ())
    if any(one.state == "sending" for one in corrections):
        return  # what becomes of it is known in a moment, when it is looked once more
    for one in corrections:
        if one.state in ("queued", "held"):  # not said yet, it need not be said any more
            one.state, one.reason, one.settled_at = "cancelled", "overtaken", at_hand.now
    if mailing.recalled_at is None:
        if not _reads_the_same(at_hand, row, [one for one in corrections if one.state == "accepted"]):
            _amend(at_hand, row, _way(at_hand, row, interacted=number in at_hand.reactions))
        return
    card = withdrawn_card(at_hand.catalogue, at_hand.readers.get(row.contact_id or 0))
    for one in (row, *(one for one in corrections if one.state == "accepted")):
        _take_back(at_hand, one, card)


def _reads_the_same(at_hand: _AtHand, row: Delivery, corrections: Sequence[Delivery]) -> bool:
    """Was it changed in other languages alone? Then what this reader has is the newest, and written down as that.

    `corrections`: those they were told, oldest first.
    """
    who, newest = at_hand.readers.get(row.contact_id or 0), at_hand.mailing.revision
    told = told_revision(at_hand.session, row) if corrections else row.revision or 1
    ever = [at_hand.ever.get(revision, {}) for revision in range(told, newest + 1)]
    if who is None or not all(ever):
        return False
    if len({said[language_of(at_hand.catalogue, said, who)] for said in ever}) > 1:
        return False
    if corrections:
        _note(at_hand, row.id or 0, "corrected", corrections[-1].id or 0)
    else:
        row.revision = newest
    return True


def _way(at_hand: _AtHand, row: Delivery, *, interacted: bool) -> How:
    return way(
        recalled=at_hand.mailing.recalled_at is not None,
        interacted=interacted,
        messenger=row.messenger,
        sent_at=row.settled_at or row.created_at,
        now=at_hand.now,
    )


def _amend(at_hand: _AtHand, row: Delivery, how: How) -> None:
    """Keys: `amend:<recipient>:<revision>`, `correct:<recipient>:<revision>`."""
    who, mailing = at_hand.readers.get(row.contact_id or 0), at_hand.mailing
    if who is None:
        return
    reaction, root = at_hand.reactions.get(row.id or 0), at_hand.catalogue.public_url
    try:
        card = fill(
            at_hand.catalogue,
            mailing,
            at_hand.said,
            who,
            row.id or 0,
            revision=mailing.revision,
            root=root,
            reaction=reaction,
        )
    except BadWords as error:
        _note_failed(at_hand, row, how, str(error))
        return
    posted = _edit(at_hand, row, card) if how == "edited" else _correct(at_hand, row, who, card)
    if posted is not None:
        _note(at_hand, row.id or 0, how, posted)


def _edit(at_hand: _AtHand, row: Delivery, card: Card) -> int | None:
    return post(
        at_hand.session,
        key=f"amend:{row.id}:{at_hand.mailing.revision}",
        to=Address.parse(row.address),
        card=replace(card, change="edit"),
        kind="amendment",
        lane=MAILING,
        repeatable=True,
        subject=subject_of(row),
        replaces=row.id,
        now=at_hand.now,
    )


def _correct(at_hand: _AtHand, row: Delivery, who: Member, card: Card) -> int | None:
    told = correction(who, card)
    return post(
        at_hand.session,
        key=f"correct:{row.id}:{at_hand.mailing.revision}",
        to=Address.parse(row.address),
        card=replace(told, reply_to=row.message_id or ""),
        kind="correction",
        lane=PROACTIVE,
        contact_id=row.contact_id,
        subject=f"correction:{row.mailing_id}:{row.contact_id}",
        now=at_hand.now,
    )


def _take_back(at_hand: _AtHand, row: Delivery, card: Card) -> None:
    """Key: `recall:<delivery>`."""
    how = _way(at_hand, row, interacted=False)
    posted = post(
        at_hand.session,
        key=f"recall:{row.id}",
        to=Address.parse(row.address),
        card=replace(card, change="delete" if how == "deleted" else "edit"),
        kind="recall",
        lane=MAILING,
        repeatable=True,
        subject=subject_of(row) if row.mailing_id is not None else row.subject,
        replaces=row.id,
        now=at_hand.now,
    )
    if posted is not None:
        _note(at_hand, row.id or 0, how, posted)


def _note(at_hand: _AtHand, number: int, how: How, by: int) -> None:
    mailing = at_hand.mailing
    at_hand.session.add(
        MailingChange(delivery_id=number, revision=mailing.revision, mailing_id=mailing.id or 0, how=how, by_id=by)
    )


def _note_failed(at_hand: _AtHand, row: Delivery, how: How, why: str) -> None:
    """The new words cannot be filled in for this one reader: written down as a delivery that failed."""
    by = _edit(at_hand, row, Card("…"))
    if by is not None:
        failed = at_hand.session.get_one(Delivery, by)
        failed.state, failed.reason, failed.settled_at = "failed", f"words: {why}", at_hand.now
        _note(at_hand, row.id or 0, how, by)


def correct_instead(session: Session, catalogue: Catalogue, row: Delivery, now: datetime) -> None:
    """The reader interacts for the first time, with the words that stand there: an edit that has not reached them
    would change what they acted on under their hands, so it is called off, and they are told instead.

    The recipient's row must be locked.
    """
    waiting = session.execute(
        select(MailingChange, Delivery)
        .join(Delivery, col(Delivery.id) == MailingChange.by_id)
        .where(col(MailingChange.delivery_id) == row.id, col(MailingChange.how) == "edited")
        .where(col(Delivery.state).in_(("queued", "held")))
        .with_for_update(of=_DELIVERY)
    ).all()
    for change, by in waiting:
        by.state, by.reason, by.settled_at = "cancelled", "interacted", now
        session.delete(change)
    mailing = session.get(Mailing, row.mailing_id) if waiting else None
    if mailing is None or mailing.recalled_at is not None:
        return
    session.flush()
    _amend(_gather(session, catalogue, mailing, [row], now), row, "corrected")
    session.flush()
