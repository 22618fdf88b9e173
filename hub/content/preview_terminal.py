"""Previews in the terminal: each card's words with the formatting a terminal has, buttons as `[Done]  [Skip]`."""

from collections.abc import Iterator
from html.parser import HTMLParser
from typing import Final

from rich.console import Console, Group, RenderableType
from rich.panel import Panel
from rich.text import Text

from playground.sights import Showing, Sight
from playground.views import MessageView

WIDE: Final = 72
"""Columns of a card: more is hard to read."""


def print_cards(showing: Showing, messenger: str) -> None:
    """To standard output. `messenger`: that one alone; empty: both."""
    console = Console(highlight=False, markup=False, emoji=False)
    console.print(f"{showing.file} for {showing.readers[0].name}", style="bold")
    if showing.note:
        console.print(showing.note, style="yellow")
    for row in showing.rows:
        console.print()
        console.rule(": ".join(filter(None, (row.when, row.about))), align="left", style="dim")
        for sight in row.sights[0]:
            if messenger in ("", sight.messenger):
                console.print(_panel(sight, console.width))


def _panel(sight: Sight, width: int) -> RenderableType:

    parts: list[Text] = []
    if sight.objection:
        parts.append(Text(f"{sight.messenger.capitalize()} would not take this card: {sight.objection}", "red"))
    for message in sight.messages:
        if parts:
            parts.append(Text("⋯", "dim"))
        parts += _lines(message)
    return Panel(Group(*parts), title=sight.messenger.capitalize(), title_align="left", width=min(WIDE, width))


def _lines(message: MessageView) -> Iterator[Text]:

    for media in message.media:
        yield Text(f"<{media.kind}: {media.name or media.url}>", "dim")
    words = _Words()
    words.feed(message.html)
    yield words.text
    if message.rows:
        yield Text()
    for row in message.rows:
        yield Text("  ").join(
            Text(f"[{button.label}]", "bold" if button.style else "")
            + Text(f" {button.url}" if button.url else "", "dim")
            for button in row
        )


class _Words(HTMLParser):
    """The formatting a terminal has, of the few tags the playground writes."""

    STYLES: Final = {
        "b": "bold",
        "h4": "bold",
        "i": "italic",
        "s": "strike",
        "code": "cyan",
        "small": "dim",
        "a": "underline",
    }
    BLOCKS: Final = ("p", "h4", "blockquote", "pre", "small", "hr")

    def __init__(self) -> None:
        from rich.text import Text

        super().__init__()
        self.text = Text()
        self._open: list[str] = []
        self._href = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "br":
            self.text.append("\n")
            return
        if tag in self.BLOCKS and self.text.plain and not self.text.plain.endswith("\n\n"):
            self.text.append("\n" if self.text.plain.endswith("\n") else "\n\n")
        self._open.append(tag)
        if tag == "a":
            self._href = dict(attrs).get("href") or ""

    def handle_endtag(self, tag: str) -> None:
        if tag in self._open:
            self._open.reverse()
            self._open.remove(tag)
            self._open.reverse()
        if tag == "a" and self._href and not self.text.plain.endswith(self._href):
            self.text.append(f" ({self._href})", "dim")

    def handle_data(self, data: str) -> None:
        if "blockquote" in self._open:
            data = "\n".join(f"│ {line}" for line in data.split("\n"))
        style = " ".join(dict.fromkeys(self.STYLES[tag] for tag in self._open if tag in self.STYLES))
        self.text.append(data, style or None)
