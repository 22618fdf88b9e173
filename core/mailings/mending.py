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
from core.content.texts.phrases import Voice
from core.mailings.amending import amend, amend_from_file, changes, recall
from core.mailings.changing import DELETABLE
from core.mailings.drafting import Written, texts
from core.mailings.reply_groups import counted
from core.people.accounts import Colleague, colleague, csm_address
from core.receipts import Receipt
from core.screens import Place, refresh, screens_of, show
from storage.tables import Csm, Delivery, Mailing, MailingReaction

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
    """The card of a run, with a sentence on how far mending it or taking it back has come."""
    if mailing.revision == 1 or mailing.planned_at is None:
        return card
    come, voice = changes(session, mailing), who.voice
    key = "mend.was_recalled" if mailing.recalled_at is not None else "mend.was_amended"
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
        language, said = _written_here(session, catalogue, mailing)
        fields = (
            Field("what", mailing.title, kind="note", value=what),
            Field("title", voice.plain("mend.title", language=language), value=said.title, longest=LONGEST_TITLE),
            Field(
                "body",
                voice.plain("mend.body", language=language),
                kind="multiline",
                value=said.body,
                longest=LONGEST_TEXT,
            ),
        )
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


def _written_here(session: Session, catalogue: Catalogue, mailing: Mailing) -> tuple[str, Written]:
    found = texts(session, mailing.id or 0)
    language = catalogue.rules.language if catalogue.rules.language in found else min(found)
    return language, found[language]


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
    place: Place,
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
        language, said = _written_here(session, catalogue, mailing)
        title, body = answers.get("title", "").strip() or said.title, answers.get("body", "").strip() or said.body
        changed = Written(title[:LONGEST_TITLE], body[:LONGEST_TEXT], said.buttons, said.media)
        outcome = amend(session, catalogue, action.mailing, {language: changed}, now, seen=action.revision)
    if outcome not in ("amended", "redrafted"):
        return Receipt(toast=voice.plain("mend.same_words" if outcome == "same words" else "error.stale"))
    show_changes(session, who, place, mailing, now)
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


def recalled(session: Session, who: Colleague, place: Place, action: SendRecall, now: datetime) -> Receipt:
    """Yes: it is taken back."""
    mailing = _theirs(session, who, action.mailing)
    if mailing is None:
        return Receipt(toast=who.voice.plain("error.stale"))
    recall(session, action.mailing, now)
    show_changes(session, who, place, mailing, now)
    return Receipt(toast=who.voice.plain("mend.recalled"))


def show_changes(session: Session, who: Colleague, place: Place, mailing: Mailing, now: datetime) -> None:
    """How far it has come, in a message of its own that is edited while it goes on."""
    to = csm_address(who.csm) or place.chat
    card = changes_card(session, who.voice, mailing)
    show(session, Place(to, f"{place.key}:changes"), subject=_subject(mailing), card=card, kind="mending", now=now)


def refresh_changes(session: Session, catalogue: Catalogue, mailing: Mailing, now: datetime) -> None:
    """The same, wherever one of us has it."""
    for screen in screens_of(session, _subject(mailing)):
        csm = session.exec(select(Csm).where(Csm.address == screen.address)).one_or_none()
        if csm is not None:
            card = changes_card(session, colleague(catalogue, csm).voice, mailing)
            refresh(session, screen, card=card, kind="mending", now=now)


def _subject(mailing: Mailing) -> str:
    return f"changes:{mailing.id}"


def changes_card(session: Session, voice: Voice, mailing: Mailing) -> Card:
    """What became of the messages that showed older words."""
    come = changes(session, mailing)
    names = ("edited", "corrected", "deleted", "withdrawn")
    facts = [(voice.plain(f"mend.{name}"), str(come.done[name])) for name in names if come.done.get(name)]
    if come.waiting + come.to_do:
        facts.append((voice.plain("mend.waiting"), str(come.waiting + come.to_do)))
    if come.lost:
        facts.append((voice.plain("mend.lost"), str(come.lost)))
    title = "mend.card_recalled" if mailing.recalled_at is not None else "mend.card_amended"
    said = "mend.going_on" if come.waiting + come.to_do else "mend.all_done"
    text = voice.say(said)
    if come.lost:
        text = f"{text}\n\n{voice.say('mend.lost_where', command=f'hub mailing lost {mailing.id}')}"
    return Card(text, title=voice.plain(title, title=mailing.title), facts=tuple(facts))
