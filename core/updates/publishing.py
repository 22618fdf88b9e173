"""Telling people that something is new: each once, at a good moment, and again only what must be read and was not."""

from collections.abc import Iterator
from datetime import datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from sqlalchemy import bindparam
from sqlalchemy import select as select_columns
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session, SQLModel, col, select

from core.actions import ShowUpdate
from core.attention.preferences import cadence
from core.attention.proposals import Proposal, Why, propose
from core.content.catalogue import Catalogue, Importance, Rules, Update
from core.people.accounts import Member, member
from core.people.facts import facts
from core.people.readers import Reader, gather, reader_of
from core.updates.cards import announcement_card, headline
from core.updates.counting import is_in_force, is_new_to, joined, today
from core.updates.showing import subject_for
from storage.loading import columns, rows
from storage.many import among
from storage.prepared import connected, fetch
from storage.tables import Contact, Delivery, Notice, Publication, UpdateView
from storage.types import Moment

AT_ONCE: Final = 200
"""People looked at in one transaction."""

LATE: Final = timedelta(days=3)
"""What is dated longer ago than this when we first see it is told to nobody: it is there to be read, no news to send.

A first start with a folder of old updates sends nothing; one that was dated on Friday and saved on Monday goes out.
"""

GOOD_FOR: Final = timedelta(days=14)
"""What could not be said by then (silence, caps) is not said any more; it stays among what they have not seen."""

AGAIN: Final = (timedelta(days=1), timedelta(days=3), timedelta(days=7))
"""After these times a mandatory one is told again to those who have not said that they have read it."""

_WORTH: Final[dict[Importance, int]] = {"normal": 50, "high": 70, "urgent": 90, "mandatory": 80}


def publish(session: Session, catalogue: Catalogue, now: datetime) -> int:
    """Notice what is new, and tell the next people of it. Returns how many were looked at.

    However many processes do this, each person is told an update once. Key: `update:<id>:<contact>`.
    """
    _notice(session, catalogue, now)
    found = rows(session, _UNTOLD, {}, Publication)
    return _tell_next(session, catalogue, found[0][0], now) if found else 0


_UNTOLD = (
    select_columns(*columns(Publication))
    .where(col(Publication.done_at).is_(None))
    .order_by(col(Publication.noticed_at), col(Publication.update))
    .limit(1)
    .with_for_update(skip_locked=True)
)


def _notice(session: Session, catalogue: Catalogue, now: datetime) -> None:
    """Write down which updates have just come to be told. What is older or still to come is not even looked at."""
    recent = [update.id for update in _recent(catalogue, now)]
    if not recent:
        return
    known = {name for (name,) in fetch(connected(session), _KNOWN, {"names": recent})}
    new = [{"update": name, "noticed_at": now, "told_to": 0} for name in recent if name not in known]
    if new:
        insert = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
        session.execute(insert(SQLModel.metadata.tables["publication"]).values(new).on_conflict_do_nothing())


_KNOWN = select_columns(col(Publication.update)).where(among(col(Publication.update), "names"))


def _recent(catalogue: Catalogue, now: datetime) -> Iterator[Update]:
    day = today(catalogue.rules, now)
    for update in catalogue.updates.values():
        if update.published < day - LATE:
            return
        if is_in_force(update, day):
            yield update


def _tell_next(session: Session, catalogue: Catalogue, row: Publication, now: datetime) -> int:
    update = catalogue.updates.get(row.update)
    if update is None or not is_in_force(update, today(catalogue.rules, now)):
        row.done_at = now
        return 1
    people = session.exec(
        select(Contact)
        .where(col(Contact.id) > row.told_to, col(Contact.joined_at) <= row.noticed_at)
        .order_by(col(Contact.id))
        .limit(AT_ONCE)
    ).all()
    for contact in people:
        _tell(session, catalogue, member(session, catalogue, contact), update, now)
        row.told_to = contact.id or 0
    if len(people) < AT_ONCE:
        row.done_at = now
    session.flush()
    return max(1, len(people))


def _tell(session: Session, catalogue: Catalogue, who: Member, update: Update, now: datetime) -> None:
    """Say it to this person, unless it waits for their digest or is not for them. Badges follow by themselves."""
    if joined(catalogue.rules, who) > update.published or not is_new_to(session, catalogue, who, update, now):
        return
    often = cadence(session, catalogue.rules, who.contact.id or 0, update.topic)
    if often in ("daily", "weekly") and update.importance not in ("urgent", "mandatory"):
        return
    reader = reader_of(catalogue, gather(session, who.account), who)
    key = f"update:{update.id}:{who.contact.id}"
    propose(session, catalogue, who, _proposal(catalogue, reader, who, update, key, now), now)
    if update.importance == "mandatory":
        session.merge(Notice(contact_id=who.contact.id or 0, update=update.id, sent=1, due=now + AGAIN[0]))


