"""The feed's routes: each checks, hands to core in one transaction, and answers when that is committed."""

import logging
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Annotated, Any, Final

from fastapi import Depends, FastAPI, Path, Request, Response, Security
from fastapi.exceptions import RequestValidationError
from fastapi.responses import HTMLResponse, JSONResponse
from fastapi.security import HTTPBearer
from sqlalchemy.exc import DBAPIError
from sqlmodel import Session, select
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp

from core.campaigns.accepting import (
    Accepted,
    AccountDiffers,
    AccountUnknown,
    Announcement,
    Revoked,
    accept,
    announce,
)
from core.campaigns.happenings import AHEAD, FATES, REMEMBERED, Happening
from core.campaigns.standing import figures, state_of
from core.campaigns.tokens import Caller
from hub.feed import webhooks
from hub.feed.guarding import Guard, busy
from hub.feed.mounting import FeedParts
from hub.feed.page import page
from hub.feed.problems import TYPE, Refusal, Wrong, field_of, of_refusal, problem
from hub.feed.shapes import (
    ID,
    CampaignEventsIn,
    CampaignIn,
    CampaignMade,
    CampaignStatus,
    EventIn,
    EventsIn,
    Problem,
    Taken,
)
from storage.tables import Campaign

log = logging.getLogger(__name__)

ABOUT: Final = """
Tells the client hub of your clients' campaigns. Every request needs a token (`Authorization: Bearer hub_…`), which
`hub token create NAME` makes. 2xx is answered when everything is committed; whatever else comes, nothing of the request
was kept. Sending the same again is always harmless. After 429 and 503 wait as `Retry-After` says.

An integration made with `--signed` also sends `X-Hub-Timestamp` (Unix seconds) and `X-Hub-Signature-256: sha256=…`, the
hex HMAC-SHA256 of `<timestamp>.<body>` with its signing key.
"""

REFUSED: Final[dict[int, str]] = {
    400: "The body is no JSON.",
    401: "There is no token, it is wrong or revoked, or the signature does not fit.",
    403: "The token has not the scope.",
    404: "There is no such campaign, or no such address.",
    408: "The body took too long.",
    409: "The campaign belongs to another account.",
    413: "The body is larger than 2 MB.",
    415: "The body is not sent as JSON.",
    422: "Some fields are wrong; they are named.",
    429: "Too many requests of this integration at once: wait as `Retry-After` says.",
    503: "Too much is in hand, or the database does not take it: wait as `Retry-After` says.",
}
PROBLEMS: Final[dict[int | str, dict[str, Any]]] = {
    status: {"description": why, "content": {TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}}
    for status, why in REFUSED.items()
}

CampaignId = Annotated[str, Path(min_length=1, max_length=100, pattern=ID, description="Your own id of it.")]


async def _caller(request: Request, _shown: Annotated[object, Security(HTTPBearer(auto_error=False))]) -> Caller:
    """Who the guard let in; the security scheme is for the OpenAPI page alone."""
    found: Caller = request.state.caller
    return found


Who = Annotated[Caller, Depends(_caller)]


def build_feed(parts: FeedParts) -> ASGIApp:
    """The whole of it, behind its guard."""
    app = FastAPI(
        title="Client hub: campaign feed",
        version="1",
        description=ABOUT,
        docs_url=None,
        redoc_url=None,
        responses=PROBLEMS,
        openapi_url="/openapi.json",
    )
    _add_campaigns(app, parts)
    webhooks.add(app, parts)
    _add_page(app)
    _add_answers(app)
    _name_problems(app)
    return Guard(app, parts)


def _add_campaigns(app: FastAPI, parts: FeedParts) -> None:
    @app.post(
        "/api/v1/campaigns", status_code=201, response_model=CampaignMade, responses={200: {"model": CampaignMade}}
    )
    async def make_or_replace_a_campaign(said: CampaignIn, who: Who, answer: Response) -> CampaignMade:
        """Announce a campaign, before or after its events. 201: it is new; 200: it replaced an earlier one."""
        announcement = Announcement(
            said.id, said.account, said.title, said.channel, said.url or "", said.total, said.scheduled_at
        )
        created = await parts.database.transact(announce, who, announcement, parts.now())
        answer.status_code = 201 if created else 200
        return CampaignMade(id=said.id, created=created)

    @app.get("/api/v1/campaigns/{campaign_id}", response_model=CampaignStatus)
    async def see_a_campaign(campaign_id: CampaignId, who: Who) -> CampaignStatus:
        """How it stands, as your client sees it."""
        return await parts.database.read(_status, who, campaign_id, parts.now(), parts.patience())

    @app.post("/api/v1/campaigns/{campaign_id}/events", status_code=202, response_model=Taken)
    async def tell_what_happened(campaign_id: CampaignId, said: EventsIn, who: Who) -> JSONResponse:
        """Up to 1,000 events of one campaign, in any order; also before the campaign itself is announced."""
        now = parts.now()
        batch = _checked(said.events, now)
        taken = await parts.database.transact(accept, who, [(campaign_id, one) for one in batch], now)
        return taken_answer(taken)

    @app.post("/api/v1/webhooks/generic", status_code=202, response_model=Taken)
    async def tell_of_several_campaigns(said: CampaignEventsIn, who: Who) -> JSONResponse:
        """Up to 1,000 events, each of which says of which campaign it is."""
        now = parts.now()
        batch = _checked(said.events, now)
        told = [(event.campaign, one) for event, one in zip(said.events, batch, strict=True)]
        return taken_answer(await parts.database.transact(accept, who, told, now))


