"""Content that was read comes into force, or is told to be broken: written down, with the admins told, then swapped."""

import asyncio
import logging
from collections.abc import Sequence
from pathlib import Path

from sqlalchemy.exc import DBAPIError

from core.content.catalogue import Catalogue, Problem
from core.content.versions import history
from core.content.versions.changes import compare
from core.content.versions.outline import Outline, outline, write_outline
from core.desk import content_news
from core.desk.content_news import Saved
from hub.content import git
from hub.wiring import Hub

log = logging.getLogger(__name__)

MOST_TRIES = 5
"""Times that another process may be a moment faster with another version."""


async def take_effect(hub: Hub, catalogue: Catalogue) -> None:
    """From here on the hub speaks as this catalogue says; admins are told what it changes, once for all processes.

    What is in force already changes nothing. Raises DBAPIError when the database cannot take it: nothing is in force
    then but what was.
    """
    for _ in range(MOST_TRIES):
        before = await hub.database.read(history.newest)
        saved = Saved(catalogue)
        if before.broken or before.version != catalogue.version:
            old = await hub.database.read(history.outline_in_force)
            saved = await asyncio.to_thread(_compared, catalogue, old)
        dated = await hub.database.transact(content_news.saved, saved, before, hub.now())
        if dated is not None:
            hub.catalogue = dated
            hub.metrics.content(catalogue.version)
            hub.wake()
            return
    raise RuntimeError("the content's history changes all the time: is another hub at work with another folder?")


def _compared(catalogue: Catalogue, old: Outline | None) -> Saved:
    new = outline(catalogue)
    changes = compare(old, new) if old is not None else None
    return Saved(catalogue, write_outline(new), changes, git.commit_of(Path(catalogue.folder)))


async def tell_broken(hub: Hub, problems: Sequence[Problem]) -> None:
    """Write down that what was saved is broken, and tell the admins: once, however many processes find it so.

    A database that cannot be written to now is logged: `/readyz` and the log tell of the problems as well.
    """
    try:
        told = await hub.database.transact(content_news.broken, hub.catalogue, problems, hub.now())
    except DBAPIError as error:
        log.warning("could not tell admins that content is broken", extra={"error": type(error).__name__})
        return
    if told:
        hub.wake()
