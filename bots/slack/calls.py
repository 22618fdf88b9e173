"""Calls of Slack's Web API over one shared session, with what goes wrong told in the outbox's own words."""

import logging
import time
from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

import aiohttp
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bots.slack.problems import SHORT_WHILE, error_of, in_our_words, remarks_of
from core.outbox import Refused, TryLater

SLACK = "https://slack.com/api/"

log = logging.getLogger(__name__)

quiet = logging.getLogger("bots.slack.sdk")
"""For Slack's libraries: below WARNING they write whole requests, with clients' words, into the log."""
quiet.setLevel(logging.ERROR)

_PER_CHANNEL = frozenset({"chat.postMessage"})
"""Methods whose 429 may concern one channel alone; that of any other stalls the method for the whole workspace
(docs.slack.dev: rate limits)."""


class Objection(Exception):
    """Slack does not take the call, for one of the reasons its caller knows what to do about."""

    def __init__(self, error: str, remarks: tuple[str, ...]) -> None:
        super().__init__(error)
        self.error = error
        self.remarks = remarks


class Calls:
    """One bot token's calls. One aiohttp session for all: opening one per call, as the SDK does, halves the speed."""

    def __init__(
        self,
        token: str,
        base_url: str = SLACK,
        *,
        patience: timedelta = timedelta(seconds=15),
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        """`base_url` ends in `/api/`. `patience`: how long one call may take before its answer counts as lost."""
        # Repeating a chat.postMessage whose answer was lost, as the SDK's default handler does, writes it twice.
        self.client = AsyncWebClient(token=token, base_url=base_url, retry_handlers=[], logger=quiet)
        self._patience = aiohttp.ClientTimeout(total=patience.total_seconds(), sock_connect=5)
        self._monotonic = monotonic
        self._stalled: dict[str, float] = {}
        self._closed = False

    @property
    def session(self) -> aiohttp.ClientSession:
        """Made at the first use, for it belongs to the running event loop. Raises TryLater after `close`."""
        if self._closed:
            raise TryLater(SHORT_WHILE)
        if self.client.session is None:
            # Slack's front closes idle connections; a request written into a closing one has an unknown end.
            connector = aiohttp.TCPConnector(limit=100, keepalive_timeout=20)
            self.client.session = aiohttp.ClientSession(connector=connector, timeout=self._patience)
        return self.client.session

    async def close(self) -> None:
        self._closed = True
        if self.client.session is not None:
            await self.client.session.close()

    async def write(
        self,
        method: str,
        body: Mapping[str, Any],
        *,
        repeatable: bool = True,
        known: frozenset[str] = frozenset(),
    ) -> Mapping[str, Any]:
        """POST as JSON. Raises the outbox's errors, and Objection for the errors in `known`.

        `repeatable` False: the call shows something each time it is made, so a lost answer is Uncertain.
        """
        return await self._call(method, "POST", {"json": dict(body)}, repeatable, known)

    async def read(self, method: str, **arguments: str) -> Mapping[str, Any]:
        """GET with a query, which the methods that take no JSON need too. Raises the outbox's errors."""
        return await self._call(method, "GET", {"params": arguments}, True, frozenset())

    async def _call(
        self, method: str, verb: str, arguments: Mapping[str, Any], repeatable: bool, known: frozenset[str]
    ) -> Mapping[str, Any]:
        stalled = self._stalled.get(method, 0.0) - self._monotonic()
        if stalled > 0:
            raise TryLater(timedelta(seconds=stalled))
        _ = self.session
        try:
            answer = await self.client.api_call(method, http_verb=verb, **arguments)
        except (SlackApiError, aiohttp.ClientError, TimeoutError, ConnectionError) as problem:
            if isinstance(problem, SlackApiError) and error_of(problem) in known:
                raise Objection(error_of(problem), remarks_of(problem)) from None
            told = in_our_words(problem, repeatable=repeatable)
            if isinstance(told, TryLater) and isinstance(problem, SlackApiError) and method not in _PER_CHANNEL:
                self._stalled[method] = self._monotonic() + told.after.total_seconds()
            log.info("slack call failed", extra={"method": method, "error": type(told).__name__, "why": str(told)})
            raise told from None  # the SDK's own message quotes whole answers
        data = answer.data
        return data if isinstance(data, Mapping) else {}

    async def upload(self, url: str, content: bytes) -> None:
        """Send a file's bytes to the address Slack gave for them. Raises the outbox's errors."""
        try:
            async with self.session.post(url, data=content, proxy=self.client.proxy) as response:
                if response.status == 200:
                    return
                status = response.status
        except (aiohttp.ClientError, TimeoutError, ConnectionError) as problem:
            raise in_our_words(problem, repeatable=True) from None
        if status == 429 or status >= 500:
            raise TryLater(SHORT_WHILE)
        raise Refused(f"Slack did not take the file: HTTP status {status}")

    async def download(self, url: str, most: int) -> bytes:
        """A private file's bytes. Raises Refused when it is gone, not kept by Slack, or larger than `most`."""
        if not self._is_slack(url):
            raise Refused("the file is not kept by Slack")
        headers = {"Authorization": f"Bearer {self.client.token}"}
        try:
            async with self.session.get(
                url, headers=headers, allow_redirects=False, proxy=self.client.proxy
            ) as response:
                if response.status == 429 or response.status >= 500:
                    raise TryLater(SHORT_WHILE)
                if response.status != 200:
                    raise Refused(f"Slack does not hand the file out: HTTP status {response.status}")
                content = await response.content.read(most + 1)
                while len(content) <= most and (more := await response.content.read(most + 1 - len(content))):
                    content += more
        except (aiohttp.ClientError, TimeoutError, ConnectionError) as problem:
            raise in_our_words(problem, repeatable=True) from None
        if len(content) > most:
            raise Refused(f"the file is larger than {most} bytes")
        return content

    def _is_slack(self, url: str) -> bool:
        """Files can live elsewhere (Google Drive, Dropbox): the token goes to Slack's own hosts only."""
        to, base = urlsplit(url), urlsplit(self.client.base_url)
        if (to.scheme, to.netloc) == (base.scheme, base.netloc):
            return True
        return to.scheme == "https" and (to.hostname == "slack.com" or (to.hostname or "").endswith(".slack.com"))
