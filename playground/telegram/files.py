"""Files a bot or a person sends: kept in memory, named by opaque ids, served again, within Telegram's sizes."""

import base64
import hashlib
import struct
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from playground.telegram.links import fault_of
from playground.telegram.wire import Json, JsonValue, Params, Refusal, Upload

Kind = Literal["photo", "video", "voice", "document", "animation", "audio"]

MOST_UPLOAD = 50 * 2**20
MOST_PHOTO = 10 * 2**20
MOST_DOWNLOAD = 20 * 2**20
"""Bytes. Bot API: sendDocument, sendPhoto, getFile."""
LINK_LASTS = timedelta(hours=1)
"""How long a path given by getFile answers. Bot API: getFile, "at least 1 hour"."""

_TITLES = {
    "photo": "Photo",
    "video": "Video",
    "voice": "VoiceNote",
    "document": "Document",
    "animation": "Animation",
    "audio": "Audio",
}
_SUFFIX = {"photo": ".jpg", "video": ".mp4", "voice": ".oga", "audio": ".mp3", "animation": ".mp4"}


@dataclass(frozen=True, slots=True)
class Stored:
    file_id: str
    unique_id: str
    kind: Kind
    name: str
    mime: str
    content: bytes
    url: str = ""
    """The outside address it was given by; its content then stays there."""
    width: int = 0
    height: int = 0
    path: str = ""
    """Where the server offers it, as File.file_path."""

    def json(self) -> JsonValue:
        """As the message's field of this kind carries it."""
        common: dict[str, JsonValue] = {"file_id": self.file_id, "file_unique_id": self.unique_id}
        if self.content:
            common["file_size"] = len(self.content)
        size: Json = {"width": self.width or 800, "height": self.height or 600}
        match self.kind:
            case "photo":
                return [{**common, **size}]
            case "voice":
                return {**common, "duration": 1, "mime_type": self.mime}
            case "audio":
                return {**common, "duration": 1, "mime_type": self.mime, "file_name": self.name}
            case "video" | "animation":
                return {**common, **size, "duration": 1, "mime_type": self.mime, "file_name": self.name}
            case _:
                return {**common, "file_name": self.name, "mime_type": self.mime}


def picture_size(content: bytes) -> tuple[int, int] | None:
    """Width and height of a picture in pixels; (0, 0) when its kind does not tell; None when it is no picture."""
    if content.startswith(b"\x89PNG\r\n\x1a\n") and len(content) >= 24:
        width, height = struct.unpack(">II", content[16:24])
        return width, height
    if content[:6] in (b"GIF87a", b"GIF89a") and len(content) >= 10:
        width, height = struct.unpack("<HH", content[6:10])
        return width, height
    if content.startswith(b"\xff\xd8\xff"):
        return _jpeg_size(content)
    if content.startswith(b"BM") or (content.startswith(b"RIFF") and content[8:12] == b"WEBP"):
        return 0, 0
    return None


def _jpeg_size(content: bytes) -> tuple[int, int]:
    at = 2
    while at + 9 < len(content) and content[at] == 0xFF:
        marker = content[at + 1]
        if 0xC0 <= marker <= 0xCF and marker not in (0xC4, 0xC8, 0xCC):
            height, width = struct.unpack(">HH", content[at + 5 : at + 9])
            return width, height
        at += 2 + int(struct.unpack(">H", content[at + 2 : at + 4])[0])
    return 0, 0


