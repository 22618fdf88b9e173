"""`/r/<token>`: where the button of a mailing leads, and that its reader went there."""

import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final, TypeAlias

from sqlalchemy.exc import DBAPIError
from sqlmodel import Session
from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route

from core.content.catalogue import Catalogue
from core.mailings.links import PATH, follow
from core.outbox import made_from


@dataclass(frozen=True, slots=True)
class Landing:
    """What is behind an address of ours. Neither: nothing, we never made it."""

    url: str = ""
    words: str = ""
    """Said instead: the mailing was taken back."""


Follow: TypeAlias = Callable[[str, bool], Awaitable[Landing]]
"""Token, and whether it counts as the reader's own doing."""

LONGEST_TOKEN: Final = 200

_HEADERS: Final = {"Cache-Control": "no-store", "Referrer-Policy": "no-referrer", "X-Robots-Tag": "noindex"}
"""Nobody keeps the way, no page learns the token that names a person, no search engine lists it."""

_LOOKS_AHEAD: Final = re.compile(
    # TelegramBot, Slackbot-LinkExpanding, Googlebot …; a Cubot is a telephone.
    r"(?<!cu)bot|crawl|spider|preview|externalhit|whatsapp|imgproxy|curl/|wget/|python|go-http-client|headless",
    re.IGNORECASE,
)


def is_reader(method: str, headers: Mapping[str, str]) -> bool:
    """Did a person follow it, as far as can be told? Messengers, mail filters and browsers look ahead at links.

    They ask by HEAD, name themselves, or say `prefetch`. Neither Telegram nor Slack looks ahead at buttons; they do at
    an address that a reader copies into another chat. `headers`: names in lower case.
    """
    if method != "GET" or "prefetch" in f"{headers.get('sec-purpose', '')} {headers.get('purpose', '')}".lower():
        return False
    agent = headers.get("user-agent", "")
    return bool(agent) and _LOOKS_AHEAD.search(agent) is None


def route(follow_it: Follow) -> Route:
    """It leads on to what stood frozen behind the button, with 302: elsewhere it never leads."""

    async def lead(request: Request) -> Response:
        token = request.path_params["token"]
        if len(token) > LONGEST_TOKEN:
            return Response(status_code=404, headers=_HEADERS)
        try:
            found = await follow_it(token, is_reader(request.method, request.headers))
        except DBAPIError:  # it holds the address; the reader may try again
            return Response(status_code=503, headers={**_HEADERS, "Retry-After": "5"})
        if found.url:
            return RedirectResponse(found.url, 302, headers=_HEADERS)
        return PlainTextResponse(found.words, 410 if found.words else 404, headers=_HEADERS)

    return Route(f"{PATH}{{token}}", lead, methods=["GET", "HEAD"])


def land(session: Session, catalogue: Catalogue, token: str, counts: bool, now: datetime) -> Landing:
    """One following, in its transaction."""
    made_from(session, catalogue)
    found = follow(session, catalogue, token, now, counts=counts)
    if found is None:
        return Landing()
    if found.url:
        return Landing(found.url)
    return Landing(words=catalogue.voice(found.language).plain("mailing.link_withdrawn"))
