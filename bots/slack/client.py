"""Shows cards in Slack, and asks Slack who people are."""

import logging
from collections import Counter
from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

from bots.slack.calls import Calls, Objection
from bots.slack.fields import HOME, Identity, kind_of, message_id
from bots.slack.files import Fetch, Files
from bots.slack.problems import BAD_BLOCKS, KEPT, NO_THREAD, UNEDITABLE, VANISHED
from bots.slack.render import Message, Picture, Shown, bare, home, home_blocks, message, modal
from bots.slack.words import escape
from core.cards import Card, Form
from core.events import Address, Profile
from core.outbox import Refused, TryLater, Uncertain, Unreachable

log = logging.getLogger(__name__)

_QUIETLY = {"unfurl_links": False, "unfurl_media": False, "mrkdwn": False}


class SlackMessenger:
    """Implements core.outbox.Messenger for one workspace's bot token. Nothing is connected before the first call."""

    def __init__(self, calls: Calls, fetch: Fetch) -> None:
        """`fetch` brings the bytes of `content:…` and `telegram:…`; Slack's own files the messenger finds itself."""
        self.calls = calls
        self.files = Files(calls, fetch)
        self._identity: Identity | None = None
        self._direct: dict[str, str] = {}
        self._shown: Counter[str] = Counter()

    async def close(self) -> None:
        await self.calls.close()

    async def send(self, to: Address, card: Card, replacing: str | None = None) -> str:
        """As core.outbox.Messenger. An App Home's message is always called `home` and always replaced."""
        if card.change == "delete" and await self._take_away(to, replacing):
            return ""
        self._shown[to.chat.removesuffix("/home")] += 1
        shown = None if card.media is None else await self.files.shown(card.media, to, lambda: self._channel(to))
        at_home = to.is_home or replacing == HOME
        try:
            drawn = Message("", home_blocks(card, shown)) if at_home else message(card, shown)
            return await self._show(to, card, drawn, replacing, at_home=at_home)
        except Objection as objection:
            if isinstance(shown, Picture) and shown.file and self.files.reject(shown.file):
                raise TryLater(timedelta(seconds=2)) from None  # Slack takes a moment to make an upload showable
            # Slack's remarks name the limit that was broken: whoever reads the log can mend the renderer.
            log.warning("layout refused", extra={"error": objection.error, "remarks": objection.remarks})
        try:
            return await self._show(to, card, bare(card, _elsewhere(shown)), replacing, at_home=at_home)
        except Objection as objection:
            raise Refused("; ".join([objection.error, *objection.remarks])) from None

    async def _show(self, to: Address, card: Card, drawn: Message, replacing: str | None, *, at_home: bool) -> str:
        """Raises Objection when Slack does not take the blocks."""
        if at_home:
            view = home(drawn.blocks)
            await self.calls.write("views.publish", {"user_id": _id_of(to), "view": view}, known=BAD_BLOCKS)
            return HOME
        body: dict[str, Any] = {"text": drawn.text, "blocks": drawn.blocks}
        channel, _, ts = (replacing or "").partition(":")
        if kind_of(to) == "channel":
            channel = _id_of(to)  # its messages stay when a channel is shared and gets another id
        if ts:
            try:
                known = UNEDITABLE | BAD_BLOCKS
                await self.calls.write("chat.update", {"channel": channel, "ts": ts, **body}, known=known)
                return message_id(channel, ts)
            except Objection as objection:
                if objection.error in BAD_BLOCKS:
                    raise
                if card.change:
                    raise Refused(objection.error) from None
        elif card.change:
            raise Refused("there is no message to change")
        posted = await self._post({"channel": _id_of(to), **body, **_QUIETLY}, card.reply_to)
        if not (posted.get("channel") and posted.get("ts")):
            raise Uncertain("Slack did not say which message it wrote")
        return message_id(str(posted["channel"]), str(posted["ts"]))

    async def _post(self, body: dict[str, Any], answered: str) -> Mapping[str, Any]:
        """A new message; below the one it answers, and in the conversation too, where few look into threads."""
        ts = answered.partition(":")[2]
        if ts:
            threaded = {**body, "thread_ts": ts, "reply_broadcast": True}
            try:
                known = BAD_BLOCKS | NO_THREAD
                return await self.calls.write("chat.postMessage", threaded, repeatable=False, known=known)
            except Objection as objection:
                if objection.error in BAD_BLOCKS:
                    raise
        return await self.calls.write("chat.postMessage", body, repeatable=False, known=BAD_BLOCKS)

    async def _take_away(self, to: Address, message: str | None) -> bool:
        """True: it is gone, or was before. False: Slack keeps it (docs.slack.dev: chat.delete)."""
        channel, _, ts = (message or "").partition(":")
        if kind_of(to) == "channel":
            channel = _id_of(to)
        if not ts:
            return False
        try:
            await self.calls.write("chat.delete", {"channel": channel, "ts": ts}, known=VANISHED | KEPT)
        except Objection as objection:
            return objection.error in VANISHED
        return True

    async def _channel(self, to: Address) -> str:
        """The channel's own id, D… for a person (opened if need be): files are shared in channels only."""
        member = _id_of(to)
        if kind_of(to) == "channel":
            return member
        if member not in self._direct:
            opened = await self.calls.write("conversations.open", {"users": member})
            self._direct[member] = str(opened["channel"]["id"])
        return self._direct[member]

    async def whoami(self) -> Identity:
        """The bot and its workspace, asked once. Raises the outbox's errors; Revoked when the token is wrong."""
        if self._identity is None:
            told = await self.calls.write("auth.test", {})
            self._identity = Identity(
                str(told["team_id"]), str(told["user_id"]), str(told.get("user", "")), str(told.get("team", ""))
            )
        return self._identity

    async def profile(self, person: Address) -> Profile:
        """What Slack tells of this person. Raises the outbox's errors; Unreachable when it knows nobody of that id."""
        us = await self.whoami()
        answer = await self.calls.read("users.info", user=_id_of(person), include_locale="true")
        return profile_of(answer.get("user") or {}, us)

    async def find(self, email: str) -> tuple[Address, Profile] | None:
        """The member of our own workspace with this e-mail; None: there is none. Raises the outbox's errors."""
        us = await self.whoami()
        try:
            answer = await self.calls.read("users.lookupByEmail", email=email)
        except Unreachable:
            return None
        user = answer.get("user") or {}
        profile = profile_of(user, us)
        return (Address("slack", f"{us.team}/{user['id']}"), profile) if profile.home_team else None

    async def fetch(self, ref: str) -> bytes:
        """The bytes of `slack:<file id>`, at most 50 MB. Raises Refused when they cannot be had."""
        return await self.files.bytes_of(ref)

    async def open_form(self, trigger_id: str, form: Form, begun_in: Address | None = None) -> bool:
        """Show the form to whoever made this trigger, at most three seconds ago; False when Slack finds that too late.

        `begun_in`: the channel that the filled form shall name as its chat; None: the person's private chat.
        """
        view = modal(form, begun_in.chat if begun_in else "")
        body = {"trigger_id": trigger_id, "view": view}
        try:
            await self.calls.write("views.open", body, known=_TOO_LATE)
        except Objection as objection:
            log.info("form not opened", extra={"error": objection.error})
            return False
        return True

    async def update_form(self, view_id: str, form: Form, begun_in: Address | None = None) -> bool:
        """Show the form in place of an open one; False when that was closed meanwhile. `begun_in`: as `open_form`."""
        view = modal(form, begun_in.chat if begun_in else "")
        try:
            await self.calls.write("views.update", {"view_id": view_id, "view": view}, known=_CLOSED)
        except Objection as objection:
            log.info("form not updated", extra={"error": objection.error})
            return False
        return True

    def shown_in(self, chat: Address) -> int:
        """How many cards this process has shown in a chat, App Home and chat counted as one."""
        return self._shown[chat.chat.removesuffix("/home")]

    async def whisper(self, chat: Address, person: Address, text: str) -> None:
        """Say something in a chat that only this person sees; it may get lost. Raises the outbox's errors."""
        body = {"channel": await self._channel(chat), "user": _id_of(person), "text": escape(text)}
        await self.calls.write("chat.postEphemeral", body)

    async def describe(self, channel: Address) -> tuple[str, bool]:
        """(name, whether people of other workspaces are in it). Raises the outbox's errors."""
        about = (await self.calls.read("conversations.info", channel=_id_of(channel))).get("channel") or {}
        shared = any(about.get(name) is True for name in ("is_ext_shared", "is_pending_ext_shared"))
        return str(about.get("name") or ""), shared


