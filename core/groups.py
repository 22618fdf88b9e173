"""Chats that several people share: linked to one account by somebody of it, and followed when they move."""

from datetime import datetime

from sqlalchemy import update
from sqlmodel import Session, col, select

from core import checklists
from core.accounts import Colleague, Member, recognise
from core.actions import ShareHere, ShowChecklist, pack, unpack
from core.cards import Button, Card
from core.catalogue import Catalogue
from core.events import Address, Commanded, Event, Grouped, Heard, Tapped
from core.outbox import post
from core.receipts import Receipt
from core.screens import Place
from storage.tables import Account, Chat, Csm, Delivery, Enrolment, HelpRequest, Question, Screen


def added(session: Session, catalogue: Catalogue, event: Grouped, now: datetime) -> Receipt:
    """The bot is in a group: show the account's shared checklist, or ask whose group this is."""
    chat = _group(session, event, now)
    chat.shared = event.shared
    match recognise(session, catalogue, event.sender):
        case Member() as who if chat.account_id in (None, who.account.id):
            return _share(session, catalogue, who, Place(event.chat, event.key), now)
        case Colleague() as colleague:
            card = Card(colleague.voice.say("group.which_account"))
            post(session, key=f"answer:{event.key}:group", to=event.sender, card=card, kind="group", now=now)
        case _:
            _ask_whose(session, catalogue, event, now)
    return Receipt()


def _group(session: Session, event: Heard, now: datetime) -> Chat:
    chat = session.get(Chat, str(event.chat))
    if chat is None:
        chat = Chat(address=str(event.chat), kind="group", last_heard_at=now)
        session.add(chat)
    chat.kind, chat.title, chat.last_heard_at, chat.unreachable = "group", event.title or chat.title, now, None
    return chat


def _ask_whose(session: Session, catalogue: Catalogue, event: Heard, now: datetime) -> None:
    voice = catalogue.voice(event.profile.language if event.profile else None)
    card = Card(
        voice.say("group.whose", vendor=catalogue.rules.vendor),
        rows=((Button(voice.plain("button.this_is_our_team"), pack(ShareHere(0)), tone="primary"),),),
    )
    post(session, key=f"answer:{event.key}:group", to=event.chat, card=card, kind="group", now=now)


def not_yours(session: Session, catalogue: Catalogue, who: Member, event: Event, now: datetime) -> Receipt:
    """Somebody we know acts in a group that is not their account's: they may make it theirs, and nothing else."""
    if isinstance(event, Tapped):
        if isinstance(unpack(event.action), ShareHere):
            return share_here(session, catalogue, who, event, Place(event.chat, event.key, event.message), now)
        return Receipt(toast=who.voice.plain("group.not_yours"))
    if isinstance(event, Commanded):
        _group(session, event, now)
        _ask_whose(session, catalogue, event, now)
    return Receipt()


def share_here(
    session: Session, catalogue: Catalogue, who: Member, event: Heard, place: Place, now: datetime
) -> Receipt:
    """A recognised person says that this group is their team's: from now on it shows the shared checklist."""
    chat = _group(session, event, now)
    if chat.account_id not in (None, who.account.id):
        return Receipt(toast=who.voice.plain("group.taken"))
    return _share(session, catalogue, who, place, now)


def _share(session: Session, catalogue: Catalogue, who: Member, place: Place, now: datetime) -> Receipt:
    chat = session.get_one(Chat, str(place.chat))
    chat.account_id = who.account.id
    session.flush()
    enrolment = _current(session, who.account)
    if enrolment is None or enrolment.id is None:
        card = Card(who.voice.say("group.linked", account=who.account.name))
        post(session, key=f"answer:{place.key}:group", to=place.chat, card=card, kind="group", now=now)
        return Receipt()
    return checklists.show_checklist(session, catalogue, who, place, ShowChecklist(enrolment.id), now)


def _current(session: Session, account: Account) -> Enrolment | None:
    """The checklist in work, else the last finished one."""
    found = session.exec(
        select(Enrolment).where(Enrolment.account_id == account.id).order_by(col(Enrolment.started_at))
    ).all()
    return next((one for one in found if one.finished_at is None), found[-1] if found else None)


def link(session: Session, colleague: Colleague, event: Heard, account_name: str, now: datetime) -> Receipt:
    """A CSM says in a channel which account it belongs to. Answered in the CSM's private chat."""
    account = session.exec(select(Account).where(Account.name == account_name.strip())).one_or_none()
    voice = colleague.voice
    if account is None:
        card = Card(voice.say("csm.account_unknown", account=account_name))
    elif event.in_private:
        card = Card(voice.say("csm.link_in_channel"))
    else:
        chat = _group(session, event, now)
        chat.account_id = account.id
        card = Card(voice.say("csm.linked", account=account.name, channel=chat.title or event.title))
    post(session, key=f"answer:{event.key}:link", to=event.sender, card=card, kind="group", now=now)
    return Receipt()


_KEEPS_ADDRESS = (
    (Screen, "address"),
    (Question, "chat"),
    (HelpRequest, "origin"),
    (Csm, "address"),
)


def moved(session: Session, old: Address, new: Address, now: datetime) -> None:
    """The chat goes on under another address: all that names the old one follows. Repeating it changes nothing."""
    before, after = str(old), str(new)
    chat = session.get(Chat, before)
    if chat is not None:
        successor = session.get(Chat, after)
        if successor is None:
            successor = Chat(address=after, last_heard_at=now)
            session.add(successor)
        for name in ("kind", "title", "contact_id", "csm_id", "account_id", "language", "shared"):
            setattr(successor, name, getattr(chat, name))
        successor.unreachable = None
        session.flush()
        session.delete(chat)
    for table, column in _KEEPS_ADDRESS:
        session.execute(update(table).where(getattr(table, column) == before).values({column: after}))
    session.execute(
        update(Delivery)
        .where(col(Delivery.address) == before, col(Delivery.state).in_(("queued", "held")))
        .values(address=after)
    )
