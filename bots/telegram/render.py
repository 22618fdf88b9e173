"""Draws a card as Telegram shows it: HTML in as many messages as it takes, and an inline keyboard under the last."""

from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import urlsplit

from bots.telegram.cut import LONGEST_CAPTION, Words, cut
from bots.telegram.fields import Json
from bots.telegram.keyboard import lay_out
from bots.telegram.marks import BOLD, Run, cleaned, is_web_address, link_tag, markdown
from core.cards import Card, Media, Progress

_CELLS = 10
_FILES = {
    "photo": (".jpg", ".jpeg", ".png", ".webp", ".gif", ".bmp"),
    "video": (".mp4", ".mov", ".m4v"),
    "voice": (".ogg", ".oga"),
    "file": (".pdf", ".zip"),  # Bot API: sendDocument fetches no other kind by address
}


@dataclass(frozen=True, slots=True)
class Piece:
    """One message. With `media`, `words` is its caption and may be empty."""

    words: Words
    media: Media | None = None


@dataclass(frozen=True, slots=True)
class Drawn:
    """A card in Telegram's terms. Never without a piece."""

    pieces: tuple[Piece, ...]
    keyboard: Json | None
    """InlineKeyboardMarkup, for the last piece."""
    preview: str = ""
    """Web address to show a large preview of, above the first piece; empty: no previews."""


NO_WORDS = Words("", "")
_EMPTY = Words("…", "…")


@lru_cache(maxsize=1024)
def render(card: Card) -> Drawn:
    """The card within all of Telegram's limits, whatever it holds. Equal cards are drawn once."""
    keyboard = lay_out(card.rows)
    media = card.media
    watched = media is not None and media.source.startswith(("http://", "https://")) and not _is_file(media)
    runs: list[Run] = []
    if media is not None and watched:
        _link(runs, media)
    _compose(runs, card)
    for button in keyboard.leftover:
        _paragraph(runs, Run(cleaned(f"{button.label}: {button.url}")))
    if media is None or watched:
        words = cut(runs) or (_EMPTY,)
        preview = media.source if media and watched and media.kind == "video" and is_web_address(media.source) else ""
        return Drawn(tuple(Piece(each) for each in words), keyboard.markup, preview)
    caption = cut(runs, LONGEST_CAPTION)
    if media.kind != "voice" and len(caption) <= 1:
        return Drawn((Piece(caption[0] if caption else NO_WORDS, media),), keyboard.markup)
    below = tuple(Piece(each) for each in cut(runs))
    return Drawn((Piece(NO_WORDS, media), *below), keyboard.markup)


def without_media(card: Card, reason_shown: Media) -> Drawn:
    """The card's words alone, with a link to what could not be attached where it has an address of its own."""
    runs: list[Run] = []
    if reason_shown.source.startswith(("http://", "https://")):
        _link(runs, reason_shown)
    elif reason_shown.name:
        _paragraph(runs, Run(f"📎 {cleaned(reason_shown.name)}"))
    _compose(runs, card)
    return Drawn(tuple(Piece(each) for each in cut(runs) or (_EMPTY,)), lay_out(card.rows).markup)


def progress_bar(progress: Progress) -> str:
    """`▰▰▰▱▱ 3/5 · 60 %`: a cell per step up to ten steps, readable without colour and read aloud as numbers."""
    total = max(progress.total, 1)
    done = min(max(progress.done, 0), total)
    cells = min(total, _CELLS)
    full = done * cells // total or (1 if done else 0)
    return f"{'▰' * full}{'▱' * (cells - full)} {done}/{total} · {done * 100 // total} %"


def _is_file(media: Media) -> bool:
    """Whether the address is a file Telegram fetches and attaches; a page (a video site's) is linked instead."""
    return is_web_address(media.source) and urlsplit(media.source).path.lower().endswith(_FILES[media.kind])


def _compose(runs: list[Run], card: Card) -> None:
    if card.title:
        _paragraph(runs, Run(cleaned(card.title), BOLD))
    _paragraph(runs, *markdown(card.text))
    if card.facts:
        _paragraph(runs)
    for label, value in card.facts:
        if runs and not runs[-1].text.endswith("\n"):
            runs.append(Run("\n"))
        runs += (Run(f"{cleaned(label)}:", BOLD), Run(f" {cleaned(value)}"))
    if card.progress:
        _paragraph(runs, Run(progress_bar(card.progress)))
    _paragraph(runs, *markdown(card.note, ("i",)))


def _paragraph(runs: list[Run], *added: Run) -> None:
    if runs and runs[-1].text != "\n\n":
        runs.append(Run("\n\n"))
    runs += added


def _link(runs: list[Run], media: Media) -> None:
    tag = link_tag(media.source)
    shown = cleaned(media.name or media.source)
    sign = "▶" if media.kind in ("video", "voice") else "📎"
    runs += (Run(f"{sign} "), Run(shown, (tag,) if tag else ()))
    if not tag and media.name:
        runs.append(Run(f" ({cleaned(media.source)})"))
