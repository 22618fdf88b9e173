"""Keeps the page's server for its own page, and turns what goes wrong into one sentence."""

import json
import logging
from collections.abc import Mapping
from urllib.parse import urlsplit

from aiohttp import web
from aiohttp.typedefs import Handler

log = logging.getLogger(__name__)

LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})

REFUSALS = frozenset({LookupError, ValueError, RuntimeError})
"""What a seat raises, with a sentence, when the person's app would not let them do it."""

HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
        "img-src 'self' data: http://127.0.0.1:* http://localhost:*; "
        "media-src 'self' http://127.0.0.1:* http://localhost:*; "
        "base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cache-Control": "no-store",
}


@web.middleware
async def guard(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Only this page may speak to this server; another site open in the same browser, or a name rebound to 127.0.0.1,
    may not. Whatever else goes wrong becomes one sentence the page can show."""
    try:
        _refuse_strangers(request)
        response = await handler(request)
    except web.HTTPException as problem:
        response = web.Response(status=problem.status, text=problem.text)
    except Exception as problem:  # the page must go on whatever one action meets
        if type(problem) not in REFUSALS:
            log.exception("an action on the page failed", extra={"path": request.path})
        response = _explained(problem)
    if not response.prepared:
        response.headers.update(HEADERS)
    return response


def _explained(problem: Exception) -> web.Response:
    """A seat says what its app does not let one do; a `KeyError` and its like are our mistakes, for the console."""
    if type(problem) in REFUSALS and problem.args:
        return web.Response(status=409, text=str(problem).partition("\n")[0].rstrip(":"))
    return web.Response(status=500, text="That went wrong; the console of the playground says why.")


def _refuse_strangers(request: web.Request) -> None:
    if urlsplit(f"//{request.host}").hostname not in LOOPBACK:
        raise web.HTTPForbidden(text="The playground answers on this machine's own address only.")
    speaks = request.method != "GET" or request.path == "/live"
    if speaks and urlsplit(request.headers.get("Origin", "")).netloc != request.host:
        raise web.HTTPForbidden(text="Only the playground's own page may do that.")


async def body_of(request: web.Request) -> dict[str, object]:
    if request.content_type != "application/json":
        raise web.HTTPUnsupportedMediaType(text="JSON, please.")
    try:
        body = await request.json()
    except json.JSONDecodeError:
        raise web.HTTPBadRequest(text="That is not JSON.") from None
    if not isinstance(body, dict):
        raise web.HTTPBadRequest(text="A JSON object, please.")
    return body


def word(body: Mapping[str, object], name: str) -> str:
    value = body.get(name, "")
    if not isinstance(value, str):
        raise web.HTTPBadRequest(text=f"{name} must be text")
    return value