class Shelf:
    """Every file the playground's Telegram holds."""

    def __init__(self) -> None:
        self._by_id: dict[str, Stored] = {}
        self._by_unique: dict[str, Stored] = {}
        self._links: dict[str, datetime] = {}

    def put(self, kind: Kind, name: str, mime: str, content: bytes, url: str = "") -> Stored:
        number = len(self._by_id) + 1
        digest = hashlib.sha256(b"%d" % number + (content or url.encode())).digest()
        unique = base64.urlsafe_b64encode(digest[:9]).decode()
        file_id = "AgAC" + base64.urlsafe_b64encode(_TITLES[kind][:3].encode() + digest[:30]).decode().rstrip("=")
        size = (picture_size(content) or (0, 0)) if kind == "photo" else (0, 0)
        suffix = _SUFFIX.get(kind, "." + name.rpartition(".")[2] if "." in name else "")
        folder = {"voice": "voice", "photo": "photos", "audio": "music"}.get(kind, f"{kind}s")
        path = f"{folder}/file_{number}{suffix}"
        stored = Stored(file_id, unique, kind, name, mime, content, url, size[0], size[1], path)
        self._by_id[file_id] = self._by_unique[unique] = stored
        return stored

    def given(self, params: Params, field: str, kind: Kind, value: str | None = None) -> Stored:
        """The file a request brings in `field`: an upload, attach://name, an address, or the id of a known file."""
        words = params.text(field) if value is None else value
        upload = params.uploads.get(field) if value is None else None
        if words.startswith("attach://"):
            upload = params.uploads.get(words.removeprefix("attach://"))
            if upload is None:
                raise Refusal("wrong file identifier/HTTP URL specified")
        if upload is not None:
            return self._uploaded(upload, kind)
        if not words:
            raise Refusal(f"there is no {kind} in the request")
        if words.lower().startswith(("http://", "https://")):
            if fault_of(words):
                raise Refusal("Wrong HTTP URL specified")
            return self.put(kind, words.rpartition("/")[2] or kind, _mime(kind), b"", words)
        known = self._by_id.get(words)
        if known is None:
            raise Refusal("wrong remote file identifier specified: Wrong string length")
        if known.kind != kind:
            raise Refusal(f"can't use file of type {_TITLES[known.kind]} as {_TITLES[kind]}")
        return known

    def _uploaded(self, upload: Upload, kind: Kind) -> Stored:
        if not upload.content:
            raise Refusal("file must be non-empty")
        if len(upload.content) > (MOST_PHOTO if kind == "photo" else MOST_UPLOAD):
            raise Refusal("Request Entity Too Large", 413)
        if kind == "photo":
            size = picture_size(upload.content)
            if size is None:
                raise Refusal("IMAGE_PROCESS_FAILED")
            width, height = size
            if width + height > 10000 or (width and height and max(width, height) > 20 * min(width, height)):
                raise Refusal("PHOTO_INVALID_DIMENSIONS")
        return self.put(kind, upload.name, upload.mime or _mime(kind), upload.content)

    def open_link(self, file_id: str, now: datetime) -> Json:
        """Answer getFile: the file's path, readable until an hour after `now`."""
        if not file_id:
            raise Refusal("file_id not specified")
        stored = self._by_id.get(file_id)
        if stored is None:
            raise Refusal("invalid file_id")
        if len(stored.content) > MOST_DOWNLOAD:
            raise Refusal("file is too big")
        self._links[stored.path] = now + LINK_LASTS
        return {
            "file_id": stored.file_id,
            "file_unique_id": stored.unique_id,
            "file_size": len(stored.content),
            "file_path": stored.path,
        }

    def linked(self, path: str, now: datetime) -> Stored | None:
        """The file a path leads to; None when getFile never gave it, or too long ago."""
        if now > self._links.get(path, datetime.min.replace(tzinfo=now.tzinfo)):
            return None
        return next((stored for stored in self._by_id.values() if stored.path == path), None)

    def by_unique_id(self, unique_id: str) -> Stored | None:
        return self._by_unique.get(unique_id)


def _mime(kind: Kind) -> str:
    known = {"photo": "image/jpeg", "video": "video/mp4", "voice": "audio/ogg", "audio": "audio/mpeg"}
    return known.get(kind, "video/mp4" if kind == "animation" else "application/octet-stream")
