"""A client asks for help and one of us answers: their words reach the CSM, the reply comes back to their messenger."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from sqlmodel import Session, select

from core.actions import HelpClaim, HelpReply, HelpSend, HelpSolved, pack
from core.cards import Card, Field, Form
from core.content.catalogue import Catalogue
from core.desk.desk_cards import desk_card
from core.desk.help_cards import TURN, Plea, help_card, more_card, notice_card, plea_of, quote, reply_card
from core.desk.requests import asker, locked, open_request
from core.desk.watchers import watchers
from core.events import Address, File
from core.mailings import reply_groups
from core.outbox import post
from core.people.accounts import Colleague, Member, csm_address, first_name
from core.people.accounts import colleague as colleague_of
from core.people.readers import gather, reader_at
from core.receipts import Receipt
from core.screens import Place, refresh, screens_of, show
from storage.tables import Account, Csm, HelpRequest, Mailing, Screen

BURST = timedelta(minutes=5)
"""Words that follow the last sign of receipt within this time get none of their own: people write in several lines."""

LONGEST_REQUEST = 3000
"""Characters of one request: it has to fit into one message to the CSM (Slack: section text)."""

LONGEST_REPLY = 3000
"""Characters of a reply (Slack: plain_text_input)."""


def ask(
    session: Session,
    catalogue: Catalogue,
    who: Member,
    place: Place,
    words: str,
    file: File | None,
    enrolment: int | None,
    step: str | None,
    now: datetime,
    *,
    update: str | None = None,
    mailing: int | None = None,
) -> Receipt:
    """Keep what the client asks, tell the CSM, and tell the client who will see it.

    Words that follow while a request of theirs is open belong to it; after it was settled a new one begins. `update`,
    `mailing`: what it is about. Of a mailing's replies the CSM has one card for all (core.mailings.reply_groups).
    """
    words = words.strip()
    if len(words) > LONGEST_REQUEST:
        card = Card(who.voice.say("help.too_long", longest=LONGEST_REQUEST))
        post(session, key=f"answer:{place.key}:help", to=place.chat, card=card, kind="help", now=now)
        return Receipt()
    if _added(session, catalogue, who, place, words, file, step, update, mailing, now):
        return Receipt()
    request = HelpRequest(
        account_id=who.account.id or 0,
        contact_id=who.contact.id or 0,
        enrolment_id=enrolment,
        step=step,
        update=update,
        mailing_id=mailing,
        words=words,
        file=f"{file.kind}|{file.ref}" if file is not None else None,
        origin=str(place.chat),
        asked_at=now,
    )
    session.add(request)
    session.flush()
    if mailing is not None:
        told = reply_groups.tell(session, catalogue, request, now, "first")
    else:
        told = watchers(session, who.account, urgent=True)
        for csm in told:
            alert(session, catalogue, request, csm, now)
    _refresh_desks(session, catalogue, request, now)
    _acknowledge(session, catalogue, who, place, request, told, now)
    return Receipt()


def _acknowledge(
    session: Session,
    catalogue: Catalogue,
    who: Member,
    place: Place,
    request: HelpRequest,
    told: Sequence[Csm],
    now: datetime,
) -> None:
    """The client sees that their words arrived, and with whom."""
    reader = reader_at(session, catalogue, gather(session, who.account), place.chat)
    if reader is not None:
        key = "help.asked" if any(csm.id == who.account.csm_id for csm in told) else "help.asked_nobody"
        card = notice_card(reader, request, reader.voice.say(key, csm=reader.csm_name))
        show(session, place, subject=_notice(request), card=card, kind="help", now=now)


def _added(
    session: Session,
    catalogue: Catalogue,
    who: Member,
    place: Place,
    words: str,
    file: File | None,
    step: str | None,
    update: str | None,
    mailing: int | None,
    now: datetime,
) -> bool:
    """Add it to their open request. One that was answered waits again; whoever may have stopped looking is told.

    Key of that notice: `more:<request>:<event key>:<csm>`.
    """
    request = open_request(session, who, place, step, update, mailing)
    if request is None or (file is not None and request.file is not None):
        return False
    between = TURN if request.answered_at is not None else "\n"
    together = between.join(filter(None, (request.words, words)))
    if len(together) > LONGEST_REQUEST:
        return False
    sign = session.get(Screen, (str(place.chat), _notice(request)))
    anew = request.answered_at is not None or sign is None or now - sign.shown_at > BURST
    request.words, request.origin, request.answered_at = together, str(place.chat), None
    if file is not None:
        request.file = f"{file.kind}|{file.ref}"
    session.flush()
    refresh_alerts(session, catalogue, request, now)
    if request.mailing_id is not None:
        told = reply_groups.tell(session, catalogue, request, now, "always" if between == TURN else "never")
    if not anew:
        return True
    if request.mailing_id is None:
        told = watchers(session, who.account, urgent=True)
        plea = plea_of(session, catalogue, request)
        for csm in told:
            to, key = csm_address(csm), f"more:{request.id}:{place.key}:{csm.id}"
            if to is not None:
                post(session, key=key, to=to, card=more_card(catalogue, plea, csm, words), kind="help", now=now)
    _refresh_desks(session, catalogue, request, now)
    _acknowledge(session, catalogue, who, place, request, told, now)
    return True


def _subject(request: HelpRequest) -> str:
    return f"help:{request.id}"


def _notice(request: HelpRequest) -> str:
    return f"asked:{request.id}"


def alert(session: Session, catalogue: Catalogue, request: HelpRequest, csm: Csm, now: datetime) -> None:
    """Show the request to one of us, once. Key: `answer:help:<request>:<csm>:help:<request>`."""
    to = csm_address(csm)
    if to is None or session.get(Screen, (str(to), _subject(request))) is not None:
        return
    card = help_card(catalogue, plea_of(session, catalogue, request), csm)
    place = Place(to, f"help:{request.id}:{csm.id}")
    show(session, place, subject=_subject(request), card=card, kind="help", now=now)


def refresh_alerts(
    session: Session, catalogue: Catalogue, request: HelpRequest, now: datetime, *, but: Address | None = None
) -> None:
    """Edit the request's cards wherever one of us has them."""
    plea: Plea | None = None
    for screen in screens_of(session, _subject(request), but=but):
        csm = session.exec(select(Csm).where(Csm.address == screen.address)).one_or_none()
        if csm is not None:
            plea = plea or plea_of(session, catalogue, request)
            refresh(session, screen, card=help_card(catalogue, plea, csm), kind="help", now=now)


