"""Slack's payloads as the hub's events: one pure function, so that every shape Slack sends can stand in a table."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from bots.slack.words import typed
from core.events import (
    Address,
    Arrived,
    Commanded,
    Event,
    File,
    FileKind,
    Filled,
    Grouped,
    Left,
    Moved,
    Opened,
    Said,
    Shared,
    Tapped,
)

Json = Mapping[str, Any]
"""A JSON object as Slack sends it. Every field may be missing: Slack's own examples disagree with each other."""

HOME = "home"
"""Id of the one message an App Home holds."""

LATE_WORDS = (None, "", "file_share", "thread_broadcast", "me_message")
"""Subtypes of messages in which a person says something; all others are edits, joins, bots' and Slack's own words."""


@dataclass(frozen=True, slots=True)
class Identity:
    """Who the bot is in the workspace it is installed in (Slack: auth.test)."""

    team: str
    """T… of the vendor's workspace."""
    user: str
    """U… of the bot as a member."""
    name: str = ""
    team_name: str = ""


def translate(payload: Json, us: Identity) -> tuple[Event, ...]:
    """What happened, in order; empty when it does not concern the hub. A message with several files is several events.

    Never raises for an odd payload: what cannot be read is nothing that happened.
    """
    match payload.get("type"):
        case "event_callback":
            event = _object(payload, "event")
            read = _EVENTS.get(_text(event, "type"))
            return tuple(read(event, payload, us)) if read and _text(payload, "event_id") else ()
        case "block_actions":
            return tuple(_taps(payload, us))
        case "view_submission":
            return tuple(_filled(payload, us))
        case None | "" if "command" in payload:
            return tuple(_commanded(payload, us))
        case _:
            return ()


def message_id(channel: str, ts: str) -> str:
    """How `SlackMessenger.send` names a message: Slack needs both to edit it."""
    return f"{channel}:{ts}"


def _text(value: Json, *path: str) -> str:
    """The string at this path, empty when anything on the way is missing or of another kind."""
    found: object = value
    for name in path:
        found = found.get(name) if isinstance(found, Mapping) else None
    return found if isinstance(found, str) else ""


def _object(value: Json, name: str) -> Json:
    found = value.get(name)
    return found if isinstance(found, Mapping) else {}


def _objects(value: Json, name: str) -> list[Json]:
    found = value.get(name)
    return [one for one in found if isinstance(one, Mapping)] if isinstance(found, list) else []


def _person(team: str, user: str, us: Identity) -> Address:
    return Address("slack", f"{team or us.team}/{user}")


def _place(channel: str, us: Identity) -> Address:
    """Channels are always told by our own workspace, whoever writes in them: that is where the bot posts."""
    return Address("slack", f"{us.team}/{channel}")


def _author_team(event: Json, payload: Json) -> str:
    """The writer's own workspace: in a shared channel the payload's `team_id` is merely the first one that listens."""
    return _text(event, "user_team") or _text(event, "source_team") or _text(event, "team") or _text(payload, "team_id")


# Messages


def _message(event: Json, payload: Json, us: Identity) -> Iterator[Event]:
    user, channel, ts = _text(event, "user"), _text(event, "channel"), _text(event, "ts")
    if not (user and channel and ts) or event.get("subtype") not in LATE_WORDS:
        return
    if user == us.user or event.get("bot_id") or event.get("hidden"):
        return
    sender = _person(_author_team(event, payload), user, us)
    private = event.get("channel_type") == "im" or channel.startswith("D")
    if not private and not _addressed(event, us):
        return
    chat = sender if private else _place(channel, us)
    # A mention arrives twice, as message and as app_mention, under two event ids; the message has one name in both.
    key = f"slack:{channel}:{ts}"
    text = typed(event, us.user)
    thread = _text(event, "thread_ts")
    about = message_id(channel, thread) if thread and thread != ts else None
    files = _objects(event, "files")
    if not files:
        yield Said(key=key, sender=sender, chat=chat, text=text, about=about)
    for number, one in enumerate(files):
        yield Shared(
            key=key if number == 0 else f"{key}:{number}",
            sender=sender,
            chat=chat,
            file=_file(one),
            text="" if number else text,
            about=about,
        )


