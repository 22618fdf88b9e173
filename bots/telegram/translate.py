"""Turns Telegram's updates into events: a pure function from one update's JSON to what happened, or nothing."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypedDict

from bots.telegram.fields import Json, number, part, parts, words
from core.events import (
    Address,
    Arrived,
    Commanded,
    Event,
    File,
    FileKind,
    Grouped,
    Left,
    Moved,
    Profile,
    Said,
    Shared,
    Tapped,
)

ALLOWED_UPDATES = ("message", "callback_query", "my_chat_member")
"""Named at every poll: left out, the setting of whoever polled last would stay (Bot API: getUpdates).

`edited_message` is not among them: what was said has been acted on, and a correction is said anew.
"""

LONGEST_TEXT = 100_000
"""Bytes of UTF-8 kept of what a person wrote."""
_LONGEST_NAME = 256
_LONGEST_TOKEN = 64
"""Characters of a deep link's payload (Bot API: deep linking)."""

_COMMAND = re.compile(r"/([A-Za-z0-9_]{1,32})(?:@([A-Za-z0-9_]{1,64}))?(?:\s+(.*))?\s*", re.DOTALL)
_GROUPS = ("group", "supergroup")
_OUT = ("left", "kicked")


class Malformed(ValueError):
    """An update without the fields the Bot API promises."""


@dataclass(frozen=True, slots=True)
class Self:
    """Who we are in this conversation."""

    id: int
    username: str


class _Common(TypedDict):
    key: str
    sender: Address
    chat: Address
    profile: Profile
    title: str


def clean(text: str, longest: int = LONGEST_TEXT) -> str:
    """The text as databases take it: no NUL, no lone surrogates, at most `longest` bytes of UTF-8."""
    text = text.replace("\0", "")
    if not text.isascii():
        text = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    if len(text) * 4 > longest:
        text = text.encode()[:longest].decode(errors="ignore")
    return text


def update_id(update: Json) -> int:
    """The update's number. Raises Malformed when it has none."""
    found = number(update, "update_id")
    if found is None:
        raise Malformed("an update without update_id")
    return found


def translate(update: Json, me: Self) -> Event | None:
    """What the update means; None when it means nothing to us. Raises Malformed when a promised field is missing.

    Key: `telegram:<bot id>:<update id>`.
    """
    key = f"telegram:{me.id}:{update_id(update)}"
    if query := part(update, "callback_query"):
        return _tapped(key, query)
    if message := part(update, "message"):
        return _heard(key, message, me)
    if change := part(update, "my_chat_member"):
        return _member(key, change)
    return None


def _address(source: Json, what: str) -> Address:
    found = number(source, "id")
    if found is None:
        raise Malformed(f"{what} without id")
    return Address("telegram", str(found))


def _common(key: str, person: Json, chat: Json) -> _Common:
    name = f"{words(person, 'first_name')} {words(person, 'last_name')}".strip()
    return {
        "key": key,
        "sender": _address(person, "a sender"),
        "chat": _address(chat, "a chat"),
        "profile": Profile(name=clean(name, _LONGEST_NAME), language=words(person, "language_code")[:35] or None),
        "title": clean(words(chat, "title"), _LONGEST_NAME),
    }


def _tapped(key: str, query: Json) -> Event | None:
    data = words(query, "data")
    person, message = part(query, "from"), part(query, "message")
    if not data:  # a game's button: not ours
        return None
    number_of_message = number(message, "message_id")
    return Tapped(
        **_common(key, person, part(message, "chat") or person),
        action=clean(data, 256),
        message=None if number_of_message is None else str(number_of_message),
    )


def _member(key: str, change: Json) -> Event | None:
    chat, person = part(change, "chat"), part(change, "from")
    old, new = part(change, "old_chat_member"), part(change, "new_chat_member")
    was_in, is_in = _is_in(old), _is_in(new)
    if was_in == is_in:  # promoted, restricted: we are as present as before
        return None
    common = _common(key, person, chat)
    if words(chat, "type") == "private":
        return Arrived(**common) if is_in else Left(**common, why="blocked")
    if words(chat, "type") in _GROUPS:
        return Grouped(**common) if is_in else Left(**common, why="removed")
    return None


def _is_in(member: Json) -> bool:
    status = words(member, "status")
    if status == "restricted":
        return member.get("is_member") is True
    return bool(status) and status not in _OUT


