"""A CSM's desk: their clients at a glance, and what waits for an answer."""

from datetime import datetime

from sqlmodel import Session, col, select

from core.actions import HelpReply, ShowReplies, pack
from core.cards import Button, Card
from core.content.catalogue import Catalogue
from core.content.texts.phrases import Voice
from core.desk.alerts import label
from core.mailings.reply_groups import mailings_with_replies
from core.onboarding.courses import Course, current, load_many
from core.onboarding.rules import progress
from core.people.accounts import Colleague
from storage.tables import Account, Contact, Csm, HelpRequest

MOST_ACCOUNTS = 20
"""Accounts listed on a CSM's home: those standing still longest first."""

MOST_REQUESTS = 10
"""Open requests listed there, the oldest first."""

MOST_MAILINGS = 3
"""Mailings whose replies wait, the newest first: each has one line, however many wrote."""


def desk_card(session: Session, catalogue: Catalogue, colleague: Colleague) -> Card:
    """The CSM's accounts with their progress, and the requests that wait for them."""
    voice = colleague.voice
    accounts = accounts_of(session, colleague)
    courses = load_many(session, catalogue, [account.id for account in accounts])
    ranked = sorted(accounts, key=lambda account: _moved(courses.get(account.id or 0, []), account.created_at))
    lines = [_line(voice, account, courses.get(account.id or 0, [])) for account in ranked[:MOST_ACCOUNTS]]
    if len(ranked) > MOST_ACCOUNTS:
        lines.append(voice.say("csm.home_more", count=len(ranked) - MOST_ACCOUNTS))
    requests = open_requests(session, colleague.csm, most=MOST_REQUESTS)
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
    replied = mailings_with_replies(session, colleague.csm, MOST_MAILINGS)
    parts += [voice.say("csm.home_replies", title=mailing.title, count=count) for mailing, count in replied]
    buttons += [
        Button(_short(voice.plain("csm.home_open_replies", title=mailing.title)), pack(ShowReplies(mailing.id or 0, 0)))
        for mailing, _ in replied
    ]
    rows = tuple(tuple(buttons[at : at + 2]) for at in range(0, len(buttons), 2))
    return Card("\n\n".join(parts), title=voice.plain("csm.home_title"), note=voice.say("csm.home_note"), rows=rows)


def _short(label: str) -> str:
    return label if len(label) <= 60 else f"{label[:59].rstrip()}…"


def accounts_of(session: Session, colleague: Colleague) -> list[Account]:
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


def open_requests(session: Session, csm: Csm, *, most: int) -> list[HelpRequest]:
    """What waits for an answer from this one of us, oldest first; for an admin also of accounts nobody looks after."""
    mine = col(Account.csm_id) == csm.id
    wanted = mine | col(Account.csm_id).is_(None) if csm.role == "admin" else mine
    statement = (
        select(HelpRequest)
        .join(Account, col(Account.id) == HelpRequest.account_id)
        .where(col(HelpRequest.solved_at).is_(None), col(HelpRequest.answered_at).is_(None), wanted)
        .where(col(HelpRequest.mailing_id).is_(None))  # replies to mailings stand together on cards of their own
        .order_by(col(HelpRequest.id))
        .limit(most)
    )
    return list(session.exec(statement).all())
