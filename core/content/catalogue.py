"""All content as one frozen value: what every feature reads, and what only a better one replaces."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Literal, TypeAlias

from core.content.conditions.condition import ALWAYS, Condition, Kind
from core.content.kinds.mailing_rules import MailingFile, MailingRules
from core.content.kinds.nudge_rules import NudgeRule
from core.content.texts.phrases import Phrases, Voice, Words


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """Something wrong in a content file: where (line from 1), what, and how to mend it.

    An error keeps content from taking effect. A warning never does: it says what could be better.
    """

    file: str
    line: int
    what: str
    mend: str
    level: Literal["error", "warning"] = "error"

    def __str__(self) -> str:
        warning = "warning: " if self.level == "warning" else ""
        return f"{self.file}:{self.line}: {warning}{self.what}; {self.mend}"


def causes_first(problems: Iterable[Problem]) -> tuple[Problem, ...]:
    """Each once, sorted by file and line; hub.yaml, and what is translated, before what may follow from them."""

    def place(problem: Problem) -> tuple[bool, str, int, Problem]:
        family, _, rest = problem.file.rpartition("/")[2].partition(".")
        part = problem.file.rpartition("/")[0]
        return not problem.file.endswith("hub.yaml"), f"{part}/{family}", rest.count("."), problem

    return tuple(sorted(set(problems), key=place))


class BrokenContent(Exception):
    """The content folder has problems; what was in force stays in force."""

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        super().__init__("\n".join(map(str, problems)))
        self.problems = problems


@dataclass(frozen=True, slots=True)
class Asked:
    """The answer a step needs before it counts as done."""

    kind: Literal["text", "choice", "file", "date"]
    question: Words
    options: tuple[Words, ...] = ()
    """Of a choice: 2 to 10."""
    shortest: int = 1
    longest: int = 1000
    """Characters of a text."""
    pattern: str = ""
    """A regular expression the whole text must match; empty: any."""
    hint: Words | None = None
    """What to say when an answer does not fit."""
    not_before_today: bool = False
    """Of a date: days gone by are refused."""


@dataclass(frozen=True, slots=True)
class Video:
    """A link, or a file below the content folder, per language."""

    source: Words
    label: Words | None = None


@dataclass(frozen=True, slots=True)
class Span:
    """A time during which a step was part of its checklist. `since` None: for ever; `until` None: it still is."""

    since: datetime | None = None
    until: datetime | None = None

    def holds(self, moment: datetime) -> bool:
        return (self.since is None or self.since <= moment) and (self.until is None or moment < self.until)


@dataclass(frozen=True, slots=True)
class Step:
    id: str
    """ASCII letters, digits and hyphens, at most 32."""
    section: str
    """Id of its section."""
    title: Words
    text: Words
    guide: Words | None = None
    """Longer Markdown, opened by a button."""
    guide_title: Words | None = None
    """Of a guide in a file of its own."""
    guide_when: Condition = ALWAYS
    """For which clients there is the guide."""
    video: Video | None = None
    owner: Literal["client", "us"] = "client"
    """`us`: the client waits for us; our CSM marks it done."""
    due_days: int | None = None
    """Days until it is to be done, or, of a step of ours, until we promise it; None: there is no day."""
    due_from: Literal["step", "checklist"] = "step"
    """They count from when it opens, or from when its checklist began."""
    """For a step we owe: days from the moment it opened until we promised it."""
    role: str = ""
    """The contact role it is meant for; empty: anyone."""
    needs: tuple[str, ...] = ()
    """Ids of the steps that must be done or skipped before it opens (sections' gates included)."""
    asks: Asked | None = None
    signal: str = ""
    """The signal that completes it; empty: none does."""
    skippable: bool = True
    skip_reasons: tuple[Words, ...] = ()
    first_value: bool = False
    when: Condition = ALWAYS
    """For which clients it is part of the checklist."""
    applies_to: Literal["newcomers", "everyone"] = "newcomers"
    """Of a step added to a checklist that accounts are going through: is it put ahead of those, too?"""
    there: tuple[Span, ...] = ()
    """When it was part of the checklist, by what is remembered of earlier versions; empty: always."""

    def was_there(self, moment: datetime) -> bool:
        return not self.there or any(span.holds(moment) for span in self.there)


@dataclass(frozen=True, slots=True)
class Section:
    id: str
    title: Words
    after: tuple[str, ...] = ()
    """Ids of sections that must be finished first."""
    gate: Words | None = None
    """Said while it is closed: why, and what opens it."""


@dataclass(frozen=True, slots=True)
class Checklist:
    id: str
    title: Words
    intro: Words
    finish: Words
    """Said once, when the last step is done."""
    sections: tuple[Section, ...]
    steps: tuple[Step, ...]
    """In the order shown."""
    when: Condition = ALWAYS
    """For which clients it begins; who has begun it goes on."""
    due_days: int | None = None
    """Days from its beginning until all of it is to be done; None: there is no day."""
    after: str = ""
    """Id of the checklist that must be finished before this one starts; empty: starts on joining."""

    @property
    def asks_facts(self) -> bool:
        """Whether its steps are not the same for every client."""
        return any(step.when != ALWAYS or step.guide_when != ALWAYS for step in self.steps)

    def step(self, step_id: str) -> Step | None:
        return next((step for step in self.steps if step.id == step_id), None)


@dataclass(frozen=True, slots=True)
class Guide:
    """`content/guides/*.md`: a longer explanation that steps may name."""

    id: str
    title: Words
    text: Words
    """Markdown."""
    summary: Words | None = None
    """What it is about, in one line."""
    when: Condition = ALWAYS
    """For which clients it is."""


Importance: TypeAlias = Literal["normal", "high", "urgent", "mandatory"]


@dataclass(frozen=True, slots=True)
class Update:
    """`content/updates/2026-11-03-bulk-export.md`: something new that clients may want to know."""

    id: str
    """The file's name without its date."""
    published: date
    """The day it is new; before that nobody sees it. Days are those of the hub's own zone."""
    title: Words
    summary: Words
    """What it is about, in one line: what is sent, and what stands in lists."""
    text: Words
    """Markdown."""
    topic: str = ""
    """Id of a topic of hub.yaml; empty: none that a person could turn off."""
    importance: Importance = "normal"
    when: Condition = ALWAYS
    """For whom it is."""
    valid_until: date | None = None
    """The last day on which it is news; None: there is none."""
    picture: Words | None = None
    """A web address, or a file below the content folder."""
    video: Video | None = None


Cadence: TypeAlias = Literal["instant", "daily", "weekly", "off"]


@dataclass(frozen=True, slots=True)
class Rules:
    """`content/hub.yaml`: what holds for everything."""

    vendor: str
    """Our company's name, as clients know it."""
    language: str = "en"
    """The default."""
    timezone: str = "UTC"
    region_timezones: Mapping[str, str] = field(default_factory=dict)
    region_languages: Mapping[str, str] = field(default_factory=dict)
    currency: str = ""
    """ISO 4217, of money that names none; empty: money is a bare number."""
    quiet_from: time = time(20)
    quiet_until: time = time(9)
    """In the recipient's zone nothing proactive is said between these."""
    quiet_weekdays: tuple[int, ...] = (5, 6)
    """0 is Monday: whole days without proactive messages."""
    spread: timedelta = timedelta(minutes=10)
    """Not everybody's morning and digest hour begin in the same second, but within so long; at most an hour."""
    most_per_day: int = 2
    most_per_week: int = 5
    """Proactive messages to one person in 24 hours and in 7 days."""
    most_per_week_of: Mapping[str, int] = field(default_factory=dict)
    """The same in 7 days for one kind: `nudge`, `update`, `digest` …"""
    country: str = ""
    """Two letters of the country whose public holidays are kept; empty: none are."""
    region_countries: Mapping[str, str] = field(default_factory=dict)
    topics: Mapping[str, Cadence] = field(default_factory=dict)
    """What people may hear of more or less often, and how often they do who chose nothing."""
    invitation_days: int = 7
    campaigns_followed: bool = True
    """Whether people are told of their company's campaigns who chose nothing."""
    campaign_stalls_after: int = 30
    """Minutes without anything new of a campaign that is being sent."""
    feed_silent_after: int = 6
    """Hours without anything from an integration while campaigns of its are being sent."""
    fields: Mapping[str, Kind] = field(default_factory=dict)
    """What the vendor knows of clients besides: columns of the import that conditions and texts may use."""
    values: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """All that a text may be, for the fields where it is declared."""
    admins: tuple[str, ...] = ()
    """E-mails, lower case, of those of us who edit content and look after accounts nobody else looks after."""
    mailings: MailingRules = field(default_factory=MailingRules)
    """What holds for all mailings."""


@dataclass(frozen=True, slots=True)
class Catalogue:
    rules: Rules
    phrases: Phrases
    checklists: Mapping[str, Checklist]
    """By id, in the order of their files."""
    folder: str
    """Where it was read: media files lie below."""
    version: str
    """Short hash of all files' bytes."""
    guides: Mapping[str, Guide] = field(default_factory=dict)
    """By id, in the order of their files."""
    updates: Mapping[str, Update] = field(default_factory=dict)
    """By id, the newest first."""
    nudges: Mapping[str, NudgeRule] = field(default_factory=dict)
    """By id, in the order of their files."""
    mailings: Mapping[str, MailingFile] = field(default_factory=dict)
    """By id, in the order of their files."""
    public_url: str = ""
    """Where the hub's own HTTP is reached from outside (HUB_PUBLIC_URL), for links that are counted; empty: nowhere."""

    def texts_asked(self, name: str) -> frozenset[str]:
        """All texts that conditions of checklists compare this field with."""
        checklists = self.checklists.values()
        conditions = [*(one.when for one in checklists), *(step.when for one in checklists for step in one.steps)]
        return frozenset(text for condition in conditions for text in condition.texts_asked(name))

    def voice(self, *languages: str | None) -> Voice:
        """Speak the first of these languages that there are phrases for, else the default."""
        return self.phrases.voice(*languages)
