"""The command line: reads what was typed, calls the function that does it, and says in a sentence what came of it.

Exit codes: 0 done, 1 something is wrong and was told, 2 a setting or an argument is missing or wrong.
What a command needs is imported inside it, so that the others start at once.
"""

import asyncio
import contextlib
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

from hub.settings import Settings, SettingsProblem, load, load_what_is_right

if TYPE_CHECKING:
    from core.content.catalogue import Catalogue
    from storage.database import Database

STATES = ("held", "queued", "sending", "accepted", "failed", "uncertain", "cancelled", "expired")
"""What a delivery may be, as storage/tables/ledger.py tells."""

app = typer.Typer(
    help="The client hub: a bot in Telegram and Slack that brings your clients through onboarding.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,  # its tracebacks would show tokens
    add_completion=False,
)
content = typer.Typer(help="What admins edit: words, checklists, rules.", no_args_is_help=True)
deliveries = typer.Typer(help="What became of every card sent.", no_args_is_help=False)
db = typer.Typer(help="The database's tables.", no_args_is_help=True)
app.add_typer(content, name="content")
app.add_typer(deliveries, name="deliveries")
app.add_typer(db, name="db")


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
    from hub.demo import run_demo

    with contextlib.suppress(KeyboardInterrupt), _sound_content("The demo does not start with broken content."):
        asyncio.run(run_demo(port))


@app.command()
def run() -> None:
    """The hub, with the messengers that have tokens in the environment or .env."""
    settings = load()
    settings.check_messengers()
    _start_logging(settings)
    from core.content.checking import read_catalogue

    with _sound_content("The hub does not start with broken content."):
        read_catalogue(settings.hub_content)
    with _database(settings):
        pass  # reachable, and its tables are today's
    from hub.running import PartDied, run_hub

    try:
        with contextlib.suppress(KeyboardInterrupt), _sound_content("The hub does not start with broken content."):
            asyncio.run(run_hub(settings))
    except PartDied as died:
        _stop(str(died))


@content.command("check")
def content_check(
    folder: Annotated[Path | None, typer.Argument(help="Default: HUB_CONTENT, else ./content.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON list, for other programs.")] = False,
) -> None:
    """Every problem as file:line, what is wrong and how to mend it; exit code 1 if there is any."""
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
            typer.echo(_count(len(broken.problems), "problem"), err=True)
        raise typer.Exit(1) from None
    if as_json:
        typer.echo("[]")
    else:
        typer.echo(f"{folder}: {_count(len(catalogue.checklists), 'checklist')}, nothing wrong.")


