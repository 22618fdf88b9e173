"""The HTTP face of the playground's Slack: tokens, arguments, limits and faults before any method is asked."""

import asyncio
import json
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from aiohttp import web

from playground.faults import Fault, Faults
from playground.slack import chat, conversations, directory, files, responses, views
from playground.slack.backend import Arguments, Backend, RefusedError
from playground.slack.checks import Json
from playground.slack.limits import Limits

Method = Callable[[Backend, Arguments], Json]
METHODS: Final[dict[str, Method]] = {
    "apps.connections.open": directory.open_connection,
    "auth.test": directory.auth_test,
    "bots.info": directory.bot_info,
    "chat.delete": chat.delete,
    "chat.getPermalink": chat.permalink,
    "chat.postEphemeral": chat.post_ephemeral,
    "chat.postMessage": chat.post_message,
    "chat.update": chat.update,
    "conversations.history": conversations.history,
    "conversations.info": conversations.info,
    "conversations.join": conversations.join,
    "conversations.leave": conversations.leave,
    "conversations.list": conversations.list_conversations,
    "conversations.members": conversations.members,
    "conversations.open": conversations.open_conversation,
    "files.completeUploadExternal": files.complete_upload,
    "files.getUploadURLExternal": files.upload_url,
    "files.info": files.info,
    "reactions.add": chat.add_reaction,
    "team.info": directory.team_info,
    "users.info": directory.user_info,
    "users.list": directory.list_users,
    "users.lookupByEmail": directory.user_by_email,
    "views.open": views.open_view,
    "views.publish": views.publish,
    "views.push": views.push,
    "views.update": views.update,
}
SCOPES: Final[dict[str, str]] = {
    "chat.delete": "chat:write",
    "chat.postEphemeral": "chat:write",
    "chat.postMessage": "chat:write",
    "chat.update": "chat:write",
    "conversations.join": "channels:join",
    "conversations.open": "im:write",
    "files.completeUploadExternal": "files:write",
    "files.getUploadURLExternal": "files:write",
    "files.info": "files:read",
    "reactions.add": "reactions:write",
    "team.info": "team:read",
    "users.info": "users:read",
    "users.list": "users:read",
    "users.lookupByEmail": "users:read.email",
    "bots.info": "users:read",
}
"""What a method needs (docs.slack.dev/reference/methods); those that depend on the kind of channel are left out."""
CALLS_KEPT = 20_000
LARGEST_BODY = 1_000_000_000


@dataclass(frozen=True, slots=True)
class Call:
    """One Web API call as it arrived and what it was answered."""

    method: str
    chat: str
    """The channel or user it was for; "" when for neither."""
    params: Json
    """Query, form and JSON body merged, without the token; `read` decodes what was sent as JSON text."""
    at: datetime
    status: int
    answer: Json

    def read(self, name: str) -> object:
        value: object = self.params.get(name)
        return json.loads(value) if isinstance(value, str) and value[:1] in {"[", "{"} else value

    @property
    def ok(self) -> bool:
        return bool(self.answer.get("ok"))

    @property
    def error(self) -> str:
        return str(self.answer.get("error", ""))


