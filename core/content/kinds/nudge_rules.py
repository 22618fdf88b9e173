"""What a file of `nudges/` says, as a value: what makes us speak, what we say, how often, and what then."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Final, Literal, TypeAlias

from core.content.conditions.condition import ALWAYS, Condition
from core.content.texts.phrases import Words

TriggerKind: TypeAlias = Literal[
    "stalled_step", "no_visit", "step_overdue", "checklist_overdue", "unanswered_question", "date", "signal"
]
Opens: TypeAlias = Literal["step", "home", "link"]
Then: TypeAlias = Literal["nothing", "csm", "ask"]

TRIGGERS: Final[tuple[TriggerKind, ...]] = (
    "stalled_step",
    "no_visit",
    "step_overdue",
    "checklist_overdue",
    "unanswered_question",
    "date",
    "signal",
)
THENS: Final[tuple[Then, ...]] = ("nothing", "csm", "ask")

ABOUT_A_STEP: Final[frozenset[TriggerKind]] = frozenset(
    {"stalled_step", "step_overdue", "checklist_overdue", "unanswered_question"}
)
"""Triggers that are about a step of a checklist: their texts may name it, their button may open it."""


@dataclass(frozen=True, slots=True)
class Trigger:
    """What makes us speak."""

    kind: TriggerKind
    after: timedelta = timedelta()
    """How long after it happened; of a date: how long before it begins."""
    name: str = ""
    """Of a date: the field that holds it, or the step that asked for it (`quickstart/launch-date`). Of a signal: which
    one. Of a step that is overdue: whose (`client`, `us`; empty: both)."""


@dataclass(frozen=True, slots=True)
class NudgeRule:
    """`content/nudges/stalled-step.yaml`."""

    id: str
    trigger: Trigger
    texts: tuple[Words, ...]
    """For the first time, the second …; the last one for all that follow. Never empty."""
    when: Condition = ALWAYS
    """For whom it is."""
    opens: Opens = "home"
    """What its button leads to."""
    button: Words | None = None
    """What its button says; None: the usual words."""
    link: str = ""
    """Where the button leads that opens a link."""
    repeat: tuple[timedelta, ...] = ()
    """From the first time to the second, from that to the third …; the last one for all that follow. Never empty when
    it is said more than once or something follows."""
    stop: int = 1
    """It is said so many times, at least once."""
    then: Then = "nothing"
    """When all was said and nothing came of it: tell the CSM, or ask whether to stop."""
    topic: str = ""
    """Which of the content's topics it belongs to; empty: none."""
    worth: int = 50
    """0 to 100: who goes first when several want the same slot."""
    good_for: timedelta = timedelta(days=8)
    """Not said in that time (quiet hours, caps, a weekly digest), it is not said at all."""

    def text(self, number: int) -> Words:
        """What is said when it was said `number` times before."""
        return self.texts[min(number, len(self.texts) - 1)]

    @property
    def timing(self) -> str:
        """Equal for two versions of a rule that are due at the same moments."""
        spans = ",".join(str(int(span.total_seconds())) for span in (self.trigger.after, *self.repeat))
        return f"{self.trigger.kind}:{self.trigger.name}:{spans}:{self.stop}:{self.then}"
