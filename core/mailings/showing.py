"""What we sent to one person: a list with what they have not opened first, and each of them opened again."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from sqlalchemy import select
from sqlmodel import Session, col

from core.actions import ShowHome, ShowMailing, ShowMailings, pack
from core.cards import Button, Card
from core.content.catalogue import Catalogue
from core.mailings.at_home import KEPT, THEIRS, box
from core.mailings.filling import BadWords
from core.mailings.messages import message_card, theirs, title_for, told_revision
from core.mailings.reacting import react
from core.onboarding import asking
from core.onboarding.cards import button
from core.people.accounts import Member
from core.receipts import Receipt
from core.screens import Place, show
from core.updates.showing import private_place, redraw_badges
from storage.tables import Delivery, Mailing, MailingReaction

PAGE: Final = 5
"""Messages in one list: each has a button, and a phone shows a dozen."""

ABOVE: Final = 2
"""Of those not opened yet, named with a button each above their campaigns."""

_LONGEST_LABEL: Final = 40
"""Characters of a button that a phone shows."""


@dataclass(frozen=True, slots=True)
class Letter:
    """One message that one person got."""

    row: Delivery
    mailing: Mailing
    opened: bool
    """They opened it here, or did something with it where it was sent."""


def letters(session: Session, contact_id: int, now: datetime, *, most: int = PAGE, skip: int = 0) -> Sequence[Letter]:
    """What they got, not what was taken back: what they have not opened first, then the newest first."""
    found = session.execute(
        select(Delivery, Mailing, col(MailingReaction.delivery_id))
        .join(Mailing, col(Mailing.id) == Delivery.mailing_id)
        .outerjoin(MailingReaction, col(MailingReaction.delivery_id) == Delivery.id)
        .where(*THEIRS)
        .order_by(col(MailingReaction.delivery_id).is_not(None), col(Delivery.settled_at).desc(), col(Delivery.id))
        .offset(skip)
        .limit(most),
        {"contact": contact_id, "since": now - KEPT},
    ).all()
    return [Letter(row, mailing, reacted is not None) for row, mailing, reacted in found]


def section(
    session: Session, catalogue: Catalogue, who: Member, now: datetime
) -> tuple[Sequence[str], Sequence[tuple[Button, ...]]]:
    """What we sent them, for the top of `/mailings`: Markdown, and buttons. Nothing when we sent nothing."""
    counted = box(session, who.contact.id or 0, now)
    if not counted.all:
        return (), ()
    newest = [one for one in letters(session, who.contact.id or 0, now, most=ABOVE) if not one.opened]
    titles = {one.row.id: _title(session, catalogue, who, one) for one in newest}
    lines = [who.voice.say("mailing.ours", count=counted.unopened, total=counted.all)]
    lines += [_line(who, one, titles[one.row.id]) for one in newest]
    rows = [(_opener(one, titles[one.row.id]),) for one in newest]
    rows.append((button(who.voice, "mailings", ShowMailings(0), count=counted.unopened),))
    return lines, rows


def show_mailings(
    session: Session, catalogue: Catalogue, who: Member, place: Place, action: ShowMailings, now: datetime
) -> Receipt:
    """List what we sent them. In private, wherever it was asked for."""
    place = private_place(session, who, place)
    asking.drop(session, catalogue, who, place, now)
    card = list_card(session, catalogue, who, action.page, now)
    show(session, place, subject="mailings", card=card, kind="mailings", now=now)
    return Receipt()


def list_card(session: Session, catalogue: Catalogue, who: Member, page: int, now: datetime) -> Card:
    """One page of the list; `page` from 0, one too high is the last."""
    voice, counted = who.voice, box(session, who.contact.id or 0, now)
    pages = max(1, -(-counted.all // PAGE))
    page = min(page, pages - 1)
    shown = letters(session, who.contact.id or 0, now, skip=page * PAGE)
    titles = [_title(session, catalogue, who, one) for one in shown]
    lines = [_line(who, one, title) for one, title in zip(shown, titles, strict=True)]
    rows = [(_opener(one, title),) for one, title in zip(shown, titles, strict=True)]
    leaf = []
    if page > 0:
        leaf.append(button(voice, "newer", ShowMailings(page - 1)))
    if page + 1 < pages:
        leaf.append(button(voice, "older", ShowMailings(page + 1)))
    return Card(
        text="\n\n".join(lines) or voice.say("mailing.nothing"),
        title=voice.plain("mailing.title", count=counted.unopened),
        note=voice.say("updates.page", number=page + 1, total=pages) if pages > 1 else "",
        rows=tuple(row for row in (*rows, tuple(leaf), (button(voice, "home", ShowHome()),)) if row),
    )


def _title(session: Session, catalogue: Catalogue, who: Member, one: Letter) -> str:
    return title_for(session, catalogue, who, one.mailing, told_revision(session, one.row))


def _line(who: Member, one: Letter, title: str) -> str:
    day = who.voice.date((one.row.settled_at or one.row.created_at).date())
    return who.voice.say("mailing.opened" if one.opened else "mailing.unopened", title=title, day=day)


def _opener(one: Letter, title: str) -> Button:
    label = title if len(title) <= _LONGEST_LABEL else title[: _LONGEST_LABEL - 1].rstrip() + "…"
    return Button(label, pack(ShowMailing(one.row.id or 0)))


def show_mailing(
    session: Session, catalogue: Catalogue, who: Member, place: Place, action: ShowMailing, now: datetime
) -> Receipt:
    """Open one: its words again, as they were frozen, in the reader's language. From then on it is opened."""
    place = private_place(session, who, place)
    found = theirs(session, who, action.delivery)
    if found is None or found[1].recalled_at is not None:
        show_mailings(session, catalogue, who, place, ShowMailings(0), now)
        return Receipt(toast=who.voice.plain("mailing.withdrawn_short" if found is not None else "error.stale"))
    row, mailing = found
    asking.drop(session, catalogue, who, place, now)
    fresh = session.get(MailingReaction, row.id) is None
    reaction = react(session, catalogue, row, now)
    reaction.opened_at = reaction.opened_at or now
    session.flush()
    show_opened(session, catalogue, who, place, row, mailing, now)
    if fresh:
        redraw_badges(session, catalogue, who, now)
    return Receipt()


def show_opened(
    session: Session, catalogue: Catalogue, who: Member, place: Place, row: Delivery, mailing: Mailing, now: datetime
) -> None:
    """The words they were told last, with a way back to the list."""
    back = (button(who.voice, "all_mailings", ShowMailings(0)), button(who.voice, "home", ShowHome()))
    try:
        card = message_card(session, catalogue, who, row, mailing, told_revision(session, row))
    except BadWords:
        card = Card(who.voice.say("mailing.unreadable"))
    sent = who.voice.date((row.settled_at or row.created_at).date())
    card = replace(card, rows=(*card.rows, back), note=who.voice.say("mailing.sent", day=sent))
    show(session, place, subject="mailings", card=card, kind="mailings", now=now)