_CLOSED = frozenset({"not_found", "view_not_found", "hash_conflict"})
_TOO_LATE = frozenset({"expired_trigger_id", "exchanged_trigger_id", "invalid_trigger_id", "trigger_exchanged"})


def profile_of(user: Mapping[str, Any], us: Identity) -> Profile:
    """A user object of users.info, read with suspicion: names are anybody's choice, addresses must be confirmed.

    People of other workspaces have no locale, strangers no e-mail (docs.slack.dev: Slack Connect, members). Another
    workspace's admin can write any address into a profile, so an outsider's counts only when Slack confirms it.
    """
    about: Mapping[str, Any] = user.get("profile") or {}
    ours = user.get("team_id") == us.team and not user.get("is_stranger")
    confirmed = user.get("is_email_confirmed")
    email = str(about.get("email") or "").strip().lower()
    vouched = "@" in email and (confirmed is True or (ours and confirmed is None))
    guest = user.get("is_restricted") or user.get("is_ultra_restricted")
    names = (about.get("real_name"), user.get("real_name"), about.get("display_name"), user.get("name"))
    return Profile(
        name=next((str(one) for one in names if one), ""),
        email=email if vouched else None,
        language=str(user.get("locale") or "") or None,
        timezone=_zone(user.get("tz")),
        home_team=bool(ours and not guest and not user.get("is_bot") and not user.get("deleted")),
    )


def _zone(name: object) -> str | None:
    if not isinstance(name, str) or not name:
        return None
    try:
        return ZoneInfo(name).key
    except (LookupError, ValueError, OSError):
        return None


def _id_of(chat: Address) -> str:
    """U… or C… of `T…/U…/home`."""
    return chat.chat.split("/")[1] if "/" in chat.chat else chat.chat


def _elsewhere(shown: Shown | None) -> Shown | None:
    return None if isinstance(shown, Picture) else shown
