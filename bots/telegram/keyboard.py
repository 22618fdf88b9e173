"""Lays out a card's buttons as Telegram allows them; what cannot be a button is handed back to become words."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from bots.telegram.fields import Json
from bots.telegram.marks import cleaned, is_web_address, visible
from core.actions import LONGEST
from core.cards import Button

MOST_IN_ROW = 8
MOST_BUTTONS = 100
"""python-telegram-bot: InlineKeyboardMarkupLimit."""
MOST_BYTES = 10_000
"""Of the keyboard as JSON, a little under what the server takes (`reply markup is too long`)."""
_LABELS = (64, 24, 8)
"""Characters of a label, from roomy to cramped. Telegram sets no limit, its apps cut by width."""


@dataclass(frozen=True, slots=True)
class Keyboard:
    markup: Json | None
    """InlineKeyboardMarkup; None when no button is left."""
    leftover: tuple[Button, ...] = ()
    """Link buttons whose address Telegram refuses: to be written out."""


@lru_cache(maxsize=1024)
def lay_out(rows: tuple[tuple[Button, ...], ...]) -> Keyboard:
    """The rows in order, those over eight wrapped: at most a hundred buttons, none with over 64 bytes behind it."""
    leftover = tuple(button for row in rows for button in row if button.url and not _opens(button.url))
    for longest in _LABELS:
        made = [[_made(button, longest) for button in row if _possible(button)] for row in rows]
        keyboard = _limited([row[at : at + MOST_IN_ROW] for row in made for at in range(0, len(row), MOST_IN_ROW)])
        if _size(keyboard) <= MOST_BYTES:
            break
    while keyboard and _size(keyboard) > MOST_BYTES:
        keyboard.pop()
    return Keyboard({"inline_keyboard": keyboard} if keyboard else None, leftover)


def _opens(url: str) -> bool:
    return is_web_address(url) or (url.startswith("tg://") and url.isprintable() and len(url) < 2048)


def _possible(button: Button) -> bool:
    if not visible(button.label):
        return False
    if button.url:
        return _opens(button.url)
    return button.action.isprintable() and len(button.action.encode()) <= LONGEST


def _made(button: Button, longest: int) -> dict[str, str]:
    label = cleaned(button.label).replace("\n", " ").strip()
    made = {"text": label if len(label) <= longest else f"{label[: longest - 1]}…"}
    if button.url:
        made["url"] = button.url
    else:
        made["callback_data"] = button.action
    if button.tone:
        made["style"] = button.tone
    return made


def _limited(rows: Sequence[list[dict[str, str]]]) -> list[list[dict[str, str]]]:
    kept: list[list[dict[str, str]]] = []
    room = MOST_BUTTONS
    for row in rows:
        if row and room:
            kept.append(row[:room])
            room -= len(kept[-1])
    return kept


def _size(rows: list[list[dict[str, str]]]) -> int:
    most = sum(60 + 4 * len(text) for row in rows for button in row for text in button.values())
    if most < MOST_BYTES:  # nearly every keyboard; no need to write it to know
        return most
    return len(json.dumps({"inline_keyboard": rows}, ensure_ascii=False).encode(errors="replace"))
