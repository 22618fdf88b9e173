"""One stream of log lines, ours and the libraries', in which no token and no client's words can appear."""

import logging
import re
import sys
from collections.abc import Callable, Iterable, Mapping, MutableMapping
from typing import Any, Literal, TextIO

import structlog

HIDDEN = "[hidden]"

_SECRETS: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(pattern), replacement)
    for pattern, replacement in (
        (r"(?<!\d)\d{5,}:[A-Za-z0-9_-]{20,}", HIDDEN),  # Telegram, also inside /bot<token>/method
        (r"\bx(?:ox[a-z]|app)[.-][A-Za-z0-9.-]{6,}", HIDDEN),  # Slack
        (r"\bhub_[A-Za-z0-9_-]{40,}", HIDDEN),  # ours: `hub token create`
        (r"(?i)\b(bearer|basic)\s+[A-Za-z0-9._~+/=-]{6,}", rf"\1 {HIDDEN}"),
        (r"(://[^:/\s@]*):[^@/\s]+@", rf"\1:{HIDDEN}@"),  # a database's or a proxy's password
        (r"(?i)(password\s*=\s*)(?:'[^']*'|\S+)", rf"\1{HIDDEN}"),  # libpq's other spelling
        (r"(hooks\.slack\.com/)[^\s\"']+", rf"\1{HIDDEN}"),  # a response_url lets anyone answer
        (r"([?&](?:ticket|token|start|secret)=)[^&\s\"']+", rf"\1{HIDDEN}"),  # Socket Mode's address, our invitations
        # What libraries quote of the data they choked on:
        (r"(?s)\[parameters: .*?\]\s*?(?=\\n|\n|$)", "[parameters hidden]"),  # SQLAlchemy
        (r"(DETAIL:\s*)(?:(?!\\n)[^\n])*", rf"\1{HIDDEN}"),  # PostgreSQL
        (r"input_value=.*?, input_type", f"input_value={HIDDEN}, input_type"),  # pydantic
    )
)

WORDY = frozenset({"answer", "body", "card", "payload", "question", "text", "update", "words"})
"""Fields that would hold what somebody said: dropped, whoever logs them."""

_CHATTY = (
    *("aiohttp", "alembic", "apscheduler", "asyncio", "httpcore", "httpx", "slack_bolt", "slack_sdk"),
    *("sqlalchemy", "telegram", "uvicorn", "watchfiles"),
)
"""Libraries whose lower levels print addresses with tokens, or whole messages: warnings only, even with `debug`."""


def configure(
    level: str = "info",
    shape: Literal["console", "json"] | None = None,
    *,
    secrets: Iterable[str] = (),
    stream: TextIO | None = None,
) -> None:
    """Send all logging, structlog's and the standard library's, to the stream (standard error by default).

    `shape` None: console on a terminal, json elsewhere. `secrets` are hidden wherever they appear, besides
    everything that has a token's shape. May be called again; the last call counts.
    """
    stream = sys.stderr if stream is None else stream
    as_console = shape == "console" or (shape is None and stream.isatty())
    common: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.add_log_level,
        _add_fields,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.StackInfoRenderer(),
        structlog.processors.format_exc_info,
        _drop_words,
    ]
    renderer: structlog.typing.Processor = (
        structlog.dev.ConsoleRenderer(colors=stream.isatty(), exception_formatter=structlog.dev.plain_traceback)
        if as_console
        else structlog.processors.JSONRenderer(ensure_ascii=False, default=str)
    )
    handler = _CarefulStream(stream)
    handler.setFormatter(_Redacting(_redactor(secrets), common, renderer))
    root = logging.getLogger()
    for old in [handler for handler in root.handlers if isinstance(handler, _CarefulStream)]:
        root.removeHandler(old)
    root.addHandler(handler)
    root.setLevel(level.upper())
    for name in _CHATTY:
        logging.getLogger(name).setLevel(max(logging.WARNING, root.level))
    logging.captureWarnings(True)
    sys.excepthook = _log_uncaught
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            structlog.stdlib.PositionalArgumentsFormatter(),
            *[step for step in common if step is not _add_fields],
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=False,
    )


def redact(line: str) -> str:
    """Hide everything in the line that has the shape of a secret, or that a library quoted from the data."""
    for pattern, replacement in _SECRETS:
        line = pattern.sub(replacement, line)
    return line


def _redactor(secrets: Iterable[str]) -> Callable[[str], str]:
    # Shorter ones would hide ordinary words, and a secret that short protects nothing.
    known = sorted({secret for secret in secrets if len(secret) >= 6}, key=len, reverse=True)

    def hide(line: str) -> str:
        for secret in known:
            line = line.replace(secret, HIDDEN)
        return redact(line)

    return hide


_STANDARD = frozenset(logging.makeLogRecord({}).__dict__) | {"message", "asctime"}


def _add_fields(_logger: object, _method: str, fields: MutableMapping[str, Any]) -> Mapping[str, Any]:
    """The `extra` of a standard log call. A field called as one of the line's own (`event`) gets a trailing `_`."""
    record = fields.get("_record")
    if record is not None:
        for name, value in record.__dict__.items():
            if name not in _STANDARD:
                fields[f"{name}_" if name in fields else name] = value
    return fields


def _drop_words(_logger: object, _method: str, fields: MutableMapping[str, Any]) -> Mapping[str, Any]:
    for name in WORDY & fields.keys():
        del fields[name]
    return fields


def _log_uncaught(kind: type[BaseException], error: BaseException, trace: Any) -> None:
    if issubclass(kind, KeyboardInterrupt):
        return
    logging.getLogger("hub").critical("stopped by an error nobody expected", exc_info=(kind, error, trace))


class _Redacting(structlog.stdlib.ProcessorFormatter):
    """Redacts the finished line: nothing can slip in afterwards, an exception's text and a traceback included."""

    def __init__(
        self,
        hide: Callable[[str], str],
        common: list[structlog.typing.Processor],
        renderer: structlog.typing.Processor,
    ) -> None:
        super().__init__(
            foreign_pre_chain=common,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer],
        )
        self._hide = hide

    def format(self, record: logging.LogRecord) -> str:
        return self._hide(super().format(record))


class _CarefulStream(logging.StreamHandler[TextIO]):
    """A line that cannot be written is reported without its arguments, which the standard handler would print."""

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802  # the standard library's name
        error = sys.exc_info()[0]
        if error is not BrokenPipeError:
            self.stream.write(f"a log line of {record.name} could not be written: {error and error.__name__}\n")
