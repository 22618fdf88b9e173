"""`hub token …`: who may tell the hub things over HTTP. `hub campaigns …`: what came of it.

What a command needs is imported inside it, so that the others start at once.
"""

import re
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final, get_args

import typer

from hub.settings import load
from hub.terminal import catalogue, count, open_database, start_logging, stop

if TYPE_CHECKING:
    from sqlmodel import Session

    from core.campaigns.tokens import Scope
    from storage.tables import Account

token = typer.Typer(help="Who may tell the hub things over HTTP.", no_args_is_help=True)
campaigns = typer.Typer(help="The clients' own campaigns, as other systems tell of them.", no_args_is_help=True)

_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9 ._-]{0,49}")


@token.command()
def create(
    name: Annotated[str, typer.Argument(help="What the integration is called: `sendgrid`, `our-product` …")],
    scope: Annotated[list[str] | None, typer.Option(help="What it may do; several times for several.")] = None,
    account: Annotated[str | None, typer.Option(help="The one account it may tell of, as imported.")] = None,
    signed: Annotated[
        bool, typer.Option("--signed", help="Its requests must be signed; a key is made for it.")
    ] = False,
    signing_key: Annotated[
        Path | None, typer.Option(help="The same with the key in this file (`-` asks): Mailgun has one of its own.")
    ] = None,
) -> None:
    """A token, shown once: only its hash is kept. Whoever has it may do what the scopes say, until it is revoked."""
    from core.campaigns.tokens import NameTaken
    from core.campaigns.tokens import create as make
    from hub.clock import now

    if not _NAME.fullmatch(name):
        stop("A name has letters, digits, blanks, . _ and -, at most 50 of them.", code=2)
    scopes, key = _scopes(scope), _key(signing_key)
    settings = load()
    start_logging(settings)

    def work(session: "Session") -> tuple[str, str | None]:
        granted = make(session, name, scopes, now(), account=_account(session, account), signing_key=key, signed=signed)
        return granted.token, granted.signing_key

    with open_database(settings) as database:
        try:
            made, made_key = database.transact_now(work)
        except NameTaken:
            stop(f"There is a token {name!r} already. Revoke it first, or choose another name.")
    typer.echo(f"{name}, for {', '.join(scopes)}. The token is not shown again:", err=True)
    typer.echo(made)
    if made_key is not None:
        typer.echo("Its signing key, which signs each request:", err=True)
        typer.echo(made_key)


def _scopes(given: list[str] | None) -> "list[Scope]":
    from core.campaigns.tokens import Scope

    known = {one: one for one in get_args(Scope)}
    wrong = [one for one in given or () if one not in known]
    if wrong:
        stop(f"There is no scope {wrong[0]!r}; there are {', '.join(known)}.", code=2)
    return [known[one] for one in given or ("campaigns:write",)]


def _key(file: Path | None) -> str | None:
    if file is None:
        return None
    try:
        key = typer.prompt("Signing key", hide_input=True) if str(file) == "-" else file.read_text("utf-8")
    except (OSError, UnicodeDecodeError):
        stop(f"{file} cannot be read.")
    key = str(key).strip()
    if not 16 <= len(key) <= 500:
        stop("A signing key has 16 to 500 characters.", code=2)
    return key


def _account(session: "Session", name: str | None) -> "Account | None":
    from sqlmodel import select

    from storage.tables import Account

    if name is None:
        return None
    found = session.exec(select(Account).where(Account.name == name)).one_or_none()
    if found is None:
        stop(f"No account is called {name!r}.")
    return found


@token.command("list")
def list_() -> None:
    """Every integration: what it may do, when it last used its token and last told something new. Moments are UTC."""
    from core.campaigns.tokens import integrations

    settings = load()
    start_logging(settings)
    with open_database(settings) as database:
        found = database.transact_now(integrations)
    for row, account in found:
        state = "no token" if row.token_hash is None else "revoked" if row.revoked_at else "good"
        words = [row.name, state, " ".join(row.scopes) or "–", account or "all accounts"]
        words += [f"{what} {at:%Y-%m-%d %H:%M}" for what, at in (("used", row.used_at), ("heard", row.heard_at)) if at]
        words += ["signed"] if row.signing_key else []
        words += ["SILENT"] if row.silent_since else []
        typer.echo("  ".join(words))
    typer.echo(f"{count(len(found), 'integration')}.", err=True)


@token.command()
def revoke(name: Annotated[str, typer.Argument(help="As `hub token list` shows it.")]) -> None:
    """Its token opens nothing from this moment on. What it told stays."""
    from core.campaigns.tokens import NoSuchIntegration
    from core.campaigns.tokens import revoke as take_back
    from hub.clock import now

    settings = load()
    start_logging(settings)
    with open_database(settings) as database:
        try:
            database.transact_now(take_back, name, now())
        except NoSuchIntegration:
            stop(f"There is no token {name!r}; `hub token list` shows those there are.")
    typer.echo(f"{name} is revoked.")


@campaigns.callback()
def _campaigns() -> None:
    """Makes `list` a word of its own though it is the only one."""


@campaigns.command("list")
def list_campaigns(
    account: Annotated[str | None, typer.Option(help="Only of this one.")] = None,
    running: Annotated[bool, typer.Option("--running", help="Only those on their way.")] = False,
    most: Annotated[int, typer.Option(min=1, max=10_000, help="At most so many, the newest.")] = 50,
) -> None:
    """The clients' campaigns with their counts. Moments are UTC."""
    from core.campaigns.listing import listed
    from core.campaigns.showing import patience
    from hub.clock import now

    settings = load()
    start_logging(settings)
    patient = patience(catalogue(settings).rules)
    with open_database(settings) as database:
        database.transact_now(_account, account)
        found = database.transact_now(listed, account, most, now(), patient, running=running)
    for line in found:
        typer.echo(line)
    typer.echo(f"{count(len(found), 'campaign')}.", err=True)
