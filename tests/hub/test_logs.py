"""No token and no client's word reaches a log, whoever writes it and however it fails."""

import io
import json
import logging
import subprocess
import sys

import pytest
import structlog
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, ValidationError
from sqlalchemy import create_engine, text
from sqlalchemy.exc import DBAPIError

from hub import logs

SECRETS = [
    "123456789:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw",
    "xoxb-17653672481-19874698323-pdFZKVeTuE8sk7oOcBrzbqgy",
    "xoxe.xoxp-1-Mi0yLTE2NzYzNjcyNDgx",
    "xapp-1-A0123ABCD-1234567890-abcdef0123456789",
    "opensesame",
]
WORDS = "our revenue fell by half"


def fail(line: str) -> None:
    raise RuntimeError(line)


@pytest.mark.parametrize(
    "line",
    [
        f"POST https://api.telegram.org/bot{SECRETS[0]}/sendMessage",
        f"'Authorization': 'Bearer {SECRETS[1]}'",
        f"token={SECRETS[2]}&channel=C1",
        f"{SECRETS[3]} was refused",
        "connecting to postgresql://hub:opensesame@db:5432/hub",
        "connection failed: host=db password=opensesame dbname=hub",
        "password='opensesame' is wrong",
    ],
)
@pytest.mark.parametrize("shape", ["message", "argument", "field", "exception", "structlog"])
def test_no_token_reaches_a_log(lines: io.StringIO, line: str, shape: str) -> None:
    log = logging.getLogger("anyone")

    match shape:
        case "message":
            log.warning(line)
        case "argument":
            log.warning("it said %s", line)
        case "field":
            log.warning("it happened", extra={"where": line})
        case "structlog":
            structlog.get_logger("anyone").warning("it happened", where=line)
        case _:
            try:
                fail(line)
            except RuntimeError:
                log.exception("it failed")

    assert lines.getvalue().count("\n") == 1
    assert not [secret for secret in SECRETS if secret in lines.getvalue()]
    assert logs.HIDDEN in lines.getvalue()


def test_a_configured_secret_is_hidden_whatever_its_shape(lines: io.StringIO) -> None:
    logging.getLogger("anyone").error("signed with the-signing-secret")

    assert "the-signing-secret" not in lines.getvalue()


@pytest.mark.parametrize("name", sorted(logs.WORDY))
def test_fields_that_hold_words_are_dropped(lines: io.StringIO, name: str) -> None:
    logging.getLogger("ours").info("heard", extra={name: WORDS, "key": "telegram:1"})
    structlog.get_logger("ours").info("heard", **{name: WORDS, "key": "telegram:1"})

    for line in lines.getvalue().splitlines():
        assert WORDS not in line
        assert json.loads(line)["key"] == "telegram:1"


@pytest.mark.parametrize("library", ["telegram.Bot", "slack_bolt.AsyncApp", "slack_sdk.web", "httpx", "aiohttp.access"])
def test_libraries_keep_their_chatter_to_themselves(lines: io.StringIO, library: str) -> None:
    logging.getLogger(library).debug(f"payload: {WORDS}")
    logging.getLogger(library).info(f"payload: {WORDS}")

    assert lines.getvalue() == ""


def test_a_failed_statement_does_not_tell_what_it_would_have_stored(lines: io.StringIO) -> None:
    engine = create_engine("sqlite://")
    try:
        with engine.connect() as connection:
            connection.execute(
                text("INSERT INTO nowhere VALUES (:words, :more)"), {"words": WORDS, "more": f"{WORDS}\n]"}
            )
    except DBAPIError:
        logging.getLogger("anyone").exception("it failed")
    engine.dispose()

    assert "nowhere" in lines.getvalue()
    assert WORDS not in lines.getvalue()


def test_a_violated_constraint_does_not_tell_whose_address_it_was(lines: io.StringIO) -> None:
    logging.getLogger("anyone").error("duplicate key\nDETAIL:  Key (email)=(olga@acme.example) already exists.\nmore")

    assert "olga@" not in lines.getvalue()
    assert "more" in lines.getvalue()


def test_a_value_that_was_not_understood_is_not_quoted(lines: io.StringIO) -> None:
    class Shape(BaseModel):
        number: int

    try:
        Shape.model_validate({"number": WORDS})
    except ValidationError:
        logging.getLogger("anyone").exception("it failed")

    assert WORDS not in lines.getvalue()


def test_a_line_that_cannot_be_written_does_not_show_its_arguments(lines: io.StringIO) -> None:
    record = logging.LogRecord("anyone", logging.WARNING, __file__, 1, "%d", (WORDS,), None)

    # Straight to our own: pytest's handler, which sits beside it, raises.
    next(handler for handler in logging.getLogger().handlers if type(handler).__module__ == "hub.logs").handle(record)

    assert "could not be written" in lines.getvalue()
    assert WORDS not in lines.getvalue()


def test_a_line_is_json_with_time_level_logger_and_fields(lines: io.StringIO) -> None:
    logging.getLogger("scheduler.courier").info("delivered", extra={"key": "answer:1", "attempt": 2})

    line = json.loads(lines.getvalue())

    assert line.pop("timestamp").endswith("Z")
    assert line == {
        "event": "delivered",
        "level": "info",
        "logger": "scheduler.courier",
        "key": "answer:1",
        "attempt": 2,
    }


def test_a_field_cannot_take_the_place_of_what_happened(lines: io.StringIO) -> None:
    logging.getLogger("hub").info("event failed", extra={"event": "Tapped"})

    line = json.loads(lines.getvalue())

    assert (line["event"], line["event_"]) == ("event failed", "Tapped")


def test_an_error_nobody_caught_is_redacted_too() -> None:
    program = f"from hub import logs; logs.configure(shape='console'); raise RuntimeError('{SECRETS[0]}')"

    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False, timeout=30)

    assert done.returncode == 1
    assert "RuntimeError" in done.stderr
    assert SECRETS[0] not in done.stderr


@given(st.text(), st.integers(10**8, 10**10), st.from_regex(r"[A-Za-z0-9_-]{35}", fullmatch=True), st.text())
def test_a_telegram_token_is_found_in_any_surroundings(before: str, number: int, rest: str, after: str) -> None:
    assert rest not in logs.redact(f"{before} bot{number}:{rest}/{after}")


@given(st.text(alphabet=st.characters(categories=["L", "P", "Zs"]), max_size=80))
def test_ordinary_sentences_pass_unchanged(sentence: str) -> None:
    if not any(mark in sentence.lower() for mark in (":", "=", "bearer", "basic", "xox", "xapp")):
        assert logs.redact(sentence) == sentence
