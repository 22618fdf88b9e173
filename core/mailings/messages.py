"""A mailing's message as one recipient sees it: the frozen words of their revision, with what they did so far."""

from dataclasses import replace

from jinja2 import TemplateError
from sqlmodel import Session, col, select

from core.cards import Card
from core.content.catalogue import Catalogue
from core.content.texts.phrases import Words
from core.mailings.drafting import texts
from core.mailings.filling import BadWords, fill, language_of
from core.people.accounts import Member
from core.people.filling import values_for
from storage.tables import Delivery, Mailing, MailingChange, MailingReaction

_ON_ITS_WAY = ("queued", "sending", "accepted")


def message_card(
    session: Session, catalogue: Catalogue, who: Member, row: Delivery, mailing: Mailing, revision: int
) -> Card:
    """The whole message in these words, in the reader's language of today, with what they did. Raises BadWords."""
    said = texts(session, mailing.id or 0, revision)
    if not said:
        raise BadWords("there are none")
    reaction = session.get(MailingReaction, row.id)
    root = catalogue.public_url
    return fill(catalogue, mailing, said, who, row.id or 0, revision=revision, root=root, reaction=reaction)


def title_for(session: Session, catalogue: Catalogue, who: Member, mailing: Mailing, revision: int) -> str:
    """What it is called in a list, in the reader's language; in the hub's where that cannot be filled in any more."""
    said = texts(session, mailing.id or 0, revision)
    if not said:
        return mailing.title
    language = language_of(catalogue, said, who)
    values = values_for(who.voice, who.zone, who.account, who.contact, who.csm)
    try:
        return who.voice.plain_words(Words({language: said[language].title}, language), values)
    except TemplateError:
        return mailing.title


def without_media(card: Card) -> Card:
    """For a place that a picture does not fit, or that cannot be made into one."""
    return replace(card, media=None)


def shown_revision(session: Session, row: Delivery) -> int:
    """Of the words that stand in this recipient's message now, or in a moment."""
    return max(_changed(session, row, ("edited",)), row.revision or 1)


def told_revision(session: Session, row: Delivery) -> int:
    """Of the newest words they were told, in that message or in a correction of it."""
    return max(_changed(session, row, ("edited", "corrected")), row.revision or 1)


def _changed(session: Session, row: Delivery, ways: tuple[str, ...]) -> int:
    found = session.exec(
        select(MailingChange.revision)
        .join(Delivery, col(Delivery.id) == MailingChange.by_id)
        .where(MailingChange.delivery_id == row.id, col(MailingChange.how).in_(ways))
        .where(col(Delivery.state).in_(_ON_ITS_WAY))
        .order_by(col(MailingChange.revision).desc())
    ).first()
    return found or 0


def theirs(session: Session, who: Member, number: int) -> tuple[Delivery, Mailing] | None:
    """The recipient's row and its mailing, if it is this person's and was sent to them; None: nobody else sees it."""
    row = session.get(Delivery, number)
    if row is None or row.mailing_id is None or row.contact_id != who.contact.id:
        return None
    if row.state not in ("accepted", "uncertain", "sending", "queued"):
        return None
    return row, session.get_one(Mailing, row.mailing_id)


def subject_of(row: Delivery) -> str:
    """What edits of this recipient's message are about, so that a newer one makes a waiting older one needless."""
    return f"mailing:{row.mailing_id}:{row.contact_id}"


def is_message(row: Delivery, message: str | None) -> bool:
    """Is this one of the messages as which it was shown? A tap tells only the last one's id."""
    return bool(message and row.message_id) and message in (row.message_id or "").split("+")
