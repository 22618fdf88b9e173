"""The commands about the two books: what became of every card sent, and events that could not be decided.

What a command needs is imported inside it, so that the others start at once.
"""

from typing import Annotated

import typer

from hub.settings import load
from hub.terminal import catalogue, count, open_database, start_logging, stop

STATES = ("held", "queued", "sending", "accepted", "failed", "uncertain", "cancelled", "expired")
"""What a delivery may be, as storage/tables/ledger.py tells."""

deliveries = typer.Typer(help="What became of every card sent.", no_args_is_help=False)
events = typer.Typer(help="What people did that a fault of ours kept from being decided.", no_args_is_help=False)


@deliveries.callback(invoke_without_command=True)
def deliveries_list(
    context: typer.Context,
    state: Annotated[str, typer.Option(help=f"One of: {', '.join(STATES)}.")] = "uncertain",
    most: Annotated[int, typer.Option(min=1, max=10_000, help="The newest so many.")] = 100,
) -> None:
    """List deliveries in one state; by default those of which nobody knows whether they arrived."""
    if context.invoked_subcommand is not None:
        return
    if state not in STATES:
        stop(f"No delivery is ever {state!r}; --state is one of: {', '.join(STATES)}.", code=2)
    from hub.ledger import listed

    settings = load()
    start_logging(settings)
    with open_database(settings) as database:
        rows = database.transact_now(listed, state, most)
    for row in rows:
        typer.echo(
            f"{row.id}  {row.created_at:%Y-%m-%d %H:%M}  {row.address}  {row.kind}  {row.reason or ''}".rstrip(),
        )
    typer.echo(f"{count(len(rows), 'delivery', 'deliveries')} {state}.", err=True)


@deliveries.command("resend")
def deliveries_resend(number: Annotated[int, typer.Argument(help="As listed by `hub deliveries`.")]) -> None:
    """Send an uncertain or failed delivery once more, because a person decided so."""
    from core.uncertain import send_again
    from hub.clock import now

    settings = load()
    start_logging(settings)
    with open_database(settings) as database:
        if not database.transact_now(send_again, number, now()):
            stop(f"There is no uncertain or failed delivery {number}.")
    typer.echo("It goes out next, while `hub run` is running.")


@events.callback(invoke_without_command=True)
def events_list(
    context: typer.Context,
    most: Annotated[int, typer.Option(min=1, max=10_000, help="The oldest so many.")] = 100,
) -> None:
    """List the failed events: when, which messenger's key, never what was said."""
    if context.invoked_subcommand is not None:
        return
    from hub.ledger import failed_events

    settings = load()
    start_logging(settings)
    with open_database(settings) as database:
        rows = database.transact_now(failed_events, most)
    for row in rows:
        typer.echo(f"{row.key}  {row.at:%Y-%m-%d %H:%M}")
    typer.echo(f"{count(len(rows), 'event')} failed.", err=True)


@events.command("repair")
def events_repair(
    key: Annotated[str, typer.Argument(help="As listed by `hub events`; without it, all of them in their order.")] = "",
) -> None:
    """Decide failed events anew, after the fault was mended. One that fails again stays listed."""
    from core.content.versions.history import dated
    from core.inbox import repair
    from hub.clock import now
    from hub.ledger import failed_events

    settings = load()
    start_logging(settings)
    content = catalogue(settings)
    done, again = 0, 0
    with open_database(settings) as database:
        content = database.transact_now(dated, content)
        keys = [key] if key else [row.key for row in database.transact_now(failed_events, None)]
        for one in keys:
            try:
                found = database.transact_now(repair, content, one, now())
            except Exception as error:  # noqa: BLE001 - the fault may still be there for this one: told, the rest go on
                typer.echo(f"{one}: still fails, {type(error).__name__}.", err=True)
                again += 1
                continue
            if not found:
                stop(f"There is no failed event {one}.")
            done += 1
    typer.echo(f"{count(done, 'event')} decided. Answers go out while `hub run` is running.")
    if again:
        raise typer.Exit(1)
