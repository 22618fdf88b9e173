"""Home: the card a client's person comes back to, in private, in Slack's App Home, and after everything else."""

from datetime import datetime

from sqlmodel import Session

from core.cards import Card
from core.content.catalogue import Catalogue
from core.onboarding import asking, checklists
from core.onboarding.courses import load_all
from core.onboarding.overview import home_of
from core.people.accounts import Member
from core.people.readers import gather, reader_of
from core.receipts import Receipt
from core.screens import Place, show


def home_card(session: Session, catalogue: Catalogue, who: Member, now: datetime) -> Card:
    """Where this person is in each checklist, what is next, and who waits for whom."""
    reader = reader_of(catalogue, gather(session, who.account), who)
    return home_of(session, catalogue, reader, load_all(session, catalogue, who.account.id), now)


def show_home(session: Session, catalogue: Catalogue, who: Member, place: Place, now: datetime) -> Receipt:
    """Show the home card; a group has no home, it shows the shared checklist."""
    if not asking.is_private(session, place):
        return checklists.show_current(session, catalogue, who, place, now)
    if not place.chat.is_home or place.message is not None:
        asking.drop(session, catalogue, who, place, now)
    card = home_card(session, catalogue, who, now)
    show(session, place, subject="home", card=card, kind="home", now=now)
    return Receipt()
