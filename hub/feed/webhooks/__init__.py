"""Providers' own webhooks, each turned into the feed's events: what they say of no campaign of ours is left out.

Of one request whatever can be taken is taken: a provider would bring all of it again for ever because of one event.
"""

import json
from collections.abc import Callable
from typing import Any, Final, TypeAlias

from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse

from core.campaigns.accepting import accept
from core.campaigns.happenings import AHEAD, REMEMBERED
from core.campaigns.tokens import Caller
from hub.feed.mounting import FeedParts
from hub.feed.problems import Refusal
from hub.feed.shapes import MOST_EVENTS, Taken
from hub.feed.webhooks import mailgun, sendgrid, ses
from hub.feed.webhooks.reading import Heard

Read: TypeAlias = Callable[[Any, Caller, float], Heard]
"""Takes the body as JSON, who brings it, and the moment in Unix seconds; raises Refusal."""

READERS: Final[dict[str, Read]] = {"sendgrid": sendgrid.read, "mailgun": mailgun.read, "ses": ses.read}

_BODY: Final = {
    "requestBody": {
        "required": True,
        "content": {"application/json": {"schema": {"title": "As the provider sends it"}}},
    }
}


def add(app: FastAPI, parts: FeedParts) -> None:
    """A route for each provider. The token may stand in the address: see hub/feed/guarding.py."""
    for name, read in READERS.items():
        app.post(
            f"/api/v1/webhooks/{name}",
            status_code=202,
            response_model=Taken,
            openapi_extra=_BODY,
            operation_id=f"webhook_{name}",
            summary=f"Webhook of {name}",
            description=(read.__doc__ or "").partition("\n\n")[0],
        )(_route(read, parts))


def _route(read: Read, parts: FeedParts) -> Callable[[Request], Any]:
    async def heard(request: Request) -> JSONResponse:
        who: Caller = request.state.caller
        now = parts.now()
        told = read(_json(await request.body()), who, now.timestamp())
        batch = [one for one in told.batch if now - REMEMBERED <= one[1].at <= now + AHEAD]
        ignored = told.ignored + len(told.batch) - len(batch)
        accepted = repeated = 0
        for start in range(0, len(batch), MOST_EVENTS):
            taken = await parts.database.transact(accept, who, batch[start : start + MOST_EVENTS], now)
            accepted, repeated = accepted + taken.accepted, repeated + taken.repeated
        return JSONResponse({"accepted": accepted, "repeated": repeated, "ignored": ignored}, 202)

    return heard


def _json(body: bytes) -> Any:
    try:
        return json.loads(body)
    except (ValueError, RecursionError) as error:  # no JSON; digits without end; brackets without end
        raise Refusal(400, "The body is no JSON.") from error
