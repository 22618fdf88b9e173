"""The Bot API's methods that put something into a chat."""

from collections.abc import Callable, Mapping
from typing import get_args

from playground.telegram.chats import Chat, Message
from playground.telegram.files import Kind, Stored
from playground.telegram.keyboards import Keyboard, read_markup
from playground.telegram.platform import Telegram
from playground.telegram.wire import Json, JsonValue, Params, Refusal, an_object, field_flag, field_number
from playground.telegram.wording import read_caption, read_text

EFFECTS = frozenset(
    (
        "5104841245755180586",
        "5107584321108051014",
        "5104858069142078462",
        "5044134455711629726",
        "5159385139981059251",
        "5046509860389126442",
        "5046589136895476101",
    )
)
"""Animated effects any bot may use: fire, thumbs, hearts, confetti, and one for no celebration."""
ACTIONS = frozenset(
    (
        "typing",
        "upload_photo",
        "record_video",
        "upload_video",
        "record_voice",
        "upload_voice",
        "upload_document",
        "choose_sticker",
        "find_location",
        "record_video_note",
        "upload_video_note",
        "record_audio",
        "upload_audio",
        "cancel",
    )
)


def _destination(telegram: Telegram, params: Params, keyboard: Keyboard | None = None) -> tuple[Chat, Message | None]:
    """The chat to write to and the message replied to; all the checks that come after the content's own."""
    chat = telegram.writable(telegram.chat_for(params))
    if params.number("message_thread_id"):
        raise Refusal("message thread not found")
    if params.flag("allow_paid_broadcast") and not telegram.flood.sells:
        raise Refusal("FLOODSKIP_NOT_ALLOWED")
    if params.has("message_effect_id") and (chat.kind != "private" or params.text("message_effect_id") not in EFFECTS):
        raise Refusal("EFFECT_ID_INVALID")
    if chat.kind != "private" and keyboard is not None:
        _fits_group(keyboard)
    return chat, _replied(telegram, chat, params)


def _fits_group(keyboard: Keyboard) -> None:
    kinds = {button.kind for row in keyboard.rows for button in row}
    if "web_app" in kinds:
        raise Refusal("BUTTON_TYPE_INVALID")
    if "request_contact" in kinds:
        raise Refusal("phone number can be requested in private chats only")
    if "request_location" in kinds:
        raise Refusal("location can be requested in private chats only")


def _replied(telegram: Telegram, chat: Chat, params: Params) -> Message | None:
    asked = an_object(params.parsed("reply_parameters", "reply parameters"), "reply parameters")
    if asked:
        if "message_id" not in asked:
            raise Refusal('Can\'t find field "message_id"')
        number, lenient = field_number(asked, "message_id"), field_flag(asked, "allow_sending_without_reply")
        elsewhere = asked.get("chat_id")
        if elsewhere is not None:
            chat = telegram.chat_for(Params({"chat_id": elsewhere}))
    else:
        number, lenient = params.number("reply_to_message_id"), params.flag("allow_sending_without_reply")
    if number <= 0:
        return None
    message = chat.messages.get(number)
    if message is None and not lenient:
        raise Refusal("message to be replied not found")
    return message


def send_message(telegram: Telegram, params: Params) -> JsonValue:
    words = read_text(params)
    keyboard = read_markup(params)
    chat, replied = _destination(telegram, params, keyboard)
    telegram.paced(chat, paid=params.flag("allow_paid_broadcast"))
    return telegram.post(chat, telegram.bot, words, keyboard=keyboard, reply_to=replied).json()


def _send_media(kind: Kind) -> Callable[[Telegram, Params], JsonValue]:
    def send(telegram: Telegram, params: Params) -> JsonValue:
        caption = read_caption(params)
        keyboard = read_markup(params)
        media = telegram.shelf.given(params, kind, kind)
        chat, replied = _destination(telegram, params, keyboard)
        telegram.paced(chat, paid=params.flag("allow_paid_broadcast"))
        return telegram.post(chat, telegram.bot, caption, media=media, keyboard=keyboard, reply_to=replied).json()

    return send


