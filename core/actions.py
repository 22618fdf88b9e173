"""What a button means: a small value that packs into the 64 bytes Telegram allows and comes back untrusted."""

from collections.abc import Callable
from dataclasses import dataclass, fields
from typing import TypeAlias, get_type_hints

LONGEST = 64
"""Bytes of UTF-8 in callback_data (Bot API: InlineKeyboardButton)."""

LONGEST_STEP_ID = 32
"""Characters of a step id (ASCII letters, digits, hyphens): the content check refuses longer ones, so all fit."""


@dataclass(frozen=True, slots=True)
class ShowHome:
    """Open the home card."""


@dataclass(frozen=True, slots=True)
class ShowChecklist:
    """Open a checklist at its next step."""

    enrolment: int


@dataclass(frozen=True, slots=True)
class ShowSteps:
    """List all steps of a checklist with their states."""

    enrolment: int


@dataclass(frozen=True, slots=True)
class ShowStep:
    """Look at one step, also a finished one."""

    enrolment: int
    step: str


@dataclass(frozen=True, slots=True)
class ShowGuide:
    """Read the guide that belongs to a step."""

    enrolment: int
    step: str


@dataclass(frozen=True, slots=True)
class GoOn:
    """Show a step in a new message, for what carries this button is worth keeping. Step empty: the next one.

    Enrolment 0: home.
    """

    enrolment: int
    step: str


@dataclass(frozen=True, slots=True)
class StepDone:
    enrolment: int
    step: str


@dataclass(frozen=True, slots=True)
class StepSkip:
    """Ask why, then skip."""

    enrolment: int
    step: str


@dataclass(frozen=True, slots=True)
class SkipBecause:
    """One of the offered reasons (its number in the step's list, from 0)."""

    enrolment: int
    step: str
    reason: int


@dataclass(frozen=True, slots=True)
class StepStuck:
    """Ask for words, voice or a file, then tell the CSM."""

    enrolment: int
    step: str


@dataclass(frozen=True, slots=True)
class StepUndo:
    """Make a done or skipped step open again."""

    enrolment: int
    step: str


@dataclass(frozen=True, slots=True)
class StepAnswer:
    """Ask for the answer that the step needs."""

    enrolment: int
    step: str


@dataclass(frozen=True, slots=True)
class Choose:
    """One of a step's offered answers (its number, from 0)."""

    enrolment: int
    step: str
    option: int


@dataclass(frozen=True, slots=True)
class StepTake:
    """I do this step (it was a colleague's or nobody's)."""

    enrolment: int
    step: str


@dataclass(frozen=True, slots=True)
class StepHandOver:
    """Choose a colleague for this step; with a contact, give it to them. 0: show whom it may go to."""

    enrolment: int
    step: str
    contact: int


@dataclass(frozen=True, slots=True)
class Nevermind:
    """Drop the question that is being asked and show where we were."""


@dataclass(frozen=True, slots=True)
class InviteAccept:
    invitation: int


@dataclass(frozen=True, slots=True)
class InviteDecline:
    invitation: int


@dataclass(frozen=True, slots=True)
class ChooseLanguage:
    """Two letters; empty: show the languages."""

    language: str


@dataclass(frozen=True, slots=True)
class ShareHere:
    """Show the account's shared checklist in this group."""

    account: int


@dataclass(frozen=True, slots=True)
class SnoozeReminders:
    """Days without reminders; 0: remind again."""

    days: int


@dataclass(frozen=True, slots=True)
class NudgeSnooze:
    """Say it again `tomorrow`, next `week`, or `later`."""

    nudge: int
    until: str


@dataclass(frozen=True, slots=True)
class NudgeStop:
    """No more nudges of this sort."""

    nudge: int


@dataclass(frozen=True, slots=True)
class NudgeGoOn:
    """Go on with nudges of this sort after all."""

    nudge: int


@dataclass(frozen=True, slots=True)
class HelpClaim:
    """CSM: I have it."""

    request: int


@dataclass(frozen=True, slots=True)
class HelpReply:
    """CSM: open the reply box."""

    request: int


@dataclass(frozen=True, slots=True)
class HelpSend:
    """CSM: the filled reply box."""

    request: int


@dataclass(frozen=True, slots=True)
class HelpSolved:
    """CSM: nothing more to do."""

    request: int


@dataclass(frozen=True, slots=True)
class OursDone:
    """CSM: the step we owe the client is done."""

    enrolment: int
    step: str


@dataclass(frozen=True, slots=True)
class Resend:
    """CSM: send the delivery whose outcome is uncertain again."""

    delivery: int


@dataclass(frozen=True, slots=True)
class WhyThis:
    """Why did I get this message, which I did not ask for?"""

    decision: int


@dataclass(frozen=True, slots=True)
class LessLikeThis:
    """Write less often about the topic of that message."""

    decision: int


@dataclass(frozen=True, slots=True)
class ShowUpdates:
    """List what is new: `page` from 0; of so many `days`, 0: since they joined."""

    page: int
    days: int


@dataclass(frozen=True, slots=True)
class ShowUpdate:
    """Open one update: from then on they have seen it."""

    update: str


