"""What every Web API method works with: the workspace, the ways to tell the bot, and the arguments of one call."""

import json
from dataclasses import dataclass

from playground.slack import payloads
from playground.slack.blockkit import problems_in_blocks
from playground.slack.checks import Json, Problem
from playground.slack.events import Events
from playground.slack.interactions import Interactions
from playground.slack.mrkdwn import stored
from playground.slack.sockets import Sockets
from playground.slack.state import Channel, File, Member, Message, Workspace

TEXT_CHARACTERS = 40_000
"""A longer text is cut silently (docs.slack.dev: chat.postMessage)."""
UPDATE_CHARACTERS = 4_000
"""chat.update refuses a longer text with `msg_too_long` (docs.slack.dev: chat.update)."""


class RefusedError(Exception):
    """`ok: false` with this error, and whatever else Slack says with it."""

    def __init__(self, error: str, **more: object) -> None:
        super().__init__(error)
        self.error = error
        self.more = more


def refusal(error: str, problems: list[Problem]) -> RefusedError:
    """`invalid_blocks` or `invalid_arguments` with what is wrong and where, as Slack lists it."""
    said = [str(problem) for problem in problems]
    more: Json = {"response_metadata": {"messages": [f"[ERROR] {one}" for one in said]}}
    if error == "invalid_blocks":
        more["errors"] = said
    return RefusedError(error, **more)


class Arguments:
    """Query, form and JSON body of one call, merged; each read as Slack reads it."""

    def __init__(self, given: Json) -> None:
        self.given = given

    def text(self, name: str, default: str = "") -> str:
        value = self.given.get(name)
        return default if value is None else str(value)

    def required(self, name: str) -> str:
        if not self.text(name):
            raise RefusedError(
                "invalid_arguments", response_metadata={"messages": [f"[ERROR] missing required field: {name}"]}
            )
        return self.text(name)

    def flag(self, name: str, *, default: bool = False) -> bool:
        value = self.text(name).lower()
        return value in {"1", "true"} if value else default

    def number(self, name: str, default: int, most: int) -> int:
        """Clamped to 1…`most`; `default` for nothing, 0 or what is no number."""
        raw = self.text(name)
        return min(int(raw), most) if raw.isascii() and raw.isdigit() and int(raw) else default

    def names(self, name: str) -> list[str]:
        value = self.given.get(name) or []
        listed = value if isinstance(value, list) else str(value).split(",")
        return [str(one).strip() for one in listed if str(one).strip()]

    def json(self, name: str, error: str) -> object:
        """A structure, sent as one or as JSON text; None when missing or empty. Refused with `error` if odd."""
        value: object = self.given.get(name)
        if not isinstance(value, str):
            return value
        try:
            return json.loads(value) if value else None
        except ValueError:
            raise RefusedError(error) from None


@dataclass(slots=True)
class Backend:
    workspace: Workspace
    events: Events
    interactions: Interactions
    sockets: Sockets

    def channel(self, channel_id: str) -> Channel:
        """A channel the bot may know of: public ones, and those it is in. Raises `channel_not_found` for any other."""
        channel = self.workspace.channels.get(channel_id)
        hidden = channel and channel.kind != "channel" and self.workspace.bot.id not in channel.members
        if channel is None or hidden:
            raise RefusedError("channel_not_found")
        return channel

    def writable(self, channel_id: str) -> Channel:
        """Where the bot may write now. A user's id stands for the direct message, which is opened."""
        if channel_id in self.workspace.members:
            member = self.workspace.members[channel_id]
            if member.is_bot or self.workspace.is_stranger(channel_id):
                raise RefusedError("cannot_dm_bot" if member.is_bot else "channel_not_found")
            channel = None if member.deleted else self.workspace.direct(channel_id)
            if channel is None:
                raise RefusedError("user_disabled")
            return channel
        named = self.workspace.channel_named(channel_id) if channel_id.startswith("#") else None
        channel = self.channel(named.id if named else channel_id)
        if channel.archived:
            raise RefusedError("is_archived")
        if self.workspace.bot.id not in channel.members:
            raise RefusedError("not_in_channel")
        if channel.kind == "im" and self.workspace.members[channel.partner(self.workspace.bot.id)].deleted:
            raise RefusedError("user_disabled")
        return channel

    def person(self, user_id: str) -> Member:
        member = self.workspace.members.get(user_id)
        if member is None:
            raise RefusedError("user_not_found")
        return member

    def content(self, args: Arguments) -> tuple[str, list[Json]]:
        """(text as stored, blocks with ids) of a message to be written, both checked."""
        blocks = args.json("blocks", "invalid_blocks_format")
        if blocks is not None and not isinstance(blocks, list):
            raise RefusedError("invalid_blocks_format")
        if problems := problems_in_blocks(blocks or []):
            raise refusal("invalid_blocks", problems)
        text = args.text("text")
        if not text.strip() and not blocks and not args.given.get("attachments"):
            raise RefusedError("no_text")
        return stored(text[:TEXT_CHARACTERS]), payloads.with_ids(self.workspace, blocks or [])

    def metadata(self, args: Arguments) -> Json | None:
        value = args.json("metadata", "invalid_metadata_format")
        if value is None:
            return None
        if not isinstance(value, dict) or not all(key in value for key in ("event_type", "event_payload")):
            raise RefusedError("invalid_metadata_format")
        return value

    def thread(self, args: Arguments, channel: Channel) -> str:
        """The ts of the thread's first message, "" outside threads."""
        ts = args.text("thread_ts")
        if not ts:
            return ""
        parent = channel.messages.get(ts)
        if parent is None:
            raise RefusedError("thread_not_found")
        return parent.thread_ts or parent.ts

    def write(
        self,
        channel: Channel,
        text: str,
        blocks: list[Json],
        *,
        only_for: str = "",
        thread_ts: str = "",
        files: list[File] | None = None,
        metadata: Json | None = None,
    ) -> Message:
        """Put the bot's message into the channel, show it and tell it as an event."""
        bot = self.workspace.bot.id
        message = Message(self.workspace.next_ts(), channel.id, bot, text, blocks, files or [], thread_ts)
        message.only_for, message.metadata = only_for, metadata
        message.subtype = "file_share" if files else ""
        channel.messages[message.ts] = message
        self.workspace.message_changed(message)
        self.events.posted(message)
        return message

    def rewrite(self, message: Message, text: str, blocks: list[Json]) -> None:
        before = payloads.message(self.workspace, message)
        message.text, message.blocks = text, blocks
        if not blocks:
            # Slack shows "(edited)" only on messages without blocks (docs.slack.dev: chat.update).
            message.edited_ts = self.workspace.next_ts()
        self.workspace.message_changed(message)
        if not message.only_for:
            self.events.edited(message, before)

    def erase(self, message: Message) -> None:
        del self.workspace.channels[message.channel].messages[message.ts]
        self.workspace.message_changed(message)
        if not message.only_for:
            self.events.deleted(message)
