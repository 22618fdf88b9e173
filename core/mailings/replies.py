"""What clients write back: for the CSM of their account, kept together by mailing, answered one by one or at once."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlmodel import Session, col, or_, select

from core.actions import (
    AnswerReplies,
    MailingComment,
    SendReplies,
    SettleReplies,
    ShowMailing,
    ShowReplies,
    pack,
    unpack,
)
from core.cards import Card, Field, Form
from core.content.catalogue import Catalogue
from core.desk import help  # noqa: A004 - a feature's name
from core.desk.requests import locked
from core.events import Address, Said, Shared
from core.mailings.counting import note
from core.mailings.messages import is_message, theirs, title_for, told_revision
from core.mailings.reacting import react
from core.mailings.reply_groups import groups_for, refresh_cards, replies_card, subject
from core.onboarding import asking
from core.onboarding.cards import button
from core.people.accounts import Colleague, Member
from core.people.readers import chat_of
from core.receipts import Receipt
from core.screens import Place, show
from core.updates.showing import private_place
from storage.tables import Account, Contact, Delivery, HelpRequest, Mailing, MailingChange, Question

_NAMED = 20
"""People named above the box; of more the number is told."""

_ALL, _ONE = "all", "one"


def ask_comment(
    session: Session, catalogue: Catalogue, who: Member, place: Place, action: MailingComment, now: datetime
) -> Receipt:
    """Ask for words about it: the next ones they write are for their CSM. The mailing's own message stays."""
    found = theirs(session, who, action.delivery)
    if found is None:
        return Receipt(toast=who.voice.plain("error.stale"))
    row, mailing = found
    react(session, catalogue, row, now)
    place = Place(Address.parse(chat_of(private_place(session, who, place).chat)), place.key)  # below, not instead
    before = session.get(Question, who.contact.id)
    if before is not None:
        asking.close(session, catalogue, who, before, place, Card(who.voice.say("question.dropped")), now)
    title = title_for(session, catalogue, who, mailing, told_revision(session, row))
    card = Card(
        who.voice.say("mailing.ask_comment", title=title),
        rows=((button(who.voice, "back", ShowMailing(action.delivery)),),),
    )
    session.add(Question(contact_id=who.contact.id or 0, about=pack(action), chat=str(place.chat), asked_at=now))
    show(session, place, subject=asking.subject(who), card=card, kind="question", now=now)
    return Receipt()


def heard(
    session: Session, catalogue: Catalogue, who: Member, place: Place, event: Said | Shared, words: str, now: datetime
) -> Receipt | None:
    """Words or a file in private that are about a mailing: asked for, or a reply to its message. None: they are not."""
    if not asking.is_private(session, place):
        return None
    question = session.get(Question, who.contact.id)
    about = unpack(question.about) if question is not None else None
    row = _replied_to(session, who, place, event.about)
    if row is None and isinstance(about, MailingComment):
        found = theirs(session, who, about.delivery)
        row = found[0] if found is not None else None
    file = event.file if isinstance(event, Shared) else None
    if row is None or (not words.strip() and file is None):
        return None
    mailing = session.get_one(Mailing, row.mailing_id)
    reaction = react(session, catalogue, row, now)
    if reaction.replied_at is None:
        reaction.replied_at = now
        note(session, mailing.id or 0, "replied")
    if question is not None and isinstance(about, MailingComment):
        title = title_for(session, catalogue, who, mailing, told_revision(session, row))
        settled = Card(who.voice.say("mailing.commented", title=title))
        asking.close(session, catalogue, who, question, place, settled, now)
    return help.ask(session, catalogue, who, place, words, file, None, None, now, mailing=mailing.id)


def _replied_to(session: Session, who: Member, place: Place, message: str | None) -> Delivery | None:
    """The recipient's row of the mailing that this message of ours is, or corrects."""
    if message is None:
        return None
    said = session.exec(
        select(Delivery)
        .where(Delivery.contact_id == who.contact.id, Delivery.address == chat_of(place.chat))
        .where(or_(col(Delivery.mailing_id).is_not(None), Delivery.kind == "correction"))
        .where(col(Delivery.message_id).contains(message, autoescape=True))
        .order_by(col(Delivery.id).desc())
    ).all()
    row = next((one for one in said if is_message(one, message)), None)
    if row is None or row.mailing_id is not None:
        return row
    number = session.exec(select(MailingChange.delivery_id).where(MailingChange.by_id == row.id)).first()
    return session.get(Delivery, number) if number is not None else None


def show_replies(session: Session, colleague: Colleague, place: Place, action: ShowReplies, now: datetime) -> Receipt:
    """The replies to one mailing, of the accounts whose replies are theirs to answer."""
    mailing = session.get(Mailing, action.mailing)
    if mailing is None:
        return Receipt(toast=colleague.voice.plain("error.stale"))
    if place.chat.is_home:  # the list stands there; what is opened stands in the chat
        place = Place(Address.parse(chat_of(place.chat)), place.key)
    card = replies_card(session, colleague, mailing, action.page)
    show(session, place, subject=subject(mailing.id), card=card, kind="replies", now=now)
    return Receipt()


