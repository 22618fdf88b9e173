"""The preview as HTML: the live page, and a file to keep."""

import re
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Final

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template

from playground.sights import MOST_READERS, Choice, Showing
from playground.views import MessageView

PAGE: Final = Path(__file__).parent / "page"

STYLES: Final = ("tokens.css", "page.css", "chat.css", "telegram.css", "slack.css", "preview.css")

_HEADING: Final = re.compile(r"<(/?)h[1-6]>")

NOBODY: Final = "-"
"""Stands in the address for a place that is empty."""


def page(showing: Showing, *, back: str = "") -> str:
    """The live page. `back`: address of the playground beside it; empty: there is none."""
    return _written(showing, back=back, stylesheets=STYLES)


def standalone(showing: Showing) -> str:
    """One file with everything in it, to keep or to send to somebody."""
    styles = "\n".join((PAGE / name).read_text(encoding="utf-8") for name in STYLES)
    return _written(showing, styles=styles)


def _written(showing: Showing, *, styles: str = "", back: str = "", stylesheets: Sequence[str] = ()) -> str:
    return (
        _template()
        .render(
            showing=showing,
            styles=styles,
            back=back,
            stylesheets=stylesheets,
            most=MOST_READERS,
            nobody=(Choice(NOBODY, "Nobody"),),
            usual=(Choice("", "Usual language"),),
            is_web=lambda url: url.lower().startswith(("https://", "http://")),
            words=_words,
        )
        .lstrip()
    )


def _words(message: MessageView) -> str:
    """The message's HTML; its headings are paragraphs here, so that the page's own stay the only ones."""
    return _HEADING.sub(lambda tag: "</p>" if tag[1] else '<p class="heading">', message.html)


@cache
def _template() -> Template:
    folder = Path(__file__).parent / "templates"
    environment = Environment(loader=FileSystemLoader(folder), autoescape=True, undefined=StrictUndefined)
    return environment.get_template("preview.html")