class Web:
    """`scopes`: what the bot token was granted; None grants everything."""

    def __init__(
        self,
        backend: Backend,
        limits: Limits,
        faults: Faults,
        *,
        bot_token: str,
        app_token: str,
        scopes: frozenset[str] | None,
    ) -> None:
        self.calls: deque[Call] = deque(maxlen=CALLS_KEPT)
        self.uninstalled = False
        self._backend = backend
        self._limits = limits
        self._faults = faults
        self._bot_token = bot_token
        self._app_token = app_token
        self._scopes = scopes

    def routes(self) -> list[web.AbstractRouteDef]:
        return [
            web.route("*", "/api/{method}", self._call),
            web.get("/link/", self._backend.sockets.serve),
            web.post("/upload/v1/{file}", self._upload),
            web.get("/files-pri/{file}/{name}", self._download),
            web.post("/actions/{team}/{secret}", self._respond),
            web.get("/signin", self._sign_in),
        ]

    async def _upload(self, request: web.Request) -> web.Response:
        return await files.take_upload(self._backend, request)

    async def _download(self, request: web.Request) -> web.Response:
        return files.download(self._backend, request, "" if self.uninstalled else self._bot_token)

    async def _respond(self, request: web.Request) -> web.Response:
        return await responses.take(self._backend, request)

    async def _sign_in(self, request: web.Request) -> web.Response:
        del request
        return files.sign_in()

    async def _call(self, request: web.Request) -> web.Response:
        method = request.match_info["method"]
        try:
            given = await _arguments(request)
        except RefusedError as refused:
            return self._answered(method, {}, 200, {"ok": False, "error": refused.error})
        channel = self._channel(given)
        fault = self._faults.draw(
            method, channel, kinds=("too_many", "server_error", "lost_answer", "slow", "disconnect")
        )
        early = self._early(request, method, given, channel, fault)
        if early is not None:
            return early
        try:
            answer = {"ok": True, **self._carry_out(request, method, given)}
        except RefusedError as refused:
            answer = {"ok": False, "error": refused.error, **refused.more}
        if fault and fault.kind == "lost_answer":
            _hang_up(request)
        elif fault and fault.kind == "slow":
            await asyncio.sleep(fault.seconds)
        return self._answered(method, given, 200, answer)

    def _early(
        self, request: web.Request, method: str, given: Json, channel: str, fault: Fault | None
    ) -> web.Response | None:
        """The answer to a call that is not carried out; None when it shall be."""
        if fault and fault.kind == "disconnect":
            _hang_up(request)
            return self._answered(method, given, 503, {"ok": False, "error": "disconnected"})
        if fault and fault.kind == "server_error":
            return self._answered(method, given, fault.status, {"ok": False, "error": "internal_error"})
        wait = int(fault.seconds) if fault and fault.kind == "too_many" else self._over_limit(method, channel)
        if not wait:
            return None
        # The header alone says how long (docs.slack.dev: rate limits); the body never does.
        limited = self._answered(method, given, 429, {"ok": False, "error": "ratelimited"})
        limited.headers["Retry-After"] = str(wait)
        return limited

    def _over_limit(self, method: str, channel: str) -> int:
        return self._limits.spend(method, channel) if method in METHODS else 0

    def _channel(self, given: Json) -> str:
        """The channel a call is for; a person's direct message when it names the person."""
        channel = str(given.get("channel") or "")
        direct = self._backend.workspace.direct_if_any(channel)
        return direct.id if direct else channel

    def _carry_out(self, request: web.Request, method: str, given: Json) -> Json:
        if method not in METHODS:
            raise RefusedError("unknown_method", req_method=method)
        self._allowed(method, _token(request, given))
        return METHODS[method](self._backend, Arguments(given))

    def _allowed(self, method: str, token: str) -> None:
        wants_app = method == "apps.connections.open"
        if not token:
            raise RefusedError("not_authed")
        if token not in {self._bot_token, self._app_token}:
            raise RefusedError("invalid_auth")
        if (token == self._app_token) != wants_app:
            raise RefusedError("not_allowed_token_type")
        if self.uninstalled and not wants_app:
            raise RefusedError("account_inactive")
        needed = SCOPES.get(method, "")
        if needed and self._scopes is not None and needed not in self._scopes:
            raise RefusedError("missing_scope", needed=needed, provided=",".join(sorted(self._scopes)))

    def _answered(self, method: str, given: Json, status: int, answer: Json) -> web.Response:
        kept = {name: value for name, value in given.items() if name != "token"}
        chat = str(kept.get("channel") or kept.get("user_id") or kept.get("users") or kept.get("user") or "")
        self.calls.append(Call(method, chat, kept, self._backend.workspace.clock.now(), status, answer))
        return web.json_response(answer, status=status)


def _token(request: web.Request, given: Json) -> str:
    header = request.headers.get("Authorization", "")
    return header.removeprefix("Bearer ").strip() or str(given.get("token") or "")


def _hang_up(request: web.Request) -> None:
    if request.transport:
        request.transport.abort()


async def _arguments(request: web.Request) -> Json:
    """Query, form and JSON body, merged. Raises RefusedError for JSON that is none, or no object."""
    given: Json = dict(request.query)
    if request.content_type == "application/json":
        raw = await request.text()
        try:
            said = json.loads(raw) if raw.strip() else {}
        except ValueError:
            raise RefusedError("invalid_json") from None
        if not isinstance(said, dict):
            raise RefusedError("json_not_object")
        return {**given, **said}
    if request.content_type in {"application/x-www-form-urlencoded", "multipart/form-data"}:
        return {**given, **{name: value for name, value in (await request.post()).items() if isinstance(value, str)}}
    return given
