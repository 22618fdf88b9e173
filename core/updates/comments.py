"""What a person has to say about an update: their words become a request to their CSM that names it."""

from dataclasses import replace
from datetime import datetime

from sqlmodel import Session, col, select

from core.actions import ShowUpdate, ShowUpdates, UpdateComment, pack, unpack
from core.cards import Card
from core.content.catalogue import Catalogue
from core.desk import help  # noqa: A004 - a feature's name
from core.events import Address, Said, Shared
from core.onboarding import asking
from core.onboarding.cards import button
from core.onboarding.moves import message_of
from core.people.accounts import Member
from core.people.readers import chat_of, gather, reader_of
from core.receipts import Receipt
from core.screens import Place, show
from core.updates.cards import asked_card
from core.updates.counting import readable
from core.updates.showing import private_place, redraw_badges, see, show_update
from storage.tables import Delivery, Question, Screen


def ask_comment(
    session: Session, catalogue: Catalogue, who: Member, place: Place, action: UpdateComment, now: datetime
) -> Receipt:
    """Ask for words about it: the next ones they write are for their CSM."""
    place = private_place(session, who, place)
    update = readable(catalogue, who, action.update, now)
    if update is None:
        return show_update(session, catalogue, who, place, ShowUpdate(action.update), now)
    if see(session, who, update, now):
        redraw_badges(session, catalogue, who, now)
    before = session.get(Question, who.contact.id)
    if before is not None:
        asking.close(session, catalogue, who, before, place, Card(who.voice.say("question.dropped")), now)
    reader = reader_of(catalogue, gather(session, who.account), who)
    card, subject = asked_card(reader, update), asking.subject(who)
    if place.chat.is_home:  # nobody can write in the App Home: it is asked in the chat beside it, too
        told = replace(card, text=f"{card.text}\n\n{who.voice.say('question.in_messages')}")
        show(session, place, subject=subject, card=told, kind="question", now=now)
        place = Place(Address.parse(chat_of(place.chat)), f"{place.key}:chat")
    session.add(Question(contact_id=who.contact.id or 0, about=pack(action), chat=chat_of(place.chat), asked_at=now))
    show(session, place, subject=subject, card=card, kind="question", now=now)
    return Receipt()


def heard(
    session: Session, catalogue: Catalogue, who: Member, place: Place, event: Said | Shared, words: str, now: datetime
) -> Receipt | None:
    """Words or a file in private that are about an update: asked for, or a reply to its message. None: they are not."""
    if not asking.is_private(session, place):
        return None
    question = session.get(Question, who.contact.id)
    about = unpack(question.about) if question is not None else None
    asked = isinstance(about, UpdateComment)
    replied = _replied_to(session, who, place, event.about)
    name = replied or (about.update if isinstance(about, UpdateComment) else None)
    if name is None:
        return None
    file = event.file if isinstance(event, Shared) else None
    if not words.strip() and file is None:
        return None
    if question is not None and asked:
        update = catalogue.updates.get(name)
        reader = reader_of(catalogue, gather(session, who.account), who)
        title = reader.label(update.title) if update is not None else name
        onward = ((button(who.voice, "all_updates", ShowUpdates(0, 0)),),)
        settled = Card(who.voice.say("updates.commented", title=title), rows=onward)
        asking.close(session, catalogue, who, question, place, settled, now)
    return help.ask(session, catalogue, who, place, words, file, None, None, now, update=name)


def _replied_to(session: Session, who: Member, place: Place, message: str | None) -> str | None:
    """The update that this message of ours shows or tells of."""
    if message is None:
        return None
    shown = session.exec(
        select(Screen).where(Screen.address == str(place.chat), col(Screen.subject).startswith("update:"))
    ).all()
    for screen in shown:
        if message in (message_of(session, screen) or "").split("+"):
            return screen.subject.split(":")[1]
    told = session.exec(
        select(Delivery.subject).where(
            Delivery.contact_id == who.contact.id,
            Delivery.address == str(place.chat),
            Delivery.message_id == message,
            Delivery.kind == "update",
        )
    ).first()
    return told.split(":")[1] if told is not None else None
