"""What went wrong at Slack, as the outbox's own errors: they say what to do next."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import aiohttp

from core.outbox import Refused, Revoked, TryLater, Uncertain, Unreachable

SHORT_WHILE = timedelta(seconds=5)
"""How long to wait when Slack gives no time: its own outages and broken connections."""


def _names(listed: str) -> frozenset[str]:
    return frozenset(listed.split())


# Names from Slack's reference pages of chat.postMessage, chat.update, views.publish, conversations.open and
# files.completeUploadExternal; what each group means for us is said where it is used.
_OF_THE_TOKEN = _names(
    "invalid_auth not_authed account_inactive token_revoked token_expired missing_scope no_permission "
    "org_login_required ekm_access_denied team_access_not_granted not_allowed_token_type "
    "two_factor_setup_required enterprise_is_restricted "
)
_DEACTIVATED = _names("user_disabled user_not_found users_not_found user_deleted cannot_dm_bot")
_REMOVED = _names("channel_not_found not_in_channel is_archived channel_is_archived is_inactive")
_REFUSING = _names(
    "messages_tab_disabled restricted_action restricted_action_read_only_channel restricted_action_thread_locked "
    "restricted_action_thread_only_channel restricted_action_non_threadable_channel user_not_visible "
    "invalid_user_combination access_denied team_not_found not_enabled im_disabled not_authorized_to_message_user "
    "slack_connect_file_upload_sharing_blocked "
)
_BUSY = _names(
    "ratelimited rate_limited message_limit_exceeded service_unavailable request_timeout accesslimited "
    "external_channel_migrating team_added_to_org "
)
_HALF_DONE = _names("fatal_error internal_error")
"""Slack: "it's possible some aspect of the operation succeeded before the error was raised"."""

UNEDITABLE = _names("message_not_found cant_update_message edit_window_closed cant_broadcast_message update_failed")
"""Of chat.update: the message is gone, not ours or too old, so the card is sent anew."""
VANISHED = _names("message_not_found")
"""Of chat.delete: it is not there any more, which is what was wanted."""
KEPT = _names("cant_delete_message compliance_exports_prevent_deletion")
"""Of chat.delete: the workspace does not let messages go."""
NO_THREAD = _names("thread_not_found cannot_reply_to_message cant_broadcast_message restricted_action_thread_locked")
"""Of a reply: what it answers is gone or closed, so it stands alone."""
BAD_BLOCKS = _names("invalid_blocks invalid_blocks_format invalid_arguments msg_blocks_too_long slack_file_not_found")
"""Of a message or view whose layout Slack does not take: its words may still pass."""


@dataclass(frozen=True, slots=True)
class Reply:
    """What came back for one call. `body` is empty when it was no JSON object (a gateway's page)."""

    status: int
    body: Mapping[str, Any]
    retry_after: str = ""
    """The header of that name, in seconds; empty when there was none."""

    @property
    def ok(self) -> bool:
        return self.status == 200 and bool(self.body.get("ok"))

    @property
    def error(self) -> str:
        """Slack's own name of the error; empty when it gave none."""
        return str(self.body.get("error") or "")

    @property
    def remarks(self) -> tuple[str, ...]:
        """Slack's remarks on a layout: limits and pointers, never the client's words. At most five."""
        metadata = self.body.get("response_metadata")
        said = metadata.get("messages") if isinstance(metadata, Mapping) else None
        return tuple(str(one) for one in said[:5]) if isinstance(said, list) else ()


def object_in(content: bytes) -> Mapping[str, Any]:
    """The JSON object that these bytes are; empty when they are anything else."""
    try:
        read = json.loads(content)
    except ValueError:
        return {}
    return read if isinstance(read, dict) else {}


def refusal(reply: Reply, *, repeatable: bool) -> Exception:
    """The outbox's error for a reply that is not ok. `repeatable` as for `broken_line`."""
    status, error = reply.status, reply.error
    if status == 429 or error in _BUSY:
        return TryLater(_patience(reply))
    if error in _HALF_DONE or (not error and status in (200, 500, 504)):
        return _lost(repeatable)
    if status >= 500:
        return TryLater(SHORT_WHILE)
    if error in _OF_THE_TOKEN:
        needed = reply.body.get("needed")
        return Revoked(f"Slack says {error}" + (f": the bot needs the scope {needed}" if needed else ""))
    for errors, why in ((_DEACTIVATED, "deactivated"), (_REMOVED, "removed"), (_REFUSING, "refused")):
        if error in errors:
            return Unreachable(why)
    return Refused("; ".join([error or f"HTTP status {status}", *reply.remarks]))


def broken_line(problem: aiohttp.ClientError | TimeoutError | ConnectionError, *, repeatable: bool) -> Exception:
    """The outbox's error for a call that got no reply.

    `repeatable`: doing the call twice shows nothing twice, so a lost answer is merely a reason to try again.
    """
    match problem:
        case aiohttp.ClientConnectorError() | aiohttp.ConnectionTimeoutError():
            return TryLater(SHORT_WHILE)  # never reached Slack
        case aiohttp.InvalidURL():
            return Refused(f"not a web address: {problem}")
        case _:
            return _lost(repeatable)


def _lost(repeatable: bool) -> Exception:
    return TryLater(SHORT_WHILE) if repeatable else Uncertain("Slack's answer was lost")


def _patience(reply: Reply) -> timedelta:
    return timedelta(seconds=max(1, int(reply.retry_after))) if reply.retry_after.isdigit() else SHORT_WHILE
