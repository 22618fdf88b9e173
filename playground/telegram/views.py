"""A person's Telegram as the page and the tests see it, drawn from what the platform remembers."""

from typing import Literal

from playground.telegram.chats import Chat, Message, User, notice_html
from playground.telegram.entities import to_html
from playground.telegram.files import Kind
from playground.telegram.keyboards import Button, Keyboard
from playground.telegram.platform import Telegram
from playground.telegram.profile import commands_for
from playground.views import ButtonView, ConversationView, MediaView, MessageView, SeatView

_MEDIA: dict[Kind, Literal["photo", "video", "voice", "file"]] = {
    "photo": "photo",
    "video": "video",
    "animation": "video",
    "voice": "voice",
}


def message_key(chat: Chat, message: Message) -> str:
    """A message's id in the view; one from before the group's upgrade carries its old chat."""
    return str(message.id) if message.chat is chat else f"{message.chat.id}:{message.id}"


def find_message(chat: Chat, key: str) -> Message | None:
    """The message a key of the view stands for; None when it is not there any more."""
    place, _, number = key.rpartition(":")
    home = chat.migrated_from if place and chat.migrated_from and place == str(chat.migrated_from.id) else chat
    return home.messages.get(int(number)) if number.lstrip("-").isdigit() else None


def button_views(keyboard: Keyboard | None) -> tuple[tuple[ButtonView, ...], ...]:
    if keyboard is None:
        return ()
    return tuple(
        tuple(_button_view(button, f"{r}:{c}") for c, button in enumerate(row)) for r, row in enumerate(keyboard.rows)
    )


def _button_view(button: Button, key: str) -> ButtonView:
    style = button.style
    return ButtonView(
        key,
        button.text,
        url=button.value if button.kind == "url" else None,
        style="danger" if style == "danger" else "primary" if style in ("primary", "success") else "",
    )


def message_view(telegram: Telegram, chat: Chat, message: Message, viewer: User) -> MessageView:
    known = message.shown.get(viewer.id)
    if known is not None:
        return known
    media: tuple[MediaView, ...] = ()
    if message.media is not None:
        kind = _MEDIA.get(message.media.kind, "file")
        media = (MediaView(kind, message.media.name, telegram.media_url(message.media)),)
    view = MessageView(
        id=message_key(chat, message),
        author=message.sender.name,
        mine=message.sender is viewer,
        at=message.at,
        text=message.plain,
        html=notice_html(message.notice) if message.notice else to_html(message.words),
        edited=message.edited is not None,
        media=media,
        rows=button_views(message.keyboard),
    )
    message.shown[viewer.id] = view
    return view


def conversation_view(telegram: Telegram, chat: Chat, viewer: User) -> ConversationView:
    old = chat.migrated_from.messages.values() if chat.migrated_from else ()
    now = telegram.clock.now()
    return ConversationView(
        id=str(chat.id),
        title=telegram.bot.name if chat.kind == "private" else chat.title,
        kind="private" if chat.kind == "private" else "group",
        messages=tuple(message_view(telegram, chat, message, viewer) for message in (*old, *chat.messages.values())),
        typing=chat.typing_until is not None and now < chat.typing_until,
        blocked=chat.blocked,
        pinned=_pinned(chat),
    )


def _pinned(chat: Chat) -> str:
    newest = chat.messages.get(chat.pinned[-1]) if chat.pinned else None
    return message_key(chat, newest) if newest is not None else ""


def chats_of(telegram: Telegram, user: User) -> list[Chat]:
    """The private chat first, then the groups the person is in; a group that was upgraded shows as its successor."""
    groups = (chat for chat in telegram.groups.values() if chat.migrated_to is None and chat.is_in(user.id))
    return [telegram.chats[user.id], *groups]


def seat_view(telegram: Telegram, key: str, user: User) -> SeatView:
    return SeatView(
        key=f"telegram:{key}",
        name=user.name,
        messenger="telegram",
        conversations=tuple(conversation_view(telegram, chat, user) for chat in chats_of(telegram, user)),
        toast=telegram.toasts.get(user.id, ""),
        commands=commands_for(telegram, user),
    )


def screen(view: SeatView) -> str:
    """The view as text, for the message of a test that failed."""
    lines = [f"{view.name} in Telegram" + (f", notice: {view.toast}" if view.toast else "")]
    for conversation in view.conversations:
        state = " (typing…)" if conversation.typing else ""
        lines.append(f"— {conversation.title}{' (blocked)' if conversation.blocked else ''}{state}")
        for message in conversation.messages:
            lines.append(f"  {message.id} {'me' if message.mine else message.author}: {message.text}")
            lines.extend(f"      <{media.kind} {media.name}>" for media in message.media)
            lines.extend("      " + " ".join(f"[{button.label}]" for button in row) for row in message.rows)
    return "\n".join(lines)
