"""Words that were sent and are wrong: mended where they stand, corrected for who acted on them, or taken back.

Each recipient's message shows a revision of the mailing's words. Amending or recalling makes a new one; a job then
looks for messages that show an older one, a few at a time, and writes down what is done about each.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final, Literal, TypeAlias

from sqlalchemy import func, select
from sqlmodel import Session, SQLModel, col

from core.cards import Card
from core.content.catalogue import Catalogue
from core.events import Address
from core.mailings.filling import BadWords
from core.mailings.messages import message_card, subject_of
from core.outbox import CHANGES, post
from core.people.accounts import Member, member
from storage.tables import Chat, Contact, Delivery, Mailing, MailingChange, MailingReaction
from storage.tables.ledger import MAILING, PROACTIVE

DELETABLE: Final = timedelta(hours=48)
"""Bot API: deleteMessage takes messages sent less than 48 hours ago. Slack sets bots no such limit."""

STOCK: Final = 200
"""Changes of all mailings that wait in the ledger at once for one messenger: more would stand before what is new."""

AT_ONCE: Final = 200
"""Messages looked at in one transaction."""

SOON: Final = timedelta(seconds=1)
LATER: Final = timedelta(seconds=15)
"""Until a run that still goes is looked at again: what was in flight when its words changed comes to rest."""

OVER: Final = ("finished", "cancelled")

How: TypeAlias = Literal["edited", "corrected", "deleted", "withdrawn"]
"""`withdrawn`: it says now that it was taken back, for the messenger no longer lets it go."""


def way(*, recalled: bool, interacted: bool, messenger: str, sent_at: datetime, now: datetime) -> How:
    """What is done about a message that shows older words."""
    if recalled:
        return "withdrawn" if messenger == "telegram" and now - sent_at >= DELETABLE else "deleted"
    return "corrected" if interacted else "edited"


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
    for row, interacted in rows:
        _change(session, catalogue, mailing, row, interacted=interacted, now=now)
    if len(rows) == room:
        mailing.changed_upto = rows[-1][0].contact_id or 0
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


def _outdated(session: Session, mailing: Mailing, most: int) -> list[tuple[Delivery, bool]]:
    """Messages that show older words and about which nothing is done yet, with whether their reader interacted."""
    done = (
        select(col(MailingChange.delivery_id))
        .where(col(MailingChange.delivery_id) == col(Delivery.id), col(MailingChange.revision) == mailing.revision)
        .exists()
    )
    # A row that somebody is just tapping is passed over, and found when it is looked from the beginning once more; who
    # interacted is asked only when the rows are ours, so nobody's first tap falls between the question and the answer.
    found = list(
        session.execute(
            select(Delivery)
            .where(col(Delivery.mailing_id) == mailing.id, col(Delivery.contact_id) > mailing.changed_upto)
            .where(
                col(Delivery.state) == "accepted", func.coalesce(col(Delivery.revision), 1) < mailing.revision, ~done
            )
            .order_by(col(Delivery.contact_id))
            .limit(most)
            .with_for_update(skip_locked=True)
        ).scalars()
    )
    numbers = [row.id for row in found]
    reacted = set(
        session.execute(
            select(col(MailingReaction.delivery_id)).where(col(MailingReaction.delivery_id).in_(numbers))
        ).scalars()
    )
    return [(row, row.id in reacted) for row in found]


def _change(
    session: Session, catalogue: Catalogue, mailing: Mailing, row: Delivery, *, interacted: bool, now: datetime
) -> None:
    how = way(
        recalled=mailing.recalled_at is not None,
        interacted=interacted,
        messenger=row.messenger,
        sent_at=row.settled_at or row.created_at,
        now=now,
    )
    who = _reader(session, catalogue, row)
    _call_off_corrections(session, row, now)
    if mailing.recalled_at is None:
        if who is not None:
            _amend(session, catalogue, mailing, row, who, how, now)
        return
    card = withdrawn_card(catalogue, who)
    _take_back(session, mailing, row, row.id or 0, how, card, now)
    for correction_row in _corrections(session, row):
        age = way(
            recalled=True,
            interacted=interacted,
            messenger=correction_row.messenger,
            sent_at=correction_row.settled_at or correction_row.created_at,
            now=now,
        )
        _take_back(session, mailing, correction_row, correction_row.id or 0, age, card, now)


def _reader(session: Session, catalogue: Catalogue, row: Delivery) -> Member | None:
    contact = session.get(Contact, row.contact_id) if row.contact_id is not None else None
    chat = session.get(Chat, row.address)
    if contact is None:
        return None
    return member(session, catalogue, contact, said=chat.language if chat is not None else None)


def _amend(
    session: Session, catalogue: Catalogue, mailing: Mailing, row: Delivery, who: Member, how: How, now: datetime
) -> None:
    """Keys: `amend:<recipient>:<revision>`, `correct:<recipient>:<revision>`."""
    try:
        card = message_card(session, catalogue, who, row, mailing, mailing.revision)
    except BadWords as error:
        _note_failed(session, mailing, row, how, str(error), now)
        return
    posted = (
        _edit(session, mailing, row, card, now) if how == "edited" else _correct(session, mailing, row, who, card, now)
    )
    if posted is not None:
        _note(session, mailing, row.id or 0, how, posted)


def _edit(session: Session, mailing: Mailing, row: Delivery, card: Card, now: datetime) -> int | None:
    return post(
        session,
        key=f"amend:{row.id}:{mailing.revision}",
        to=Address.parse(row.address),
        card=replace(card, change="edit"),
        kind="amendment",
        lane=MAILING,
        repeatable=True,
        subject=subject_of(row),
        replaces=row.id,
        now=now,
    )


def _correct(session: Session, mailing: Mailing, row: Delivery, who: Member, card: Card, now: datetime) -> int | None:
    told = correction(who, card)
    return post(
        session,
        key=f"correct:{row.id}:{mailing.revision}",
        to=Address.parse(row.address),
        card=replace(told, reply_to=row.message_id or ""),
        kind="correction",
        lane=PROACTIVE,
        contact_id=row.contact_id,
        subject=f"correction:{row.mailing_id}:{row.contact_id}",
        now=now,
    )


def correction(who: Member, card: Card) -> Card:
    """The message's new words, said once more to somebody who acted on the old ones."""
    return replace(card, text=f"{who.voice.say('mailing.correction')}\n\n{card.text}")


