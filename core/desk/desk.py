"""A CSM comes to their desk in Slack: they see their clients, and hear what could not be told before."""

from datetime import datetime

from sqlmodel import Session, col, select

from core.cards import Card
from core.content.catalogue import Catalogue
from core.content.texts.phrases import Voice
from core.desk import content_news, help  # noqa: A004 - a feature's name
from core.desk.alerts import label, ours_subject, show_ours, tell_joined, tell_unreachable
from core.desk.desk_cards import accounts_of, desk_card, open_requests
from core.onboarding.courses import Course, load_many
from core.outbox import post
from core.people.accounts import Colleague, csm_address
from core.receipts import Receipt
from core.screens import Place, show
from storage.tables import Account, Contact, Delivery, Screen

__all__ = ["catch_up", "greet_colleague", "tell_joined", "tell_unreachable"]

MOST_CAUGHT_UP = 20
"""Alerts of one kind told at once to a CSM who comes for the first time: nobody reads a flood."""


def greet_colleague(
    session: Session, catalogue: Catalogue, colleague: Colleague, place: Place, now: datetime
) -> Receipt:
    """Show a CSM their home, and tell them what could not be told before."""
    catch_up(session, catalogue, colleague, now)
    card = desk_card(session, catalogue, colleague)
    show(session, place, subject="home", card=card, kind="desk", now=now)
    return Receipt()


def catch_up(session: Session, catalogue: Catalogue, colleague: Colleague, now: datetime) -> None:
    """Tell a CSM what could not be told before they were recognised: requests, our turns, and the rest in one card.

    Repeating it tells nothing twice. Key of the one card: `meanwhile:<csm id>`.
    """
    address = csm_address(colleague.csm)
    if address is None:
        return
    content_news.catch_up(session, catalogue, colleague.csm, now)
    known = set(session.exec(select(Screen.subject).where(Screen.address == str(address))).all())
    for request in open_requests(session, colleague.csm, most=MOST_CAUGHT_UP):
        if f"help:{request.id}" not in known:
            help.alert(session, catalogue, request, colleague.csm, now)
    accounts = {account.id or 0: account for account in accounts_of(session, colleague)}
    courses = load_many(session, catalogue, list(accounts))
    ours = [
        (accounts[number], course, one)
        for number, theirs in courses.items()
        for course in theirs
        for one in course.standing.steps
        if one.state == "ours" and ours_subject(course, one.step) not in known
    ]
    for account, course, one in ours[:MOST_CAUGHT_UP]:
        show_ours(session, catalogue, colleague.csm, account, course, one, now)
    lines = _meanwhile(session, colleague.voice, colleague.csm.id or 0, accounts, courses)
    if lines:
        text = "\n".join((colleague.voice.say("csm.meanwhile"), *lines[:MOST_CAUGHT_UP]))
        post(session, key=_meanwhile_key(colleague.csm.id or 0), to=address, card=Card(text), kind="desk", now=now)


def _meanwhile_key(csm: int) -> str:
    return f"meanwhile:{csm}"


def _meanwhile(
    session: Session, voice: Voice, csm: int, accounts: dict[int, Account], courses: dict[int, list[Course]]
) -> list[str]:
    """Who joined and which checklists were finished without this CSM being told."""
    if session.exec(select(Delivery.id).where(Delivery.key == _meanwhile_key(csm))).first() is not None:
        return []
    joined = session.exec(
        select(Contact).where(col(Contact.account_id).in_(accounts), col(Contact.joined_at).is_not(None))
    ).all()
    keys = [f"joined:{one.id}:{csm}" for one in joined]
    keys += [f"finished:{course.id}:csm:{csm}" for theirs in courses.values() for course in theirs]
    told = set(session.exec(select(Delivery.key).where(col(Delivery.key).in_(keys))).all())
    lines = [
        voice.say("desk.joined", name=one.name, account=accounts[one.account_id].name, email=one.email)
        for one in joined
        if f"joined:{one.id}:{csm}" not in told
    ]
    for number, theirs in courses.items():
        for course in theirs:
            if course.enrolment.finished_at is not None and f"finished:{course.id}:csm:{csm}" not in told:
                title = label(voice, course.checklist.title, accounts[number])
                lines.append(voice.say("csm.meanwhile_finished", account=accounts[number].name, checklist=title))
    return [f"- {line}" for line in lines]
