"""What the buttons of a client's message mean. The delivery is always the recipient's own."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class MailingPick:
    """One of the answers that the message offers."""

    delivery: int
    answer: str


@dataclass(frozen=True, slots=True)
class MailingOpinion:
    """What they think of it: `up` or `down`."""

    delivery: int
    opinion: str


@dataclass(frozen=True, slots=True)
class MailingClick:
    """They followed one of its links, as told by a messenger that tells of that."""

    delivery: int


@dataclass(frozen=True, slots=True)
class MailingLess:
    """Write less often about its topic."""

    delivery: int


@dataclass(frozen=True, slots=True)
class MailingWhy:
    """Why did I get this?"""

    delivery: int


@dataclass(frozen=True, slots=True)
class MailingComment:
    """Ask for words about it, for the CSM."""

    delivery: int


@dataclass(frozen=True, slots=True)
class ShowMailings:
    """List what we sent them: `page` from 0."""

    page: int


@dataclass(frozen=True, slots=True)
class ShowMailing:
    """Open one of these again."""

    delivery: int
