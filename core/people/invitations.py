"""The way in: a one-time link for one contact, opened by one person, used once, worth nothing to anybody else."""

import hashlib
import re
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlmodel import Session, col, select, update

from core.actions import InviteAccept, InviteDecline, ShowHome, pack
from core.cards import Button, Card, Field, Form
from core.content.catalogue import Catalogue, Rules
from core.content.texts.phrases import Voice
from core.desk import desk
from core.digests import digests
from core.events import Address, Heard
from core.nudges.planning import of_contact, plan
from core.onboarding import checklists, home
from core.outbox import post
from core.people.accounts import Colleague, first_name, group_chats, member, private_chats
from core.receipts import Receipt
from core.screens import Place
from core.updates.owing import owe
from storage.tables import Account, Bot, Chat, Contact, Csm, Invitation, TokenAttempts

TOKEN_BYTES = 32
"""256 bits: 43 characters of base64url, within the 64 that a Telegram deep link carries (Bot API: deep linking)."""

_TOKEN = re.compile(r"(?<![\w-])[\w-]{43}(?![\w-])", re.ASCII)

MOST_ATTEMPTS = 5
"""Wrong tokens from one person within an hour before even a right one is refused."""

_ATTEMPTS_WITHIN = timedelta(hours=1)


class NobodyKnown(LookupError):
    """There is no contact with this e-mail; import the client first."""


@dataclass(frozen=True, slots=True)
class Invited:
    """A fresh invitation. `token` is shown once and stored nowhere."""

    token: str
    contact: Contact
    account: Account
    expires_at: datetime


def find_token(words: str) -> str | None:
    """The first thing in `words` that looks like one of our tokens."""
    found = _TOKEN.search(words)
    return found.group() if found else None


def invite(session: Session, email: str, by: Csm | None, now: datetime, rules: Rules) -> Invited:
    """Make a new invitation for the contact with this e-mail; earlier unused ones of theirs stop working.

    `by` None: from the command line; the account's own CSM is named. Valid `rules.invitation_days` days.
    Raises NobodyKnown.
    """
    contact = session.exec(select(Contact).where(Contact.email == email.strip().lower())).one_or_none()
    if contact is None or contact.id is None:
        raise NobodyKnown(f"no contact has the e-mail {email.strip()}; import the client first")
    account = session.get_one(Account, contact.account_id)
    session.execute(
        update(Invitation)
        .where(col(Invitation.contact_id) == contact.id, col(Invitation.used_at).is_(None))
        .where(col(Invitation.expires_at) > now)
        .values(expires_at=now)
    )
    token = secrets.token_urlsafe(TOKEN_BYTES)
    invitation = _open_invitation(session, contact.id, by.id if by else account.csm_id, token, now, rules)
    return Invited(token, contact, account, invitation.expires_at)


def _open_invitation(
    session: Session, contact_id: int, by: int | None, token: str, now: datetime, rules: Rules
) -> Invitation:
    invitation = Invitation(
        contact_id=contact_id,
        token_hash=_hash(token),
        invited_by=by,
        created_at=now,
        expires_at=now + timedelta(days=rules.invitation_days),
    )
    session.add(invitation)
    session.flush()
    return invitation


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def follow(session: Session, catalogue: Catalogue, event: Heard, token: str, now: datetime) -> Receipt:
    """Somebody came with a token: ask them to confirm, or refuse without saying why it was not good enough."""
    invitation = _usable(session, event.sender, token, now)
    if invitation is None:
        return _refuse(session, catalogue, event, now)
    invitation.opened_by = str(event.sender)
    return _ask(session, catalogue, event, invitation, now)


def _usable(session: Session, sender: Address, token: str, now: datetime) -> Invitation | None:
    attempts = session.get(TokenAttempts, str(sender))
    if attempts is not None and now - attempts.since > _ATTEMPTS_WITHIN:
        session.delete(attempts)
        session.flush()
        attempts = None
    if attempts is not None and attempts.count >= MOST_ATTEMPTS:
        return None
    statement = select(Invitation).where(Invitation.token_hash == _hash(token)).with_for_update()
    invitation = session.exec(statement).one_or_none()
    if invitation is not None and _is_open(invitation, sender, now):
        return invitation
    if attempts is None:
        session.add(TokenAttempts(address=str(sender), count=1, since=now))
    else:
        attempts.count += 1
    return None


def _is_open(invitation: Invitation, sender: Address, now: datetime) -> bool:
    return (
        invitation.used_at is None
        and invitation.declined_at is None
        and invitation.expires_at > now
        and invitation.opened_by in (None, str(sender))
    )


def _refuse(session: Session, catalogue: Catalogue, event: Heard, now: datetime) -> Receipt:
    voice = catalogue.voice(event.profile.language if event.profile else None)
    card = Card(voice.say("invite.refused", vendor=catalogue.rules.vendor))
    post(session, key=f"answer:{event.key}:invite", to=event.sender, card=card, kind="invite", now=now)
    return Receipt()


def _ask(session: Session, catalogue: Catalogue, event: Heard, invitation: Invitation, now: datetime) -> Receipt:
    contact = session.get_one(Contact, invitation.contact_id)
    who = member(session, catalogue, contact, said=event.profile.language if event.profile else None)
    inviter = session.get(Csm, invitation.invited_by) if invitation.invited_by else who.csm
    number = invitation.id or 0
    card = Card(
        who.voice.say(
            "invite.confirm",
            name=contact.name,
            account=who.account.name,
            inviter=(inviter.name or inviter.email) if inviter else catalogue.rules.vendor,
            vendor=catalogue.rules.vendor,
        ),
        rows=(
            (
                Button(who.voice.plain("button.yes_thats_me"), pack(InviteAccept(number)), tone="primary"),
                Button(who.voice.plain("button.not_me"), pack(InviteDecline(number))),
            ),
        ),
    )
    post(session, key=f"answer:{event.key}:invite", to=event.sender, card=card, kind="invite", now=now)
    return Receipt()


