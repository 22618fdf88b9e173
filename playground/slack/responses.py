"""Answers that need no token: the body of a command's acknowledgement, and what is posted to a response_url."""

from aiohttp import web

from playground.slack.backend import Arguments, Backend, RefusedError
from playground.slack.checks import Json
from playground.slack.interactions import ResponseUrl
from playground.slack.state import Channel


def respond(backend: Backend, channel: Channel, user: str, said: Json) -> None:
    """Write what the bot answers: to the one person, or to everybody with `response_type: in_channel`.

    Raises RefusedError as chat.postMessage would. The bot need not be in the channel.
    """
    args = Arguments(said)
    text, blocks = backend.content(args)
    thread = args.text("thread_ts") if args.text("thread_ts") in channel.messages else ""
    only_for = "" if said.get("response_type") == "in_channel" else user
    backend.write(channel, text, blocks, only_for=only_for, thread_ts=thread)


async def take(backend: Backend, request: web.Request) -> web.Response:
    """One use of a response_url: 404 `used_url` or `expired_url` when there is none left."""
    try:
        known = backend.interactions.use_response_url(request.match_info["secret"])
    except LookupError as gone:
        return web.json_response({"ok": False, "error": gone.args[0]}, status=404)
    try:
        said = await request.json()
    except ValueError:
        return web.json_response({"ok": False, "error": "invalid_payload"}, status=400)
    try:
        _apply(backend, known, said if isinstance(said, dict) else {})
    except RefusedError as refused:
        return web.json_response({"ok": False, "error": refused.error, **refused.more}, status=400)
    return web.json_response({"ok": True})


def _apply(backend: Backend, known: ResponseUrl, said: Json) -> None:
    channel = backend.workspace.channels.get(known.channel)
    if channel is None:
        raise RefusedError("channel_not_found")
    args = Arguments(said)
    original = channel.messages.get(known.message)
    if args.flag("delete_original"):
        if original is None:
            raise RefusedError("message_not_found")
        backend.erase(original)
    elif args.flag("replace_original") and original:
        text, blocks = backend.content(args)
        backend.rewrite(original, text, blocks)
    else:
        respond(backend, channel, known.user, said)
