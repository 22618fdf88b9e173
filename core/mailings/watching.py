"""Live cards follow their mailings: edited in place, seldom enough for the platform, and never when nothing changed."""

from datetime import datetime, timedelta
from typing import Final

from sqlmodel import Session, col, select

from core.cards import Card
from core.codec import write_card
from core.content.catalogue import Catalogue
from core.events import Address
from core.mailings import vetoes
from core.mailings.counting import counts
from core.mailings.desk import card_for, subject_of
from core.outbox import post
from core.people.accounts import Colleague, colleague
from core.screens import refresh, screens_of
from storage.tables import Csm, Delivery, Mailing, Screen

EVERY: Final = timedelta(seconds=3)
"""Between two edits of one card at least."""

EDITS: Final = timedelta(seconds=1.5)
"""Between two edits of any (Slack: chat.update is tier 3, about 50 a minute for a workspace; 40 leave room)."""

AFTERWARDS: Final = timedelta(minutes=1)
"""Between two edits once it is over: answers come in for days."""

FOLLOWED: Final = timedelta(days=3)
"""How long a card is followed after its mailing is over."""

OVER: Final = ("finished", "cancelled")
_GOING: Final = ("leaving", "running", "paused", "cancelling")


def follow(session: Session, catalogue: Catalogue, now: datetime) -> int:
    """Bring live cards up to date. Returns 0: what is left waits for its next turn, seconds later."""
    lately = (col(Mailing.finished_at) > now - FOLLOWED) | col(Mailing.changes_due).is_not(None)
    over = col(Mailing.state).in_(OVER) & lately
    mailings = session.exec(select(Mailing).where(col(Mailing.state).in_(_GOING) | over)).all()
    for mailing in mailings:
        if mailing.state in OVER:
            vetoes.close(session, catalogue, mailing, now)
    watched = [(mailing, screen) for mailing in mailings for screen in screens_of(session, subject_of(mailing))]
    going = sum(_goes(mailing) for mailing, _ in watched)
    pause = max(EVERY, EDITS * going)
    for mailing, screen in watched:
        _follow(session, catalogue, mailing, screen, now, pause if _goes(mailing) else AFTERWARDS)
    return 0


def _goes(mailing: Mailing) -> bool:
    """Something of it happens: it is sent, or its words are changed where they stand."""
    return mailing.state in _GOING or mailing.changes_due is not None


def _follow(
    session: Session, catalogue: Catalogue, mailing: Mailing, screen: Screen, now: datetime, pause: timedelta
) -> None:
    last = _last(session, screen)
    if last is not None and last.state in ("queued", "sending"):
        return  # the chat is behind already
    ended = mailing.finished_at is not None and last is not None and last.created_at < mailing.finished_at
    if last is not None and now - last.created_at < (EVERY if ended else pause):
        return
    csm = session.exec(select(Csm).where(Csm.address == screen.address)).one_or_none()
    if csm is None:
        return
    who = colleague(catalogue, csm)
    card = card_for(session, catalogue, who, mailing, now)
    if last is not None and last.card == write_card(card):
        return
    refresh(session, screen, card=card, kind="desk", now=now)
    if mailing.started_at is not None:
        _tell_turn(session, who, mailing, Address.parse(screen.address), now)


def _last(session: Session, screen: Screen) -> Delivery | None:
    """What was last put onto this card; None: it is not known any more."""
    edited = select(Delivery).where(Delivery.key == f"screen:{screen.address}:{screen.subject}:{screen.revision}")
    found = session.exec(edited).one_or_none()
    if found is None:
        shown = (
            select(Delivery)
            .where(col(Delivery.id) == screen.revision - 1, Delivery.address == screen.address)
            .where(Delivery.subject == screen.subject)
        )
        found = session.exec(shown).one_or_none()
    return found


def _tell_turn(session: Session, who: Colleague, mailing: Mailing, to: Address, now: datetime) -> None:
    """An edit makes no sound: that it stopped by itself, or is done, is said in a message of its own, once.

    Keys: `halted:<mailing>:<csm>:<how many were done>`, `over:<mailing>:<csm>:<when>`.
    """
    voice, number = who.voice, mailing.id or 0
    if mailing.state == "paused" and mailing.reason not in (None, "by hand"):
        text = voice.say(f"runs.halted_{(mailing.reason or '').replace(' ', '_')}", title=mailing.title)
        key = f"halted:{number}:{who.csm.id}:{mailing.paced}:{mailing.reason}"
    elif mailing.state == "finished" and mailing.finished_at is not None:
        done = counts(session, number)
        text = voice.say("runs.over", title=mailing.title, count=done["accepted"], total=done.total)
        key = f"over:{number}:{who.csm.id}:{mailing.finished_at:%Y%m%d%H%M%S}"
    else:
        return
    post(session, key=key, to=to, card=Card(text), kind="desk", now=now, repeatable=False)
