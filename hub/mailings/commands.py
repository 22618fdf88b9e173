"""`hub mailing …`: list, show, send, steer and export mailings from the command line.

What a command needs is imported inside it, so that the others start at once.
"""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

from hub.settings import load
from hub.terminal import catalogue, count, open_database, start_logging, stop

if TYPE_CHECKING:
    from sqlmodel import Session

    from core.content.catalogue import Catalogue
    from storage.database import Database
    from storage.tables import Mailing

mailing = typer.Typer(help="What is sent to many.", no_args_is_help=True)

Named = Annotated[str, typer.Argument(help="Its number, or the id of its file: then its newest run.")]


@mailing.command("list")
def list_(
    last: Annotated[int, typer.Option(min=1, max=1000, help="The newest so many.")] = 20,
) -> None:
    """What was sent and is being sent, the newest first, and which files could be."""
    from rich.console import Console
    from rich.table import Table

    from hub.mailings.looking import runs

    settings = load()
    start_logging(settings)
    content = catalogue(settings)
    with open_database(settings) as database:
        found = database.transact_now(runs, last)
    table = Table("number", "name", "state", "recipients", "accepted", "failed", "left", "title", box=None)
    for run, counted in found:
        numbers = (counted.total, counted["accepted"], counted["failed"], counted.left)
        table.add_row(str(run.id), run.name, run.state, *(f"{number:,}" for number in numbers), run.title)
    console = Console(highlight=False, markup=False, emoji=False)
    if found:
        console.print(table)
    idle = sorted(content.mailings.keys() - {run.name for run, _ in found})
    if idle:
        typer.echo(f"Never sent: {', '.join(idle)}. Look at one: hub mailing show {idle[0]}", err=True)
    elif not found:
        typer.echo("There are no mailings: write one in content/mailings, as docs/content.md tells.", err=True)


@mailing.command()
def show(
    which: Named,
    follow: Annotated[bool, typer.Option("--follow", help="Until it is over, with a progress bar.")] = False,
) -> None:
    """How far a mailing has come; of one that has not left: to whom it would go, and how three of them see it."""
    from hub.mailings import looking

    settings = load()
    start_logging(settings)
    content = catalogue(settings)
    with open_database(settings) as database:
        run = database.transact_now(looking.find, which)
        if run is None and which in content.mailings:
            looking.print_outlook(database, content, which)
            return
        if run is None:
            _unknown(content, which)
        if run.state in ("draft", "waiting"):
            looking.print_outlook(database, content, run.id or 0)
        elif follow:
            looking.follow(database, content, run.id or 0)
        else:
            looking.print_run(database, content, run.id or 0)


@mailing.command()
def send(
    name: Annotated[str, typer.Argument(help="The id of its file: autumn-prices for mailings/autumn-prices.md.")],
    yes: Annotated[bool, typer.Option("--yes", help="Without asking.")] = False,
    follow: Annotated[bool, typer.Option("--follow", help="Until it is over, with a progress bar.")] = False,
) -> None:
    """Send a file of content/mailings: shows to whom it goes and how they see it, then asks."""
    from core.mailings.drafting import draft_from_file
    from hub.clock import now
    from hub.mailings import looking

    settings = load()
    start_logging(settings)
    content = catalogue(settings)
    if name not in content.mailings:
        _unknown(content, name)
    with open_database(settings) as database:
        number = database.transact_now(lambda session: draft_from_file(session, content, name, None, now()).id or 0)
        people = looking.print_outlook(database, content, number)
        if not people:
            stop("Nobody would get it, so nothing was sent.")
        if not yes and not typer.confirm(f"Send it to {count(people, 'person', 'people')}?"):
            stop("Nothing was sent.")
        _approve(database, content, number)
        if follow:
            looking.follow(database, content, number)


@mailing.command()
def approve(which: Named) -> None:
    """Say yes to a mailing that waits for it, or was prepared in Slack."""
    _steer(which, _approve)


