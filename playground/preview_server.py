"""Serves the preview page: what a content file will look like, for several readers, again after every save."""

import asyncio
import logging

from aiohttp import web

from playground.guard import HEADERS, guard
from playground.preview_html import NOBODY, PAGE, STYLES, page
from playground.sights import MOST_READERS, Previewer, Wish, wish_of

log = logging.getLogger(__name__)

LOOK = 0.3
"""Seconds between looks at the folder while a page is open. A save is shown once the folder stands still for one."""

FILES = (*STYLES, "preview.js", "icon.svg")


class PreviewPages:
    """The routes of the preview, for the playground's server or one of its own."""

    def __init__(self, previewer: Previewer, *, back: str = "") -> None:
        """`back`: address of the playground's chats; empty: there are none."""
        self._previewer = previewer
        self._back = back
        self._stopping = asyncio.Event()

    def routes(self) -> list[web.RouteDef]:
        return [
            web.get("/preview", self._page),
            web.get("/preview/saves", self._saves),
            web.get("/preview/media/{name:.+}", self._media),
        ]

    def stop(self) -> None:
        """Let go of the pages that wait for a save."""
        self._stopping.set()

    async def _page(self, request: web.Request) -> web.Response:
        showing = await self._previewer.show(_wish(request))
        return web.Response(text=page(showing, back=self._back), content_type="text/html")

    async def _media(self, request: web.Request) -> web.StreamResponse:
        file = self._previewer.media(request.match_info["name"])
        if file is None:
            raise web.HTTPNotFound(text="There is no such file.")
        return web.FileResponse(file)

    async def _saves(self, request: web.Request) -> web.StreamResponse:
        """Server-sent events: one at once, then one after every save."""
        response = web.StreamResponse(headers={**HEADERS, "Content-Type": "text/event-stream"})
        await response.prepare(request)
        told = seen = await self._previewer.state()
        number = 0
        try:
            await response.write(b"retry: 1000\nevent: saved\ndata: 0\n\n")
            while not self._stopping.is_set() and (request.transport and not request.transport.is_closing()):
                await self._rest()
                now = await self._previewer.state()
                if now == seen and now != told:
                    told, number = now, number + 1
                    await response.write(f"event: saved\ndata: {number}\n\n".encode())
                seen = now
        except ConnectionError:
            log.debug("a preview page has gone")
        return response

    async def _rest(self) -> None:
        try:
            await asyncio.wait_for(self._stopping.wait(), LOOK)
        except TimeoutError:
            return


def _wish(request: web.Request) -> Wish:
    query = request.query
    numbers = range(1, MOST_READERS + 1)
    chosen = [(query.get(f"who{at}", NOBODY), query.get(f"language{at}", "")) for at in numbers]
    if "who1" not in query:
        chosen[0] = ("", query.get("language1", ""))
    present = [(who, language) for who, language in chosen if who != NOBODY]
    return wish_of(query.get("file", ""), [who for who, _ in present], [language for _, language in present])


class PreviewServer:
    """The preview alone, on 127.0.0.1, for `hub content preview --serve`."""

    def __init__(self, previewer: Previewer) -> None:
        self._pages = PreviewPages(previewer)
        self._runner: web.AppRunner | None = None

    async def start(self, port: int = 0) -> str:
        """Listen on this port of 127.0.0.1 (0: any free one) and return the page's address."""
        app = web.Application(middlewares=[guard])
        app.add_routes(self._pages.routes())
        app.add_routes([web.get("/", self._first), web.get("/{name}", self._file)])
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=2)
        await runner.setup()
        self._runner = runner
        await web.TCPSite(runner, "127.0.0.1", port).start()
        return f"http://127.0.0.1:{runner.addresses[0][1]}/preview"

    async def stop(self) -> None:
        self._pages.stop()
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None

    async def _first(self, _request: web.Request) -> web.Response:
        raise web.HTTPFound("/preview")

    async def _file(self, request: web.Request) -> web.StreamResponse:
        name = request.match_info["name"]
        if name not in FILES:
            raise web.HTTPNotFound(text="There is no such page.")
        return web.FileResponse(PAGE / name)
