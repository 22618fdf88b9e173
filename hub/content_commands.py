"""`hub content …`: what an admin asks of the content folder on the command line.

What a command needs is imported inside it, so that the others start at once.
"""

from pathlib import Path
from typing import Annotated

import typer

from hub import content_preview
from hub.settings import load
from hub.terminal import count, stop

content = typer.Typer(help="What admins edit: words, checklists, rules.", no_args_is_help=True)
content.command()(content_preview.preview)

FolderArgument = Annotated[Path | None, typer.Argument(help="Default: HUB_CONTENT, else ./content.")]


@content.command()
def check(
    folder: FolderArgument = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON list, for other programs.")] = False,
) -> None:
    """Every problem as file:line, what is wrong and how to mend it; exit code 1 if there is any error."""
    import json
    from dataclasses import asdict

    from core.content.catalogue import BrokenContent
    from core.content.checking import read_catalogue

    folder = folder or load().hub_content
    try:
        catalogue = read_catalogue(folder)
    except BrokenContent as broken:
        if as_json:
            typer.echo(json.dumps([asdict(problem) for problem in broken.problems], ensure_ascii=False, indent=2))
        else:
            for problem in broken.problems:
                typer.echo(str(problem))
            typer.echo(count(len(broken.problems), "problem"), err=True)
        raise typer.Exit(1) from None
    if as_json:
        typer.echo("[]")
    else:
        typer.echo(f"{folder}: {count(len(catalogue.checklists), 'checklist')}, nothing wrong.")


@content.command()
def schema(folder: FolderArgument = None) -> None:
    """Write what editors need to complete and underline (JSON Schema) into the folder's `.schemas`."""
    from core.content.schema import FOLDER, write_schemas

    folder = folder or load().hub_content
    try:
        written = write_schemas(folder)
    except OSError as error:
        stop(f"{folder / FOLDER} cannot be written: {error.strerror}.")
    typer.echo(f"{folder / FOLDER}: {', '.join(written)} written." if written else f"{folder / FOLDER} is up to date.")