def read_input_media(telegram: Telegram, params: Params, item: JsonValue) -> tuple[Stored, Params]:
    """One InputMedia: its file, and its caption's own parameters."""
    if not isinstance(item, Mapping):
        raise Refusal("Can't parse InputMedia: InputMedia must be an Object")
    kinds: dict[str, Kind] = {kind: kind for kind in get_args(Kind)}
    kind = kinds.get(str(item.get("type")))
    if kind is None:
        raise Refusal(f'type "{item.get("type")}" is unsupported for the InputMedia')
    return telegram.shelf.given(params, "media", kind, str(item.get("media") or "")), Params(item)


def send_media_group(telegram: Telegram, params: Params) -> JsonValue:
    media = params.parsed("media", "media")
    if not isinstance(media, (list, tuple)):
        raise Refusal("Expected an Array of InputMedia")
    if not 2 <= len(media) <= 10:
        raise Refusal("wrong number of messages in the album" if media else "there is no media in the request")
    items = [read_input_media(telegram, params, item) for item in media]
    kinds = {stored.kind for stored, _ in items}
    if "voice" in kinds or (kinds & {"document", "audio"} and len(kinds) > 1):
        raise Refusal("Can't use the media of the specified type in the album")
    captions = [read_caption(params, own) for _, own in items]
    chat, replied = _destination(telegram, params)
    telegram.paced(chat, len(items))
    album = str(telegram.waiting.count + 10_000 + telegram.new_id(chat))
    return [
        telegram.post(chat, telegram.bot, caption, media=stored, reply_to=replied, album=album).json()
        for (stored, _), caption in zip(items, captions, strict=True)
    ]


def _original(telegram: Telegram, params: Params, verb: str) -> Message:
    source = telegram.chat_for(params, "from_chat_id")
    message = source.messages.get(params.number("message_id"))
    if message is None:
        raise Refusal(f"message to {verb} not found")
    return message


def copy_message(telegram: Telegram, params: Params) -> JsonValue:
    keyboard = read_markup(params)
    chat, replied = _destination(telegram, params, keyboard)
    original = _original(telegram, params, "copy")
    words = read_caption(params) if params.has("caption") and original.media else original.words
    telegram.paced(chat)
    copied = telegram.post(
        chat, telegram.bot, words, media=original.media, keyboard=keyboard, reply_to=replied, service=original.service
    )
    return {"message_id": copied.id}


def forward_message(telegram: Telegram, params: Params) -> JsonValue:
    chat, _ = _destination(telegram, params)
    original = _original(telegram, params, "forward")
    telegram.paced(chat)
    origin: Json = {"type": "user", "sender_user": original.sender.json(), "date": original.stamp}
    service = {**original.service, "forward_origin": origin}
    return telegram.post(chat, telegram.bot, original.words, media=original.media, service=service).json()


def send_chat_action(telegram: Telegram, params: Params) -> JsonValue:
    action = params.text("action").lower()
    if action not in ACTIONS:
        raise Refusal("Wrong parameter action in request")
    chat = telegram.writable(telegram.chat_for(params))
    if action == "cancel":
        chat.typing_until = None
        telegram.changed(chat)
    else:
        telegram.start_typing(chat)
    return True


METHODS: dict[str, Callable[[Telegram, Params], JsonValue]] = {
    "sendmessage": send_message,
    "sendphoto": _send_media("photo"),
    "sendvideo": _send_media("video"),
    "sendvoice": _send_media("voice"),
    "senddocument": _send_media("document"),
    "sendanimation": _send_media("animation"),
    "sendaudio": _send_media("audio"),
    "sendmediagroup": send_media_group,
    "copymessage": copy_message,
    "forwardmessage": forward_message,
    "sendchataction": send_chat_action,
}
