"""The card of one recipient: made of the mailing's frozen words when it is claimed, never stored."""

from collections.abc import Collection, Iterable, Mapping

from jinja2 import TemplateError
from sqlmodel import Session

from core.cards import Card, Media
from core.content.catalogue import Catalogue
from core.content.texts.phrases import Words
from core.content.texts.templates import Unreadable
from core.mailings.buttons import rows_below
from core.mailings.drafting import Press, Written, texts
from core.mailings.links import Copy
from core.people.accounts import Member, member
from core.people.filling import values_for
from storage.tables import Chat, Contact, Delivery, Mailing, MailingReaction


class BadWords(Exception):
    """A text cannot be filled in for this reader, whatever it says to others."""


def fill(
    catalogue: Catalogue,
    mailing: Mailing,
    said: Mapping[str, Written],
    who: Member,
    delivery: int,
    *,
    revision: int | None = None,
    root: str = "",
    reaction: MailingReaction | None = None,
) -> Card:
    """What this person reads. `said`: the words of one revision (None: the mailing's newest), by language.

    `root`: HUB_PUBLIC_URL. `delivery` 0: for a preview. Raises BadWords.
    """
    if not said:
        raise BadWords("there are none")
    language = language_of(catalogue, said, who)
    values = values_for(who.voice, who.zone, who.account, who.contact, who.csm)
    written = said[language]

    def words(source: str) -> Words:
        return Words({language: source}, language)

    try:
        title = who.voice.plain_words(words(written.title), values)
        body = who.voice.words(words(written.body), values)
        presses = [
            Press(who.voice.plain_words(words(one.label), values), one.url, one.answer) for one in written.buttons
        ]
    except (TemplateError, Unreadable, TypeError, ValueError, ArithmeticError) as error:
        raise BadWords(str(error)[:150]) from error
    copy = Copy(delivery, mailing.revision if revision is None else revision, language)
    below = rows_below(who.voice, catalogue.rules, mailing, copy, presses, root=root, reaction=reaction)
    return Card(body, title, media=_media(written.media), rows=below, bulk=True)


def language_of(catalogue: Catalogue, said: Mapping[str, Written], who: Member) -> str:
    """In which of these languages the person reads it: the first of theirs that it is written in, else the hub's."""
    return language_among(catalogue, said, who.voice.chain)


def language_among(catalogue: Catalogue, said: Collection[str], chain: Iterable[str]) -> str:
    """The same of somebody who reads these, the best first. `said`: the languages it is written in, at least one."""
    for language in chain:
        if language in said:
            return language
    return catalogue.rules.language if catalogue.rules.language in said else min(said)


def _media(written: str) -> Media | None:
    kind, _, source = written.partition(":")
    if not source:
        return None
    return Media("photo" if kind == "photo" else "file", source, "" if kind == "photo" else source.rpartition("/")[2])


def card_of(session: Session, catalogue: Catalogue, delivery: Delivery) -> Card | None:
    """What a recipient's message shows: of the revision it was claimed with, in their language of today.

    None: it is no mailing's, or who it was for is gone. Raises BadWords.
    """
    mailing = session.get(Mailing, delivery.mailing_id) if delivery.mailing_id is not None else None
    contact = session.get(Contact, delivery.contact_id) if delivery.contact_id is not None else None
    if mailing is None or contact is None or delivery.id is None:
        return None
    chat = session.get(Chat, delivery.address)
    who = member(session, catalogue, contact, said=chat.language if chat is not None else None)
    revision = delivery.revision or mailing.revision
    said = texts(session, delivery.mailing_id or 0, revision)
    reaction = session.get(MailingReaction, delivery.id)
    root = catalogue.public_url
    return fill(catalogue, mailing, said, who, delivery.id, revision=revision, root=root, reaction=reaction)
