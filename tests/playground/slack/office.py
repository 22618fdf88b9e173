"""A started playground Slack with a real bolt app in it, and blocks to write with."""

from typing import Any

from slack_bolt import BoltResponse
from slack_bolt.adapter.socket_mode.async_handler import AsyncSocketModeHandler
from slack_bolt.async_app import AsyncApp
from slack_bolt.error import BoltUnhandledRequestError
from slack_sdk.web.async_client import AsyncWebClient

from playground.slack import SlackWorld

Json = dict[str, Any]


def section(text: str) -> Json:
    return {"type": "section", "text": {"type": "mrkdwn", "text": text}}


def button(label: str, action: str, value: str = "v", **more: Any) -> Json:
    words = {"type": "plain_text", "text": label}
    return {"type": "button", "text": words, "action_id": action, "value": value, **more}


def actions(*elements: Json) -> Json:
    return {"type": "actions", "elements": list(elements)}


class Office:
    """A started world, the bot's app and client, and what the bot has heard. Events without a listener are acked."""

    def __init__(self, world: SlackWorld) -> None:
        self.world = world
        self.client = AsyncWebClient(token=world.bot_token, base_url=world.url, retry_handlers=[])
        self.app = AsyncApp(
            client=self.client, signing_secret=world.signing_secret, raise_error_for_unhandled_request=True
        )
        self.bodies: list[Json] = []
        self.headers: list[Json] = []
        self._handlers: list[AsyncSocketModeHandler] = []

        @self.app.middleware
        async def remember(body: Json, req: Any, next_: Any) -> None:
            self.bodies.append(body)
            self.headers.append({name: value[0] for name, value in req.headers.items()})
            await next_()

        @self.app.error
        async def unhandled(error: Exception, body: Json) -> BoltResponse:
            if isinstance(error, BoltUnhandledRequestError) and body.get("type") == "event_callback":
                return BoltResponse(status=200)
            raise error

    @property
    def heard(self) -> list[Json]:
        """The events, without what is around them; the bot's own messages never come so far, bolt drops them."""
        return [body["event"] for body in self.bodies if "event" in body]

    def kinds(self) -> list[str]:
        """What the bot heard: event types, with the message's subtype."""
        return [":".join(filter(None, [event["type"], event.get("subtype")])) for event in self.heard]

    async def connect(self, ping: float = 10) -> AsyncSocketModeHandler:
        """Open one more socket; `ping`: real seconds after which the client notices that it was cut."""
        handler = AsyncSocketModeHandler(self.app, self.world.app_token, ping_interval=ping)
        self._handlers.append(handler)
        before = self.world.sockets
        await handler.connect_async()  # type: ignore[no-untyped-call]  # bolt leaves it untyped
        await self.world.connected(before + 1)
        return handler

    async def close(self) -> None:
        for handler in self._handlers:
            await handler.close_async()  # type: ignore[no-untyped-call]  # bolt leaves it untyped
        await self.world.stop()
