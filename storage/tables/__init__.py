"""Every table of the hub. Plain columns; what they mean is decided in core."""

from storage.tables.attention import Decision, Preference, Reminder, TopicChoice
from storage.tables.content import ContentChange, ContentStep, ContentVersion
from storage.tables.ledger import Delivery, HeardEvent, Lease, Pause
from storage.tables.onboarding import Enrolment, HelpRequest, Signal, StepRecord
from storage.tables.people import Account, Bot, Chat, Contact, Csm, Invitation, TokenAttempts
from storage.tables.talk import Question, Screen

__all__ = [
    "Account",
    "Bot",
    "Chat",
    "Contact",
    "ContentChange",
    "ContentStep",
    "ContentVersion",
    "Csm",
    "Decision",
    "Delivery",
    "Enrolment",
    "HeardEvent",
    "HelpRequest",
    "Invitation",
    "Lease",
    "Pause",
    "Preference",
    "Question",
    "Reminder",
    "Screen",
    "Signal",
    "StepRecord",
    "TokenAttempts",
    "TopicChoice",
]