def claim(
    session: Session, catalogue: Catalogue, colleague: Colleague, place: Place, action: HelpClaim, now: datetime
) -> Receipt:
    """I have it: the first who says so has it, the others see who; the client is told once."""
    request = locked(session, action.request)
    if request is None:
        return Receipt(toast=colleague.voice.plain("error.stale"))
    toast = ""
    if request.claimed_by is None and request.solved_at is None:
        request.claimed_by = colleague.csm.id
        session.flush()
        _tell_claimed(session, catalogue, request, colleague, now)
    elif request.claimed_by != colleague.csm.id:
        owner = session.get(Csm, request.claimed_by) if request.claimed_by is not None else None
        toast = colleague.voice.plain("help.has_it", csm=_name(owner)) if owner is not None else ""
    _show_here(session, catalogue, request, colleague, place, now)
    return Receipt(toast=toast)


def _show_here(
    session: Session, catalogue: Catalogue, request: HelpRequest, colleague: Colleague, place: Place, now: datetime
) -> None:
    """Edit the tapped card, and the request's other cards; in the App Home, where a list stands, only the others."""
    _refresh_desks(session, catalogue, request, now)
    if place.chat.is_home or place.message is None:
        refresh_alerts(session, catalogue, request, now)
        return
    card = help_card(catalogue, plea_of(session, catalogue, request), colleague.csm)
    show(session, place, subject=_subject(request), card=card, kind="help", now=now)
    refresh_alerts(session, catalogue, request, now, but=place.chat)


def _refresh_desks(session: Session, catalogue: Catalogue, request: HelpRequest, now: datetime) -> None:
    """The App Homes of those of us who watch the account list its open requests."""
    if request.mailing_id is not None:
        reply_groups.refresh_cards(session, catalogue, session.get_one(Mailing, request.mailing_id), now)
    for csm in watchers(session, session.get_one(Account, request.account_id), urgent=True):
        screen = session.get(Screen, (f"{csm.address}/home", "home"))
        if screen is not None:
            card = desk_card(session, catalogue, colleague_of(catalogue, csm))
            refresh(session, screen, card=card, kind="desk", now=now)


def _tell_claimed(
    session: Session, catalogue: Catalogue, request: HelpRequest, colleague: Colleague, now: datetime
) -> None:
    """The client sees who has it: their notice is edited, or they are told anew. Key: `claimed:<request>`."""
    reader = asker(session, catalogue, request)
    if reader is None:
        return
    to, them = reader
    card = notice_card(them, request, them.voice.say("help.has_it", csm=_name(colleague.csm)))
    screen = session.get(Screen, (str(to), _notice(request)))
    if screen is not None:
        refresh(session, screen, card=card, kind="help", now=now)
    else:
        post(session, key=f"claimed:{request.id}", to=to, card=card, kind="help", now=now, repeatable=False)


