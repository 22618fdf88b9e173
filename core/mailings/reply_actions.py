"""What the buttons mean by which our people read and answer replies, and take a mailing back or mend it."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ShowReplies:
    """CSM: the replies to one mailing, those that wait first; `page` from 0."""

    mailing: int
    page: int


@dataclass(frozen=True, slots=True)
class AnswerReplies:
    """CSM: open the box to answer one, or all who asked the same."""

    request: int


@dataclass(frozen=True, slots=True)
class SendReplies:
    """CSM: the filled box. `upto`: the newest request when it was opened; who asked later was not named in it."""

    request: int
    upto: int


@dataclass(frozen=True, slots=True)
class SettleReplies:
    """CSM: these need no answer."""

    request: int
    upto: int


@dataclass(frozen=True, slots=True)
class AmendMailing:
    """Admin or author: open the box with its words, to mend them."""

    mailing: int


@dataclass(frozen=True, slots=True)
class SendAmendment:
    """The filled box. `revision`: of the words that were shown in it."""

    mailing: int
    revision: int


@dataclass(frozen=True, slots=True)
class RecallMailing:
    """Admin or author: ask once more whether it is to be taken back."""

    mailing: int


@dataclass(frozen=True, slots=True)
class SendRecall:
    """Yes, take it back."""

    mailing: int
