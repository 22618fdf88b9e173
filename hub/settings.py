"""The only place that reads the environment: every setting by name, checked before anything starts."""

import re
from functools import cached_property
from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, BeforeValidator, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

TELEGRAM_TOKEN = re.compile(r"\d+:[A-Za-z0-9_-]{20,}")
WEBHOOK_SECRET = re.compile(r"[A-Za-z0-9_-]{1,256}")
"""Bot API: setWebhook, secret_token."""

LEVELS = ("debug", "info", "warning", "error")
SHAPES = ("console", "json")


class SettingsProblem(Exception):
    """A setting is missing or wrong; the message is a sentence for each, naming it. The command ends with code 2."""


def _web_address(value: str) -> str:
    parts = urlsplit(value)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError("must be an address beginning with https:// or http://")
    return value.rstrip("/")


WebAddress = Annotated[str, AfterValidator(_web_address)]

REAL_TELEGRAM = "https://api.telegram.org"


def _port(value: object) -> int:
    digits = str(value).strip()
    if not digits.isdecimal() or not 1 <= int(digits) <= 65535:
        raise ValueError("must be a number from 1 to 65535")
    return int(digits)


Port = Annotated[int, BeforeValidator(_port)]


class Settings(BaseSettings):
    """Read from the environment, then from `.env`; a name that is there but empty counts as not there.

    Secrets are SecretStr, so that printing the settings shows none of them.
    """

    model_config = SettingsConfigDict(
        env_file=".env",
        env_file_encoding="utf-8",
        env_ignore_empty=True,
        extra="ignore",
        frozen=True,
        hide_input_in_errors=True,
    )

    telegram_bot_token: SecretStr | None = None
    telegram_api_url: WebAddress = REAL_TELEGRAM
    telegram_webhook_url: WebAddress | None = None
    """This hub's address as Telegram sees it, to which `/telegram` is added; None: long polling."""
    telegram_webhook_secret: SecretStr | None = None
    """Required with the webhook: Telegram repeats it in a header, and a call without it is not Telegram's."""
    telegram_paid_broadcast: bool = False
    """True: mailings are paid for, 0.1 Telegram Stars each, and go out at up to 1000 a second instead of 30."""

    slack_bot_token: SecretStr | None = None
    slack_app_token: SecretStr | None = None
    """Present: Socket Mode. Absent: signed HTTP events at `/slack/events`, which need the signing secret."""
    slack_signing_secret: SecretStr | None = None
    slack_api_url: WebAddress = "https://slack.com/api"

    https_proxy: SecretStr | None = None
    """Address of the HTTP proxy through which both messengers are called; secret, for it may hold a password."""

    database_url: SecretStr = SecretStr("sqlite:///data/hub.db")
    """SQLite or PostgreSQL. A relative SQLite path counts from the working directory."""
    hub_content: Path = Path("content")
    watchfiles_force_polling: bool = False
    """True: look at the content folder often, without asking its file system to tell of changes."""
    hub_http_host: str = "127.0.0.1"
    hub_http_port: Port = 8080
    hub_public_url: WebAddress | None = None
    """Where that is reached from outside, with https in front of it: links of mailings lead there first, and are
    counted. None: they lead straight to their pages."""
    hub_log: str = "info"
    """A level, a shape (console or json) or both: `debug`, `json`, `debug,json`."""

    @field_validator("telegram_bot_token")
    @classmethod
    def _telegram_token_shape(cls, value: SecretStr | None) -> SecretStr | None:
        if value and not TELEGRAM_TOKEN.fullmatch(value.get_secret_value()):
            raise ValueError("does not look like a token from @BotFather (digits, a colon, then some 35 letters)")
        return value

    @field_validator("telegram_webhook_url")
    @classmethod
    def _without_our_path(cls, value: str | None) -> str | None:
        """Some write the whole address of the webhook; that is understood too."""
        return value.removesuffix("/telegram") if value else value

    @field_validator("telegram_webhook_secret")
    @classmethod
    def _webhook_secret_shape(cls, value: SecretStr | None) -> SecretStr | None:
        if value and not WEBHOOK_SECRET.fullmatch(value.get_secret_value()):
            raise ValueError("may have only letters, digits, _ and -, at most 256 of them")
        return value

    @field_validator("slack_bot_token")
    @classmethod
    def _slack_token_shape(cls, value: SecretStr | None) -> SecretStr | None:
        if value and not value.get_secret_value().startswith("xoxb-"):
            raise ValueError("must be the Bot User OAuth Token, which begins with xoxb-")
        return value

    @field_validator("slack_app_token")
    @classmethod
    def _slack_app_token_shape(cls, value: SecretStr | None) -> SecretStr | None:
        if value and not value.get_secret_value().startswith("xapp-"):
            raise ValueError("must be an App-Level Token, which begins with xapp-")
        return value

    @field_validator("database_url")
    @classmethod
    def _known_database(cls, value: SecretStr) -> SecretStr:
        from sqlalchemy.engine import make_url  # here and below: `hub --help` need not wait for it
        from sqlalchemy.exc import ArgumentError

        try:
            backend = make_url(value.get_secret_value()).get_backend_name()
        except ArgumentError:
            backend = ""
        if backend not in ("sqlite", "postgresql", "postgres"):
            raise ValueError("must be like sqlite:///data/hub.db or postgresql://user:password@host/database")
        return value

    @field_validator("hub_log")
    @classmethod
    def _known_log_words(cls, value: str) -> str:
        words = [word.strip().lower() for word in value.split(",")]
        if any(word not in LEVELS + SHAPES for word in words):
            raise ValueError(f"may have {', '.join(LEVELS)} and {' or '.join(SHAPES)}, separated by a comma")
        return ",".join(words)

    @cached_property
    def log_level(self) -> str:
        return next((word for word in self.hub_log.split(",") if word in LEVELS), "info")

    @cached_property
    def log_shape(self) -> Literal["console", "json"] | None:
        """None: console on a terminal, json elsewhere."""
        words = self.hub_log.split(",")
        return "json" if "json" in words else "console" if "console" in words else None

    def proxy_to(self, url: str) -> str | None:
        """The proxy through which this address is called. None: straight, as whatever is on this machine always is."""
        here = urlsplit(url).hostname in ("127.0.0.1", "localhost", "::1")
        return None if self.https_proxy is None or here else self.https_proxy.get_secret_value()

    @property
    def slack_over_http(self) -> bool:
        """True when Slack calls us; False for Socket Mode."""
        return self.slack_app_token is None

    def secrets(self) -> list[str]:
        """Every secret in clear, for the logs to hide. The database's is its password alone."""
        from sqlalchemy.engine import make_url

        given = [
            self.telegram_bot_token,
            self.telegram_webhook_secret,
            self.slack_bot_token,
            self.slack_app_token,
            self.slack_signing_secret,
        ]
        password = make_url(self.database_url.get_secret_value()).password
        return [secret.get_secret_value() for secret in given if secret] + [str(password or "")]

    def messenger_problems(self) -> list[str]:
        """What keeps the messengers from working with what is set, a sentence each; empty when nothing does."""
        problems = []
        if self.telegram_bot_token is None and self.slack_bot_token is None:
            problems.append(
                "TELEGRAM_BOT_TOKEN and SLACK_BOT_TOKEN are both missing: set at least one, in the environment or .env."
            )
        if self.telegram_webhook_url is not None and self.telegram_webhook_secret is None:
            problems.append("TELEGRAM_WEBHOOK_SECRET is missing: TELEGRAM_WEBHOOK_URL is set and needs it.")
        # Bot API: setWebhook takes HTTPS only; a Bot API server of one's own takes http too.
        plain = self.telegram_webhook_url is not None and urlsplit(self.telegram_webhook_url).scheme != "https"
        if plain and self.telegram_api_url == REAL_TELEGRAM:
            problems.append("TELEGRAM_WEBHOOK_URL must begin with https://: Telegram calls no other address.")
        if self.slack_bot_token and not self.slack_app_token and not self.slack_signing_secret:
            problems.append(
                "SLACK_APP_TOKEN is missing: SLACK_BOT_TOKEN is set and needs it for Socket Mode"
                " (or SLACK_SIGNING_SECRET for events over HTTP)."
            )
        return problems

    def check_messengers(self) -> None:
        """Raise SettingsProblem unless at least one messenger can work with what is set."""
        if problems := self.messenger_problems():
            raise SettingsProblem("\n".join(problems))


def load(env_file: Path | None = Path(".env")) -> Settings:
    """The settings of this process. Raises SettingsProblem about everything that is wrong."""
    settings, wrong = load_what_is_right(env_file)
    if wrong:
        raise SettingsProblem("\n".join(wrong.values()))
    return settings


def load_what_is_right(env_file: Path | None = Path(".env")) -> tuple[Settings, dict[str, str]]:
    """The settings, with the default in place of each that is wrong, and a sentence about each of those by its name."""
    try:
        return Settings(_env_file=env_file), {}
    except ValidationError as error:
        wrong = {}
        for each in error.errors(include_url=False, include_context=False, include_input=False):
            name = str(each["loc"][0])
            why = each["msg"].removeprefix("Value error, ")
            wrong[name] = f"{name.upper()} {why[0].lower()}{why[1:].rstrip('.')}."
    defaults = {name: Settings.model_fields[name].default for name in wrong}
    return Settings(_env_file=env_file, **defaults), {name.upper(): sentence for name, sentence in wrong.items()}
