"""Reading updates: the list, one of them as a whole (which is when it is seen), and what a person thinks of it."""

from datetime import datetime, timedelta

from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session, SQLModel, select

from core.actions import ShowUpdate, ShowUpdates, UpdateOpinion, UpdateRead
from core.content.catalogue import Catalogue, Update
from core.events import Address
from core.onboarding import asking, home
from core.outbox import cancel_waiting
from core.people.accounts import Member, private_chats
from core.people.readers import Reader, gather, reader_of
from core.receipts import Receipt
from core.screens import Place, refresh, show, shows
from core.updates.cards import PAGE, Shelf, list_card, update_card, withdrawn_card
from core.updates.counting import joined, readable, today, told_since, unseen
from core.updates.pins import pin, redraw_pins
from storage.tables import Decision, Notice, Screen, UpdateView
from storage.tables.ledger import ANSWER

LONGEST_CATCH_UP = 365
"""Days."""


def show_updates(
    session: Session, catalogue: Catalogue, who: Member, place: Place, action: ShowUpdates, now: datetime
) -> Receipt:
    """List what is new, the newest first; of some days for a catch-up. In private, wherever it was asked for."""
    place = private_place(session, who, place)
    asking.drop(session, catalogue, who, place, now)
    card = list_card(_reader(session, catalogue, who), _shelf(session, catalogue, who, action.days, now), action.page)
    show(session, place, subject="updates", card=card, kind="updates", now=now)
    pin(session, catalogue, who, place, now)
    return Receipt()


def _shelf(session: Session, catalogue: Catalogue, who: Member, days: int, now: datetime) -> Shelf:
    days = min(days, LONGEST_CATCH_UP)
    since = today(catalogue.rules, now) - timedelta(days=days) if days else joined(catalogue.rules, who)
    new = frozenset(update.id for update in unseen(session, catalogue, who, now))
    return Shelf(told_since(catalogue, who, since, now), new, days)


def show_update(
    session: Session, catalogue: Catalogue, who: Member, place: Place, action: ShowUpdate, now: datetime
) -> Receipt:
    """Open one update: it is seen by this person from now on, and every badge of theirs says so."""
    place = private_place(session, who, place)
    update = readable(catalogue, who, action.update, now)
    if update is None:
        card = withdrawn_card(_reader(session, catalogue, who))
        show(session, place, subject="updates", card=card, kind="updates", now=now)
        return Receipt(toast=who.voice.plain("updates.withdrawn"))
    asking.drop(session, catalogue, who, place, now)
    fresh = see(session, who, update, now)
    _show(session, catalogue, who, place, update, now)
    if fresh:
        redraw_badges(session, catalogue, who, now)
    pin(session, catalogue, who, place, now)
    return Receipt()


def see(session: Session, who: Member, update: Update, now: datetime) -> bool:
    """Write down that this person has seen it. False: they had before.

    What still waits to tell them of it is cancelled.
    """
    dialect = session.get_bind().dialect.name
    insert = postgresql.insert if dialect == "postgresql" else sqlite.insert
    table = SQLModel.metadata.tables["update_view"]
    values = {"contact_id": who.contact.id, "update": update.id, "seen_at": now}
    statement = insert(table).values(values).on_conflict_do_nothing().returning(table.c.contact_id)
    if session.execute(statement).scalar_one_or_none() is None:
        return False
    if update.importance != "mandatory":
        _call_off(session, who, update, "seen", now)
    return True


def _call_off(session: Session, who: Member, update: Update, reason: str, now: datetime) -> None:
    """Nobody need tell them of it any more."""
    contact_id = who.contact.id or 0
    cancel_waiting(session, subject=subject_for(update.id, who), contact_id=contact_id, reason=reason, now=now)


def subject_for(name: str, who: Member) -> str:
    """What messages that tell this person of an update are about."""
    return f"update:{name}:{who.contact.id}"


