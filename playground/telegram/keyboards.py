"""Keyboards under messages and instead of the letters: read, checked as Telegram checks them, kept frozen."""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from playground.telegram.links import fault_of
from playground.telegram.wire import (
    Json,
    JsonValue,
    Params,
    Refusal,
    an_object,
    field_flag,
    field_list,
    field_text,
)

MOST_BUTTONS = 100
MOST_IN_ROW = 8
"""Telegram cuts longer rows and refuses larger keyboards; python-telegram-bot's InlineKeyboardMarkupLimit."""
MOST_DATA_BYTES = 64
"""Bot API: InlineKeyboardButton.callback_data, 1-64 bytes of UTF-8."""
MOST_MARKUP_BYTES = 10240
STYLES = ("", "primary", "danger", "success")


@dataclass(frozen=True, slots=True)
class Button:
    text: str
    kind: str
    """callback_data, url, web_app, login_url, copy_text, switch_inline_…; or for a keyboard text, request_contact …"""
    value: str = ""
    style: str = ""


@dataclass(frozen=True, slots=True)
class Keyboard:
    kind: Literal["inline", "reply", "remove", "force_reply"]
    rows: tuple[tuple[Button, ...], ...] = ()
    one_time: bool = False

    def json(self) -> Json | None:
        """As a Message carries it; only inline keyboards are shown to bots."""
        if self.kind != "inline":
            return None
        return {"inline_keyboard": [[_button_json(button) for button in row] for row in self.rows]}


def _button_json(button: Button) -> Json:
    shown: dict[str, JsonValue] = {"text": button.text}
    shown[button.kind] = json.loads(button.value) if button.kind in _OBJECTS else button.value
    if button.style:
        shown["style"] = button.style
    return shown


_OBJECTS = ("web_app", "login_url", "copy_text", "switch_inline_query_chosen_chat")
# The server takes the first of these it finds and ignores the rest.
_ACTIONS = (
    "url",
    "callback_data",
    "callback_game",
    "pay",
    "switch_inline_query",
    "switch_inline_query_current_chat",
    "switch_inline_query_chosen_chat",
    "login_url",
    "web_app",
    "copy_text",
)


def read_markup(params: Params) -> Keyboard | None:
    """The request's reply_markup; None when there is none. Raises Refusal with the server's wording."""
    markup = an_object(params.parsed("reply_markup", "reply keyboard markup"), "reply markup")
    if not markup:
        return None
    if len(json.dumps(markup, ensure_ascii=False).encode()) > MOST_MARKUP_BYTES:
        raise Refusal("reply markup is too long")
    if "inline_keyboard" in markup:
        return _inline(markup)
    if "keyboard" in markup:
        return _reply(markup)
    if field_flag(markup, "remove_keyboard"):
        return Keyboard("remove")
    if field_flag(markup, "force_reply"):
        return Keyboard("force_reply")
    return None


def _rows(markup: Json, name: str) -> list[Sequence[JsonValue]]:
    rows: list[Sequence[JsonValue]] = []
    for row in field_list(markup, name):
        if isinstance(row, str) or not isinstance(row, Sequence):
            raise Refusal(f'Field "{name}" must be an Array of Arrays')
        rows.append(row)
    return rows


def _inline(markup: Json) -> Keyboard | None:
    rows = [tuple(_inline_button(item) for item in row) for row in _rows(markup, "inline_keyboard")]
    kept = tuple(tuple(button for button in row if button.text) for row in rows)
    kept = tuple(row for row in kept if row)
    if sum(len(row) for row in kept) > MOST_BUTTONS:
        raise Refusal("reply markup is too long")
    if any(len(row) > MOST_IN_ROW for row in kept):
        raise Refusal("REPLY_MARKUP_INVALID")
    return Keyboard("inline", kept) if kept else None


def _inline_button(item: JsonValue) -> Button:
    where = "inline keyboard button"
    if not isinstance(item, Mapping):
        raise Refusal(f"Can't parse {where}: InlineKeyboardButton must be an Object")
    text = field_text(item, "text", where=where, required=True).strip()
    style = field_text(item, "style", where=where)
    if style not in STYLES:
        raise Refusal(f"Can't parse {where}: Invalid button style specified")
    kind = next((name for name in _ACTIONS if item.get(name) not in (None, "", False)), None)
    if kind is None:
        kind = next((name for name in _ACTIONS if name.startswith("switch_inline") and item.get(name) == ""), None)
    if kind is None:
        raise Refusal(f"Can't parse {where}: Text buttons are unallowed in the inline keyboard")
    if kind in ("callback_game", "pay"):
        raise Refusal("BUTTON_TYPE_INVALID")
    value = item[kind]
    if kind in _OBJECTS:
        return _object_button(text, kind, value, style)
    words = field_text(item, kind, where=where)
    if kind == "url" and (fault := fault_of(words)):
        raise Refusal(f"inline keyboard button URL '{words}' is invalid: {fault}")
    if kind == "callback_data" and len(words.encode()) > MOST_DATA_BYTES:
        raise Refusal("BUTTON_DATA_INVALID")
    return Button(text, kind, words, style)


def _object_button(text: str, kind: str, value: JsonValue, style: str) -> Button:
    if not isinstance(value, Mapping):
        raise Refusal(f'Can\'t parse inline keyboard button: Field "{kind}" must be of type Object')
    if kind == "copy_text" and not 1 <= len(field_text(value, "text")) <= 256:
        raise Refusal("BUTTON_COPY_TEXT_INVALID")
    if kind == "web_app" and not (url := field_text(value, "url")).startswith("https://"):
        raise Refusal(f"inline keyboard button Web App URL '{url}' is invalid: Only HTTPS links are allowed")
    return Button(text, kind, json.dumps(value, ensure_ascii=False), style)


def _reply(markup: Json) -> Keyboard | None:
    placeholder = field_text(markup, "input_field_placeholder")
    if len(placeholder) > 64:
        raise Refusal("reply markup input field placeholder is too long")
    for name in ("resize_keyboard", "is_persistent", "selective"):
        field_flag(markup, name)
    one_time = field_flag(markup, "one_time_keyboard")
    rows = [tuple(_reply_button(item) for item in row) for row in _rows(markup, "keyboard")]
    kept = tuple(tuple(button for button in row if button.text) for row in rows)
    kept = tuple(row for row in kept if row)
    if sum(len(row) for row in kept) > 300:
        raise Refusal("reply markup is too long")
    return Keyboard("reply", kept, one_time) if kept else None


def _reply_button(item: JsonValue) -> Button:
    where = "keyboard button"
    if isinstance(item, str):
        return Button(item.strip(), "text")
    if not isinstance(item, Mapping):
        raise Refusal(f"Can't parse {where}: KeyboardButton must be a String or an Object")
    text = field_text(item, "text", where=where, required=True).strip()
    kind = next((name for name in item if re.match(r"request_|web_app", name) and item[name]), "text")
    return Button(text, kind, "", field_text(item, "style", where=where))
