"""A whole Slack on loopback: one workspace, its people and its one bot, for the demo and the tests."""

import time
from collections.abc import Callable, Collection, Sequence

from aiohttp import web

from playground.clock import Clock
from playground.faults import Faults
from playground.slack.backend import Backend
from playground.slack.checks import Json
from playground.slack.delivery import ACK_SECONDS, RETRY_DELAYS, Deliveries, Envelope
from playground.slack.events import Events
from playground.slack.interactions import Interactions
from playground.slack.limits import Limits
from playground.slack.person import Person
from playground.slack.push import HttpPush
from playground.slack.sockets import Sockets
from playground.slack.state import Workspace
from playground.slack.web import LARGEST_BODY, Call, Web

BOT_TOKEN = "xoxb-1111111111-2222222222-playground"  # noqa: S105 - opens nothing but this playground
APP_TOKEN = "xapp-1-A0PLAYGROUND-3333333333-playground"  # noqa: S105 - the same
SIGNING_SECRET = "8f742231b10e8888abcd99yyyzzz85a5"  # noqa: S105 - the same
COMMANDS = (("/hub", "Talk to the client hub"),)


class SlackWorld:
    """Start it, give its base URL and tokens to the bot, seat people, and let them act.

    `events`: bot events the app subscribed to, named as in the manifest (`message.im`); None: all of them.
    `scopes`: what the bot token was granted; None: everything. `limits`: whether rate limits hold.
    `ack_seconds` (real) and `retry_delays` (seconds on the clock) may be shortened by tests; `monotonic` drives
    rate limits and triggers.
    """

    def __init__(
        self,
        clock: Clock | None = None,
        *,
        bot_token: str = BOT_TOKEN,
        app_token: str = APP_TOKEN,
        signing_secret: str = SIGNING_SECRET,
        team: str = "T0PLAYGROUND",
        team_name: str = "Playground",
        bot_name: str = "Hub",
        commands: tuple[tuple[str, str], ...] = COMMANDS,
        events: Collection[str] | None = None,
        scopes: Collection[str] | None = None,
        faults: Faults | None = None,
        limits: bool = True,
        seed: int = 0,
        ack_seconds: float = ACK_SECONDS,
        retry_delays: tuple[float, ...] = RETRY_DELAYS,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self.clock = clock or Clock()
        self.faults = faults or Faults(seed)
        self.bot_token = bot_token
        self.app_token = app_token
        self.signing_secret = signing_secret
        self.commands = commands
        self.people: dict[str, Person] = {}
        self.workspace = Workspace(self.clock, team, team_name, bot_name, seed)
        self._ack_seconds = ack_seconds
        self._limits = Limits(on=limits, monotonic=monotonic)
        self._deliveries = Deliveries(self.clock, self.faults, retry_delays)
        self._sockets = Sockets(self.workspace.app_id, seed, ack_seconds)
        self._deliveries.transport = self._sockets
        subscribed = None if events is None else frozenset(events)
        self._backend = Backend(
            self.workspace,
            Events(self.workspace, self._deliveries, subscribed),
            Interactions(self.workspace, self._deliveries, monotonic),
            self._sockets,
        )
        self._web = Web(
            self._backend,
            self._limits,
            self.faults,
            bot_token=bot_token,
            app_token=app_token,
            scopes=None if scopes is None else frozenset(scopes),
        )
        self._push: HttpPush | None = None
        self._runner: web.AppRunner | None = None

    async def start(self, port: int = 0) -> str:
        """Listen on this port of 127.0.0.1 (0: any free one); the address the bot's client takes, ending in `/api/`."""
        app = web.Application(client_max_size=LARGEST_BODY)
        app.add_routes(self._web.routes())
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.2)
        await runner.setup()
        self._runner = runner
        await web.TCPSite(runner, "127.0.0.1", port).start()
        self._backend.interactions.base = f"http://127.0.0.1:{runner.addresses[0][1]}"
        return self.url

    async def stop(self) -> None:
        """Stop listening and drop everything on its way. A stopped world is not started again."""
        await self._deliveries.stop()
        await self._sockets.stop()
        if self._push:
            await self._push.stop()
        if self._runner:
            await self._runner.cleanup()
            self._runner = None

    @property
    def url(self) -> str:
        """`http://127.0.0.1:PORT/api/`; meaningful once started."""
        return f"{self._backend.interactions.base}/api/"

    @property
    def bot_user(self) -> str:
        """The bot's user id, `U…`."""
        return self.workspace.bot.id

    @property
    def calls(self) -> Sequence[Call]:
        """Every Web API call, oldest first; the newest 20,000."""
        return self._web.calls

    def calls_of(self, method: str, person: Person | None = None) -> list[Call]:
        """The calls of one method; to one person or their direct message when given."""
        to = {person.id, self.workspace.direct(person.id).id} if person else set()
        return [call for call in self.calls if call.method == method and (person is None or call.chat in to)]

    @property
    def limits(self) -> bool:
        """Whether rate limits hold."""
        return self._limits.on

    @limits.setter
    def limits(self, on: bool) -> None:
        self._limits.on = on

    @property
    def events(self) -> list[Json]:
        """The newest 10,000 events the bot was or will be told, oldest first, with what is around them."""
        return [envelope.payload for envelope in self._deliveries.told]

    @property
    def given_up(self) -> list[Envelope]:
        """Events the bot never acknowledged in all their attempts."""
        return self._deliveries.given_up

    def person(
        self,
        key: str,
        name: str,
        email: str = "",
        tz: str = "Europe/Berlin",
        locale: str = "en-US",
        *,
        team: str = "",
        admin: bool = False,
    ) -> Person:
        """Seat a person, once per key. `team` other than the workspace's makes an outsider, known only by channels."""
        if key not in self.people:
            home = team or self.workspace.team
            member = self.workspace.add_member(key, name, email=email, tz=tz, locale=locale, team=home, is_admin=admin)
            if not self.workspace.is_outsider(member.id):
                self.workspace.direct(member.id)
            self.people[key] = Person(self._backend, self._deliveries, member, self.commands)
        return self.people[key]

    async def connected(self, sockets: int = 1) -> None:
        """Wait until the bot has so many sockets open."""
        await self._sockets.connected(sockets)

    @property
    def sockets(self) -> int:
        return self._sockets.count

    async def settled(self, *, or_waiting: bool = False) -> None:
        """Wait until every event and interaction has been acknowledged or given up.

        `or_waiting`: or waits for the clock to be turned to its next attempt.
        """
        await self._deliveries.settled(or_waiting=or_waiting)

    @property
    def on_the_way(self) -> int:
        """How many events and interactions are under way; those that wait for the clock to be turned are not."""
        return self._deliveries.on_the_way

    async def use_http(self, events_url: str) -> None:
        """Send everything as signed HTTP requests to this address from now on, after url_verification.

        Raises ValueError when the address does not answer the challenge.
        """
        push = HttpPush(events_url, self.signing_secret, self._ack_seconds)
        try:
            await push.verify()
        except ValueError:
            await push.stop()
            raise
        if self._push:
            await self._push.stop()
        self._push = push
        self._deliveries.transport = push

    def use_sockets(self) -> None:
        """Back to Socket Mode, which is also how a world begins."""
        self._deliveries.transport = self._sockets

    async def refresh_sockets(self, reason: str = "refresh_requested") -> None:
        """Ask every socket to reconnect: `refresh_requested`, `warning` or `link_disabled`."""
        await self._sockets.refresh(reason)

    def drop_sockets(self) -> None:
        """Cut every socket without a word, as a network does."""
        self._sockets.drop_all()

    def uninstall(self) -> None:
        """An admin removes the app: the bot token is dead, and the bot is told in either order."""
        self._web.uninstalled = True
        self._backend.events.uninstalled()

    def reinstall(self) -> None:
        """The token works again, as after a new installation with the same token."""
        self._web.uninstalled = False
