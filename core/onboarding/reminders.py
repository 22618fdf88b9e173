"""A checklist that stands still: a friendly reminder at a good moment, thinning out, gone as soon as somebody moves."""

from datetime import UTC, datetime, timedelta

from sqlmodel import Session, col, select

from core.actions import SnoozeReminders
from core.cards import Card
from core.content.catalogue import Catalogue
from core.events import Address
from core.onboarding import checklists
from core.onboarding.happenings import LONGEST_SILENCE
from core.outbox import post
from core.people.accounts import Member, member, private_chats
from core.receipts import Receipt
from core.screens import Place
from storage.tables import Contact, Delivery, Enrolment, Reminder
from storage.tables.ledger import PROACTIVE

AT_ONCE = 200
"""Reminders taken in one transaction: a tick after an outage does not hold the database for long."""

GOOD_FOR = timedelta(days=3)
"""A reminder not sent by then (quiet, capped) is not sent at all; the next one is due anyway."""

AWAY = datetime(9999, 12, 31, tzinfo=UTC)
"""Due of a reminder whose checklist has been retired: it waits for the checklist to come back."""

APART = timedelta(hours=12)
"""One person is not reminded twice within this time, of whatever."""


def remind_due(session: Session, catalogue: Catalogue, now: datetime) -> int:
    """Write the reminders whose time has come. Returns how many enrolments were looked at.

    However long nobody ticked, one enrolment is reminded of once. Key: `reminder:<enrolment>:<moved at>:<n>:<contact>`.
    """
    due = session.exec(
        select(Reminder)
        .where(col(Reminder.due) <= now)
        .order_by(col(Reminder.due))
        .limit(AT_ONCE)
        .with_for_update(skip_locked=True)
    ).all()
    for reminder in due:
        _remind(session, catalogue, reminder, now)
    return len(due)


def _remind(session: Session, catalogue: Catalogue, reminder: Reminder, now: datetime) -> None:
    enrolment = session.get_one(Enrolment, reminder.enrolment_id)
    checklist = catalogue.checklists.get(enrolment.checklist)
    if checklist is None:
        reminder.due = AWAY
        return
    if enrolment.finished_at is not None or reminder.sent >= len(checklist.remind_after):
        session.delete(reminder)
        return
    for contact in session.exec(select(Contact).where(Contact.account_id == enrolment.account_id)).all():
        _remind_one(session, catalogue, member(session, catalogue, contact), enrolment, reminder, now)
    reminder.sent += 1
    if reminder.sent < len(checklist.remind_after):
        reminder.due = now + checklist.remind_after[reminder.sent]
    else:
        session.delete(reminder)


def _remind_one(
    session: Session, catalogue: Catalogue, who: Member, enrolment: Enrolment, reminder: Reminder, now: datetime
) -> None:
    chats = [chat for chat in private_chats(session, who.contact.id or 0) if chat.unreachable is None]
    if not chats or _reminded_lately(session, who.contact, now):
        return
    card = checklists.reminder_card(session, catalogue, who, enrolment, now)
    if card is None:
        return
    moved = int(enrolment.moved_at.timestamp())
    post(
        session,
        key=f"reminder:{enrolment.id}:{moved}:{reminder.sent}:{who.contact.id}",
        to=Address.parse(chats[0].address),
        card=card,
        kind="reminder",
        now=now,
        lane=PROACTIVE,
        subject=subject(enrolment.id or 0),
        contact_id=who.contact.id,
        expires_at=now + GOOD_FOR,
    )


def _reminded_lately(session: Session, contact: Contact, now: datetime) -> bool:
    """Several checklists that stand still, or a long outage, make one reminder: the card leads to the rest."""
    found = session.exec(
        select(Delivery.id)
        .where(Delivery.contact_id == contact.id, Delivery.kind == "reminder", Delivery.lane == PROACTIVE)
        .where(col(Delivery.state).not_in(("cancelled", "expired", "failed")))
        .where(col(Delivery.created_at) > now - APART)
    )
    return found.first() is not None


def still_wanted(session: Session, catalogue: Catalogue, who: Member, delivery: Delivery, now: datetime) -> bool:
    """Asked when it is about to be sent: does the checklist still stand where it stood, and is it still theirs?

    True for everything that is no reminder.
    """
    what, _, number = (delivery.subject or "").partition(":")
    if what != "reminder" or not number.isdigit():
        return True
    enrolment = session.get(Enrolment, int(number))
    return (
        enrolment is not None
        and enrolment.moved_at <= delivery.created_at
        and checklists.reminder_card(session, catalogue, who, enrolment, now) is not None
    )


def subject(enrolment_id: int) -> str:
    """What reminders of this enrolment are about: whoever moves it cancels those that still wait."""
    return f"reminder:{enrolment_id}"


def snooze(session: Session, who: Member, place: Place, action: SnoozeReminders, now: datetime) -> Receipt:
    """Be silent for some days (the longest silence means: until they say otherwise), or speak again after all."""
    days = min(action.days, LONGEST_SILENCE)
    who.contact.silent_until = now + timedelta(days=days) if days else None
    session.flush()
    if days == LONGEST_SILENCE:
        command = "/hub remind" if place.chat.messenger == "slack" else "/remind"
        text = who.voice.say("reminder.stopped", command=command)
    elif days:
        text = who.voice.say("reminder.silent", until=who.voice.moment(now + timedelta(days=days), who.zone))
    else:
        text = who.voice.say("reminder.speaking")
    post(session, key=f"answer:{place.key}:snooze", to=place.chat, card=Card(text), kind="reminder", now=now)
    return Receipt()
