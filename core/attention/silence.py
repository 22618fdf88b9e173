"""Somebody asks us to be silent for a while, or to speak again."""

from datetime import datetime, timedelta

from sqlmodel import Session

from core.actions import SnoozeReminders
from core.cards import Card
from core.outbox import post
from core.people.accounts import Member
from core.receipts import Receipt
from core.screens import Place

LONGEST_SILENCE = 365
"""Days of silence for somebody who said stop; `remind` ends them before."""


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
