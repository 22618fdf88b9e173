"""What texts may be filled in with, declared once: the checker, the renderer and `hub content variables` go by it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import lru_cache
from types import MappingProxyType
from typing import Final, Literal, TypeAlias

from core.content.texts.vocabulary import NUMBERS, SAID

Kind = Literal["text", "texts", "number", "flag", "date", "moment", "span"]
"""`texts`: several words, said as a list. `moment`: a day and an hour. `span`: how long something takes."""

Plain: TypeAlias = str | int | float | Decimal | bool | date | datetime | timedelta | tuple[str, ...]
"""All that a text is ever given: values without methods that could change anything."""


@dataclass(frozen=True, slots=True)
class Variable:
    """One value a text may use."""

    name: str
    """As it is written: `client.name`."""
    kind: Kind = "text"
    about: str = ""
    """One line for the author."""
    example: Plain = ""
    optional: bool = False
    """It may be empty: shown only inside `{% if %}`, or with `default('…')`."""


Known: TypeAlias = frozenset[Variable]
"""What one text may use."""

OTHERS_EXAMPLES: Final[Mapping[str, Plain]] = {
    "text": "Campaigns",
    "texts": ("Campaigns", "Reports"),
    "number": 25,
    "flag": True,
    "date": date(2027, 3, 24),
}
"""Of custom fields, by kind."""

VENDOR: Final = Variable("vendor", "text", "our company, from hub.yaml", "Relay")

CLIENT: Final = (
    Variable("client.name", "text", "the client's company", "Acme Ltd"),
    Variable("client.segment", "text", "its segment in the import", "enterprise", optional=True),
    Variable("client.region", "text", "its region in the import", "DACH", optional=True),
    Variable("client.product", "texts", "what it bought from us", ("Campaigns", "Reports"), optional=True),
    Variable("client.phase", "text", "where it stands with us", "onboarding", optional=True),
    Variable("client.renewal", "date", "the day its contract renews", date(2027, 3, 24), optional=True),
    Variable("client.mrr", "number", "what it pays a month, in the currency of hub.yaml", 1200, optional=True),
)
CONTACT: Final = (
    Variable("contact.name", "text", "the reader; in a group, the client's company", "Dana Reyes"),
    Variable("contact.first_name", "text", "the reader's first name; in a group, the client's company", "Dana"),
    Variable("contact.role", "text", "the reader's role in the import; empty in a group", "admin", optional=True),
    Variable("contact.language", "text", "the two letters of the language it is said in", "en"),
)
CSM: Final = (
    Variable("csm.name", "text", "who of us looks after the client; our company when nobody does", "Ann Lee"),
    Variable("csm.first_name", "text", "their first name; our company when nobody does", "Ann"),
)
PROGRESS: Final = (
    Variable("progress.done", "number", "steps of this checklist that are done or skipped", 3),
    Variable("progress.total", "number", "steps it has", 8),
    Variable("progress.left", "number", "steps to go", 5),
    Variable("progress.percent", "number", "how much of it is done, 0 to 100", 37),
)
ABOUT_STEP: Final = (
    Variable("step.title", "text", "the step it is about", "Choose your first goal"),
    Variable("checklist.title", "text", "its checklist", "Get started"),
)
NUDGE_DAYS: Final = (Variable("nudge.days", "number", "days since what it is about, or until its date", 3),)
NUDGE_DAY: Final = (Variable("nudge.day", "date", "the day it is about", date(2027, 3, 24)),)
"""Of the texts of nudges."""

FORMER: Final[Mapping[str, str]] = {
    "account": "client.name",
    "csm": "csm.first_name",
    "first_name": "contact.first_name",
    "name": "contact.name",
}
"""How content texts called some of them in the first version."""


def for_labels(custom: Mapping[str, Kind] = MappingProxyType({})) -> Known:
    """What titles, buttons and options of content files may use. `custom`: the client's own fields of hub.yaml."""
    own = (
        Variable(f"client.{name}", kind, "a field of your own, from hub.yaml", OTHERS_EXAMPLES[kind], optional=True)
        for name, kind in custom.items()
    )
    return frozenset((VENDOR, *CLIENT, *own, *CONTACT, *CSM))


