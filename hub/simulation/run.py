"""One whole run: the copy is made, the play is played, and what came of it is kept."""

import gc
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import Engine
from sqlmodel import Session

from core.content.catalogue import Catalogue, Rules
from core.content.versions import history
from core.content.versions.changes import compare
from core.content.versions.outline import outline, write_outline
from core.desk import content_news
from core.desk.content_news import Saved
from core.people.colleagues import know_admins
from hub.simulation.acting import Actors
from hub.simulation.books import Books
from hub.simulation.kept import Kept, kept_back
from hub.simulation.people import Cast, gather, make_up
from hub.simulation.running import Stage
from hub.simulation.world import Chats, World

LITTER: Final = 400_000
"""Objects made between two looks for litter: each look goes through everything that the run remembers."""


@dataclass(frozen=True, slots=True)
class Run:
    """What came of a run."""

    content: str
    """Version of the content."""
    rules: Rules
    since: datetime
    days: int
    seed: int
    clients: int
    cast: Cast
    books: Books
    kept: Kept


@dataclass(frozen=True, slots=True)
class Wish:
    """What is to be played."""

    since: datetime
    days: int
    seed: int = 1
    clients: int = 20
    """Made up, if no database is copied."""
    watched: str = ""
    """E-mail of somebody whose whole chat is to be kept."""


def play(
    catalogue: Catalogue, wish: Wish, source: Engine | None = None, tell: Callable[[datetime], None] = lambda _now: None
) -> Run:
    """Play it from beginning to end. `source`: the database whose copy is played on; None: made-up clients."""
    world = World(wish.since, source)
    try:
        dated = world.transact(_prepare, catalogue, wish, source is None)
        cast = world.transact(gather, dated, wish.seed, made_up=source is None)
        books = Books(watched=wish.watched.strip().lower())
        stage = Stage(world, Chats(), cast, dated, books)
        with _few_looks_for_litter():
            Actors(stage).begin()
            stage.run(wish.since + timedelta(days=wish.days), tell)
        kept = world.transact(kept_back, wish.since)
    finally:
        world.close()
    clients = len({person.account for person in cast.people})
    return Run(dated.version, dated.rules, wish.since, wish.days, wish.seed, clients, cast, books, kept)


def _prepare(session: Session, catalogue: Catalogue, wish: Wish, made_up: bool) -> Catalogue:
    """The content comes into force as at a start of the hub, with clients if there are none."""
    know_admins(session, catalogue.rules)
    session.flush()
    if made_up:
        make_up(session, catalogue, wish.clients, wish.seed, wish.since)
    before = history.newest(session)
    if before.version == catalogue.version and not before.broken:
        return history.dated(session, catalogue)
    old, new = history.outline_in_force(session), outline(catalogue)
    saved = Saved(catalogue, write_outline(new), compare(old, new) if old is not None else None, None)
    dated = content_news.saved(session, saved, before, wish.since)
    return dated if dated is not None else history.dated(session, catalogue)


@contextmanager
def _few_looks_for_litter() -> Iterator[None]:
    before = gc.get_threshold()
    gc.collect()
    gc.freeze()
    gc.set_threshold(LITTER, *before[1:])
    try:
        yield
    finally:
        gc.set_threshold(*before)
        gc.unfreeze()