def _addressed(event: Json, us: Identity) -> bool:
    """In a channel the bot hears what is said to it, by name or in answer to it, and keeps nothing of the rest."""
    return (
        event.get("type") == "app_mention"
        or f"<@{us.user}" in _text(event, "text")
        or _text(event, "parent_user_id") == us.user
    )


def _file(one: Json) -> File:
    mime, size = _text(one, "mimetype"), one.get("size")
    kind: FileKind = "file"
    if mime.startswith("image/"):
        kind = "photo"
    elif one.get("subtype") == "slack_audio" or mime.startswith("audio/"):
        kind = "voice"
    elif mime.startswith("video/"):
        kind = "video"
    name = _text(one, "name") or _text(one, "title")
    return File(kind, f"slack:{_text(one, 'id')}", name, mime, size if isinstance(size, int) else None)


# Comings and goings


def _app_home_opened(event: Json, payload: Json, us: Identity) -> Iterator[Event]:
    user = _text(event, "user")
    if not user:
        return
    person = _person(_text(event, "view", "team_id") or _text(payload, "team_id"), user, us)
    if event.get("tab") == "messages":
        # Slack tells of every look at the tab. The first is an arrival; one key for all makes the rest repeats.
        yield Arrived(key=f"slack:arrived:{person.chat}", sender=person, chat=person)
    else:
        yield Opened(key=_event_key(payload), sender=person, chat=person)


def _event_key(payload: Json) -> str:
    return f"slack:{_text(payload, 'event_id')}"


def _joined(event: Json, payload: Json, us: Identity) -> Iterator[Event]:
    channel = _text(event, "channel")
    if _text(event, "user") == us.user and channel:
        adder = _person("", _text(event, "inviter") or us.user, us)
        shared = payload.get("is_ext_shared_channel") is True
        yield Grouped(key=_event_key(payload), sender=adder, chat=_place(channel, us), shared=shared)


def _gone(event: Json, payload: Json, us: Identity) -> Iterator[Event]:
    """The channel is no longer ours: we were removed, it was archived or deleted."""
    channel, kind = _text(event, "channel"), _text(event, "type")
    if not channel or (kind == "member_left_channel" and _text(event, "user") != us.user):
        return
    actor = _text(event, "actor_id") or _text(event, "inviter") or us.user
    if kind == "channel_archive":
        actor = _text(event, "user") or actor
    yield Left(key=_event_key(payload), sender=_person("", actor, us), chat=_place(channel, us), why="removed")


def _renamed(event: Json, payload: Json, us: Identity) -> Iterator[Event]:
    old, new = _text(event, "old_channel_id"), _text(event, "new_channel_id")
    if old and new:
        to = _place(new, us)
        yield Moved(key=_event_key(payload), sender=_person("", us.user, us), chat=_place(old, us), to=to)


def _user_change(event: Json, payload: Json, us: Identity) -> Iterator[Event]:
    user = _object(event, "user")
    if user.get("deleted") is True and _text(user, "id"):
        person = _person(_text(user, "team_id") or _text(payload, "team_id"), _text(user, "id"), us)
        yield Left(key=_event_key(payload), sender=person, chat=person, why="deactivated")


def _uninstalled(event: Json, payload: Json, us: Identity) -> Iterator[Event]:
    if revokes(event, us):
        bot = _person("", us.user, us)
        yield Left(key=_event_key(payload), sender=bot, chat=bot, why="uninstalled")


def revokes(event: Json, us: Identity) -> bool:
    """Whether this inner event takes the bot's own token away. Users' tokens, which the hub never asks for, do not."""
    match event.get("type"):
        case "app_uninstalled":
            return True
        case "tokens_revoked":
            bots = _object(event, "tokens").get("bot")
            return isinstance(bots, list) and us.user in bots
        case _:
            return False


