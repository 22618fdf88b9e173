"""Says what Telegram's refusals mean, in the outbox's five words."""

from datetime import timedelta

from telegram.error import (
    BadRequest,
    ChatMigrated,
    Conflict,
    Forbidden,
    InvalidToken,
    NetworkError,
    TelegramError,
)

from bots.telegram.transport import NotSent, TooLarge, TooMany
from core.events import Address
from core.outbox import Refused, Relocated, Revoked, TryLater, Uncertain, Unreachable

_NO_CONNECTION = timedelta(seconds=5)
_EDIT_AGAIN = timedelta(seconds=2)

# The server's own words: tdlib/telegram-bot-api Client.cpp and tdlib/td MessagesManager.cpp.
_GONE = (
    "message to edit not found",
    "message can't be edited",
    "message_id_invalid",
    "message identifier is not specified",
    "message_edit_time_expired",
)
_MISSHAPEN = ("there is no text in the message to edit", "there is no caption in the message to edit")
_NO_SUCH_CHAT = (
    "chat not found",
    "peer_id_invalid",
    "user not found",
    "user_id_invalid",
    "chat_write_forbidden",
    "not enough rights to send",
    "have no rights to send",
    "need administrator rights",
    "chat_restricted",
    "topic_closed",
)
_BAD_MEDIA = (
    "wrong file identifier",
    "wrong remote file",
    "wrong type of the web page content",
    "failed to get http url content",
    "wrong http url specified",
    "webpage_curl_failed",
    "webpage_media_empty",
    "file_reference",
    "can't use file of type",
    "type of file mismatch",
    "photo_",
    "video_file_invalid",
    "file_parts_invalid",
    "file must be non-empty",
    "image_process_failed",
    "file is too big",
    "voice_messages_forbidden",
    "can't parse inputmedia",
    "media_invalid",
    "wrong padding",
)


def _says(error: TelegramError, phrases: tuple[str, ...]) -> bool:
    words = error.message.lower()
    return any(phrase in words for phrase in phrases)


def not_modified(error: TelegramError) -> bool:
    """The message already shows exactly this: as good as an edit."""
    return isinstance(error, BadRequest) and _says(error, ("message is not modified",))


def gone(error: TelegramError) -> bool:
    """The message cannot be edited (deleted, too old, not ours): send anew."""
    return isinstance(error, BadRequest) and _says(error, _GONE)


def not_there(error: TelegramError) -> bool:
    """What was to be taken away is gone already."""
    return isinstance(error, BadRequest) and _says(error, ("message to delete not found",))


def undeletable(error: TelegramError) -> bool:
    """The message is too old to be taken away (Bot API: deleteMessage, 48 hours), or not ours."""
    return isinstance(error, BadRequest) and _says(error, ("message can't be deleted", "message_delete_forbidden"))


def misshapen(error: TelegramError) -> bool:
    """The message is there, but a picture cannot become words: send anew."""
    return isinstance(error, BadRequest) and _says(error, _MISSHAPEN)


def unpaid(error: TelegramError) -> bool:
    """The bot may not buy more speed: it is too small for that, or has no Stars left (Bot API: sendMessage,
    allow_paid_broadcast; what Telegram calls the refusals is not documented).
    """
    return isinstance(error, BadRequest) and _says(error, ("floodskip", "balance", "stars"))


def misread(error: TelegramError) -> bool:
    """Telegram could not read our markup: the same words go without it."""
    return isinstance(error, BadRequest) and _says(error, ("can't parse entities",))


def bad_media(error: TelegramError) -> bool:
    """This picture or file, or this way of naming it, will not do; the words may still be shown."""
    return isinstance(error, TooLarge) or (isinstance(error, BadRequest) and _says(error, _BAD_MEDIA))


def _why(error: Forbidden) -> str:
    words = error.message.lower()
    if "blocked" in words:
        return "blocked"
    if "deactivated" in words and "user" in words:
        return "deactivated"
    if any(word in words for word in ("kicked", "not a member", "deleted", "deactivated")):
        return "removed"
    return "refused"


def _bad_request(error: BadRequest) -> Exception:
    if _says(error, ("group chat was deactivated", "chat is deactivated")):
        return Unreachable("removed")
    return Unreachable("refused") if _says(error, _NO_SUCH_CHAT) else Refused(error.message)


def translated(error: TelegramError, *, repeatable: bool, everywhere: bool = False) -> Exception:
    """The outbox's word for this error. BadRequest is looked at before NetworkError, whose subclass it is.

    `repeatable`: doing it twice shows it once (an edit, a download), so a lost answer means TryLater; a new message
    whose answer was lost (timeout after sending, reset, any 5xx: the server may have taken it first) is Uncertain.
    `everywhere`: whether a 429 is taken to be the whole bot's; Telegram does not say whose it is.
    """
    match error:
        case TooMany():
            return TryLater(timedelta(seconds=error.seconds), everywhere=everywhere)
        case ChatMigrated():
            return Relocated(Address("telegram", str(error.new_chat_id)))
        case Forbidden():
            return Unreachable(_why(error))
        case BadRequest():
            return _bad_request(error)
        case InvalidToken() if "method not found" in error.message.lower():
            return Refused(error.message)
        case InvalidToken():
            return Revoked("Telegram refuses the token")  # its own words may hold the token
        case NotSent():
            return TryLater(_NO_CONNECTION, everywhere=True)
        case Conflict():
            return TryLater(_NO_CONNECTION)
        case NetworkError():
            return TryLater(_EDIT_AGAIN) if repeatable else Uncertain(error.message)
        case _:
            return Refused(error.message)
