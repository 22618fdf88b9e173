"""The only door out: every card is written to the ledger under a unique key, and a messenger is asked to show it."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Protocol

from sqlalchemy import update
from sqlmodel import Session

from core.cards import Card
from core.codec import write_card
from core.events import Address
from storage.tables import Delivery
from storage.tables.ledger import ANSWER


class Messenger(Protocol):
    """A face of the hub. The four errors below are all that `send` may raise."""

    async def send(self, to: Address, card: Card, replacing: str | None = None) -> str:
        """Show the card in that chat and return the message's id; with `replacing`, edit that message instead.

        A message that cannot be edited any more (gone, too old, of another shape) is sent anew, and the new id
        returned. Takes as long as the platform takes; the caller paces.
        """


class TryLater(Exception):
    """The platform asks for patience; the card was not shown."""

    def __init__(self, after: timedelta, *, everywhere: bool = False) -> None:
        super().__init__(f"try again in {after.total_seconds():.0f} s")
        self.after = after
        self.everywhere = everywhere
        """True: the whole bot must wait, not this chat alone."""


class Unreachable(Exception):
    """This chat cannot be written to until the person comes back; `why` as in Chat.unreachable."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


class Relocated(Exception):
    """The chat goes on under another address; nothing was shown."""

    def __init__(self, to: Address) -> None:
        super().__init__(str(to))
        self.to = to


class Refused(Exception):
    """The platform will never take this card, however often it is tried."""


class Uncertain(Exception):
    """The card may or may not have been shown: the answer was lost."""


class Revoked(Exception):
    """The bot's token is no longer valid: nothing can be sent to this messenger until an operator mends it."""


_INSERT = Delivery.__table__.insert()  # type: ignore[attr-defined]  # SQLModel hides the table it makes


def post(
    session: Session,
    *,
    key: str,
    to: Address,
    card: Card,
    kind: str,
    now: datetime,
    lane: int = ANSWER,
    subject: str | None = None,
    replaces: int | None = None,
    message_id: str | None = None,
    contact_id: int | None = None,
    due: datetime | None = None,
    expires_at: datetime | None = None,
) -> int | None:
    """Write a card to the ledger, to be sent after this transaction commits. Returns its id, None when key was there.

    `key` says why the card exists (`answer:<event key>`, `reminder:<enrolment>:<n>`): a second post under the same
    key changes nothing. `subject` with `replaces` or `message_id`: an edit; waiting older edits of the same message
    are cancelled, for they would be overwritten at once. `lane` PROACTIVE or MAILING needs the contact's id, so
    that attention can judge. `due` None: at once.
    """
    raise NotImplementedError


def forget_waiting(session: Session, *, subject: str, addresses: Sequence[Address], now: datetime) -> None:
    """Cancel what still waits to be said about this subject in these chats."""
    raise NotImplementedError
