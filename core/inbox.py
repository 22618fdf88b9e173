"""The only door in: each event is recognised, decided and written with its answers in one transaction."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import assert_never

from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session, SQLModel, col, select

from core import commands, taps
from core.cards import Card
from core.claims import Claimed, claim_here
from core.codec import read_event, write_event
from core.content.catalogue import Catalogue
from core.desk import desk
from core.events import (
    Address,
    Arrived,
    Commanded,
    Event,
    Filled,
    Grouped,
    Introduced,
    Left,
    Moved,
    Opened,
    Said,
    Shared,
    Tapped,
)
from core.mailings import replies
from core.onboarding import questions
from core.outbox import cards_here, due_here, made_from, post
from core.people import arrivals, groups
from core.people.accounts import Colleague, Member, recognise
from core.receipts import Receipt, Receive
from core.recovery import release_chat
from core.screens import Place
from core.settling import Settled, settle
from core.updates import comments
from storage.loading import find
from storage.prepared import connected, fetch
from storage.tables import Chat, HeardEvent
from storage.writing import write

log = logging.getLogger(__name__)

LONGEST_WORDS = 4000
"""Characters of a message that are kept: what is beyond would not fit into one message to the CSM either."""

NOTED = timedelta(minutes=1)
"""How exactly it is remembered when somebody was last heard: closer would cost a write for every tap."""

_HEARD = SQLModel.metadata.tables["heard_event"]
_FIRST_TIME = {
    name: insert(_HEARD).on_conflict_do_nothing(index_elements=["key"]).returning(_HEARD.c.key)
    for name, insert in (("sqlite", sqlite.insert), ("postgresql", postgresql.insert))
}


def receive(session: Session, catalogue: Catalogue, event: Event, now: datetime) -> Receipt:
    """Take one event: a repeat changes nothing, a first one is decided here and now.

    State and the cards that follow from it are one transaction, the caller's.
    """
    connection = connected(session)
    first = fetch(
        connection,
        _FIRST_TIME[connection.dialect.name],
        {"key": event.key, "sender": str(event.sender), "at": now, "state": "done"},
    )
    if not first:
        return Receipt(repeated=True)
    made_from(session, catalogue)
    if isinstance(event, Introduced):
        return _introduced(session, catalogue, event, now)
    return _decide(session, catalogue, event, now)


@dataclass(frozen=True, slots=True)
class Received:
    """What came of an event, once it is committed."""

    receipt: Receipt
    claimed: Claimed | None = None
    """The answer, to be sent by whoever brought the event: nobody else will."""
    due: frozenset[str] = frozenset()
    """Messengers that something else waits for since then: their couriers should look."""


def receive_and_claim(
    session: Session,
    catalogue: Catalogue,
    event: Event,
    now: datetime,
    holder: str | None,
    shown: Sequence[Settled] = (),
) -> Received:
    """As `receive`; and `holder` (None: nobody) claims the answer to the chat in the same transaction.

    That spares the answer a look into the ledger and a commit. A chat that has something in flight or waiting, is
    paused or out of reach gets its answer by way of the courier, in its turn. `shown`: what the holder knows to have
    been accepted in this chat, written down first, for else the chat would still have it in flight.
    """
    if holder is not None and shown:
        settle(session, holder=holder, done=shown, now=now)
    receipt = receive(session, catalogue, event, now)
    due, claimed = due_here(session), None
    if holder is not None and any(messenger == event.chat.messenger for messenger, _ in due):
        write(session)
        claimed = claim_here(session, catalogue, str(event.chat), cards_here(session), holder=holder, now=now)
    due_besides = frozenset(messenger for messenger, number in due if claimed is None or number != claimed.id)
    return Received(receipt, claimed, due_besides)


def keep_failed(session: Session, catalogue: Catalogue, event: Event, now: datetime) -> None:
    """Our own fault kept us from deciding: keep the event for repair and tell the person that we know.

    Key of the apology: `sorry:<event key>`.
    """
    row = session.get(HeardEvent, event.key)
    if row is not None:
        return
    made_from(session, catalogue)
    session.add(HeardEvent(key=event.key, sender=str(event.sender), at=now, state="failed", payload=write_event(event)))
    if isinstance(event, Left | Moved | Grouped | Opened) or _is_overheard(event):
        return
    chat = find(session, Chat, str(event.sender))
    card = Card(catalogue.voice(chat.language if chat else None).say("error.ours"))
    post(session, key=f"sorry:{event.key}", to=event.chat, card=card, kind="error", now=now)


def _is_overheard(event: Event) -> bool:
    """People of a group talking to each other: nobody waits for an answer of ours."""
    return isinstance(event, Said | Shared) and event.overheard


def repair(session: Session, catalogue: Catalogue, key: str, now: datetime) -> bool:
    """Decide a failed event once more, after the fault was mended. False when there is none with this key."""
    row = session.get(HeardEvent, key)
    if row is None or row.state != "failed" or row.payload is None:
        return False
    event = read_event(row.payload)
    row.state, row.payload = "done", None
    made_from(session, catalogue)
    _decide(session, catalogue, event, now)
    return True


def waiting_for_introduction(session: Session) -> list[Address]:
    """Senders whose words wait until the messenger says who they are: asked again after a restart."""
    found = session.exec(select(HeardEvent.sender).where(HeardEvent.state == "unknown").distinct()).all()
    return [Address.parse(sender) for sender in found]


def _decide(session: Session, catalogue: Catalogue, event: Event, now: datetime) -> Receipt:
    match event:
        case Left():
            _left(session, catalogue, event, now)
            return Receipt()
        case Moved():
            groups.moved(session, event.chat, event.to, now)
            return Receipt()
        case Grouped():
            return groups.added(session, catalogue, event, now)
        case Said(overheard=True) | Shared(overheard=True):
            return _overheard(session, catalogue, event, now)
        case _:
            who = recognise(session, catalogue, event.sender)
            _note_chat(session, event, now)
            if who is None:
                return _stranger(session, catalogue, event, now)
            return _known(session, catalogue, who, event, now)


def _known(session: Session, catalogue: Catalogue, who: Member | Colleague, event: Event, now: datetime) -> Receipt:
    """Somebody we know did something in a chat that is theirs."""
    if isinstance(who, Member):
        if who.contact.last_seen_at is None or now - who.contact.last_seen_at > NOTED:
            who.contact.last_seen_at = now
        if not event.in_private and not _is_theirs(session, who, event.chat):
            return groups.not_yours(session, catalogue, who, event, now)
    match event:
        case Tapped():
            return taps.tapped(session, catalogue, who, event, now)
        case Filled():
            return taps.filled(session, catalogue, who, event, now)
        case Commanded():
            return commands.commanded(session, catalogue, who, event, now)
        case Arrived():
            return arrivals.came(session, catalogue, who, event, now)
        case Opened():
            return arrivals.opened(session, catalogue, who, event, now)
        case Said() | Shared():
            return _heard(session, catalogue, who, event, now)
        case Left() | Moved() | Grouped() | Introduced():
            return Receipt()
        case never:
            assert_never(never)


def _heard(
    session: Session, catalogue: Catalogue, who: Member | Colleague, event: Said | Shared, now: datetime
) -> Receipt:
    """Words or a file: the answer to what was asked, or else something for the CSM."""
    place = Place(event.chat, event.key)
    if isinstance(who, Colleague):
        return arrivals.colleague_said(session, who, event, now)
    words = event.text[:LONGEST_WORDS]
    answered = replies.heard(session, catalogue, who, place, event, words, now)
    if answered is not None:
        return answered
    answered = comments.heard(session, catalogue, who, place, event, words, now)
    if answered is not None:
        return answered
    if isinstance(event, Shared):
        answered = questions.heard_file(session, catalogue, who, place, event.file, words, now)
    else:
        answered = questions.heard_words(session, catalogue, who, place, event.text, now)
    if answered is not None:
        return answered
    if not event.in_private:
        return Receipt()  # people of one client talking to each other
    return arrivals.unasked(session, catalogue, who, place, event, words, now)


def _overheard(session: Session, catalogue: Catalogue, event: Said | Shared, now: datetime) -> Receipt:
    """Talk among people of a group: only what answers a question asked there is ours, of the rest nothing is kept."""
    who = recognise(session, catalogue, event.sender)
    if isinstance(who, Member) and _is_theirs(session, who, event.chat):
        file = event.file if isinstance(event, Shared) else None
        place = Place(event.chat, event.key)
        questions.overheard(session, catalogue, who, place, event.text[:LONGEST_WORDS], file, now)
    return Receipt()


def _note_chat(session: Session, event: Event, now: datetime) -> None:
    """Remember the person's chat; somebody who was out of reach and speaks has come back."""
    chat = find(session, Chat, str(event.sender))
    if chat is None:
        chat = Chat(address=str(event.sender), last_heard_at=now)
        session.add(chat)
    if event.profile is not None and event.profile.language and chat.language != event.profile.language:
        chat.language = event.profile.language
    if now - chat.last_heard_at > NOTED:
        chat.last_heard_at = now
    for place in _acted_in(session, chat, event):
        if place.unreachable is not None:
            place.unreachable = None
            release_chat(session, place.address, now)
    write(session)


