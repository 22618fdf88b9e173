"""A person says how they want to be spoken to: one card in their chat, the same wherever else it stands open."""

from datetime import datetime, time, timedelta
from typing import Final

from sqlmodel import Session, col, select

from core.actions import AskCity, PauseAll, Prefer, SetCadence, SnoozeReminders, pack, unpack
from core.attention import silence
from core.attention.preferences import (
    CADENCES,
    cadences,
    choose,
    digest_hour,
    digest_weekday,
    hours_of,
    look_again,
    wishes_of,
)
from core.attention.quiet import is_quiet
from core.attention.settings_cards import MESSENGERS, Wishes, settings_card, zones_card
from core.attention.silence import LONGEST_SILENCE
from core.cards import Card
from core.content.catalogue import Catalogue
from core.events import Address
from core.people.accounts import Member, known_zone, member, private_chats
from core.people.cities import zones_of
from core.people.readers import chat_of
from core.receipts import Receipt
from core.screens import Place, refresh, show
from storage.tables import Preference, Question, Screen

_MOST_ZONES: Final = 8
"""Buttons with places: others are typed."""


def show_settings(
    session: Session, catalogue: Catalogue, who: Member, place: Place, page: str, now: datetime, notice: str = ""
) -> Receipt:
    """A page of their settings, in place. `notice`: Markdown said first, once."""
    _ask_no_more(session, who)
    card = settings_card(wishes(session, catalogue, who, now), page, notice)
    show(session, place, subject=subject(who), card=card, kind="settings", now=now, step=page)
    return Receipt()


def set_cadence(
    session: Session, catalogue: Catalogue, who: Member, place: Place, action: SetCadence, now: datetime
) -> Receipt:
    """They want to hear of this topic so often, from now on."""
    chosen = next((one for one in CADENCES if one == action.cadence), None)
    if chosen is None or action.topic not in catalogue.rules.topics:
        return Receipt(toast=who.voice.plain("error.stale"))
    choose(session, who.contact.id or 0, action.topic, chosen)
    return _saved(session, catalogue, who, place, "", now)


def less_often(session: Session, catalogue: Catalogue, who: Member, place: Place, now: datetime) -> Receipt:
    """Once a week instead of once a day; the settings below say so, for the digest is worth keeping."""
    contact_id = who.contact.id or 0
    for topic, often in cadences(session, catalogue.rules, contact_id).items():
        if often == "daily":
            choose(session, contact_id, topic, "weekly")
    below = Place(place.chat, place.key)
    day = who.voice.weekday(digest_weekday(catalogue.rules, session.get(Preference, contact_id)))
    notice = who.voice.say("settings.weekly_now", weekday=day)
    show_settings(session, catalogue, who, below, "", now, notice)
    redraw(session, catalogue, who, now, but=place.chat)
    return Receipt()


def prefer(session: Session, catalogue: Catalogue, who: Member, place: Place, action: Prefer, now: datetime) -> Receipt:
    """A wish about when and where. One that cannot be is none: a stale button's, or somebody's invention."""
    page = _take(session, catalogue, who, action)
    if page is None:
        return Receipt(toast=who.voice.plain("error.stale"))
    look_again(session, who.contact.id or 0)
    return _saved(session, catalogue, member(session, catalogue, who.contact), place, page, now)


def _take(session: Session, catalogue: Catalogue, who: Member, action: Prefer) -> str | None:
    """Write the wish down. Returns the page to go on with; None: there is no such wish."""
    own, value = wishes_of(session, who.contact.id or 0), action.value
    match action.what:
        case "hour" if _is_hour(value):
            own.digest_hour = int(value)
            return "digest"
        case "weekday" if value in "0123456" and len(value) == 1:
            own.digest_weekday = int(value)
            return "digest"
        case "quiet-from" | "quiet-until" if _is_hour(value):
            return _take_quiet(session, catalogue, who, own, action.what, time(int(value)))
        case "quiet" if value == "usual":
            own.quiet_from = own.quiet_until = None
            return "quiet"
        case "zone" if known_zone(value, default="") == value:
            who.contact.timezone = value
            return ""
        case "messenger" if value in MESSENGERS or value == "usual":
            own.messenger = value if value in MESSENGERS else None
            return ""
    return None


def _is_hour(value: str) -> bool:
    return value.isascii() and value.isdigit() and len(value) < 3 and int(value) < 24


def _take_quiet(
    session: Session, catalogue: Catalogue, who: Member, own: Preference, what: str, clock: time
) -> str | None:
    """One end of their quiet hours; the other stays as it was for them. The same twice is no span."""
    usual = hours_of(session, catalogue.rules, who)
    begins = clock if what == "quiet-from" else usual.quiet_from
    ends = clock if what == "quiet-until" else usual.quiet_until
    if begins == ends:
        return None
    own.quiet_from, own.quiet_until = begins, ends
    session.flush()
    if own.digest_hour is not None and is_quiet(hours_of(session, catalogue.rules, who), time(own.digest_hour)):
        own.digest_hour = None
    return "quiet"


