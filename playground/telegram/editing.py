"""The Bot API's methods that change, remove or pin what is already in a chat, and that answer a press."""

from collections.abc import Callable
from datetime import timedelta

from playground.telegram.chats import Chat, Message
from playground.telegram.entities import Formatted
from playground.telegram.files import Stored
from playground.telegram.keyboards import Keyboard, read_markup
from playground.telegram.platform import Telegram
from playground.telegram.sending import read_input_media
from playground.telegram.wire import NOT_MODIFIED, JsonValue, Params, Refusal
from playground.telegram.wording import read_caption, read_text

DELETABLE = timedelta(hours=48)
"""Bot API: deleteMessage."""


def _inline_markup(params: Params) -> Keyboard | None:
    keyboard = read_markup(params)
    if keyboard is not None and keyboard.kind != "inline":
        raise Refusal("inline keyboard expected")
    return keyboard


def _editable(telegram: Telegram, params: Params) -> Message:
    if params.has("inline_message_id"):
        raise Refusal("MESSAGE_ID_INVALID")
    chat = telegram.chat_for(params)
    if params.number("message_id") <= 0:
        raise Refusal("message identifier is not specified")
    telegram.writable(chat)
    message = chat.messages.get(params.number("message_id"))
    if message is None:
        raise Refusal("message to edit not found")
    if message.sender is not telegram.bot or (message.keyboard is not None and message.keyboard.kind != "inline"):
        raise Refusal("message can't be edited")
    return message


def _change(
    telegram: Telegram, message: Message, words: Formatted, media: Stored | None, keyboard: Keyboard | None
) -> JsonValue:
    if (words, media, keyboard) == (message.words, message.media, message.keyboard):
        raise Refusal(NOT_MODIFIED)
    telegram.paced(message.chat)
    if (words, media) != (message.words, message.media):
        message.edited = telegram.clock.now()
    message.words, message.media, message.keyboard = words, media, keyboard
    message.shown.clear()
    telegram.changed(message.chat)
    return message.json()


def edit_message_text(telegram: Telegram, params: Params) -> JsonValue:
    words = read_text(params)
    keyboard = _inline_markup(params)
    message = _editable(telegram, params)
    if message.media is not None or not message.words.text:
        raise Refusal("there is no text in the message to edit")
    return _change(telegram, message, words, None, keyboard)


def edit_message_caption(telegram: Telegram, params: Params) -> JsonValue:
    words = read_caption(params)
    keyboard = _inline_markup(params)
    message = _editable(telegram, params)
    if message.media is None:
        raise Refusal("there is no caption in the message to edit")
    return _change(telegram, message, words, message.media, keyboard)


def edit_message_reply_markup(telegram: Telegram, params: Params) -> JsonValue:
    keyboard = _inline_markup(params)
    message = _editable(telegram, params)
    return _change(telegram, message, message.words, message.media, keyboard)


def edit_message_media(telegram: Telegram, params: Params) -> JsonValue:
    item = params.parsed("media", "input media")
    if not item:
        raise Refusal("there is no media in the request")
    media, own = read_input_media(telegram, params, item)
    words = read_caption(params, own)
    if media.kind == "voice":
        raise Refusal("Can't use the media of the specified type in the message")
    keyboard = _inline_markup(params)
    message = _editable(telegram, params)
    return _change(telegram, message, words, media, keyboard)


def _deletable(telegram: Telegram, message: Message) -> bool:
    chat = message.chat
    if telegram.clock.now() - message.at > DELETABLE:
        return False
    if message.sender is telegram.bot or chat.kind == "private":
        return True
    return chat.members.get(telegram.bot.id) == "administrator"


def _delete(chat: Chat, message: Message) -> None:
    del chat.messages[message.id]
    if message.id in chat.pinned:
        chat.pinned.remove(message.id)
    if chat.keyboard is message:
        chat.keyboard = None


