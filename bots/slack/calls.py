"""Calls of Slack's Web API over one shared session, with what goes wrong told in the outbox's own words."""

import json
import logging
import time
from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

import aiohttp
from yarl import URL

from bots.slack.problems import SHORT_WHILE, Reply, broken_line, object_in, refusal
from core.outbox import Refused, TryLater

SLACK = "https://slack.com/api/"

log = logging.getLogger(__name__)

_PER_CHANNEL = frozenset({"chat.postMessage"})
"""Methods whose 429 may concern one channel alone; that of any other stalls the method for the whole workspace
(docs.slack.dev: rate limits)."""


_LOST_LINE = (aiohttp.ClientError, TimeoutError, ConnectionError)

_write = json.JSONEncoder(separators=(",", ":")).encode


class Objection(Exception):
    """Slack does not take the call, for one of the reasons its caller knows what to do about."""

    def __init__(self, error: str, remarks: tuple[str, ...]) -> None:
        super().__init__(error)
        self.error = error
        self.remarks = remarks


class Calls:
    """One bot token's calls, over one aiohttp session.

    Slack's own AsyncWebClient opens a session for each call, and given one it still spends more on a call than aiohttp
    does (docs/adr/0015); what a call means and how it fails is told by Slack's reference, not by the client.
    """

    def __init__(
        self,
        token: str,
        base_url: str = SLACK,
        *,
        proxy: str | None = None,
        patience: timedelta = timedelta(seconds=15),
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        """`base_url` ends in `/api/`. `proxy`: an HTTP proxy's address; None: straight.

        `patience`: how long one call may take before its answer counts as lost.
        """
        self.token, self.base_url, self.proxy = token, base_url, proxy
        self._patience = aiohttp.ClientTimeout(total=patience.total_seconds(), sock_connect=5)
        self._monotonic = monotonic
        self._session: aiohttp.ClientSession | None = None
        self._urls: dict[str, URL] = {}
        self._headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json; charset=utf-8"}
        self._stalled: dict[str, float] = {}
        self._closed = False

    @property
    def session(self) -> aiohttp.ClientSession:
        """Made at the first use, for it belongs to the running event loop. Raises TryLater after `close`."""
        if self._closed:
            raise TryLater(SHORT_WHILE)
        if self._session is None:
            # Slack's front closes idle connections; a request written into a closing one has an unknown end.
            connector = aiohttp.TCPConnector(limit=100, keepalive_timeout=20)
            self._session = aiohttp.ClientSession(
                connector=connector,
                timeout=self._patience,
                cookie_jar=aiohttp.DummyCookieJar(),
                headers={"User-Agent": "client-hub"},
                proxy=self.proxy,
            )
        return self._session

    async def close(self) -> None:
        self._closed = True
        if self._session is not None:
            await self._session.close()

    async def write(
        self,
        method: str,
        body: Mapping[str, Any],
        *,
        repeatable: bool = True,
        known: frozenset[str] = frozenset(),
        token: str = "",
    ) -> Mapping[str, Any]:
        """POST as JSON. Raises the outbox's errors, and Objection for the errors in `known`.

        `repeatable` False: the call shows something each time it is made, so a lost answer is Uncertain.
        `token`: another one than the bot's.
        """
        headers = self._headers | {"Authorization": f"Bearer {token}"} if token else self._headers
        asked = {"data": _write(body).encode(), "headers": headers}
        return await self._call(method, "POST", asked, repeatable, known)

    async def read(self, method: str, **arguments: str) -> Mapping[str, Any]:
        """GET with a query, which the methods that take no JSON need too. Raises the outbox's errors."""
        asked = {"params": arguments, "headers": {"Authorization": f"Bearer {self.token}"}}
        return await self._call(method, "GET", asked, True, frozenset())

    async def _call(
        self, method: str, verb: str, asked: Mapping[str, Any], repeatable: bool, known: frozenset[str]
    ) -> Mapping[str, Any]:
        if method in self._stalled and (stalled := self._stalled[method] - self._monotonic()) > 0:
            raise TryLater(timedelta(seconds=stalled))
        url = self._urls.get(method) or self._urls.setdefault(method, URL(self.base_url + method))
        try:
            async with self.session.request(verb, url, **asked) as response:
                content = await response.read()
        except _LOST_LINE as problem:
            raise self._told(method, broken_line(problem, repeatable=repeatable)) from None
        reply = Reply(response.status, object_in(content), response.headers.get("Retry-After", ""))
        if reply.ok:
            return reply.body
        if reply.error in known:
            raise Objection(reply.error, reply.remarks)
        told = refusal(reply, repeatable=repeatable)
        if isinstance(told, TryLater) and method not in _PER_CHANNEL:
            self._stalled[method] = self._monotonic() + told.after.total_seconds()
        raise self._told(method, told)

    def _told(self, method: str, error: Exception) -> Exception:
        log.info("slack call failed", extra={"method": method, "error": type(error).__name__, "why": str(error)})
        return error

    async def upload(self, url: str, content: bytes) -> None:
        """Send a file's bytes to the address Slack gave for them. Raises the outbox's errors."""
        try:
            async with self.session.post(url, data=content) as response:
                if response.status == 200:
                    return
                status = response.status
        except _LOST_LINE as problem:
            raise broken_line(problem, repeatable=True) from None
        if status == 429 or status >= 500:
            raise TryLater(SHORT_WHILE)
        raise Refused(f"Slack did not take the file: HTTP status {status}")

    async def download(self, url: str, most: int) -> bytes:
        """A private file's bytes. Raises Refused when it is gone, not kept by Slack, or larger than `most`."""
        if not self._is_slack(url):
            raise Refused("the file is not kept by Slack")
        headers = {"Authorization": f"Bearer {self.token}"}
        try:
            async with self.session.get(url, headers=headers, allow_redirects=False) as response:
                if response.status == 429 or response.status >= 500:
                    raise TryLater(SHORT_WHILE)
                if response.status != 200:
                    raise Refused(f"Slack does not hand the file out: HTTP status {response.status}")
                content = await response.content.read(most + 1)
                while len(content) <= most and (more := await response.content.read(most + 1 - len(content))):
                    content += more
        except _LOST_LINE as problem:
            raise broken_line(problem, repeatable=True) from None
        if len(content) > most:
            raise Refused(f"the file is larger than {most} bytes")
        return content

    def _is_slack(self, url: str) -> bool:
        """Files can live elsewhere (Google Drive, Dropbox): the token goes to Slack's own hosts only."""
        to, base = urlsplit(url), urlsplit(self.base_url)
        if (to.scheme, to.netloc) == (base.scheme, base.netloc):
            return True
        return to.scheme == "https" and (to.hostname == "slack.com" or (to.hostname or "").endswith(".slack.com"))
