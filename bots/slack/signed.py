"""Slack over HTTP: bolt checks the signature and reads the body, one middleware behind that check does the rest."""

import logging
from collections.abc import Awaitable, Callable, Mapping
from urllib.parse import parse_qsl

from slack_bolt.app.async_app import AsyncApp
from slack_bolt.middleware.async_middleware import AsyncMiddleware
from slack_bolt.request.async_request import AsyncBoltRequest
from slack_bolt.response import BoltResponse
from slack_sdk.web.async_client import AsyncWebClient

from bots.slack.fields import Json

Take = Callable[[Json], Awaitable[Json | None]]
"""Takes a payload and says what to answer; None: it is not committed."""
Answer = tuple[int, dict[str, str], bytes]

log = logging.getLogger(__name__)

quiet = logging.getLogger("bots.slack.sdk")
"""For Slack's libraries: below WARNING they write whole requests, with clients' words, into the log."""
quiet.setLevel(logging.ERROR)

_ODD = (ValueError, TypeError, AttributeError, LookupError)
"""What bolt raises when a payload is of another shape than it looks for: before the signature is checked."""


class _Door(AsyncMiddleware):
    def __init__(self, take: Take) -> None:
        self._take = take

    async def async_process(
        self,
        *,
        req: AsyncBoltRequest,
        resp: BoltResponse,
        next: Callable[[], Awaitable[BoltResponse]],  # noqa: A002 - bolt's name
    ) -> BoltResponse:
        del resp, next  # returning without next() is bolt's way to end a request with this response
        payload: Json = req.body
        if not payload and req.raw_body:
            # bolt takes a command whose words contain "payload" for an interaction and finds nothing in it
            payload = dict(parse_qsl(req.raw_body, keep_blank_values=True))
        if payload.get("type") == "url_verification":
            return BoltResponse(status=200, body={"challenge": str(payload.get("challenge", ""))})
        said = await self._take(payload)
        return BoltResponse(status=500) if said is None else BoltResponse(status=200, body=dict(said) if said else "")


class SignedRequests:
    """Requests that Slack has signed; any other is refused."""

    def __init__(self, token: str, signing_secret: str, take: Take) -> None:
        """`signing_secret` is not empty: an empty one would accept whoever signs with an empty secret."""
        # before_authorize stands after the signature check and before everything else; nothing behind it is needed, so
        # the client, which bolt does not start without, never calls anybody.
        self._app = AsyncApp(
            name="bots.slack.bolt",  # bolt makes the logger of this name as quiet as the one below
            logger=quiet,
            client=AsyncWebClient(token=token, logger=quiet),
            signing_secret=signing_secret,
            before_authorize=_Door(take),
        )

    async def answer(self, body: bytes, headers: Mapping[str, str]) -> Answer:
        """(status, headers, body) for one request: 200 only when it is committed."""
        try:
            request = AsyncBoltRequest(body=body.decode(), headers=dict(headers))
        except _ODD:
            return 400, {}, b""
        response = await self._app.async_dispatch(request)
        if response.status == 401:
            log.warning("a request with a wrong signature was refused")
        return response.status, dict(response.first_headers()), response.body.encode()
