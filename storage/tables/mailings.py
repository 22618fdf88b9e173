"""What we send to many: each run of a mailing, its words as they were approved, and what became of it."""

import secrets
from datetime import datetime, time

from sqlalchemy import Index
from sqlmodel import Field

from storage.types import BigId, Moment, Row


class Mailing(Row, table=True):
    """One run of one mailing. What it says and to whom is written down here and beside it; files may change since."""

    __tablename__ = "mailing"

    id: int | None = Field(default=None, primary_key=True, sa_type=BigId)
    key: str = Field(unique=True)
    """Why it exists (`file:autumn-prices:1`, `slack:<view id>`): started twice, it is there once."""
    name: str = Field(index=True)
    """Of the file in content, or of its first words when it was written in Slack."""
    title: str
    """For our eyes and the clients' list, in the hub's language."""
    state: str = Field(default="draft", index=True)
    """`draft`, `waiting` (for a second person), `leaving` (may still be cancelled), `running`, `paused`, `cancelling`,
    `cancelled`, `finished`."""
    category: str = "news"
    """`news` and `service` keep to people's topics; `mandatory` comes to all."""
    topic: str = ""
    priority: int = 50
    """0 to 100: of two that run at once the higher goes first."""
    audience: str = ""
    """The expression, as written; empty: everybody."""
    but: str = ""
    """Who needs it no more, as an expression: they do already what it asks for. Empty: nobody."""
    csm_id: int | None = Field(default=None, foreign_key="csm.id")
    """Who owns it and gets the replies that belong to no account's CSM; None: made by an operator."""
    approved_by: int | None = Field(default=None, foreign_key="csm.id")
    starts_at: datetime | None = Field(default=None, sa_type=Moment)
    """Not before; None: as soon as it may leave."""
    leaves_at: datetime | None = Field(default=None, sa_type=Moment)
    """When it can no longer be called off; set on approval."""
    local_hour: int | None = None
    """0 to 23, on each person's own clock; None: all at once."""
    window_from: time | None = None
    window_until: time | None = None
    """On the hub's clock, both or none: nothing of it is queued outside."""
    expires_at: datetime | None = Field(default=None, sa_type=Moment)
    """What was not sent by then is not sent any more; None: always worth saying."""
    canary: int = 0
    """Per cent that go first; 0: none."""
    canary_until: datetime | None = Field(default=None, sa_type=Moment)
    """The rest waits until then, and for good when too much went wrong; None: no canary, or it is over."""
    revision: int = 1
    """Of its words: amending counts it up, and so does recalling."""
    secret: str = Field(default_factory=lambda: secrets.token_hex(16))
    """Signs the addresses behind its buttons, so that nobody makes up one."""
    recalled_at: datetime | None = Field(default=None, sa_type=Moment)
    """When it was taken back; None: it stands."""
    changes_due: datetime | None = Field(default=None, sa_type=Moment, index=True)
    """When messages that show older words are looked for next (core.mailings.changing); None: there are none."""
    changed_upto: int = Field(default=0, sa_type=BigId)
    """The contact up to whom they were looked at in this round; 0: it begins."""
    content_version: str = ""
    reason: str | None = None
    """Why it is paused or cancelled: `by hand`, `failures`, `opinions` …"""
    failures_in_a_row: int = 0
    pace: float = 0
    """Accepted per second, lately."""
    paced: int = 0
    """How many were accepted when that was last looked at,"""
    paced_at: datetime | None = Field(default=None, sa_type=Moment)
    """and when that was."""
    due: datetime | None = Field(default=None, sa_type=Moment, index=True)
    """When the ticker next has something to do for it; None: nothing by itself."""
    created_at: datetime = Field(sa_type=Moment)
    planned_at: datetime | None = Field(default=None, sa_type=Moment)
    """When its recipients were written down; None: not yet."""
    started_at: datetime | None = Field(default=None, sa_type=Moment)
    finished_at: datetime | None = Field(default=None, sa_type=Moment)


class MailingText(Row, table=True):
    """What a mailing says in one language, frozen; each amendment is a row more."""

    __tablename__ = "mailing_text"

    mailing_id: int = Field(foreign_key="mailing.id", primary_key=True, sa_type=BigId)
    language: str = Field(primary_key=True)
    revision: int = Field(default=1, primary_key=True)
    title: str
    body: str
    """A template, to be filled in for each reader."""
    buttons: str = "[]"
    """JSON: a list of `{"label": …, "url": …}` (a tracked link) or `{"label": …, "answer": id}`."""
    media: str | None = None
    """Path of a picture or file in content, as it was; None: none."""


class MailingTally(Row, table=True):
    """How many of a mailing are in which state: the sum of `change` per state and reason.

    Rows are appended and now and then folded, so that no two transactions ever wait for one row of counts.
    """

    __tablename__ = "mailing_tally"

    id: int | None = Field(default=None, primary_key=True, sa_type=BigId)
    mailing_id: int = Field(sa_type=BigId)
    state: str
    """A state of a delivery (`queued` is what is being sent, too), or `interacted`, `answered:<id>`, `up`, `down`."""
    reason: str = ""
    change: int
    folded: bool = False
    """It is the sum of many."""

    __table_args__ = (Index("ix_mailing_tally_of", "mailing_id", "state", "reason", "change"),)


class MailingReaction(Row, table=True):
    """What a recipient did with what they got; no row: nothing we know of."""

    __tablename__ = "mailing_reaction"

    delivery_id: int = Field(primary_key=True, sa_type=BigId)
    mailing_id: int = Field(index=True, sa_type=BigId)
    contact_id: int = Field(sa_type=BigId)
    first_at: datetime = Field(sa_type=Moment)
    """The first tap, click or reply: from then on they have interacted."""
    answer: str | None = None
    """The last they chose."""
    opinion: str | None = None
    """`up` or `down`."""
    clicks: int = 0
    replied_at: datetime | None = Field(default=None, sa_type=Moment)
    opened_at: datetime | None = Field(default=None, sa_type=Moment)
    """When they opened it in their list of mailings."""


class MailingChange(Row, table=True):
    """What was done about one recipient's message when the mailing was amended or recalled."""

    __tablename__ = "mailing_change"

    delivery_id: int = Field(primary_key=True, sa_type=BigId)
    """The recipient's."""
    revision: int = Field(primary_key=True)
    """Of the words that it is to show from now on."""
    mailing_id: int = Field(sa_type=BigId)
    how: str
    """`edited`, `corrected` (told by a new message, for they had done something with the old words), `deleted`,
    `withdrawn` (it says now that it was taken back)."""
    by_id: int = Field(sa_type=BigId)
    """The delivery that does it: what became of it is written there."""

    __table_args__ = (Index("ix_mailing_change_of", "mailing_id", "revision"),)


class MailingOmission(Row, table=True):
    """Somebody of the audience whom it was not sent to, and why."""

    __tablename__ = "mailing_omission"

    mailing_id: int = Field(primary_key=True, sa_type=BigId)
    contact_id: int = Field(primary_key=True, sa_type=BigId)
    reason: str
    """`opted out`, `unreachable`, `over budget`, `does it already`, `kept back` …"""


class MailingVeto(Row, table=True):
    """An account that its CSM keeps out of a mailing."""

    __tablename__ = "mailing_veto"

    mailing_id: int = Field(foreign_key="mailing.id", primary_key=True, sa_type=BigId)
    account_id: int = Field(foreign_key="account.id", primary_key=True)
    csm_id: int = Field(foreign_key="csm.id")
    at: datetime = Field(sa_type=Moment)
