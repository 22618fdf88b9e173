"""The preview as HTML: the page, what of it changes with a save, and a file to keep."""

from functools import cache
from pathlib import Path
from typing import Final

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template

from playground.sights import MOST_READERS, Choice, Showing

PAGE: Final = Path(__file__).parent / "page"

STYLES: Final = ("tokens.css", "page.css", "chat.css", "telegram.css", "slack.css", "preview.css")

NOBODY: Final = "-"
"""Stands in the address for a place that is empty."""


def page(showing: Showing, *, back: str = "") -> str:
    """The live page. `back`: address of the playground beside it; empty: there is none."""
    return _template().render(_facts(showing) | {"back": back, "stylesheets": STYLES})


def cards(showing: Showing) -> str:
    """What changes with every save: problems, and the cards."""
    return _template().render(_facts(showing) | {"part": "cards"})


def standalone(showing: Showing) -> str:
    """One file with everything in it, to keep or to send to somebody."""
    styles = "\n".join((PAGE / name).read_text(encoding="utf-8") for name in STYLES)
    return _template().render(_facts(showing) | {"styles": styles})


def _facts(showing: Showing) -> dict[str, object]:
    return {
        "showing": showing,
        "part": "",
        "styles": "",
        "back": "",
        "most": MOST_READERS,
        "nobody": (Choice(NOBODY, "Nobody"),),
        "usual": (Choice("", "Their language"),),
        "is_web": lambda url: url.lower().startswith(("https://", "http://")),
    }


@cache
def _template() -> Template:
    folder = Path(__file__).parent / "templates"
    environment = Environment(loader=FileSystemLoader(folder), autoescape=True, undefined=StrictUndefined)
    return environment.get_template("preview.html")
