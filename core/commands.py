"""From a command to the use case it asks for: the same words in both messengers."""

import re
from datetime import datetime

from sqlmodel import Session

from core.actions import ChooseLanguage, ShowCampaigns, ShowUpdates, SnoozeReminders
from core.attention import settings
from core.attention.silence import LONGEST_SILENCE
from core.campaigns import showing as campaigns
from core.cards import Card
from core.content.catalogue import Catalogue
from core.desk import desk, whys
from core.events import Commanded
from core.mailings import desk as mailings_desk
from core.onboarding import checklists, home
from core.outbox import post
from core.people import arrivals, groups, invitations, languages
from core.people.accounts import Colleague, Member
from core.receipts import Receipt
from core.screens import Place
from core.updates import showing

FOR_MEMBERS = ("home", "steps", "updates", "mailings", "ask", "settings", "language", "remind", "stop", "help")
"""The commands a client may give, in the order of the menu; each has its phrase `command.<name>`."""


def commanded(
    session: Session, catalogue: Catalogue, who: Member | Colleague, event: Commanded, now: datetime
) -> Receipt:
    """Do what the command asks; one we do not know is answered with those we do."""
    if isinstance(who, Colleague):
        return _by_colleague(session, catalogue, who, event, now)
    return _by_member(session, catalogue, who, event, now)


def _by_member(session: Session, catalogue: Catalogue, who: Member, event: Commanded, now: datetime) -> Receipt:
    place = Place(event.chat, event.key)
    match event.command:
        case "start" | "home" | "menu" | "hub" | "":
            return home.show_home(session, catalogue, who, place, now)
        case "steps" | "checklist":
            return checklists.show_current(session, catalogue, who, place, now)
        case "updates" | "news":
            return showing.show_updates(session, catalogue, who, place, ShowUpdates(0, _days(event.words)), now)
        case "mailings" | "campaigns":
            return campaigns.show_campaigns(session, catalogue, who, place, ShowCampaigns(0), now)
        case "ask" if event.words.strip():
            return arrivals.unasked(session, catalogue, who, place, event, event.words, now)
        case "ask":
            return _say(session, event, Card(who.voice.say("help.ask_how", command=_written(event, "ask"))), now)
        case "language":
            return languages.choose(session, catalogue, who, place, ChooseLanguage(event.words.strip()[:2]), now)
        case "settings":
            return settings.show_settings(session, catalogue, who, Place(event.sender, event.key), "", now)
        case "remind" | "reminders":
            return settings.snooze(session, catalogue, who, place, SnoozeReminders(0), now)
        case "stop":
            return settings.snooze(session, catalogue, who, place, SnoozeReminders(LONGEST_SILENCE), now)
        case _:
            return _say(session, event, Card(_overview(who, event)), now)


def _days(words: str) -> int:
    """How many days a catch-up is about (`30d`, `2 weeks`); 0: none were named."""
    found = re.fullmatch(r"([0-9]{1,3}) ?([^0-9\s]?)\S*", words.strip().lower())
    if found is None:
        return 0
    return int(found[1]) * {"w": 7, "m": 30}.get(found[2], 1)


def _overview(who: Member, event: Commanded) -> str:
    lines = [who.voice.say("command.intro")]
    lines += [f"- **{_written(event, name)}**: {who.voice.say(f'command.{name}')}" for name in FOR_MEMBERS]
    return "\n".join(lines)


def _written(event: Commanded, name: str) -> str:
    """How the command is written there: in Slack all are words behind the one command of the app."""
    return f"/hub {name}" if event.sender.messenger == "slack" else f"/{name}"


def _by_colleague(session: Session, catalogue: Catalogue, who: Colleague, event: Commanded, now: datetime) -> Receipt:
    match event.command:
        case "invite":
            return invitations.command(session, catalogue, who, event, event.words.strip(), now)
        case "link":
            return groups.link(session, catalogue, who, event, event.words, now)
        case "why":
            return whys.why(session, catalogue, who, event, now)
        case "whynot":
            return whys.whynot(session, catalogue, who, event, now)
        case "mailings" | "mailing":
            return mailings_desk.named(session, catalogue, who, Place(event.sender, event.key), event.words, now)
        case "home" | "start" | "":
            return desk.greet_colleague(session, catalogue, who, Place(event.sender, event.key), now)
        case _:
            return _say(session, event, Card(who.voice.say("csm.commands")), now, private=True)


def _say(session: Session, event: Commanded, card: Card, now: datetime, *, private: bool = False) -> Receipt:
    to = event.sender if private else event.chat
    post(session, key=f"answer:{event.key}:command", to=to, card=card, kind="command", now=now)
    return Receipt()
