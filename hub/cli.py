"""The command line: reads what was typed, calls the function that does it, and says in a sentence what came of it.

Exit codes: 0 done, 1 something is wrong and was told, 2 a setting or an argument is missing or wrong.
What a command needs is imported inside it, so that the others start at once.
"""

import asyncio
import contextlib
import gc
import sys
from pathlib import Path
from typing import Annotated

import typer

from hub import books, clients, explaining, simulating
from hub.content.commands import content
from hub.mailings import mending
from hub.mailings.commands import mailing
from hub.settings import SettingsProblem, load, load_what_is_right
from hub.terminal import open_database, sound_content, start_logging, stop
from hub.tokens_commands import campaigns, token
from hub.updates_commands import updates

app = typer.Typer(
    help="The client hub: a bot in Telegram and Slack that brings your clients through onboarding.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,  # its tracebacks would show tokens
    add_completion=False,
)
db = typer.Typer(help="The database's tables.", no_args_is_help=True)
app.add_typer(content, name="content")
app.add_typer(books.deliveries, name="deliveries")
app.add_typer(books.events, name="events")
app.add_typer(db, name="db")
app.add_typer(updates, name="updates")
for command in (mending.amend, mending.recall, mending.lost):
    mailing.command()(command)
app.add_typer(mailing, name="mailing")
app.add_typer(token, name="token")
app.add_typer(campaigns, name="campaigns")
app.command("import")(clients.import_)
app.command()(clients.invite)
app.command()(clients.signal)
app.command()(explaining.why)
app.command()(explaining.whynot)
app.command()(simulating.simulate)


def main() -> None:
    """Run the command that was typed."""
    try:
        app()
    except SettingsProblem as problem:
        typer.echo(str(problem), err=True)
        sys.exit(2)


@app.command()
def demo(
    port: Annotated[int, typer.Option(min=1, max=65535, help="Port of the page on this machine.")] = 8090,
) -> None:
    """Everything on this machine, no tokens: opens a page with both messengers side by side."""
    from hub import logs
    from hub.demo import run_demo

    logs.configure("warning", load().log_shape)
    with (
        contextlib.suppress(KeyboardInterrupt, asyncio.CancelledError),
        sound_content("The demo does not start with broken content."),
    ):
        asyncio.run(run_demo(port))


@app.command()
def run() -> None:
    """The hub, with the messengers that have tokens in the environment or .env."""
    gc.disable()  # what is imported and read now stays for good; looking through it takes a tenth of the start
    settings = load()
    settings.check_messengers()
    start_logging(settings)
    from core.content.checking import Reader

    reader = Reader(settings.hub_content)
    with sound_content("The hub does not start with broken content."):
        reader.read()
    with open_database(settings):
        pass  # reachable, and its tables are today's
    from hub.running import PartDied, run_hub

    try:
        with contextlib.suppress(KeyboardInterrupt), sound_content("The hub does not start with broken content."):
            asyncio.run(run_hub(settings, reader))
    except PartDied as died:
        stop(str(died))


@app.command()
def init(
    folder: Annotated[Path, typer.Argument(help="A new folder, or an empty one.")] = Path("content"),
) -> None:
    """Write a content folder to begin with, and .env from its example if there is none."""
    from hub.starting import AlreadyThere, write_content, write_settings

    env = Path(".env")
    try:
        write_content(folder)
        fresh_env = write_settings(env)
    except AlreadyThere as there:
        stop(f"{there} Nothing was written; name another folder, as `hub init my-content`.")
    except OSError as error:
        stop(f"{error.filename or folder} cannot be written: {error.strerror}.")
    typer.echo(
        f"{folder}: your company (hub.yaml), a checklist (onboarding/), its guide (guides/), all phrases (phrases/)."
    )
    typer.echo(".env: for the tokens." if fresh_env else ".env was there already, and stays as it is.")
    if folder != Path("content"):
        typer.echo(f"In .env, say HUB_CONTENT={folder}.")
    typer.echo(
        f"""
Next:
  1. Put your company's name into {folder / "hub.yaml"}, your words into {folder / "onboarding/welcome.yaml"}.
  2. hub content check {folder}
  3. Fill in .env with the tokens of one messenger, or of both; hub doctor tells what is missing.
  4. hub import clients.csv, then hub run"""
    )


@app.command()
def doctor() -> None:
    """Settings, database, content and both messengers: what works, what does not, how to mend it."""
    from hub.doctor import Verdict, examine

    settings, wrong = load_what_is_right()
    start_logging(settings)
    findings = asyncio.run(examine(settings, wrong))
    for finding in findings:
        typer.echo(str(finding))
    if wrong:
        raise typer.Exit(2)
    if any(finding.verdict is Verdict.BAD for finding in findings):
        raise typer.Exit(1)


@db.command("upgrade")
def db_upgrade() -> None:
    """Bring the tables up to this version of the hub. `hub run` and `hub import` do it by themselves."""
    settings = load()
    start_logging(settings)
    with open_database(settings) as database:
        from storage.upgrade import revision

        typer.echo(f"The database is at revision {revision(database.engine)}, the newest.")
