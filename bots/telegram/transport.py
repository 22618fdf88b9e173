"""An aiohttp wire for python-telegram-bot: half the work of its own one, and it tells what was certainly never sent."""

import json
from contextlib import suppress
from typing import Any

import aiohttp
from telegram import Bot, InputFile
from telegram.error import NetworkError, TelegramError, TimedOut
from telegram.request import BaseRequest, RequestData
from telegram.request._requestparameter import RequestParameter
from yarl import URL

from bots.telegram.fields import Json

_ANSWER = 5.0
"""Seconds to wait for an answer. python-telegram-bot: HTTPXRequest.read_timeout."""
_CONNECT = 5.0
_UPLOAD = 60.0
"""Seconds to write a request with files."""
_LONGEST_PATIENCE = 14 * 86400
"""Seconds; the server itself asks for no more. tdlib/td: NetQueryDelayer.cpp."""
_AFTER_SILENT_429 = 30
"""Seconds to wait when a 429 does not say how long."""
_CONNECTIONS = 256


class NotSent(NetworkError):
    """Nobody answered the door: the request was certainly never sent."""


class Lost(NetworkError):
    """The request was written, but no usable answer came: it may or may not have been obeyed."""


class TooMany(TelegramError):
    """429: wait so many `seconds`. In place of the library's RetryAfter, which warns whenever it is made."""

    def __init__(self, seconds: int) -> None:
        super().__init__(f"retry after {seconds}")
        self.seconds = seconds


class TooLarge(TelegramError):
    """413: the body is larger than the server takes, however often it is tried."""


class AiohttpRequest(BaseRequest):
    """One aiohttp session for everything the bot asks. Bodies go as JSON, or multipart when there are files.

    `answer`: seconds to wait for an answer where a call does not say; `connect`: seconds to get a connection;
    `proxy`: address of an HTTP proxy, None: straight. The environment is not looked at.
    Opens its session on first use, within the running loop.
    """

    __slots__ = ("_answer", "_connect", "_proxy", "_session", "_timeout", "_urls")

    def __init__(self, *, answer: float = _ANSWER, connect: float = _CONNECT, proxy: str | None = None) -> None:
        self._answer = answer
        self._connect = connect
        self._proxy = proxy
        self._timeout = self._timeouts(answer, _CONNECT)
        self._session: aiohttp.ClientSession | None = None
        self._urls: dict[str, URL] = {}

    @property
    def read_timeout(self) -> float:
        return self._answer

    async def initialize(self) -> None:
        """Open the session. Repeating it changes nothing."""
        self._open()

    async def shutdown(self) -> None:
        """Close the session. Repeating it changes nothing."""
        if self._session is not None:
            await self._session.close()
            self._session = None

    def _open(self) -> aiohttp.ClientSession:
        if self._session is None:
            self._session = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(limit=_CONNECTIONS, ttl_dns_cache=300),
                cookie_jar=aiohttp.DummyCookieJar(),
                headers={"User-Agent": self.USER_AGENT},
                skip_auto_headers=("Accept", "Accept-Encoding"),
                trust_env=False,  # would look the proxy up in a thread, at every request
                proxy=self._proxy,
            )
        return self._session

    def _timeouts(self, answer: float | None, write: float) -> aiohttp.ClientTimeout:
        total = None if answer is None else self._connect + write + answer
        return aiohttp.ClientTimeout(total=total, connect=self._connect, sock_connect=self._connect, sock_read=answer)

    async def do_request(
        self,
        url: str,
        method: str,
        request_data: RequestData | None = None,
        read_timeout: Any = BaseRequest.DEFAULT_NONE,  # the five are python-telegram-bot's private ODVInput
        write_timeout: Any = BaseRequest.DEFAULT_NONE,
        connect_timeout: Any = BaseRequest.DEFAULT_NONE,  # noqa: ARG002 - one session, one patience for connecting
        pool_timeout: Any = BaseRequest.DEFAULT_NONE,  # noqa: ARG002 - waiting for a connection counts as connecting
    ) -> tuple[int, bytes]:
        """See `telegram.request.BaseRequest.do_request`.

        Raises NotSent when no connection was made, TimedOut or Lost when the answer was lost after sending or the
        server failed (5xx), TooMany for 429, TooLarge for 413.
        """
        body, headers, upload = _body(request_data)
        timeout = self._timeout
        if upload or read_timeout is not BaseRequest.DEFAULT_NONE or write_timeout is not BaseRequest.DEFAULT_NONE:
            answer = _or(read_timeout, self._answer)
            timeout = self._timeouts(answer, _or(write_timeout, _UPLOAD if upload else _CONNECT))
        try:
            async with self._open().request(
                method, self._url(url), data=body, headers=headers, timeout=timeout, allow_redirects=False
            ) as response:
                status, answered = response.status, await response.read()
        # The library's own words hold the address, and with it the token: they go no further.
        except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError, aiohttp.InvalidURL) as trouble:
            raise NotSent(f"no connection: {type(trouble).__name__}") from None
        except TimeoutError:
            raise TimedOut("no answer in time") from None
        except (aiohttp.ClientError, OSError) as trouble:
            raise Lost(f"the answer was lost: {type(trouble).__name__}") from None
        if status >= 500:
            raise Lost(f"the server failed with {status}")
        if status == 429:
            raise TooMany(_patience(answered, response.headers.get("Retry-After", "")))
        if status == 413:
            raise TooLarge("Request Entity Too Large")
        return status, answered

    def _url(self, url: str) -> URL:
        known = self._urls.get(url)
        if known is None:
            known = URL(url, encoded=True)
            if len(self._urls) < 200:  # methods are few; file downloads are many and not worth keeping
                self._urls[url] = known
        return known

    @staticmethod
    def parse_json_payload(payload: bytes) -> dict[str, Any]:
        """Read the answer. Raises Lost when it is no JSON object; the payload stays out of the log."""
        with suppress(ValueError):
            read = json.loads(payload)
            if isinstance(read, dict):
                return read
        raise Lost("the answer is no JSON object")


