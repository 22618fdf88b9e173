"""The Web API's files.* methods and the addresses bytes travel over."""

import hmac
import mimetypes

from aiohttp import web

from playground.slack import payloads
from playground.slack.backend import Arguments, Backend, RefusedError
from playground.slack.checks import Json
from playground.slack.mrkdwn import stored
from playground.slack.state import File

HARMLESS = {"X-Content-Type-Options": "nosniff", "Content-Security-Policy": "default-src 'none'; sandbox"}
"""Headers of shared files: the page shows them, and nothing a person uploads may run there."""
UPLOAD_BYTES = 1_000_000_000
"""docs.slack.dev: working with files, 1 GB."""


def upload_url(backend: Backend, args: Arguments) -> Json:
    name = args.required("filename")
    length = args.number("length", default=0, most=UPLOAD_BYTES + 1)
    if not length:
        raise RefusedError("invalid_arguments", response_metadata={"messages": ["[ERROR] length must be positive"]})
    if length > UPLOAD_BYTES:
        raise RefusedError("file_upload_size_restricted")
    file = new_file(backend, name, b"", mimetypes.guess_type(name)[0] or "application/octet-stream", "")
    file.expected = length
    file.owner = backend.workspace.bot.id
    return {"upload_url": f"{backend.interactions.base}/upload/v1/{file.id}", "file_id": file.id}


def complete_upload(backend: Backend, args: Arguments) -> Json:
    listed = args.json("files", "invalid_arguments")
    if not isinstance(listed, list) or not listed or not all(isinstance(one, dict) and "id" in one for one in listed):
        raise RefusedError("invalid_arguments")
    files = []
    for one in listed:
        file = backend.workspace.files.get(str(one["id"]))
        if file is None or not file.content or file.expected < 0:
            raise RefusedError("file_not_found")
        file.title = str(one.get("title") or file.name)
        files.append(file)
    targets = args.names("channels") or args.names("channel_id")
    channels = [backend.writable(target) for target in targets]
    for file in files:
        file.expected = -1
    for channel in channels:
        for file in files:
            file.channels.append(channel.id)
        thread = backend.thread(args, channel)
        backend.write(channel, stored(args.text("initial_comment")), [], files=files, thread_ts=thread)
    return {"files": [payloads.file(file) for file in files]}


def info(backend: Backend, args: Arguments) -> Json:
    file = _visible(backend, args.required("file"))
    kinds = {"channels": "C", "groups": "G", "ims": "D"}
    where = {name: [one for one in file.channels if one.startswith(letter)] for name, letter in kinds.items()}
    return {"file": {**payloads.file(file), **where}, "comments": []}


def new_file(backend: Backend, name: str, content: bytes, mime: str, owner: str) -> File:
    workspace = backend.workspace
    file_id = workspace.new_id("F")
    address = f"{backend.interactions.base}/files-pri/{workspace.team}-{file_id}/{name.replace('/', '_')}"
    file = File(file_id, name, mime, content, owner, workspace.seconds(), address)
    workspace.files[file_id] = file
    return file


def _visible(backend: Backend, file_id: str) -> File:
    """A file in a channel the bot is in, or its own. Raises `file_not_found` for any other."""
    file = backend.workspace.files.get(file_id)
    bot = backend.workspace.bot.id
    seen = file and (file.owner == bot or any(bot in backend.workspace.channels[c].members for c in file.channels))
    if file is None or not seen:
        raise RefusedError("file_not_found")
    return file


async def take_upload(backend: Backend, request: web.Request) -> web.Response:
    """The bytes of an upload, raw or as a form's file; as many as were announced."""
    file = backend.workspace.files.get(request.match_info["file"])
    if file is None or file.expected < 0:
        return web.Response(status=404, text="Not found")
    if request.content_type == "multipart/form-data":
        parts = [part for part in (await request.post()).values() if isinstance(part, web.FileField)]
        content = parts[0].file.read() if parts else b""
    else:
        content = await request.read()
    if len(content) != file.expected:
        return web.Response(status=400, text=f"Expected {file.expected} bytes, got {len(content)}")
    file.content = content
    return web.Response(text=f"OK - {len(content)}")


def download(backend: Backend, request: web.Request, bot_token: str) -> web.Response:
    """The bytes for the bot's token or a person's page; anyone else is sent to sign in, as Slack's file server does."""
    file_id = request.match_info["file"].partition("-")[2]
    file = backend.workspace.files.get(file_id)
    given = request.headers.get("Authorization", "").removeprefix("Bearer ")
    is_bot = hmac.compare_digest(given.encode(), bot_token.encode())
    if not is_bot and request.query.get("see") != seeing(file_id):
        return web.Response(status=302, headers={"Location": f"{backend.interactions.base}/signin"})
    try:
        found = _visible(backend, file_id) if is_bot else file
    except RefusedError:
        found = None
    if found is None or found.expected >= 0:
        return web.Response(status=404, text="File not found")
    kind = found.mime if found.mime.startswith(("image/", "audio/", "video/")) else "application/octet-stream"
    return web.Response(body=found.content, content_type=kind, headers=HARMLESS)


def seeing(file_id: str) -> str:
    """What the playground's page adds to an address instead of a token: people are signed in, the bot is not."""
    return hmac.new(b"playground page", file_id.encode(), "sha256").hexdigest()[:16]


def sign_in() -> web.Response:
    return web.Response(
        text="<!DOCTYPE html><title>Sign in</title><p>Sign in to see this file.", content_type="text/html"
    )
