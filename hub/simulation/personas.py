"""The ways in which people answer: how soon, how often, and which buttons they like."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Final

from core.actions import unpack
from core.cards import Button, Card


@dataclass(frozen=True, slots=True)
class Persona:
    """How somebody behaves. Chances are from 0 to 1, delays in hours, visits in days."""

    name: str
    answers: float
    """The chance that something we said unasked is answered at all."""
    delay: tuple[float, float]
    """Between seeing it and answering, in hours."""
    visits: float
    """Days between visits of their own accord, on average; 0: never."""
    patience: int
    """Buttons they press in a row at most."""
    likes: Mapping[str, float] = field(default_factory=dict)
    """By the action behind a button: how much more than others they like it."""
    blocks_after: int = 0
    """So many things said unasked, and they block us; 0: never."""
    messengers: int = 1
    """In how many messengers they are met."""


KEEN: Final = Persona("keen", 0.95, (0.2, 3), 7, 4)
SLOW: Final = Persona("slow", 0.6, (24, 96), 20, 2)
SILENT: Final = Persona("silent", 0.03, (24, 200), 0, 1)
SNOOZER: Final = Persona("snoozer", 0.9, (0.1, 6), 30, 2, {"Snooze": 60, "NudgeLater": 60, "Later": 60})
STUCK: Final = Persona("stuck", 0.8, (1, 12), 12, 2, {"StepStuck": 25})
BLOCKER: Final = Persona("blocks us", 0.3, (1, 12), 20, 2, blocks_after=3)
BOTH: Final = Persona("both messengers", 0.8, (0.5, 20), 10, 3, messengers=2)
CAST: Final = (KEEN, SLOW, SILENT, SNOOZER, STUCK, BLOCKER, BOTH)

_USUAL: Final[Mapping[str, float]] = {
    "ChooseLanguage": 0.0,
    "InviteDecline": 0.0,
    "LessLikeThis": 0.1,
    "ShareHere": 0.0,
    "ShowHome": 0.1,
    "ShowSteps": 0.2,
    "Snooze": 0.1,
    "StepDone": 6.0,
    "StepHandOver": 0.1,
    "StepSkip": 0.3,
    "StepStuck": 0.2,
    "StepUndo": 0.02,
    "WhyThis": 0.1,
}
"""By the beginning of an action's name, how much people like what is behind a button; all others are 1."""

_PRIMARY: Final = 4.0
"""How much more the button is liked that a card means to be pressed."""


def cast_of(rng: Random) -> Persona:
    """Somebody."""
    return rng.choices(CAST, weights=(3, 4, 2, 2, 2, 1, 2))[0]


def chosen(persona: Persona, card: Card, rng: Random) -> Button | None:
    """The button this person presses; None: there is none they would."""
    buttons = [button for row in card.rows for button in row if button.action]
    weights = [_liking(persona, button) for button in buttons]
    return rng.choices(buttons, weights)[0] if sum(weights) > 0 else None


def _liking(persona: Persona, button: Button) -> float:
    action = unpack(button.action)
    if action is None:
        return 0.0
    name = type(action).__name__
    liking = _of(_USUAL, name) * _of(persona.likes, name)
    return liking * _PRIMARY if button.tone == "primary" else liking


def _of(likes: Mapping[str, float], name: str) -> float:
    return next((liking for begins, liking in likes.items() if name.startswith(begins)), 1.0)


SAYINGS: Final[Sequence[str]] = (
    "mail.example.com",
    "We write to our customers every week.",
    "25",
    "It does not work as described.",
    "ops@example.com",
    "https://example.com",
)
"""What people write when words are asked for: the first that fits."""