def recognised_by_email(session: Session, catalogue: Catalogue, event: Heard, email: str, now: datetime) -> bool:
    """Slack vouches for this e-mail and we know it: ask them to confirm. False when we do not know it.

    Somebody who was invited and not yet here needs no link; it is the same confirmation.
    """
    contact = session.exec(select(Contact).where(Contact.email == email.lower())).one_or_none()
    if contact is None or contact.id is None:
        return False
    account = session.get_one(Account, contact.account_id)
    invitation = session.exec(
        select(Invitation).where(
            Invitation.contact_id == contact.id,
            col(Invitation.used_at).is_(None),
            col(Invitation.declined_at).is_(None),
            Invitation.opened_by == str(event.sender),
            Invitation.expires_at > now,
        )
    ).first()
    if invitation is None:
        token = secrets.token_urlsafe(TOKEN_BYTES)
        invitation = _open_invitation(session, contact.id, account.csm_id, token, now, catalogue.rules)
        invitation.opened_by = str(event.sender)
    _ask(session, catalogue, event, invitation, now)
    return True


def accept(session: Session, catalogue: Catalogue, event: Heard, place: Place, number: int, now: datetime) -> Receipt:
    """They confirm: from here on this chat is the contact's. Greets them, starts their checklists, tells the CSM."""
    invitation = session.exec(select(Invitation).where(Invitation.id == number).with_for_update()).one_or_none()
    if invitation is None or invitation.opened_by != str(event.sender) or not _is_open(invitation, event.sender, now):
        return _refuse(session, catalogue, event, now)
    invitation.used_at = now
    chat = session.get_one(Chat, str(event.sender))
    contact = session.get_one(Contact, invitation.contact_id)
    chat.contact_id = contact.id
    first_time = contact.joined_at is None
    if first_time:
        contact.joined_at = now
        digests.begin(session, invitation.contact_id, now)
    who = member(session, catalogue, contact, said=chat.language)
    if first_time:
        plan(session, catalogue, of_contact(contact.id), now)
        owe(session, catalogue, who, now)
    if checklists.enrol(session, catalogue, who.account, now):
        for group in group_chats(session, who.account.id or 0):
            shared = Place(Address.parse(group.address), f"{event.key}:{group.address}")
            checklists.show_shared(session, catalogue, who.account, shared, now)
    if first_time:
        desk.tell_joined(session, catalogue, who, now)
    return home.show_home(session, catalogue, who, place, now)


def decline(session: Session, catalogue: Catalogue, event: Heard, place: Place, number: int, now: datetime) -> Receipt:
    """It is somebody else: the invitation is spent, and the CSM hears of it through its absence of a join."""
    invitation = session.get(Invitation, number)
    voice = catalogue.voice(event.profile.language if event.profile else None)
    if invitation is not None and invitation.opened_by == str(event.sender) and invitation.used_at is None:
        invitation.declined_at = now
    card = Card(voice.say("invite.declined", vendor=catalogue.rules.vendor))
    post(
        session,
        key=f"answer:{event.key}:invite",
        to=place.chat,
        card=card,
        kind="invite",
        now=now,
        message_id=place.message,
    )
    return Receipt()


def telegram_link(session: Session, token: str) -> str | None:
    """The deep link that opens our Telegram bot with this token; None when the hub has no Telegram bot."""
    bot = session.get(Bot, "telegram")
    return f"https://t.me/{bot.name}?start={token}" if bot is not None else None


def command(
    session: Session, catalogue: Catalogue, colleague: Colleague, event: Heard, email: str, now: datetime
) -> Receipt:
    """A CSM asks for an invitation in Slack: shown in a dialog of theirs, so that the token is written down nowhere."""
    voice = colleague.voice
    try:
        invited = invite(session, email, colleague.csm, now, catalogue.rules)
    except NobodyKnown:
        card = Card(voice.say("csm.invite_unknown", email=email) if email else voice.say("csm.invite_usage"))
        post(session, key=f"answer:{event.key}:invite", to=event.sender, card=card, kind="invite", now=now)
        return Receipt()
    link = telegram_link(session, invited.token)
    note = voice.say(
        "csm.invite_ready",
        name=invited.contact.name,
        account=invited.account.name,
        days=catalogue.rules.invitation_days,
    )
    joined = _messengers_of(session, invited.contact, voice)
    if joined:
        note = f"{voice.say('csm.invite_joined', name=first_name(invited.contact.name), messengers=joined)}\n\n{note}"
    fields = [Field("note", "", kind="note", value=note)]
    if link is not None:
        fields.append(Field("link", voice.plain("csm.invite_link"), value=link, required=False))
    fields.append(Field("token", voice.plain("csm.invite_token"), value=invited.token, required=False))
    form = Form(
        title=voice.plain("csm.invite_title"),
        submit=voice.plain(
            "csm.invite_done"
        ),  # Slack: a modal with inputs, from which the link is copied, has a submit
        cancel=voice.plain("button.close"),
        action=pack(ShowHome()),
        fields=tuple(fields),
    )
    return Receipt(form=form)


def _messengers_of(session: Session, contact: Contact, voice: Voice) -> str:
    """Where this contact is met already, as in `Slack and Telegram`; empty: nowhere yet."""
    chats = private_chats(session, contact.id or 0)
    names = sorted({Address.parse(chat.address).messenger.capitalize() for chat in chats})
    return f" {voice.plain('csm.invite_and')} ".join(names)
