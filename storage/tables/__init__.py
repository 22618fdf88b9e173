"""Every table of the hub. Plain columns; what they mean is decided in core."""

from storage import tallying
from storage.tables.attention import Decision, Preference, TopicChoice
from storage.tables.campaigns import Campaign, CampaignEvent, CampaignFollow, Integration
from storage.tables.content import ContentChange, ContentStep, ContentVersion
from storage.tables.digests import Digest
from storage.tables.ledger import Delivery, HeardEvent, Lease, Pause
from storage.tables.mailings import (
    Mailing,
    MailingChange,
    MailingOmission,
    MailingReaction,
    MailingTally,
    MailingText,
    MailingVeto,
)
from storage.tables.nudges import Nudge, NudgeRule
from storage.tables.onboarding import Enrolment, HelpRequest, Signal, StepRecord
from storage.tables.people import Account, Bot, Chat, Contact, Csm, Invitation, TokenAttempts
from storage.tables.talk import Question, Screen
from storage.tables.updates import Notice, Publication, Recount, UpdateView

tallying.attach()

__all__ = [
    "Account",
    "Bot",
    "Campaign",
    "CampaignEvent",
    "CampaignFollow",
    "Chat",
    "Contact",
    "ContentChange",
    "ContentStep",
    "ContentVersion",
    "Csm",
    "Decision",
    "Delivery",
    "Digest",
    "Enrolment",
    "HeardEvent",
    "HelpRequest",
    "Integration",
    "Invitation",
    "Lease",
    "Mailing",
    "MailingChange",
    "MailingOmission",
    "MailingReaction",
    "MailingTally",
    "MailingText",
    "MailingVeto",
    "Notice",
    "Nudge",
    "NudgeRule",
    "Pause",
    "Preference",
    "Publication",
    "Question",
    "Recount",
    "Screen",
    "Signal",
    "StepRecord",
    "TokenAttempts",
    "TopicChoice",
    "UpdateView",
]
