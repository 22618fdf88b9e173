"""`hub mailing amend|recall|lost`: wrong words are mended or taken back, and whoever is not reached is named.

What a command needs is imported inside it, so that the others start at once.
"""

from typing import TYPE_CHECKING, Annotated

import typer

from hub.settings import load
from hub.terminal import catalogue, count, open_database, start_logging, stop

if TYPE_CHECKING:
    from sqlmodel import Session

    from storage.tables import Mailing

Named = Annotated[str, typer.Argument(help="Its number, or the id of its file: then its newest run.")]


def amend(
    which: Annotated[
        str, typer.Argument(help="The id of a file of content/mailings, or the number of a run made from one.")
    ],
) -> None:
    """Say what its file says now: in place to those who did nothing with it, in a new message to those who did."""
    from core.mailings.amending import amend_from_file
    from hub.clock import now
    from hub.mailings.looking import find
    from storage.tables import Mailing

    settings = load()
    start_logging(settings)
    content = catalogue(settings)
    with open_database(settings) as database:
        run = database.transact_now(find, which)
        name = run.name if run is not None else which
        if name not in content.mailings:
            stop(
                f"{run.title} was written in Slack: mend it there, or take it back."
                if run is not None
                else f"There is no mailing {which!r}; hub mailing list tells which there are."
            )

        def mend(session: "Session") -> "tuple[str, Mailing | None]":
            outcome, number = amend_from_file(session, content, name, now())
            return outcome, session.get(Mailing, number)

        outcome, amended = database.transact_now(mend)
    if amended is None:
        stop(f"{name} was never sent: hub mailing send {name}")
    match outcome:
        case "amended":
            typer.echo(f"{amended.title}: changed. A running hub brings it to everybody; hub mailing show {amended.id}")
        case "redrafted":
            typer.echo(f"{amended.title}: it was not sent yet; it says the new words now.")
        case "same words":
            stop(f"{amended.title} says that already: change mailings/{name}.md first.")
        case _:
            stop(f"{amended.title} was taken back: it cannot be mended any more.")


def recall(which: Named, yes: Annotated[bool, typer.Option("--yes", help="Without asking.")] = False) -> None:
    """Take it back: deleted where the messenger allows it, else it says so; what was not sent is not sent."""
    from core.mailings.amending import recall as use_case
    from hub.clock import now
    from hub.mailings.looking import find

    settings = load()
    start_logging(settings)
    with open_database(settings) as database:
        run = database.transact_now(find, which)
        if run is None:
            stop(f"There is no mailing {which!r}; hub mailing list tells which there are.")
        if not yes and not typer.confirm(f"Take back {run.title}? This cannot be undone."):
            stop("Nothing was taken back.")
        number = run.id or 0
        if not database.transact_now(lambda session: use_case(session, number, now())):
            stop(f"{run.title} was taken back already.")
    typer.echo(f"{run.title}: taken back. A running hub takes it away everywhere; hub mailing lost {number}")


def lost(which: Named, most: Annotated[int, typer.Option(min=1, max=100_000, help="At most so many.")] = 1000) -> None:
    """How far an amendment or a recall has come, and who still has the old words in the chat, with the reason."""
    from rich.console import Console
    from rich.table import Table

    from core.mailings.amending import changes, lost_copies
    from hub.mailings.looking import find

    settings = load()
    start_logging(settings)
    with open_database(settings) as database:
        run = database.transact_now(find, which)
        if run is None:
            stop(f"There is no mailing {which!r}; hub mailing list tells which there are.")
        counted = database.transact_now(changes, run)
        copies = database.transact_now(lost_copies, run, most)
    if run.revision == 1:
        typer.echo(f"{run.title}: its words were never changed.")
        return
    done = ", ".join(f"{number:,} {how}" for how, number in counted.done.items()) or "nothing done yet"
    left = counted.waiting + counted.to_do
    typer.echo(f"{run.title}: {done}; {left:,} to do; {count(counted.lost, 'copy', 'copies')} out of reach.")
    if copies:
        table = Table("account", "name", "e-mail", "reason", box=None)
        for one in copies:
            table.add_row(one.account, one.name, one.email, one.reason)
        Console(highlight=False, markup=False, emoji=False).print(table)
