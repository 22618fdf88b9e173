"""Looks at everything the hub stands on and says, a line each: what works, what does not, and how to mend it."""

import os
import shutil
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from urllib.parse import urlsplit

from sqlalchemy import Engine, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import OperationalError, SQLAlchemyError

from core.content.catalogue import BrokenContent
from core.content.checking import read_catalogue
from hub.logs import redact
from hub.reach import NoAnswer, ask_slack, ask_telegram
from hub.settings import Settings
from storage.database import make_engine
from storage.upgrade import head, revision

FULL = 100 * 2**20
TIGHT = 2**30
"""Bytes free beside a SQLite file: below FULL it may stop any day, below TIGHT it is worth a word."""

SCOPES = frozenset(
    {
        *("app_mentions:read", "channels:history", "channels:read", "chat:write", "commands", "files:read"),
        *("files:write", "groups:history", "groups:read", "im:history", "im:write", "users:read", "users:read.email"),
    }
)
"""What the bot token must be allowed; the manifest in deploy/ asks for these."""


class Verdict(StrEnum):
    """How a part is; only BAD makes `hub doctor` end with 1."""

    OK = "ok"
    OFF = "off"
    NOTE = "note"
    BAD = "BAD"


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of the report. `mend` is what to do, empty when nothing is to be done."""

    verdict: Verdict
    part: str
    what: str
    mend: str = ""

    def __str__(self) -> str:
        return redact(f"{self.verdict:<5} {self.part:<10} {self.what}{' → ' + self.mend if self.mend else ''}")


async def examine(settings: Settings, wrong: Mapping[str, str] | None = None) -> Sequence[Finding]:
    """Every finding, in the order they should be mended. Changes nothing, and takes no update from a running hub.

    `wrong`: a sentence about each setting that could not be read, by its name; `settings` holds its default. What
    depends on one of them is not examined.
    """
    wrong = wrong or {}
    findings = list(_settings(settings, wrong))
    if "DATABASE_URL" not in wrong:
        findings += _database(settings)
    findings += _content(settings)
    if not _any_of("TELEGRAM_", wrong):
        findings += await _telegram(settings)
    if not _any_of("SLACK_", wrong):
        findings += await _slack(settings)
    return findings


def _any_of(prefix: str, wrong: Mapping[str, str]) -> bool:
    return any(name.startswith(prefix) for name in wrong)


def _settings(settings: Settings, wrong: Mapping[str, str]) -> Iterator[Finding]:
    # A setting that is wrong is not missing as well.
    incomplete = [each for each in settings.messenger_problems() if not any(name in each for name in wrong)]
    for problem in [*wrong.values(), *incomplete]:
        what, _, mend = problem.rstrip(".").partition(": ")
        yield Finding(Verdict.BAD, "settings", what, mend)
    if not wrong and not incomplete:
        yield Finding(Verdict.OK, "settings", "complete")


def _database(settings: Settings) -> Iterator[Finding]:
    url = settings.database_url.get_secret_value()
    file = _sqlite_file(url)
    if file is not None:
        yield from _disk(file)
        if not file.exists():
            yield Finding(Verdict.NOTE, "database", f"{file} does not exist yet", "nothing to do: hub run makes it")
            return
    engine = make_engine(url)
    try:
        yield from _tables(engine)
    except OperationalError as error:
        reason = " ".join(str(error.orig).split())
        mend = "stop what holds it, or free its disk" if file else "start PostgreSQL, or correct DATABASE_URL"
        yield Finding(Verdict.BAD, "database", f"cannot be used: {reason}", mend)
    except SQLAlchemyError as error:
        yield Finding(Verdict.BAD, "database", f"cannot be used: {type(error).__name__}", "is it the hub's database?")
    finally:
        engine.dispose()


def _sqlite_file(url: str) -> Path | None:
    parsed = make_url(url)
    return Path(parsed.database or "") if parsed.get_backend_name() == "sqlite" else None


def _disk(file: Path) -> Iterator[Finding]:
    folder = next(folder for folder in file.absolute().parents if folder.exists())
    if not os.access(folder, os.W_OK):
        yield Finding(Verdict.BAD, "database", f"{folder} may not be written", "give the hub's user the folder")
    free = shutil.disk_usage(folder).free
    if free < TIGHT:
        verdict = Verdict.BAD if free < FULL else Verdict.NOTE
        yield Finding(verdict, "database", f"only {free // 2**20} MB free in {folder}", "make room on that disk")


def _tables(engine: Engine) -> Iterator[Finding]:
    at, newest = revision(engine), head()
    with engine.connect() as connection:
        # Rolled back: it only shows that the hub may write here.
        connection.execute(text("CREATE TABLE hub_doctor_was_here (visit INTEGER)"))
        connection.rollback()
    name = f"{engine.dialect.name}, writable"
    if at is None:
        yield Finding(Verdict.NOTE, "database", f"{name}, empty", "nothing to do: hub run makes the tables")
    elif at > newest:
        yield Finding(
            Verdict.BAD,
            "database",
            f"at revision {at}, newer than this hub's {newest}",
            "install that version of the hub",
        )
    elif at != newest:
        yield Finding(
            Verdict.NOTE, "database", f"{name}, at revision {at} of {newest}", "hub db upgrade, or just hub run"
        )
    else:
        yield Finding(Verdict.OK, "database", f"{name}, at the newest revision {at}")


def _content(settings: Settings) -> Iterator[Finding]:
    try:
        catalogue = read_catalogue(settings.hub_content)
    except BrokenContent as broken:
        what = f"{len(broken.problems)} wrong, the first: {broken.problems[0]}"
        yield Finding(Verdict.BAD, "content", what, "hub content check lists them all")
    else:
        what = f"{settings.hub_content}, version {catalogue.version}, checklists: {', '.join(catalogue.checklists)}"
        yield Finding(Verdict.OK, "content", what)


async def _telegram(settings: Settings) -> Sequence[Finding]:
    if settings.telegram_bot_token is None:
        return [Finding(Verdict.OFF, "telegram", "no TELEGRAM_BOT_TOKEN")]
    try:
        me = await ask_telegram(settings, "getMe")
        if me.error:
            mend = "copy TELEGRAM_BOT_TOKEN anew from @BotFather"
            return [Finding(Verdict.BAD, "telegram", f"the token is refused: {me.error}", mend)]
        findings = [Finding(Verdict.OK, "telegram", f"@{me.result.get('username')} answers")]
        if not me.result.get("can_read_all_group_messages"):
            what = "in groups the bot hears only commands and replies to it"
            mend = "enough for buttons; for more, @BotFather /setprivacy → Disable, or make it an administrator"
            findings.append(Finding(Verdict.NOTE, "telegram", what, mend))
        hook = await ask_telegram(settings, "getWebhookInfo")
    except NoAnswer as problem:
        return [Finding(Verdict.BAD, "telegram", str(problem), "check the network, and TELEGRAM_API_URL if it is set")]
    findings += _webhook(settings, str(hook.result.get("url", "")), str(hook.result.get("last_error_message", "")))
    return findings


def _webhook(settings: Settings, found: str, trouble: str) -> Iterator[Finding]:
    wanted = f"{settings.telegram_webhook_url}/telegram" if settings.telegram_webhook_url else ""
    host = urlsplit(found).hostname
    if found and not wanted:
        what = f"a webhook to {host} is set, while this hub polls"
        mend = "hub run removes it; if it comes back, another program has the token"
        yield Finding(Verdict.NOTE, "telegram", what, mend)
    elif found != wanted:
        what = f"the webhook is {f'set to {host}' if found else 'not set'}, not as in TELEGRAM_WEBHOOK_URL"
        mend = "hub run sets it; if it changes back, another program has the token"
        yield Finding(Verdict.NOTE, "telegram", what, mend)
    elif wanted and trouble:
        what = f"Telegram could not reach the webhook lately: {trouble}"
        yield Finding(Verdict.BAD, "telegram", what, "check the address, its certificate and the proxy before the hub")


async def _slack(settings: Settings) -> Sequence[Finding]:
    if settings.slack_bot_token is None:
        return [Finding(Verdict.OFF, "slack", "no SLACK_BOT_TOKEN")]
    try:
        findings = list(await _slack_bot(settings))
        if settings.slack_app_token is not None:
            opened = await ask_slack(settings, "apps.connections.open", settings.slack_app_token)
            if opened.error:
                what = f"Socket Mode does not open: {opened.error}"
                mend = "Socket Mode on, and SLACK_APP_TOKEN an App-Level Token with connections:write"
                findings.append(Finding(Verdict.BAD, "slack", what, mend))
            else:
                findings.append(Finding(Verdict.OK, "slack", "Socket Mode opens"))
    except NoAnswer as problem:
        return [Finding(Verdict.BAD, "slack", str(problem), "check the network, and SLACK_API_URL if it is set")]
    return findings


async def _slack_bot(settings: Settings) -> Sequence[Finding]:
    token = settings.slack_bot_token
    if token is None:
        return []
    me = await ask_slack(settings, "auth.test", token)
    if me.error:
        mend = "install the app in the workspace again and copy SLACK_BOT_TOKEN"
        return [Finding(Verdict.BAD, "slack", f"the bot token is refused: {me.error}", mend)]
    findings = [Finding(Verdict.OK, "slack", f"{me.result.get('user')} answers in {me.result.get('team')}")]
    # docs.slack.dev: every answer lists the token's scopes in this header.
    missing = SCOPES - {scope.strip() for scope in me.headers.get("x-oauth-scopes", "").split(",")}
    if missing and "x-oauth-scopes" in me.headers:
        mend = "paste the manifest from deploy/ into the app's settings and install it again"
        findings.append(Finding(Verdict.BAD, "slack", f"scopes are missing: {', '.join(sorted(missing))}", mend))
    return findings
