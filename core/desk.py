"""A CSM's desk in Slack: their clients at a glance, what waits for an answer, and what happened meanwhile."""

from datetime import datetime

from sqlmodel import Session, col, select

from core import help  # noqa: A004 - a feature's name
from core.accounts import Colleague, csm_address
from core.actions import HelpReply, pack
from core.alerts import label, ours_subject, show_ours, tell_joined, tell_unreachable
from core.cards import Button, Card
from core.catalogue import Catalogue
from core.courses import Course, current, load_many
from core.onboarding import progress
from core.outbox import post
from core.phrases import Voice
from core.receipts import Receipt
from core.screens import Place, show
from storage.tables import Account, Contact, HelpRequest, Screen

__all__ = ["catch_up", "greet_colleague", "tell_joined", "tell_unreachable"]

MOST_ACCOUNTS = 20
"""Accounts listed on a CSM's home: those standing still longest first."""

MOST_REQUESTS = 10
"""Open requests listed there, the oldest first."""

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


def desk_card(session: Session, catalogue: Catalogue, colleague: Colleague) -> Card:
    """The CSM's accounts with their progress, and the requests that wait for them."""
    voice = colleague.voice
    accounts = _accounts(session, colleague)
    courses = load_many(session, catalogue, [account.id for account in accounts])
    ranked = sorted(accounts, key=lambda account: _moved(courses.get(account.id or 0, []), account.created_at))
    lines = [_line(voice, account, courses.get(account.id or 0, [])) for account in ranked[:MOST_ACCOUNTS]]
    if len(ranked) > MOST_ACCOUNTS:
        lines.append(voice.say("csm.home_more", count=len(ranked) - MOST_ACCOUNTS))
    requests = help.open_requests(session, colleague.csm, most=MOST_REQUESTS)
    asked = [_request_line(session, voice, number, request) for number, request in enumerate(requests, start=1)]
    parts = [
        voice.say("csm.home_greeting", first_name=colleague.first_name),
        "\n".join(lines) if lines else voice.say("csm.home_no_accounts"),
        "\n".join((voice.say("csm.home_requests"), *asked)) if asked else voice.say("csm.home_no_requests"),
    ]
    buttons = [
        Button(voice.plain("button.reply_to", number=number), pack(HelpReply(request.id or 0)))
        for number, request in enumerate(requests, start=1)
    ]
    rows = tuple(tuple(buttons[at : at + 2]) for at in range(0, len(buttons), 2))
    return Card("\n\n".join(parts), title=voice.plain("csm.home_title"), note=voice.say("csm.home_note"), rows=rows)


def _accounts(session: Session, colleague: Colleague) -> list[Account]:
    """Theirs; an admin's also those nobody looks after."""
    mine = col(Account.csm_id) == colleague.csm.id
    wanted = mine | col(Account.csm_id).is_(None) if colleague.csm.role == "admin" else mine
    return list(session.exec(select(Account).where(wanted).order_by(col(Account.name))).all())


def _moved(courses: list[Course], otherwise: datetime) -> datetime:
    return max((course.enrolment.moved_at for course in courses), default=otherwise)


def _line(voice: Voice, account: Account, courses: list[Course]) -> str:
    course = current(courses)
    if course is None:
        return voice.say("csm.home_not_started", account=account.name)
    counted = progress(course.standing)
    return voice.say(
        "csm.home_account",
        account=account.name,
        checklist=label(voice, course.checklist.title, account),
        done=counted.done,
        total=counted.total,
        percent=counted.percent,
        day=voice.date(course.enrolment.moved_at.date()),
    )


def _request_line(session: Session, voice: Voice, number: int, request: HelpRequest) -> str:
    account, contact = session.get_one(Account, request.account_id), session.get_one(Contact, request.contact_id)
    words = " ".join(request.words.split())
    shown = (words if len(words) <= 80 else f"{words[:79]}…") or voice.plain("help.no_words")
    return voice.say("csm.home_request", number=number, account=account.name, name=contact.name, words=shown)


def catch_up(session: Session, catalogue: Catalogue, colleague: Colleague, now: datetime) -> None:
    """Tell a CSM what could not be told before they were recognised: requests, our turns, and the rest in one card.

    Repeating it tells nothing twice. Key of the one card: `meanwhile:<csm id>`.
    """
    address = csm_address(colleague.csm)
    if address is None:
        return
    known = set(session.exec(select(Screen.subject).where(Screen.address == str(address))).all())
    for request in help.open_requests(session, colleague.csm, most=MOST_CAUGHT_UP):
        if f"help:{request.id}" not in known:
            help.alert(session, catalogue, request, colleague.csm, now)
    accounts = {account.id or 0: account for account in _accounts(session, colleague)}
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
    lines = _meanwhile(session, colleague.voice, accounts, courses)
    if lines:
        text = "\n".join((colleague.voice.say("csm.meanwhile"), *lines[:MOST_CAUGHT_UP]))
        post(session, key=f"meanwhile:{colleague.csm.id}", to=address, card=Card(text), kind="desk", now=now)


def _meanwhile(
    session: Session, voice: Voice, accounts: dict[int, Account], courses: dict[int, list[Course]]
) -> list[str]:
    joined = session.exec(
        select(Contact).where(col(Contact.account_id).in_(accounts), col(Contact.joined_at).is_not(None))
    ).all()
    lines = [
        voice.say("desk.joined", name=one.name, account=accounts[one.account_id].name, email=one.email)
        for one in joined
    ]
    for number, theirs in courses.items():
        for course in theirs:
            if course.enrolment.finished_at is not None:
                title = label(voice, course.checklist.title, accounts[number])
                lines.append(voice.say("csm.meanwhile_finished", account=accounts[number].name, checklist=title))
    return [f"- {line}" for line in lines]
