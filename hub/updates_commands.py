"""`hub updates …`: what came of the updates that clients were told.

What a command needs is imported inside it, so that the others start at once.
"""

import csv
from collections.abc import Iterable, Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from hub.settings import load
from hub.terminal import catalogue, count, open_database, start_logging, stop

if TYPE_CHECKING:
    from core.updates.register import Entry

updates = typer.Typer(help="What came of the updates that clients were told.", no_args_is_help=True)

_COLUMNS: Final = ("account", "contact", "email", "told", "times", "opened", "acknowledged", "opinion")


@updates.callback()
def _updates() -> None:
    """Makes `register` a word of its own though it is the only one."""


@updates.command()
def register(
    update: Annotated[str, typer.Argument(help="Its id: the file's name without the day.")],
    file: Annotated[Path | None, typer.Option("--csv", help="Write it there, for a spreadsheet.")] = None,
) -> None:
    """Who was told an update, who has opened it, and who has said that they have read it. Moments are UTC."""
    from core.content.reading.sheets import meant
    from core.updates.register import register as read

    settings = load()
    start_logging(settings)
    content = catalogue(settings)
    with open_database(settings) as database:
        entries = database.transact_now(read, update)
    if not entries and update not in content.updates:
        stop(f"There is no update {update!r}, and nobody was told one; {meant(update, sorted(content.updates))}.")
    if file is not None:
        try:
            _write(file, entries)
        except OSError as error:
            stop(f"{file} cannot be written: {error.strerror}.")
    else:
        for row in (_COLUMNS, *map(_row, entries)) if entries else ():
            typer.echo("  ".join(one or "–" for one in row))
    read_by = sum(entry.acknowledged_at is not None for entry in entries)
    opened = sum(entry.seen_at is not None for entry in entries)
    told = count(len(entries), "person", "people")
    typer.echo(f"{told}: {opened} opened it, {read_by} said they have read it.", err=True)


def _write(file: Path, entries: Iterable["Entry"]) -> None:
    with file.open("w", encoding="utf-8-sig", newline="") as out:  # Excel takes UTF-8 for it by this mark alone
        writer = csv.writer(out)
        writer.writerow(_COLUMNS)
        writer.writerows([_safe(one) for one in _row(entry)] for entry in entries)


def _safe(cell: str) -> str:
    """A name that a spreadsheet would calculate stays a name."""
    return f"'{cell}" if cell[:1] in ("=", "+", "-", "@") else cell


def _row(entry: "Entry") -> Sequence[str]:
    moments = (_at(entry.told_at), str(entry.times), _at(entry.seen_at), _at(entry.acknowledged_at))
    return (entry.account, entry.name, entry.email, *moments, entry.opinion)


def _at(moment: datetime | None) -> str:
    return f"{moment:%Y-%m-%d %H:%M}" if moment is not None else ""
