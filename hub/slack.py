"""Slack in a running hub: its courier, its listener, and the looks for our own people."""

import logging
from collections.abc import Mapping
from uuid import uuid4

from sqlalchemy.exc import DBAPIError

from bots.slack.calls import Calls
from bots.slack.client import SlackMessenger
from bots.slack.listen import SlackListener
from core import inbox
from core.events import Introduced
from core.outbox import Revoked
from core.people import colleagues
from hub.crew import Crew
from hub.http import SlackAnswer
from hub.settings import Settings, SettingsProblem
from hub.sharing import share_pace
from hub.wiring import WIRE_PROBLEMS, Hub

log = logging.getLogger(__name__)

LOOK_FOR_CSMS = 600.0
"""Seconds between looks for CSMs whom Slack did not know yet."""


class Slack:
    """Slack's side of one process."""

    def __init__(self, hub: Hub, crew: Crew, settings: Settings, token: str) -> None:
        self.hub, self.crew = hub, crew
        self._app_token = settings.slack_app_token
        signs = settings.slack_signing_secret if settings.slack_over_http else None
        secret = signs.get_secret_value() if signs else ""
        calls = Calls(token, f"{settings.slack_api_url}/", proxy=settings.proxy_to(settings.slack_api_url))
        self._messenger = SlackMessenger(calls, hub.fetch)
        self._listener = SlackListener(self._messenger, hub.hear, self._deaf, signing_secret=secret)

    async def start(self) -> None:
        """Begin to hear and to speak. Raises SettingsProblem when a token is refused."""
        hub, messenger = self.hub, self._messenger
        hub.health.expect("slack", hub.now(), needed=False, hears=True)
        self.crew.stack.push_async_callback(messenger.close)
        hub.openers["slack"] = messenger.fetch
        self.crew.keep("slack courier", hub.add_courier("slack", messenger).run())
        self.crew.keep("slack share", share_pace(hub, self.crew, "slack"))
        try:
            if self._app_token is not None:
                await self._listener.start_socket(self._app_token.get_secret_value())
            else:
                await messenger.whoami()
                hub.deaf("slack", None)
        except Revoked:
            raise SettingsProblem(
                "SLACK_BOT_TOKEN or SLACK_APP_TOKEN is refused by Slack; take both anew from the app's settings."
            ) from None
        except WIRE_PROBLEMS as error:
            hub.deaf("slack", f"does not answer: {type(error).__name__}")
        hub.looks.append(self._look_for_people)
        self.crew.keep("slack people", self._keep_looking())

    async def stop(self) -> None:
        """Hear nothing more; what is in hand is committed."""
        await self._listener.stop()

    async def hear(self, body: bytes, headers: Mapping[str, str]) -> SlackAnswer:
        """One signed request that Slack brought: what to answer."""
        return await self._listener.http(body, headers)

    def _deaf(self, _messenger: str, reason: str) -> None:
        self.hub.deaf("slack", reason or None)

    async def _keep_looking(self) -> None:
        while not self.crew.stopping.is_set():
            await self._look_for_people()
            await self.crew.rest(LOOK_FOR_CSMS)

    async def _look_for_people(self) -> None:
        """Find our CSMs in the workspace by their e-mail, and ask again who waits to be introduced."""
        try:
            us = await self._messenger.whoami()
            await self.hub.database.transact(colleagues.remember_bot, "slack", us.user, us.team)
            await self._listener.reintroduce(await self.hub.database.read(inbox.waiting_for_introduction))
            for email in await self.hub.database.read(colleagues.not_found_yet):
                await self._find(email)
        except (*WIRE_PROBLEMS, DBAPIError) as error:
            log.warning("could not look for people", extra={"error": type(error).__name__})

    async def _find(self, email: str) -> None:
        found = await self._messenger.find(email)
        if found is not None:
            member, profile = found
            key = f"who:{member}:{uuid4().hex}"
            await self.hub.hear(Introduced(key=key, sender=member, chat=member, profile=profile))
