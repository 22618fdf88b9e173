"""Events, interactions and commands over HTTP: signed as Slack signs them, to the bot's own address."""

import asyncio
import hashlib
import hmac
import json
import time
from urllib.parse import urlencode

import aiohttp

from playground.slack.checks import Json
from playground.slack.delivery import Answer, Envelope
from playground.slack.events import VERIFICATION_TOKEN

MOST_REDIRECTS = 2


def signature(secret: str, timestamp: str, body: bytes) -> str:
    """`v0=` and the HMAC-SHA256 in hex (docs.slack.dev: verifying requests from Slack)."""
    return "v0=" + hmac.new(secret.encode(), b"v0:" + timestamp.encode() + b":" + body, hashlib.sha256).hexdigest()


class HttpPush:
    """Implements `Transport`. Signed with the real time: bolt compares with the real clock, not this one."""

    def __init__(self, url: str, secret: str, ack_seconds: float) -> None:
        self._url = url
        self._secret = secret
        self._ack_seconds = ack_seconds
        self._session = aiohttp.ClientSession()

    async def verify(self) -> None:
        """The url_verification handshake. Raises ValueError when the challenge does not come back."""
        payload = {
            "token": VERIFICATION_TOKEN,
            "challenge": hashlib.sha256(self._url.encode()).hexdigest(),
            "type": "url_verification",
        }
        answer = await self.deliver(Envelope("events_api", "url_verification", "", payload))
        echoed = answer.body.get("challenge") if isinstance(answer.body, dict) else answer.body
        if not answer.acknowledged or echoed != payload["challenge"]:
            raise ValueError(f"{self._url} did not answer url_verification with the challenge: {answer}")

    async def deliver(self, envelope: Envelope) -> Answer:
        body, content_type = _body(envelope)
        stamp = str(int(time.time()))
        headers = {
            "Content-Type": content_type,
            "User-Agent": "Slackbot 1.0 (+https://api.slack.com/robots)",
            "X-Slack-Request-Timestamp": stamp,
            "X-Slack-Signature": signature(self._secret, stamp, body),
        }
        if envelope.attempt:
            headers |= {"X-Slack-Retry-Num": str(envelope.attempt), "X-Slack-Retry-Reason": envelope.reason}
        try:
            async with asyncio.timeout(self._ack_seconds):
                return await self._post(body, headers)
        except TimeoutError:
            return Answer(False, reason="http_timeout")
        except aiohttp.ClientConnectionError:
            return Answer(False, reason="connection_failed")
        except aiohttp.ClientError:
            return Answer(False, reason="unknown_error")

    async def _post(self, body: bytes, headers: dict[str, str]) -> Answer:
        url = self._url
        for _ in range(MOST_REDIRECTS + 1):
            async with self._session.post(url, data=body, headers=headers, allow_redirects=False) as response:
                if response.status in {301, 302, 307, 308}:
                    url = response.headers.get("Location", url)
                    continue
                raw = await response.text()
                may_retry = response.headers.get("X-Slack-No-Retry") != "1"
                if not 200 <= response.status < 300:
                    return Answer(False, reason="http_error", may_retry=may_retry)
                return Answer(True, _read(raw))
        return Answer(False, reason="too_many_redirects")

    async def cut(self) -> None:
        """Nothing stays connected between two requests."""

    async def stop(self) -> None:
        await self._session.close()


def _body(envelope: Envelope) -> tuple[bytes, str]:
    form = "application/x-www-form-urlencoded"
    match envelope.kind:
        case "events_api":
            return json.dumps(envelope.payload).encode(), "application/json"
        case "interactive":
            return urlencode({"payload": json.dumps(envelope.payload)}).encode(), form
        case "slash_commands":
            return urlencode(envelope.payload).encode(), form


def _read(raw: str) -> Json | str | None:
    try:
        read = json.loads(raw)
    except ValueError:
        return raw or None
    return read if isinstance(read, dict) else raw
