"""What the inbox tells a listener back, and the shape of the door it knocks at."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TypeAlias

from core.cards import Form
from core.events import Address, Event


@dataclass(frozen=True, slots=True)
class Receipt:
    """What the listener may do at once, after the event is committed. Losing it loses nothing that matters."""

    toast: str = ""
    """A short notice for the tap (at most 200 characters), where the messenger has such notices."""
    form: Form | None = None
    """A dialog to open now, where the messenger has dialogs; it takes the place of the one that was filled."""
    errors: tuple[tuple[str, str], ...] = ()
    """Of a filled dialog: (field id, what is wrong with it). It stays open as it is."""
    introduce: bool = False
    """True: the hub does not know this person; ask the messenger who they are and bring an Introduced event."""
    typing: Address | None = None
    """A chat to show that somebody of us is writing there."""
    repeated: bool = False
    """True: the event was here before and changed nothing."""


Receive: TypeAlias = Callable[[Event], Awaitable[Receipt]]
"""Commits an event. Raises when it could not be committed: then the messenger must not be told that we have it."""
