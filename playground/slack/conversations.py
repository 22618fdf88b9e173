"""The Web API's conversations.* methods: where one may speak."""

from playground.slack import payloads
from playground.slack.backend import Arguments, Backend, RefusedError
from playground.slack.checks import Json
from playground.slack.directory import page
from playground.slack.state import Channel, Message


def open_conversation(backend: Backend, args: Arguments) -> Json:
    """Direct messages with one person; the playground has no group direct messages."""
    if channel_id := args.text("channel"):
        return {"channel": {"id": backend.channel(channel_id).id}, "no_op": True, "already_open": True}
    users = args.names("users")
    if len(users) != 1:
        raise RefusedError("users_list_not_supplied" if not users else "too_many_users")
    member = backend.person(users[0])
    if member.is_bot:
        raise RefusedError("cannot_dm_bot")
    if member.deleted:
        raise RefusedError("user_disabled")
    if backend.workspace.is_stranger(member.id):
        raise RefusedError("invalid_user_combination")
    before = len(backend.workspace.channels)
    channel = backend.workspace.direct(member.id)
    full = payloads.channel(backend.workspace, channel) if args.flag("return_im") else {"id": channel.id}
    if len(backend.workspace.channels) == before:
        return {"no_op": True, "already_open": True, "channel": full}
    return {"channel": full}


def info(backend: Backend, args: Arguments) -> Json:
    channel = backend.channel(args.required("channel"))
    shown = payloads.channel(backend.workspace, channel)
    if not args.flag("include_num_members"):
        shown.pop("num_members", None)
    return {"channel": shown}


def members(backend: Backend, args: Arguments) -> Json:
    channel = backend.channel(args.required("channel"))
    part, cursor = page(channel.members, args)
    return {"members": part, "response_metadata": {"next_cursor": cursor}}


def list_conversations(backend: Backend, args: Arguments) -> Json:
    """`types` defaults to public channels; private ones and direct messages only where the bot is."""
    kinds = {"public_channel": "channel", "private_channel": "group", "im": "im", "mpim": "mpim"}
    asked = args.names("types") or ["public_channel"]
    if any(one not in kinds for one in asked):
        raise RefusedError("invalid_types")
    wanted = {kinds[one] for one in asked}
    bot = backend.workspace.bot.id
    found = [
        channel
        for channel in backend.workspace.channels.values()
        if channel.kind in wanted
        and (channel.kind == "channel" or bot in channel.members)
        and not (channel.archived and args.flag("exclude_archived"))
    ]
    part, cursor = page(found, args)
    shown = [payloads.channel(backend.workspace, channel) for channel in part]
    return {"channels": shown, "response_metadata": {"next_cursor": cursor}}


def join(backend: Backend, args: Arguments) -> Json:
    channel = backend.channel(args.required("channel"))
    if channel.kind != "channel":
        raise RefusedError("method_not_supported_for_channel_type")
    if channel.archived:
        raise RefusedError("is_archived")
    shown = payloads.channel(backend.workspace, channel)
    if backend.workspace.bot.id in channel.members:
        warning = "already_in_channel"
        return {"channel": shown, "warning": warning, "response_metadata": {"warnings": [warning]}}
    enter(backend, channel, backend.workspace.bot.id)
    return {"channel": payloads.channel(backend.workspace, channel)}


def leave(backend: Backend, args: Arguments) -> Json:
    channel = backend.channel(args.required("channel"))
    if channel.kind == "im":
        raise RefusedError("method_not_supported_for_channel_type")
    if backend.workspace.bot.id not in channel.members:
        return {"not_in_channel": True}
    go(backend, channel, backend.workspace.bot.id)
    return {}


def history(backend: Backend, args: Arguments) -> Json:
    """Newest first, at most 999 a page; ephemeral messages are not kept."""
    channel = backend.channel(args.required("channel"))
    if backend.workspace.bot.id not in channel.members:
        raise RefusedError("not_in_channel")
    oldest, latest = args.text("oldest"), args.text("latest")
    found = [
        message
        for message in reversed(channel.messages.values())
        if not message.only_for
        and (not message.thread_ts or message.thread_ts == message.ts)
        and (not oldest or float(message.ts) > float(oldest) or (args.flag("inclusive") and message.ts == oldest))
        and (not latest or float(message.ts) < float(latest) or (args.flag("inclusive") and message.ts == latest))
    ]
    part, cursor = page(found, args)
    with_metadata = args.flag("include_all_metadata")
    shown = [
        {
            **payloads.message(backend.workspace, message),
            **({"metadata": message.metadata} if with_metadata and message.metadata else {}),
        }
        for message in part
    ]
    return {"messages": shown, "has_more": bool(cursor), "response_metadata": {"next_cursor": cursor}}


def enter(backend: Backend, channel: Channel, user: str, inviter: str = "") -> None:
    """Somebody comes into a channel: they see it, the others read it, the bot is told."""
    if user in channel.members:
        return
    channel.members.append(user)
    _note(backend, channel, user, "channel_join", f"<@{user}> has joined the channel")
    backend.events.joined(channel, backend.workspace.members[user], inviter)
    backend.workspace.changed(channel.members)


def go(backend: Backend, channel: Channel, user: str) -> None:
    """Somebody leaves a channel or is removed from it."""
    if user not in channel.members:
        return
    channel.members.remove(user)
    _note(backend, channel, user, "channel_leave", f"<@{user}> has left the channel")
    backend.events.left(channel, backend.workspace.members[user])
    backend.workspace.changed([*channel.members, user])


def _note(backend: Backend, channel: Channel, user: str, subtype: str, text: str) -> None:
    kind = subtype if channel.kind == "channel" else subtype.replace("channel", "group")
    message = Message(backend.workspace.next_ts(), channel.id, user, text, subtype=kind)
    channel.messages[message.ts] = message
    backend.events.posted(message)
