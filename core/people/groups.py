"""Chats that several people share: linked to one account by somebody of it, and followed when they move."""

from datetime import datetime

from sqlalchemy import delete, update
from sqlmodel import Session, col, select

from core.actions import ShareHere, ShowChecklist, pack, unpack
from core.cards import Button, Card
from core.codec import read_card
from core.content.catalogue import Catalogue
from core.events import Address, Commanded, Event, Grouped, Heard, Tapped
from core.onboarding import checklists
from core.outbox import note_due, post
from core.people.accounts import Colleague, Member, recognise
from core.receipts import Receipt
from core.recovery import release_chat
from core.screens import Place
from core.settling import call_unsure
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
    chat.kind, chat.title, chat.last_heard_at = "group", event.title or chat.title, now
    if chat.unreachable is not None:
        chat.unreachable = None
        release_chat(session, chat.address, now)
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


def link(
    session: Session, catalogue: Catalogue, colleague: Colleague, event: Heard, account_name: str, now: datetime
) -> Receipt:
    """A CSM says in a channel whose it is: it shows that account's checklist. Only the CSM sees what became of it."""
    account = session.exec(select(Account).where(Account.name == account_name.strip())).one_or_none()
    voice = colleague.voice
    if event.in_private:
        unknown = voice.say("csm.account_unknown", account=account_name) if account is None else ""
        card = Card(unknown or voice.say("csm.link_in_channel"))
        post(session, key=f"answer:{event.key}:link", to=event.sender, card=card, kind="group", now=now)
        return Receipt()
    if account is None:
        toast = voice.plain("csm.account_unknown", account=account_name)
    else:
        chat = _group(session, event, now)
        _hand_over(session, chat, account, now)
        session.flush()
        if not checklists.show_shared(session, catalogue, account, Place(event.chat, event.key), now):
            told = Card(catalogue.voice(account.language).say("group.linked", account=account.name))
            post(session, key=f"answer:{event.key}:group", to=event.chat, card=told, kind="group", now=now)
        title = chat.title or event.title
        channel = f"#{title.removeprefix('#')}" if title and event.chat.messenger == "slack" else title
        toast = voice.plain("csm.linked", account=account.name, channel=channel)
    return Receipt(toast=toast)


_KEEPS_ADDRESS = (
    (Question, "chat"),
    (HelpRequest, "origin"),
    (Csm, "address"),
)
_WAITING = ("queued", "held", "sending")


def moved(session: Session, old: Address, new: Address, now: datetime) -> None:
    """The chat goes on under another address: all that names the old one follows. Repeating it changes nothing.

    A group that became a supergroup left its messages behind, where no bot can edit them (Bot API: Message): what
    was live there is shown again. Key: `moved:<new address>:<subject>`.
    """
    before, after = str(old), str(new)
    chat = session.get(Chat, before)
    if chat is not None:
        successor = session.get(Chat, after)
        if successor is None:
            successor = Chat(address=after, last_heard_at=now)
            session.add(successor)
        successor.kind, successor.shared = chat.kind, chat.shared or successor.shared
        for name in ("title", "contact_id", "csm_id", "account_id", "language"):
            setattr(successor, name, getattr(successor, name) or getattr(chat, name))
        successor.unreachable = None
        session.flush()
        session.delete(chat)
    for table, column in _KEEPS_ADDRESS:
        session.execute(update(table).where(getattr(table, column) == before).values({column: after}))
    at_old = (col(Delivery.address) == before, col(Delivery.state).in_(_WAITING))
    if old.messenger == "telegram":
        session.execute(update(Delivery).where(*at_old).values(replaces=None, message_id=None))
    _let_go_of_one_in_flight(session, before, after, now)
    session.execute(update(Delivery).where(*at_old).values(address=after))
    note_due(session, new.messenger)
    _move_screens(session, old, new, now)


def _let_go_of_one_in_flight(session: Session, before: str, after: str, now: datetime) -> None:
    """There is one at a time in each chat: when both were spoken to, nobody waits for what the old one says."""
    in_flight = session.exec(
        select(Delivery).where(col(Delivery.address).in_((before, after)), Delivery.state == "sending")
    ).all()
    if len(in_flight) > 1:
        for row in in_flight:
            if row.address == before:
                call_unsure(row, now)
                row.leased_by = row.leased_until = None
                row.settled_at = now if row.state == "uncertain" else None
        session.flush()


def _move_screens(session: Session, old: Address, new: Address, now: datetime) -> None:
    for screen in session.exec(select(Screen).where(Screen.address == str(old))).all():
        gone = screen.model_dump()
        session.delete(screen)
        session.flush()
        if session.get(Screen, (str(new), gone["subject"])) is not None:
            continue
        here = Screen(**gone | {"address": str(new)})
        session.add(here)
        if old.messenger == "telegram":
            here.message_id, here.delivery_id = None, _shown_again(session, old, new, here.subject, now)


def _shown_again(session: Session, old: Address, new: Address, subject: str, now: datetime) -> int | None:
    """The delivery that will show this subject in the new place: the newest that waits, else its last picture."""
    waiting = session.exec(
        select(Delivery)
        .where(Delivery.address == str(new), Delivery.subject == subject, col(Delivery.state).in_(_WAITING))
        .order_by(col(Delivery.id).desc())
    ).all()
    for row in waiting[1:]:
        if row.state != "sending":
            row.state, row.reason, row.settled_at = "cancelled", "overtaken", now
    if waiting:
        return waiting[0].id
    last = session.exec(
        select(Delivery)
        .where(Delivery.address == str(old), Delivery.subject == subject, Delivery.state == "accepted")
        .order_by(col(Delivery.id).desc())
    ).first()
    if last is None:
        return None
    key = f"moved:{new}:{subject}"
    return post(session, key=key, to=new, card=read_card(last.card), kind=last.kind, now=now, subject=subject)


def _hand_over(session: Session, chat: Chat, account: Account, now: datetime) -> None:
    """From now on the chat is this account's; nothing that was on its way there about another one goes out."""
    if chat.account_id not in (None, account.id):
        session.execute(
            update(Delivery)
            .where(col(Delivery.address) == chat.address, col(Delivery.state).in_(("queued", "held")))
            .values(state="cancelled", reason="other account", settled_at=now)
        )
        session.execute(delete(Screen).where(col(Screen.address) == chat.address))
        session.execute(delete(Question).where(col(Question.chat) == chat.address))
    chat.account_id = account.id
