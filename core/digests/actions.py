"""What buttons of a digest mean."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class LessOften:
    """Once a week instead of once a day, of all topics."""
