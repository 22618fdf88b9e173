"""What Telegram remembers: people, chats, messages, and how each of them looks to a bot."""

import html
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from playground.telegram.entities import PLAIN, Formatted, entities_json
from playground.telegram.files import Stored
from playground.telegram.keyboards import Keyboard
from playground.telegram.wire import Json, JsonValue
from playground.views import MessageView

Membership = Literal["creator", "administrator", "member", "left", "kicked"]


@dataclass(slots=True)
class User:
    id: int
    first_name: str
    last_name: str = ""
    username: str = ""
    language_code: str = ""
    is_bot: bool = False
    deactivated: bool = False

    @property
    def name(self) -> str:
        return f"{self.first_name} {self.last_name}".strip()

    def json(self) -> dict[str, JsonValue]:
        shown: dict[str, JsonValue] = {"id": self.id, "is_bot": self.is_bot, "first_name": self.first_name}
        for key, value in (
            ("last_name", self.last_name),
            ("username", self.username),
            ("language_code", self.language_code),
        ):
            if value:
                shown[key] = value
        return shown


@dataclass(slots=True)
class Chat:
    id: int
    kind: Literal["private", "group", "supergroup"]
    title: str
    members: dict[int, Membership] = field(default_factory=dict)
    """In a private chat the person alone; in a group everybody who is or was there, the bot too."""
    messages: dict[int, "Message"] = field(default_factory=dict)
    partner: User | None = None
    """The person of a private chat."""
    started: bool = False
    """The person pressed Start or wrote: from then on the bot may write."""
    blocked: bool = False
    migrated_to: "Chat | None" = None
    migrated_from: "Chat | None" = None
    pinned: list[int] = field(default_factory=list)
    keyboard: "Message | None" = None
    """The message whose reply keyboard is in force."""
    typing_until: datetime | None = None
    next_id: int = 1
    """Of a supergroup, which counts its own messages; others share the bot's counter."""

    def json(self) -> dict[str, JsonValue]:
        if self.partner is None:
            return {"id": self.id, "type": self.kind, "title": self.title}
        shown = self.partner.json()
        keep = ("id", "first_name", "last_name", "username")
        return {**{key: shown[key] for key in keep if key in shown}, "type": "private"}

    def is_in(self, user_id: int) -> bool:
        return self.members.get(user_id, "left") not in ("left", "kicked")

    def present(self) -> list[int]:
        return [user_id for user_id in self.members if self.is_in(user_id)]


@dataclass(slots=True)
class Message:
    id: int
    chat: Chat
    sender: User
    at: datetime
    words: Formatted = PLAIN
    """The text, or the caption when there is media."""
    media: Stored | None = None
    keyboard: Keyboard | None = None
    reply_to: "Message | None" = None
    service: Json = field(default_factory=dict)
    """What makes it a service message or a contact: fields of the Message as a bot reads them."""
    notice: str = ""
    """A service message in words, as people see it."""
    edited: datetime | None = None
    album: str = ""
    order: int = 0
    """Grows with every message of every chat, so that the newest is known even while the clock stands still."""
    shown: dict[int, MessageView] = field(default_factory=dict)
    """What was last drawn, by viewer; emptied at every change."""

    @property
    def plain(self) -> str:
        """Its words as people read them, without markup."""
        return self.notice or self.words.text

    @property
    def stamp(self) -> int:
        """When it was sent, in whole Unix seconds, as the Bot API gives dates."""
        return int(self.at.timestamp())

    def json(self, *, deep: bool = True) -> dict[str, JsonValue]:
        """The Message object of the Bot API. `deep` also shows the message it replies to."""
        shown: dict[str, JsonValue] = {
            "message_id": self.id,
            "from": self.sender.json(),
            "chat": self.chat.json(),
            "date": self.stamp,
        }
        if self.edited:
            shown["edit_date"] = int(self.edited.timestamp())
        if self.media:
            shown[self.media.kind] = self.media.json()
            if self.media.kind == "animation":
                shown["document"] = {
                    "file_id": self.media.file_id,
                    "file_unique_id": self.media.unique_id,
                    "file_name": self.media.name,
                }
        if self.words.text:
            text, entities = ("caption", "caption_entities") if self.media else ("text", "entities")
            shown[text] = self.words.text
            if self.words.entities:
                shown[entities] = entities_json(self.words.entities)
        if self.album:
            shown["media_group_id"] = self.album
        shown.update(self.service)
        markup = self.keyboard.json() if self.keyboard else None
        if markup:
            shown["reply_markup"] = markup
        if deep and self.reply_to is not None and self.reply_to.id in self.reply_to.chat.messages:
            shown["reply_to_message"] = self.reply_to.json(deep=False)
        return shown


def member_json(user: User, status: Membership) -> Json:
    """A ChatMember of the Bot API."""
    shown: dict[str, JsonValue] = {"status": status, "user": user.json()}
    if status == "kicked":
        shown["until_date"] = 0
    if status == "creator":
        shown["is_anonymous"] = False
    if status == "administrator":
        rights = (
            "can_manage_chat can_delete_messages can_manage_video_chats can_restrict_members can_promote_members "
            "can_change_info can_invite_users can_post_stories can_edit_stories can_delete_stories can_pin_messages"
        )
        shown.update({"can_be_edited": False, "is_anonymous": False, **dict.fromkeys(rights.split(), True)})
    return shown


def inaccessible(chat: Chat, message_id: int) -> Json:
    """A message a bot can no longer read: only its place is known. Bot API: InaccessibleMessage."""
    return {"chat": chat.json(), "message_id": message_id, "date": 0}


def notice_html(words: str) -> str:
    return f'<i class="service">{html.escape(words)}</i>'
