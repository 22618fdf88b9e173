"""What `mailings/*.md` says, and what hub.yaml says of all mailings: values alone."""

from dataclasses import dataclass
from datetime import datetime, time
from typing import Final, Literal, TypeAlias

from core.content.conditions.condition import ALWAYS, Condition
from core.content.texts.phrases import Words

Category: TypeAlias = Literal["news", "service", "mandatory"]
CATEGORIES: Final[tuple[Category, ...]] = ("news", "service", "mandatory")

Approval: TypeAlias = Literal["one", "second"]
APPROVALS: Final[tuple[Approval, ...]] = ("one", "second")

MOST_BUTTONS: Final = 6
"""Of one mailing: more is a menu, not a message."""


@dataclass(frozen=True, slots=True)
class MailingRules:
    """`mailings:` of hub.yaml."""

    approval: Approval = "one"
    """`second`: somebody else than the author says yes."""
    cancel_minutes: int = 2
    """0 to 60: after the yes it may still be called off."""
    failures_in_a_row: int = 20
    """After so many it pauses by itself."""
    canary_minutes: int = 30
    """How long the rest waits for what becomes of the first ones."""
    canary_failures: int = 10
    """Per cent of the first ones that may fail."""
    canary_dislikes: int = 5
    """Per cent of the first ones that may answer with a thumb down."""


@dataclass(frozen=True, slots=True)
class MailingButton:
    """Either leads to a web address or is an answer."""

    label: Words
    url: Words | None = None
    answer: str = ""
    """Its id, ASCII, at most 32 characters; empty: it has a url."""


@dataclass(frozen=True, slots=True)
class MailingFile:
    """`content/mailings/autumn-prices.md`: what may be sent to many, and to whom."""

    id: str
    title: Words
    text: Words
    """Markdown, filled in for each reader."""
    when: Condition = ALWAYS
    """For whom it is."""
    unless: Condition | None = None
    """Who needs it no more; None: nobody says so."""
    topic: str = ""
    """Id of a topic of hub.yaml that people may turn off; empty: none."""
    category: Category = "news"
    priority: int = 50
    """0 to 100: of two that run at once the higher goes first."""
    at: datetime | None = None
    """Without a zone, on the hub's clock: not before; None: as soon as it was approved."""
    local_hour: int | None = None
    """0 to 23, on each reader's own clock; None: all at once."""
    window: tuple[time, time] | None = None
    """On the hub's clock: nothing is sent outside; None: at any time."""
    expires: datetime | None = None
    """Without a zone, on the hub's clock: what was not sent by then is not sent any more; None: always worth it."""
    canary: int = 0
    """Per cent that go first; 0: all go at once."""
    buttons: tuple[MailingButton, ...] = ()
    picture: Words | None = None
    """A web address, or a file below the content folder."""
    file: Words | None = None
    """The same; never both."""

    @property
    def languages(self) -> tuple[str, ...]:
        """Those its text is written in, the default first."""
        return tuple(sorted(self.text.languages, key=lambda one: (one != self.text.default, one)))
