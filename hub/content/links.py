"""Asks the links of content whether they answer: only when somebody wants to know, and never for long."""

import asyncio
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

import aiohttp

from core.content.catalogue import Problem
from core.content.linting.pages import Page
from core.content.reading.shape import Media, Said
from core.content.reading.sheets import Text
from core.content.texts.wording import is_web_address, links_of

PATIENCE: Final = 10.0
"""Seconds for one address, redirections included."""

AT_ONCE: Final = 8
"""Addresses asked side by side."""

AT_MOST: Final = 500
"""Addresses asked in all; the rest is told as not asked."""

_UNDERSTOOD: Final = frozenset({401, 402, 403, 405, 406, 407, 418, 429, 451, 999})
"""Somebody is there, but wants a person, a sign-in or patience: to readers such a link is alive."""


@dataclass(frozen=True, slots=True)
class Link:
    file: str
    line: int
    address: str


def links_in(pages: Iterable[Page]) -> tuple[Link, ...]:
    """The web addresses of all texts and films, without those with places: they differ from reader to reader."""
    found: list[Link] = []
    for page in pages:
        for place in page.places:
            if not isinstance(place.node, Text):
                continue
            if isinstance(place.kind, Media):
                found.append(Link(page.shown, place.node.line, place.node.value))
            elif isinstance(place.kind, Said):
                found += [Link(page.shown, place.node.line_of(line), url) for line, url in links_of(place.node.value)]
    return tuple(link for link in found if is_web_address(link.address) and not re.search("[{}]", link.address))


async def dead_links(links: Iterable[Link]) -> tuple[Problem, ...]:
    """Warnings for those that do not answer, sorted by file and line. Each address is asked once."""
    links = tuple(links)
    addresses = tuple(dict.fromkeys(link.address for link in links))
    gate = asyncio.Semaphore(AT_ONCE)
    timeout = aiohttp.ClientTimeout(total=PATIENCE)
    async with aiohttp.ClientSession(timeout=timeout, headers={"User-Agent": "client-hub link check"}) as session:
        answers = await asyncio.gather(*(_trouble(session, gate, address) for address in addresses[:AT_MOST]))
    troubles = dict(zip(addresses, answers, strict=False))
    troubles |= dict.fromkeys(addresses[AT_MOST:], f"was not asked: there are more than {AT_MOST} links")
    return tuple(
        sorted(
            Problem(link.file, link.line, f"the link to {link.address} {trouble}", "open it in a browser", "warning")
            for link in links
            if (trouble := troubles[link.address])
        )
    )


async def _trouble(session: aiohttp.ClientSession, gate: asyncio.Semaphore, address: str) -> str:
    """What is wrong with an address; empty when it answers."""
    async with gate:
        try:
            status = await _status(session, "HEAD", address)
            if status >= 400 and status not in _UNDERSTOOD:
                status = await _status(session, "GET", address)  # many servers know no HEAD
        except TimeoutError:
            return f"does not answer within {PATIENCE:.0f} seconds"
        except aiohttp.TooManyRedirects:
            return "leads round in circles"
        except (aiohttp.ClientError, OSError, ValueError) as error:
            reason = getattr(error, "os_error", None) or error
            return f"does not answer ({getattr(reason, 'strerror', None) or type(error).__name__})"
    return f"answers with {status}" if status >= 400 and status not in _UNDERSTOOD else ""


async def _status(session: aiohttp.ClientSession, method: str, address: str) -> int:
    async with session.request(method, address, max_redirects=5) as response:
        return response.status
