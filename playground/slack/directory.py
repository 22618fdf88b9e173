"""The Web API's auth, apps, users, bots and team methods: who is who."""

from collections.abc import Sequence
from typing import TypeVar

from playground.slack import payloads
from playground.slack.backend import Arguments, Backend, RefusedError
from playground.slack.checks import Json

T = TypeVar("T")


def auth_test(backend: Backend, args: Arguments) -> Json:
    del args
    workspace = backend.workspace
    return {
        "url": f"{backend.interactions.base}/",
        "team": workspace.name,
        "user": payloads.handle(workspace.bot),
        "team_id": workspace.team,
        "user_id": workspace.bot.id,
        "bot_id": workspace.bot_id,
        "is_enterprise_install": False,
    }


def open_connection(backend: Backend, args: Arguments) -> Json:
    del args
    address = backend.interactions.base.replace("http://", "ws://")
    return {"url": f"{address}/link/?ticket={backend.sockets.ticket()}&app_id={backend.workspace.app_id}"}


def user_info(backend: Backend, args: Arguments) -> Json:
    member = backend.person(args.required("user"))
    return {"user": payloads.user(backend.workspace, member, with_locale=args.flag("include_locale"))}


def user_by_email(backend: Backend, args: Arguments) -> Json:
    """Only people of this workspace are found by e-mail, and not when they are deactivated."""
    email = args.required("email").lower()
    for member in backend.workspace.members.values():
        if member.email.lower() == email and member.team == backend.workspace.team and not member.deleted:
            return {"user": payloads.user(backend.workspace, member, with_locale=False)}
    raise RefusedError("users_not_found")


def list_users(backend: Backend, args: Arguments) -> Json:
    known = [one for one in backend.workspace.members.values() if not backend.workspace.is_stranger(one.id)]
    part, cursor = page(known, args)
    with_locale = args.flag("include_locale")
    return {
        "members": [payloads.user(backend.workspace, one, with_locale=with_locale) for one in part],
        "cache_ts": backend.workspace.seconds(),
        "response_metadata": {"next_cursor": cursor},
    }


def bot_info(backend: Backend, args: Arguments) -> Json:
    workspace = backend.workspace
    if args.text("bot", workspace.bot_id) != workspace.bot_id:
        raise RefusedError("bot_not_found")
    return {
        "bot": {
            "id": workspace.bot_id,
            "deleted": False,
            "name": workspace.bot.name,
            "updated": workspace.bot.updated,
            "app_id": workspace.app_id,
            "user_id": workspace.bot.id,
            "icons": {},
        }
    }


def team_info(backend: Backend, args: Arguments) -> Json:
    workspace = backend.workspace
    if args.text("team", workspace.team) != workspace.team:
        raise RefusedError("team_not_found")
    domain = workspace.name.lower().replace(" ", "-")
    return {
        "team": {"id": workspace.team, "name": workspace.name, "domain": domain, "email_domain": "", "icon": {}},
    }


def page(items: Sequence[T], args: Arguments) -> tuple[list[T], str]:
    """(this page, cursor of the next or ""). Cursors are opaque to the bot; here they count."""
    cursor = args.text("cursor")
    if cursor and not cursor.startswith("next_"):
        raise RefusedError("invalid_cursor")
    start = int(cursor.removeprefix("next_") or 0) if cursor.removeprefix("next_").isdigit() else 0
    end = start + args.number("limit", default=1000, most=1000)
    return list(items[start:end]), f"next_{end}" if end < len(items) else ""
