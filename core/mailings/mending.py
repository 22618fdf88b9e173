"""Mending and taking back from Slack: who may asks, sees what will happen to how many, and says yes in a box."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Final

from sqlalchemy import func
from sqlmodel import Session, col, select

from core.actions import AmendMailing, RecallMailing, SendAmendment, SendRecall, ShowReplies, pack
from core.cards import Button, Card, Field, Form
from core.content.catalogue import Catalogue
from core.mailings.amending import amend, amend_from_file, are_more, changes, recall
from core.mailings.composed import reworded
from core.mailings.drafting import Written, texts
from core.mailings.reply_groups import counted
from core.mailings.ways import DELETABLE
from core.people.accounts import Colleague
from core.receipts import Receipt
from storage.tables import Delivery, Mailing, MailingReaction

COUNTED: Final = 10_000
"""Changed messages that are counted for a card: more would take longer than a glance."""

LONGEST_TITLE: Final = 150
LONGEST_TEXT: Final = 3000
"""Characters (Slack: plain_text_input)."""


def may_mend(who: Colleague, mailing: Mailing) -> bool:
    """Admins may, and whose mailing it is."""
    return who.csm.role == "admin" or mailing.csm_id == who.csm.id


def rows_for(session: Session, who: Colleague, mailing: Mailing) -> tuple[tuple[Button, ...], ...]:
    """Below the card of a run that has left: mending, taking back, and the replies that are theirs to answer."""
    number, row = mailing.id or 0, []
    if may_mend(who, mailing) and mailing.planned_at is not None and mailing.recalled_at is None:
        row.append(Button(who.voice.plain("button.amend"), pack(AmendMailing(number))))
        row.append(Button(who.voice.plain("button.recall"), pack(RecallMailing(number)), tone="danger"))
    open_, every = counted(session, number, who.csm)
    if every:
        row.append(Button(who.voice.plain("button.replies", count=open_), pack(ShowReplies(number, 0))))
    return (tuple(row),) if row else ()


def with_changes(session: Session, who: Colleague, mailing: Mailing, card: Card) -> Card:
    """The card of a run, with a sentence on how far mending it or taking it back has come.

    Of very many it does not count how far: the card is drawn every few seconds, and `hub mailing lost` tells.
    """
    if mailing.revision == 1 or mailing.planned_at is None:
        return card
    voice, key = who.voice, "mend.was_recalled" if mailing.recalled_at is not None else "mend.was_amended"
    if are_more(session, mailing, COUNTED):
        said = voice.say(f"{key}_of_many", number=mailing.id)
    else:
        come = changes(session, mailing)
        left = come.waiting + come.to_do
        said = voice.say(key, count=sum(come.done.values()), left=left, number=come.lost)
    return replace(card, text=f"{card.text}\n\n{said}")


def _theirs(session: Session, who: Colleague, number: int) -> Mailing | None:
    mailing = session.get(Mailing, number)
    return mailing if mailing is not None and may_mend(who, mailing) else None


def amend_form(session: Session, catalogue: Catalogue, who: Colleague, action: AmendMailing) -> Receipt:
    """Its words in a box; of one from a file what the file says now, to be said yes to."""
    voice, mailing = who.voice, _theirs(session, who, action.mailing)
    if mailing is None or mailing.recalled_at is not None:
        return Receipt(toast=voice.plain("error.stale"))
    what = voice.say("mend.what", **_concerned(session, mailing))
    fields: tuple[Field, ...]
    if _file(catalogue, mailing) is not None:
        told = f"{voice.say('mend.from_file', file=mailing.name)}\n\n{what}"
        fields = (Field("what", mailing.title, kind="note", value=told),)
    else:
        fields = (Field("what", mailing.title, kind="note", value=what),)
        for language, said in _written_here(session, catalogue, mailing).items():
            fields += _boxes(who, language, said)
    form = Form(
        title=voice.plain("mend.amend_title"),
        submit=voice.plain("button.send"),
        cancel=voice.plain("button.cancel"),
        action=pack(SendAmendment(action.mailing, mailing.revision)),
        fields=fields,
    )
    return Receipt(form=form)


def _file(catalogue: Catalogue, mailing: Mailing) -> str | None:
    """The file of content that it is a run of; None: it was written in Slack, or the file is gone."""
    return mailing.name if mailing.key.startswith("file:") and mailing.name in catalogue.mailings else None


def _boxes(who: Colleague, language: str, said: Written) -> tuple[Field, ...]:
    """One language's title and text."""
    title, body = (who.voice.plain(key, language=language) for key in ("mend.title", "mend.body"))
    return (
        Field(f"title:{language}", title, value=said.title, longest=LONGEST_TITLE),
        Field(f"text:{language}", body, kind="multiline", value=said.body, longest=LONGEST_TEXT),
    )


