"""Text and captions of a request: parsed by the mode asked for, cleaned, counted, refused in Telegram's words."""

from collections.abc import Mapping

from playground.telegram.entities import (
    CAPTION_LIMIT,
    RAW_LIMIT,
    TEXT_LIMIT,
    Entity,
    Formatted,
    normalised,
    utf16_length,
    with_found,
)
from playground.telegram.links import checked_link, fault_of
from playground.telegram.parse_html import parse_html
from playground.telegram.parse_markdown import parse_markdown, parse_old_markdown
from playground.telegram.wire import JsonValue, Params, Refusal, an_object, field_flag, field_number, field_text

_KINDS = frozenset(
    (
        "mention",
        "hashtag",
        "cashtag",
        "bot_command",
        "url",
        "email",
        "phone_number",
        "bold",
        "italic",
        "underline",
        "strikethrough",
        "spoiler",
        "blockquote",
        "expandable_blockquote",
        "code",
        "pre",
        "text_link",
        "text_mention",
        "custom_emoji",
        "date_time",
    )
)
_FOUND_ANYWAY = frozenset(["mention", "hashtag", "cashtag", "bot_command", "url", "email", "phone_number", "date_time"])


def read_text(params: Params) -> Formatted:
    """The text of sendMessage or editMessageText, 1-4096 characters after parsing."""
    raw = params.text("text")
    if not raw:
        raise Refusal("Message text is empty")
    words = _formatted(raw, params, "entities")
    if not words.text:
        raise Refusal("text must be non-empty")
    if len(words.text) > TEXT_LIMIT:
        raise Refusal("MESSAGE_TOO_LONG" if params.has("message_id") else "message is too long")
    check_preview(params)
    return words


def read_caption(params: Params, source: Params | None = None) -> Formatted:
    """The caption of a request or of one InputMedia (`source`), up to 1024 characters after parsing."""
    given = source or params
    words = _formatted(given.text("caption"), given, "caption_entities")
    if len(words.text) > CAPTION_LIMIT:
        raise Refusal("message caption is too long")
    return words


def said(text: str) -> Formatted:
    """What a person typed, as Telegram keeps it: cleaned, with the entities it finds."""
    return with_found(normalised(Formatted(text)))


def _formatted(raw: str, params: Params, entities_field: str) -> Formatted:
    if len(raw.encode(errors="surrogatepass")) > RAW_LIMIT:
        raise Refusal("text is too long")
    match params.text("parse_mode").lower():
        case "" | "none":
            given = Formatted(raw, _entities(raw, params.parsed(entities_field, "entities")))
        case "html":
            given = parse_html(raw)
        case "markdownv2":
            given = parse_markdown(raw)
        case "markdown":
            given = parse_old_markdown(raw)
        case _:
            raise Refusal("unsupported parse_mode")
    return with_found(normalised(given))


def _entities(text: str, given: JsonValue) -> tuple[Entity, ...]:
    if not isinstance(given, (list, tuple)):
        return ()
    end = utf16_length(text)
    return tuple(entity for item in given if (entity := _entity(item, end)) is not None)


def _entity(item: JsonValue, end: int) -> Entity | None:
    where = "MessageEntity"
    if not isinstance(item, Mapping):
        raise Refusal(f"Can't parse {where}: expected an Object")
    kind = field_text(item, "type", where=where, required=True)
    if kind not in _KINDS:
        raise Refusal(f"Can't parse {where}: Unsupported type specified")
    offset, length = field_number(item, "offset"), field_number(item, "length")
    if offset < 0 or offset > 1_000_000:
        raise Refusal(f"receive an entity with incorrect offset {offset}")
    if length < 0 or length > 1_000_000:
        raise Refusal(f"receive an entity with incorrect length {length}")
    if offset > end:
        raise Refusal(f"entity begins after the end of the text at UTF-16 offset {offset}")
    if offset + length > end:
        raise Refusal(
            f"entity beginning at UTF-16 offset {offset} ends after the end of the text at UTF-16 offset "
            f"{offset + length}"
        )
    if not length or kind in _FOUND_ANYWAY:
        return None
    url = field_text(item, "url", where=where, required=True) if kind == "text_link" else ""
    if kind == "text_link" and (fault := fault_of(url)):
        raise Refusal(f"entity URL '{url}' is invalid: {fault}")
    user = an_object(item.get("user"), "user") if kind == "text_mention" else None
    if kind == "text_mention" and not user:
        raise Refusal(f"Can't parse {where}: Can't find field \"user\"")
    emoji = field_text(item, "custom_emoji_id", where=where, required=True) if kind == "custom_emoji" else ""
    return Entity(
        kind,
        offset,
        length,
        url=checked_link(url) if url else "",
        language=field_text(item, "language") if kind == "pre" else "",
        user_id=field_number(user, "id") if user else 0,
        custom_emoji_id=emoji,
    )


def check_preview(params: Params) -> None:
    """Refuse link_preview_options Telegram would refuse; a preview itself is never drawn here."""
    options = an_object(params.parsed("link_preview_options", "link preview options"), "link preview options")
    if options:
        for name in ("is_disabled", "prefer_small_media", "prefer_large_media", "show_above_text"):
            field_flag(options, name)
        url = field_text(options, "url")
        if url and fault_of(url):
            raise Refusal("WEBPAGE_URL_INVALID")