def withdrawn_card(catalogue: Catalogue, who: Member | None) -> Card:
    """Stands where a message stood that was taken back."""
    voice = who.voice if who is not None else catalogue.voice(None)
    return Card(voice.say("mailing.withdrawn"))


def _take_back(
    session: Session, mailing: Mailing, row: Delivery, number: int, how: How, card: Card, now: datetime
) -> None:
    """Key: `recall:<delivery>`."""
    posted = post(
        session,
        key=f"recall:{number}",
        to=Address.parse(row.address),
        card=replace(card, change="delete" if how == "deleted" else "edit"),
        kind="recall",
        lane=MAILING,
        repeatable=True,
        subject=subject_of(row) if row.mailing_id is not None else row.subject,
        replaces=number,
        now=now,
    )
    if posted is not None:
        _note(session, mailing, number, how, posted)


def _note(session: Session, mailing: Mailing, number: int, how: How, by: int) -> None:
    session.add(
        MailingChange(delivery_id=number, revision=mailing.revision, mailing_id=mailing.id or 0, how=how, by_id=by)
    )
    session.flush()


def _note_failed(session: Session, mailing: Mailing, row: Delivery, how: How, why: str, now: datetime) -> None:
    """The new words cannot be filled in for this one reader: written down as a delivery that failed."""
    by = _edit(session, mailing, row, Card("…"), now)
    if by is not None:
        failed = session.get_one(Delivery, by)
        failed.state, failed.reason, failed.settled_at = "failed", f"words: {why}", now
        _note(session, mailing, row.id or 0, how, by)


def _corrections(session: Session, row: Delivery) -> Sequence[Delivery]:
    """Those of this recipient that were said, oldest first."""
    return list(
        session.execute(
            select(Delivery)
            .join(MailingChange, col(MailingChange.by_id) == Delivery.id)
            .where(col(MailingChange.delivery_id) == row.id, col(MailingChange.how) == "corrected")
            .where(col(Delivery.state) == "accepted")
            .order_by(col(Delivery.id))
        ).scalars()
    )


def _call_off_corrections(session: Session, row: Delivery, now: datetime) -> None:
    """What was not said yet of an older correction need not be said any more."""
    waiting = session.execute(
        select(Delivery)
        .join(MailingChange, col(MailingChange.by_id) == Delivery.id)
        .where(col(MailingChange.delivery_id) == row.id, col(MailingChange.how) == "corrected")
        .where(col(Delivery.state).in_(("queued", "held")))
        .with_for_update(of=_DELIVERY)
        .execution_options(populate_existing=True)
    ).scalars()
    for one in waiting:
        one.state, one.reason, one.settled_at = "cancelled", "overtaken", now
    session.flush()


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
    mailing = session.get(Mailing, row.mailing_id)
    for change, by in waiting:
        by.state, by.reason, by.settled_at = "cancelled", "interacted", now
        session.delete(change)
    session.flush()
    who = _reader(session, catalogue, row) if waiting else None
    if mailing is not None and who is not None and mailing.recalled_at is None:
        _amend(session, catalogue, mailing, row, who, "corrected", now)