def reply_form(
    session: Session, catalogue: Catalogue, colleague: Colleague, _place: Place, action: HelpReply, _now: datetime
) -> Receipt:
    """Open the reply box, with the client's words above it; the client sees that somebody is writing."""
    request = session.get(HelpRequest, action.request)
    if request is None:
        return Receipt(toast=colleague.voice.plain("error.stale"))
    voice, plea = colleague.voice, plea_of(session, catalogue, request)
    found = asker(session, catalogue, request)
    to = found[0] if found is not None else Address.parse(request.origin)
    whom = voice.say(
        "help.reply_to", name=plea.contact.name, account=plea.account.name, messenger=to.messenger.capitalize()
    )
    asked = f"{whom}\n\n{quote(voice, request.words or voice.plain('help.no_words'))}"
    fields = (
        Field("asked", plea.contact.name, kind="note", value=asked),
        Field("reply", voice.plain("help.reply_label"), kind="multiline", longest=LONGEST_REPLY),
    )
    form = Form(
        title=voice.plain("help.reply_title"),
        submit=voice.plain("button.send"),
        cancel=voice.plain("button.cancel"),
        action=pack(HelpSend(action.request)),
        fields=fields,
    )
    return Receipt(form=form, typing=Address.parse(request.origin))


def send_reply(
    session: Session,
    catalogue: Catalogue,
    colleague: Colleague,
    place: Place,
    action: HelpSend,
    now: datetime,
    answers: Mapping[str, str],
) -> Receipt:
    """Bring the reply to the client, where they asked or else where they were heard last.

    Key: `reply:<request>:<event key>`. When the client cannot be reached the CSM is told at once.
    """
    request, words = locked(session, action.request), answers.get("reply", "").strip()[:LONGEST_REPLY]
    if request is None or not words:
        return Receipt(toast=colleague.voice.plain("error.stale"))
    if not answer(session, catalogue, colleague, request, words, place.key, now):
        plea = plea_of(session, catalogue, request)
        card = Card(
            colleague.voice.say("help.unreachable", name=plea.contact.name, account=plea.account.name, words=words)
        )
        post(session, key=f"answer:{place.key}:help", to=place.chat, card=card, kind="help", now=now)
        return Receipt(toast=colleague.voice.plain("help.not_sent"))
    _show_here(session, catalogue, request, colleague, place, now)
    return Receipt(toast=colleague.voice.plain("help.sent"))


def answer(
    session: Session,
    catalogue: Catalogue,
    colleague: Colleague,
    request: HelpRequest,
    words: str,
    event: str,
    now: datetime,
) -> bool:
    """Bring these words to who asked; the request is answered. False: they can be reached nowhere, nothing changes.

    The request must be locked. Key: `reply:<request>:<event key>`.
    """
    found = asker(session, catalogue, request)
    if found is None:
        return False
    to, reader = found
    card = reply_card(reader, request, _name(colleague.csm), words)
    key = f"reply:{request.id}:{event}"
    post(session, key=key, to=to, card=card, kind="reply", now=now, repeatable=False)
    request.claimed_by = request.claimed_by or colleague.csm.id
    request.answered_at = now
    session.flush()
    sign = session.get(Screen, (str(to), _notice(request)))
    if sign is not None:
        told = notice_card(reader, request, reader.voice.say("help.answered", csm=_name(colleague.csm)))
        refresh(session, sign, card=replace(told, rows=()), kind="help", now=now)
    return True


def solved(
    session: Session, catalogue: Catalogue, colleague: Colleague, place: Place, action: HelpSolved, now: datetime
) -> Receipt:
    """Nothing more to do: the card says so, and so does the client's notice if it is still there."""
    request = locked(session, action.request)
    if request is None:
        return Receipt(toast=colleague.voice.plain("error.stale"))
    if request.solved_at is None:
        request.solved_at, request.claimed_by = now, request.claimed_by or colleague.csm.id
        session.flush()
        found = asker(session, catalogue, request)
        screen = session.get(Screen, (request.origin, _notice(request)))
        if found is not None and screen is not None and str(found[0]) == request.origin:
            card = notice_card(found[1], request, found[1].voice.say("help.solved"))
            refresh(session, screen, card=card, kind="help", now=now)
    _show_here(session, catalogue, request, colleague, place, now)
    return Receipt()


def _name(csm: Csm) -> str:
    return first_name(csm.name or csm.email)