def answer_form(session: Session, colleague: Colleague, action: AnswerReplies) -> Receipt:
    """Open the box: who asked what, who else asked the same, and to whom the answer goes."""
    voice = colleague.voice
    found = _open(session, colleague, action.request, None)
    if not found:
        return Receipt(toast=voice.plain("replies.answered_already"))
    upto = max(one.id or 0 for one, _, _ in found)
    first, contact, account = found[0]
    asked = [
        voice.say("replies.from", name=contact.name, account=account.name),
        voice.say("help.quote", words=first.words or voice.plain("help.no_words")),
    ]
    fields = []
    if len(found) > 1:
        asked.append(voice.say("replies.same", count=len(found) - 1, names=_names(found[1:])))
        options = (
            (_ALL, voice.plain("replies.to_all", count=len(found))),
            (_ONE, voice.plain("replies.to_one", name=contact.name)),
        )
        fields.append(Field("to", voice.plain("replies.to"), kind="select", value=_ALL, options=options))
    form = Form(
        title=voice.plain("help.reply_title"),
        submit=voice.plain("button.send"),
        cancel=voice.plain("button.cancel"),
        action=pack(SendReplies(action.request, upto)),
        fields=(
            Field("asked", contact.name, kind="note", value="\n\n".join(asked)),
            *fields,
            Field("reply", voice.plain("help.reply_label"), kind="multiline", longest=help.LONGEST_REPLY),
        ),
    )
    return Receipt(form=form, typing=Address.parse(first.origin) if len(found) == 1 else None)


def _names(others: Sequence[tuple[HelpRequest, Contact, Account]]) -> str:
    named = [f"{contact.name} ({account.name})" for _, contact, account in others[:_NAMED]]
    if len(others) > _NAMED:
        named.append(f"+{len(others) - _NAMED}")
    return ", ".join(named)


def _open(
    session: Session, colleague: Colleague, number: int, upto: int | None
) -> list[tuple[HelpRequest, Contact, Account]]:
    """This reply and those that ask the same and wait for this one of us, none newer than `upto` (None: now).

    Empty when it waits no more, or is not theirs.
    """
    request = session.get(HelpRequest, number)
    if request is None or request.mailing_id is None:
        return []
    for group in groups_for(session, request.mailing_id, colleague.csm):
        members = [one for one in group.replies if upto is None or (one[0].id or 0) <= upto]
        if any(one.id == number for one, _, _ in members):
            return sorted(members, key=lambda one: (one[0].id != number, one[0].id or 0))
    return []


def send(
    session: Session,
    catalogue: Catalogue,
    colleague: Colleague,
    place: Place,
    action: SendReplies,
    now: datetime,
    answers: Mapping[str, str],
) -> Receipt:
    """Bring the answer to whoever was named above the box and still waits: nobody gets a second one.

    Two of us at once: each reply is locked, and who comes second leaves it out. Key: `reply:<request>:<event key>`.
    """
    voice, words = colleague.voice, answers.get("reply", "").strip()[: help.LONGEST_REPLY]
    request = session.get(HelpRequest, action.request)
    if request is None or request.mailing_id is None or not words:
        return Receipt(toast=voice.plain("error.stale"))
    found = _open(session, colleague, action.request, action.upto)
    if answers.get("to", _ONE) != _ALL:
        found = [one for one in found if one[0].id == action.request]
    sent = lost = 0
    for one, _, _ in found:
        row = locked(session, one.id or 0)
        if row is None or row.answered_at is not None or row.solved_at is not None:
            continue
        if help.answer(session, catalogue, colleague, row, words, place.key, now):
            sent += 1
        else:
            lost += 1
    refresh_cards(session, catalogue, session.get_one(Mailing, request.mailing_id), now)
    if not sent:
        return Receipt(toast=voice.plain("help.not_sent" if lost else "replies.answered_already"))
    if lost:
        return Receipt(toast=voice.plain("replies.sent_but", count=sent, left=lost))
    return Receipt(toast=voice.plain("help.sent") if sent == 1 else voice.plain("replies.sent", count=sent))


def settle(
    session: Session, catalogue: Catalogue, colleague: Colleague, place: Place, action: SettleReplies, now: datetime
) -> Receipt:
    """These need no answer: they wait no more."""
    request = session.get(HelpRequest, action.request)
    found = _open(session, colleague, action.request, action.upto)
    for one, _, _ in found:
        row = locked(session, one.id or 0)
        if row is not None and row.solved_at is None:
            row.solved_at, row.claimed_by = now, row.claimed_by or colleague.csm.id
    session.flush()
    if request is None or request.mailing_id is None:
        return Receipt(toast=colleague.voice.plain("error.stale"))
    mailing = session.get_one(Mailing, request.mailing_id)
    if place.message is not None and not place.chat.is_home:
        card = replies_card(session, colleague, mailing, 0)
        show(session, place, subject=subject(mailing.id), card=card, kind="replies", now=now)
        refresh_cards(session, catalogue, mailing, now, but=str(place.chat))
    else:
        refresh_cards(session, catalogue, mailing, now)
    return Receipt()
