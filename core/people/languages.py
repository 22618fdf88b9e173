"""A person chooses the language the hub speaks to them."""

from datetime import datetime

from sqlmodel import Session

from core.actions import ChooseLanguage, ShowHome, pack
from core.attention import settings
from core.cards import Button, Card
from core.content.catalogue import Catalogue
from core.onboarding import home
from core.people.accounts import Member, member
from core.receipts import Receipt
from core.screens import Place, show


def choose(
    session: Session, catalogue: Catalogue, who: Member, place: Place, action: ChooseLanguage, now: datetime
) -> Receipt:
    """Speak the chosen language from now on; offer all of them when none, or an unknown one, was named."""
    if action.language in catalogue.phrases.languages:
        who.contact.language = action.language
        session.flush()
        speaks = member(session, catalogue, who.contact)
        settings.redraw(session, catalogue, speaks, now, but=place.chat)
        return home.show_home(session, catalogue, speaks, place, now)
    buttons = [
        Button(catalogue.voice(code).plain("language.name"), pack(ChooseLanguage(code)))
        for code in catalogue.phrases.languages
    ]
    rows = [tuple(buttons[start : start + 2]) for start in range(0, len(buttons), 2)]
    rows.append((Button(who.voice.plain("button.back"), pack(ShowHome())),))
    card = Card(who.voice.say("language.ask"), rows=tuple(rows))
    show(session, place, subject="language", card=card, kind="language", now=now)
    return Receipt()
