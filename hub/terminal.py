"""What every command stands on: logging, the database, the content, and how a command ends with a sentence."""

import contextlib
from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, NoReturn

import typer

from hub.settings import Settings

if TYPE_CHECKING:
    from core.content.catalogue import Catalogue
    from storage.database import Database


def start_logging(settings: Settings) -> None:
    from hub import logs

    logs.configure(settings.log_level, settings.log_shape, secrets=settings.secrets())


@contextlib.contextmanager
def open_database(settings: Settings) -> Iterator["Database"]:
    """The database with today's tables; a database that cannot be had ends the command with one sentence."""
    from sqlalchemy.exc import OperationalError

    from hub.logs import redact
    from storage.database import Database
    from storage.upgrade import DatabaseIsNewer, upgrade

    try:
        database = Database(settings.database_url.get_secret_value())
    except OSError as error:
        stop(f"DATABASE_URL: {error.filename} cannot be made: {error.strerror}.")
    try:
        upgrade(database.engine)
        yield database
    except DatabaseIsNewer as newer:
        stop(str(newer))
    except OperationalError as error:
        reason = " ".join(redact(str(error.orig)).split())
        stop(f"The database cannot be used: {reason}. `hub doctor` tells more.")
    finally:
        database.close()


@contextlib.contextmanager
def sound_content(closing: str) -> Iterator[None]:
    """Content that turns out to be broken ends the command with 2, after every problem and this sentence."""
    from core.content.catalogue import BrokenContent

    try:
        yield
    except BrokenContent as broken:
        for problem in broken.problems:
            typer.echo(str(problem), err=True)
        stop(f"{count(len(broken.problems), 'problem')}. {closing}", code=2)


def catalogue(settings: Settings) -> "Catalogue":
    from core.content.catalogue import BrokenContent
    from core.content.checking import read_catalogue

    try:
        return replace(read_catalogue(settings.hub_content), public_url=settings.hub_public_url or "")
    except BrokenContent as broken:
        stop(f"{broken.problems[0]}\nThe content is broken; `hub content check` lists every problem.")


def stop(sentence: str, code: int = 1) -> NoReturn:
    typer.echo(sentence, err=True)
    raise typer.Exit(code)


def count(number: int, one: str, many: str | None = None) -> str:
    return f"{number} {one if number == 1 else many or one + 's'}"
