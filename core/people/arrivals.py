"""Somebody comes: a stranger with or without a token, a person Slack vouches for, an old acquaintance, a CSM."""

from collections.abc import Sequence
from datetime import datetime

from sqlmodel import Session, select

from core import taps
from core.cards import Card
from core.content.catalogue import Catalogue
from core.desk import desk, help  # noqa: A004 - a feature's name
from core.events import Arrived, Commanded, Event, Introduced, Opened, Profile, Said, Shared, Tapped
from core.onboarding import checklists, home, unprompted
from core.outbox import post
from core.people import invitations
from core.people.accounts import Colleague, Member, colleague
from core.receipts import Receipt
from core.screens import Place
from storage.tables import Chat, Csm


def came(session: Session, catalogue: Catalogue, who: Member | Colleague, event: Arrived, now: datetime) -> Receipt:
    """Somebody we know pressed Start, came back or followed a link again: show them where they are."""
    if isinstance(who, Colleague):  # in private, wherever they came: a desk is for nobody else's eyes
        return desk.greet_colleague(session, catalogue, who, Place(event.sender, event.key), now)
    place = Place(event.chat, event.key)
    checklists.enrol(session, catalogue, who.account, now)
    return home.show_home(session, catalogue, who, place, now)


def opened(session: Session, catalogue: Catalogue, who: Member | Colleague, event: Opened, now: datetime) -> Receipt:
    """The App Home was opened: show it fresh."""
    place = Place(event.sender.home, event.key)
    if isinstance(who, Colleague):
        return desk.greet_colleague(session, catalogue, who, place, now)
    return home.show_home(session, catalogue, who, place, now)


def stranger(session: Session, catalogue: Catalogue, event: Event, now: datetime) -> Receipt:
    """Somebody we do not know: a token lets them in, anything else is told kindly where the door is."""
    profile = event.profile or Profile()
    voice = catalogue.voice(profile.language)
    if isinstance(event, Tapped):
        answered = taps.by_stranger(session, catalogue, event, now)
        if answered is not None:
            return answered
    token = _token_in(event)
    if token is not None and event.in_private:
        return invitations.follow(session, catalogue, event, token, now)
    if not event.in_private:
        return Receipt(toast=voice.plain("invite.needed", vendor=catalogue.rules.vendor))
    to = event.sender.home if isinstance(event, Opened) else event.sender
    card = Card(voice.say("invite.stranger", vendor=catalogue.rules.vendor))
    message = "home" if isinstance(event, Opened) else None
    post(session, key=f"answer:{event.key}:stranger", to=to, card=card, kind="invite", now=now, message_id=message)
    return Receipt()


def _token_in(event: Event) -> str | None:
    match event:
        case Arrived():
            return event.token
        case Said():
            return invitations.find_token(event.text)
        case Commanded():
            return invitations.find_token(event.words)
        case _:
            return None


def introduce(
    session: Session, catalogue: Catalogue, event: Introduced, waiting: Sequence[Event], now: datetime
) -> bool:
    """Slack told us who waited. True: we know them now, so what they said can be decided as usual."""
    profile = event.profile or Profile()
    chat = session.get(Chat, str(event.sender))
    if chat is None:
        chat = Chat(address=str(event.sender), last_heard_at=now)
        session.add(chat)
    chat.language = profile.language
    if chat.contact_id is not None or chat.csm_id is not None:
        return True
    csm = _csm_of(session, profile)
    if csm is not None:
        csm.address, csm.name = str(event.sender), csm.name or profile.name
        csm.timezone, csm.language = csm.timezone or profile.timezone, csm.language or profile.language
        chat.csm_id = csm.id
        session.flush()
        desk.catch_up(session, catalogue, colleague(catalogue, csm), now)
        return True
    return not _greet_unknown(session, catalogue, event, profile, waiting, now)


def _csm_of(session: Session, profile: Profile) -> Csm | None:
    """Only full members of our own workspace can be CSMs, and only by the e-mail Slack vouches for."""
    if not profile.home_team or not profile.email:
        return None
    return session.exec(select(Csm).where(Csm.email == profile.email.lower())).one_or_none()


def _greet_unknown(
    session: Session,
    catalogue: Catalogue,
    event: Introduced,
    profile: Profile,
    waiting: Sequence[Event],
    now: datetime,
) -> bool:
    """Answer everything a person we did not know has said, once. Always True: nothing is left to decide.

    Nothing said, nothing answered: somebody else was introduced at the same time, or they were answered already.
    """
    for one in waiting:
        if isinstance(one, Tapped) and taps.by_stranger(session, catalogue, one, now) is not None:
            return True
    if not waiting:
        return True
    token = next((found for one in waiting if (found := _token_in(one)) and one.in_private), None)
    if token is not None:
        invitations.follow(session, catalogue, event, token, now)
    elif not (profile.email and invitations.recognised_by_email(session, catalogue, event, profile.email, now)):
        for one in waiting[:1]:
            stranger(session, catalogue, one, now)
    return True


def unasked(
    session: Session,
    catalogue: Catalogue,
    who: Member,
    place: Place,
    event: Said | Shared | Commanded,
    words: str,
    now: datetime,
) -> Receipt:
    """A client writes to us of their own accord: what answers the card before them does, the rest their CSM shall read.

    A token they repeat just shows home.
    """
    if isinstance(event, Said) and invitations.find_token(words):
        return home.show_home(session, catalogue, who, place, now)
    file = event.file if isinstance(event, Shared) else None
    if not isinstance(event, Commanded):
        answered = unprompted.volunteered(session, catalogue, who, place, event.text, file, now)
        if answered is not None:
            return answered
    help.ask(session, catalogue, who, place, words, file, None, None, now)
    return Receipt()


def colleague_said(session: Session, who: Colleague, event: Said | Shared, now: datetime) -> Receipt:
    """A CSM's plain words go nowhere: a reply to a client is written in the reply box, so nothing slips out."""
    if not event.in_private:
        return Receipt()
    card = Card(who.voice.say("csm.commands"))
    post(session, key=f"answer:{event.key}:colleague", to=event.chat, card=card, kind="command", now=now)
    return Receipt()
