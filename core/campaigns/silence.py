"""A feed that falls silent while campaigns run is noticed and told to our people, and told again when it is back."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import func
from sqlmodel import Session, col, select

from core.campaigns.standing import RUNNING
from core.cards import Card
from core.content.catalogue import Catalogue
from core.content.texts.phrases import Voice
from core.people.accounts import csm_address
from core.screens import Place, refresh, screens_of, show
from storage.tables import Account, Campaign, Csm, Integration

LOOKED_AT_FOR: Final = timedelta(days=3)
"""A campaign that was last heard of longer ago is forgotten by its platform: no reason to speak of silence."""


def listen(session: Session, catalogue: Catalogue, now: datetime) -> int:
    """Tell of feeds that have just fallen silent, and of those that are back. Returns of how many.

    Key: `answer:silence:<integration>:<since>:<csm id>:feed:<integration>`.
    """
    rows = session.exec(
        select(Integration)
        .where(col(Integration.heard_at).is_not(None), col(Integration.revoked_at).is_(None))
        .where(col(Integration.token_hash).is_not(None))
        .with_for_update(skip_locked=True)
        .execution_options(populate_existing=True)
    ).all()
    patience = timedelta(hours=catalogue.rules.feed_silent_after)
    return sum(_listen_to(session, catalogue, row, patience, now) for row in rows)


def _listen_to(session: Session, catalogue: Catalogue, row: Integration, patience: timedelta, now: datetime) -> bool:
    heard = row.heard_at
    if heard is None:
        return False
    if row.silent_since is not None:
        if heard <= row.silent_since:
            return False
        row.silent_since = None
        _tell_back(session, catalogue, row, now)
        return True
    if now - heard < patience:
        return False
    running = _running(session, row, now)
    if not running:
        return False
    row.silent_since = heard
    _tell_silent(session, catalogue, row, running, now - heard, now)
    return True


def _running(session: Session, row: Integration, now: datetime) -> int:
    return session.exec(
        select(func.count())
        .select_from(Campaign)
        .where(Campaign.integration_id == row.id, col(Campaign.account_id).is_not(None))
        .where(col(Campaign.state).in_(RUNNING), Campaign.heard_at > now - LOOKED_AT_FOR)
    ).one()


def _tell_silent(
    session: Session, catalogue: Catalogue, row: Integration, running: int, span: timedelta, now: datetime
) -> None:
    for csm in _concerned(session, row):
        to = csm_address(csm)
        if to is not None:
            voice = catalogue.voice(csm.language)
            text = voice.say("csm.feed_silent", name=row.name, count=running, span=voice.duration(span))
            place = Place(to, f"silence:{row.id}:{row.heard_at:%Y-%m-%dT%H:%M}:{csm.id}")
            show(session, place, subject=_subject(row), card=Card(text), kind="feed", now=now)


def _tell_back(session: Session, catalogue: Catalogue, row: Integration, now: datetime) -> None:
    """The cards that told of it say so."""
    for screen in screens_of(session, _subject(row)):
        csm = session.exec(select(Csm).where(Csm.address == screen.address)).one_or_none()
        voice: Voice = catalogue.voice(csm.language if csm is not None else None)
        refresh(session, screen, card=Card(voice.say("csm.feed_back", name=row.name)), kind="feed", now=now)
        session.delete(screen)


def _concerned(session: Session, row: Integration) -> Iterable[Csm]:
    """All admins, and who looks after an account whose campaigns run: each once, if they are here."""
    owners = (
        select(Account.csm_id)
        .join(Campaign, col(Campaign.account_id) == Account.id)
        .where(Campaign.integration_id == row.id, col(Campaign.state).in_(RUNNING))
    )
    asked = select(Csm).where((col(Csm.role) == "admin") | col(Csm.id).in_(owners)).order_by(col(Csm.id))
    return session.exec(asked).all()


def _subject(row: Integration) -> str:
    return f"feed:{row.id}"