def _written_here(session: Session, catalogue: Catalogue, mailing: Mailing) -> Mapping[str, Written]:
    """Its newest words, the hub's own language first."""
    found = texts(session, mailing.id or 0)
    return {one: found[one] for one in sorted(found, key=lambda each: (each != catalogue.rules.language, each))}


def _concerned(session: Session, mailing: Mailing) -> Mapping[str, int]:
    """How many got it, and how many of them did something with it."""
    got = session.exec(
        select(func.count()).where(Delivery.mailing_id == mailing.id, Delivery.state == "accepted")
    ).one()
    reacted = session.exec(select(func.count()).where(MailingReaction.mailing_id == mailing.id)).one()
    return {"count": got, "done": reacted}


def amended(
    session: Session,
    catalogue: Catalogue,
    who: Colleague,
    action: SendAmendment,
    now: datetime,
    answers: Mapping[str, str],
) -> Receipt:
    """The filled box: its words from now on. Somebody else's change in between is not undone: they see it first."""
    voice, mailing = who.voice, _theirs(session, who, action.mailing)
    if mailing is None:
        return Receipt(toast=voice.plain("error.stale"))
    if mailing.revision != action.revision:
        return Receipt(toast=voice.plain("mend.changed_meanwhile"))
    if _file(catalogue, mailing) is not None:
        outcome, _ = amend_from_file(session, catalogue, mailing.name, now, csm_id=mailing.csm_id)
    else:
        said, wrong = reworded(catalogue, who, answers, _written_here(session, catalogue, mailing))
        if wrong:
            return Receipt(errors=tuple(wrong.items()))
        outcome = amend(session, catalogue, action.mailing, said, now, seen=action.revision)
    if outcome not in ("amended", "redrafted"):
        return Receipt(toast=voice.plain("mend.same_words" if outcome == "same words" else "error.stale"))
    return Receipt(toast=voice.plain("mend.amended"))


def recall_form(session: Session, who: Colleague, action: RecallMailing, now: datetime) -> Receipt:
    """Ask once more, with what can still be taken away and what cannot."""
    voice, mailing = who.voice, _theirs(session, who, action.mailing)
    if mailing is None or mailing.recalled_at is not None:
        return Receipt(toast=voice.plain("error.stale"))
    old = session.exec(
        select(func.count())
        .where(Delivery.mailing_id == mailing.id, Delivery.state == "accepted", Delivery.messenger == "telegram")
        .where(col(Delivery.settled_at) <= now - DELETABLE)
    ).one()
    got = _concerned(session, mailing)["count"]
    said = voice.say("mend.recall_what", title=mailing.title, count=got, left=old)
    form = Form(
        title=voice.plain("mend.recall_title"),
        submit=voice.plain("mend.recall_yes"),
        cancel=voice.plain("button.cancel"),
        action=pack(SendRecall(action.mailing)),
        fields=(Field("what", mailing.title, kind="note", value=said),),
    )
    return Receipt(form=form)


def recalled(session: Session, who: Colleague, action: SendRecall, now: datetime) -> Receipt:
    """Yes: it is taken back."""
    mailing = _theirs(session, who, action.mailing)
    if mailing is None:
        return Receipt(toast=who.voice.plain("error.stale"))
    recall(session, action.mailing, now)
    return Receipt(toast=who.voice.plain("mend.recalled"))