@app.command("import")
def import_(file: Annotated[Path, typer.Argument(help="UTF-8 CSV, one row per contact.")]) -> None:
    """Accounts and contacts from a CSV file: all of it or nothing, and again as often as you like.

    Columns: account, segment, region, language, timezone, csm_email, mrr, renewal, contact, email, role.
    Only account, contact and email are required.
    """
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    from core.people.importing import BadFile, csm_emails, decode, import_people
    from hub.clock import now
    from hub.reach import strangers

    settings = load()
    _start_logging(settings)
    columns = (TextColumn("Writing"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with _database(settings) as database, Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("contacts", total=None)
        try:
            text = decode(file.read_bytes())
            done = database.transact_now(
                import_people,
                text,
                now(),
                lambda done, total: progress.update(task, completed=done, total=total),
                unknown_csms=asyncio.run(strangers(settings, csm_emails(text))),
            )
        except OSError as error:
            progress.stop()
            _stop(f"{file} cannot be read: {error.strerror}.")
        except BadFile as bad:
            progress.stop()
            for problem in bad.problems:
                typer.echo(f"{file}: {problem}", err=True)
            _stop("Nothing was imported.")
    typer.echo(
        f"{_count(done.accounts, 'account')} ({done.new_accounts} new), "
        f"{_count(done.contacts, 'contact')} ({done.new_contacts} new)."
    )


@app.command()
def invite(email: Annotated[str, typer.Argument(help="A contact who has been imported.")]) -> None:
    """A one-time link for one contact, to pass on to them. Earlier unused links of theirs stop working."""
    from core.people.invitations import NobodyKnown
    from core.people.invitations import invite as make
    from hub.clock import now
    from hub.ledger import bot_name_kept
    from hub.reach import bot_name

    settings = load()
    _start_logging(settings)
    catalogue = _catalogue(settings)
    with _database(settings) as database:
        try:
            invited = database.transact_now(make, email, None, now(), catalogue.rules)
        except NobodyKnown as nobody:
            _stop(f"Nothing made: {nobody}.")
        known = database.transact_now(bot_name_kept)
    typer.echo(f"For {invited.contact.name} of {invited.account.name}, until {invited.expires_at:%Y-%m-%d %H:%M} UTC:")
    if settings.telegram_bot_token is not None:
        name, why = known, ""
        if not name:
            name, why = asyncio.run(bot_name(settings))
        typer.echo(f"  Telegram: https://t.me/{name}?start={invited.token}" if name else f"  Telegram: no link, {why}")
    if settings.slack_bot_token is not None:
        typer.echo(f"  Slack, as a message to the bot: {invited.token}")
    if settings.telegram_bot_token is None and settings.slack_bot_token is None:
        typer.echo(f"  No messenger has a token here; the code to send to the bot: {invited.token}")


@app.command()
def signal(
    account: Annotated[str, typer.Argument(help="The account's name, letter by letter.")],
    name: Annotated[str, typer.Argument(help="As checklists name it.")],
    key: Annotated[str | None, typer.Option(help="The same key a second time changes nothing.")] = None,
) -> None:
    """Tell the hub that something happened in your product: completes the steps that wait for it."""
    from core.signals import AccountUnknown, record
    from hub.clock import now

    settings = load()
    _start_logging(settings)
    catalogue = _catalogue(settings)
    at = now()
    key = key or f"typed:{account}:{name}:{at.isoformat()}"
    with _database(settings) as database:
        try:
            fresh = database.transact_now(record, catalogue, key=key, account_name=account, name=name, now=at)
        except AccountUnknown as unknown:
            _stop(f"Nothing kept: {unknown}.")
    typer.echo("Kept." if fresh else "Known already; nothing changed.")


@app.command()
def doctor() -> None:
    """Settings, database, content and both messengers: what works, what does not, how to mend it."""
    from hub.doctor import Verdict, examine

    settings, wrong = load_what_is_right()
    _start_logging(settings)
    findings = asyncio.run(examine(settings, wrong))
    for finding in findings:
        typer.echo(str(finding))
    if wrong:
        raise typer.Exit(2)
    if any(finding.verdict is Verdict.BAD for finding in findings):
        raise typer.Exit(1)


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
        _stop(f"No delivery is ever {state!r}; --state is one of: {', '.join(STATES)}.", code=2)
    from hub.ledger import listed

    settings = load()
    _start_logging(settings)
    with _database(settings) as database:
        rows = database.transact_now(listed, state, most)
    for row in rows:
        typer.echo(
            f"{row.id}  {row.created_at:%Y-%m-%d %H:%M}  {row.address}  {row.kind}  {row.reason or ''}".rstrip(),
        )
    typer.echo(f"{_count(len(rows), 'delivery', 'deliveries')} {state}.", err=True)


@deliveries.command("resend")
def deliveries_resend(number: Annotated[int, typer.Argument(help="As listed by `hub deliveries`.")]) -> None:
    """Send an uncertain or failed delivery once more, because a person decided so."""
    from core.uncertain import send_again
    from hub.clock import now

    settings = load()
    _start_logging(settings)
    with _database(settings) as database:
        if not database.transact_now(send_again, number, now()):
            _stop(f"There is no uncertain or failed delivery {number}.")
    typer.echo("It goes out next, while `hub run` is running.")


@db.command("upgrade")
def db_upgrade() -> None:
    """Bring the tables up to this version of the hub. `hub run` and `hub import` do it by themselves."""
    settings = load()
    _start_logging(settings)
    with _database(settings) as database:
        from storage.upgrade import revision

        typer.echo(f"The database is at revision {revision(database.engine)}, the newest.")


def _start_logging(settings: Settings) -> None:
    from hub import logs

    logs.configure(settings.log_level, settings.log_shape, secrets=settings.secrets())


@contextlib.contextmanager
def _database(settings: Settings) -> Iterator["Database"]:
    """The database with today's tables; a database that cannot be had ends the command with one sentence."""
    from sqlalchemy.exc import OperationalError

    from hub.logs import redact
    from storage.database import Database
    from storage.upgrade import DatabaseIsNewer, upgrade

    try:
        database = Database(settings.database_url.get_secret_value())
    except OSError as error:
        _stop(f"DATABASE_URL: {error.filename} cannot be made: {error.strerror}.")
    try:
        upgrade(database.engine)
        yield database
    except DatabaseIsNewer as newer:
        _stop(str(newer))
    except OperationalError as error:
        reason = " ".join(redact(str(error.orig)).split())
        _stop(f"The database cannot be used: {reason}. `hub doctor` tells more.")
    finally:
        database.close()


@contextlib.contextmanager
def _sound_content(closing: str) -> Iterator[None]:
    """Content that turns out to be broken ends the command with 2, after every problem and this sentence."""
    from core.content.catalogue import BrokenContent

    try:
        yield
    except BrokenContent as broken:
        for problem in broken.problems:
            typer.echo(str(problem), err=True)
        _stop(f"{_count(len(broken.problems), 'problem')}. {closing}", code=2)


def _catalogue(settings: Settings) -> "Catalogue":
    from core.content.catalogue import BrokenContent
    from core.content.checking import read_catalogue

    try:
        return read_catalogue(settings.hub_content)
    except BrokenContent as broken:
        _stop(f"{broken.problems[0]}\nThe content is broken; `hub content check` lists every problem.")


def _stop(sentence: str, code: int = 1) -> NoReturn:
    typer.echo(sentence, err=True)
    raise typer.Exit(code)


def _count(number: int, one: str, many: str | None = None) -> str:
    return f"{number} {one if number == 1 else many or one + 's'}"
