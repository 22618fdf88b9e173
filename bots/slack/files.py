"""Pictures, videos and voice messages on their way into Slack, and people's files on their way out."""

import logging
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from pathlib import PurePosixPath
from typing import TypeVar

import aiohttp

from bots.slack.calls import Calls
from bots.slack.problems import SHORT_WHILE
from bots.slack.render import Link, Picture, Shown
from core.cards import Media
from core.events import Address
from core.outbox import Refused, TryLater

LARGEST = 50 * 1024 * 1024
"""Bytes taken from a person and passed on: what a Telegram bot may upload, so that both ways hold."""
REMEMBERED = 500
"""Files known to be in Slack already, so that they are not uploaded with each card."""

Fetch = Callable[[str], Awaitable[bytes]]
"""The bytes behind `content:…` or `telegram:…`. Raises Refused or OSError when there are none."""

_ENDINGS = {"photo": ".jpg", "video": ".mp4", "voice": ".ogg", "file": ""}

_Key = TypeVar("_Key")

log = logging.getLogger(__name__)


class Files:
    """What was already uploaded is forgotten with the process; then it is uploaded once more."""

    def __init__(self, calls: Calls, fetch: Fetch) -> None:
        self._calls = calls
        self._fetch = fetch
        self._pictures: OrderedDict[str, str] = OrderedDict()
        self._shared: OrderedDict[tuple[str, str], str] = OrderedDict()
        self._rejected: dict[str, int] = {}

    async def bytes_of(self, ref: str) -> bytes:
        """The bytes behind any source. Raises Refused when there are none to be had, and the outbox's other errors."""
        if ref.startswith("slack:"):
            about = (await self._calls.read("files.info", file=ref.removeprefix("slack:"))).get("file") or {}
            url = about.get("url_private_download") or about.get("url_private")
            if not isinstance(url, str):
                raise Refused(f"{ref} has no address")
            return await self._calls.download(url, LARGEST)
        return await self._fetch(ref)

    async def shown(self, media: Media, to: Address, channel: Callable[[], Awaitable[str]]) -> Shown | None:
        """How this card shows its media in this chat; the bytes are brought to Slack where they must be.

        A picture is uploaded once and then part of any card. Anything else is shared in the chat once, as a message
        of its own above the card, which links to it. What cannot be had is left out, but for its name. `channel`
        finds the chat's channel id. Raises the outbox's errors.
        """
        if media.source.startswith(("https://", "http://")):
            return (
                Picture(url=media.source, alt=media.name) if media.kind == "photo" else Link(media.source, media.name)
            )
        name = _name(media)
        try:
            if media.kind == "photo":
                return await self._picture(media.source, name)
            return await self._in_chat(media.source, name, to, channel)
        except (TimeoutError, aiohttp.ClientError):
            raise TryLater(SHORT_WHILE) from None
        except (LookupError, OSError, Refused) as problem:
            log.warning("media left out", extra={"source": media.source, "why": type(problem).__name__})
            return Link("", name)

    def reject(self, file_id: str) -> bool:
        """Slack did not take this picture in a card; True while that may be because it is still being processed."""
        self._rejected[file_id] = self._rejected.get(file_id, 0) + 1
        if len(self._rejected) > REMEMBERED:
            self._rejected.pop(next(iter(self._rejected)))
        return self._rejected.get(file_id, 0) <= 3

    async def _picture(self, source: str, name: str) -> Picture:
        file_id = self._pictures.get(source)
        if file_id is None:
            file_id, _ = await self._upload(name, await self.bytes_of(source), "")
            _remember(self._pictures, source, file_id)
        return Picture(file=file_id, alt=name)

    async def _in_chat(self, source: str, name: str, to: Address, channel: Callable[[], Awaitable[str]]) -> Link:
        """An App Home takes no files: it links to the one in the chat, if there is one."""
        key = (to.chat.removesuffix("/home"), source)
        permalink = self._shared.get(key, "")
        if not permalink and not to.is_home:
            content = await self.bytes_of(source)
            _, permalink = await self._upload(name, content, await channel())
            _remember(self._shared, key, permalink)
        return Link(permalink, name)

    async def _upload(self, name: str, content: bytes, channel: str) -> tuple[str, str]:
        """(file id, permalink). Without a channel nobody sees the file until a card shows it.

        A repeat after a lost answer at worst leaves an unseen file, or shows the same video twice.
        """
        if not content:
            raise Refused(f"{name} is empty")
        place = await self._calls.read("files.getUploadURLExternal", filename=name, length=str(len(content)))
        await self._calls.upload(str(place["upload_url"]), content)
        file_id = str(place["file_id"])
        body: dict[str, object] = {"files": [{"id": file_id, "title": name}]}
        if channel:
            body["channel_id"] = channel
        done = await self._calls.write("files.completeUploadExternal", body)
        files = done.get("files") or [{}]
        return file_id, str(files[0].get("permalink") or "")


def _name(media: Media) -> str:
    """With an ending, by which Slack picks the player; a person's file without a name is called by its kind."""
    path = media.source.removeprefix("content:") if media.source.startswith("content:") else ""
    name = media.name or PurePosixPath(path).name or media.kind
    return name if PurePosixPath(name).suffix else name + _ENDINGS[media.kind]


def _remember(known: OrderedDict[_Key, str], key: _Key, value: str) -> None:
    known[key] = value
    if len(known) > REMEMBERED:
        known.popitem(last=False)
