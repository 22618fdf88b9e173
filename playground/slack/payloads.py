"""Slack's JSON as the real thing writes it: users, channels, messages, views, files, and the envelopes of events."""

import copy
import mimetypes
import uuid
from zoneinfo import ZoneInfo

from playground.slack.checks import Json
from playground.slack.mrkdwn import stored, unescape
from playground.slack.state import Channel, File, Member, Message, View, Workspace


def handle(member: Member) -> str:
    """The short user name, `ann.lee`."""
    return member.name.lower().replace(" ", ".")


def user(workspace: Workspace, member: Member, *, with_locale: bool) -> Json:
    """A user object (docs.slack.dev: users.info). People of other workspaces have no locale, strangers no e-mail."""
    outsider, stranger = workspace.is_outsider(member.id), workspace.is_stranger(member.id)
    profile: Json = {
        "real_name": member.name,
        "real_name_normalized": member.name,
        "display_name": handle(member),
        "display_name_normalized": handle(member),
        "first_name": member.name.partition(" ")[0],
        "last_name": member.name.partition(" ")[2],
        "title": "",
        "phone": "",
        "status_text": "",
        "status_emoji": "",
        "avatar_hash": "g0",
        "team": member.team,
    }
    if member.email and not stranger:
        profile["email"] = member.email
    if member.is_bot:
        profile |= {"api_app_id": workspace.app_id, "bot_id": workspace.bot_id, "always_active": True}
    shown: Json = {
        "id": member.id,
        "team_id": member.team,
        "name": handle(member),
        "deleted": member.deleted,
        "profile": profile,
        "is_bot": member.is_bot,
        "is_app_user": False,
        "updated": member.updated,
    }
    if outsider:
        shown["is_stranger"] = stranger
    if member.deleted:
        return shown
    offset = workspace.clock.now().astimezone(ZoneInfo(member.tz)).utcoffset()
    shown |= {
        "color": "9f69e7",
        "real_name": member.name,
        "tz": member.tz,
        "tz_label": member.tz,
        "tz_offset": int(offset.total_seconds()) if offset else 0,
        "is_admin": member.is_admin,
        "is_owner": False,
        "is_primary_owner": False,
        "is_restricted": False,
        "is_ultra_restricted": False,
        "is_email_confirmed": True,
    }
    if with_locale and not outsider:
        shown["locale"] = member.locale
    return shown


def channel(workspace: Workspace, it: Channel) -> Json:
    """A conversation object (docs.slack.dev: conversations.info)."""
    member = workspace.bot.id in it.members
    if it.kind == "im":
        return {
            "id": it.id,
            "created": it.created,
            "is_archived": it.archived,
            "is_im": True,
            "is_org_shared": False,
            "user": it.partner(workspace.bot.id),
            "is_open": True,
            "priority": 0,
        }
    return {
        "id": it.id,
        "name": it.name,
        "name_normalized": it.name,
        "is_channel": it.kind == "channel",
        "is_group": it.kind == "group",
        "is_im": False,
        "is_mpim": False,
        "is_private": it.kind == "group",
        "created": it.created,
        "creator": it.members[0] if it.members else "",
        "is_archived": it.archived,
        "is_general": it.name == "general",
        "is_shared": it.shared,
        "is_ext_shared": it.shared,
        "is_org_shared": False,
        "shared_team_ids": sorted({workspace.team, *(workspace.members[one].team for one in it.members)}),
        "is_member": member,
        "num_members": len(it.members),
        "topic": {"value": "", "creator": "", "last_set": 0},
        "purpose": {"value": "", "creator": "", "last_set": 0},
        "previous_names": [],
        "context_team_id": workspace.team,
    }