def _acted_in(session: Session, chat: Chat, event: Event) -> list[Chat]:
    """The person's chat and, where they acted elsewhere, that place too: it can evidently be reached again."""
    if isinstance(event, Opened) or (
        isinstance(event, Tapped) and event.message == "home" and event.sender.messenger == "slack"
    ):
        elsewhere = find(session, Chat, str(event.sender.home))
    else:
        elsewhere = None if event.in_private else find(session, Chat, str(event.chat))
    return [chat] if elsewhere is None else [chat, elsewhere]


def _is_theirs(session: Session, who: Member, address: Address) -> bool:
    chat = find(session, Chat, str(address))
    return chat is not None and chat.account_id == who.account.id


def _stranger(session: Session, catalogue: Catalogue, event: Event, now: datetime) -> Receipt:
    if event.sender.messenger == "slack" and (event.profile is None or event.profile.email is None):
        row = session.get_one(HeardEvent, event.key)
        row.state, row.payload = "unknown", write_event(event)
        in_public = isinstance(event, Tapped) and not event.in_private  # others saw it: say at once why nothing moves
        vendor = catalogue.rules.vendor
        return Receipt(
            introduce=True, toast=catalogue.voice(None).plain("invite.needed", vendor=vendor) if in_public else ""
        )
    return arrivals.stranger(session, catalogue, event, now)


def _introduced(session: Session, catalogue: Catalogue, event: Introduced, now: datetime) -> Receipt:
    """Now we know whose words waited: recognise them, and decide what they said meanwhile."""
    waiting = session.exec(
        select(HeardEvent)
        .where(HeardEvent.state == "unknown", HeardEvent.sender == str(event.sender))
        .order_by(col(HeardEvent.at), col(HeardEvent.key))
        .with_for_update()
    ).all()
    heard = [read_event(row.payload) for row in waiting if row.payload is not None]
    for row in waiting:
        row.state, row.payload = "done", None
    if not arrivals.introduce(session, catalogue, event, heard, now):
        return Receipt()
    for earlier in heard:
        _decide(session, catalogue, earlier, now)
    return Receipt()


def _left(session: Session, catalogue: Catalogue, event: Left, now: datetime) -> None:
    chat = find(session, Chat, str(event.chat))
    if chat is None or chat.unreachable is not None:
        return
    chat.unreachable = event.why
    desk.tell_unreachable(session, catalogue, chat, now)


__all__ = [
    "Receipt",
    "Receive",
    "Received",
    "keep_failed",
    "receive",
    "receive_and_claim",
    "repair",
    "waiting_for_introduction",
]
