"""What happens in the workspace, told to the bot as the Events API tells it."""

from playground.slack import payloads
from playground.slack.checks import Json
from playground.slack.delivery import Deliveries, Envelope
from playground.slack.state import Channel, Member, Message, View, Workspace

CHANNEL_TYPES = {"im": "im", "channel": "channel", "group": "group"}
VERIFICATION_TOKEN = "playground-verification-token"  # noqa: S105 - the field Slack deprecated; it proves nothing


class Events:
    """`subscribed` names bot events as the app manifest does (`message.im`); None subscribes to everything."""

    def __init__(self, workspace: Workspace, deliveries: Deliveries, subscribed: frozenset[str] | None) -> None:
        self._workspace = workspace
        self._deliveries = deliveries
        self._subscribed = subscribed

    def emit(self, event: Json, channel: Channel | None = None) -> None:
        """Send one event, in the envelope Slack puts around it."""
        workspace = self._workspace
        name = event["type"]
        if name == "message" and channel:
            name = "message." + {"group": "groups", "channel": "channels"}.get(channel.kind, channel.kind)
        if self._subscribed is not None and name not in self._subscribed:
            return
        event_id = workspace.new_id("Ev")
        payload: Json = {
            "token": VERIFICATION_TOKEN,
            "team_id": workspace.team,
            "context_team_id": workspace.team,
            "context_enterprise_id": None,
            "api_app_id": workspace.app_id,
            "event": event,
            "type": "event_callback",
            "event_id": event_id,
            "event_time": workspace.seconds(),
            "authorizations": [
                {
                    "enterprise_id": None,
                    "team_id": workspace.team,
                    "user_id": workspace.bot.id,
                    "is_bot": True,
                    "is_enterprise_install": False,
                }
            ],
            "is_ext_shared_channel": bool(channel and channel.shared),
            "event_context": f"4-{event_id}",
        }
        self._deliveries.event(Envelope("events_api", event["type"], channel.id if channel else "", payload))

    def posted(self, message: Message) -> None:
        """A message, the bot's own included; and an app_mention when it names the bot in a channel."""
        workspace = self._workspace
        channel = workspace.channels[message.channel]
        if workspace.bot.id not in channel.members or message.only_for:
            return
        event = payloads.message(workspace, message)
        where = {"channel": channel.id, "event_ts": message.ts}
        self.emit({**event, **where, "channel_type": CHANNEL_TYPES[channel.kind]}, channel)
        named = f"<@{workspace.bot.id}>" in message.text
        if named and channel.kind != "im" and message.author != workspace.bot.id and not message.subtype:
            self.emit({**event, **where, "type": "app_mention"}, channel)

    def edited(self, message: Message, before: Json) -> None:
        channel = self._workspace.channels[message.channel]
        if self._workspace.bot.id not in channel.members:
            return
        ts = self._workspace.next_ts()
        changed = {
            "type": "message",
            "subtype": "message_changed",
            "hidden": True,
            "message": {**payloads.message(self._workspace, message), "source_team": self._workspace.team},
            "previous_message": before,
            "channel": channel.id,
            "channel_type": CHANNEL_TYPES[channel.kind],
            "ts": ts,
            "event_ts": ts,
        }
        self.emit(changed, channel)

    def deleted(self, message: Message) -> None:
        channel = self._workspace.channels[message.channel]
        if self._workspace.bot.id not in channel.members:
            return
        ts = self._workspace.next_ts()
        gone = {
            "type": "message",
            "subtype": "message_deleted",
            "hidden": True,
            "deleted_ts": message.ts,
            "previous_message": payloads.message(self._workspace, message),
            "channel": channel.id,
            "channel_type": CHANNEL_TYPES[channel.kind],
            "ts": ts,
            "event_ts": ts,
        }
        self.emit(gone, channel)

    def joined(self, channel: Channel, member: Member, inviter: str) -> None:
        """Told while the bot is in the channel; its own joining is told too."""
        event: Json = {
            "type": "member_joined_channel",
            "user": member.id,
            "channel": channel.id,
            "channel_type": channel.id[0],
            "team": member.team,
            "event_ts": self._workspace.next_ts(),
        }
        if inviter:
            event["inviter"] = inviter
        if self._workspace.bot.id in channel.members:
            self.emit(event, channel)

    def left(self, channel: Channel, member: Member) -> None:
        """Told to a bot that is in the channel, and to the bot that left: then with channel_left or group_left too."""
        is_bot = member.id == self._workspace.bot.id
        if not is_bot and self._workspace.bot.id not in channel.members:
            return
        ts = self._workspace.next_ts()
        self.emit(
            {
                "type": "member_left_channel",
                "user": member.id,
                "channel": channel.id,
                "channel_type": channel.id[0],
                "team": member.team,
                "event_ts": ts,
            },
            channel,
        )
        if is_bot:
            kind = "channel_left" if channel.kind == "channel" else "group_left"
            self.emit({"type": kind, "channel": channel.id, "actor_id": "", "event_ts": ts}, channel)

    def archived(self, channel: Channel, by: str, *, archived: bool) -> None:
        if self._workspace.bot.id in channel.members:
            word = "archive" if archived else "unarchive"
            kind = f"{channel.kind}_{word}"
            ts = self._workspace.next_ts()
            self.emit({"type": kind, "channel": channel.id, "user": by, "event_ts": ts}, channel)

    def id_changed(self, channel: Channel, old: str) -> None:
        """A private channel was shared and has a new id (docs.slack.dev: Slack Connect)."""
        event = {
            "type": "channel_id_changed",
            "old_channel_id": old,
            "new_channel_id": channel.id,
            "event_ts": self._workspace.next_ts(),
        }
        self.emit(event, channel)

    def home_opened(self, member: Member, tab: str, home: View | None) -> None:
        """`tab` is `home` or `messages`; the first time there is no view yet."""
        event: Json = {
            "type": "app_home_opened",
            "user": member.id,
            "channel": self._workspace.direct(member.id).id,
            "tab": tab,
            "event_ts": self._workspace.next_ts(),
        }
        if home and tab == "home":
            event["view"] = payloads.view(self._workspace, home)
        self.emit(event)

    def user_changed(self, member: Member) -> None:
        shown = payloads.user(self._workspace, member, with_locale=True)
        ts = self._workspace.next_ts()
        self.emit(
            {"type": "user_change", "user": shown, "cache_ts": self._workspace.seconds(), "event_ts": ts},
        )

    def uninstalled(self) -> None:
        """Slack does not say which of the two comes first."""
        told: list[Json] = [
            {"type": "app_uninstalled"},
            {"type": "tokens_revoked", "tokens": {"oauth": [], "bot": [self._workspace.bot.id]}},
        ]
        self._workspace.random.shuffle(told)
        for event in told:
            self.emit({**event, "event_ts": self._workspace.next_ts()})