def _show(session: Session, catalogue: Catalogue, who: Member, place: Place, update: Update, now: datetime) -> None:
    reader, view = _reader(session, catalogue, who), session.get(UpdateView, (who.contact.id, update.id))
    listed = [one.id for one in told_since(catalogue, who, joined(catalogue.rules, who), now)]
    if update.id in listed:
        back = ShowUpdates(listed.index(update.id) // PAGE, 0)
    else:
        back = ShowUpdates(0, (today(catalogue.rules, now) - update.published).days)
    decision = session.exec(select(Decision.id).where(Decision.key == f"update:{update.id}:{who.contact.id}")).first()
    less = decision if update.importance != "mandatory" and update.topic else None
    card = update_card(reader, update, view, back=back, less=less)
    show(session, place, subject=f"update:{update.id}", card=card, kind="updates", now=now)


def say_opinion(
    session: Session, catalogue: Catalogue, who: Member, place: Place, action: UpdateOpinion, now: datetime
) -> Receipt:
    """Thumbs up or down; the other one changes it, the same one again takes it back."""
    update = readable(catalogue, who, action.update, now)
    if update is None or action.opinion not in ("up", "down"):
        return show_update(session, catalogue, who, place, ShowUpdate(action.update), now)
    fresh = see(session, who, update, now)
    view = session.get_one(UpdateView, (who.contact.id, update.id))
    view.opinion = None if view.opinion == action.opinion else action.opinion
    session.flush()
    _show(session, catalogue, who, place, update, now)
    if fresh:
        redraw_badges(session, catalogue, who, now)
    return Receipt(toast=who.voice.plain("updates.thanks") if view.opinion else "")


def acknowledge(
    session: Session, catalogue: Catalogue, who: Member, place: Place, action: UpdateRead, now: datetime
) -> Receipt:
    """I have read it: nobody reminds them of it any more."""
    update = readable(catalogue, who, action.update, now)
    if update is None:
        return show_update(session, catalogue, who, place, ShowUpdate(action.update), now)
    fresh = see(session, who, update, now)
    view = session.get_one(UpdateView, (who.contact.id, update.id))
    if view.acknowledged_at is None:
        view.acknowledged_at = now
        notice = session.get(Notice, (who.contact.id, update.id))
        if notice is not None:
            session.delete(notice)
        _call_off(session, who, update, "acknowledged", now)
    session.flush()
    _show(session, catalogue, who, place, update, now)
    if fresh:
        redraw_badges(session, catalogue, who, now)
    return Receipt(toast=who.voice.plain("updates.thanks"))


def redraw_badges(
    session: Session, catalogue: Catalogue, who: Member, now: datetime, *, lane: int = ANSWER, because: str = ""
) -> None:
    """Edit whatever tells this person how many are new: home cards in each messenger, App Home, the pinned line.

    What says the same already is left alone. `because`: see `redraw_pins`.
    """
    redraw_pins(session, catalogue, who, now, lane=lane, because=because)
    for chat in private_chats(session, who.contact.id or 0):
        for address in (chat.address, f"{chat.address}/home"):
            screen = session.get(Screen, (address, "home"))
            if screen is not None and chat.unreachable is None:
                card = home.home_card(session, catalogue, who, now)
                if not shows(session, screen, card):
                    refresh(session, screen, card=card, kind="home", now=now, lane=lane)


def _reader(session: Session, catalogue: Catalogue, who: Member) -> Reader:
    return reader_of(catalogue, gather(session, who.account), who)


def private_place(session: Session, who: Member, place: Place) -> Place:
    """The place itself in private; from a group the person's own chat: what they have seen is theirs alone."""
    if asking.is_private(session, place):
        return place
    chats = [chat for chat in private_chats(session, who.contact.id or 0) if chat.unreachable is None]
    same = [chat for chat in chats if Address.parse(chat.address).messenger == place.chat.messenger]
    return Place(Address.parse((same or chats)[0].address), place.key) if chats else place
