"""`hub content …`: what an admin asks of the content folder on the command line.

What a command needs is imported inside it, so that the others start at once.
"""

from pathlib import Path
from typing import Annotated

import typer

from hub.content import changes as content_changes
from hub.content import languages as content_languages
from hub.content import preview as content_preview
from hub.settings import load
from hub.terminal import count, stop

content = typer.Typer(help="What admins edit: words, checklists, rules.", no_args_is_help=True)
content.command()(content_preview.preview)
content.command()(content_languages.languages)
content.command()(content_languages.translated)
content.command()(content_languages.variables)
content.command()(content_changes.plan)
content.command()(content_changes.history)
content.command()(content_changes.rollback)

FolderArgument = Annotated[Path | None, typer.Argument(help="Default: HUB_CONTENT, else ./content.")]


@content.command()
def check(
    folder: FolderArgument = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON list, for other programs.")] = False,
    links: Annotated[bool, typer.Option("--links", help="Ask every link whether it answers.")] = False,
    strict: Annotated[bool, typer.Option("--strict", help="Exit code 1 for warnings, too.")] = False,
) -> None:
    """Every problem as file:line, what is wrong and how to mend it; exit code 1 if any of them is an error."""
    from hub.content.checks import checked, report

    folder = folder or load().hub_content
    found = checked(folder, links=links)
    if as_json:
        import json

        typer.echo(json.dumps(report(found.problems), ensure_ascii=False, indent=2))
    else:
        for problem in found.problems:
            typer.echo(str(problem))
        summary = f"{folder}: {count(found.checklists, 'checklist')}, " if found.checklists is not None else ""
        typer.echo(f"{summary}{found.told}.", err=found.errors > 0)
    if found.errors or (strict and found.problems):
        raise typer.Exit(1)


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