@dataclass(frozen=True, slots=True)
class UpdateOpinion:
    """What they think of it: `up` or `down`."""

    update: str
    opinion: str


@dataclass(frozen=True, slots=True)
class UpdateComment:
    """Ask for words about it, for the CSM."""

    update: str


@dataclass(frozen=True, slots=True)
class UpdateRead:
    """I have read it: of a mandatory one."""

    update: str


@dataclass(frozen=True, slots=True)
class ShowSettings:
    """A page of the person's settings; empty: the first."""

    page: str


@dataclass(frozen=True, slots=True)
class ShowTopic:
    """How often they want to hear of a topic."""

    topic: str


@dataclass(frozen=True, slots=True)
class SetCadence:
    topic: str
    cadence: str


@dataclass(frozen=True, slots=True)
class Prefer:
    """A wish about when and where, as `hour` 9, `weekday` 0, `zone` Europe/Berlin; `usual` takes it back."""

    what: str
    value: str


@dataclass(frozen=True, slots=True)
class AskCity:
    """Ask for the city they live in, to know their clock."""


@dataclass(frozen=True, slots=True)
class PauseAll:
    """Days without anything but what is mandatory; 0: go on."""

    days: int


@dataclass(frozen=True, slots=True)
class LessOften:
    """Once a week instead of once a day, of all topics."""


Action: TypeAlias = (
    ShowHome
    | ShowChecklist
    | ShowSteps
    | ShowStep
    | ShowGuide
    | GoOn
    | StepDone
    | StepSkip
    | SkipBecause
    | StepStuck
    | StepUndo
    | StepAnswer
    | Choose
    | StepTake
    | StepHandOver
    | Nevermind
    | InviteAccept
    | InviteDecline
    | ChooseLanguage
    | ShareHere
    | SnoozeReminders
    | NudgeSnooze
    | NudgeStop
    | NudgeGoOn
    | HelpClaim
    | HelpReply
    | HelpSend
    | HelpSolved
    | OursDone
    | Resend
    | ShowSettings
    | ShowTopic
    | SetCadence
    | Prefer
    | AskCity
    | PauseAll
    | LessOften
    | WhyThis
    | LessLikeThis
    | ShowUpdates
    | ShowUpdate
    | UpdateOpinion
    | UpdateComment
    | UpdateRead
)

_NAMES: dict[str, type[Action]] = {
    "home": ShowHome,
    "list": ShowChecklist,
    "steps": ShowSteps,
    "step": ShowStep,
    "guide": ShowGuide,
    "go": GoOn,
    "done": StepDone,
    "skip": StepSkip,
    "why": SkipBecause,
    "stuck": StepStuck,
    "undo": StepUndo,
    "answer": StepAnswer,
    "pick": Choose,
    "take": StepTake,
    "give": StepHandOver,
    "never": Nevermind,
    "join": InviteAccept,
    "notme": InviteDecline,
    "lang": ChooseLanguage,
    "share": ShareHere,
    "snooze": SnoozeReminders,
    "nudgeme": NudgeSnooze,
    "nudgeno": NudgeStop,
    "nudgeon": NudgeGoOn,
    "claim": HelpClaim,
    "reply": HelpReply,
    "send": HelpSend,
    "solved": HelpSolved,
    "ours": OursDone,
    "resend": Resend,
    "prefs": ShowSettings,
    "topic": ShowTopic,
    "often": SetCadence,
    "prefer": Prefer,
    "city": AskCity,
    "pause": PauseAll,
    "weekly": LessOften,
    "whyme": WhyThis,
    "less": LessLikeThis,
    "news": ShowUpdates,
    "update": ShowUpdate,
    "opinion": UpdateOpinion,
    "comment": UpdateComment,
    "isread": UpdateRead,
}
_PACKED_AS = {kind: name for name, kind in _NAMES.items()}
_SHAPES: dict[type[Action], tuple[tuple[str, type], ...]] = {
    kind: tuple((field.name, get_type_hints(kind)[field.name]) for field in fields(kind)) for kind in _NAMES.values()
}


def pack(action: Action) -> str:
    """Write the action as `name.value.value`. Raises ValueError when it would not fit or could not be read back."""
    values = [str(getattr(action, name)) for name, _ in _SHAPES[type(action)]]
    if any("." in value for value in values):
        raise ValueError(f"{action} has a dot in a value")
    packed = ".".join((_PACKED_AS[type(action)], *values))
    if len(packed.encode()) > LONGEST:
        raise ValueError(f"{action} packs into more than {LONGEST} bytes")
    return packed


def unpack(packed: str) -> Action | None:
    """Read what `pack` wrote; None for anything else (an old version's button, or somebody's invention)."""
    name, *values = packed.split(".")
    kind = _NAMES.get(name)
    if kind is None or len(values) != len(_SHAPES[kind]):
        return None
    read: list[int | str] = []
    for value, (_, wanted) in zip(values, _SHAPES[kind], strict=True):
        if wanted is str:
            read.append(value)
        elif value.isascii() and value.isdigit() and len(value) < 19:
            read.append(int(value))
        else:
            return None
    build: Callable[..., Action] = kind
    return build(*read)