def _proposal(
    catalogue: Catalogue, reader: Reader, who: Member, update: Update, key: str, now: datetime, *, again: bool = False
) -> Proposal:
    mandatory = update.importance == "mandatory"
    over = _end(catalogue.rules, update)
    good_for = None if mandatory else now + GOOD_FOR
    known = facts(catalogue, who, now)
    asked = {name: str(known[name]) for name in sorted(update.when.fields) if name in known}
    return Proposal(
        key=key,
        kind="update",
        topic=update.topic,
        card=announcement_card(reader, update, again=again),
        headline=headline(reader, update),
        opens=ShowUpdate(update.id),
        why=Why(
            f"update:{update.id}",
            {"published": update.published.isoformat(), "importance": update.importance, **asked},
        ),
        worth=_WORTH[update.importance],
        urgent=update.importance == "urgent",
        mandatory=mandatory,
        expires_at=min((one for one in (over, good_for) if one is not None), default=None),
        subject=subject_for(update.id, who),
    )


def _end(rules: Rules, update: Update) -> datetime | None:
    """The end of its last day."""
    if update.valid_until is None:
        return None
    return datetime.combine(update.valid_until + timedelta(days=1), time(), tzinfo=ZoneInfo(rules.timezone))


def remind_unread(session: Session, catalogue: Catalogue, now: datetime) -> int:
    """Ask again those who have not said that they have read what they must. Returns how many were looked at.

    Key: `update:<id>:<contact>:<how often they were told>`, without the last part the first time.
    """
    due: list[Notice] = [notice for (notice,) in rows(session, _UNREAD, {"now": now}, Notice)]
    for notice in due:
        _remind(session, catalogue, notice, now)
    session.flush()
    return len(due)


_UNREAD = (
    select_columns(*columns(Notice))
    .where(col(Notice.due) <= bindparam("now", type_=Moment))
    .order_by(col(Notice.due))
    .limit(AT_ONCE)
    .with_for_update(skip_locked=True)
)


def _remind(session: Session, catalogue: Catalogue, notice: Notice, now: datetime) -> None:
    who = member(session, catalogue, session.get_one(Contact, notice.contact_id))
    update = catalogue.updates.get(notice.update)
    if update is None or not is_owed(session, catalogue, who, update, now):
        session.delete(notice)
        return
    if _waits(session, who, update):
        notice.due = now + AGAIN[0]
        return
    reader = reader_of(catalogue, gather(session, who.account), who)
    again = notice.sent > 0  # who came late is asked for the first time here
    key = f"update:{update.id}:{who.contact.id}" + (f":{notice.sent}" if again else "")
    propose(session, catalogue, who, _proposal(catalogue, reader, who, update, key, now, again=again), now)
    notice.sent += 1
    notice.due = now + AGAIN[notice.sent - 1] if notice.sent <= len(AGAIN) else None


def _waits(session: Session, who: Member, update: Update) -> bool:
    """Is it still on its way to them?"""
    found = session.exec(
        select(Delivery.id).where(
            Delivery.contact_id == who.contact.id,
            Delivery.subject == subject_for(update.id, who),
            col(Delivery.state).in_(("queued", "held", "sending")),
        )
    )
    return found.first() is not None


def is_owed(session: Session, catalogue: Catalogue, who: Member, update: Update, now: datetime) -> bool:
    """It must be read, is in force and for this person, and they have not said that they have read it."""
    if update.importance != "mandatory" or not is_in_force(update, today(catalogue.rules, now)):
        return False
    view = session.get(UpdateView, (who.contact.id, update.id))
    if view is not None and view.acknowledged_at is not None:
        return False
    return update.when.holds(facts(catalogue, who, now))


def still_wanted(session: Session, catalogue: Catalogue, who: Member, delivery: Delivery, now: datetime) -> bool:
    """Asked when it is about to be sent: is it still in force, still for them, and still unseen (or unread)?"""
    update = catalogue.updates.get((delivery.subject or "").split(":")[1])
    if update is None:
        return False
    if update.importance == "mandatory":
        return is_owed(session, catalogue, who, update, now)
    return is_new_to(session, catalogue, who, update, now)
