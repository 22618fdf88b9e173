"""The clients' own campaigns as other systems tell of them: who may tell, what was told, and what it comes to."""

from datetime import datetime

from sqlalchemy import Index, UniqueConstraint, text
from sqlmodel import Field

from storage.types import BigId, Json, Moment, Row


class Integration(Row, table=True):
    """A system that may tell us things over HTTP, by a token of its own."""

    __tablename__ = "integration"

    id: int | None = Field(default=None, primary_key=True)
    name: str = Field(unique=True)
    token_hash: str | None = Field(default=None, unique=True)
    """SHA-256 in hex; None: it has none, what it tells comes from files."""
    scopes: list[str] = Field(default_factory=list, sa_type=Json, sa_column_kwargs={"server_default": "[]"})
    """What it may do: `campaigns:write` …"""
    account_id: int | None = Field(default=None, foreign_key="account.id", index=True, ondelete="CASCADE")
    """The one account it may tell of; None: of all."""
    signing_key: str | None = None
    """With it, requests are checked to be signed; in clear, for nobody can check a signature with less."""
    created_at: datetime = Field(sa_type=Moment)
    revoked_at: datetime | None = Field(default=None, sa_type=Moment)
    used_at: datetime | None = Field(default=None, sa_type=Moment)
    """When it last knocked with its token, to the minute."""
    heard_at: datetime | None = Field(default=None, sa_type=Moment)
    """When it last told something new of a campaign, to the minute."""
    silent_since: datetime | None = Field(default=None, sa_type=Moment)
    """Our people were told that it has been silent since then; None: it is not."""


class Campaign(Row, table=True):
    """One campaign of a client, with everything its events come to: nothing is ever counted anew."""

    __tablename__ = "campaign"

    id: int | None = Field(default=None, primary_key=True, sa_type=BigId)
    integration_id: int = Field(foreign_key="integration.id", ondelete="CASCADE")
    name: str
    """What the integration calls it."""
    account_id: int | None = Field(default=None, foreign_key="account.id", ondelete="CASCADE")
    """None: only events have come yet, and nobody is shown anything."""
    title: str = ""
    channel: str = ""
    """`email`, `push`, `sms`, `ads` …, as the integration says."""
    url: str = ""
    """Where its people find more; empty: nowhere."""
    total: int | None = Field(default=None, sa_type=BigId)
    """To how many it goes, as announced; None: nobody said."""
    scheduled_at: datetime | None = Field(default=None, sa_type=Moment)
    started_at: datetime | None = Field(default=None, sa_type=Moment)
    paused_at: datetime | None = Field(default=None, sa_type=Moment)
    active_at: datetime | None = Field(default=None, sa_type=Moment)
    """When it last was started or resumed."""
    sent_at: datetime | None = Field(default=None, sa_type=Moment)
    """When somebody was last sent something."""
    finished_at: datetime | None = Field(default=None, sa_type=Moment)
    cancelled_at: datetime | None = Field(default=None, sa_type=Moment)
    aborted_at: datetime | None = Field(default=None, sa_type=Moment)
    sent: int = Field(default=0, sa_type=BigId)
    delivered: int = Field(default=0, sa_type=BigId)
    opened: int = Field(default=0, sa_type=BigId)
    clicked: int = Field(default=0, sa_type=BigId)
    bounced: int = Field(default=0, sa_type=BigId)
    failed: int = Field(default=0, sa_type=BigId)
    complained: int = Field(default=0, sa_type=BigId)
    unsubscribed: int = Field(default=0, sa_type=BigId)
    reasons: dict[str, int] = Field(default_factory=dict, sa_type=Json, sa_column_kwargs={"server_default": "{}"})
    """Why so many bounced or failed, by a code of core.campaigns.reasons."""
    first_at: datetime | None = Field(default=None, sa_type=Moment)
    """The moments between which somebody was sent something: its pace."""
    last_at: datetime | None = Field(default=None, sa_type=Moment)
    state: str = "scheduled"
    """As last looked at: see core.campaigns.standing."""
    told: str = ""
    """The turn its followers were last told of; empty: of none."""
    heard_at: datetime = Field(sa_type=Moment)
    """When something new of it last came, by our clock."""
    drawn_at: datetime | None = Field(default=None, sa_type=Moment)
    """When its cards were last edited."""
    look_at: datetime | None = Field(default=None, sa_type=Moment)
    """When it is to be looked at again; None: not before something new comes."""
    created_at: datetime = Field(sa_type=Moment)

    __table_args__ = (
        UniqueConstraint("integration_id", "name"),
        Index("ix_campaign_account", "account_id", "state"),
        Index(
            "ix_campaign_look",
            "look_at",
            sqlite_where=text("look_at IS NOT NULL"),
            postgresql_where=text("look_at IS NOT NULL"),
        ),
        Index(
            "ix_campaign_unannounced",
            "heard_at",
            sqlite_where=text("account_id IS NULL"),
            postgresql_where=text("account_id IS NULL"),
        ),
    )


class CampaignEvent(Row, table=True):
    """One thing that happened in a campaign, kept as long as it could come again: its keys make a repeat harmless."""

    __tablename__ = "campaign_event"

    integration_id: int = Field(foreign_key="integration.id", primary_key=True, ondelete="CASCADE")
    key: str = Field(primary_key=True)
    """What the integration calls the event."""
    campaign_id: int = Field(foreign_key="campaign.id", sa_type=BigId, ondelete="CASCADE")
    kind: str
    at: datetime = Field(sa_type=Moment)
    """When it happened, as the integration says."""
    heard_at: datetime = Field(sa_type=Moment, index=True)
    """When it came: one moment for a whole batch, so that the index only grows at its end."""
    recipient: str = ""
    """Of whom: a hash, for whom our clients write to is none of our business; empty: it is a number of people."""
    count: int = Field(default=1, sa_type=BigId)
    reason: str = ""

    __table_args__ = (
        # Who opens a letter twice has opened it.
        Index(
            "ix_campaign_event_once",
            "campaign_id",
            "kind",
            "recipient",
            unique=True,
            sqlite_where=text("recipient <> ''"),
            postgresql_where=text("recipient <> ''"),
        ),
    )


class CampaignFollow(Row, table=True):
    """A person chose whether to be told of a campaign; no row: as the content says."""

    __tablename__ = "campaign_follow"

    contact_id: int = Field(foreign_key="contact.id", primary_key=True, sa_type=BigId, ondelete="CASCADE")
    campaign_id: int = Field(foreign_key="campaign.id", primary_key=True, sa_type=BigId, ondelete="CASCADE", index=True)
    follows: bool