def taken_answer(taken: Accepted, ignored: int = 0) -> JSONResponse:
    return JSONResponse({"accepted": taken.accepted, "repeated": taken.repeated, "ignored": ignored}, 202)


def _checked(events: Sequence[EventIn], now: datetime) -> list[Happening]:
    """Raises Refusal when a moment is not one that we could know a repeat of."""
    wrong = []
    for number, event in enumerate(events):
        if event.at > now + AHEAD:
            wrong.append(Wrong(f"events.{number}.at", "it lies in the future"))
        elif event.at < now - REMEMBERED:
            wrong.append(Wrong(f"events.{number}.at", f"it is more than {REMEMBERED.days} days ago"))
    if wrong:
        raise Refusal(
            422, "Some moments cannot be taken. What is older belongs into `hub import campaigns.csv`.", wrong
        )
    return [event.happening() for event in events]


def _status(session: Session, who: Caller, name: str, now: datetime, patience: timedelta) -> CampaignStatus:
    asked = select(Campaign).where(Campaign.integration_id == who.id, Campaign.name == name)
    campaign = session.exec(asked).one_or_none()
    if campaign is None or campaign.account_id is None:
        raise Refusal(404, "You have not announced such a campaign.", [Wrong("campaign_id", "it is not known")])
    numbers = figures(campaign)
    return CampaignStatus.model_validate(
        {
            "id": name,
            "state": state_of(campaign, now, patience),
            "total": numbers.reach,
            "handled": numbers.handled,
            "percent": numbers.percent,
            **{fate: getattr(campaign, fate) for fate in FATES},
            "reasons": campaign.reasons,
        }
    )


def _add_page(app: FastAPI) -> None:
    @app.get("/docs", include_in_schema=False)
    async def docs() -> HTMLResponse:
        """Plain, and all of it from here: no script, and nothing from another server."""
        csp = "default-src 'none'; style-src 'unsafe-inline'"
        return HTMLResponse(page(app.openapi()), headers={"content-security-policy": csp})


def _add_answers(app: FastAPI) -> None:
    """Whatever goes wrong is told in one form."""

    @app.exception_handler(Refusal)
    async def refused(_: Request, refusal: Refusal) -> JSONResponse:
        return of_refusal(refusal)

    @app.exception_handler(RequestValidationError)
    async def misshapen(_: Request, error: RequestValidationError) -> JSONResponse:
        found = error.errors()
        if any(one["type"] == "json_invalid" for one in found):
            return problem(400, "The body is no JSON.")
        wrong = [Wrong(field_of(one["loc"]), one["msg"].removeprefix("Value error, ")) for one in found]
        return problem(422, "Some fields are not as they have to be.", wrong)

    @app.exception_handler(HTTPException)
    async def not_there(_: Request, error: HTTPException) -> JSONResponse:
        detail = {
            404: "There is nothing at this address. /docs lists what there is.",
            405: "This address does not take this method. /docs lists those it takes.",
            400: "The body cannot be read.",
        }.get(error.status_code, str(error.detail))
        return problem(error.status_code, detail, headers=error.headers)

    @app.exception_handler(AccountUnknown)
    async def account_unknown(_: Request, _error: AccountUnknown) -> JSONResponse:
        why = "we know no such account, or this token is for another one"
        return problem(422, "The account is not known.", [Wrong("account", why)])

    @app.exception_handler(AccountDiffers)
    async def account_differs(_: Request, _error: AccountDiffers) -> JSONResponse:
        wrong = [Wrong("account", "the campaign belongs to another account, and stays there")]
        return problem(409, "Give it another id.", wrong)

    @app.exception_handler(Revoked)
    async def revoked(_: Request, _error: Revoked) -> JSONResponse:
        return problem(401, "This token has been revoked.", headers={"www-authenticate": 'Bearer realm="hub"'})

    @app.exception_handler(Exception)
    async def fault(_: Request, _error: Exception) -> JSONResponse:
        """Starlette raises it again behind this answer, so that it is logged."""
        return problem(500, "A fault of ours. Nothing was kept; we know about it.")

    @app.exception_handler(DBAPIError)
    async def database_down(_: Request, error: DBAPIError) -> JSONResponse:
        log.warning("the feed could not write", extra={"error": type(error).__name__})
        return of_refusal(busy())


def _name_problems(app: FastAPI) -> None:
    """FastAPI names the models of answers it makes itself; this one is made by hand."""
    made = app.openapi

    def openapi() -> dict[str, Any]:
        schema = made()
        schemas = schema.setdefault("components", {}).setdefault("schemas", {})
        if "Problem" not in schemas:
            shape = Problem.model_json_schema(ref_template="#/components/schemas/{model}")
            schemas |= shape.pop("$defs", {})
            schemas["Problem"] = shape
        return schema

    app.openapi = openapi  # type: ignore[method-assign]  # FastAPI: "Extending OpenAPI" says to do it so
