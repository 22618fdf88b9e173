"""Telegram in a running hub: its courier, its listener, its menu, and the lease that keeps two from listening."""

import asyncio
import contextlib
import logging

from sqlalchemy.exc import DBAPIError

from bots.telegram.client import TelegramMessenger
from bots.telegram.listen import TelegramListener, Webhook
from bots.telegram.transport import make_bot
from core import leases
from core.commands import FOR_MEMBERS
from core.outbox import Revoked, TryLater
from core.people import colleagues
from hub import clock
from hub.crew import Crew, tell_if_died
from hub.settings import Settings, SettingsProblem
from hub.sharing import share_pace
from hub.wiring import WIRE_PROBLEMS, Hub
from scheduler.pacing import PAID_TELEGRAM, TELEGRAM

log = logging.getLogger(__name__)

RENEW = 5.0
"""Seconds between renewals of the lease to listen."""


class Telegram:
    """Telegram's side of one process."""

    def __init__(self, hub: Hub, crew: Crew, settings: Settings, token: str) -> None:
        self.hub, self.crew = hub, crew
        self._lease = f"telegram:{token.partition(':')[0]}"
        proxy = settings.proxy_to(settings.telegram_api_url)
        bot = make_bot(token, settings.telegram_api_url, proxy=proxy)
        paid = settings.telegram_paid_broadcast
        if paid and hub.paces["telegram"] is TELEGRAM:
            hub.paces["telegram"] = PAID_TELEGRAM
        self._messenger = TelegramMessenger(bot, fetch=hub.fetch, paid=paid, on_unpaid=self._unpaid)
        self._listener: TelegramListener | None = None
        if settings.telegram_webhook_url and settings.telegram_webhook_secret:
            secret = settings.telegram_webhook_secret.get_secret_value()
            webhook = Webhook(f"{settings.telegram_webhook_url}/telegram", secret)
            self._listener = TelegramListener(self._messenger, hub.hear, on_trouble=self._deaf, webhook=webhook)

    async def start(self) -> None:
        """Begin to hear and to speak. Raises SettingsProblem when the token is refused."""
        hub, messenger = self.hub, self._messenger
        hub.health.expect("telegram", hub.now(), needed=False, hears=True)
        self.crew.stack.push_async_callback(messenger.stop)
        hub.openers["telegram"] = messenger.fetch
        hub.typists["telegram"] = messenger.typing
        self.crew.keep("telegram courier", hub.add_courier("telegram", messenger).run())
        self.crew.keep("telegram share", share_pace(hub, self.crew, "telegram"))
        try:
            await messenger.start()
            hub.deaf("telegram", None)
        except Revoked:
            raise SettingsProblem(
                "TELEGRAM_BOT_TOKEN is refused by Telegram; ask @BotFather for a valid one."
            ) from None
        except TryLater:
            hub.deaf("telegram", "does not answer")
        self.crew.keep("telegram listener", self._listener.run() if self._listener else self._alone())
        self.crew.keep("telegram menu", self._introduce())

    def stop(self) -> None:
        """Hear nothing more; what is in hand is committed."""
        if self._listener is not None:
            self._listener.stop()

    async def hear(self, body: bytes, secret: str | None) -> int:
        """One update that Telegram brought: the status to answer with."""
        return 503 if self._listener is None else await self._listener.hear(body, secret)

    def _unpaid(self) -> None:
        self.hub.couriers["telegram"].lose_bulk()

    def _deaf(self, _messenger: str, reason: str) -> None:
        self.hub.deaf("telegram", reason or None)

    async def _alone(self) -> None:
        """Listen while this process holds the lease: Telegram answers two pollers with a conflict for both.

        A process that could not renew it in time stops listening, for another one may have begun. A listener that
        died is begun anew.
        """
        listening: asyncio.Task[None] | None = None
        good_until = clock.now()
        while not self.crew.stopping.is_set():
            asked = clock.now()
            try:
                taken = await self.hub.database.transact(leases.take, self._lease, self.hub.holder, asked)
                good_until = asked + leases.LASTS if taken else asked
            except DBAPIError as error:
                log.warning("lease not renewed", extra={"lease": self._lease, "error": type(error).__name__})
            ours = clock.now() < good_until
            if listening is not None and (listening.done() or not ours):
                await self._end(listening)
                listening = None
            if ours and listening is None:
                self._listener = TelegramListener(self._messenger, self.hub.hear, on_trouble=self._deaf)
                listening = asyncio.create_task(self._listener.run(), name="poll")
            await self.crew.rest(RENEW)
        if listening is not None:
            await self._end(listening)
            with contextlib.suppress(DBAPIError):
                await self.hub.database.transact(leases.drop, self._lease, self.hub.holder)

    async def _end(self, listening: asyncio.Task[None]) -> None:
        """Hear nothing more; what is in hand is committed first. How it died, if it did, is told."""
        self.stop()
        await asyncio.wait((listening,))
        tell_if_died(listening)

    async def _introduce(self) -> None:
        """Remember the bot's name for links, and give people the menu of commands in their languages."""
        voices = {code: self.hub.catalogue.voice(code) for code in self.hub.catalogue.phrases.languages}
        menus = {
            code: [(name, voice.plain(f"command.{name}")) for name in FOR_MEMBERS] for code, voice in voices.items()
        }
        while not self.crew.stopping.is_set():
            try:
                await self._messenger.start()
                await self._messenger.set_menu(menus, default=self.hub.catalogue.rules.language)
                await self.hub.database.transact(colleagues.remember_bot, "telegram", self._messenger.username, "")
                return
            except (*WIRE_PROBLEMS, DBAPIError) as error:
                log.warning("menu not set yet", extra={"error": type(error).__name__})
            await self.crew.rest(30)
