"""The only place that reads the environment: every setting by name, checked before anything starts."""

import re
from functools import cached_property
from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

TELEGRAM_TOKEN = re.compile(r"\d+:[A-Za-z0-9_-]{20,}")
WEBHOOK_SECRET = re.compile(r"[A-Za-z0-9_-]{1,256}")
"""Bot API: setWebhook, secret_token."""

LEVELS = ("debug", "info", "warning", "error")
SHAPES = ("console", "json")


class SettingsProblem(Exception):
    """A setting is missing or wrong; the message is one sentence that names it. The command ends with code 2."""


def _web_address(value: str) -> str:
    parts = urlsplit(value)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError("must be an address beginning with https:// or http://")
    return value.rstrip("/")


WebAddress = Annotated[str, AfterValidator(_web_address)]


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
    telegram_api_url: WebAddress = "https://api.telegram.org"
    telegram_webhook_url: WebAddress | None = None
    """This hub's address as Telegram sees it, to which `/telegram` is added; None: long polling."""
    telegram_webhook_secret: SecretStr | None = None
    """Required with the webhook: Telegram repeats it in a header, and a call without it is not Telegram's."""

    slack_bot_token: SecretStr | None = None
    slack_app_token: SecretStr | None = None
    """Present: Socket Mode. Absent: signed HTTP events at `/slack/events`, which need the signing secret."""
    slack_signing_secret: SecretStr | None = None
    slack_api_url: WebAddress = "https://slack.com/api"

    database_url: SecretStr = SecretStr("sqlite:///data/hub.db")
    """SQLite or PostgreSQL. A relative SQLite path counts from the working directory."""
    hub_content: Path = Path("content")
    hub_http_host: str = "127.0.0.1"
    hub_http_port: int = Field(default=8080, ge=1, le=65535)
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

    def check_messengers(self) -> None:
        """Raise SettingsProblem unless at least one messenger can work with what is set."""
        if self.telegram_bot_token is None and self.slack_bot_token is None:
            raise SettingsProblem(
                "TELEGRAM_BOT_TOKEN and SLACK_BOT_TOKEN are both missing: set at least one, in the environment or .env."
            )
        if self.telegram_webhook_url is not None and self.telegram_webhook_secret is None:
            raise SettingsProblem("TELEGRAM_WEBHOOK_SECRET is missing: TELEGRAM_WEBHOOK_URL is set and needs it.")
        if self.slack_bot_token and not self.slack_app_token and not self.slack_signing_secret:
            raise SettingsProblem(
                "SLACK_APP_TOKEN is missing: SLACK_BOT_TOKEN is set and needs it for Socket Mode"
                " (or SLACK_SIGNING_SECRET for events over HTTP)."
            )


def load(env_file: Path | None = Path(".env")) -> Settings:
    """The settings of this process. Raises SettingsProblem about the first one that is wrong."""
    try:
        return Settings(_env_file=env_file)
    except ValidationError as error:
        first = error.errors(include_url=False, include_context=False, include_input=False)[0]
        name = str(first["loc"][0]).upper()
        why = first["msg"].removeprefix("Value error, ")
        raise SettingsProblem(f"{name} {why[0].lower()}{why[1:].rstrip('.')}.") from None
