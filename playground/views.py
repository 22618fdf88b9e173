"""What a person sitting in a messenger sees and can do, as plain values: the page and the tests read the same ones."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, Protocol

PATIENCE = 30.0
"""Real seconds that a person in a story looks for something before they say that it is not there. They look after every
change, so what is there costs nothing; and what is late on a slow machine is still seen."""


@dataclass(frozen=True, slots=True)
class ButtonView:
    id: str
    """Opaque; handed back to `Seat.tap`."""
    label: str
    url: str | None = None
    """A link button opens this address and tells the bot nothing."""
    style: Literal["", "primary", "danger"] = ""
    options: tuple[tuple[str, str], ...] = ()
    """(value, label) pairs when the element is a menu; `Seat.tap` then takes the value."""


@dataclass(frozen=True, slots=True)
class MediaView:
    kind: Literal["photo", "video", "voice", "file"]
    name: str
    url: str
    """Served by the playground itself, or the outside address the bot gave."""


@dataclass(frozen=True, slots=True)
class MessageView:
    id: str
    author: str
    mine: bool
    at: datetime
    text: str
    """Plain words as read aloud, without markup: what tests compare and screen readers hear."""
    html: str
    """The same with formatting, already escaped: only tags the playground itself wrote."""
    edited: bool = False
    ephemeral: bool = False
    media: tuple[MediaView, ...] = ()
    rows: tuple[tuple[ButtonView, ...], ...] = ()


@dataclass(frozen=True, slots=True)
class ConversationView:
    id: str
    title: str
    kind: Literal["private", "group", "home"]
    """`home` is Slack's App Home: one message, republished in place."""
    messages: tuple[MessageView, ...]
    typing: bool = False
    blocked: bool = False
    pinned: str = ""
    """The id of the message that stands at the top; empty when none does."""


@dataclass(frozen=True, slots=True)
class FieldView:
    id: str
    label: str
    kind: Literal["text", "multiline", "select", "date", "note", "press"]
    """`note` is text to read, nothing to fill; `press` a button between the fields, `id` its name."""
    value: str = ""
    options: tuple[tuple[str, str], ...] = ()
    required: bool = True
    error: str = ""
    hint: str = ""


@dataclass(frozen=True, slots=True)
class ModalView:
    id: str
    title: str
    submit: str
    fields: tuple[FieldView, ...]


@dataclass(frozen=True, slots=True)
class SeatView:
    """One person's whole screen in one messenger."""

    key: str
    """`telegram:dana`, `slack:ann`: short, stable, unique in the playground."""
    name: str
    messenger: Literal["telegram", "slack"]
    conversations: tuple[ConversationView, ...]
    modal: ModalView | None = None
    toast: str = ""
    """The last short notice a tap was answered with (Telegram's callback answer); empty when none."""
    commands: tuple[tuple[str, str], ...] = ()
    """(command, description) pairs the bot's menu offers this person."""


class Seat(Protocol):
    """A person at a messenger. Each method does what their app would do and returns when the server has taken it."""

    @property
    def key(self) -> str: ...

    def view(self) -> SeatView: ...

    async def say(self, text: str, conversation: str | None = None, reply_to: str | None = None) -> None:
        """Write `text` (a slash command too). `None`: the private chat with the bot."""

    async def tap(self, message: str, button: str, value: str = "", conversation: str | None = None) -> None:
        """Press the button with this id on this message. Raises LookupError when it is not on the screen."""

    async def share(
        self, name: str, content: bytes, mime: str, conversation: str | None = None, words: str = ""
    ) -> None:
        """Send a photo (image/*), a voice message (audio/ogg), a video (video/*) or any other file."""

    async def open_home(self) -> None:
        """Open the bot's App Home (Slack) or press Start (Telegram)."""

    async def submit_modal(self, values: dict[str, str], button: str = "") -> None:
        """Fill the open modal's fields by id and send it. Raises LookupError when none is open."""

    async def close_modal(self) -> None: ...

    async def block(self) -> None:
        """Block the bot, or on Slack deactivate the member."""

    async def unblock(self) -> None: ...

    def on_change(self, listener: Callable[[], None]) -> None:
        """Call `listener` whenever `view()` would answer differently."""
