"""Telling people that something is new: each once, at a good moment, and again only what must be read and was not."""

from collections.abc import Iterator, Sequence
from datetime import datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from sqlalchemy import bindparam
from sqlalchemy import select as select_columns
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session, SQLModel, col

from core.actions import ShowUpdate
from core.attention.listeners import listeners
from core.attention.preferences import choices
from core.attention.proposals import Proposal, Why, propose_all
from core.content.catalogue import Cadence, Catalogue, Importance, Rules, Update
from core.people.accounts import Member
from core.people.facts import facts
from core.people.readers import reader_alone
from core.updates.cards import announcement_card, headline
from core.updates.counting import is_in_force, is_new_to, joined, today
from core.updates.showing import subject_for
from storage.loading import columns, rows
from storage.many import among, put_many, remove_many, save_many
from storage.prepared import connected, fetch
from storage.tables import Chat, Contact, Delivery, Notice, Publication, UpdateView
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
    """Tell the next few by a constant number of statements. Badges follow by themselves."""
    update = catalogue.updates.get(row.update)
    if update is None or not is_in_force(update, today(catalogue.rules, now)):
        row.done_at = now
        return 1
    values = {"after": row.told_to, "noticed": row.noticed_at}
    ids = [number for (number,) in fetch(connected(session), _NEXT, values)]
    people = listeners(session, catalogue, ids)
    seen = {number for (number,) in fetch(connected(session), _OPENED, {"contacts": ids, "name": update.id})}
    chosen = choices(session, ids) if update.topic in catalogue.rules.topics else {}
    told = [
        one
        for number, one in people.items()
        if number not in seen
        and _is_told_now(catalogue, one.who, update, chosen.get((number, update.topic)))
        and update.when.holds(facts(catalogue, one.who, now))
    ]
    proposals = [
        (one.who, one.chat, _proposal(catalogue, one.who, update, f"update:{update.id}:{one.who.contact.id}", now))
        for one in told
    ]
    propose_all(session, catalogue, proposals, now)
    if update.importance == "mandatory":
        first = {"update": update.id, "sent": 1, "due": now + AGAIN[0]}
        put_many(session, Notice, [{"contact_id": one.who.contact.id, **first} for one in told])
    row.told_to = ids[-1] if ids else row.told_to
    if len(ids) < AT_ONCE:
        row.done_at = now
    session.flush()
    return max(1, len(ids))


_NEXT = (
    select_columns(col(Contact.id))
    .where(col(Contact.id) > bindparam("after"), col(Contact.joined_at) <= bindparam("noticed", type_=Moment))
    .order_by(col(Contact.id))
    .limit(AT_ONCE)
)
_OPENED = select_columns(col(UpdateView.contact_id)).where(
    among(col(UpdateView.contact_id), "contacts"), col(UpdateView.update) == bindparam("name")
)


def _is_told_now(catalogue: Catalogue, who: Member, update: Update, chosen: Cadence | None) -> bool:
    """They were here when it came, and it does not wait for their digest. `chosen`: how often they want its topic."""
    if joined(catalogue.rules, who) > update.published:
        return False
    often = chosen or catalogue.rules.topics.get(update.topic, "instant")
    return often not in ("daily", "weekly") or update.importance in ("urgent", "mandatory")


def _proposal(
    catalogue: Catalogue, who: Member, update: Update, key: str, now: datetime, *, again: bool = False
) -> Proposal:
    reader = reader_alone(catalogue, who)
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
    due: list[Notice] = [notice for (notice,) in rows(session, _UNREAD, {"now": now}, Notice, fresh=True)]
    if not due:
        return 0
    ids = [notice.contact_id for notice in due]
    people, read, waiting = listeners(session, catalogue, ids), _read(session, ids), _waiting(session, ids)
    gone: list[Notice] = []
    proposals: list[tuple[Member, Chat | None, Proposal]] = []
    for notice in due:
        one, update = people[notice.contact_id], catalogue.updates.get(notice.update)
        has_read = (notice.contact_id, notice.update) in read
        if update is None or has_read or not _is_for(catalogue, one.who, update, now):
            gone.append(notice)
        elif subject_for(update.id, one.who) in waiting:
            notice.due = now + AGAIN[0]
        else:
            proposals.append((one.who, one.chat, _reminder(catalogue, one.who, update, notice, now)))
    save_many(session, due)
    remove_many(session, gone)
    propose_all(session, catalogue, proposals, now)
    return len(due)


_UNREAD = (
    select_columns(*columns(Notice))
    .where(col(Notice.due) <= bindparam("now", type_=Moment))
    .order_by(col(Notice.due))
    .limit(AT_ONCE)
    .with_for_update(skip_locked=True)
)


def _reminder(catalogue: Catalogue, who: Member, update: Update, notice: Notice, now: datetime) -> Proposal:
    """Ask once more, and say when the next time is."""
    again = notice.sent > 0  # who came late is asked for the first time here
    key = f"update:{update.id}:{who.contact.id}" + (f":{notice.sent}" if again else "")
    notice.sent += 1
    notice.due = now + AGAIN[notice.sent - 1] if notice.sent <= len(AGAIN) else None
    return _proposal(catalogue, who, update, key, now, again=again)


def _read(session: Session, ids: Sequence[int]) -> set[tuple[int, str]]:
    """Who of these has said of which update that they have read it."""
    return {(contact, name) for contact, name in fetch(connected(session), _ACKNOWLEDGED, {"contacts": ids})}


def _waiting(session: Session, ids: Sequence[int]) -> set[str | None]:
    """What is still on its way to these people."""
    return {about for (about,) in fetch(connected(session), _ON_THE_WAY, {"contacts": ids})}


_ACKNOWLEDGED = select_columns(col(UpdateView.contact_id), col(UpdateView.update)).where(
    among(col(UpdateView.contact_id), "contacts"), col(UpdateView.acknowledged_at).is_not(None)
)
_ON_THE_WAY = (
    select_columns(col(Delivery.subject))
    .where(among(col(Delivery.contact_id), "contacts"), col(Delivery.settled_at).is_(None))
    .where(col(Delivery.state).in_(("queued", "held", "sending")))
)


def is_owed(session: Session, catalogue: Catalogue, who: Member, update: Update, now: datetime) -> bool:
    """It must be read, is in force and for this person, and they have not said that they have read it."""
    if not _is_for(catalogue, who, update, now):
        return False
    view = session.get(UpdateView, (who.contact.id, update.id))
    return view is None or view.acknowledged_at is None


def _is_for(catalogue: Catalogue, who: Member, update: Update, now: datetime) -> bool:
    """It must be read, is in force and for this person."""
    if update.importance != "mandatory" or not is_in_force(update, today(catalogue.rules, now)):
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
