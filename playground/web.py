"""Serves the page on which people sit at their messengers, and carries what they do there to their seats."""

import asyncio
import json
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import asdict
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path

from aiohttp import BodyPartReader, WSCloseCode, web

from playground.clock import Clock
from playground.guard import body_of, guard, word
from playground.offers import Extra, Invitation, OpensLinks, Step
from playground.preview_server import PreviewPages
from playground.sights import Previewer
from playground.views import Seat

PAGE = Path(__file__).parent / "page"

TURNS = {"hour": timedelta(hours=1), "day": timedelta(days=1), "week": timedelta(weeks=1)}

LARGEST_FILE = 50 * 1024 * 1024
"""Bytes a person may share at once: what a bot may upload (Bot API: sending files)."""


class _Audience:
    """One open page: what it has not been told yet."""

    def __init__(self, socket: web.WebSocketResponse) -> None:
        self.socket = socket
        self.stale: set[str] = set()
        self.wake = asyncio.Event()
        self.typing: frozenset[str] = frozenset()
        """Seats last seen with somebody typing: that ends by the clock, without a change."""


class Playground:
    """The page's server. It listens on 127.0.0.1 alone and answers only its own page: it is a control surface."""

    def __init__(
        self,
        clock: Clock,
        seats: Sequence[Seat],
        *,
        extras: Sequence[Extra] = (),
        invitations: Sequence[Invitation] = (),
        story: Sequence[Step] = (),
        panes: Sequence[str] = (),
        title: str = "Client hub",
        heartbeat: float = 5.0,
        previewer: Previewer | None = None,
        pass_time: Callable[[timedelta], Awaitable[None]] | None = None,
    ) -> None:
        """`panes`: keys of the seats shown side by side at first; empty: the first three seats. `heartbeat`: seconds
        between two tellings of the time to a page on which nothing happens. `previewer`: what the page of previews
        beside the chats shows; None: there is no such page. `pass_time`: what the buttons of the clock do; None: they
        turn it in one go."""
        self._previews = PreviewPages(previewer, back="/") if previewer is not None else None
        self._heartbeat = heartbeat
        self._clock = clock
        self._pass_time = pass_time
        self._seats: Mapping[str, Seat] = {seat.key: seat for seat in seats}
        self._extras = {extra.key: extra for extra in extras}
        self._invitations = list(invitations)
        self._story = tuple(story)
        self._panes = tuple(panes) or tuple(self._seats)[:3]
        self._title = title
        self._audiences: set[_Audience] = set()
        self._runner: web.AppRunner | None = None
        if len(self._seats) != len(seats):
            raise ValueError("two seats have the same key")
        if unknown := set(self._panes) - set(self._seats):
            raise ValueError(f"panes name seats that do not exist: {sorted(unknown)}")
        for seat in seats:
            seat.on_change(partial(self._changed, seat.key))
        clock.on_turn(partial(self._changed, "clock"))

    async def start(self, port: int = 0) -> str:
        """Listen on this port of 127.0.0.1 (0: any free one) and return the page's address."""
        app = web.Application(middlewares=[guard], client_max_size=LARGEST_FILE + 1024 * 1024)
        app.add_routes(
            [
                web.get("/", self._page),
                web.get("/live", self._live),
                *(self._previews.routes() if self._previews is not None else ()),
                web.get("/{name}", self._page),
                web.post("/clock", self._turn),
                web.post("/extras/{key}", self._extra),
                web.post("/seats/{key}/share", self._share),
                web.post("/seats/{key}/{act}", self._act),
            ]
        )
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=2)
        await runner.setup()
        self._runner = runner
        await web.TCPSite(runner, "127.0.0.1", port).start()
        return f"http://127.0.0.1:{runner.addresses[0][1]}/"

    async def stop(self) -> None:
        if self._previews is not None:
            self._previews.stop()
        for audience in list(self._audiences):
            await audience.socket.close(code=WSCloseCode.GOING_AWAY, message=b"the playground stops")
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None

    def offer(self, invitation: Invitation) -> None:
        """Show this invitation on the page; one before it that was meant for the same seat goes."""
        kept = [each for each in self._invitations if not invitation.seat or each.seat != invitation.seat]
        self._invitations = [*kept, invitation]
        self._changed("outside")

    # What the page is told

    def _changed(self, what: str) -> None:
        for audience in self._audiences:
            audience.stale.add(what)
            audience.wake.set()

    def _news(self, audience: _Audience) -> str:
        """Everything that changed, as one JSON message; the changes of one tick of the event loop travel together."""
        stale, audience.stale = audience.stale, set()
        news: dict[str, object] = {"clock": self._clock.now()}
        if "outside" in stale:
            news["extras"] = [
                {
                    "key": extra.key,
                    "label": extra.label,
                    "choices": extra.choices,
                    "on": extra.is_on() if extra.is_on else None,
                    "group": extra.group,
                    "hint": extra.hint,
                }
                for extra in self._extras.values()
            ]
            news["invitations"] = [asdict(invitation) for invitation in self._invitations]
        if "story" in stale:
            news["title"] = self._title
            news["panes"] = self._panes
            news["story"] = [asdict(step) for step in self._story]
            news["preview"] = self._previews is not None
        seen = [(seat, seat.view()) for key, seat in self._seats.items() if key in stale]
        news["seats"] = [{**asdict(view), "links": isinstance(seat, OpensLinks)} for seat, view in seen]
        typing = {view.key for _, view in seen if any(each.typing for each in view.conversations)}
        audience.typing = (audience.typing - stale) | typing
        return json.dumps(news, default=_iso)

    async def _live(self, request: web.Request) -> web.WebSocketResponse:
        socket = web.WebSocketResponse(heartbeat=20, max_msg_size=1024)
        await socket.prepare(request)
        audience = _Audience(socket)
        audience.stale = {"story", "outside", *self._seats}
        audience.wake.set()
        self._audiences.add(audience)
        telling = asyncio.create_task(self._tell(audience))
        try:
            async for _ in socket:
                pass  # the page speaks by POST; reading notices that it has gone
        finally:
            self._audiences.discard(audience)
            telling.cancel()
            await asyncio.gather(telling, return_exceptions=True)
        return socket

    async def _tell(self, audience: _Audience) -> None:
        """A slow page gets fewer, larger tellings, never a queue of outdated ones."""
        while not audience.socket.closed:
            try:
                await asyncio.wait_for(audience.wake.wait(), self._heartbeat)
            except TimeoutError:
                audience.stale |= {"clock", *audience.typing}
            await asyncio.sleep(0)  # let the rest of this tick's changes arrive
            audience.wake.clear()
            try:
                await audience.socket.send_str(self._news(audience))
            except ConnectionError:
                return

    async def _page(self, request: web.Request) -> web.StreamResponse:
        name = request.match_info.get("name", "index.html")
        file = PAGE / name
        if file.parent != PAGE or not file.is_file():
            raise web.HTTPNotFound(text="There is no such page.")
        return web.FileResponse(file)

    # What the person at the page does

    async def _turn(self, request: web.Request) -> web.Response:
        by = TURNS.get(word(await body_of(request), "by"))
        if by is None:
            raise web.HTTPBadRequest(text=f"The clock is turned by one of: {', '.join(TURNS)}.")
        if self._pass_time is not None:
            await self._pass_time(by)
        else:
            self._clock.turn(by)
        return web.json_response({"clock": _iso(self._clock.now())})

    async def _extra(self, request: web.Request) -> web.Response:
        extra = self._extras.get(request.match_info["key"])
        if extra is None:
            raise web.HTTPNotFound(text="There is no such action.")
        choice = word(await body_of(request), "choice")
        if extra.choices and choice not in {value for value, _ in extra.choices}:
            raise web.HTTPBadRequest(text="That is not one of the choices.")
        said = await extra.run(choice)
        self._changed("outside")
        return web.json_response({"said": said or ""})

    def _seat(self, request: web.Request) -> Seat:
        seat = self._seats.get(request.match_info["key"])
        if seat is None:
            raise web.HTTPNotFound(text="Nobody sits there.")
        return seat

    async def _act(self, request: web.Request) -> web.Response:
        seat, body = self._seat(request), await body_of(request)
        conversation = word(body, "conversation") or None
        match request.match_info["act"]:
            case "say":
                await seat.say(word(body, "text"), conversation, word(body, "reply_to") or None)
            case "tap":
                await seat.tap(word(body, "message"), word(body, "button"), word(body, "value"), conversation)
            case "open_home":
                await seat.open_home()
            case "open_link" if isinstance(seat, OpensLinks):
                await seat.open_link(word(body, "url"))
            case "submit_modal":
                values = body.get("values")
                if not isinstance(values, dict):
                    raise web.HTTPBadRequest(text="values must be an object")
                filled = {str(field): str(value) for field, value in values.items()}
                await seat.submit_modal(filled, word(body, "button"))
            case "close_modal":
                await seat.close_modal()
            case "block":
                await seat.block()
            case "unblock":
                await seat.unblock()
            case _:
                raise web.HTTPNotFound(text="A person cannot do that here.")
        return web.json_response({})

    async def _share(self, request: web.Request) -> web.Response:
        seat = self._seat(request)
        words, name, mime, content, conversation = "", "", "application/octet-stream", None, None
        async for part in await request.multipart():
            if not isinstance(part, BodyPartReader):
                raise web.HTTPBadRequest(text="a file arrives as one part")
            if part.name == "file":
                name = part.filename or "file"
                mime = part.headers.get("Content-Type", mime)
                content = bytes(await part.read())
            elif part.name == "words":
                words = await part.text()
            elif part.name == "conversation":
                conversation = await part.text() or None
        if content is None:
            raise web.HTTPBadRequest(text="There is no file in this.")
        await seat.share(name, content, mime, conversation, words)
        return web.json_response({})


def _iso(moment: object) -> str:
    if not isinstance(moment, datetime):
        raise TypeError(f"{type(moment).__name__} does not travel to the page")
    return moment.isoformat()