def message(workspace: Workspace, it: Message) -> Json:
    """A message object as events, answers and interactions carry it; without the channel."""
    shown: Json = {"type": "message", "user": it.author, "text": it.text, "ts": it.ts}
    if it.subtype:
        shown["subtype"] = it.subtype
    if it.author == workspace.bot.id and not it.subtype.endswith(("_join", "_leave")):
        shown |= {
            "bot_id": workspace.bot_id,
            "app_id": workspace.app_id,
            "bot_profile": {
                "id": workspace.bot_id,
                "deleted": False,
                "name": workspace.bot.name,
                "updated": workspace.bot.updated,
                "app_id": workspace.app_id,
                "icons": {},
                "team_id": workspace.team,
            },
        }
    if it.files:
        shown |= {"upload": False, "display_as_bot": False}
    else:
        shown["team"] = workspace.members[it.author].team
        if it.client_msg_id:
            shown["client_msg_id"] = it.client_msg_id
    if it.blocks:
        shown["blocks"] = copy.deepcopy(it.blocks)
    if it.files:
        shown["files"] = [file(one) for one in it.files]
    if it.thread_ts:
        shown["thread_ts"] = it.thread_ts
        parent = workspace.message(it.channel, it.thread_ts)
        if parent is not None and parent is not it:
            shown["parent_user_id"] = parent.author
    if it.edited_ts:
        shown["edited"] = {"user": it.author, "ts": it.edited_ts}
    if it.reactions:
        shown["reactions"] = [{"name": n, "users": who, "count": len(who)} for n, who in it.reactions.items()]
    return shown


def view(workspace: Workspace, it: View) -> Json:
    """A view object as views.* answer it and interactions carry it."""
    body = it.body
    shown: Json = {
        "id": it.id,
        "team_id": workspace.team,
        "type": body["type"],
        "blocks": copy.deepcopy(body["blocks"]),
        "private_metadata": body.get("private_metadata", ""),
        "callback_id": body.get("callback_id", ""),
        "external_id": body.get("external_id", ""),
        "state": {"values": copy.deepcopy(it.state)},
        "hash": it.hash,
        "title": body.get("title", {"type": "plain_text", "text": "View Title", "emoji": True}),
        "submit": body.get("submit"),
        "close": body.get("close"),
        "clear_on_close": body.get("clear_on_close", False),
        "notify_on_close": body.get("notify_on_close", False),
        "root_view_id": it.root,
        "previous_view_id": it.previous or None,
        "app_id": workspace.app_id,
        "app_installed_team_id": workspace.team,
        "bot_id": workspace.bot_id,
    }
    return shown


def file(it: File) -> Json:
    """A file object (docs.slack.dev: files.info). Its private addresses ask for the bot's token."""
    extension = it.name.rpartition(".")[2] if "." in it.name else (mimetypes.guess_extension(it.mime) or ".bin")[1:]
    return {
        "id": it.id,
        "created": it.created,
        "timestamp": it.created,
        "name": it.name,
        "title": it.title or it.name,
        "mimetype": it.mime,
        "filetype": extension,
        "pretty_type": extension.upper(),
        "user": it.owner,
        "mode": "hosted",
        "editable": False,
        "size": len(it.content),
        "is_external": False,
        "external_type": "",
        "is_public": any(one.startswith("C") for one in it.channels),
        "public_url_shared": False,
        "display_as_bot": False,
        "username": "",
        "url_private": it.address,
        "url_private_download": it.address,
        "permalink": it.address,
        "has_rich_preview": False,
        "file_access": "visible",
    }


def with_ids(workspace: Workspace, blocks: list[Json]) -> list[Json]:
    """A copy with what Slack fills in: missing block and action ids, and mrkdwn as it is stored."""
    filled = copy.deepcopy(blocks)
    for block in filled:
        block.setdefault("block_id", _short_id(workspace))
        elements = [*block.get("elements", []), block.get("accessory"), block.get("element")]
        for element in elements if block["type"] in {"actions", "section", "input"} else ():
            if element and element["type"] != "image":
                element.setdefault("action_id", _short_id(workspace))
        _store_texts(block)
    return filled


def client_msg_id(workspace: Workspace) -> str:
    return str(uuid.UUID(int=workspace.random.getrandbits(128), version=4))


def typed(workspace: Workspace, text: str) -> list[Json]:
    """The block Slack's own app makes of what a person types."""
    words = {"type": "text", "text": unescape(text)}
    section = {"type": "rich_text_section", "elements": [words]}
    return [{"type": "rich_text", "block_id": _short_id(workspace), "elements": [section]}]


def _short_id(workspace: Workspace) -> str:
    return "".join(workspace.random.choices("abcdefghijkmnpqrstuvwxyzABCDEFGHJKMNPQRSTUVWXYZ23456789+/", k=5))


def _store_texts(value: object) -> None:
    if isinstance(value, list):
        for one in value:
            _store_texts(one)
    elif isinstance(value, dict):
        if value.get("type") == "mrkdwn":
            value["text"] = stored(value["text"])
            value.setdefault("verbatim", False)
        elif value.get("type") == "plain_text":
            value.setdefault("emoji", True)
        for one in value.values():
            _store_texts(one)
