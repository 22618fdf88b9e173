"""What a recipient does with what we sent them: an answer, a thumb, a link followed. The first time counts."""

import logging
from dataclasses import replace
from datetime import datetime

from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session, SQLModel, col, select

from core.actions import MailingClick, MailingLess, MailingOpinion, MailingPick, MailingWhy, ShowSettings, pack
from core.attention.preferences import turn_down
from core.cards import Button, Card
from core.content.catalogue import Catalogue
from core.events import Address
from core.mailings.buttons import can_be_less
from core.mailings.changing import correct_instead
from core.mailings.counting import note
from core.mailings.drafting import texts
from core.mailings.filling import BadWords
from core.mailings.messages import is_message, message_card, shown_revision, subject_of, theirs, told_revision
from core.mailings.ways import correction
from core.outbox import post
from core.people.accounts import Member
from core.receipts import Receipt
from core.screens import Place
from storage.tables import Delivery, Mailing, MailingChange, MailingReaction
from storage.tables.ledger import ANSWER

log = logging.getLogger(__name__)


def react(session: Session, catalogue: Catalogue, row: Delivery, now: datetime) -> MailingReaction:
    """They did something with it: what is known of that, locked. The first time they have interacted, and it counts.

    What would have changed the message under their hands from now on corrects it instead.
    """
    session.refresh(row, with_for_update=True)  # whoever changes its words meanwhile sees what we write, or we theirs
    table = SQLModel.metadata.tables["mailing_reaction"]
    insert = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    values = {
        "delivery_id": row.id,
        "mailing_id": row.mailing_id,
        "contact_id": row.contact_id,
        "first_at": now,
        "clicks": 0,
    }
    statement = insert(table).values(values).on_conflict_do_nothing().returning(table.c.delivery_id)
    if session.execute(statement).scalar_one_or_none() is not None:
        note(session, row.mailing_id or 0, "interacted")
        correct_instead(session, catalogue, row, now)
    return session.exec(
        select(MailingReaction)
        .where(MailingReaction.delivery_id == row.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one()


def pick(
    session: Session, catalogue: Catalogue, who: Member, place: Place, action: MailingPick, now: datetime
) -> Receipt:
    """They chose an answer; another one later takes its place. The message shows which."""
    found = theirs(session, who, action.delivery)
    if found is None:
        return Receipt(toast=who.voice.plain("error.stale"))
    row, mailing = found
    if mailing.recalled_at is not None:
        return Receipt(toast=who.voice.plain("mailing.withdrawn_short"))
    offered = texts(session, mailing.id or 0, _revision_at(session, row, place))
    answers = {press.answer for said in offered.values() for press in said.buttons if press.answer}
    if action.answer not in answers:
        return Receipt(toast=who.voice.plain("error.stale"))
    reaction = react(session, catalogue, row, now)
    if reaction.answer != action.answer:
        if reaction.answer is not None:
            note(session, mailing.id or 0, f"answered:{reaction.answer}", change=-1)
        note(session, mailing.id or 0, f"answered:{action.answer}")
        reaction.answer = action.answer
        session.flush()
        redraw(session, catalogue, who, place, row, mailing, now)
    return Receipt(toast=who.voice.plain("mailing.thanks"))


def say_opinion(
    session: Session, catalogue: Catalogue, who: Member, place: Place, action: MailingOpinion, now: datetime
) -> Receipt:
    """Thumbs up or down; the other one changes it, the same one again takes it back."""
    found = theirs(session, who, action.delivery)
    if found is None or action.opinion not in ("up", "down"):
        return Receipt(toast=who.voice.plain("error.stale"))
    row, mailing = found
    if mailing.recalled_at is not None:
        return Receipt(toast=who.voice.plain("mailing.withdrawn_short"))
    reaction = react(session, catalogue, row, now)
    before, after = reaction.opinion, None if reaction.opinion == action.opinion else action.opinion
    if before is not None:
        note(session, mailing.id or 0, before, change=-1)
    if after is not None:
        note(session, mailing.id or 0, after)
    reaction.opinion = after
    session.flush()
    redraw(session, catalogue, who, place, row, mailing, now)
    return Receipt(toast=who.voice.plain("mailing.thanks") if after else "")


def pressed_link(session: Session, catalogue: Catalogue, who: Member, action: MailingClick, now: datetime) -> Receipt:
    """They followed a link, as Slack tells. The browser shows where it leads; here nothing moves."""
    found = theirs(session, who, action.delivery)
    if found is not None:
        clicked(session, catalogue, found[0].id or 0, now)
    return Receipt()


def clicked(session: Session, catalogue: Catalogue, delivery_id: int, now: datetime) -> None:
    """One of its links was followed, by whoever got it."""
    row = session.get(Delivery, delivery_id)
    if row is not None and row.mailing_id is not None and row.contact_id is not None:
        react(session, catalogue, row, now).clicks += 1
        session.flush()


def redraw(
    session: Session, catalogue: Catalogue, who: Member, place: Place, row: Delivery, mailing: Mailing, now: datetime
) -> None:
    """Show in the tapped message what they did, and in the mailing's own message when they did it elsewhere.

    Keys: `answer:<event key>:mailing`, `answer:<event key>:mailing:tapped`.
    """
    tapped = _correction_at(session, row, place)
    if row.message_id:
        card = _drawn(session, catalogue, who, row, mailing, shown_revision(session, row))
        if card is not None:
            _edit(session, f"answer:{place.key}:mailing", row, replace(card, change="edit"), now)
    if is_message(row, place.message):
        return
    if tapped is not None:
        card = _drawn(session, catalogue, who, row, mailing, tapped[1])
        if card is not None:
            _edit(session, f"answer:{place.key}:mailing:tapped", tapped[0], correction(who, card), now)
        return
    from core.mailings.showing import show_opened  # the list opens what is redrawn here

    show_opened(session, catalogue, who, place, row, mailing, now)


def _edit(session: Session, key: str, row: Delivery, card: Card, now: datetime) -> None:
    post(
        session,
        key=key,
        to=Address.parse(row.address),
        card=replace(card, change="edit", reply_to=""),
        kind="mailing",
        lane=ANSWER,
        subject=subject_of(row) if row.mailing_id is not None else row.subject,
        replaces=row.id,
        now=now,
    )


def _drawn(
    session: Session, catalogue: Catalogue, who: Member, row: Delivery, mailing: Mailing, revision: int
) -> Card | None:
    """None: it cannot be drawn for this person any more (a value it needs is gone); it stays as it is."""
    try:
        return message_card(session, catalogue, who, row, mailing, revision)
    except BadWords:
        log.warning("a mailing cannot be drawn again", extra={"delivery": row.id, "mailing": mailing.id})
        return None


def _correction_at(session: Session, row: Delivery, place: Place) -> tuple[Delivery, int] | None:
    """The correction that this message is, with its revision."""
    if place.message is None:
        return None
    found = session.exec(
        select(Delivery, MailingChange.revision)
        .join(MailingChange, col(MailingChange.by_id) == Delivery.id)
        .where(MailingChange.delivery_id == row.id, MailingChange.how == "corrected")
        .where(Delivery.address == str(place.chat))
    ).all()
    return next(((one, revision) for one, revision in found if is_message(one, place.message)), None)


def _revision_at(session: Session, row: Delivery, place: Place) -> int:
    """Of the words that the tapped message shows."""
    if is_message(row, place.message):
        return shown_revision(session, row)
    found = _correction_at(session, row, place)
    return found[1] if found is not None else told_revision(session, row)


def why(
    session: Session, catalogue: Catalogue, who: Member, place: Place, action: MailingWhy, now: datetime
) -> Receipt:
    """Say below it why it came, in words that name nobody and no rule. Key: `answer:<event key>:why`."""
    found = theirs(session, who, action.delivery)
    if found is None:
        return Receipt(toast=who.voice.plain("error.stale"))
    row, mailing = found
    react(session, catalogue, row, now)
    post(
        session,
        key=f"answer:{place.key}:why",
        to=place.chat,
        card=_why_card(catalogue, who, row, mailing, _settings(place)),
        kind="why",
        now=now,
    )
    return Receipt()


def _why_card(catalogue: Catalogue, who: Member, row: Delivery, mailing: Mailing, command: str) -> Card:
    voice = who.voice
    match mailing.category:
        case "mandatory":
            parts = [voice.say("mailing.why_mandatory")]
        case "service":
            parts = [voice.say("mailing.why_service")]
        case _:
            parts = [voice.say("mailing.why_news" if mailing.audience else "mailing.why_everybody")]
    rows: tuple[tuple[Button, ...], ...] = ()
    if can_be_less(catalogue.rules, mailing):
        parts.append(voice.say("mailing.why_topic", topic=voice.topic(mailing.topic), command=command))
        rows = ((Button(voice.plain("button.less"), pack(MailingLess(row.id or 0))),),)
    elif mailing.category != "mandatory":  # of no topic that could be turned down: what they may ask for is silence
        rows = ((Button(voice.plain("button.settings"), pack(ShowSettings(""))),),)
    return Card("\n\n".join(parts), rows=rows)


def less(
    session: Session, catalogue: Catalogue, who: Member, place: Place, action: MailingLess, now: datetime
) -> Receipt:
    """Turn its topic down by one: at once, once a day, once a week, never. Key: `answer:<event key>:less`."""
    found = theirs(session, who, action.delivery)
    if found is None or not can_be_less(catalogue.rules, found[1]):
        return Receipt(toast=who.voice.plain("error.stale"))
    row, mailing = found
    react(session, catalogue, row, now)
    topic, command = who.voice.topic(mailing.topic), _settings(place)
    match turn_down(session, catalogue.rules, who.contact.id or 0, mailing.topic):
        case "off":
            text = who.voice.say("why.less_off", topic=topic, command=command)
        case "weekly":
            text = who.voice.say("why.less_weekly", topic=topic, command=command)
        case _:
            text = who.voice.say("why.less_daily", topic=topic, command=command)
    post(session, key=f"answer:{place.key}:less", to=place.chat, card=Card(text), kind="why", now=now)
    return Receipt()


def _settings(place: Place) -> str:
    return "/hub settings" if place.chat.messenger == "slack" else "/settings"