def _approve(database: "Database", content: "Catalogue", number: int) -> None:
    from core.mailings.approving import approve as use_case
    from core.mailings.vetoes import tell
    from hub.clock import now
    from storage.tables import Mailing

    def said_yes(session: "Session") -> "tuple[str, Mailing]":
        result = use_case(session, content, number, None, now())
        run = session.get_one(Mailing, number)
        if result == "leaving":
            tell(session, content, run, now())
        return result, run

    result, run = database.transact_now(said_yes)
    match result:
        case "leaving" if run.leaves_at is not None:
            typer.echo(f"{run.title}: leaves at {run.leaves_at:%Y-%m-%d %H:%M:%S} UTC. hub mailing cancel {number}")
        case "expired":
            stop("Its time is over: give a later end.")
        case _:
            stop(f"That was decided already: it is {run.state}.")


@mailing.command()
def pause(which: Named) -> None:
    """Send nothing more of it until it is resumed. What is being sent this moment still goes out."""
    from core.mailings import running

    _steer(which, lambda database, _content, number: _done(database, number, running.pause))


@mailing.command()
def resume(which: Named) -> None:
    """Go on where it was paused."""
    from core.mailings import running

    _steer(which, lambda database, _content, number: _done(database, number, running.resume))


@mailing.command()
def cancel(which: Named) -> None:
    """Send no more of it. One that has not left yet is a draft again; a draft is thrown away."""
    from core.mailings import running
    from core.mailings.desk import refresh_runs
    from core.mailings.vetoes import close
    from hub.clock import now
    from storage.tables import Mailing

    def call_off(session: "Session", content: "Catalogue", number: int) -> bool:
        done = running.cancel(session, number, now())
        run = session.get_one(Mailing, number)
        if done and run.state == "draft":
            refresh_runs(session, content, run, now())
            close(session, content, run, now())
        return done

    _steer(which, lambda base, content, number: _done(base, number, lambda session, of: call_off(session, content, of)))


@mailing.command()
def retry(
    which: Named,
    uncertain: Annotated[
        bool, typer.Option("--uncertain", help="Those of which nobody knows whether they arrived: some get it twice.")
    ] = False,
) -> None:
    """Try those once more that failed."""
    from core.mailings import running
    from hub.clock import now

    def again(database: "Database", _content: "Catalogue", number: int) -> None:
        scope: running.Scope = "uncertain" if uncertain else "failed"
        found = database.transact_now(lambda session: running.retry(session, number, scope, now()))
        if not found:
            stop("There is nothing to try again.")
        typer.echo(f"{count(found, 'recipient')} planned again.")

    _steer(which, again)


@mailing.command()
def export(
    which: Named,
    file: Annotated[Path | None, typer.Argument(help="A CSV file; standard output if not given.")] = None,
) -> None:
    """Every recipient as CSV, with status, reason and moments (UTC), and at the end who was left out and why."""
    from hub.mailings.exporting import export_to

    def write(database: "Database", _content: "Catalogue", number: int) -> None:
        try:
            written = export_to(database, number, file)
        except OSError as error:
            stop(f"{file} cannot be written: {error.strerror}.")
        typer.echo(f"{count(written, 'person', 'people')}.", err=True)

    _steer(which, write)


def _steer(which: str, work: "Callable[[Database, Catalogue, int], None]") -> None:
    from hub.mailings.looking import find

    settings = load()
    start_logging(settings)
    content = catalogue(settings)
    with open_database(settings) as database:
        run = database.transact_now(find, which)
        if run is None:
            _unknown(content, which)
        work(database, content, run.id or 0)


def _done(database: "Database", number: int, use_case: "Callable[[Session, int], bool]") -> None:
    from storage.tables import Mailing

    done = database.transact_now(lambda session: use_case(session, number))
    run = database.transact_now(lambda session: session.get_one(Mailing, number))
    if not done:
        stop(f"Nothing to do: it is {run.state}.")
    typer.echo(f"{run.title}: {run.state}.")


def _unknown(content: "Catalogue", which: str) -> NoReturn:
    from core.content.reading.sheets import meant

    known = sorted(content.mailings)
    mend = meant(which, known) if known and not which.isdigit() else "hub mailing list tells which there are"
    stop(f"There is no mailing {which!r}; {mend}.")