def for_checklists(custom: Mapping[str, Kind] = MappingProxyType({})) -> Known:
    """What the texts of a checklist may use: besides, how far its reader has come."""
    return for_labels(custom) | frozenset(PROGRESS)


@lru_cache(maxsize=64)
def _for_nudges(kind: str) -> Known:
    known: set[Variable] = {*NUDGE_DAYS}
    if kind in ("date", "step_overdue", "checklist_overdue"):
        known.update(NUDGE_DAY)
    if kind in ("stalled_step", "step_overdue", "checklist_overdue", "unanswered_question"):
        known.update((*ABOUT_STEP, *PROGRESS))
    return frozenset(known)


def for_nudges(custom: Mapping[str, Kind], kind: str) -> Known:
    """What the texts of a nudge may use. `kind`: of its trigger."""
    return for_labels(custom) | _for_nudges(kind)


@lru_cache(maxsize=1024)
def for_phrase(key: str) -> Known:
    """What a phrase of `phrases/*.yaml` may use; our company's name alone for a key nobody knows."""
    return values(*SAID.get(key, "").split()) | frozenset((VENDOR,))


_EXAMPLES: Final[Mapping[str, str]] = {
    "account": "Acme Ltd",
    "answer": "mail.acme.com",
    "checklist": "Get started",
    "csm": "Ann",
    "day": "Mar 24",
    "email": "dana@acme.com",
    "first": "Invite your colleagues",
    "first_name": "Dana",
    "hour": "9:00 AM",
    "messenger": "Slack",
    "name": "Dana Reyes",
    "question": "Which domain shall we prepare?",
    "reason": "Not now",
    "role": "finance",
    "summary": "Up to 100,000 contacts in one file",
    "title": "Choose your first goal",
    "titles": "Choose your first goal",
    "topic": "News",
    "until": "Mar 24",
    "version": "12c47e5eca25",
    "weekday": "Monday",
    "words": "Where do I find it?",
    "zone": "Europe/Berlin",
}
"""Of what phrases are said with; all else is shown by its name."""


def values(*names: str) -> Known:
    """Words and, by their names, whole numbers that are always there: what the code says its phrases with."""
    return frozenset(
        Variable(name, *(("number", "", 3) if name in NUMBERS else ("text", "", _EXAMPLES.get(name, name))))
        for name in names
    )


class Nothing:
    """Stands for a value that is empty. Every comparison with it is false, as in a `when:`; shown, it is an error."""

    __slots__ = ()

    def __bool__(self) -> bool:
        return False

    def _never(self, _: object) -> bool:
        return False

    __eq__ = __ne__ = __lt__ = __le__ = __gt__ = __ge__ = __contains__ = _never
    __hash__ = None  # type: ignore[assignment]  # what equals nothing has no place in a set

    def __repr__(self) -> str:
        return "nothing"


NOTHING: Final = Nothing()


class Group:
    """Values behind a common word: `client`. A text reaches those that were put in and nothing else."""

    __slots__ = ("_values",)

    def __init__(self, given: Mapping[str, Plain | None]) -> None:
        """None, an empty text and an empty list are nothing."""
        self._values = {name: NOTHING if _is_empty(value) else value for name, value in given.items()}

    def __getitem__(self, name: str) -> object:
        """Raises KeyError for what was not put in."""
        return self._values[name]

    def __repr__(self) -> str:
        return f"Group({', '.join(sorted(self._values))})"


def _is_empty(value: Plain | None) -> bool:
    return value is None or (isinstance(value, str) and not value.strip()) or value == ()
