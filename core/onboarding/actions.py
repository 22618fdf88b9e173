"""What buttons of checklists and the home card mean."""

from dataclasses import dataclass


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
