"""One message as Telegram would show it to whoever it is sent to, without a chat, a server or a bot."""

from collections.abc import Sequence
from datetime import datetime

from playground.telegram.entities import PLAIN, Formatted, to_html
from playground.telegram.keyboards import read_markup
from playground.telegram.views import button_views
from playground.telegram.wire import Params
from playground.telegram.wording import read_caption, read_text
from playground.views import MediaView, MessageView


def drawn(html: str, keyboard: str, at: datetime, *, author: str, media: Sequence[MediaView] = ()) -> MessageView:
    """The message of this HTML. `keyboard`: InlineKeyboardMarkup as JSON, or empty. Raises Refusal."""
    field = "caption" if media else "text"
    params = Params({field: html, "parse_mode": "HTML", "reply_markup": keyboard})
    words: Formatted = read_text(params) if not media else read_caption(params) if html else PLAIN
    return MessageView(
        id="",
        author=author,
        mine=False,
        at=at,
        text=words.text,
        html=to_html(words),
        media=tuple(media),
        rows=button_views(read_markup(params)),
    )