def delete_message(telegram: Telegram, params: Params) -> JsonValue:
    chat = telegram.chat_for(params)
    if params.number("message_id") <= 0:
        raise Refusal("message identifier is not specified")
    telegram.writable(chat)
    message = chat.messages.get(params.number("message_id"))
    if message is None:
        raise Refusal("message to delete not found")
    if not _deletable(telegram, message):
        raise Refusal(
            "message can't be deleted for everyone" if message.sender is telegram.bot else "message can't be deleted"
        )
    _delete(chat, message)
    telegram.changed(chat)
    return True


def delete_messages(telegram: Telegram, params: Params) -> JsonValue:
    """Unknown ids are skipped; one that may not be deleted spoils all. Bot API: deleteMessages."""
    chat = telegram.chat_for(params)
    asked = params.parsed("message_ids", "message identifiers")
    if not asked:
        raise Refusal("message identifiers are not specified")
    if not isinstance(asked, (list, tuple)):
        raise Refusal("Expected an Array of message identifiers")
    if len(asked) > 100:
        raise Refusal("Too many message identifiers specified")
    telegram.writable(chat)
    try:
        found = [chat.messages[int(str(number))] for number in asked if int(str(number)) in chat.messages]
    except ValueError:
        raise Refusal("Can't parse message identifier as a Number") from None
    if any(not _deletable(telegram, message) for message in found):
        raise Refusal("message can't be deleted for everyone")
    for message in found:
        _delete(chat, message)
    telegram.changed(chat)
    return True


def pin_chat_message(telegram: Telegram, params: Params) -> JsonValue:
    chat = _pinnable(telegram, params)
    message = chat.messages.get(params.number("message_id"))
    if message is None:
        raise Refusal("message to pin not found")
    if message.id not in chat.pinned:
        chat.pinned.append(message.id)
        telegram.post(
            chat, telegram.bot, service={"pinned_message": message.json(deep=False)}, notice="Pinned a message"
        )
    return True


def _pinnable(telegram: Telegram, params: Params) -> Chat:
    chat = telegram.writable(telegram.chat_for(params))
    if chat.kind != "private" and chat.members.get(telegram.bot.id) != "administrator":
        raise Refusal("not enough rights to manage pinned messages in the chat")
    return chat


def unpin_chat_message(telegram: Telegram, params: Params) -> JsonValue:
    chat = _pinnable(telegram, params)
    number = params.number("message_id") or (chat.pinned[-1] if chat.pinned else 0)
    if number not in chat.pinned:
        raise Refusal("message to unpin not found")
    chat.pinned.remove(number)
    telegram.changed(chat)
    return True


def unpin_all_chat_messages(telegram: Telegram, params: Params) -> JsonValue:
    chat = _pinnable(telegram, params)
    chat.pinned.clear()
    telegram.changed(chat)
    return True


def answer_callback_query(telegram: Telegram, params: Params) -> JsonValue:
    if len(params.text("text")) > 200:
        raise Refusal("MESSAGE_TOO_LONG")
    press = telegram.press_for(params.text("callback_query_id"))
    if params.has("url") and not params.text("url").lower().startswith(
        f"https://t.me/{telegram.bot.username}?".lower()
    ):
        raise Refusal("URL_INVALID")
    press.answered = True
    telegram.toast(press.user.id, params.text("text"))
    return True


METHODS: dict[str, Callable[[Telegram, Params], JsonValue]] = {
    "editmessagetext": edit_message_text,
    "editmessagecaption": edit_message_caption,
    "editmessagereplymarkup": edit_message_reply_markup,
    "editmessagemedia": edit_message_media,
    "deletemessage": delete_message,
    "deletemessages": delete_messages,
    "pinchatmessage": pin_chat_message,
    "unpinchatmessage": unpin_chat_message,
    "unpinallchatmessages": unpin_all_chat_messages,
    "answercallbackquery": answer_callback_query,
}
