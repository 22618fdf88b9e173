"""The commands about clients: import them, invite them, pass on what the product says about them.

What a command needs is imported inside it, so that the others start at once.
"""

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from hub.settings import Settings, load
from hub.terminal import catalogue, count, open_database, start_logging, stop

if TYPE_CHECKING:
    from core.content.catalogue import Catalogue
    from core.people.importing import ImportResult


def import_(file: Annotated[Path, typer.Argument(help="UTF-8 CSV, one row per contact, or per campaign.")]) -> None:
    """Accounts and contacts, or campaigns, from a CSV file: all of it or nothing, and again as often as you like.

    Columns: account, segment, region, language, timezone, csm_email, mrr, renewal, product, phase, contact, email,
    role, and the fields that hub.yaml declares. Only account, contact and email are required. A file with a column
    campaign is one of campaigns: campaign, account, title, channel, url, total, scheduled, started, finished, and the
    counts sent, delivered, opened, clicked, bounced, failed, complained, unsubscribed; the first three are required.
    """
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    from core.people.importing import import_people
    from core.people.people_file import NO_RULES, BadFile, csm_emails, decode
    from hub.clock import now
    from hub.reach import strangers

    if _import_campaigns(file):
        return
    settings = load()
    start_logging(settings)
    content = _content(settings)
    rules = content.rules if content is not None else NO_RULES
    columns = (TextColumn("Writing"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with (
        open_database(settings) as database,
        Progress(*columns, console=Console(stderr=True), transient=True) as progress,
    ):
        task = progress.add_task("contacts", total=None)
        try:
            text = decode(file.read_bytes())
            done = database.transact_now(
                import_people,
                text,
                now(),
                lambda done, total: progress.update(task, completed=done, total=total),
                unknown_csms=asyncio.run(strangers(settings, csm_emails(text, rules))),
                rules=rules,
            )
        except OSError as error:
            progress.stop()
            stop(f"{file} cannot be read: {error.strerror}.")
        except BadFile as bad:
            progress.stop()
            for problem in bad.problems:
                typer.echo(f"{file}: {problem}", err=True)
            stop("Nothing was imported.")
    typer.echo(
        f"{count(done.accounts, 'account')} ({done.new_accounts} new), "
        f"{count(done.contacts, 'contact')} ({done.new_contacts} new)."
    )
    for doubt in _doubts(content, done):
        typer.echo(f"Note: {doubt}", err=True)


def _import_campaigns(file: Path) -> bool:
    """False: the file is not about campaigns, or cannot even be read."""
    from core.campaigns.campaigns_file import is_about_campaigns, read_campaigns
    from core.campaigns.importing import import_campaigns
    from core.people.people_file import BadFile, decode
    from hub.clock import now

    try:
        text = decode(file.read_bytes())
    except (OSError, BadFile):
        return False
    if not is_about_campaigns(text):
        return False
    settings = load()
    start_logging(settings)
    content = _content(settings)
    zone = content.rules.timezone if content is not None else "UTC"
    with open_database(settings) as database:
        try:
            done = database.transact_now(import_campaigns, read_campaigns(text, zone), now())
        except BadFile as bad:
            for problem in bad.problems:
                typer.echo(f"{file}: {problem}", err=True)
            stop("Nothing was imported.")
    typer.echo(f"{count(done.campaigns, 'campaign')} ({done.new} new).")
    return True


def _content(settings: Settings) -> "Catalogue | None":
    """None: it is broken."""
    from core.content.catalogue import BrokenContent
    from core.content.checking import read_catalogue

    try:
        return read_catalogue(settings.hub_content)
    except BrokenContent:
        return None


def _doubts(content: "Catalogue | None", done: "ImportResult") -> Iterator[str]:
    """What the file says and the content knows nothing of: imported all the same, and perhaps not meant."""
    if content is None:
        yield "the content is broken, so nothing was held against it; `hub content check` lists why."
        return
    for language in done.languages:
        if language not in content.phrases.languages:
            spoken = content.rules.language
            yield f"there are no phrases in {language!r}; these clients are spoken to in {spoken!r}."
    named = content.texts_asked("segment")
    for segment in done.segments:
        if named and segment.casefold() not in {name.casefold() for name in named}:
            yield f"no checklist names the segment {segment!r}; those named are {', '.join(sorted(named))}."


def invite(email: Annotated[str, typer.Argument(help="A contact who has been imported.")]) -> None:
    """A one-time link for one contact, to pass on to them. Earlier unused links of theirs stop working."""
    from core.people.invitations import NobodyKnown
    from core.people.invitations import invite as make
    from hub.clock import now
    from hub.ledger import bot_name_kept
    from hub.reach import bot_name

    settings = load()
    start_logging(settings)
    content = catalogue(settings)
    with open_database(settings) as database:
        try:
            invited = database.transact_now(make, email, None, now(), content.rules)
        except NobodyKnown as nobody:
            stop(f"Nothing made: {nobody}.")
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


def signal(
    account: Annotated[str, typer.Argument(help="The account's name, as imported.")],
    name: Annotated[str, typer.Argument(help="As checklists name it.")],
    key: Annotated[str | None, typer.Option(help="The same key a second time changes nothing.")] = None,
) -> None:
    """Tell the hub that something happened in your product: completes the steps that wait for it."""
    from core.content.versions.history import dated
    from core.signals import AccountUnknown, record
    from hub.clock import now

    settings = load()
    start_logging(settings)
    content = catalogue(settings)
    at = now()
    key = key or f"typed:{account}:{name}:{at.isoformat()}"
    with open_database(settings) as database:
        content = database.transact_now(dated, content)
        try:
            fresh = database.transact_now(record, content, key=key, account_name=account, name=name, now=at)
        except AccountUnknown as unknown:
            stop(f"Nothing kept: {unknown}.")
    typer.echo("Kept." if fresh else "Known already; nothing changed.")
    awaited = sorted({step.signal for one in content.checklists.values() for step in one.steps if step.signal})
    if name not in awaited:
        waits = f"those waited for are {', '.join(awaited)}" if awaited else "none waits for any"
        typer.echo(f"Note: no step of a checklist waits for {name!r}; {waits}.", err=True)
