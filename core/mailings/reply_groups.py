"""Replies to one mailing as our people see them: one card per mailing, with those that ask the same put together."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final, Literal

from sqlalchemy import ColumnElement, case, func
from sqlmodel import Session, col, or_, select

from core.actions import AnswerReplies, SettleReplies, ShowReplies, pack
from core.cards import Button, Card
from core.content.catalogue import Catalogue
from core.content.texts.phrases import Voice
from core.desk.help_cards import TURN
from core.desk.watchers import watchers
from core.mailings.likeness import Group, grouped
from core.people.accounts import Colleague, colleague, csm_address
from core.screens import Place, refresh, show
from storage.tables import Account, Contact, Csm, HelpRequest, Mailing, Screen

PAGE: Final = 5
"""Groups on one card: each has its words and two buttons."""

MOST_WAITING: Final = 500
"""Of one mailing, for one of us, that are put into groups; the oldest. The others follow when these are answered."""

_SHOWN: Final = 200
"""Characters of a reply that stand on the card."""


def receivers(session: Session, account: Account, mailing: Mailing) -> Sequence[Csm]:
    """Who of us gets what this account's people reply: its CSM, else whose mailing it is, else the admins."""
    told = watchers(session, account, urgent=True)
    if any(csm.id == account.csm_id for csm in told):
        return told
    owner = session.get(Csm, mailing.csm_id) if mailing.csm_id is not None else None
    return [owner] if owner is not None and owner.address is not None else told


def waiting(session: Session, mailing_id: int, csm: Csm) -> list[tuple[HelpRequest, Contact, Account]]:
    """The replies that wait for this one of us, oldest first, at most MOST_WAITING."""
    statement = (
        select(HelpRequest, Contact, Account)
        .join(Contact, col(Contact.id) == HelpRequest.contact_id)
        .join(Account, col(Account.id) == HelpRequest.account_id)
        .outerjoin(Csm, col(Csm.id) == Account.csm_id)
        .where(HelpRequest.mailing_id == mailing_id, _waits(), _is_for(session, mailing_id, csm))
        .order_by(col(HelpRequest.id))
        .limit(MOST_WAITING)
    )
    return list(session.exec(statement).all())


def _waits() -> ColumnElement[bool]:
    return col(HelpRequest.answered_at).is_(None) & col(HelpRequest.solved_at).is_(None)


def _is_for(session: Session, mailing_id: int, csm: Csm) -> ColumnElement[bool]:
    """As `receivers`: theirs; and of accounts whose CSM is not here, those of their own mailing, or an admin's."""
    mine = col(Account.csm_id) == csm.id
    nobodys = col(Csm.address).is_(None)
    mailing = session.get(Mailing, mailing_id)
    owns = mailing is not None and mailing.csm_id == csm.id
    return or_(mine, nobodys) if owns or csm.role == "admin" else mine


def counted(session: Session, mailing_id: int, csm: Csm) -> tuple[int, int]:
    """How many replies of this mailing wait for this one of us, and how many there are."""
    asked = (
        select(func.count(), func.sum(case((_waits(), 1), else_=0)))
        .select_from(HelpRequest)
        .join(Account, col(Account.id) == HelpRequest.account_id)
        .outerjoin(Csm, col(Csm.id) == Account.csm_id)
        .where(HelpRequest.mailing_id == mailing_id, _is_for(session, mailing_id, csm))
    )
    every, open_ = session.exec(asked).one()
    return int(open_ or 0), int(every)


def mailings_with_replies(session: Session, csm: Csm, most: int) -> list[tuple[Mailing, int]]:
    """Those whose replies wait for this one of us, the newest first, with how many."""
    found = session.exec(
        select(Mailing)
        .join(HelpRequest, col(HelpRequest.mailing_id) == Mailing.id)
        .where(_waits())
        .group_by(col(Mailing.id))
        .order_by(col(Mailing.id).desc())
    ).all()
    counts = [(mailing, counted(session, mailing.id or 0, csm)[0]) for mailing in found]
    return [(mailing, count) for mailing, count in counts if count][:most]


def groups_for(session: Session, mailing_id: int, csm: Csm) -> list[Group[tuple[HelpRequest, Contact, Account]]]:
    """Those that wait, put together by what they ask; the group with the newest reply first."""
    found = grouped([(one, last_words(one[0])) for one in waiting(session, mailing_id, csm)])
    return sorted(found, key=lambda group: -(group.replies[-1][0].id or 0))


def last_words(request: HelpRequest) -> str:
    """What they wrote since our last answer."""
    return request.words.rpartition(TURN)[2]


