"""What a button means: a small value that packs into the 64 bytes Telegram allows and comes back untrusted."""

from collections.abc import Callable
from dataclasses import fields
from typing import TypeAlias, get_type_hints

from core.attention.actions import (
    AskCity,
    LessLikeThis,
    PauseAll,
    Prefer,
    SetCadence,
    ShowSettings,
    ShowTopic,
    SnoozeReminders,
    WhyThis,
)
from core.campaigns.actions import FollowCampaign, ShowCampaign, ShowCampaigns
from core.desk.actions import HelpClaim, HelpReply, HelpSend, HelpSolved, OursDone, Resend
from core.digests.actions import LessOften
from core.mailings.actions import (
    ApproveMailing,
    CountAudience,
    DraftFile,
    HoldAccount,
    ListRuns,
    SaveMailing,
    SeeWho,
    ShowRun,
    ShowSample,
    SteerMailing,
    TrySample,
    WriteMailing,
)
from core.mailings.client_actions import (
    MailingClick,
    MailingComment,
    MailingLess,
    MailingOpinion,
    MailingPick,
    MailingWhy,
    ShowMailing,
    ShowMailings,
)
from core.mailings.reply_actions import (
    AmendMailing,
    AnswerReplies,
    RecallMailing,
    SendAmendment,
    SendRecall,
    SendReplies,
    SettleReplies,
    ShowReplies,
)
from core.nudges.actions import NudgeGoOn, NudgeSnooze, NudgeStop
from core.onboarding.actions import (
    Choose,
    GoOn,
    Nevermind,
    ShowChecklist,
    ShowGuide,
    ShowHome,
    ShowStep,
    ShowSteps,
    SkipBecause,
    StepAnswer,
    StepDone,
    StepHandOver,
    StepSkip,
    StepStuck,
    StepTake,
    StepUndo,
)
from core.people.actions import ChooseLanguage, InviteAccept, InviteDecline, ShareHere
from core.updates.actions import ShowUpdate, ShowUpdates, UpdateComment, UpdateOpinion, UpdateRead

LONGEST = 64
"""Bytes of UTF-8 in callback_data (Bot API: InlineKeyboardButton)."""

LONGEST_STEP_ID = 32
"""Characters of a step id (ASCII letters, digits, hyphens): the content check refuses longer ones, so all fit."""

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
    | ShowCampaigns
    | ShowCampaign
    | FollowCampaign
    | ShowMailings
    | ShowMailing
    | MailingPick
    | MailingOpinion
    | MailingClick
    | MailingLess
    | MailingWhy
    | MailingComment
    | ShowReplies
    | AnswerReplies
    | SendReplies
    | SettleReplies
    | AmendMailing
    | SendAmendment
    | RecallMailing
    | SendRecall
    | ListRuns
    | WriteMailing
    | CountAudience
    | SaveMailing
    | DraftFile
    | ShowRun
    | ShowSample
    | TrySample
    | ApproveMailing
    | SteerMailing
    | SeeWho
    | HoldAccount
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
    "camps": ShowCampaigns,
    "camp": ShowCampaign,
    "follow": FollowCampaign,
    "post": ShowMailings,
    "letter": ShowMailing,
    "mpick": MailingPick,
    "mlike": MailingOpinion,
    "mlink": MailingClick,
    "mless": MailingLess,
    "mwhy": MailingWhy,
    "mtalk": MailingComment,
    "mreps": ShowReplies,
    "mrep": AnswerReplies,
    "mrepto": SendReplies,
    "mrepok": SettleReplies,
    "mamend": AmendMailing,
    "mamended": SendAmendment,
    "mrecall": RecallMailing,
    "mrecalled": SendRecall,
    "mruns": ListRuns,
    "mwrite": WriteMailing,
    "mcount": CountAudience,
    "msave": SaveMailing,
    "mfile": DraftFile,
    "mrun": ShowRun,
    "msample": ShowSample,
    "mtry": TrySample,
    "myes": ApproveMailing,
    "msteer": SteerMailing,
    "mwho": SeeWho,
    "mhold": HoldAccount,
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


__all__ = [
    "LONGEST",
    "LONGEST_STEP_ID",
    "Action",
    "AmendMailing",
    "AnswerReplies",
    "ApproveMailing",
    "AskCity",
    "Choose",
    "ChooseLanguage",
    "CountAudience",
    "DraftFile",
    "FollowCampaign",
    "GoOn",
    "HelpClaim",
    "HelpReply",
    "HelpSend",
    "HelpSolved",
    "HoldAccount",
    "InviteAccept",
    "InviteDecline",
    "LessLikeThis",
    "LessOften",
    "ListRuns",
    "MailingClick",
    "MailingComment",
    "MailingLess",
    "MailingOpinion",
    "MailingPick",
    "MailingWhy",
    "Nevermind",
    "NudgeGoOn",
    "NudgeSnooze",
    "NudgeStop",
    "OursDone",
    "PauseAll",
    "Prefer",
    "RecallMailing",
    "Resend",
    "SaveMailing",
    "SeeWho",
    "SendAmendment",
    "SendRecall",
    "SendReplies",
    "SetCadence",
    "SettleReplies",
    "ShareHere",
    "ShowCampaign",
    "ShowCampaigns",
    "ShowChecklist",
    "ShowGuide",
    "ShowHome",
    "ShowMailing",
    "ShowMailings",
    "ShowReplies",
    "ShowRun",
    "ShowSample",
    "ShowSettings",
    "ShowStep",
    "ShowSteps",
    "ShowTopic",
    "ShowUpdate",
    "ShowUpdates",
    "SkipBecause",
    "SnoozeReminders",
    "SteerMailing",
    "StepAnswer",
    "StepDone",
    "StepHandOver",
    "StepSkip",
    "StepStuck",
    "StepTake",
    "StepUndo",
    "TrySample",
    "UpdateComment",
    "UpdateOpinion",
    "UpdateRead",
    "WhyThis",
    "WriteMailing",
    "pack",
    "unpack",
]
