"""Finds the way a card's picture, video or file goes to Telegram: by its id there, by address, or uploaded once."""

import hashlib
import mimetypes
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TypeAlias

from telegram import InputFile

from bots.telegram.fields import Json, part, parts, words
from core.cards import Media
from core.outbox import Refused

Fetch: TypeAlias = Callable[[str], Awaitable[bytes]]
"""Opens `content:…` and `slack:…` sources. Raises core.outbox.Refused when there is no such file."""

FIELDS = {"photo": "photo", "video": "video", "voice": "voice", "file": "document"}
"""The Bot API's word for each kind of media."""
_MOST_REMEMBERED = 2000
_SUFFIXES = {"photo": ".jpg", "video": ".mp4", "voice": ".ogg", "file": ""}


@dataclass(frozen=True, slots=True)
class Parcel:
    """`value` for the method's parameter: an id, an address, or the file itself."""

    value: str | InputFile
    remember_as: str = ""
    """Where the id Telegram gives to an uploaded file is kept; empty: nowhere."""


class Shelf:
    """Remembers, for this process, what Telegram already has, so that a content file is uploaded once."""

    def __init__(self, fetch: Fetch | None) -> None:
        self._fetch = fetch
        self._ids: OrderedDict[str, str] = OrderedDict()

    async def parcel(self, media: Media) -> Parcel:
        """How to send it. Raises Refused when its source cannot be opened, and whatever `fetch` raises."""
        source = media.source
        if source.startswith(("http://", "https://")):
            return Parcel(source)
        if source.startswith("telegram:"):
            return Parcel(source.removeprefix("telegram:"))
        known = self._ids.get(f"{media.kind} {source}")
        if known is not None:  # a messenger's file never changes under its id
            self._ids.move_to_end(f"{media.kind} {source}")
            return Parcel(known)
        if self._fetch is None:
            raise Refused(f"nobody here can open {source}")
        return self.packed(media, await self._fetch(source))

    def packed(self, media: Media, content: bytes) -> Parcel:
        """The file itself, or its id when the very same bytes were sent before."""
        key = f"{media.kind} {media.source}"
        if media.source.startswith("content:"):  # an author may change the file at any time
            key = f"{media.kind} {hashlib.sha256(content).hexdigest()}"
            if key in self._ids:
                return Parcel(self._ids[key])
        return Parcel(InputFile(content, filename=_file_name(media)), key)

    def remember(self, parcel: Parcel, message: object) -> None:
        """Keep the id under which Telegram filed what was just uploaded."""
        if parcel.remember_as and isinstance(message, dict):
            file_id = _filed_as(message)
            if file_id:
                self._ids[parcel.remember_as] = file_id
                while len(self._ids) > _MOST_REMEMBERED:
                    self._ids.popitem(last=False)

    def forget(self, file_id: str) -> None:
        """Telegram does not know this id any more: the next time the file is uploaded again."""
        for key in [key for key, known in self._ids.items() if known == file_id]:
            del self._ids[key]


def _filed_as(message: Json) -> str:
    sizes = parts(message, "photo")
    if sizes:
        return words(sizes[-1], "file_id")
    return next((found for name in FIELDS.values() if (found := words(part(message, name), "file_id"))), "")


def _file_name(media: Media) -> str:
    name = (media.name or media.source.rpartition("/")[2]).replace("\n", " ").strip() or media.kind
    if mimetypes.guess_type(name)[0] is None and _SUFFIXES[media.kind]:
        name += _SUFFIXES[media.kind]
    return name