def pause(
    session: Session, catalogue: Catalogue, who: Member, place: Place, action: PauseAll, now: datetime
) -> Receipt:
    """Be silent for some days but for what is mandatory, or speak again."""
    days = min(action.days, LONGEST_SILENCE)
    who.contact.silent_until = now + timedelta(days=days) if days else None
    look_again(session, who.contact.id or 0)
    return _saved(session, catalogue, who, place, "", now)


def snooze(
    session: Session, catalogue: Catalogue, who: Member, place: Place, action: SnoozeReminders, now: datetime
) -> Receipt:
    """The same by a word or a button elsewhere, which is answered in a message of its own."""
    receipt = silence.snooze(session, who, place, action, now)
    look_again(session, who.contact.id or 0)
    redraw(session, catalogue, who, now)
    return receipt


def ask_city(
    session: Session, catalogue: Catalogue, who: Member, place: Place, now: datetime, notice: str = ""
) -> Receipt:
    """Ask where they live: their next words answer it."""
    session.merge(
        Question(contact_id=who.contact.id or 0, about=pack(AskCity()), chat=chat_of(place.chat), asked_at=now)
    )
    session.flush()
    if place.chat.is_home and not notice:  # nobody can write there
        notice = who.voice.say("question.in_messages")
    card = settings_card(wishes(session, catalogue, who, now), "city", notice)
    show(session, place, subject=subject(who), card=card, kind="settings", now=now, step="city")
    return Receipt()


def heard_city(session: Session, catalogue: Catalogue, who: Member, place: Place, words: str, now: datetime) -> Receipt:
    """They named a place: its clock is theirs; when it may be several, they choose; none is asked for again."""
    _put_aside(session, who, place, now)
    zones = zones_of(words, who.voice.language)
    if not zones:
        return ask_city(session, catalogue, who, place, now, who.voice.say("settings.no_city"))
    if len(zones) == 1:
        return prefer(session, catalogue, who, place, Prefer("zone", zones[0]), now)
    _ask_no_more(session, who)
    card = zones_card(wishes(session, catalogue, who, now), zones)
    show(session, place, subject=subject(who), card=card, kind="settings", now=now, step="zone")
    return Receipt()


def _put_aside(session: Session, who: Member, place: Place, now: datetime) -> None:
    """The answer comes below what they typed: the card above loses its buttons, so that one place asks."""
    screen = session.get(Screen, (str(place.chat), subject(who)))
    if screen is not None:
        below = Card(who.voice.say("question.below"), title=who.voice.plain("settings.title"))
        refresh(session, screen, card=below, kind="settings", now=now)
        session.delete(screen)
        session.flush()


def _ask_no_more(session: Session, who: Member) -> None:
    question = session.get(Question, who.contact.id)
    if question is not None and isinstance(unpack(question.about), AskCity):
        session.delete(question)
        session.flush()


def _saved(session: Session, catalogue: Catalogue, who: Member, place: Place, page: str, now: datetime) -> Receipt:
    session.flush()
    show_settings(session, catalogue, who, place, page, now)
    redraw(session, catalogue, who, now, but=place.chat)
    return Receipt(toast=who.voice.plain("settings.saved"))


def redraw(session: Session, catalogue: Catalogue, who: Member, now: datetime, *, but: Address | None = None) -> None:
    """Wherever else their settings stand open, they show how things are now."""
    session.flush()
    shown = session.exec(select(Screen).where(col(Screen.subject) == subject(who)).order_by(col(Screen.address))).all()
    for screen in shown:
        if but is None or screen.address != str(but):
            screen.step = "" if screen.step == "city" else screen.step  # nothing is asked any more
            card = settings_card(wishes(session, catalogue, who, now), screen.step or "")
            refresh(session, screen, card=card, kind="settings", now=now)


def subject(who: Member) -> str:
    """What the message is about that shows this person's settings."""
    return f"settings:{who.contact.id}"


def wishes(session: Session, catalogue: Catalogue, who: Member, now: datetime) -> Wishes:
    """How they want to be spoken to, as of now."""
    rules, contact_id = catalogue.rules, who.contact.id or 0
    own = session.get(Preference, contact_id)
    near = (who.zone, who.account.timezone, rules.timezone, *rules.region_timezones.values())
    zones = dict.fromkeys(zone for zone in near if zone and known_zone(zone, default=""))
    reachable = (chat.address for chat in private_chats(session, contact_id) if chat.unreachable is None)
    return Wishes(
        voice=who.voice,
        now=now,
        zone=who.zone,
        often=cadences(session, rules, contact_id),
        digest_hour=digest_hour(rules, own),
        digest_weekday=digest_weekday(rules, own),
        hours=hours_of(session, rules, who),
        own_hours=own is not None and own.quiet_from is not None,
        messenger=own.messenger if own is not None else None,
        messengers=tuple(sorted({Address.parse(address).messenger for address in reachable}, reverse=True)),
        silent_until=who.contact.silent_until,
        zones=tuple(zones)[:_MOST_ZONES],
    )
