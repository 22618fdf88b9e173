"""Nobody listens: who of us looks after the client hears that nudges came to nothing."""

from datetime import datetime

from sqlmodel import Session, select

from core.cards import Card
from core.content.catalogue import Catalogue
from core.desk.watchers import watchers
from core.nudges.crowd import Person
from core.nudges.planning import subject
from core.outbox import post
from core.people.accounts import csm_address
from storage.tables import Delivery, Nudge


def tell_ours(
    session: Session,
    catalogue: Catalogue,
    person: Person,
    nudge: Nudge,
    headline: str,
    key: str,
    now: datetime,
) -> None:
    """One card to each who looks after the client, if the person was really told. Key: `<the nudge's>:csm:<csm id>`."""
    told = session.exec(
        select(Delivery.id).where(
            Delivery.contact_id == nudge.contact_id,
            Delivery.subject == subject(nudge.id or 0),
            Delivery.state == "accepted",
        )
    ).all()
    if not told:
        return
    for csm in watchers(session, person.who.account):
        to = csm_address(csm)
        if to is None:
            continue
        voice = catalogue.voice(csm.language)
        text = voice.say(
            "nudge.escalated",
            name=person.who.contact.name,
            account=person.who.account.name,
            count=nudge.sent,
            headline=headline,
        )
        post(session, key=f"{key}:csm:{csm.id}", to=to, card=Card(text), kind="desk", now=now, repeatable=False)
