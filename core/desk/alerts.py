"""What our CSMs are told about their clients, each thing once, wherever the client did it."""

from collections.abc import Callable
from datetime import datetime

from sqlmodel import Session, select

from core.actions import OursDone, pack
from core.cards import Button, Card
from core.content.catalogue import Catalogue, Step
from core.content.texts.phrases import Voice, Words
from core.desk.watchers import watchers
from core.events import Address
from core.onboarding.courses import Course
from core.onboarding.rules import StepStanding
from core.outbox import post
from core.people.accounts import Colleague, Member, csm_address, first_name
from core.people.filling import values_for
from core.screens import Place, refresh, screens_of, show
from storage.tables import Account, Chat, Contact, Csm


def tell_joined(session: Session, catalogue: Catalogue, who: Member, now: datetime) -> None:
    """Somebody of the client is here for the first time. Key: `joined:<contact id>:<csm id>`."""

    def card(voice: Voice) -> Card:
        return Card(voice.say("desk.joined", name=who.contact.name, account=who.account.name, email=who.contact.email))

    _tell(session, catalogue, who.account, f"joined:{who.contact.id}", card, now)


def tell_finished(session: Session, catalogue: Catalogue, account: Account, course: Course, now: datetime) -> None:
    """A checklist is finished, with the days it took. Key: `finished:<enrolment id>:csm:<csm id>`."""
    enrolment = course.enrolment
    value_at = enrolment.first_value_at or now

    def card(voice: Voice) -> Card:
        text = voice.say(
            "desk.finished",
            account=account.name,
            checklist=label(voice, course.checklist.title, account),
            days=(now - enrolment.started_at).days,
            value_days=(value_at - enrolment.started_at).days,
        )
        return Card(text)

    _tell(session, catalogue, account, f"finished:{course.id}:csm", card, now)


def tell_skipped(
    session: Session, catalogue: Catalogue, who: Member, course: Course, one: StepStanding, now: datetime
) -> None:
    """A step was refused, and why. Key: `skipped:<enrolment id>:<step>:<moment>:<csm id>`."""
    account = who.account

    def card(voice: Voice) -> Card:
        text = voice.say(
            "desk.skipped",
            account=account.name,
            name=who.contact.name,
            title=label(voice, one.step.title, account),
            checklist=label(voice, course.checklist.title, account),
            reason=one.reason or "",
        )
        return Card(text)

    _tell(session, catalogue, account, f"skipped:{course.id}:{one.step.id}:{now.isoformat()}", card, now)


def tell_unreachable(session: Session, catalogue: Catalogue, chat: Chat, now: datetime) -> None:
    """A chat of a client can no longer be written to. Key: `unreachable:<address>:<day>:<csm id>`."""
    contact = session.get(Contact, chat.contact_id) if chat.contact_id is not None else None
    account_id = contact.account_id if contact is not None else chat.account_id
    account = session.get(Account, account_id) if account_id is not None else None
    if account is None:
        return

    def card(voice: Voice) -> Card:
        who = contact.name if contact is not None else chat.title or voice.plain("desk.a_group")
        messenger = Address.parse(chat.address).messenger.capitalize()
        why = voice.plain(f"desk.why.{chat.unreachable or 'blocked'}")
        return Card(voice.say("desk.unreachable", name=who, account=account.name, messenger=messenger, why=why))

    _tell(session, catalogue, account, f"unreachable:{chat.address}:{now.date().isoformat()}", card, now)


def _tell(
    session: Session,
    catalogue: Catalogue,
    account: Account,
    key: str,
    card: Callable[[Voice], Card],
    now: datetime,
) -> None:
    for csm in watchers(session, account):
        to = csm_address(csm)
        if to is not None:
            voice = catalogue.voice(csm.language)
            post(session, key=f"{key}:{csm.id}", to=to, card=card(voice), kind="desk", now=now, repeatable=False)


def tell_ours(
    session: Session, catalogue: Catalogue, account: Account, course: Course, one: StepStanding, now: datetime
) -> None:
    """A step that we owe is open now: its CSM gets a card that stays live until it is done."""
    for csm in watchers(session, account):
        show_ours(session, catalogue, csm, account, course, one, now)


def show_ours(
    session: Session, catalogue: Catalogue, csm: Csm, account: Account, course: Course, one: StepStanding, now: datetime
) -> None:
    """The same for one CSM. Subject: `ours:<enrolment id>:<step>`."""
    to = csm_address(csm)
    if to is None:
        return
    subject = ours_subject(course, one.step)
    card = ours_card(catalogue.voice(csm.language), account, course, one)
    key = f"{subject}:{csm.id}:{now.isoformat()}"
    show(session, Place(to, key), subject=subject, card=card, kind="desk", now=now)


def ours_subject(course: Course, step: Step) -> str:
    return f"ours:{course.id}:{step.id}"


def ours_card(voice: Voice, account: Account, course: Course, one: StepStanding) -> Card:
    """What the CSM sees of a step of ours."""
    title = label(voice, one.step.title, account)
    day = voice.date(one.promised_for) if one.promised_for is not None else ""
    rows: tuple[tuple[Button, ...], ...] = ()
    if one.finished:
        text = voice.say("desk.ours_done", account=account.name, title=title)
    else:
        text = voice.say("desk.ours", account=account.name, title=title, day=day)
        rows = ((Button(voice.plain("button.ours_done"), pack(OursDone(course.id, one.step.id)), tone="primary"),),)
    return Card(text, title=voice.plain("desk.ours_title", account=account.name), rows=rows)


def refresh_ours(
    session: Session,
    catalogue: Catalogue,
    account: Account,
    course: Course,
    one: StepStanding,
    now: datetime,
    *,
    but: Address | None = None,
) -> None:
    """The step of ours changed: the CSMs' live cards say so."""
    for screen in screens_of(session, ours_subject(course, one.step), but=but):
        csm = session.exec(select(Csm).where(Csm.address == screen.address)).one_or_none()
        card = ours_card(catalogue.voice(csm.language if csm is not None else None), account, course, one)
        refresh(session, screen, card=card, kind="desk", now=now)


def call_off(session: Session, catalogue: Catalogue, account: Account, subject: str, now: datetime) -> None:
    """Nobody waits for this step of ours any more, because it was taken out: the CSMs' live cards say so."""
    for screen in screens_of(session, subject):
        csm = session.exec(select(Csm).where(Csm.address == screen.address)).one_or_none()
        voice = catalogue.voice(csm.language if csm is not None else None)
        title = voice.plain("desk.ours_title", account=account.name)
        refresh(session, screen, card=Card(voice.say("desk.ours_gone"), title=title), kind="desk", now=now)


def label(voice: Voice, words: Words, account: Account) -> str:
    """A content text as a CSM reads it: it speaks of the account where a client would read their own name."""
    return voice.plain_words(words, values_for(voice, "UTC", account, None, None))


def colleague_name(colleague: Colleague | Csm) -> str:
    """How clients call one of us."""
    csm = colleague.csm if isinstance(colleague, Colleague) else colleague
    return first_name(csm.name or csm.email)
