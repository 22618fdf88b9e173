"""What is sent to the feed and answered by it: every field with its bounds, as the OpenAPI page shows them."""

import re
from datetime import UTC, datetime
from typing import Annotated, Final
from urllib.parse import urlsplit

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StrictInt,
    StringConstraints,
    WithJsonSchema,
    model_validator,
)

from core.campaigns.happenings import MOST, Happening, Kind, hashed
from core.campaigns.reasons import reason_of
from core.campaigns.standing import State

MOST_EVENTS: Final = 1000

_MOMENT = re.compile(r"\d{4}-\d{2}-\d{2}[Tt]\d{2}:\d{2}:\d{2}(?:\.\d{1,9})?(?:[Zz]|[+-]\d{2}:\d{2})", re.ASCII)
_HOST = re.compile(r"(?:[a-z0-9-]{1,63}\.)+[a-z][a-z0-9-]{1,62}", re.ASCII)
_REASONED: Final = ("bounced", "failed", "aborted")

# No control characters anywhere: PostgreSQL takes no NUL, and nobody reads the others.
TEXT: Final = r"^[^\x00-\x1f\x7f]*[^\x00-\x20\x7f][^\x00-\x1f\x7f]*$"
ID: Final = r"^[^\x00-\x20\x7f/][^\x00-\x1f\x7f/]*$"


def read_moment(value: object) -> datetime:
    """RFC 3339 with a zone, in UTC. Raises ValueError: numbers and days alone are nobody's moments."""
    if not isinstance(value, str) or _MOMENT.fullmatch(value) is None:
        raise ValueError("write a moment with its zone, as 2026-11-03T10:00:00Z")
    try:
        return datetime.fromisoformat(_six_digits(value.upper())).astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise ValueError("there is no such moment") from error


def _six_digits(moment: str) -> str:
    return re.sub(r"(\.\d{6})\d+", r"\1", moment)


def _web_page(value: str) -> str:
    try:
        parts = urlsplit(value)
        good = parts.scheme == "https" and _HOST.fullmatch((parts.hostname or "").lower()) and not parts.username
        port = parts.port
    except ValueError:
        good, port = None, None
    if not good or port == 0:
        raise ValueError("write a public address that begins with https://")
    return value


Moment = Annotated[
    datetime,
    BeforeValidator(read_moment),
    WithJsonSchema({"type": "string", "format": "date-time", "examples": ["2026-11-03T10:00:00Z"]}),
]
Id = Annotated[str, StringConstraints(strict=True, min_length=1, max_length=100, pattern=ID)]
EventId = Annotated[str, StringConstraints(strict=True, min_length=1, max_length=200, pattern=TEXT)]
Title = Annotated[str, StringConstraints(strict=True, min_length=1, max_length=200, pattern=TEXT)]
Channel = Annotated[str, StringConstraints(strict=True, pattern=r"^[A-Za-z0-9][A-Za-z0-9 _-]{0,29}$")]
Page = Annotated[
    str,
    StringConstraints(strict=True, max_length=500, pattern=r"^https://[!-~]+$"),
    AfterValidator(_web_page),
    WithJsonSchema({"type": "string", "format": "uri", "maxLength": 500, "pattern": r"^https://[!-~]+$"}),
]
Recipient = Annotated[str, StringConstraints(strict=True, min_length=1, max_length=320)]
Words = Annotated[str, StringConstraints(strict=True, max_length=2000)]
People = Annotated[StrictInt, Field(ge=1, le=MOST)]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class CampaignIn(_Strict):
    """A campaign of one of your clients. Sent again with the same id it takes the place of what was said before."""

    id: Id = Field(description="Your own id of it; all but control characters and slashes.")
    account: Title = Field(description="The client's name, as in the import of accounts.")
    title: Title = Field(description="As your client calls it: they read it.")
    channel: Channel = Field(default="email", description="email, push, sms, ads, messenger, or your own word.")
    url: Page | None = Field(default=None, description="Where your client finds more; public, https.")
    total: People | None = Field(default=None, description="To how many it goes, if you know.")
    scheduled_at: Moment | None = Field(default=None, description="When it is to begin.")


class CampaignMade(_Strict):
    id: str
    created: bool = Field(description="False: it was known, and this took the place of what was said before.")


class EventIn(_Strict):
    """Something that happened."""

    id: EventId = Field(description="Your own id of it. The same one a second time changes nothing, for 30 days.")
    type: Kind = Field(
        description=(
            "Of the campaign: scheduled, started, paused, resumed, finished, cancelled, aborted. Of recipients: sent,"
            " delivered, opened, clicked, complained, unsubscribed, failed (it never left), bounced (left and refused)."
        )
    )
    at: Moment = Field(description="When it happened: at most 30 days ago, and not in the future.")
    recipient: Recipient | None = Field(
        default=None, description="Of whom, by any key; we keep a hash. Each counts once for each type."
    )
    count: People | None = Field(default=None, description="Instead of a recipient: of how many more. 1 if not given.")
    reason: Words | None = Field(
        default=None, description="Why it bounced, failed or was aborted: the provider's words, or one of our codes."
    )

    @model_validator(mode="after")
    def _one_or_many(self) -> "EventIn":
        if self.recipient is not None and self.count is not None:
            raise ValueError("give a recipient or a count, not both")
        return self

    def happening(self) -> Happening:
        """As the hub counts it."""
        reason = reason_of(self.reason or "") if self.type in _REASONED else ""
        who = hashed(self.recipient) if self.recipient is not None else ""
        return Happening(self.id, self.type, self.at, who, self.count or 1, reason)


class EventsIn(_Strict):
    events: list[EventIn] = Field(min_length=1, max_length=MOST_EVENTS, description="In any order.")


class CampaignEventIn(EventIn):
    """An event that says itself of which campaign it is."""

    campaign: Id = Field(description="Your own id of the campaign.")


class CampaignEventsIn(_Strict):
    events: list[CampaignEventIn] = Field(min_length=1, max_length=MOST_EVENTS)


class Taken(_Strict):
    """It is committed: none of it need be sent again."""

    accepted: int = Field(description="Events that were new.")
    repeated: int = Field(description="Events that were here before, or said again of the same recipient.")
    ignored: int = Field(default=0, description="Of a provider's webhook: what says nothing of a campaign.")


class CampaignStatus(_Strict):
    """How a campaign stands, as your client sees it."""

    id: str
    state: State
    total: int | None = Field(description="At least so many, if events proved that it goes to more than you said.")
    handled: int
    percent: int | None = Field(description="0 to 100.")
    sent: int
    delivered: int
    opened: int
    clicked: int
    bounced: int
    failed: int
    complained: int
    unsubscribed: int
    reasons: dict[str, int]


class FieldProblem(BaseModel):
    field: str = Field(description="As events.3.at.")
    problem: str


class Problem(BaseModel):
    """What is wrong, after RFC 9457. Nothing of the request was kept."""

    type: str
    title: str
    status: int
    detail: str
    errors: list[FieldProblem] = []
