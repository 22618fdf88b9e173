"""Stands before the feed: who knocks, whether they may, whether there is room, and no more of a body than we take."""

import asyncio
import base64
import binascii
import hmac
import logging
from collections import Counter
from collections.abc import Mapping
from hashlib import sha256
from typing import Final
from urllib.parse import parse_qs

from sqlalchemy.exc import DBAPIError
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from core.campaigns.tokens import Caller, caller
from hub.feed.mounting import PATHS, FeedParts
from hub.feed.problems import Refusal, Wrong, of_refusal

log = logging.getLogger(__name__)

LARGEST_BODY: Final = 2 * 2**20
"""Bytes: a thousand events with long reasons are half of it."""

BODY_WITHIN: Final = 30
"""Seconds that a body may take to arrive."""

MOST_IN_HAND, MOST_OF_ONE = 16, 8
"""Requests at once, of all and of one integration: more would only wait in our memory."""

SIGNED_WITHIN: Final = 300
"""Seconds by which a signature's moment may differ from ours."""

WEBHOOKS: Final = "/api/v1/webhooks/"

SIGNED_INSIDE: Final = (f"{WEBHOOKS}mailgun",)
"""Where the signature stands in the body. Providers that cannot sign at all need an integration that need not."""

_JSON_ALONE: Final = ("/api/v1/campaigns", f"{WEBHOOKS}generic")


class Guard:
    """An ASGI application around the feed; what passes has `caller` and a body that is there whole."""

    def __init__(self, app: ASGIApp, parts: FeedParts) -> None:
        self._app, self._parts = app, parts
        self._in_hand: Counter[int] = Counter()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"] in PATHS:
            await self._app(scope, receive, send)
            return
        try:
            who = await self._who(scope)
            self._make_room(who)
        except Refusal as refusal:
            await _refuse(refusal, scope, receive, send)
            return
        self._in_hand[who.id] += 1
        try:
            await self._take(who, scope, receive, send)
        finally:
            self._in_hand[who.id] -= 1
            if not self._in_hand[who.id]:
                del self._in_hand[who.id]

    async def _take(self, who: Caller, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            headers = Headers(scope=scope)
            _check_type(scope, headers)
            body = await _body(headers, receive)
            if who.signing_key is not None and scope["path"] not in SIGNED_INSIDE:
                _check_signature(who.signing_key, headers, body, self._parts.now().timestamp())
        except Refusal as refusal:
            await _refuse(refusal, scope, receive, send)
            return
        scope.setdefault("state", {})["caller"] = who
        await self._app(scope, _replay(body, receive), send)

    async def _who(self, scope: Scope) -> Caller:
        token = _token(scope)
        try:
            who = await self._parts.database.read(caller, token) if token else None
        except DBAPIError as error:
            raise busy() from error
        if who is None:
            detail = "Send the token of your integration: `Authorization: Bearer hub_…`. Ours make one by `hub token`."
            raise Refusal(401, detail, headers={"www-authenticate": 'Bearer realm="hub"'})
        if "campaigns:write" not in who.scopes:
            raise Refusal(403, "This token may not write campaigns: it needs the scope campaigns:write.")
        return who

    def _make_room(self, who: Caller) -> None:
        if self._in_hand[who.id] >= MOST_OF_ONE:
            raise Refusal(429, f"Send at most {MOST_OF_ONE} requests at once.", headers={"retry-after": "1"})
        if self._in_hand.total() >= MOST_IN_HAND:
            raise busy()


def busy() -> Refusal:
    """The database does not take it now, or too much is in hand: nothing was kept."""
    return Refusal(503, "Nothing was kept. Send it again in a moment.", headers={"retry-after": "2"})


async def _refuse(refusal: Refusal, scope: Scope, receive: Receive, send: Send) -> None:
    """Answer without the body having been read: the connection is closed, so that the rest of it is not sent."""
    answer = of_refusal(refusal)
    answer.headers["connection"] = "close"
    await answer(scope, receive, send)


def _token(scope: Scope) -> str:
    """From the header; a webhook, whose platform lets nobody set headers, may have it in its address.

    `https://hub:<token>@…` (which comes as Basic) is what Amazon SNS takes, `?token=` what the others take.
    """
    kind, _, value = Headers(scope=scope).get("authorization", "").partition(" ")
    match kind.lower():
        case "bearer":
            return value.strip()
        case "basic":
            try:
                return base64.b64decode(value, validate=True).decode().partition(":")[2]
            except (binascii.Error, UnicodeDecodeError):
                return ""
    if not scope["path"].startswith(WEBHOOKS):
        return ""
    asked = parse_qs(scope.get("query_string", b"").decode("latin-1"), max_num_fields=20)
    return str(next(iter(asked.get("token", ())), ""))


def _check_type(scope: Scope, headers: Headers) -> None:
    if scope["method"] == "POST" and scope["path"].startswith(_JSON_ALONE):
        kind = headers.get("content-type", "").partition(";")[0].strip().lower()
        if kind != "application/json":
            raise Refusal(415, "Send JSON: `Content-Type: application/json`.")


async def _body(headers: Headers, receive: Receive) -> bytes:
    told = headers.get("content-length", "")
    if told.isdigit() and int(told[:20]) > LARGEST_BODY:
        raise _too_large()
    body = bytearray()
    try:
        async with asyncio.timeout(BODY_WITHIN):
            more = True
            while more:
                message = await receive()
                if message["type"] == "http.disconnect":
                    raise Refusal(400, "The connection ended before the body did.")
                body += message.get("body", b"")
                more = message.get("more_body", False)
                if len(body) > LARGEST_BODY:
                    raise _too_large()
    except TimeoutError as error:
        raise Refusal(408, f"The body took longer than {BODY_WITHIN} seconds.") from error
    return bytes(body)


def _too_large() -> Refusal:
    return Refusal(413, f"Send at most {LARGEST_BODY // 2**20} MB at once, which is far more than 1,000 events are.")


def _check_signature(key: str, headers: Mapping[str, str], body: bytes, now: float) -> None:
    """`X-Hub-Signature-256: sha256=<hex>`, the HMAC-SHA256 of `<X-Hub-Timestamp>.<body>`; the moment in Unix time."""
    moment, given = headers.get("x-hub-timestamp", ""), headers.get("x-hub-signature-256", "")
    if not (moment.isascii() and moment.isdigit() and len(moment) <= 12):
        raise _unsigned("X-Hub-Timestamp", "the moment of the request in whole Unix seconds is missing")
    if abs(now - int(moment)) > SIGNED_WITHIN:
        raise _unsigned("X-Hub-Timestamp", f"it is more than {SIGNED_WITHIN} seconds from our clock")
    wanted = "sha256=" + hmac.new(key.encode(), moment.encode() + b"." + body, sha256).hexdigest()
    if not hmac.compare_digest(wanted.encode(), given.encode("utf-8", "surrogateescape")):
        raise _unsigned("X-Hub-Signature-256", "it is not the signature of this body at that moment")


def _unsigned(header: str, why: str) -> Refusal:
    return Refusal(401, "This integration signs its requests, and this one is not.", [Wrong(f"header {header}", why)])


def _replay(body: bytes, receive: Receive) -> Receive:
    """Give the body once more, then whatever comes."""
    given = False

    async def again() -> Message:
        nonlocal given
        if given:
            return await receive()
        given = True
        return {"type": "http.request", "body": body, "more_body": False}

    return again