def _heard(key: str, message: Json, me: Self) -> Event | None:
    chat, person = part(message, "chat"), part(message, "from")
    private = words(chat, "type") == "private"
    if not private and words(chat, "type") not in _GROUPS:
        return None
    new_id, old_id = number(message, "migrate_to_chat_id"), number(message, "migrate_from_chat_id")
    if new_id is not None:
        return _moved(key, person or chat, chat, old=_address(chat, "a chat"), new=Address("telegram", str(new_id)))
    if old_id is not None:
        return _moved(key, person or chat, chat, old=Address("telegram", str(old_id)), new=_address(chat, "a chat"))
    if not person and not private:  # written in the group's own name: nobody we could know
        return None
    common = _common(key, person, chat)
    if person.get("is_bot") is True:
        return None
    text = clean(words(message, "text") or words(message, "caption"))
    if command := _COMMAND.fullmatch(text):
        return _commanded(common, command, private=private, me=me)
    overheard = not private and not _meant_for_us(message, text, me)
    if not private:
        text = _without_mention(text, me)
    replied = number(part(message, "reply_to_message"), "message_id")
    about = None if replied is None else str(replied)
    if file := _file(message):
        return Shared(**common, file=file, text=text, about=about, overheard=overheard)
    said = text or clean(_described(message))
    return Said(**common, text=said, about=about, overheard=overheard) if said.strip() else None


def _moved(key: str, person: Json, chat: Json, *, old: Address, new: Address) -> Moved:
    common = _common(key, person, chat)
    common["chat"] = old
    return Moved(**common, to=new)


def _commanded(common: _Common, command: re.Match[str], *, private: bool, me: Self) -> Event | None:
    name, whom, rest = command[1].lower(), command[2], (command[3] or "").strip()
    if whom and whom.lower() != me.username.lower():
        return None
    if name == "start" and private:
        return Arrived(**common, token=rest[:_LONGEST_TOKEN] or None)
    return Commanded(**common, command=name, words=rest)


def _meant_for_us(message: Json, text: str, me: Self) -> bool:
    """In a group: an answer to one of our messages, or our name in it."""
    if number(part(part(message, "reply_to_message"), "from"), "id") == me.id:
        return True
    return bool(me.username) and _mention(me).search(text) is not None


def _mention(me: Self) -> re.Pattern[str]:
    return re.compile(rf"(?<!\w)@{re.escape(me.username)}\b", re.IGNORECASE)


def _without_mention(text: str, me: Self) -> str:
    return _mention(me).sub("", text, count=1).strip(" ,:\n") if me.username else text


_FILES: tuple[tuple[str, FileKind], ...] = (
    ("voice", "voice"),
    ("video", "video"),
    ("video_note", "video"),
    ("audio", "file"),
    ("document", "file"),  # an animation comes with a document beside it
)


def _file(message: Json) -> File | None:
    sizes = [size for size in parts(message, "photo") if words(size, "file_id")]
    if sizes:
        largest = max(sizes, key=lambda size: (number(size, "width") or 0) * (number(size, "height") or 0))
        return File(
            "photo", f"telegram:{words(largest, 'file_id')}", mime="image/jpeg", size=number(largest, "file_size")
        )
    for name, kind in _FILES:
        found = part(message, name)
        if file_id := words(found, "file_id"):
            return File(
                kind,
                f"telegram:{file_id}",
                name=clean(words(found, "file_name"), _LONGEST_NAME),
                mime=clean(words(found, "mime_type"), _LONGEST_NAME),
                size=number(found, "file_size"),
            )
    return None


def _sticker(sticker: Json) -> str:
    return words(sticker, "emoji") or "🖼"


def _place(place: Json) -> str:
    return f"{place.get('latitude')}, {place.get('longitude')}"


def _venue(venue: Json) -> str:
    return ", ".join(filter(None, (words(venue, "title"), words(venue, "address"))))


def _contact(contact: Json) -> str:
    name = f"{words(contact, 'first_name')} {words(contact, 'last_name')}".strip()
    return ", ".join(filter(None, (name, words(contact, "phone_number"))))


def _dice(dice: Json) -> str:
    return f"{words(dice, 'emoji')} {number(dice, 'value')}"


def _poll(poll: Json) -> str:
    return words(poll, "question")


_WORDLESS: tuple[tuple[str, Callable[[Json], str]], ...] = (
    ("sticker", _sticker),
    ("venue", _venue),  # before location, which comes beside it
    ("location", _place),
    ("contact", _contact),
    ("dice", _dice),
    ("poll", _poll),
)


def _described(message: Json) -> str:
    """What has no words, as words: an emoji for a sticker, coordinates for a place; "" for service messages."""
    for name, tell in _WORDLESS:
        if found := part(message, name):
            return tell(found)
    return ""
