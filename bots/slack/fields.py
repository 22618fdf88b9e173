"""What Slack's payloads are made of: fields that may be missing, and the places and people they name."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from core.events import Address

Json = Mapping[str, Any]
"""A JSON object as Slack sends it. Every field may be missing: Slack's own examples disagree with each other."""

HOME = "home"
"""Id of the one message an App Home holds."""


@dataclass(frozen=True, slots=True)
class Identity:
    """Who the bot is in the workspace it is installed in (Slack: auth.test)."""

    team: str
    """T… of the vendor's workspace."""
    user: str
    """U… of the bot as a member."""
    name: str = ""
    team_name: str = ""


def message_id(channel: str, ts: str) -> str:
    """How `SlackMessenger.send` names a message: Slack needs both to edit it."""
    return f"{channel}:{ts}"


def text_at(value: Json, *path: str) -> str:
    """The string at this path, empty when anything on the way is missing or of another kind."""
    found: object = value
    for name in path:
        found = found.get(name) if isinstance(found, Mapping) else None
    return found if isinstance(found, str) else ""


def object_at(value: Json, name: str) -> Json:
    found = value.get(name)
    return found if isinstance(found, Mapping) else {}


def objects_at(value: Json, name: str) -> list[Json]:
    found = value.get(name)
    return [one for one in found if isinstance(one, Mapping)] if isinstance(found, list) else []


def person_at(team: str, user: str, us: Identity) -> Address:
    return Address("slack", f"{team or us.team}/{user}")


def place_at(channel: str, us: Identity) -> Address:
    """Channels are always told by our own workspace, whoever writes in them: that is where the bot posts."""
    return Address("slack", f"{us.team}/{channel}")


Chat = Literal["private", "channel"]


def kind_of(chat: Address) -> Chat:
    """Whether an address is a person's own (their chat or App Home) or a channel, by the id's first letter."""
    return "private" if chat.chat.partition("/")[2][:1] in {"U", "W"} else "channel"
