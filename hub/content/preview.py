"""`hub content preview`: what a content file will look like, before it is real, in the terminal or on a page."""

import asyncio
import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

from core.content.texts.vocabulary import ROLES
from hub.clock import now
from hub.settings import Settings, load
from hub.terminal import count, stop

if TYPE_CHECKING:
    from core.content.catalogue import Catalogue
    from playground.sights import Showing
    from storage.database import Database

PORT = 8091


def preview(
    file: Annotated[
        str, typer.Argument(help="Such as onboarding/quickstart.yaml; with --serve it may be left out.")
    ] = "",
    who: Annotated[str, typer.Option("--as", help="E-mail of a contact. Default: somebody made up.")] = "",
    role: Annotated[str, typer.Option(help="Of somebody made up: what they do at the client.")] = "",
    language: Annotated[str, typer.Option("--lang", help="Two letters. Default: the file's, else theirs.")] = "",
    messenger: Annotated[str, typer.Option(help="telegram or slack. Default: both.")] = "",
    as_html: Annotated[bool, typer.Option("--html", help="One HTML page instead, to keep or to send.")] = False,
    serve: Annotated[bool, typer.Option("--serve", help="A page that shows every save at once.")] = False,
    port: Annotated[int, typer.Option(min=1, max=65535, help="Of the page, on this machine.")] = PORT,
) -> None:
    """Every card a content file leads to, as Telegram and as Slack show it. Nothing is sent, nothing is written.

    The files are read as they are now, saved well or not; when they are broken every problem is listed, exit code 1.
    """
    if messenger not in ("", "telegram", "slack"):
        stop(f"There is no messenger {messenger!r}; --messenger is telegram or slack.", code=2)
    settings = load()
    if who and role:
        stop("--role is for somebody made up; a contact has theirs.", code=2)
    if role:
        who = f"new:{role}"
    if serve:
        with contextlib.suppress(KeyboardInterrupt):
            asyncio.run(_serve(settings, port))
        return
    if not file:
        stop("Which file? Such as: hub content preview onboarding/quickstart.yaml", code=2)
    showing = asyncio.run(_shown(settings, _named(settings.hub_content, file), who, language))
    if as_html:
        from playground.preview_html import standalone

        typer.echo(standalone(showing), nl=False)
    else:
        from hub.content.preview_terminal import print_cards

        print_cards(showing, messenger)


def _named(folder: Path, file: str) -> str:
    """The file's path below the content folder, however it was typed: from there, from here, or whole."""
    for path in (folder / file, Path(file)):
        whole = path.resolve()
        if whole.is_file() and whole.is_relative_to(folder.resolve()):
            return whole.relative_to(folder.resolve()).as_posix()
    return _unknown(folder, file)


def _unknown(folder: Path, file: str) -> NoReturn:
    from hub.content.previewing import files_of

    known = "\n".join(f"  {one}" for one in files_of(folder))
    stop(f"There is no file {file} in {folder}. There are:\n{known}", code=2)


async def _shown(settings: Settings, file: str, who: str, language: str) -> "Showing":
    from hub.content.previewing import ContentPreview
    from playground.sights import Wish

    with _people(settings, needed="@" in who) as database:
        previewer = ContentPreview(settings.hub_content, now, database)
        catalogue, problems = await previewer.catalogue()
        if problems or catalogue is None:
            for problem in problems:
                typer.echo(str(problem), err=True)
            stop(f"{count(len(problems), 'problem')}. Nothing is shown before that is mended.")
        if language and language not in catalogue.phrases.languages:
            spoken = ", ".join(catalogue.phrases.languages)
            stop(f"There are no phrases in {language!r}; --lang is one of: {spoken}.", code=2)
        role, known = who.removeprefix("new:"), _roles(catalogue)
        if who.startswith("new:") and known and role.casefold() not in map(str.casefold, known):
            from core.content.reading.sheets import meant

            stop(f"Nothing here is for the role {role!r}; {meant(role, known)}", code=2)
        showing = await previewer.show(Wish(file, ((who, language),)))
    if not showing.rows:
        stop(showing.note, code=2)
    return showing


def _roles(catalogue: "Catalogue") -> list[str]:
    """Every role that a step is for, that a condition asks about, or that has a name in the phrases."""
    steps = [step for checklist in catalogue.checklists.values() for step in checklist.steps]
    found = {step.role for step in steps} - {""}
    asked = [step.when for step in steps] + [one.when for one in catalogue.updates.values()]
    asked += [one.when for one in catalogue.nudges.values()]
    asked += [one.when for one in catalogue.mailings.values()]
    for condition in asked:
        found |= condition.texts_asked("role")
    for phrases in catalogue.phrases.texts.values():
        found |= {key.removeprefix(ROLES) for key in phrases if key.startswith(ROLES)}
    return sorted(found)


@contextlib.contextmanager
def _people(settings: Settings, *, needed: bool) -> Iterator["Database | None"]:
    """The database, only looked into: it is neither made nor upgraded for this. None: there is none to look into."""
    from sqlalchemy.engine import make_url
    from sqlalchemy.exc import OperationalError

    from storage.database import Database
    from storage.upgrade import head, revision

    url = make_url(settings.database_url.get_secret_value())
    database = None
    if url.get_backend_name() != "sqlite" or (url.database and Path(url.database).is_file()):
        database = Database(settings.database_url.get_secret_value())
    try:
        if database is not None and revision(database.engine) != head():
            database.close()
            database = None
        if database is None and needed:
            stop("Nobody is known yet: the database is not there, or of another version. `hub doctor` tells more.")
        yield database
    except OperationalError:
        if needed:
            stop("The database cannot be used. `hub doctor` tells more.")
        yield None
    finally:
        if database is not None:
            database.close()


async def _serve(settings: Settings, port: int) -> None:
    from hub.content.previewing import ContentPreview
    from playground.preview_server import PreviewServer

    with _people(settings, needed=False) as database:
        server = PreviewServer(ContentPreview(settings.hub_content, now, database))
        try:
            address = await server.start(port)
        except OSError as error:
            stop(f"Port {port} cannot be used ({error.strerror}): take another one, as in --port {port + 1}.", code=2)
        typer.echo(f"\n  The preview is at  {address}\n  It shows every save at once. Stop it with Ctrl+C.\n")
        try:
            await asyncio.Event().wait()
        finally:
            await server.stop()
