"""What the preview page shows, as plain values: the hub fills them in, the page and the tests read them."""

from collections.abc import Awaitable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, Protocol

from playground.views import MessageView

Messenger = Literal["telegram", "slack"]

MOST_READERS = 3
"""Side by side: more do not fit on a desk's screen."""


@dataclass(frozen=True, slots=True)
class Wish:
    """What somebody wants to look at. `readers`: (who, language) pairs, both empty for what is usual."""

    file: str = ""
    readers: tuple[tuple[str, str], ...] = (("", ""),)


@dataclass(frozen=True, slots=True)
class Choice:
    value: str
    label: str
    group: str = ""


@dataclass(frozen=True, slots=True)
class Sight:
    """One card as one reader sees it in one messenger; several messages when one cannot hold it."""

    messenger: Messenger
    messages: tuple[MessageView, ...]
    objection: str = ""
    """Why the messenger would not take the card; empty: it would."""


@dataclass(frozen=True, slots=True)
class Row:
    """One card for all readers. `sights` by reader; an empty one: they never see it."""

    key: str
    """Short, for the address bar: letters, digits, hyphens."""
    when: str
    """When it is shown: `Step, open`."""
    about: str
    sights: tuple[tuple[Sight, ...], ...]


@dataclass(frozen=True, slots=True)
class Reader:
    """One chosen reader: what was chosen, and what to call them."""

    who: str
    language: str
    name: str


@dataclass(frozen=True, slots=True)
class Trouble:
    """One thing wrong in the files."""

    where: str
    """`onboarding/quickstart.yaml:12`."""
    what: str
    here: bool = False
    """It stands in the file that is looked at."""


@dataclass(frozen=True, slots=True)
class Showing:
    """Everything on the page."""

    file: str
    files: tuple[Choice, ...]
    people: tuple[Choice, ...]
    languages: tuple[Choice, ...]
    readers: tuple[Reader, ...]
    rows: tuple[Row, ...]
    troubles: tuple[Trouble, ...] = ()
    """Not empty: the files are broken, and `rows` are the last good ones, if there were any."""
    note: str = ""
    """A sentence to read first: nothing to show, nobody of that name …"""


class Previewer(Protocol):
    """Where the preview page gets what it shows."""

    def show(self, wish: Wish) -> Awaitable[Showing]: ...

    def state(self) -> Awaitable[object]:
        """Equal as long as nothing was saved."""

    def media(self, name: str) -> Path | None:
        """A file that cards show, below the content folder; None: there is none of that name."""


def wish_of(file: str, who: Sequence[str], languages: Sequence[str]) -> Wish:
    """What the address says: one `who` and one `language` for each reader, empty for what is usual."""
    pairs = [(person, languages[at] if at < len(languages) else "") for at, person in enumerate(who[:MOST_READERS])]
    return Wish(file, tuple(pairs) or (("", ""),))
