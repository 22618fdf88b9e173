"""Who is who: accounts, their contacts, our CSMs, the chats they are met in and the invitations between them."""

from datetime import date, datetime
from decimal import Decimal
from typing import TypeAlias

from sqlmodel import Field

from storage.types import BigId, Json, Moment, Row

Own: TypeAlias = str | bool | list[str]
"""Of a field of the vendor's own: numbers and dates are kept as texts, exactly as they were given."""


class Csm(Row, table=True):
    """One of us in Slack: a customer success manager or an admin, found by e-mail in the home workspace."""

    __tablename__ = "csm"

    id: int | None = Field(default=None, primary_key=True)
    email: str = Field(unique=True)
    """Lower case."""
    name: str = ""
    role: str = "csm"
    """`csm` or `admin`."""
    address: str | None = Field(default=None, unique=True)
    """Slack team and member (`slack:T/U`) once recognised; never matched by name."""
    language: str | None = None
    timezone: str | None = None


class Account(Row, table=True):
    """A client company."""

    __tablename__ = "account"

    id: int | None = Field(default=None, primary_key=True)
    name: str = Field(unique=True)
    segment: str = ""
    region: str = ""
    language: str | None = None
    timezone: str | None = None
    """IANA name; None: the region's, else the hub's."""
    csm_id: int | None = Field(default=None, foreign_key="csm.id", index=True)
    mrr: Decimal | None = None
    """Monthly recurring revenue in the vendor's currency."""
    renewal: date | None = None
    products: list[str] = Field(default_factory=list, sa_type=Json, sa_column_kwargs={"server_default": "[]"})
    """What it bought, each once."""
    phase: str = Field(default="", sa_column_kwargs={"server_default": ""})
    """Where it stands with the vendor (`onboarding`, `live`)."""
    custom: dict[str, Own] = Field(default_factory=dict, sa_type=Json, sa_column_kwargs={"server_default": "{}"})
    """Fields of the vendor's own, by name."""
    created_at: datetime = Field(sa_type=Moment)
    changed_at: datetime | None = Field(default=None, sa_type=Moment, index=True)
    """When an import changed what conditions ask about, until what follows from it is done; None: it is."""


class Contact(Row, table=True):
    """A person at a client company."""

    __tablename__ = "contact"

    id: int | None = Field(default=None, primary_key=True, sa_type=BigId)
    account_id: int = Field(foreign_key="account.id", index=True)
    name: str
    email: str = Field(unique=True)
    """Lower case."""
    role: str = ""
    """What they do at the client (`admin`, `finance`): steps may be meant for a role."""
    language: str | None = None
    """Chosen by the person; None: what the messenger says, else the account's, its region's, the hub's."""
    timezone: str | None = None
    created_at: datetime = Field(sa_type=Moment)
    joined_at: datetime | None = Field(default=None, sa_type=Moment)
    """When they first confirmed an invitation or were recognised; None: not yet here."""
    last_seen_at: datetime | None = Field(default=None, sa_type=Moment)
    silent_until: datetime | None = Field(default=None, sa_type=Moment)
    """They asked for no reminders until then."""


class Chat(Row, table=True):
    """A chat we have met. A private one belongs to a contact or a CSM, a group to an account; none: a stranger's."""

    __tablename__ = "chat"

    address: str = Field(primary_key=True)
    kind: str = "private"
    """`private` or `group`."""
    title: str = ""
    contact_id: int | None = Field(default=None, foreign_key="contact.id", index=True, sa_type=BigId)
    csm_id: int | None = Field(default=None, foreign_key="csm.id", index=True)
    account_id: int | None = Field(default=None, foreign_key="account.id", index=True)
    unreachable: str | None = None
    """Why it cannot be written to (`blocked`, `removed`, `deactivated`, `uninstalled`, `refused`); None: it can."""
    language: str | None = None
    """What the messenger says of the person's language, two letters."""
    shared: bool = False
    """Outsiders are in it (Slack Connect): nothing internal is ever written here."""
    last_heard_at: datetime = Field(sa_type=Moment)


class Invitation(Row, table=True):
    """A one-time way in for one contact. The token itself is never stored."""

    __tablename__ = "invitation"

    id: int | None = Field(default=None, primary_key=True, sa_type=BigId)
    contact_id: int = Field(foreign_key="contact.id", index=True, sa_type=BigId)
    token_hash: str = Field(unique=True)
    """SHA-256 in hex."""
    invited_by: int | None = Field(default=None, foreign_key="csm.id")
    created_at: datetime = Field(sa_type=Moment)
    expires_at: datetime = Field(sa_type=Moment)
    opened_by: str | None = None
    """Address of the first who followed it: from then on it is theirs alone."""
    used_at: datetime | None = Field(default=None, sa_type=Moment)
    declined_at: datetime | None = Field(default=None, sa_type=Moment)


class TokenAttempts(Row, table=True):
    """How often somebody tried a wrong token lately: guessing is stopped after a few."""

    __tablename__ = "token_attempts"

    address: str = Field(primary_key=True)
    count: int = 0
    since: datetime = Field(sa_type=Moment)


class Bot(Row, table=True):
    """What our bot is called in a messenger, as the messenger last said: links are made of it."""

    __tablename__ = "bot"

    messenger: str = Field(primary_key=True)
    name: str
    """Telegram: the username without @. Slack: the bot user's id."""
    team: str = ""
    """Slack: the home workspace's id."""
