"""What a tap, a command or a sent form gives the bot: the payload, a trigger for a modal, an address to answer to."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from playground.slack import payloads
from playground.slack.checks import Json
from playground.slack.delivery import Answer, Deliveries, Envelope
from playground.slack.events import VERIFICATION_TOKEN
from playground.slack.state import Channel, Member, Message, View, Workspace

TRIGGER_SECONDS = 3.0
"""docs.slack.dev: modals. Real seconds: a person waits, whatever the playground's calendar says."""
RESPONSE_USES = 5
RESPONSE_TIME = timedelta(minutes=30)
"""docs.slack.dev: handling user interaction. On the playground's clock."""


@dataclass(slots=True)
class _Trigger:
    user: str
    until: float
    used: bool = False


@dataclass(slots=True)
class ResponseUrl:
    channel: str
    user: str
    message: str
    """The ts of the message that was tapped; "" for a command."""
    until: datetime
    left: int = RESPONSE_USES


class Interactions:
    def __init__(
        self,
        workspace: Workspace,
        deliveries: Deliveries,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self.base = ""
        """`http://127.0.0.1:PORT`, known once the server listens."""
        self._workspace = workspace
        self._deliveries = deliveries
        self._monotonic = monotonic
        self._triggers: dict[str, _Trigger] = {}
        self._response_urls: dict[str, ResponseUrl] = {}

    def trigger(self, user: str) -> str:
        """A new trigger id: good once, for three seconds."""
        digits = self._workspace.random.randrange(10**12)
        trigger_id = f"{digits}.{self._workspace.seconds()}.{self._workspace.random.getrandbits(128):032x}"
        self._triggers[trigger_id] = _Trigger(user, self._monotonic() + TRIGGER_SECONDS)
        return trigger_id

    def use_trigger(self, trigger_id: str) -> str:
        """Whose trigger it was. Raises LookupError with Slack's error when it is not good any more."""
        trigger = self._triggers.get(trigger_id)
        if trigger is None:
            raise LookupError("invalid_trigger_id")
        if trigger.used:
            raise LookupError("exchanged_trigger_id")
        if self._monotonic() > trigger.until:
            raise LookupError("expired_trigger_id")
        trigger.used = True
        return trigger.user

    def response_url(self, channel: str, user: str, message: str) -> str:
        workspace = self._workspace
        secret = f"{workspace.random.getrandbits(96):024x}"
        self._response_urls[secret] = ResponseUrl(channel, user, message, workspace.clock.now() + RESPONSE_TIME)
        return f"{self.base}/actions/{workspace.team}/{secret}"

    def use_response_url(self, secret: str) -> ResponseUrl:
        """Count one use. Raises LookupError with Slack's error when it is unknown, used up or too old."""
        known = self._response_urls.get(secret)
        if known is None:
            raise LookupError("invalid_url")
        if self._workspace.clock.now() > known.until:
            raise LookupError("expired_url")
        if known.left <= 0:
            raise LookupError("used_url")
        known.left -= 1
        return known

    async def ask(self, kind: str, payload: Json, channel: str = "") -> Answer:
        return await self._deliveries.ask(Envelope("interactive", kind, channel, payload))

    def action(self, member: Member, source: Message | View, action: Json) -> Json:
        """A block_actions payload for one element of a message, a modal or the Home."""
        workspace = self._workspace
        payload = self._outer("block_actions", member)
        payload["actions"] = [{**action, "action_ts": workspace.next_ts()}]
        if isinstance(source, View):
            shown = payloads.view(workspace, source)
            payload |= {"container": {"type": "view", "view_id": source.id}, "view": shown}
            return payload
        channel = workspace.channels[source.channel]
        payload |= {
            "container": {
                "type": "message",
                "message_ts": source.ts,
                "channel_id": channel.id,
                "is_ephemeral": bool(source.only_for),
            },
            "channel": {"id": channel.id, "name": "directmessage" if channel.kind == "im" else channel.name},
            "state": {"values": member.drafts.get(source.ts, {})},
            "response_url": self.response_url(channel.id, member.id, source.ts),
        }
        if source.thread_ts:
            payload["container"]["thread_ts"] = source.thread_ts
        if not source.only_for:
            payload["message"] = payloads.message(workspace, source)
        return payload

    def submission(self, member: Member, view: View) -> Json:
        payload = self._outer("view_submission", member)
        return {**payload, "view": payloads.view(self._workspace, view), "response_urls": []}

    def closing(self, member: Member, view: View, *, cleared: bool) -> Json:
        payload = self._outer("view_closed", member)
        del payload["trigger_id"]
        return {**payload, "view": payloads.view(self._workspace, view), "is_cleared": cleared}

    def _outer(self, kind: str, member: Member) -> Json:
        workspace = self._workspace
        return {
            "type": kind,
            "user": {
                "id": member.id,
                "username": payloads.handle(member),
                "name": payloads.handle(member),
                "team_id": member.team,
            },
            "api_app_id": workspace.app_id,
            "token": VERIFICATION_TOKEN,
            "team": {"id": member.team, "domain": _domain(workspace, member.team)},
            "enterprise": None,
            "is_enterprise_install": False,
            "trigger_id": self.trigger(member.id),
        }

    async def command(self, member: Member, channel: Channel, command: str, text: str) -> Answer:
        """A slash command; the acknowledgement may carry an ephemeral answer."""
        workspace = self._workspace
        names = {"im": "directmessage", "group": "privategroup"}
        payload: Json = {
            "token": VERIFICATION_TOKEN,
            "team_id": workspace.team,
            "team_domain": _domain(workspace, workspace.team),
            "channel_id": channel.id,
            "channel_name": names.get(channel.kind, channel.name),
            "user_id": member.id,
            "user_name": payloads.handle(member),
            "command": command,
            "text": text,
            "api_app_id": workspace.app_id,
            "is_enterprise_install": "false",
            "response_url": self.response_url(channel.id, member.id, ""),
            "trigger_id": self.trigger(member.id),
        }
        return await self._deliveries.ask(Envelope("slash_commands", "slash_commands", channel.id, payload))


def _domain(workspace: Workspace, team: str) -> str:
    return workspace.name.lower().replace(" ", "-") if team == workspace.team else f"team-{team.lower()}"
