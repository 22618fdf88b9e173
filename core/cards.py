"""What the hub shows, without any messenger's vocabulary: a card is one message, a form is one dialog."""

from dataclasses import dataclass, field
from typing import Literal

Tone = Literal["", "primary", "danger"]
Pin = Literal["", "on", "off"]
Change = Literal["", "edit", "delete"]


@dataclass(frozen=True, slots=True)
class Button:
    """One button: an `action` (packed, at most 64 bytes, see core.actions) or a `url`.

    With both it opens the address, and the action is told by messengers that tell of such a press (Slack alone does).
    """

    label: str
    action: str = ""
    url: str = ""
    tone: Tone = ""

    def __post_init__(self) -> None:
        if not (self.action or self.url):
            raise ValueError(f"the button {self.label!r} needs an action or a url")


@dataclass(frozen=True, slots=True)
class Progress:
    """Steps finished out of all that count: 0 <= done <= total, total >= 1. Drawn with count and per cent."""

    done: int
    total: int

    @property
    def percent(self) -> int:
        """Rounded down, so that 100 is said only when everything is done."""
        return self.done * 100 // self.total


@dataclass(frozen=True, slots=True)
class Media:
    """A picture, video, voice message or file shown with the card.

    `source` is a web address, a file below the content folder (`content:videos/welcome.mp4`), or something a
    person sent (`telegram:<file_id>`, `slack:<file id>`).
    """

    kind: Literal["photo", "video", "voice", "file"]
    source: str
    name: str = ""


@dataclass(frozen=True, slots=True)
class Card:
    """One message. Shown in this order: media, title, text, facts, progress, note, rows of buttons.

    `title` is plain text; `text` and `note` are Markdown of the subset in core.markup; facts are (label, value)
    pairs of plain text. Renderers keep their platform's limits: what is too long is split or shortened there.
    """

    text: str
    title: str = ""
    facts: tuple[tuple[str, str], ...] = ()
    progress: Progress | None = None
    note: str = ""
    """Small print."""
    media: Media | None = None
    rows: tuple[tuple[Button, ...], ...] = ()
    pin: Pin = ""
    """A line to keep in sight (or no longer), where a private chat has a place for it; it is shown without a sound."""
    reply_to: str = ""
    """Id of the message of the same chat that it answers, shown as such where the messenger can; empty: none."""
    change: Change = ""
    """What a card that replaces a message may do when that message cannot be edited: empty, be sent anew. `edit`:
    nothing, it is refused. `delete`: the message is to be taken away, and where the platform does not let it go any
    more it becomes this card."""
    bulk: bool = False
    """One of very many alike: where a platform sells more speed for such, it may be bought. Not kept in the ledger."""


@dataclass(frozen=True, slots=True)
class Field:
    """One thing to fill. `kind` note is Markdown to read. `options` are (value, label) pairs of a select.

    `kind` press is a button within the dialog: it brings all that is filled in so far, under the action in `value`,
    and the answer may be the same dialog with other notes.
    """

    id: str
    label: str
    kind: Literal["text", "multiline", "select", "date", "note", "press"] = "text"
    value: str = ""
    options: tuple[tuple[str, str], ...] = ()
    required: bool = True
    hint: str = ""
    longest: int = 2000
    """Characters."""


@dataclass(frozen=True, slots=True)
class Form:
    """A dialog to fill, shown at once in answer to a tap where the messenger has dialogs (Slack's modals)."""

    title: str
    submit: str
    cancel: str
    action: str
    """Packed, comes back in `Filled.action`."""
    fields: tuple[Field, ...] = field(default=())