def _or(given: Any, default: float) -> Any:
    return default if given is BaseRequest.DEFAULT_NONE else given


_JSON = {"Content-Type": "application/json"}


def _body(request_data: RequestData | None) -> tuple[bytes | aiohttp.FormData | None, dict[str, str] | None, bool]:
    if request_data is None:
        return None, None, False
    if not request_data.contains_files:
        return json.dumps(request_data.parameters, ensure_ascii=False).encode(), _JSON, False
    form = aiohttp.FormData(quote_fields=False)
    for name, value in request_data.json_parameters.items():
        form.add_field(name, value)
    for name, (file_name, content, mime) in request_data.multipart_data.items():
        form.add_field(name, content, filename=file_name, content_type=mime)
    return form, None, True


def _patience(answered: bytes, header: str) -> int:
    """Seconds the server asks for, at least 1."""
    asked: object = header
    with suppress(ValueError, AttributeError):
        asked = json.loads(answered).get("parameters", {}).get("retry_after", header)
    try:
        seconds = int(str(asked))
    except ValueError:
        seconds = _AFTER_SILENT_429
    return min(max(seconds, 1), _LONGEST_PATIENCE)


class PlainBot(Bot):
    """python-telegram-bot's Bot, asked in the wire's own words.

    Building its objects costs about 300 µs for a message and 200 µs for an update, ten times what asking costs;
    the hub needs an id out of each. Everything rare goes through Bot's own methods.
    """

    __slots__ = ()

    async def ask(self, method: str, params: Json, *, patience: float | None = None) -> object:
        """Call a Bot API method. `patience`: seconds to wait for the answer; None: the wire's usual.

        Values must be as JSON wants them, or an InputFile. Raises telegram.error.TelegramError.
        """
        wait = BaseRequest.DEFAULT_NONE if patience is None else patience
        if any(isinstance(value, InputFile) for value in params.values()):
            return await self._do_post(method, dict(params), read_timeout=wait)
        # As they are: the library would look for its own objects in every value of every call.
        asked = RequestData([RequestParameter(name, value, None) for name, value in params.items()])
        return await self.request.post(f"{self.base_url}/{method}", asked, read_timeout=wait)


def make_bot(token: str, api_url: str = "https://api.telegram.org", *, proxy: str | None = None) -> PlainBot:
    """A bot on its own wire. `api_url` without a path: the real server, a local Bot API server, or the playground."""
    wire = AiohttpRequest(proxy=proxy)
    base = api_url.rstrip("/")
    return PlainBot(token, f"{base}/bot", f"{base}/file/bot", request=wire, get_updates_request=wire)
