"""Shows cards in Telegram: the Messenger of this messenger, and the few other things one asks the Bot API for."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Literal

from telegram.error import BadRequest, InvalidToken, TelegramError

from bots.telegram import errors
from bots.telegram.fields import Json, number
from bots.telegram.media import FIELDS, Fetch, Parcel, Shelf
from bots.telegram.patience import Floods
from bots.telegram.removal import take_away
from bots.telegram.render import Drawn, Piece, render, without_media
from bots.telegram.transport import NotSent, PlainBot, TooMany
from core.cards import Card, Media
from core.events import Address
from core.outbox import Refused, TryLater, Uncertain

log = logging.getLogger(__name__)

LONGEST_NOTICE = 200
"""Characters. Bot API: answerCallbackQuery."""
_LONGEST_WAIT_WITHIN = 60
"""Seconds to wait between the messages of one card before its outcome is called uncertain."""
_SILENT = "disable_notification"
_ANSWERS = "reply_parameters"
_NO_PREVIEW: Json = {"is_disabled": True}
_DOWNLOAD = 60.0
"""Seconds."""
Sleep = Callable[[float], Awaitable[None]]


class TelegramMessenger:
    """Telegram's Messenger. `fetch` opens `content:…` and `slack:…` media; None: such media are refused.

    A card too long for one message is sent as several; the id is then theirs, joined with `+` (`123+124`), buttons
    under the last. A tap tells only the last one's id. Replacing edits message for message: surplus old ones are
    deleted where Telegram allows it, surplus new ones sent below.

    `paid`: speed may be bought for mailings; when Telegram refuses, `on_unpaid` is called, and it is not tried again.
    """

    def __init__(
        self,
        bot: PlainBot,
        *,
        fetch: Fetch | None = None,
        sleep: Sleep = asyncio.sleep,
        paid: bool = False,
        on_unpaid: Callable[[], None] = lambda: None,
    ) -> None:
        self.bot = bot
        self._paid, self._on_unpaid = paid, on_unpaid
        self._shelf = Shelf(fetch)
        self._sleep = sleep
        self._floods = Floods()

    async def start(self) -> None:
        """Open the wire and learn who we are. Repeating it changes nothing. Raises Revoked or TryLater."""
        try:
            await self.bot.initialize()
        except TelegramError as error:
            raise errors.translated(error, repeatable=True) from None  # the library's words name the token

    async def stop(self) -> None:
        """Close the wire, also one that never learnt who we are. Repeating it changes nothing."""
        await self.bot.shutdown()
        await self.bot.request.shutdown()

    @property
    def username(self) -> str:
        """Without @; known after `start`."""
        return self.bot.username

    async def send(self, to: Address, card: Card, replacing: str | None = None) -> str:
        """See core.outbox.Messenger. A 429 is taken to be this chat's own, until several chats meet one at a time."""
        chat, old = _chat(to), _numbers(replacing)
        if card.change and not old:
            raise Refused("there is no message to change")
        if card.change == "delete" and await take_away(self.bot, chat, old):
            return ""
        try:
            shown = await self._show(chat, card, old)
        except TelegramError as error:
            everywhere = isinstance(error, TooMany) and self._floods.everywhere(to.chat, error.seconds)
            raise errors.translated(error, repeatable=False, everywhere=everywhere) from None
        if card.pin:
            await self._pin(chat, _numbers(shown)[0], card.pin)
        return shown

    async def _pin(self, chat: int, message: int, pin: Literal["on", "off"]) -> None:
        """Best effort: the line says the same wherever it stands. Bot API: in private chats every message can be."""
        if chat < 0:
            return
        where = {"chat_id": chat, "message_id": message}
        if pin == "on":
            await self._quietly("pinChatMessage", {**where, "disable_notification": True})
        else:
            await self._quietly("unpinChatMessage", where)

    async def _show(self, chat: int, card: Card, old: list[int]) -> str:
        paid = card.bulk and self._paid
        try:
            return await self._pieces(chat, render(card), old, card)
        except (TelegramError, Refused, OSError) as error:
            if paid and isinstance(error, TelegramError) and errors.unpaid(error):
                self._pay_no_more(error.message)
                return await self._show(chat, card, old)
            if card.media is None or (isinstance(error, TelegramError) and not errors.bad_media(error)):
                raise
            log.warning("media refused, words sent alone", extra={"kind": card.media.kind, "reason": str(error)})
        return await self._pieces(chat, without_media(card, card.media), old, card)

    def _pay_no_more(self, reason: str) -> None:
        if self._paid:
            log.warning("paid broadcasts refused, mailings go at the usual pace", extra={"reason": reason})
            self._paid = False
            self._on_unpaid()

    async def _pieces(self, chat: int, drawn: Drawn, old: list[int], card: Card) -> str:
        shown: list[int] = []
        last = len(drawn.pieces) - 1
        for place, piece in enumerate(drawn.pieces):
            extra: dict[str, object] = {_SILENT: True} if card.pin or card.change else {}
            if place == 0 and (answered := _numbers(card.reply_to)):
                extra[_ANSWERS] = {"message_id": answered[0], "allow_sending_without_reply": True}
            if place == last and drawn.keyboard:
                extra["reply_markup"] = drawn.keyboard
            if card.bulk and self._paid and not old:
                extra["allow_paid_broadcast"] = True
            preview: Json = {"url": drawn.preview, "prefer_large_media": True, "show_above_text": True}
            extra["link_preview_options"] = preview if drawn.preview and place == 0 else _NO_PREVIEW
            before = old[place] if place < len(old) else None
            if place == 0:
                shown.append(await self._piece(chat, piece, extra, before, anew=not card.change))
            else:
                shown.append(await self._following(chat, piece, extra, before))
        for surplus in old[len(drawn.pieces) :]:
            await self._quietly("deleteMessage", {"chat_id": chat, "message_id": surplus})
        return "+".join(map(str, shown))

    async def _following(self, chat: int, piece: Piece, extra: Json, old: int | None) -> int:
        """A message after the first: the card is half shown, so no error but Uncertain would be true any more."""
        waited = 0
        while True:
            try:
                return await self._piece(chat, piece, extra, old)
            except (TooMany, NotSent) as error:
                seconds = error.seconds if isinstance(error, TooMany) else 1
                waited += seconds
                if waited > _LONGEST_WAIT_WITHIN:
                    raise Uncertain("shown in part") from error
                await self._sleep(seconds)
            except TelegramError as error:
                raise Uncertain("shown in part") from error

    async def _piece(self, chat: int, piece: Piece, extra: Json, old: int | None, *, anew: bool = True) -> int:
        """`anew` False: what cannot be edited raises Refused."""
        if old is not None:
            try:
                if await self._edit(chat, piece, extra, old):
                    return old
            except TelegramError as error:
                if not anew and (errors.misshapen(error) or errors.gone(error)):
                    raise Refused(error.message) from None
                if errors.misshapen(error):
                    return await self._instead(chat, piece, extra, old)
                if not errors.gone(error):
                    raise self._lost_edit(error) from None
            else:
                if not anew:
                    raise Refused("a message cannot become this one")
                return await self._instead(chat, piece, extra, old)
        return await self._new(chat, piece, extra)

    async def _instead(self, chat: int, piece: Piece, extra: Json, old: int) -> int:
        """Send anew below, and take the buttons off the old message, which stays as something once shown."""
        shown = await self._new(chat, piece, extra)
        await self._quietly("editMessageReplyMarkup", {"chat_id": chat, "message_id": old})
        return shown

    @staticmethod
    def _lost_edit(error: TelegramError) -> Exception:
        """An edit may be repeated, so a lost answer is no uncertainty; other errors stay what they are."""
        outcome = errors.translated(error, repeatable=True)
        return outcome if isinstance(outcome, TryLater) and not isinstance(error, TooMany) else error

    async def _edit(self, chat: int, piece: Piece, extra: Json, message: int) -> bool:
        """Edit in place. False: a message cannot become this (Bot API: editMessageMedia takes no voice)."""
        # An edit makes no sound anyway, and answers what it answered.
        params = {name: value for name, value in extra.items() if name not in (_SILENT, _ANSWERS)}
        params |= {"chat_id": chat, "message_id": message}
        try:
            if piece.media is None:
                await self._worded("editMessageText", params, "text", piece)
            elif piece.media.kind == "voice":
                return False
            else:
                await self._change_media(params, piece, piece.media)
        except BadRequest as error:
            if not errors.not_modified(error):
                raise
        return True

    async def _new(self, chat: int, piece: Piece, extra: Json) -> int:
        params = {**extra, "chat_id": chat}
        if piece.media is None:
            return _id(await self._worded("sendMessage", params, "text", piece))
        return await self._new_media(params, piece, piece.media)

    async def _worded(self, method: str, params: Json, field: str, piece: Piece) -> object:
        """Call with the words as HTML; if Telegram cannot read our markup, with the same words plain."""
        if not piece.words.html:
            return await self.bot.ask(method, params)
        try:
            return await self.bot.ask(method, {**params, field: piece.words.html, "parse_mode": "HTML"})
        except BadRequest as error:
            if not errors.misread(error):
                raise
            log.warning("markup refused, sent as plain text", extra={"method": method, "reason": error.message})
        return await self.bot.ask(method, {**params, field: piece.words.plain})

    async def _new_media(self, params: Json, piece: Piece, media: Media) -> int:
        field = FIELDS[media.kind]
        method = f"send{field.capitalize()}"
        params = {name: value for name, value in params.items() if name != "link_preview_options"}
        if media.kind == "video":
            params["supports_streaming"] = True

        async def send(parcel: Parcel) -> object:
            return await self._worded(method, {**params, field: parcel.value}, "caption", piece)

        return _id(await self._delivered(media, send))

    async def _change_media(self, params: Json, piece: Piece, media: Media) -> None:
        params = {name: value for name, value in params.items() if name != "link_preview_options"}
        item: dict[str, object] = {"type": FIELDS[media.kind]}
        if piece.words.html:
            item |= {"caption": piece.words.html, "parse_mode": "HTML"}
        if media.kind == "video":
            item["supports_streaming"] = True

        async def change(parcel: Parcel) -> object:
            if isinstance(parcel.value, str):
                return await self.bot.ask("editMessageMedia", {**params, "media": {**item, "media": parcel.value}})
            attached = {**params, "media": {**item, "media": "attach://upload"}, "upload": parcel.value}
            return await self.bot.ask("editMessageMedia", attached)

        await self._delivered(media, change)

    async def _delivered(self, media: Media, deliver: Callable[[Parcel], Awaitable[object]]) -> object:
        """Deliver the media by id where there is one; an id that will not do is forgotten and the file uploaded."""
        parcel = await self._shelf.parcel(media)
        try:
            message = await deliver(parcel)
        except BadRequest as error:
            if not isinstance(parcel.value, str) or parcel.value.startswith("http") or not errors.bad_media(error):
                raise
            self._shelf.forget(parcel.value)
            if media.source.startswith("telegram:"):  # a picture cannot go as a document by id, but its bytes can
                parcel = self._shelf.packed(media, await self.fetch(media.source))
            else:
                parcel = await self._shelf.parcel(media)
            message = await deliver(parcel)
        self._shelf.remember(parcel, message)
        return message

    async def fetch(self, ref: str) -> bytes:
        """The bytes of `telegram:<file_id>`, at most 20 MB (Bot API: getFile). Raises Refused or TryLater."""
        try:
            file = await self.bot.get_file(ref.removeprefix("telegram:"))
            return bytes(await file.download_as_bytearray(read_timeout=_DOWNLOAD))
        except InvalidToken as error:  # a path that is no longer there is a 404, which reads like a bad token
            raise Refused("the file is gone") from error
        except TelegramError as error:
            raise errors.translated(error, repeatable=True) from None

    async def answer(self, callback_id: str, text: str = "") -> None:
        """Stop the tapped button's spinner, with a short notice if any. Best effort: an expired tap is no error."""
        notice = {"text": text[:LONGEST_NOTICE]} if text else {}
        await self._quietly("answerCallbackQuery", {"callback_query_id": callback_id, **notice})

    async def typing(self, to: Address) -> None:
        """Show `typing…` for at most five seconds. Best effort."""
        await self._quietly("sendChatAction", {"chat_id": _chat(to), "action": "typing"})

    async def _quietly(self, method: str, params: Json) -> None:
        try:
            await self.bot.ask(method, params)
        except TelegramError as error:
            log.debug("not done", extra={"method": method, "reason": error.message})

    async def set_menu(
        self,
        menus: Mapping[str, Sequence[tuple[str, str]]],
        *,
        default: str,
        scope: Literal["all_private_chats", "all_group_chats"] = "all_private_chats",
    ) -> None:
        """Tell Telegram the commands to offer: by two-letter language, (command, description) pairs.

        `default`: the language for everybody else. Raises TryLater, Refused or Revoked.
        """
        for language in ("", *menus):
            commands = [{"command": name, "description": text} for name, text in menus[language or default]]
            params: dict[str, object] = {"commands": commands, "scope": {"type": scope}}
            if language:
                params["language_code"] = language
            try:
                await self.bot.ask("setMyCommands", params)
            except TelegramError as error:
                raise errors.translated(error, repeatable=True) from None


def _numbers(replacing: str | None) -> list[int]:
    """The message ids in `123+124`; none for anything that is not of our making."""
    parts = (replacing or "").split("+")
    return [int(each) for each in parts] if all(each.isascii() and each.isdigit() for each in parts) else []


def _chat(to: Address) -> int:
    try:
        return int(to.chat)
    except ValueError:
        raise Refused(f"{to} is no Telegram chat") from None


def _id(message: object) -> int:
    found = number(message, "message_id") if isinstance(message, dict) else None
    if found is None:
        raise Uncertain("Telegram took the message but did not name it")
    return found
