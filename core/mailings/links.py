"""Addresses behind a message's buttons: each leads where its button said, and tells who followed it first."""

import hashlib
import hmac
import re
from base64 import urlsafe_b64encode
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlmodel import Session

from core.content.catalogue import Catalogue
from core.mailings.drafting import read_text
from storage.tables import Delivery, Mailing, MailingText

PATH: Final = "/r/"
"""Below the hub's public address."""

_TOKEN: Final = re.compile(r"([0-9]{1,18})\.([0-9]{1,6})\.([a-z]{2})\.([0-9]{1,2})\.([A-Za-z0-9_-]{22})")
_SIGNED: Final = 16
"""Bytes of the signature: 128 bits nobody guesses."""


@dataclass(frozen=True, slots=True)
class Copy:
    """Which of a mailing's words one recipient's message shows."""

    delivery: int
    revision: int
    language: str
    """Two letters: the one its text is really in."""


@dataclass(frozen=True, slots=True)
class Lead:
    """Where a followed address leads. `url` empty: the mailing was taken back."""

    url: str
    delivery: int
    language: str
    """In which its reader got it."""


def address_of(root: str, secret: str, copy: Copy, place: int) -> str:
    """The address of the button at `place`, from 0, among all buttons of that text. `root`: HUB_PUBLIC_URL."""
    said = f"{copy.delivery}.{copy.revision}.{copy.language}.{place}"
    return f"{root.rstrip('/')}{PATH}{said}.{_signature(secret, said)}"


def _signature(secret: str, said: str) -> str:
    signed = hmac.new(secret.encode(), said.encode(), hashlib.sha256).digest()[:_SIGNED]
    return urlsafe_b64encode(signed).decode().rstrip("=")


def lead(session: Session, token: str) -> Lead | None:
    """Where this address leads: to what stood frozen behind its button, never elsewhere. None: we never made it."""
    found = _TOKEN.fullmatch(token)
    if found is None:
        return None
    number, revision, language, place = int(found[1]), int(found[2]), found[3], int(found[4])
    row = session.get(Delivery, number)
    mailing = session.get(Mailing, row.mailing_id) if row is not None and row.mailing_id is not None else None
    if mailing is None:
        return None
    said = token.rpartition(".")[0]
    if not hmac.compare_digest(_signature(mailing.secret, said), found[5]):
        return None
    text = session.get(MailingText, (mailing.id, language, revision))
    presses = read_text(text).buttons if text is not None else ()
    if place >= len(presses) or not presses[place].url:
        return None
    return Lead("" if mailing.recalled_at is not None else presses[place].url, number, language)


def follow(session: Session, catalogue: Catalogue, token: str, now: datetime, *, counts: bool) -> Lead | None:
    """The same, and with `counts` it is written down that this person followed it. None: a forged one."""
    from core.mailings.reacting import clicked  # reacting draws buttons, and those need addresses

    found = lead(session, token)
    if found is not None and found.url and counts:
        clicked(session, catalogue, found.delivery, now)
    return found
