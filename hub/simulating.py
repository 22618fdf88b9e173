"""`hub simulate`: what everybody would get in the weeks to come, and what other content would change about it.

What a command needs is imported inside it, so that the others start at once.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from hub.settings import Settings, load
from hub.terminal import sound_content, start_logging, stop

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from hub.simulation.run import Run, Wish


def simulate(
    days: Annotated[int, typer.Option(min=1, max=730, help="How far the clock is turned.")] = 90,
    accounts: Annotated[str, typer.Option(help="demo: made-up clients; present: a copy of the database.")] = "demo",
    clients: Annotated[int, typer.Option(min=1, max=2000, help="How many are made up, with three people each.")] = 20,
    seed: Annotated[int, typer.Option(help="Another number, other people: the same number, the same run.")] = 1,
    since: Annotated[datetime | None, typer.Option("--from", formats=["%Y-%m-%d"], help="Default: today.")] = None,
    against: Annotated[Path | None, typer.Option(help="Another content folder: what would it say otherwise?")] = None,
    person: Annotated[str, typer.Option(help="E-mail of somebody whose whole chat is shown.")] = "",
    as_json: Annotated[bool, typer.Option("--json", help="Everything as JSON, for other programs.")] = False,
) -> None:
    """Turn the clock over a copy, with people who answer in their ways: who would get what, and when.

    Nothing is sent and nothing is written. The same seed, day and content give the same run, word by word.
    """
    from hub.clock import now
    from hub.simulation import report
    from hub.simulation.run import Wish

    if accounts not in ("demo", "present"):
        stop(f"--accounts is demo or present, not {accounts!r}.", code=2)
    settings = load()
    start_logging(settings)
    day = since.replace(tzinfo=UTC) if since is not None else now().replace(hour=0, minute=0, second=0, microsecond=0)
    wish = Wish(since=day, days=days, seed=seed, clients=clients, watched=person)
    with _source(settings, accounts) as source, sound_content("Nothing is played with broken content."):
        first = _played(settings.hub_content, wish, source)
        other = _played(against, wish, source) if against is not None else None
    if person and all(one.email != wish.watched.strip().lower() for one in first.cast.people):
        known = ", ".join(one.email for one in first.cast.people[:5])
        stop(f"Nobody in this run has the e-mail {person}; there are {known} …", code=2)
    if other is not None:
        told = list(report.differences(first, other))
        typer.echo("\n".join(told) if told else "Both say the same to everybody.")
    elif as_json:
        typer.echo(report.as_json(first))
    else:
        typer.echo("\n".join(report.chat_lines(first) if person else report.lines(first)))


@contextmanager
def _source(settings: Settings, accounts: str) -> "Iterator[Engine | None]":
    """The database to be copied, only looked into; None: clients are made up."""
    if accounts == "demo":
        yield None
        return
    from sqlalchemy.engine import make_url
    from sqlalchemy.exc import OperationalError

    from storage.database import make_engine
    from storage.upgrade import head, revision

    url = make_url(settings.database_url.get_secret_value())
    if url.get_backend_name() == "sqlite" and not (url.database and Path(url.database).is_file()):
        stop("There is no database yet; without --accounts present, clients are made up.")
    engine = make_engine(settings.database_url.get_secret_value())
    try:
        if revision(engine) != head():
            stop("The database is of another version. `hub doctor` tells more.")
        yield engine
    except OperationalError:
        stop("The database cannot be used. `hub doctor` tells more.")
    finally:
        engine.dispose()


def _played(folder: Path, wish: "Wish", source: "Engine | None") -> "Run":
    import sys

    from core.content.checking import read_catalogue
    from hub.simulation.run import play

    catalogue = read_catalogue(folder)
    if not sys.stderr.isatty():
        return play(catalogue, wish, source)
    from rich.console import Console
    from rich.progress import Progress

    with Progress(console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("Turning the clock", total=wish.days)

        def tell(moment: datetime) -> None:
            progress.update(task, completed=(moment - wish.since).days)

        return play(catalogue, wish, source, tell)
