"""What happened in a messenger, told without the messenger's words: the only thing the inbox takes."""

from dataclasses import dataclass
from typing import Literal, TypeAlias

MessengerName = Literal["telegram", "slack"]
FileKind = Literal["photo", "video", "voice", "file"]


@dataclass(frozen=True, slots=True, order=True)
class Address:
    """A chat in a messenger. A person's private chat has the person's own address, so it names both.

    `chat` is `12345` in Telegram (negative for groups), and `T024/U123` (a member), `T024/C123` (a channel)
    or `T024/U123/home` (a member's App Home, where a card is always replaced) in Slack.
    """

    messenger: MessengerName
    chat: str

    def __str__(self) -> str:
        return f"{self.messenger}:{self.chat}"

    @classmethod
    def parse(cls, text: str) -> "Address":
        """Read `telegram:12345`. Raises ValueError when the messenger is not one of ours or the chat is empty."""
        messenger, _, chat = text.partition(":")
        if messenger not in ("telegram", "slack") or not chat:
            raise ValueError(f"{text!r} is no address: write telegram:CHAT or slack:TEAM/CHAT")
        return cls("telegram" if messenger == "telegram" else "slack", chat)

    @property
    def home(self) -> "Address":
        """The App Home of this Slack member. Raises ValueError for a Telegram address, which has none."""
        if self.messenger != "slack":
            raise ValueError(f"{self} has no App Home")
        return self if self.is_home else Address("slack", f"{self.chat}/home")

    @property
    def is_home(self) -> bool:
        return self.messenger == "slack" and self.chat.endswith("/home")


@dataclass(frozen=True, slots=True)
class Profile:
    """What the messenger tells about a person. `None`: it does not say."""

    name: str = ""
    email: str | None = None
    """Only where the messenger itself vouches for it (Slack's users.info), lower case."""
    language: str | None = None
    """As the messenger writes it: `pt-br`, `en-US`."""
    timezone: str | None = None
    """IANA name."""
    home_team: bool = False
    """A full member of the vendor's own Slack workspace: may be recognised as a CSM. Never true for outsiders."""


@dataclass(frozen=True, slots=True)
class File:
    """Something a person sent. `ref` is opaque to core: `telegram:<file_id>` or `slack:<file id>`."""

    kind: FileKind
    ref: str
    name: str = ""
    mime: str = ""
    size: int | None = None
    """Bytes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """Common to all events. `key` is made of the messenger's own id, so that a repeat is recognised."""

    key: str
    sender: Address
    """The person's private chat, wherever they acted."""
    chat: Address
    """Where it happened; equal to `sender` in a private chat."""
    profile: Profile | None = None
    title: str = ""
    """The group's or channel's name where known."""

    @property
    def in_private(self) -> bool:
        return self.sender == self.chat


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrived(Heard):
    """Pressed Start, followed an invitation, came back after blocking. `token`: the invitation's, if any."""

    token: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Said(Heard):
    """Wrote words that are no command. `about`: id of the message replied to."""

    text: str
    about: str | None = None
    overheard: bool = False
    """Said in a group, and not to the bot: it counts only when this person is being asked something there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Commanded(Heard):
    """Gave a command: `command` is lower case without slash (`home`, `invite`), `words` the rest."""

    command: str
    words: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shared(Heard):
    """Sent a file, perhaps with words."""

    file: File
    text: str = ""
    about: str | None = None
    overheard: bool = False
    """As in Said."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tapped(Heard):
    """Pressed a button. `action` is untrusted: whatever the messenger says was behind it."""

    action: str
    message: str | None = None
    """Id of the message that carries the button, as `Messenger.send` returned it; None when not told."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Filled(Heard):
    """Sent a form (a Slack modal). `action` is the form's own, untrusted; answers are (field id, value)."""

    action: str
    answers: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened(Heard):
    """Opened the App Home."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Grouped(Heard):
    """The bot was added to a group or channel; `sender` added it. `shared`: outsiders are in it (Slack Connect)."""

    shared: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Left(Heard):
    """The chat can no longer be written to: blocked, removed from the group, deactivated, uninstalled."""

    why: Literal["blocked", "removed", "deactivated", "uninstalled"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Moved(Heard):
    """The chat goes on under another address (group became a supergroup, channel became shared)."""

    to: Address


@dataclass(frozen=True, slots=True, kw_only=True)
class Introduced(Heard):
    """The messenger answered who the sender is; sent by the listener when a receipt asked for it."""


Event: TypeAlias = Arrived | Said | Commanded | Shared | Tapped | Filled | Opened | Grouped | Left | Moved | Introduced