def replies_card(session: Session, who: Colleague, mailing: Mailing, page: int) -> Card:
    """The groups on one page, each to be answered at once or settled; `page` from 0, one too high is the last."""
    voice, groups = who.voice, groups_for(session, mailing.id or 0, who.csm)
    open_, every = counted(session, mailing.id or 0, who.csm)
    pages = max(1, -(-len(groups) // PAGE))
    page = min(page, pages - 1)
    shown = groups[page * PAGE : (page + 1) * PAGE]
    newest = max((one[0].id or 0 for group in groups for one in group.replies), default=0)
    lines = [_entry(voice, number, group) for number, group in enumerate(shown, start=page * PAGE + 1)]
    rows = [_buttons(voice, number, group, newest) for number, group in enumerate(shown, start=page * PAGE + 1)]
    leaf = []
    if page > 0:
        leaf.append(Button(voice.plain("button.newer"), pack(ShowReplies(mailing.id or 0, page - 1))))
    if page + 1 < pages:
        leaf.append(Button(voice.plain("button.older"), pack(ShowReplies(mailing.id or 0, page + 1))))
    return Card(
        text="\n\n".join(lines) or voice.say("replies.none_wait" if every else "replies.none"),
        title=voice.plain("replies.title", title=mailing.title),
        facts=((voice.plain("replies.waiting"), str(open_)), (voice.plain("replies.settled"), str(every - open_))),
        note=voice.say("replies.note") if any(len(group.replies) > 1 for group in shown) else "",
        rows=(*rows, tuple(leaf)) if leaf else tuple(rows),
    )


def _entry(voice: Voice, number: int, group: Group[tuple[HelpRequest, Contact, Account]]) -> str:
    request, contact, account = group.replies[-1]
    words = last_words(request)
    words = words if len(words) <= _SHOWN else words[: _SHOWN - 1] + "…"
    others = len(group.replies) - 1
    said = voice.say("help.quote", words=words or voice.plain("help.no_words"))
    return "\n".join(
        (voice.say("replies.entry", number=number, name=contact.name, account=account.name, count=others), said)
    )


def _buttons(
    voice: Voice, number: int, group: Group[tuple[HelpRequest, Contact, Account]], upto: int
) -> tuple[Button, ...]:
    request = group.first[0].id or 0
    several = len(group.replies)
    label = "replies.answer_all" if several > 1 else "button.reply_to"
    said = voice.plain(label, number=number, count=several) if several > 1 else voice.plain(label, number=number)
    return (
        Button(said, pack(AnswerReplies(request))),
        Button(voice.plain("replies.settle", number=number), pack(SettleReplies(request, upto))),
    )


def subject(mailing_id: int | None) -> str:
    """What the card of a mailing's replies shows."""
    return f"replies:{mailing_id}"


def tell(
    session: Session,
    catalogue: Catalogue,
    request: HelpRequest,
    now: datetime,
    aloud: Literal["first", "always", "never"],
) -> Sequence[Csm]:
    """Show whoever gets this reply the card with it. Returns them.

    `aloud`: when it comes as a new message, which is heard, instead of being added to the one that is there: `first`,
    when no other waits; `always`, in a conversation. Key: `answer:replies:<request>:<csm>:<moment>:replies:<mailing>`.
    """
    mailing = session.get_one(Mailing, request.mailing_id)
    told = receivers(session, session.get_one(Account, request.account_id), mailing)
    for csm in told:
        to = csm_address(csm)
        if to is None:
            continue
        card = replies_card(session, colleague(catalogue, csm), mailing, 0)
        screen = session.get(Screen, (str(to), subject(mailing.id)))
        alone = aloud == "first" and counted(session, mailing.id or 0, csm)[0] <= 1
        if screen is None or alone or aloud == "always":
            place = Place(to, f"replies:{request.id}:{csm.id}:{int(now.timestamp())}")
            show(session, place, subject=subject(mailing.id), card=card, kind="replies", now=now)
        else:
            refresh(session, screen, card=card, kind="replies", now=now)
    return told


def refresh_cards(session: Session, catalogue: Catalogue, mailing: Mailing, now: datetime, *, but: str = "") -> None:
    """Edit the card of this mailing's replies wherever one of us has it, except at the address `but`."""
    found = session.exec(select(Screen).where(Screen.subject == subject(mailing.id), Screen.address != but)).all()
    for screen in found:
        csm = session.exec(select(Csm).where(Csm.address == screen.address)).one_or_none()
        if csm is not None:
            card = replies_card(session, colleague(catalogue, csm), mailing, 0)
            refresh(session, screen, card=card, kind="replies", now=now)