_EVENTS = {
    "message": _message,
    "app_mention": _message,
    "app_home_opened": _app_home_opened,
    "member_joined_channel": _joined,
    "member_left_channel": _gone,
    "channel_left": _gone,
    "group_left": _gone,
    "channel_archive": _gone,
    "group_archive": _gone,
    "channel_deleted": _gone,
    "group_deleted": _gone,
    "channel_id_changed": _renamed,
    "user_change": _user_change,
    "app_uninstalled": _uninstalled,
    "tokens_revoked": _uninstalled,
}


# Taps, forms, commands


def _presser(payload: Json, us: Identity) -> Address | None:
    user = _text(payload, "user", "id")
    return _person(_text(payload, "user", "team_id") or _text(payload, "team", "id"), user, us) if user else None


def _taps(payload: Json, us: Identity) -> Iterator[Event]:
    sender = _presser(payload, us)
    if sender is None:
        return
    channel = _text(payload, "channel", "id") or _text(payload, "container", "channel_id")
    ts = _text(payload, "message", "ts") or _text(payload, "container", "message_ts")
    private = not channel or channel.startswith("D") or _text(payload, "channel", "name") == "directmessage"
    message = None
    if _text(payload, "view", "type") == HOME:
        message = HOME
    elif channel and ts and not _object(payload, "container").get("is_ephemeral"):
        message = message_id(channel, ts)
    for number, action in enumerate(_objects(payload, "actions")):
        meant = _chosen(action)
        if not meant:
            continue  # a link button: the browser went there, there is nothing for us to do
        once = _text(payload, "trigger_id") or f"{sender.chat}:{_text(action, 'action_ts')}"
        yield Tapped(
            key=f"slack:{once}" if number == 0 else f"slack:{once}:{number}",
            sender=sender,
            chat=sender if private else _place(channel, us),
            action=meant,
            message=message,
        )


def _chosen(element: Json) -> str:
    """What a button means, or what was chosen or typed, whatever kind of element it is."""
    for name in ("value", "selected_date", "selected_time", "selected_user"):
        if found := _text(element, name):
            return found
    several = _objects(element, "selected_options")
    return _text(element, "selected_option", "value") or ",".join(_text(one, "value") for one in several)


def _filled(payload: Json, us: Identity) -> Iterator[Event]:
    sender = _presser(payload, us)
    view = _object(payload, "view")
    if sender is None or not _text(view, "callback_id"):
        return
    answers = [
        (field, _chosen(element))
        for field, elements in _object(_object(view, "state"), "values").items()
        if isinstance(elements, Mapping)
        for element in elements.values()
        if isinstance(element, Mapping)
    ]
    begun_in = _text(view, "private_metadata")
    yield Filled(
        key=f"slack:{_text(view, 'id')}:{_text(view, 'hash')}",
        sender=sender,
        chat=Address("slack", begun_in) if begun_in else sender,
        action=_text(view, "callback_id"),
        answers=tuple(answers),
    )


def _commanded(payload: Json, us: Identity) -> Iterator[Event]:
    """`/hub invite ann@acme.com` is the command `invite`; bare `/hub` asks for home; another slash word is itself."""
    user, channel = _text(payload, "user_id"), _text(payload, "channel_id")
    if not user or not _text(payload, "trigger_id"):
        return
    sender = _person(_text(payload, "team_id"), user, us)
    private = not channel or channel.startswith("D") or _text(payload, "channel_name") == "directmessage"
    name, words = _text(payload, "command").removeprefix("/").lower(), _text(payload, "text").strip()
    if name == "hub":
        name, _, words = words.partition(" ")
    yield Commanded(
        key=f"slack:{_text(payload, 'trigger_id')}",
        sender=sender,
        chat=sender if private else _place(channel, us),
        command=name.lower() or HOME,
        words=typed({"text": words}, us.user),
    )


Chat = Literal["private", "channel"]


def kind_of(chat: Address) -> Chat:
    """Whether an address is a person's own (their chat or App Home) or a channel, by the id's first letter."""
    return "private" if chat.chat.partition("/")[2][:1] in {"U", "W"} else "channel"
