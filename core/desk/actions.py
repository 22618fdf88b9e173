"""What buttons of our people's desk mean."""

from dataclasses import dataclass


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
