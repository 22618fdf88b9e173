"""The Web API's chat.* and reactions.* methods."""

from playground.slack import payloads
from playground.slack.backend import UPDATE_CHARACTERS, Arguments, Backend, RefusedError
from playground.slack.checks import Json
from playground.slack.state import Message


def post_message(backend: Backend, args: Arguments) -> Json:
    channel = backend.writable(args.text("channel"))
    text, blocks = backend.content(args)
    thread = backend.thread(args, channel)
    message = backend.write(channel, text, blocks, thread_ts=thread, metadata=backend.metadata(args))
    shown = payloads.message(backend.workspace, message)
    return {"channel": channel.id, "ts": message.ts, "message": shown, **_without_text(args)}


def post_ephemeral(backend: Backend, args: Arguments) -> Json:
    channel = backend.writable(args.text("channel"))
    user = args.required("user")
    if user not in channel.members:
        raise RefusedError("user_not_in_channel")
    text, blocks = backend.content(args)
    message = backend.write(channel, text, blocks, only_for=user, thread_ts=backend.thread(args, channel))
    return {"message_ts": message.ts}


def update(backend: Backend, args: Arguments) -> Json:
    """Without `blocks` the old ones stay only when there is no text either (docs.slack.dev: chat.update)."""
    message = _own(backend, args, "cant_update_message")
    if backend.workspace.channels[message.channel].archived:
        raise RefusedError("is_archived")
    if len(args.text("text")) > UPDATE_CHARACTERS and not args.given.get("blocks"):
        raise RefusedError("msg_too_long")
    text, blocks = backend.content(args)
    if (metadata := backend.metadata(args)) is not None:
        message.metadata = metadata
    backend.rewrite(message, text, blocks)
    shown = payloads.message(backend.workspace, message)
    del shown["ts"]
    return {"channel": message.channel, "ts": message.ts, "text": message.text, "message": shown}


def delete(backend: Backend, args: Arguments) -> Json:
    message = _own(backend, args, "cant_delete_message")
    backend.erase(message)
    return {"channel": message.channel, "ts": message.ts}


def permalink(backend: Backend, args: Arguments) -> Json:
    channel = backend.channel(args.required("channel"))
    ts = args.required("message_ts")
    if ts not in channel.messages:
        raise RefusedError("message_not_found")
    address = f"{backend.interactions.base}/archives/{channel.id}/p{ts.replace('.', '')}"
    return {"channel": channel.id, "permalink": address}


def add_reaction(backend: Backend, args: Arguments) -> Json:
    name, bot = args.required("name").strip(":"), backend.workspace.bot.id
    channel = backend.channel(args.required("channel"))
    message = channel.messages.get(args.required("timestamp"))
    if message is None:
        raise RefusedError("message_not_found")
    if bot not in channel.members:
        raise RefusedError("not_in_channel")
    who = message.reactions.setdefault(name, [])
    if bot in who:
        raise RefusedError("already_reacted")
    who.append(bot)
    backend.workspace.message_changed(message)
    return {}


def _own(backend: Backend, args: Arguments, otherwise: str) -> Message:
    """The bot's own message; an ephemeral one cannot be found by its ts, as on Slack."""
    channel = backend.channel(args.text("channel"))
    message = channel.messages.get(args.required("ts"))
    if message is None or message.only_for:
        raise RefusedError("message_not_found")
    if message.author != backend.workspace.bot.id:
        raise RefusedError(otherwise)
    return message


def _without_text(args: Arguments) -> Json:
    if args.text("text"):
        return {}
    # Slack warns: notifications and screen readers have nothing to say without it.
    warning = "missing_text_in_message"
    return {"warning": warning, "response_metadata": {"warnings": [warning]}}
