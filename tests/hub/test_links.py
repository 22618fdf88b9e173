"""Links are asked whether they answer: each once, a few at a time, and never for long."""

from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from aiohttp import web

from core.content.linting.pages import read_pages
from hub.content.links import AT_MOST, Link, dead_links, links_in


@dataclass
class Site:
    url: str = ""
    asked: Counter[str] = field(default_factory=Counter)

    async def answer(self, request: web.Request) -> web.Response:
        self.asked[f"{request.method} {request.path}"] += 1
        match request.path:
            case "/moved":
                return web.Response(status=302, headers={"Location": "/fine"})
            case "/circle":
                return web.Response(status=302, headers={"Location": "/circle"})
            case "/get-only" if request.method == "HEAD":
                return web.Response(status=501)
            case "/members":
                return web.Response(status=403)
            case "/gone":
                return web.Response(status=404)
            case "/down":
                return web.Response(status=503)
            case _:
                return web.Response()


@pytest.fixture
async def site() -> AsyncIterator[Site]:
    site = Site()
    app = web.Application()
    app.router.add_route("*", "/{rest:.*}", site.answer)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    site.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    yield site
    await runner.cleanup()


async def test_links_that_do_not_answer_are_told_with_their_line(site: Site) -> None:
    paths = ["/fine", "/moved", "/get-only", "/members", "/gone", "/down", "/circle"]

    found = await dead_links(Link("a.yaml", line, f"{site.url}{path}") for line, path in enumerate(paths, 1))

    assert [(problem.line, problem.what.removeprefix(f"the link to {site.url}")) for problem in found] == [
        (5, "/gone answers with 404"),
        (6, "/down answers with 503"),
        (7, "/circle leads round in circles"),
    ]
    assert {problem.level for problem in found} == {"warning"}


async def test_an_address_is_asked_once_however_often_it_stands_there(site: Site) -> None:
    await dead_links([Link("a.yaml", line, f"{site.url}/fine") for line in range(20)])

    assert site.asked == {"HEAD /fine": 1}


async def test_a_server_that_is_not_there_is_told(unused_tcp_port: int) -> None:
    (found,) = await dead_links([Link("a.yaml", 3, f"http://127.0.0.1:{unused_tcp_port}/")])

    assert found.what.startswith(f"the link to http://127.0.0.1:{unused_tcp_port}/ does not answer")


async def test_no_more_than_a_few_hundred_are_asked(site: Site) -> None:
    found = await dead_links([Link("a.yaml", line, f"{site.url}/{line}") for line in range(AT_MOST + 1)])

    assert site.asked.total() == AT_MOST
    assert [problem.line for problem in found] == [AT_MOST]


def test_links_are_found_in_texts_and_films_but_those_with_places(tmp_path: Path) -> None:
    (tmp_path / "onboarding").mkdir()
    (tmp_path / "onboarding/tour.yaml").write_text(
        "title: Tour\nsteps:\n  - title: Go\n    text: |\n      Open\n      [it](https://a.example/x), or\n"
        "      [mail](mailto:a@b.example), [yours](https://{{ client.name }}.example)\n    video: https://b.example/tour.mp4\n"
    )

    assert [(link.line, link.address) for link in links_in(read_pages(tmp_path))] == [
        (6, "https://a.example/x"),
        (8, "https://b.example/tour.mp4"),
    ]
