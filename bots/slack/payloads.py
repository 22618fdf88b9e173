"""Slack's payloads as the hub's events: one pure function, so that every shape Slack sends can stand in a table."""

from collections.abc import Iterator

from bots.slack.fields import Identity, Json, message_id, object_at, objects_at, person_at, place_at, text_at
from bots.slack.presses import commanded, filled, taps
from bots.slack.words import typed
from core.events import Arrived, Event, File, FileKind, Grouped, Left, Moved, Opened, Said, Shared

WORDS = (None, "", "file_share", "thread_broadcast", "me_message")
"""Subtypes of messages in which a person says something; all others are edits, joins, bots' and Slack's own words."""


def translate(payload: Json, us: Identity) -> tuple[Event, ...]:
    """What happened, in order; empty when it does not concern the hub. A message with several files is several events.

    Never raises for an odd payload: what cannot be read is nothing that happened.
    """
    match payload.get("type"):
        case "event_callback":
            event = object_at(payload, "event")
            read = _EVENTS.get(text_at(event, "type"))
            return tuple(read(event, payload, us)) if read and text_at(payload, "event_id") else ()
        case "block_actions":
            return tuple(taps(payload, us))
        case "view_submission":
            return tuple(filled(payload, us))
        case None | "" if "command" in payload:
            return tuple(commanded(payload, us))
        case _:
            return ()


def _author_team(event: Json, payload: Json) -> str:
    """The writer's own workspace: in a shared channel the payload's `team_id` is merely the first one that listens."""
    return (
        text_at(event, "user_team")
        or text_at(event, "source_team")
        or text_at(event, "team")
        or text_at(payload, "team_id")
    )


# Messages


def _message(event: Json, payload: Json, us: Identity) -> Iterator[Event]:
    user, channel, ts = text_at(event, "user"), text_at(event, "channel"), text_at(event, "ts")
    if not (user and channel and ts) or event.get("subtype") not in WORDS:
        return
    if user == us.user or event.get("bot_id") or event.get("hidden"):
        return
    sender = person_at(_author_team(event, payload), user, us)
    private = event.get("channel_type") == "im" or channel.startswith("D")
    if not private and not _addressed(event, us):
        return
    chat = sender if private else place_at(channel, us)
    # A mention arrives twice, as message and as app_mention, under two event ids; the message has one name in both.
    key = f"slack:{channel}:{ts}"
    text = typed(event, us.user)
    thread = text_at(event, "thread_ts")
    about = message_id(channel, thread) if thread and thread != ts else None
    files = objects_at(event, "files")
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
        or f"<@{us.user}" in text_at(event, "text")
        or text_at(event, "parent_user_id") == us.user
    )


def _file(one: Json) -> File:
    mime, size = text_at(one, "mimetype"), one.get("size")
    kind: FileKind = "file"
    if mime.startswith("image/"):
        kind = "photo"
    elif one.get("subtype") == "slack_audio" or mime.startswith("audio/"):
        kind = "voice"
    elif mime.startswith("video/"):
        kind = "video"
    name = text_at(one, "name") or text_at(one, "title")
    return File(kind, f"slack:{text_at(one, 'id')}", name, mime, size if isinstance(size, int) else None)


# Comings and goings


def _app_home_opened(event: Json, payload: Json, us: Identity) -> Iterator[Event]:
    user = text_at(event, "user")
    if not user:
        return
    person = person_at(text_at(event, "view", "team_id") or text_at(payload, "team_id"), user, us)
    if event.get("tab") == "messages":
        # Slack tells of every look at the tab. The first is an arrival; one key for all makes the rest repeats.
        yield Arrived(key=f"slack:arrived:{person.chat}", sender=person, chat=person)
    else:
        yield Opened(key=_event_key(payload), sender=person, chat=person)


def _event_key(payload: Json) -> str:
    return f"slack:{text_at(payload, 'event_id')}"


def _joined(event: Json, payload: Json, us: Identity) -> Iterator[Event]:
    channel = text_at(event, "channel")
    if text_at(event, "user") == us.user and channel:
        adder = person_at("", text_at(event, "inviter") or us.user, us)
        shared = payload.get("is_ext_shared_channel") is True
        yield Grouped(key=_event_key(payload), sender=adder, chat=place_at(channel, us), shared=shared)


def _gone(event: Json, payload: Json, us: Identity) -> Iterator[Event]:
    """The channel is no longer ours: we were removed, it was archived or deleted."""
    channel, kind = text_at(event, "channel"), text_at(event, "type")
    if not channel or (kind == "member_left_channel" and text_at(event, "user") != us.user):
        return
    actor = text_at(event, "actor_id") or text_at(event, "inviter") or us.user
    if kind == "channel_archive":
        actor = text_at(event, "user") or actor
    yield Left(key=_event_key(payload), sender=person_at("", actor, us), chat=place_at(channel, us), why="removed")


def _renamed(event: Json, payload: Json, us: Identity) -> Iterator[Event]:
    old, new = text_at(event, "old_channel_id"), text_at(event, "new_channel_id")
    if old and new:
        to = place_at(new, us)
        yield Moved(key=_event_key(payload), sender=person_at("", us.user, us), chat=place_at(old, us), to=to)


def _user_change(event: Json, payload: Json, us: Identity) -> Iterator[Event]:
    user = object_at(event, "user")
    if user.get("deleted") is True and text_at(user, "id"):
        person = person_at(text_at(user, "team_id") or text_at(payload, "team_id"), text_at(user, "id"), us)
        yield Left(key=_event_key(payload), sender=person, chat=person, why="deactivated")


def _uninstalled(event: Json, payload: Json, us: Identity) -> Iterator[Event]:
    if revokes(event, us):
        bot = person_at("", us.user, us)
        yield Left(key=_event_key(payload), sender=bot, chat=bot, why="uninstalled")


def revokes(event: Json, us: Identity) -> bool:
    """Whether this inner event takes the bot's own token away. Users' tokens, which the hub never asks for, do not."""
    match event.get("type"):
        case "app_uninstalled":
            return True
        case "tokens_revoked":
            bots = object_at(event, "tokens").get("bot")
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
