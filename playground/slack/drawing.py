"""One message as Slack would show it to whoever it is sent to, without a workspace of people, a server or a bot."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from playground.clock import Clock
from playground.slack import payloads
from playground.slack.blockkit import problems_in_blocks
from playground.slack.checks import Json
from playground.slack.screen import message_view
from playground.slack.state import Message, Workspace
from playground.views import MediaView, MessageView


class NotShown(Exception):
    """Slack would not take this message."""


def drawn(text: str, blocks: list[Json], at: datetime, *, author: str, media: Sequence[MediaView] = ()) -> MessageView:
    """The message of these blocks. Raises NotShown with everything Slack objects to."""
    if problems := problems_in_blocks(blocks):
        raise NotShown("; ".join(map(str, problems)))
    workspace = Workspace(Clock(at, frozen=True), "T0PREVIEW", "Preview", author, 0)
    ts = f"{at.timestamp():.6f}"
    message = Message(ts, "D0PREVIEW", workspace.bot.id, text, payloads.with_ids(workspace, blocks))
    seen = message_view(workspace, workspace.bot, message)
    return replace(seen, mine=False, media=(*media, *seen.media))
