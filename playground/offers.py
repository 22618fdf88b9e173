"""What a demo adds to the page beside its seats: things that happen outside, invitations, and a story to follow."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Protocol, runtime_checkable


@runtime_checkable
class OpensLinks(Protocol):
    """A Telegram person: following `https://t.me/<bot>?start=<token>` presses Start with the token."""

    async def open_link(self, url: str) -> None: ...


@dataclass(frozen=True, slots=True)
class Extra:
    """Something that happens outside both messengers, offered on the page as a button, or as a switch."""

    key: str
    """Short, unique among the extras."""
    label: str
    run: Callable[[str], Awaitable[str | None]]
    """Takes the chosen value (`""` without choices, `on` or `off` for a switch); may answer a sentence to show."""
    choices: tuple[tuple[str, str], ...] = ()
    """(value, label) pairs to choose from before pressing."""
    is_on: Callable[[], bool] | None = None
    """Makes it a switch, and tells where it stands."""
    group: str = "Things outside"
    hint: str = ""


@dataclass(frozen=True, slots=True)
class Invitation:
    """A link somebody was sent outside the messengers, say by e-mail."""

    label: str
    url: str
    seat: str = ""
    """The Telegram seat it is meant for, offered as its first step; empty: anybody may open it."""


@dataclass(frozen=True, slots=True)
class Step:
    """One step of "How to try this"."""

    title: str
    words: str
    seat: str = ""
    """Whose pane the step's button leads to; empty: no button."""
    outside: bool = False
    """Its button opens "Outside world" instead."""
