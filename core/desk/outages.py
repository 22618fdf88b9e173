"""A messenger is out of reach for a while: those of us who can still be reached are told, and told when it is over."""

from datetime import datetime, timedelta

from sqlmodel import Session, col, select

from core.cards import Card
from core.content.catalogue import Catalogue
from core.outbox import made_from
from core.people.accounts import csm_address
from core.screens import Place, refresh, screens_of, show
from storage.tables import Csm, Delivery

PATIENCE = timedelta(minutes=2)
"""A shorter outage is nobody's business: what was due is sent a little later."""


def tell(session: Session, catalogue: Catalogue, messenger: str, since: datetime, now: datetime) -> None:
    """All CSMs whom another messenger reaches see that `messenger` has been down since then, and how much waits.

    Repeating it changes nothing. Key: `answer:outage:<messenger>:<since>:<csm id>:outage:<messenger>`.
    """
    made_from(session, catalogue)
    waiting = len(
        session.exec(
            select(Delivery.id).where(Delivery.messenger == messenger, Delivery.state == "queued").limit(1000)
        ).all()
    )
    for csm in session.exec(select(Csm).where(col(Csm.address).is_not(None))).all():
        to = csm_address(csm)
        if to is None or to.messenger == messenger:
            continue
        voice = catalogue.voice(csm.language)
        card = Card(voice.say("csm.outage", messenger=messenger.capitalize(), count=waiting))
        place = Place(to, f"outage:{messenger}:{since.isoformat()}:{csm.id}")
        show(session, place, subject=_subject(messenger), card=card, kind="outage", now=now)


def over(session: Session, catalogue: Catalogue, messenger: str, now: datetime) -> None:
    """It works again: the cards that told of the outage say so."""
    made_from(session, catalogue)
    for screen in screens_of(session, _subject(messenger)):
        csm = session.exec(select(Csm).where(Csm.address == screen.address)).one_or_none()
        voice = catalogue.voice(csm.language if csm is not None else None)
        card = Card(voice.say("csm.outage_over", messenger=messenger.capitalize()))
        refresh(session, screen, card=card, kind="outage", now=now)
        session.delete(screen)


def _subject(messenger: str) -> str:
    return f"outage:{messenger}"
